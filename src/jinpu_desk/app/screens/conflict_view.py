"""冲突与退回: what the centre set aside, told so that a person can choose. Values are masked unless shown in full."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import DeskError, Refused
from jinpu_desk.domain.ids import CaseId, EventId
from jinpu_desk.domain.instants import local
from jinpu_desk.domain.resolving import before, standing

from ..desk import Desk
from ..intake.subject import Subject, subject_of_case
from ..ports import StoredEvent
from ..roles import may
from ..verbs.conflict import RESOLVE, check_keeping, check_retry, meant, offer, resolution
from .deeds import facts_of, what, where, who
from .naming import applicant_of, short_name
from .values import label_of, value_text
from .views import Chip, Pair, WorkLine

Kind = Literal["parked", "dead"]
AGAINST = 3
"""Most events of the other side shown; the newest say what stands now."""
NO_CASE = "这条记录没有成件，编号作废不再用；请为申请人重新收件，并告诉管理员。"
CHIPS: dict[Kind, Chip] = {"parked": Chip("冲突", "pledged"), "dead": Chip("退回", "bad")}


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the facts that met: what was done, by whom, at which window, when by its clock and by the centre's."""

    what: str
    who: str
    where: str
    at_desk: str
    at_centre: str
    facts: tuple[Pair, ...] = ()


class FieldRow(msgspec.Struct, frozen=True, kw_only=True):
    """One field: what was there before, what stands now, and what the parked event says."""

    path: str
    label: str
    before: str
    ours: str
    theirs: str
    same: bool


class ConflictPage(msgspec.Struct, frozen=True, kw_only=True):
    """One event that waits for a person."""

    event: EventId
    case_id: CaseId
    kind: Kind
    chip: Chip
    title: str  # 小餐饮经营许可 · 王*龚 · …0001
    reason: str
    hint: str
    theirs: Side
    against: tuple[Side, ...]
    fields: tuple[FieldRow, ...]
    may_resolve: bool
    may_keep: bool  # take the whole of it after all
    why_not: str
    may_retry: bool
    why_no_retry: str
    revealed: bool


def inbox(desk: Desk) -> tuple[WorkLine, ...]:
    """Return what waits for a person, newest first; ``job_id`` of a line is the event's id."""
    return tuple(line_of(desk, stored) for stored in desk.store.parked())


def of_case(desk: Desk, case_id: CaseId) -> tuple[WorkLine, ...]:
    """Return what of one case waits for a person."""
    return tuple(line_of(desk, s) for s in desk.store.parked() if s.event.header.case == case_id)


def line_of(desk: Desk, stored: StoredEvent) -> WorkLine:
    """Return the line of one event: whose step it was, and why it did not count."""
    header = stored.event.header
    row = desk.store.row(header.case)
    number = f"办件 …{row.case_no[-4:]} · " if row else ""
    reason, _hint = told(desk, stored)
    return WorkLine(
        chip=CHIPS[_kind(stored)],
        text=f"{number}{what(header.type)} · {who(desk, header.actor)} · {where(desk, header.replica)}",
        right=reason,
        case_id=header.case,
        job_id=header.id,
    )


def page(desk: Desk, event: str, *, reveal: bool = False) -> ConflictPage:
    """Return one event that waits. ``reveal`` shows personal data and writes so to the audit log.

    Raises:
        Refused: ``conflict.settled`` when nobody waits for it any more.
    """
    stored = next((s for s in desk.store.parked() if s.event.header.id == event), None)
    if stored is None:
        raise Refused("conflict.settled", event)
    header = stored.event.header
    if reveal:
        with desk.store.transaction() as tx:
            tx.log_reveal(desk.clerk.id, "conflict", header.case, desk.now())
    case = desk.store.case(header.case)
    reason, hint = told(desk, stored)
    told_page = ConflictPage(
        event=header.id,
        case_id=header.case,
        kind=_kind(stored),
        chip=CHIPS[_kind(stored)],
        title=_title(desk, header.case),
        reason=reason,
        hint=hint,
        theirs=_side(desk, stored, case, reveal=reveal),
        against=(),
        fields=(),
        may_resolve=case is not None and may(desk.roles, desk.clerk.roles, RESOLVE),
        may_keep=False,
        why_not="",
        may_retry=False,
        why_no_retry="",
        revealed=reveal,
    )
    if case is None:
        return replace(told_page, why_no_retry=NO_CASE)
    return _of_case(desk, case, stored, told_page)


def _of_case(desk: Desk, case: Case, stored: StoredEvent, whole: ConflictPage) -> ConflictPage:
    subject = subject_of_case(desk, case)
    why_not = _why_not_kept(desk, case, subject, stored)
    why_no_retry = _refusal(desk, lambda: check_retry(desk, case, stored)) if whole.kind == "dead" else ""
    return replace(
        whole,
        against=tuple(
            _side(desk, each, case, reveal=whole.revealed) for each in against(desk, case, stored)[:AGAINST]
        ),
        fields=_fields(desk, case, subject, stored, reveal=whole.revealed),
        may_keep=whole.kind == "parked" and not why_not,
        why_not=why_not,
        may_retry=whole.kind == "dead" and not why_no_retry,
        why_no_retry=why_no_retry,
    )


def told(desk: Desk, stored: StoredEvent) -> tuple[str, str]:
    """Return why an event did not count, as a sentence, and one thing to do."""
    code, _, field = stored.reason.partition(" ")
    case = desk.store.case(stored.event.header.case)
    place = label_of(subject_of_case(desk, case), field) if field and case else field
    params: dict[str, Any] = {"verb": stored.event.header.type}
    if case is not None:
        params |= {"status": int(case.status), "case_no": case.case_no, "actor": who(desk, case.opened_by)}
    if code not in desk.sentences:
        return stored.reason or "中心没有说明原因。", "打开看看，再选定。"
    return desk.sentences.of(Refused(code, place, **params))


def against(desk: Desk, case: Case, stored: StoredEvent) -> tuple[StoredEvent, ...]:
    """Return the counted events of others that its author had not seen and that it collides with, newest first."""
    header = stored.event.header
    unseen = [
        other
        for other in desk.store.events_of(case.id)
        if other.outcome not in {"parked", "dead"}
        and other.event.header.replica != header.replica
        and other.event.header.seq > header.base.get(other.event.header.replica, 0)
        and (stored.position is None or other.position is None or other.position < stored.position)
    ]
    touched = _touches(stored)
    meeting = [other for other in unseen if touched & _touches(other)]
    return tuple(reversed(meeting or unseen))


def _touches(stored: StoredEvent) -> frozenset[str]:
    try:
        body = meant(stored)
    except Refused:
        return frozenset()
    if isinstance(body, b.ConflictResolved):
        return frozenset(body.changes) | {f"resolution.{body.parked}"}
    return body.touches()


def _fields(
    desk: Desk, case: Case, subject: Subject, stored: StoredEvent, *, reveal: bool
) -> tuple[FieldRow, ...]:
    try:
        body, offered = meant(stored), offer(desk, case, stored)
    except Refused:
        return ()
    held = before(body)

    def text(path: str, value: Any) -> str:
        return value_text(desk, case, subject, path, value, reveal=reveal)

    return tuple(
        FieldRow(
            path=path,
            label=label_of(subject, path),
            before=text(path, held[path]) if path in held else "",
            ours=text(path, standing(case, path)),
            theirs=text(path, value),
            same=standing(case, path) == value,
        )
        for path, value in offered.items()
    )


def _why_not_kept(desk: Desk, case: Case, subject: Subject, stored: StoredEvent) -> str:
    """Return why the whole of a parked event cannot count now; empty when it can."""
    if stored.outcome != "parked":
        return ""

    def attempt() -> None:
        body = resolution(desk, case, stored, "theirs", (), "—")
        check_keeping(desk, case, subject, stored, body)

    return _refusal(desk, attempt)


def _refusal(desk: Desk, attempt: Any) -> str:
    try:
        attempt()
    except DeskError as error:
        return desk.sentences.of(error)[0]
    return ""


def _side(desk: Desk, stored: StoredEvent, case: Case | None, *, reveal: bool) -> Side:
    header = stored.event.header
    return Side(
        what=what(header.type),
        who=who(desk, header.actor),
        where=where(desk, header.replica),
        at_desk=_moment(desk, header.at),
        at_centre="" if header.clock_offset is None else _moment(desk, header.at - header.clock_offset),
        facts=() if case is None else facts_of(desk, stored, reveal=reveal),
    )


def _moment(desk: Desk, at: int) -> str:
    moment = local(at)
    return f"{moment:%H:%M:%S}" if moment.date() == desk.today() else f"{moment:%m-%d %H:%M:%S}"


def _kind(stored: StoredEvent) -> Kind:
    return "parked" if stored.outcome == "parked" else "dead"


def _title(desk: Desk, case_id: CaseId) -> str:
    row = desk.store.row(case_id)
    if row is None:
        return "没有成件的记录"
    return f"{short_name(desk, row)} · {row.entity_name or applicant_of(row)} · …{row.case_no[-5:]}"
