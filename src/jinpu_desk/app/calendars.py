"""A new year's calendar at the desk: which file counts, and which cases it moved (DOMAIN §E).

Nothing is printed by it. Papers that left the house keep their bytes; the clerk is shown what moved and decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Protocol

import msgspec

from jinpu_desk.domain.calendar import WorkCalendar, YearCalendar, YearStatus
from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId

from .rows import CaseRow

RUNNING = (Status.RECEIVED, Status.ACCEPTED)
"""Statuses in which a term runs by working days."""


class MovedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case whose term changed: the day to accept by while it waits for that, then the promised and the legal day."""

    case_id: CaseId
    case_no: CaseNo
    was: date | None
    due: date | None
    was_provisional: bool
    provisional: bool
    legal_was: date | None
    legal_due: date | None


class CalendarChange(msgspec.Struct, frozen=True, kw_only=True):
    """What another calendar did to the running cases: those whose days moved, and how many stayed."""

    moved: tuple[MovedCase, ...]
    unchanged: int


class Recalculation(msgspec.Struct, frozen=True, kw_only=True):
    """A change as the desk remembers it until somebody has taken note; ``digest`` names the calendar."""

    n: int
    digest: str
    at: int  # UTC ms
    change: CalendarChange


Compare = Callable[[Iterable[CaseRow], Iterable[CaseRow]], CalendarChange]


class CalendarBook(Protocol):
    """By which calendar the desk's rows were derived, and what changed when another came."""

    def derived_by(self) -> str | None:
        """Return the digest of that calendar, None before any was noted."""
        ...

    def note(self, digest: str, at: datetime) -> None:
        """Say that the rows are by that calendar already: in a new store."""
        ...

    def rederive(self, digest: str, at: datetime, compare: Compare) -> CalendarChange:
        """Derive every row anew, and remember what ``compare`` says of the running ones before and after; all of it
        or none."""
        ...

    def unseen(self) -> tuple[Recalculation, ...]:
        """Return the changes that moved a case and that nobody has taken note of, newest first."""
        ...

    def acknowledge(self, n: int, clerk: ClerkId, at: datetime) -> None:
        """Remember who took note of a change; the first stays."""
        ...


def compared(before: Iterable[CaseRow], after: Iterable[CaseRow]) -> CalendarChange:
    """Return which of the running cases moved, in the order of their new days."""
    held = {row.case_id: row for row in before}
    moved, unchanged = [], 0
    for row in after:
        old = held.get(row.case_id, row)
        if (_term(old), old.legal_due) == (_term(row), row.legal_due):
            unchanged += _term(row) is not None
            continue
        moved.append(
            MovedCase(
                case_id=row.case_id,
                case_no=row.case_no,
                was=_term(old),
                due=_term(row),
                was_provisional=old.due_provisional,
                provisional=row.due_provisional,
                legal_was=old.legal_due,
                legal_due=row.legal_due,
            )
        )
    moved.sort(key=lambda case: (case.due or date.max, case.case_no))
    return CalendarChange(moved=tuple(moved), unchanged=unchanged)


def _term(row: CaseRow) -> date | None:
    return row.decide_by if row.status == Status.RECEIVED else row.due


def merged(published: Iterable[YearCalendar], own: Iterable[YearCalendar]) -> WorkCalendar:
    """Return the calendar of the centre's years and those imported here; of one year, the file that counts."""
    years = {year.year: year for year in published}
    for year in own:
        held = years.get(year.year)
        if held is None or supersedes(year, held):
            years[year.year] = year
    return WorkCalendar(years.values())


def supersedes(new: YearCalendar, held: YearCalendar) -> bool:
    """Tell whether ``new`` counts in place of ``held``: an official year in place of an expectation, else the one
    published later."""
    if new.status is not held.status and new.status is YearStatus.OFFICIAL:
        return True
    return new.published is not None and held.published is not None and new.published > held.published


def refuse_older(new: YearCalendar, held: YearCalendar | None) -> None:
    """Let ``new`` take the place of ``held``, or be the same again.

    Raises:
        Refused: ``calendar.downgrade`` for an expectation that is no newer than the official year, ``calendar.not-newer``
            for another file of the same standing that is not published later.
    """
    if held is None or new == held or supersedes(new, held):
        return
    code = "calendar.not-newer" if new.status is held.status else "calendar.downgrade"
    raise Refused(code, "published", year=new.year, published=str(held.published or "—"))
