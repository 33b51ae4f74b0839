"""The list of cases under filter chips."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from jinpu_desk.app.screens.views import CaseFilter

from ...kit import Kit
from ...widgets.flow import FlowRow
from ...widgets.parts import Card, button, column, row, text
from .model import CasesModel
from .table import CaseTable


class CaseList(QWidget):
    """Emits ``opened`` with a case id."""

    opened = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.only = CaseFilter.OPEN
        self.model = CasesModel(kit)
        self.table = CaseTable(kit, self.model)
        self.table.opened.connect(self.opened)
        self.filters: dict[CaseFilter, QPushButton] = {}
        chips = FlowRow(8)
        for only in CaseFilter:
            made = button(kit.words(f"filter.{only.value}"), partial(self.show_filter, only), kind="filter")
            made.setCheckable(True)
            self.filters[only] = made
            chips.add(made)
        self.count = text(role="small")
        self.empty = text(kit.words("cases.empty"), "small")
        self.empty.hide()
        card = Card()
        line = row(chips, self.count, gap=12)
        line.setStretch(0, 1)
        card.body.addLayout(line)
        card.body.addWidget(self.empty)
        card.body.addWidget(self.table, 1)
        self.setLayout(column(card, margins=0))
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.failed)

    def show_filter(self, only: CaseFilter) -> None:
        """List the cases of a filter."""
        self.only = only
        self.refresh()

    def step_filter(self, step: int) -> None:
        order = list(CaseFilter)
        self.show_filter(order[(order.index(self.only) + step) % len(order)])
        self.table.setFocus()

    def refresh(self) -> None:
        for only, made in self.filters.items():
            made.setChecked(only is self.only)
        self.empty.hide()
        self.count.setText("")
        self.model.show(self.only.value)
        value, count = self.only.value, self._kit.backend.count
        self._kit.jobs.ask(self, lambda: count(value), self._counted, self.failed.emit, key="count")

    def focus_default(self) -> None:
        self.table.setFocus()

    def _counted(self, count: int) -> None:
        self.count.setText(self._kit.words("cases.count", n=count))

    def _loaded(self) -> None:
        rows = self.model.rowCount()
        self.empty.setVisible(rows == 0)
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
