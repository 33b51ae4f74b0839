"""补录: a case taken in elsewhere is entered with its true times; only its numbers are today's (DOMAIN F9)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.domain.body import Backfill
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.instants import CHINA, millis

if TYPE_CHECKING:
    from ..desk import Desk

OLDEST = 2000
"""Earliest year a case may have been taken in; an older one is a slip of the finger."""
TIME_LIMIT = 40
"""Longest text that is looked at as a time."""
WHERE = "backfill"


class BackfillEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """补录 as typed, in the intake file and on the page.

    ``received_at`` is an ISO time, local where it names no zone; ``accepted_on`` an ISO date, empty when it was not
    accepted there. ``external_no`` is its number in the other system.
    """

    received_at: str = ""
    reason: str = ""
    accepted_on: str = ""
    external_no: str = ""


class TrueTimes(msgspec.Struct, frozen=True, kw_only=True):
    """When a case really came in and was accepted, as far as the entry is sound."""

    received_at: datetime
    received_on: date
    accepted_on: date | None
    reason: str

    def body(self) -> Backfill:
        """Return what the event keeps of it."""
        return Backfill(received_at=millis(self.received_at), reason=self.reason)


def read_backfill(desk: Desk, entry: BackfillEntry) -> tuple[TrueTimes | None, list[Complaint]]:
    """Return the true times of ``entry`` and what is wrong with it; None as long as the receipt has no time."""
    problems = []
    received = _instant(entry.received_at)
    if received is None:
        code = "intake.backfill-time" if entry.received_at.strip() else "intake.missing"
        problems.append(Complaint(where=f"{WHERE}.received_at", code=code))
    elif received > desk.now():
        problems.append(Complaint(where=f"{WHERE}.received_at", code="intake.backfill-future"))
    if not entry.reason.strip():
        problems.append(Complaint(where=f"{WHERE}.reason", code="intake.missing"))
    accepted = _day(entry.accepted_on)
    if entry.accepted_on.strip() and accepted is None:
        problems.append(Complaint(where=f"{WHERE}.accepted_on", code="intake.backfill-time"))
    if received is None:
        return None, problems
    received_on = received.astimezone(CHINA).date()
    if accepted is not None and not received_on <= accepted <= desk.today():
        problems.append(Complaint(where=f"{WHERE}.accepted_on", code="intake.backfill-order"))
    times = TrueTimes(
        received_at=received, received_on=received_on, accepted_on=accepted, reason=entry.reason.strip()
    )
    return times, problems


def came_at(case: Case) -> int:
    """Return when the papers of ``case`` were really handed in (UTC ms): elsewhere, where it is a 补录."""
    return case.backfill.received_at if case.backfill else case.received_at


def _instant(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text.strip()) if len(text) <= TIME_LIMIT else None
    except ValueError:
        return None
    if read is None or not OLDEST <= read.year < 9999:
        return None
    return read if read.tzinfo else read.replace(tzinfo=CHINA)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
