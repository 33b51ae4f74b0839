"""The table row a case is projected to, the same at the desk and at the centre."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

from jinpu_desk.domain.case import Case
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, ReplicaId


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case as lists, clocks and reports see it. Dates are local (Asia/Shanghai); instants are UTC ms."""

    case_id: CaseId
    case_no: CaseNo
    query_code: str
    item: str
    item_name: str
    package: bool
    parent: CaseId | None
    applicant_name: str
    identity_type: str
    identity_no: str
    phone: str
    entity_name: str  # the name on the form (字号/企业名称), when there is one
    station: str
    window: str
    clerk: ClerkId
    replica: ReplicaId
    status: int
    flags: tuple[str, ...]
    received_at: int
    received_on: date | None
    accepted_on: date | None
    decide_by: date | None  # last day of the five-working-day check, while 26
    due: date | None  # promised day, by the calendar of today
    legal_due: date | None
    due_provisional: bool
    warn_on: date | None  # from this day on little is left of ``due`` (``deadline.yellow_from``)
    supplement_by: date | None  # earliest open 容缺 term
    correct_by: date | None  # while 28
    closed_on: date | None
    deliver_state: str
    slip: str  # number of the hand-on slip the papers went with last
    holder: str  # who signed for the papers last; empty while the window has them
    last_at: int  # UTC ms of the last event
    events: int


class Projector(Protocol):
    """Derives the row of a case with the calendar of today; pure and quick."""

    def __call__(self, case: Case) -> CaseRow: ...
