"""What the window asks about a change of calendar."""

from __future__ import annotations

from typing import Protocol

from jinpu_desk.app.screens.calendar_view import CalendarNotice


class CalendarDesk(Protocol):
    """Cases that another calendar moved, shown until somebody takes note."""

    def calendar_notice(self) -> CalendarNotice | None:
        """Return what nobody took note of yet, None for nothing."""
        ...

    def take_note_of_calendar(self, numbers: tuple[int, ...]) -> None:
        """Take note of the changes the panel told of."""
        ...
