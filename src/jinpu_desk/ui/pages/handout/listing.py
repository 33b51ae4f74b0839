"""The list of 出件: what waits, by filter or by what is sought."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QPushButton

from jinpu_desk.app.screens.delivery_views import ResultFilter, ResultList
from jinpu_desk.app.screens.views import WorkLine
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.flow import FlowRow
from ...widgets.parts import Card, button, key_cap, row, text
from ...widgets.walk import OWN_ENTER
from ...widgets.worklist import LINE, WorkList

PAUSE_MS = 120
"""How long the typing must rest before the store is asked."""
LIST_PX = 280
"""Least width of the list at the normal scale: a name and what it waits for."""


class ResultListCard(Card):
    """Chooses a result. ``moved`` follows the arrows, ``entered`` Enter; ``listed`` tells that the list was read, and
    whether the keys went to it because somebody had asked for what was not there yet."""

    moved = Signal()
    entered = Signal(object)  # CaseId
    listed = Signal(bool)
    filtered = Signal()
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.only = ResultFilter.WAITING
        self._listing = self._reading = self._awaited = False
        self._make_parts()
        self._lay_out()
        self.seek.edited.connect(lambda _text: self._pause.start())
        self.seek.returnPressed.connect(self._to_found)
        self.list.selectionModel().currentChanged.connect(self._moved)
        self.list.chosen.connect(self._enter)

    def _make_parts(self) -> None:
        kit, words = self._kit, self._kit.words
        self.filters: dict[ResultFilter, QPushButton] = {}
        for only in ResultFilter:
            made = button("", partial(self.show_filter, only), kind="filter")
            made.setCheckable(True)
            self.filters[only] = made
        self.seek = LineField(kit.look, kit.actions.title("handout.find"))
        self.seek.setPlaceholderText(words("handout.placeholder"))
        self.seek.setProperty(OWN_ENTER, True)
        self.list = WorkList(kit.look, words("handout.empty"))
        self.list.setAccessibleName(kit.actions.title("go.handout"))
        self.more = text(role="small", wrap=True)
        self.more.hide()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.read)

    def _lay_out(self) -> None:
        keys, title = self._kit.actions.keys, self._kit.actions.title
        self.setMinimumWidth(self._kit.look.theme.px(LIST_PX))
        chips, hints = FlowRow(8), FlowRow(8)
        chips.add(*self.filters.values())
        for action in ("handout.batch", "handout.open"):
            hints.add(key_cap(keys(action)), text(title(action), "small"))
        self.body.addWidget(chips)
        self.body.addLayout(row(self.seek, key_cap(keys("handout.find")), gap=8))
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.more)
        self.body.addWidget(hints)

    @property
    def current(self) -> CaseId | None:
        """The case of the line the keys stand on."""
        index = self.list.currentIndex()
        line: WorkLine | None = index.data(LINE) if index.isValid() else None
        return line.case_id if line is not None else None

    def read(self) -> None:
        """Ask for the list of the filter, or of what is sought."""
        only, sought, ask = self.only.value, self.seek.value, self._kit.backend.results
        self._reading = True
        self._kit.jobs.ask(self, lambda: ask(only, sought), self._listed, self._unlisted, key="list")

    def show_filter(self, only: ResultFilter) -> None:
        """List the results of a filter."""
        self.only = only
        self.seek.show_value("")
        self.filtered.emit()
        self.read()
        self.list.setFocus()

    def step_filter(self, step: int) -> None:
        order = list(ResultFilter)
        self.show_filter(order[(order.index(self.only) + step) % len(order)])

    def focus_seek(self) -> None:
        self.seek.setFocus()
        self.seek.selectAll()

    def stop_seeking(self) -> bool:
        """List everything of the filter again; False when nothing was sought."""
        if not self.seek.value:
            return False
        self.seek.show_value("")
        self.read()
        return True

    def forget(self) -> None:
        """Show nothing of what was sought."""
        self.seek.show_value("")
        self.list.show_lines(())

    def _unlisted(self, error: DeskError) -> None:
        self._reading = self._awaited = False
        self.failed.emit(error)

    def _listed(self, found: ResultList) -> None:
        words = self._kit.words
        for only, made in self.filters.items():
            made.setChecked(only is self.only and not self.seek.value)
            made.setText(words(f"handout.{only.value}", n=found.counts.get(only, 0)))
        self.more.setText(words("handout.more", n=len(found.lines)))
        self.more.setVisible(found.more)
        self._listing = True
        self.list.show_lines(found.lines)
        self._listing = self._reading = False
        awaited, self._awaited = self._awaited, False
        if awaited:
            self.list.setFocus()
        self.listed.emit(awaited)

    def _moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        if not self._listing:
            self.moved.emit()

    def _to_found(self) -> None:
        """Go to what is sought once it is listed: Enter before the answer must not open what stood there before."""
        self._awaited = self._pause.isActive() or self._reading
        if self._pause.isActive():
            self._pause.stop()
            self.read()
        elif not self._awaited:
            self.list.setFocus()

    def _enter(self, line: WorkLine) -> None:
        if line.case_id is not None:
            self.entered.emit(line.case_id)
