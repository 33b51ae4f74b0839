"""What a clerk is shown when another calendar moved running cases, until somebody takes note."""

from __future__ import annotations

from datetime import date

import msgspec

from .. import labels
from ..calendars import CalendarBook, MovedCase, Recalculation
from ..desk import Desk
from .case_view import applicant_of
from .views import Chip, WorkLine

MOST = 200
"""Most cases listed; the headline counts all."""


class CalendarNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The panel: ``numbers`` name the changes it tells of, newest first."""

    numbers: tuple[int, ...]
    headline: str
    lines: tuple[WorkLine, ...]


def calendar_notice(desk: Desk, book: CalendarBook) -> CalendarNotice | None:
    """Return what nobody took note of yet, None for nothing."""
    unseen = book.unseen()
    if not unseen:
        return None
    moved = [case for each in unseen for case in each.change.moved]
    return CalendarNotice(
        numbers=tuple(each.n for each in unseen),
        headline=_headline(desk, unseen[0], len({case.case_id for case in moved})),
        lines=tuple(_line(desk, case) for case in moved[:MOST]),
    )


def take_note(desk: Desk, book: CalendarBook, numbers: tuple[int, ...]) -> None:
    """Remember that whoever is logged in took note of these changes."""
    for n in numbers:
        book.acknowledge(n, desk.clerk.id, desk.now())


def _headline(desk: Desk, latest: Recalculation, moved: int) -> str:
    at = labels.short_time(desk.local_ms(latest.at), desk.today())
    stayed = latest.change.unchanged
    return f"{at} 按新日历重算：{moved} 件改期，{stayed} 件不变。已出具的文书不动，需要更正的请打开办件办理。"


def _line(desk: Desk, case: MovedCase) -> WorkLine:
    row = desk.store.row(case.case_id)
    name = f" · {row.item_name} · {applicant_of(row)}" if row else ""
    return WorkLine(
        chip=Chip("改期", "warn"),
        text=f"…{case.case_no[-4:]}{name}",
        right=_change(desk, case),
        case_id=case.case_id,
    )


def _change(desk: Desk, case: MovedCase) -> str:
    if case.was != case.due:
        return f"{_day(desk, case.was, case.was_provisional)} → {_day(desk, case.due, case.provisional)}"
    return f"法定 {_day(desk, case.legal_was, False)} → {_day(desk, case.legal_due, False)}"


def _day(desk: Desk, day: date | None, provisional: bool) -> str:
    if day is None:
        return "—"
    return labels.short_day(day, desk.today()) + ("（暂定）" if provisional else "")
