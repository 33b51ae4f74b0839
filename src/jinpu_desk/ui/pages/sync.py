"""同步: the truth, its figures, what is waiting, and what needs a person."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens.sync_view import State, SyncPage
from jinpu_desk.app.screens.views import CaseLine, Chip, WorkLine
from jinpu_desk.domain.errors import DeskError

from ..kit import Kit
from ..widgets.parts import GAP, Card, box, button, clear, column, key_cap, restyle, row, text
from ..widgets.worklist import WorkList
from .bundle_card import BundleCard
from .calendar_card import CalendarCard
from .conflicts.view import ConflictView


class SyncPageWidget(QWidget):
    """Runs a round on request and says what it did. Emits ``opened`` when list and conflict change places."""

    opened = Signal()
    open_case = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._arriving = False
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
        self._states = column(gap=4)
        head.body.addLayout(self._states)
        waiting, problems = Card(words("sync.waiting")), Card(words("sync.problems"))
        waiting.body.addWidget(self.waiting, 1)
        problems.body.addWidget(self.problems, 1)
        lists = row(waiting, problems, gap=GAP)
        self.calendar = CalendarCard(kit)
        self.bundle = BundleCard(kit)
        whole = column(head, self._figures, self.calendar, lists, self.bundle, gap=GAP, margins=16)
        whole.setStretch(2, 1)
        whole.setStretch(3, 1)
        self.conflict = ConflictView(kit)
        self._stack = QStackedWidget()
        self._stack.addWidget(box(whole))
        self._stack.addWidget(box(column(self.conflict, margins=16)))
        self.setLayout(column(self._stack))
        self.waiting.chosen.connect(self._open)
        self.problems.chosen.connect(lambda line: self.open_conflict(line.job_id))
        self.conflict.left.connect(self._to_list)
        self.conflict.open_case.connect(self.open_case)
        self.conflict.failed.connect(self.failed)
        self.calendar.chosen.connect(self._open)
        self.calendar.failed.connect(self.failed)
        self.bundle.changed.connect(self.refresh)
        actions.bind("sync.now", self.sync_now)
        actions.bind("sync.reload", self.refresh)
        self._bind_conflict()

    def _bind_conflict(self) -> None:
        bind, view = self._kit.actions.bind, self.conflict
        bind("conflict.first", lambda: view.press(1))
        bind("conflict.second", lambda: view.press(2))
        bind("conflict.third", lambda: view.press(3))
        bind("conflict.reveal", view.reveal)
        bind("conflict.case", view.show_case)
        bind("conflict.confirm", view.confirm)
        bind("conflict.reload", view.reload)
        bind("conflict.back", view.escape)

    @property
    def conflict_open(self) -> bool:
        return self._stack.currentIndex() == 1

    def open_conflict(self, event: str) -> None:
        """Show one event that waits for a person."""
        self.conflict.open(event)
        self._stack.setCurrentIndex(1)
        self.opened.emit()

    def forget(self) -> None:
        """Show nothing of a conflict somebody else looked at."""
        self.conflict.page = None
        self._stack.setCurrentIndex(0)

    def _to_list(self) -> None:
        self._stack.setCurrentIndex(0)
        self.opened.emit()
        self.refresh()
        self.problems.setFocus()

    def refresh(self) -> None:
        if self.conflict_open:
            self.conflict.reload()
        self._kit.jobs.ask(self, self._kit.backend.sync_page, self.show_view, self.failed.emit, key="page")
        self.calendar.refresh()

    def focus_default(self) -> None:
        self._arriving = not self.conflict_open
        if self.conflict_open:
            self.conflict.focus_default()
        else:
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
        self._show_states(view.states)
        clear(self._figures)
        for pair in view.figures:
            card = Card(padding=14)
            card.body.setSpacing(2)
            card.body.addWidget(text(pair.label, "small"))
            card.body.addWidget(text(pair.value, "title"))
            self._figures.addWidget(card, 1)
        self.waiting.show_lines(tuple(self._waiting(line) for line in view.waiting))
        self.problems.show_lines(view.problems)
        if self._arriving and view.problems and self.now.hasFocus():
            self.problems.setFocus()
        self._arriving = False

    def _show_states(self, states: tuple[State, ...]) -> None:
        clear(self._states)
        for state in states:
            dot = text("●", "dot", tone=state.tone)
            line = row(dot, text(state.sentence, wrap=True), text(state.do, "hint", wrap=True), gap=8)
            line.setAlignment(dot, Qt.AlignmentFlag.AlignTop)
            line.setStretch(1, 3)
            line.setStretch(2, 2)
            self._states.addLayout(line)

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
