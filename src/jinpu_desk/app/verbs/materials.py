"""Verbs about papers: what comes in after a correction or under 容缺, and how a material stands (DOMAIN C4-C6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import SATISFYING, MaterialState, MaterialTick

from ..intake.assess import may_be
from ..intake.credit import credit_of
from ..intake.file import check_counts
from ..labels import STATE_LABELS
from ..papers.paperwork import papers_after
from ..papers.pledge import pledge_papers
from ..screens.views import FieldView
from . import bars
from .asks import ask_states, choose
from .data import Brought, Materials, TickData
from .moment import Moment
from .verb import Verb, tolerated

CHANNELS = {"counter": "窗口", "post": "邮寄", "online": "网上"}


def _resubmit(now: Moment, data: Brought) -> None:
    ticks = _ticks(now, data.materials)
    body = b.CaseResubmitted(received_on=now.desk.today(), materials=ticks, channel=data.channel)
    now.write(body)
    for branch in now.branches():
        branch.resubmit(body)


def _supplement(now: Moment, data: Brought) -> None:
    ticks = _ticks(now, data.materials)
    for key, tick in ticks.items():
        if tick.state not in SATISFYING:
            raise Refused("act.supplement-state", f"data.materials.{key}", material=_name(now, key))
    now.write(b.CaseSupplemented(ticks=ticks, arrived_on=now.desk.today(), channel=data.channel))
    for branch in now.branches():
        branch.share(ticks, data.channel)


def _tick(now: Moment, data: Materials) -> None:
    if now.case.status is Status.ACCEPTED and any(key in now.case.supplement_by for key in data.materials):
        raise Refused("act.use-supplement", "data.materials")
    ticks = _ticks(now, data.materials)
    now.write(b.MaterialsTicked(ticks=ticks))
    for branch in now.branches():
        branch.share(ticks)


def _ticks(now: Moment, told: dict[str, TickData]) -> dict[str, MaterialTick]:
    if not told:
        raise Refused("act.no-materials", "data.materials")
    require_known(now, told)
    by_key = {rule.key: rule for rule in now.subject.rules}
    ticks = {}
    for key, tick in told.items():
        if not may_be(by_key[key], tick.state):
            raise Refused(
                "intake.material-state",
                f"data.materials.{key}",
                material=by_key[key].name,
                state=STATE_LABELS[tick.state],
            )
        _taken_on_trust(now, by_key[key].name, tick.state)
        check_counts(tick, f"data.materials.{key}")
        kept = now.case.materials.get(key, MaterialTick())
        ticks[key] = MaterialTick(
            state=tick.state,
            originals=tick.originals,
            copies=tick.copies,
            pages=tick.pages,
            files=kept.files,
            note=tick.note,
        )
    return ticks


def _taken_on_trust(now: Moment, material: str, state: MaterialState) -> None:
    """Let nobody be tolerated after the acceptance, which alone sets a term for it, nor pledge whose word is not taken.

    Before the acceptance nothing is judged: the acceptance will be.
    """
    if now.case.status is not Status.ACCEPTED:
        return
    if state is MaterialState.TOLERATED:
        raise Refused("act.tolerate-late", material=material)
    credit = credit_of(now.desk, now.case.applicant)
    if state is MaterialState.PLEDGED and credit.bad:
        raise Refused("decision.bad-credit", material=material, reason=credit.against)


def require_known(now: Moment, keys: Mapping[str, Any]) -> None:
    """Refuse a key no material of the case has, with ``intake.unknown-material``."""
    known = {rule.key for rule in now.subject.rules}
    for key in keys:
        if key not in known:
            raise Refused("intake.unknown-material", f"data.{key}", material=key)


def _name(now: Moment, key: str) -> str:
    return next((rule.name for rule in now.subject.rules if rule.key == key), key)


def _asks_corrected(case: Case) -> tuple[FieldView, ...]:
    """Ask how each material of the notice came back."""
    listed = [fault.material for fault in case.corrections[-1].faults] if case.corrections else []
    keys = [key for key in listed if key] or case.lacking
    return (*ask_states(keys, MaterialState.RECEIVED, MaterialState.SHARED, MaterialState.DEFECTIVE), CAME)


def _asks_tolerated(case: Case) -> tuple[FieldView, ...]:
    """Ask which of the tolerated materials came."""
    return (*ask_states(tuple(case.supplement_by), MaterialState.RECEIVED, MaterialState.SHARED), CAME)


def _asks_lacking(case: Case) -> tuple[FieldView, ...]:
    """Ask how what lacked at the receipt stands now."""
    return ask_states(case.lacking, MaterialState.RECEIVED, MaterialState.SHARED, MaterialState.DEFECTIVE)


def _waits_for_papers(case: Case) -> bool:
    """Fit cases taken in without everything, which nobody has judged yet."""
    return case.status is Status.RECEIVED and bool(case.lacking)


def _corrected(case: Case) -> bool:
    """Fit cases that wait for a correction; a branch's came in with its package."""
    return case.status is Status.CORRECTING


CAME = choose("channel", "来件方式", CHANNELS)
COMING_IN: dict[str, Verb] = {
    "resubmit": Verb(
        Brought,
        _resubmit,
        b.CaseResubmitted,
        bars.of_the_package,
        asks=_asks_corrected,
        fits=_corrected,
        prints=papers_after,
    ),
    "supplement": Verb(
        Brought,
        _supplement,
        b.CaseSupplemented,
        bars.supplement,
        asks=_asks_tolerated,
        fits=tolerated,
        prints=pledge_papers,
    ),
}
"""Papers that come in: a branch of a package gets its share of them."""
TICKING: dict[str, Verb] = {
    "tick": Verb(Materials, _tick, b.MaterialsTicked, asks=_asks_lacking, fits=_waits_for_papers)
}
