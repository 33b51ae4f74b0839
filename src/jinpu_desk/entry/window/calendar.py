"""日历变动: its part of the window's backend."""

from __future__ import annotations

from jinpu_desk.app.screens import calendar_view
from jinpu_desk.app.screens.calendar_view import CalendarNotice
from jinpu_desk.store.calendars import SqlCalendarBook

from .base import OpenHome


class CalendarCalls(OpenHome):
    """Implements ``ui.backend_calendar.CalendarDesk``."""

    def calendar_notice(self) -> CalendarNotice | None:
        """Return what nobody took note of yet."""
        return calendar_view.calendar_notice(self._desk, self._book)

    def take_note_of_calendar(self, numbers: tuple[int, ...]) -> None:
        """Take note."""
        calendar_view.take_note(self._desk, self._book, numbers)

    @property
    def _book(self) -> SqlCalendarBook:
        return self._open.store.calendars
