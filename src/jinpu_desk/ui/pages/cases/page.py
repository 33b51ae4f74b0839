"""办件: the list, and over it the case that is open."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from jinpu_desk.app.screens.views import CaseFilter

from ...kit import Kit
from ...widgets.parts import column
from .case import CaseView
from .list import CaseList


class CasesPage(QWidget):
    """Emits ``opened`` whenever list and case change places."""

    opened = Signal()
    open_conflict_wanted = Signal(str)
    preview_wanted = Signal(str, str)  # paper, kind
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self.listing = CaseList(kit)
        self.case = CaseView(kit)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.listing)
        self._stack.addWidget(self.case)
        self.setLayout(column(self._stack, margins=16))
        self.listing.opened.connect(self.open_case)
        self.case.open_case.connect(self.open_case)
        self.case.left.connect(self._to_list)
        self.case.preview_wanted.connect(self.preview_wanted)
        self.case.open_conflict_wanted.connect(self.open_conflict_wanted)
        for part in (self.listing, self.case):
            part.failed.connect(self.failed)
        bind = kit.actions.bind
        bind("cases.reload", self.listing.refresh)
        bind("cases.next-filter", lambda: self.listing.step_filter(1))
        bind("cases.last-filter", lambda: self.listing.step_filter(-1))
        bind("case.reveal", self.case.reveal)
        bind("case.preview", self.case.preview)
        bind("case.reprint", self.case.reprint)
        bind("case.reload", self.case.reload)
        bind("case.confirm", self._confirm)
        bind("case.conflict", self.case.conflicts.press)
        bind("case.back", self.case.escape)

    @property
    def case_open(self) -> bool:
        return self._stack.currentWidget() is self.case

    def refresh(self) -> None:
        if self.case_open:
            self.case.reload()
        else:
            self.listing.refresh()

    def focus_default(self) -> None:
        (self.case if self.case_open else self.listing).focus_default()

    def show_list(self, only: str) -> None:
        """Show the list with a filter; an unknown one shows the open cases."""
        known = {one.value: one for one in CaseFilter}
        self.listing.show_filter(known.get(only, CaseFilter.OPEN))
        self._to_list(refresh=False)

    def open_case(self, case_id: str) -> None:
        """Show one case."""
        self.case.load(case_id)
        self._stack.setCurrentWidget(self.case)
        self.opened.emit()
        self.case.focus_default()

    def forget(self) -> None:
        """Close the case that is open."""
        self.case.page = None
        self._stack.setCurrentWidget(self.listing)

    def take_scan(self, scanned: str) -> bool:
        """Go to the material a scanned slip names, and to its supplementing where that is open."""
        if not self.case_open:
            return False
        table = self.case.checklist.table
        code = scanned.strip().upper()
        row = next(
            (n for n, line in enumerate(table.lines.lines) if line.tick_code and line.tick_code == code), -1
        )
        if row < 0:
            return False
        table.setCurrentIndex(table.lines.index(row, 1))
        if not self.case.press_verb("supplement"):
            table.setFocus()
        return True

    def _to_list(self, *, refresh: bool = True) -> None:
        self._stack.setCurrentWidget(self.listing)
        self.opened.emit()
        if refresh:
            self.listing.refresh()
        self.listing.focus_default()

    def _confirm(self) -> None:
        if self.case.strip.isVisible():
            self.case.strip.finish()
