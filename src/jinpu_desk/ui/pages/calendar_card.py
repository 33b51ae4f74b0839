"""日历变动: which cases another calendar moved; it goes when somebody takes note."""

from __future__ import annotations

from PySide6.QtCore import Signal

from jinpu_desk.app.screens.calendar_view import CalendarNotice
from jinpu_desk.app.screens.views import WorkLine

from ..kit import Kit
from ..widgets.parts import Card, button, key_cap, row, text
from ..widgets.worklist import WorkList


class CalendarCard(Card):
    """Asks the backend itself, and is hidden while there is nothing to tell."""

    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._shown: CalendarNotice | None = None
        self.headline = text(role="small", wrap=True)
        self.cases = WorkList(kit.look, "")
        self.noted = button(kit.actions.title("sync.noted"), self.take_note)
        heading, key = text(kit.words("sync.calendar"), "heading"), key_cap(kit.actions.keys("sync.noted"))
        self.body.addLayout(row(heading, None, self.noted, key, gap=10))
        self.body.addWidget(self.headline)
        self.body.addWidget(self.cases, 1)
        self.cases.chosen.connect(self._choose)
        kit.actions.bind("sync.noted", self.take_note)
        self.hide()

    def refresh(self) -> None:
        """Ask what there is to tell."""
        self._kit.jobs.ask(
            self, self._kit.backend.calendar_notice, self.show_notice, self.failed.emit, key="calendar"
        )

    def show_notice(self, notice: CalendarNotice | None) -> None:
        """Show it, or nothing."""
        self._shown = notice
        if notice is not None:
            self.headline.setText(notice.headline)
            self.cases.show_lines(notice.lines)
        self.setVisible(notice is not None)

    def take_note(self) -> None:
        """Let it go for good."""
        notice = self._shown
        if notice is None:
            return
        self._shown = None
        backend = self._kit.backend
        self._kit.jobs.write(
            self, lambda: backend.take_note_of_calendar(notice.numbers), self._noted, self.failed.emit
        )

    def _noted(self, _: object) -> None:
        self.refresh()

    def _choose(self, line: WorkLine) -> None:
        self.chosen.emit(line)
