"""同步: the truth, its figures, what is waiting, and what needs a person."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens.sync_view import State, SyncPage
from jinpu_desk.app.screens.views import CaseLine, Chip, SyncTruth, WorkLine
from jinpu_desk.domain.errors import DeskError

from ..kit import Kit
from ..widgets.parts import GAP, Card, InSight, box, button, clear, column, key_cap, restyle, row, rule, text
from ..widgets.worklist import WorkList
from .backlog import Backlog
from .bundle_card import BundleCard
from .calendar_card import CalendarCard
from .conflicts.view import ConflictView

WATCH_MS = 500
"""How often the backlog is looked at while a round runs that the clerk asked for."""

LEAST_ROWS = 3
"""Of each list, also in a low window; then the page scrolls."""


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
        self._seen: SyncTruth | None = None
        self._make_parts()
        self._lay_out()
        self._connect()
        self._bind_conflict()

    def _make_parts(self) -> None:
        kit, words, actions = self._kit, self._kit.words, self._kit.actions
        self.truth = text(role="title", wrap=True)
        self.result = text(role="hint", wrap=True)
        self.result.hide()
        self.now = button(actions.title("sync.now"), self.sync_now, kind="main")
        self.backlog = Backlog(kit)
        self.counted = text(role="hint", wrap=True)
        self.count = button(actions.title("sync.count"), self.count_now)
        self.waiting = WorkList(kit.look, words("sync.nothing-waiting"), rows=LEAST_ROWS)
        self.problems = WorkList(kit.look, words("sync.no-problems"), rows=LEAST_ROWS)
        self.calendar = CalendarCard(kit)
        self.bundle = BundleCard(kit)
        self.conflict = ConflictView(kit)
        self._states = column(gap=4)
        self._figures = QHBoxLayout()
        self._figures.setSpacing(GAP)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self._look)

    def _lay_out(self) -> None:
        words, keys = self._kit.words, self._kit.actions.keys
        head = Card()
        first = row(self.truth, self.now, key_cap(keys("sync.now")), gap=12)
        first.setStretch(0, 1)
        head.body.addLayout(first)
        head.body.addWidget(self.result)
        head.body.addLayout(self._states)
        head.body.addWidget(self.backlog)
        head.body.addWidget(rule())
        counting = row(self.counted, self.count, key_cap(keys("sync.count")), gap=12)
        counting.setStretch(0, 1)
        head.body.addLayout(counting)
        waiting, problems = Card(words("sync.waiting")), Card(words("sync.problems"))
        waiting.body.addWidget(self.waiting, 1)
        problems.body.addWidget(self.problems, 1)
        lists = row(waiting, problems, gap=GAP)
        whole = column(head, self._figures, self.calendar, lists, self.bundle, gap=GAP, margins=16)
        whole.setStretch(2, 1)
        whole.setStretch(3, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(InSight(box(whole)))
        self._stack.addWidget(box(column(self.conflict, margins=16)))
        self.setLayout(column(self._stack))

    def _connect(self) -> None:
        self.waiting.chosen.connect(self._open)
        self.problems.chosen.connect(lambda line: self.open_conflict(line.job_id))
        self.conflict.left.connect(self._to_list)
        self.conflict.open_case.connect(self.open_case)
        self.conflict.failed.connect(self.failed)
        self.calendar.chosen.connect(self._open)
        self.calendar.failed.connect(self.failed)
        self.bundle.changed.connect(self.refresh)
        bind = self._kit.actions.bind
        bind("sync.now", self.sync_now)
        bind("sync.count", self.count_now)
        bind("sync.reload", self.refresh)

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

    @property
    def busy(self) -> bool:
        """Whether a round the clerk asked for is under way."""
        return self._watch.isActive()

    def sync_now(self) -> None:
        """Run one round in the I/O pool; the page goes on working and shows how far it has come."""
        if self.busy:
            return
        self._begin(self._kit.words("sync.running"))
        self._kit.jobs.io(self, self._kit.backend.sync_now, self._synced, self._not_done)

    def count_now(self) -> None:
        """Count what is 未对账 with the centre, after a round."""
        if self.busy:
            return
        self._begin(self._kit.words("dayend.counting"))
        self._kit.jobs.io(self, self._kit.backend.reconcile, self._was_counted, self._not_done)

    def watch(self, truth: SyncTruth) -> None:
        """Take up what the shell has just read; the lists are read again only where they have changed."""
        before, self._seen = self._seen, truth
        self._show_truth(truth)
        if before is not None and _matters(before) != _matters(truth) and not self.conflict_open:
            self.refresh()

    def _begin(self, sentence: str) -> None:
        for each in (self.now, self.count):
            restyle(each, off="true")
        self._say(sentence, "")
        self._watch.start()

    def _end(self, sentence: str, tone: str) -> None:
        self._watch.stop()
        for each in (self.now, self.count):
            restyle(each, off="false")
        self._say(sentence, tone)
        self.refresh()

    def _look(self) -> None:
        self._kit.jobs.ask(self, self._kit.backend.truth, self._show_truth, key="truth")

    def show_view(self, view: SyncPage) -> None:
        self._seen = view.truth
        self._show_truth(view.truth)
        self._show_states(view.states)
        self.counted.setText(view.counted.text)
        restyle(self.counted, tone=view.counted.tone)
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

    def _show_truth(self, truth: SyncTruth) -> None:
        self.truth.setText(truth.text)
        restyle(self.truth, tone=truth.tone)
        self.backlog.show_truth(truth)

    def _say(self, sentence: str, tone: str) -> None:
        self.result.setText(sentence)
        restyle(self.result, tone=tone)
        self.result.show()

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
        words = self._kit.words
        told = words(
            "sync.done", pushed=done.pushed, pulled=done.pulled, blobs=done.blobs, pending=done.pending
        )
        left = words("sync.blobs-left", n=done.blobs_left) if done.blobs_left else ""
        self._end(told + left, "warn" if done.pending or done.blobs_left else "good")

    def _was_counted(self, _day: object) -> None:
        self._end(self._kit.words("sync.counted"), "good")

    def _not_done(self, error: DeskError) -> None:
        self._end("".join(self._kit.backend.sentence(error)), "bad")

    def _open(self, line: WorkLine) -> None:
        if line.case_id:
            self.open_case.emit(line.case_id)


def _matters(truth: SyncTruth) -> tuple[bool, int, int, bool]:
    """Return what of the truth the lists and sentences of the page follow."""
    return truth.online, truth.parked, truth.dead, truth.pending_cases == 0
