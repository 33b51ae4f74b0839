"""日历变动, in memory."""

from __future__ import annotations

from typing import Any

from jinpu_desk.app.screens.calendar_view import CalendarNotice
from jinpu_desk.app.screens.views import Chip, WorkLine
from jinpu_desk.domain.ids import CaseId

MOVED = CalendarNotice(
    numbers=(2, 1),
    headline="10:42 按新日历重算：1 件改期，3 件不变。已出具的文书不动，需要更正的请打开办件办理。",
    lines=(
        WorkLine(
            chip=Chip("改期", "warn"),
            text="…0112 · 小餐饮许可（演示） · 演示甲",
            right="2027-01-05（暂定） → 2027-01-07",
            case_id=CaseId("case-5"),
        ),
    ),
)


class FakeCalendar:
    """Shows ``notice`` until somebody takes note."""

    calls: list[tuple[Any, ...]]
    notice: CalendarNotice | None = None

    def calendar_notice(self) -> CalendarNotice | None:
        return self.notice

    def take_note_of_calendar(self, numbers: tuple[int, ...]) -> None:
        self.calls.append(("noted", numbers))
        self.notice = None
