"""What a back office says of a case that waits for it: decision, pause, resumption, extension."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import msgspec
from sqlalchemy.engine import Connection

from jinpu_desk.app.intake.pre_application import check_number
from jinpu_desk.app.verbs.extension import require_days, require_extendable
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.domain.materials import SATISFYING
from jinpu_desk.store.centre import offices as store

from ..events.own import Pen
from ..events.receive import STATES
from .answers import (
    Acted,
    CasePage,
    CaseWhole,
    DecisionRequest,
    ExtensionRequest,
    PauseRequest,
    ResumeRequest,
    acted_of,
    line_of,
    whole_of,
)
from .offices import items_of, require_scope
from .requests import Caller, folded, once

WAITING = (Status.ACCEPTED, Status.RECEIVED)
PAGE = 100


def decide(caller: Caller, case_no: str, key: str, told: DecisionRequest) -> Acted:
    """Record the office's decision.

    Raises:
        Refused: ``case.unknown``, ``office.scope``, ``outside.officer``, ``outside.day``, ``outside.package``,
            ``outside.incomplete``, or what the rules say (``case.…``): wrong status, 容缺 open, clock paused …
    """
    _require_named(told.officer, "officer")

    def said(case: Case) -> Iterable[b.Body]:
        decided_on = told.decided_on or caller.today()
        _check_days(case, decided_on, caller.today(), told.valid_to)
        if case.package:
            raise Refused("outside.package", case_no=case.case_no)
        yield b.CaseDecided(
            approved=told.approved,
            decided_on=decided_on,
            reason=told.reason.strip(),
            article=told.article,
            result_name=told.result_name,
            result_no=told.result_no,
            valid_to=told.valid_to,
            office=f"{caller.office.name}（{told.officer.strip()}）",
        )
        if told.approved and case.terms.family is DocFamily.REGISTRATION:
            _require_complete(case)
            yield b.CaseClosed(closed_on=decided_on)

    return _act(caller, case_no, "decision", key, told, said)


def pause(caller: Caller, case_no: str, key: str, told: PauseRequest) -> Acted:
    """Stop the clock from today on, for a lawful reason.

    Raises:
        Refused: as ``decide``, and ``act.pause-reason``.
    """
    if told.reason not in {str(reason) for reason in PauseReason}:
        raise Refused("act.pause-reason", "reason", article="行政许可法第四十五条", reason=told.reason)
    _require_named(told.approver, "approver")

    def said(_case: Case) -> Iterable[b.Body]:
        yield b.ClockPaused(
            reason=told.reason, start=caller.today(), approver=told.approver, notice_no=told.notice_no
        )

    return _act(caller, case_no, "pause", key, told, said)


def resume(caller: Caller, case_no: str, key: str, told: ResumeRequest) -> Acted:
    """Let the clock go on from today. Raises Refused as ``decide``."""
    _require_named(told.officer, "officer")

    def said(_case: Case) -> Iterable[b.Body]:
        yield b.ClockResumed(end=caller.today())

    return _act(caller, case_no, "resumption", key, told, said)


def extend(caller: Caller, case_no: str, key: str, told: ExtensionRequest) -> Acted:
    """Extend the term once, before it ends.

    Raises:
        Refused: as ``decide``, and ``act.extension-days``, ``act.no-extension``, ``act.extend-while-paused``,
            ``act.extend-too-late``, ``outside.reason``.
    """
    _require_named(told.approver, "approver")
    if not told.reason.strip():
        raise Refused("outside.reason", "reason")

    def said(case: Case) -> Iterable[b.Body]:
        require_extendable(case, caller.reference.calendar(), caller.today())
        require_days(case, told.days, "days")
        yield b.TermExtended(
            days=told.days, reason=told.reason, approver=told.approver, extended_on=caller.today()
        )

    return _act(caller, case_no, "extension", key, told, said)


def waiting(caller: Caller, after: str | None) -> CasePage:
    """Return a page of the cases that wait for this office, oldest first.

    A case waits once it was accepted; a registration, which is never accepted, once it was received (DOMAIN B4).
    """
    own, calendar = items_of(caller.office, caller.reference.catalogue()), caller.reference.calendar()
    keys = None if own is None else sorted(own)
    with caller.centre.engine.connect() as connection:
        heads = store.cases_at(connection, [int(status) for status in WAITING], keys, after, PAGE)
    cases = [STATES.decode(head.state).case for head in heads]
    return CasePage(
        cases=[line_of(case, calendar) for case in cases if case is not None and _waits(case)],
        after=heads[-1].case_id if len(heads) == PAGE else None,
    )


def _waits(case: Case) -> bool:
    if case.package:
        return False
    return case.status is Status.ACCEPTED or case.terms.family is DocFamily.REGISTRATION


def see(caller: Caller, case_no: str) -> CaseWhole:
    """Return a case of this office whole. Raises Refused ``case.unknown``, ``office.scope``."""
    with caller.centre.engine.connect() as connection:
        case_id = store.case_id_of(connection, case_no)
        case = folded(connection, case_id) if case_id else None
    return whole_of(_own(caller, case, case_no), caller.reference.calendar())


def _act(
    caller: Caller,
    case_no: str,
    kind: str,
    key: str,
    told: msgspec.Struct,
    said: Callable[[Case], Iterable[b.Body]],
) -> Acted:
    """Write what the office says of a case, once for each ``key``."""
    check_number(key, "Idempotency-Key")

    def work(connection: Connection, pen: Pen) -> tuple[CaseId, Acted]:
        case_id = store.case_id_of(connection, case_no)
        case = _own(caller, pen.state(case_id).case if case_id else None, case_no)
        after = pen.write(case.id, case, Digest(case.catalogue), *said(case))
        return case.id, acted_of(after, caller.reference.calendar())

    return once(caller, f"{kind} {case_no[:24]}", key, told, Acted, work)


def _own(caller: Caller, case: Case | None, case_no: str) -> Case:
    if case is None:
        raise Refused("case.unknown", case_no)
    require_scope(caller.office, caller.reference.catalogue(), case.item)
    return case


def _require_named(name: str, where: str) -> None:
    if not name.strip():
        raise Refused("outside.officer", where)


def _check_days(case: Case, decided_on: dt.date, today: dt.date, valid_to: dt.date | None) -> None:
    first = case.accepted_on or case.received_on or today
    if not first <= decided_on <= today:
        raise Refused("outside.day", "decided_on", day=str(decided_on), first=str(first), last=str(today))
    if valid_to is not None and valid_to < decided_on:
        last = dt.date.max.isoformat()
        raise Refused("outside.day", "valid_to", day=str(valid_to), first=str(decided_on), last=last)


def _require_complete(case: Case) -> None:
    """A registration needs every paper: there was no acceptance that would have asked for them (条例 art. 19)."""
    lacking = [key for key, tick in case.materials.items() if tick.state not in SATISFYING]
    if lacking:
        raise Refused("outside.incomplete", "materials", materials="、".join(lacking))
