"""The lawful outcomes at the counter (行政许可法 art. 32, DOMAIN C1) as one function.

For each outcome the answer is allowed, or the code of the reason it is not, with the article. The decision bar
shows it, the command line obeys it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum

import msgspec

from .bodies import DocFamily
from .materials import SATISFYING, MaterialRule, MaterialState, MaterialTick


class Outcome(StrEnum):
    """What the clerk may do with the papers on the counter; values are the intake file's ``action``."""

    RECEIVE = "receive"  # 收件
    ACCEPT = "accept"  # 受理
    REGISTER = "register"  # 当场登记, the 登记 family's acceptance
    DECIDE = "decide"  # 受理并当场决定, and what a 备案 done at once is
    CORRECT = "correct"  # 一次性补正
    ON_THE_SPOT = "on-the-spot"  # 当场更正
    REFUSE = "refuse"  # 不予受理
    NOT_NEEDED = "not-needed"  # 无需许可
    GUIDE = "guide"  # 引导


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an outcome is lawful; when not, ``code`` and ``params`` give the sentence and ``article`` the law."""

    allowed: bool
    code: str = ""
    article: str = ""
    params: dict[str, str] = {}


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the counter at the moment of decision."""

    family: DocFamily
    rules: tuple[MaterialRule, ...]
    ticks: dict[str, MaterialTick]
    station_may_take: bool = True
    form_complete: bool = True
    first_gap: str = ""  # label of the first field missing or wrong
    registers_here: bool = True  # the window may register on the spot
    decides_here: bool = (
        False  # the window may decide in the same breath: 授权即办, nothing promised beyond today
    )
    bad_credit: bool = False  # 失信 or an earlier false pledge, not yet repaired
    credit_reason: str = ""  # what is held against the applicant, and where that stands
    licence_pledged: bool = False  # the licence itself is asked for on a pledge
    licence_cancelled: bool = False  # 证照分离: 直接取消审批
    corrections: int = 0  # notices already given
    supervisor_override: bool = False


AddWorkdays = Callable[[date, int], date]
"""Gives the working day n days after a date (``deadline``)."""

ART_32 = "行政许可法第三十二条第一款"
_ITEM = {
    Outcome.NOT_NEEDED: f"{ART_32}第（一）项",
    Outcome.REFUSE: f"{ART_32}第（二）项",
    Outcome.ON_THE_SPOT: f"{ART_32}第（三）项",
    Outcome.CORRECT: f"{ART_32}第（四）项",
    Outcome.ACCEPT: f"{ART_32}第（五）项",
    Outcome.REGISTER: "市场主体登记管理条例第十九条",
    Outcome.DECIDE: "行政许可法第三十四条第二款",
    Outcome.RECEIVE: "",
    Outcome.GUIDE: "",
}
ALLOWED = Verdict(allowed=True)


def decide(counter: Counter) -> dict[Outcome, Verdict]:
    """Return a verdict for every outcome, in the order of the decision bar."""
    return {
        outcome: Verdict(allowed=True, article=_ITEM[outcome]) if verdict is ALLOWED else verdict
        for outcome, verdict in (
            (Outcome.RECEIVE, _receive(counter)),
            (Outcome.ACCEPT, _accept(counter)),
            (Outcome.REGISTER, _register(counter)),
            (Outcome.DECIDE, _decide(counter)),
            (Outcome.CORRECT, _correct(counter)),
            (Outcome.ON_THE_SPOT, _on_the_spot(counter)),
            (Outcome.REFUSE, _refuse(counter)),
            (Outcome.NOT_NEEDED, _not_needed(counter)),
            (Outcome.GUIDE, _guide(counter)),
        )
    }


def recommended(counter: Counter) -> Outcome:
    """Return what the law asks for as things stand: the bar's highlighted button."""
    if counter.licence_cancelled:
        return Outcome.NOT_NEEDED
    if not counter.station_may_take:
        return Outcome.GUIDE
    verdicts = decide(counter)
    for finish in (Outcome.DECIDE, Outcome.REGISTER, Outcome.ACCEPT):
        if verdicts[finish].allowed:
            return finish
    may_correct = counter.form_complete and verdicts[Outcome.CORRECT].allowed
    return Outcome.CORRECT if may_correct else Outcome.RECEIVE


def blocking(counter: Counter) -> tuple[MaterialRule, ...]:
    """Return the required materials that stand in the way of acceptance, in checklist order."""
    return tuple(rule for rule in counter.rules if rule.required and not _passes(counter, rule))


def _state(counter: Counter, rule: MaterialRule) -> MaterialState:
    return counter.ticks.get(rule.key, MaterialTick()).state


def _passes(counter: Counter, rule: MaterialRule) -> bool:
    state = _state(counter, rule)
    if state is MaterialState.TOLERATED:
        return rule.tolerable and not counter.bad_credit
    if state is MaterialState.PLEDGED:
        return rule.pledgeable and not counter.bad_credit
    return state in SATISFYING


def _no(code: str, outcome: Outcome, **params: str) -> Verdict:
    return Verdict(allowed=False, code=code, article=_ITEM[outcome], params=params)


def _taken(counter: Counter, outcome: Outcome) -> Verdict | None:
    """Reasons that bar every outcome that takes papers in."""
    if not counter.station_may_take:
        return _no("decision.station", outcome)
    if counter.licence_cancelled:
        return _no("decision.licence-cancelled", outcome)
    return None


def _receive(counter: Counter) -> Verdict:
    barred = _taken(counter, Outcome.RECEIVE)
    if barred:
        return barred
    if not counter.form_complete:
        return _no("decision.form", Outcome.RECEIVE, field=counter.first_gap)
    return ALLOWED


def _complete(counter: Counter, outcome: Outcome) -> Verdict:
    barred = _taken(counter, outcome)
    if barred:
        return barred
    if not counter.form_complete:
        return _no("decision.form", outcome, field=counter.first_gap)
    for rule in counter.rules:
        state = _state(counter, rule)
        if state is MaterialState.TOLERATED and not rule.tolerable:
            return _no("decision.not-tolerable", outcome, material=rule.name)
        if state is MaterialState.PLEDGED and not rule.pledgeable:
            return _no("decision.not-pledgeable", outcome, material=rule.name)
        if state in {MaterialState.TOLERATED, MaterialState.PLEDGED} and counter.bad_credit:
            return _no("decision.bad-credit", outcome, material=rule.name, reason=counter.credit_reason)
    if counter.licence_pledged and counter.bad_credit:
        return _no("decision.bad-credit-licence", outcome, reason=counter.credit_reason)
    missing = blocking(counter)
    if missing:
        state = _state(counter, missing[0])
        code = "decision.defective" if state is MaterialState.DEFECTIVE else "decision.lacking"
        return _no(code, outcome, material=missing[0].name, count=str(len(missing)))
    return ALLOWED


def _accept(counter: Counter) -> Verdict:
    if counter.family is DocFamily.REGISTRATION:
        return _no("decision.registration-family", Outcome.REGISTER)
    return _complete(counter, Outcome.ACCEPT)


def _register(counter: Counter) -> Verdict:
    if counter.family is not DocFamily.REGISTRATION:
        return _no("decision.not-registration", Outcome.REGISTER)
    if not counter.registers_here:
        return _no("decision.not-authorised", Outcome.REGISTER)
    whole = _complete(counter, Outcome.REGISTER)
    open_rule = next((r for r in counter.rules if _state(counter, r) is MaterialState.TOLERATED), None)
    if whole.allowed and open_rule is not None:
        # The result of a registration is its entry; it may not issue while a tolerated paper is open.
        return _no("decision.register-while-tolerated", Outcome.REGISTER, material=open_rule.name)
    return whole


def _decide(counter: Counter) -> Verdict:
    if counter.family is DocFamily.REGISTRATION:
        return _no("decision.registration-family", Outcome.REGISTER)
    if not counter.decides_here:
        return _no("decision.not-decided-here", Outcome.DECIDE)
    whole = _complete(counter, Outcome.DECIDE)
    open_rule = next((r for r in counter.rules if _state(counter, r) is MaterialState.TOLERATED), None)
    if whole.allowed and open_rule is not None:
        return _no("decision.decide-while-tolerated", Outcome.DECIDE, material=open_rule.name)
    return whole


def _correct(counter: Counter) -> Verdict:
    barred = _taken(counter, Outcome.CORRECT)
    if barred:
        return barred
    if counter.corrections and not counter.supervisor_override:
        return _no("decision.second-correction", Outcome.CORRECT)
    if not blocking(counter):
        return _no("decision.nothing-to-correct", Outcome.CORRECT)
    return ALLOWED


def _on_the_spot(counter: Counter) -> Verdict:
    return _taken(counter, Outcome.ON_THE_SPOT) or ALLOWED


def _refuse(counter: Counter) -> Verdict:
    if not counter.station_may_take:
        return _no("decision.station", Outcome.REFUSE)
    return ALLOWED


def _not_needed(counter: Counter) -> Verdict:
    if not counter.licence_cancelled:
        return _no("decision.licence-needed", Outcome.NOT_NEEDED)
    return ALLOWED


def _guide(counter: Counter) -> Verdict:
    if counter.station_may_take:
        return _no("decision.may-take-here", Outcome.GUIDE)
    return ALLOWED


def tolerance_ends(
    accepted_on: date, rule: MaterialRule, promised_days: int, add_workdays: AddWorkdays
) -> date:
    """Return the last day for a tolerated material: its own term, never past the item's promised one (DOMAIN C6)."""
    own = rule.tolerance_days if rule.tolerance_days is not None else promised_days
    days = min(own, promised_days) if promised_days else own
    return add_workdays(accepted_on, days)
