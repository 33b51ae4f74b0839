"""同步: the truth, its figures, what is waiting, and what needs a person."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens.views import CaseLine, Chip, SyncPage, WorkLine
from jinpu_desk.domain.errors import DeskError

from ..kit import Kit
from ..widgets.parts import GAP, Card, button, clear, column, key_cap, restyle, row, text
from ..widgets.worklist import WorkList
from .calendar_card import CalendarCard


class SyncPageWidget(QWidget):
    """Runs a round on request and says what it did."""

    open_case = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        words, actions = kit.words, kit.actions
        self.truth = text(role="title")
        self.result = text(role="small")
        self.now = button(actions.title("sync.now"), self.sync_now, kind="main")
        self._figures = QHBoxLayout()
        self._figures.setSpacing(GAP)
        self.waiting = WorkList(kit.look, words("sync.nothing-waiting"))
        self.problems = WorkList(kit.look, words("sync.no-problems"))
        head = Card()
        head.body.addLayout(
            row(self.truth, None, self.result, self.now, key_cap(actions.keys("sync.now")), gap=12)
        )
        waiting, problems = Card(words("sync.waiting")), Card(words("sync.problems"))
        waiting.body.addWidget(self.waiting, 1)
        problems.body.addWidget(self.problems, 1)
        lists = row(waiting, problems, gap=GAP)
        self.calendar = CalendarCard(kit)
        whole = column(head, self._figures, self.calendar, lists, gap=GAP, margins=16)
        whole.setStretch(2, 1)
        whole.setStretch(3, 1)
        self.setLayout(whole)
        for work in (self.waiting, self.problems):
            work.chosen.connect(self._open)
        self.calendar.chosen.connect(self._open)
        self.calendar.failed.connect(self.failed)
        actions.bind("sync.now", self.sync_now)
        actions.bind("sync.reload", self.refresh)

    def refresh(self) -> None:
        self._kit.jobs.ask(self, self._kit.backend.sync_page, self.show_view, self.failed.emit, key="page")
        self.calendar.refresh()

    def focus_default(self) -> None:
        self.now.setFocus()

    def sync_now(self) -> None:
        """Run one round in the I/O pool; the page goes on working."""
        if self.now.property("off") == "true":
            return
        restyle(self.now, off="true")
        self.result.setText(self._kit.words("sync.running"))
        restyle(self.result, tone="")
        self._kit.jobs.io(self, self._kit.backend.sync_now, self._synced, self._not_synced)

    def show_view(self, view: SyncPage) -> None:
        self.truth.setText(view.truth.text)
        restyle(self.truth, tone=view.truth.tone)
        clear(self._figures)
        for pair in view.figures:
            card = Card(padding=14)
            card.body.setSpacing(2)
            card.body.addWidget(text(pair.label, "small"))
            card.body.addWidget(text(pair.value, "title"))
            self._figures.addWidget(card, 1)
        self.waiting.show_lines(tuple(self._waiting(line) for line in view.waiting))
        self.problems.show_lines(view.problems)

    def _waiting(self, line: CaseLine) -> WorkLine:
        words = " · ".join(part for part in (line.item, line.applicant) if part)
        chip = line.sync or Chip(self._kit.words("filter.pending"), "warn")
        return WorkLine(chip=chip, text=words, right=line.received, case_id=line.case_id)

    def _synced(self, done: SyncRound) -> None:
        restyle(self.now, off="false")
        restyle(self.result, tone="good" if not done.pending else "warn")
        self.result.setText(
            self._kit.words(
                "sync.done", pushed=done.pushed, pulled=done.pulled, blobs=done.blobs, pending=done.pending
            )
        )
        self.refresh()

    def _not_synced(self, error: DeskError) -> None:
        restyle(self.now, off="false")
        restyle(self.result, tone="bad")
        self.result.setText("".join(self._kit.backend.sentence(error)))
        self.refresh()

    def _open(self, line: WorkLine) -> None:
        if line.case_id:
            self.open_case.emit(line.case_id)
