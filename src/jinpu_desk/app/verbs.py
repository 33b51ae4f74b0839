"""The later verbs of the window: one function each, from typed data to lawful events.

``act`` is the door: it decodes the data of a verb, asks whether role and law allow it, records, and issues the
papers the step calls for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, PauseSpan, Status
from jinpu_desk.domain.deadline import PauseReason, may_extend
from jinpu_desk.domain.decision import Counter, Outcome, decide
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo, Digest
from jinpu_desk.domain.materials import SATISFYING, MaterialState, MaterialTick

from .assess import may_be
from .desk import Desk
from .intake import Taken, acceptance, correction, issue_due
from .ports import Transaction
from .project import clocks
from .roles import require
from .subject import Subject, subject_of_case


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a verb is told."""


class Nothing(Data, frozen=True, kw_only=True):
    """A verb that needs no data."""


class TickData(Data, frozen=True, kw_only=True):
    """How one material stands now."""

    state: MaterialState
    originals: int = 0
    copies: int = 0
    pages: int = 0
    note: str = ""


class Materials(Data, frozen=True, kw_only=True):
    """Materials by key."""

    materials: dict[str, TickData]


class Faults(Data, frozen=True, kw_only=True):
    """Problems by material key; without any, all that lacks or is defective is listed."""

    problems: dict[str, str] = {}
    override_reason: str = ""


class Refusal(Data, frozen=True, kw_only=True):
    """Why, and who is competent instead."""

    reason: str
    competent_organ: str
    article: str = ""


class PauseData(Data, frozen=True, kw_only=True):
    """A lawful reason (DOMAIN C3), who approved, and the number of the notice."""

    reason: str
    approver: str
    notice_no: str = ""


class ExtendData(Data, frozen=True, kw_only=True):
    """Working days added once, with reason and approver."""

    days: int
    reason: str
    approver: str


class DecideData(Data, frozen=True, kw_only=True):
    """The decision and, when approved, the name and number of the result."""

    approved: bool
    reason: str = ""
    article: str = ""
    result_name: str = ""
    result_no: str = ""


class HandOutData(Data, frozen=True, kw_only=True):
    """Who took the result, or how it was sent."""

    method: Literal["pick-up", "post", "electronic"] = "pick-up"
    recipient: str = ""
    id_type: str = ""
    id_no: str = ""
    relation: str = ""
    tracking_no: str = ""


class Reason(Data, frozen=True, kw_only=True):
    """Why."""

    reason: str


class Text(Data, frozen=True, kw_only=True):
    """A remark."""

    text: str


class Changes(Data, frozen=True, kw_only=True):
    """New values by path, like ``form.name``."""

    changes: dict[str, Any]


class Correction(Data, frozen=True, kw_only=True):
    """A small error put right at the counter; the applicant signed beside it."""

    changes: dict[str, Any]
    signed: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A case in the hands of a verb."""

    desk: Desk
    tx: Transaction
    case: Case
    subject: Subject

    def write(self, *bodies: b.Body) -> None:
        """Record lawful events in order.

        Raises:
            Refused: what the rules say; the transaction is then left without any of them.
        """
        case: Case | None = self.case
        for body in bodies:
            rules.check(case, self.desk.clerk.id, body)
            self.tx.record(
                self.case.id,
                body,
                actor=self.desk.clerk.id,
                at=self.desk.now(),
                catalogue=Digest(self.case.catalogue),
            )
            case = self.tx.case(self.case.id)


def act(desk: Desk, case_no: CaseNo, verb: str, data: object, *, documents: bool = True) -> Taken:
    """Do ``verb`` on a case with ``data`` (decoded JSON).

    Raises:
        Refused: ``act.unknown-verb``, ``act.data`` naming the key, ``role.may-not``, ``case.unknown``, or what
            the verb itself says; nothing was written.
    """
    entry = VERBS.get(verb)
    if entry is None:
        raise Refused("act.unknown-verb", verb, verb=verb)
    require(desk.roles, desk.clerk.roles, verb)
    told = _told(entry.data, data)
    known = desk.store.case_by_no(case_no)
    if known is None:
        raise Refused("case.unknown", case_no)
    with desk.store.transaction() as tx:
        case = tx.case(known.id)
        if case is None:
            raise Refused("case.unknown", case_no)
        entry.do(Moment(desk, tx, case, subject_of_case(desk, case)), told)
    after = desk.store.case(known.id)
    if after is None:
        raise AssertionError(known.id)
    moved = after.status is not known.status or after.accepted_on != known.accepted_on
    papers = issue_due(desk, after) if documents and moved and entry.prints else ()
    return Taken(case=desk.store.case(known.id) or after, children=(), papers=papers)


def _told(kind: type[Data], data: object) -> Data:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise Refused("act.data", "data", problem=str(error)) from error


def _accept(now: Moment, _data: Nothing) -> None:
    _require_outcome(now, Outcome.ACCEPT)
    now.write(acceptance(now.desk, now.case, now.subject.rules, now.desk.today()))


def _register(now: Moment, _data: Nothing) -> None:
    _require_outcome(now, Outcome.REGISTER)
    today = now.desk.today()
    now.write(b.CaseDecided(approved=True, decided_on=today), b.CaseClosed(closed_on=today))


def _require_outcome(now: Moment, outcome: Outcome) -> None:
    counter = Counter(
        family=now.case.terms.family,
        rules=now.subject.rules,
        ticks=now.case.materials,
        registers_here=now.case.terms.window_authorised,
        corrections=len(now.case.corrections),
    )
    verdict = decide(counter)[outcome]
    if not verdict.allowed:
        raise Refused(verdict.code, "", article=verdict.article, **verdict.params)


def _correct(now: Moment, data: Faults) -> None:
    if data.override_reason:
        require(now.desk.roles, now.desk.clerk.roles, "second-correction")
    _require_known(now, data.problems)
    now.write(correction(now.case, now.subject, data.problems, now.desk.today(), data.override_reason))


def _resubmit(now: Moment, data: Materials) -> None:
    now.write(b.CaseResubmitted(received_on=now.desk.today(), materials=_ticks(now, data.materials)))


def _supplement(now: Moment, data: Materials) -> None:
    ticks = _ticks(now, data.materials)
    for key, tick in ticks.items():
        if tick.state not in SATISFYING:
            raise Refused("act.supplement-state", f"data.materials.{key}", material=_name(now, key))
    now.write(b.CaseSupplemented(ticks=ticks, arrived_on=now.desk.today()))


def _tick(now: Moment, data: Materials) -> None:
    if now.case.status is Status.ACCEPTED and any(key in now.case.supplement_by for key in data.materials):
        raise Refused("act.use-supplement", "data.materials")
    now.write(b.MaterialsTicked(ticks=_ticks(now, data.materials)))


def _ticks(now: Moment, told: dict[str, TickData]) -> dict[str, MaterialTick]:
    if not told:
        raise Refused("act.no-materials", "data.materials")
    _require_known(now, told)
    by_key = {rule.key: rule for rule in now.subject.rules}
    ticks = {}
    for key, tick in told.items():
        if not may_be(by_key[key], tick.state):
            raise Refused(
                "intake.material-state",
                f"data.materials.{key}",
                material=by_key[key].name,
                state=str(tick.state),
            )
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


def _require_known(now: Moment, keys: dict[str, Any]) -> None:
    known = {rule.key for rule in now.subject.rules}
    for key in keys:
        if key not in known:
            raise Refused("intake.unknown-material", f"data.{key}", material=key)


def _name(now: Moment, key: str) -> str:
    return next((rule.name for rule in now.subject.rules if rule.key == key), key)


def _refuse(now: Moment, data: Refusal) -> None:
    if not data.reason.strip():
        raise Refused("intake.refusal-needs-reason", "data.reason", article="行政许可法第三十二条")
    if not data.competent_organ.strip():
        raise Refused("intake.refusal-needs-organ", "data.competent_organ")
    now.write(b.CaseRefused(reason=data.reason, article=data.article, competent_organ=data.competent_organ))


def _pause(now: Moment, data: PauseData) -> None:
    if data.reason not in {str(reason) for reason in PauseReason}:
        raise Refused("act.pause-reason", "data.reason", article="行政许可法第四十五条", reason=data.reason)
    _require_text(data.approver, "data.approver")
    span = PauseSpan(
        start=now.desk.today(), end=None, reason=data.reason, approver=data.approver, notice_no=data.notice_no
    )
    now.write(
        b.ClockPaused(reason=span.reason, start=span.start, approver=span.approver, notice_no=span.notice_no)
    )


def _resume(now: Moment, _data: Nothing) -> None:
    now.write(b.ClockResumed(end=now.desk.today()))


def _extend(now: Moment, data: ExtendData) -> None:
    limit = now.case.terms.extension_days
    if not 1 <= data.days <= limit:
        raise Refused("act.extension-days", "data.days", article="行政许可法第四十二条", limit=limit)
    _require_text(data.approver, "data.approver")
    _require_text(data.reason, "data.reason")
    promised, legal = clocks(now.case, now.desk.calendar)
    term = legal or promised
    if term is not None and not may_extend(now.desk.today(), term):
        raise Refused("act.extend-too-late", article="行政许可法第四十二条第一款")
    now.write(b.TermExtended(days=data.days, reason=data.reason, approver=data.approver))


def _decide(now: Moment, data: DecideData) -> None:
    today = now.desk.today()
    decided = b.CaseDecided(
        approved=data.approved,
        decided_on=today,
        reason=data.reason,
        article=data.article,
        result_name=data.result_name,
        result_no=data.result_no,
    )
    if data.approved and now.case.terms.family is DocFamily.REGISTRATION:
        if now.case.status is Status.RECEIVED:
            _require_outcome(now, Outcome.REGISTER)
        now.write(decided, b.CaseClosed(closed_on=today))
    else:
        now.write(decided)


def _close(now: Moment, _data: Nothing) -> None:
    now.write(b.CaseClosed(closed_on=now.desk.today()))


def _hand_out(now: Moment, data: HandOutData) -> None:
    if data.method == "pick-up":
        _require_text(data.recipient, "data.recipient")
    if data.method == "post":
        _require_text(data.tracking_no, "data.tracking_no")
    now.write(
        b.ResultHandedOut(
            method=data.method,
            recipient=data.recipient,
            id_type=data.id_type,
            id_no=data.id_no,
            relation=data.relation,
            tracking_no=data.tracking_no,
            handed_on=now.desk.today(),
            served=data.method != "post",
        )
    )


def _withdraw(now: Moment, data: Reason) -> None:
    _require_text(data.reason, "data.reason")
    now.write(b.CaseWithdrawn(reason=data.reason))


def _void(now: Moment, data: Reason) -> None:
    _require_text(data.reason, "data.reason")
    now.write(b.CaseVoided(reason=data.reason))


def _note(now: Moment, data: Text) -> None:
    _require_text(data.text, "data.text")
    now.write(b.CaseNoted(text=data.text))


def _edit(now: Moment, data: Changes) -> None:
    now.write(b.FieldsEdited(changes=_pairs(now, data.changes)))


def _on_the_spot(now: Moment, data: Correction) -> None:
    if not data.signed:
        raise Refused(
            "act.correction-unsigned", "data.signed", article="行政许可法第三十二条第一款第（三）项"
        )
    now.write(b.CorrectedOnTheSpot(changes=_pairs(now, data.changes)))


def _pairs(now: Moment, changes: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (old, new) by path, after checking that the changed application is still sound."""
    if not changes:
        raise Refused("act.no-changes", "data.changes")
    now.subject.check_changes(now.case, changes, now.desk.today())
    return {path: (_value(now.case, path), new) for path, new in changes.items()}


def _value(case: Case, path: str) -> Any:
    part, _, key = path.partition(".")
    holder = getattr(case, part, None)
    if not key:
        return msgspec.to_builtins(holder)
    return holder.get(key) if isinstance(holder, dict) else getattr(holder, key, None)


def _require_text(text: str, where: str) -> None:
    if not text.strip():
        raise Refused("intake.missing", where)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb's data, its deed, and whether it calls for papers."""

    data: type[Data]
    do: Callable[[Moment, Any], None]
    prints: bool = False


VERBS: dict[str, Verb] = {
    "accept": Verb(Nothing, _accept, prints=True),
    "register": Verb(Nothing, _register, prints=True),
    "correct": Verb(Faults, _correct, prints=True),
    "resubmit": Verb(Materials, _resubmit, prints=True),
    "supplement": Verb(Materials, _supplement),
    "tick": Verb(Materials, _tick),
    "refuse": Verb(Refusal, _refuse),
    "pause": Verb(PauseData, _pause),
    "resume": Verb(Nothing, _resume),
    "extend": Verb(ExtendData, _extend),
    "decide": Verb(DecideData, _decide, prints=True),
    "close": Verb(Nothing, _close),
    "hand-out": Verb(HandOutData, _hand_out),
    "withdraw": Verb(Reason, _withdraw),
    "void": Verb(Reason, _void),
    "note": Verb(Text, _note),
    "edit": Verb(Changes, _edit),
    "on-the-spot": Verb(Correction, _on_the_spot),
}
"""Every verb of ``jinpu-desk act`` and of the case page."""


def from_strip(verb: str, typed: dict[str, Any]) -> dict[str, Any]:
    """Return the data of ``verb`` from what the case page's entry strip gives: text becomes numbers and truth."""
    kind = VERBS[verb].data if verb in VERBS else Nothing
    hints = {field.name: field.type for field in msgspec.structs.fields(kind)}
    data: dict[str, Any] = {}
    for key, value in typed.items():
        if hints.get(key) is bool and isinstance(value, str):
            data[key] = value == "true"
        elif hints.get(key) is int and isinstance(value, str) and value.strip().isdigit():
            data[key] = int(value)
        else:
            data[key] = value
    return data
