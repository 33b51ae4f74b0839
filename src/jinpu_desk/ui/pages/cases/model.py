"""A list of cases as long as the store: rows are fetched by keyset pages when they come into sight, and forgotten
again when there are too many."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from jinpu_desk.app.screens.views import CaseLine

from ...kit import Kit

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
COLUMNS = ("number", "item", "applicant", "status", "due", "received", "clerk", "sync")
MOST_PAGES = 20
"""Pages of rows kept in memory; older ones are read again when scrolled back to."""
Answer = tuple[tuple[CaseLine, ...], str | None]


class CasesModel(QAbstractTableModel):
    """Rows of one filter. ``loaded`` is emitted when a page has come."""

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._only = ""
        self._starts: list[str | None] = [None]
        self._ends: list[int] = []
        self._pages: OrderedDict[int, tuple[CaseLine, ...]] = OrderedDict()
        self._asked: set[int] = set()
        self._complete = True

    def show(self, only: str) -> None:
        """List the cases of a ``CaseFilter`` from the beginning."""
        self._kit.jobs.cancel(self)
        self.beginResetModel()
        self._only = only
        self._starts, self._ends = [None], []
        self._pages.clear()
        self._asked.clear()
        self._complete = False
        self.endResetModel()
        self._fetch(0)

    @property
    def held(self) -> int:
        """How many pages of rows are in memory."""
        return len(self._pages)

    def line(self, row: int) -> CaseLine | None:
        """Return a row, or None while its page is on the way."""
        page = next((n for n, end in enumerate(self._ends) if row < end), -1)
        if page < 0:
            return None
        rows = self._pages.get(page)
        if rows is None:
            self._fetch(page)
            return None
        self._pages.move_to_end(page)
        return rows[row - (self._ends[page - 1] if page else 0)]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() or not self._ends else self._ends[-1]

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and len(self._ends) not in self._asked

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._fetch(len(self._ends))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return self._kit.words(f"cases.{COLUMNS[section]}") if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            LINE,
        ):
            return None
        line = self.line(index.row())
        if role == LINE:
            return line
        if line is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole else None
        return (
            cell(line, index.column()) if role == Qt.ItemDataRole.DisplayRole else tip(line, index.column())
        )

    def _fetch(self, page: int) -> None:
        if page in self._asked or page >= len(self._starts):
            return
        self._asked.add(page)
        only, after = self._only, self._starts[page]
        cases = self._kit.backend.cases
        self._kit.jobs.ask(
            self, lambda: cases(only, after), lambda answer: self._arrived(page, answer), self._not_arrived
        )

    def _not_arrived(self, error: object) -> None:
        self._asked.clear()
        self._complete = True
        self.failed.emit(error)

    def _arrived(self, page: int, answer: Answer) -> None:
        rows, after = answer
        self._asked.discard(page)
        if page < len(self._ends):
            self._again(page, rows)
        else:
            self._append(page, rows, after)
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        self.loaded.emit()

    def _again(self, page: int, rows: tuple[CaseLine, ...]) -> None:
        first = self._ends[page - 1] if page else 0
        length = self._ends[page] - first
        if len(rows) >= length:  # a page that has shrunk meanwhile is shown at the next refresh
            self._pages[page] = rows[:length]
            self.dataChanged.emit(self.index(first, 0), self.index(self._ends[page] - 1, len(COLUMNS) - 1))

    def _append(self, page: int, rows: tuple[CaseLine, ...], after: str | None) -> None:
        self._complete = after is None
        if not rows:
            return
        first = self.rowCount()
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._pages[page] = rows
        self._ends.append(first + len(rows))
        if after is not None:
            self._starts.append(after)
        self.endInsertRows()


def short_number(case_no: str) -> str:
    """Return what tells cases of one window apart: day, serial and check digit."""
    return f"{case_no[11:19]} {case_no[19:23]} {case_no[23:]}" if len(case_no) == 24 else case_no


def cell(line: CaseLine, column: int) -> str:
    applicant = " · ".join(part for part in (line.applicant, line.entity) if part)
    sync = line.sync.text if line.sync else ""
    return (
        short_number(line.case_no),
        line.item,
        applicant,
        line.status.text,
        line.due or "—",
        line.received,
        line.clerk,
        sync,
    )[column]


def tip(line: CaseLine, column: int) -> str | None:
    return line.case_no if column == 0 else cell(line, column) or None
