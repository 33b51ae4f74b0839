"""A table of a report on the screen: typed cells, totals at the foot."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView

from jinpu_desk.app.reports.model import Line, Table
from jinpu_desk.app.reports.wording import shown, to_the_right

from ..kit import Kit
from ..theme import Look

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 34
LEAST_PX = 74
"""Least width of a column; in a narrow window the table scrolls sideways instead of hiding numbers."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ReportModel(QAbstractTableModel):
    """The rows of a table and, below them, its totals."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self.table: Table | None = None
        self._lines: tuple[Line, ...] = ()
        self._sifted = False

    def show(self, table: Table | None) -> None:
        self.beginResetModel()
        self.table = table
        self._sifted = False
        self._lines = () if table is None else (*table.rows, *((table.totals,) if table.totals else ()))
        self.endResetModel()

    def sift(self, asked: str) -> None:
        """Show the rows that hold every word of ``asked``, and no totals, which are of all of them."""
        if self.table is None:
            return
        words = asked.casefold().split()
        self.beginResetModel()
        if words:
            self._lines = tuple(line for line in self.table.rows if _holds(line, words))
        else:
            self._lines = (*self.table.rows, *((self.table.totals,) if self.table.totals else ()))
        self._sifted = bool(words)
        self.endResetModel()

    @property
    def sifted(self) -> Table | None:
        """What is left of the table while rows are sifted, None while all are shown."""
        if self.table is None or not self._sifted:
            return None
        return replace(self.table, rows=self._lines, totals=None, left_out=0)

    def total_row(self) -> int:
        """Return the row of the totals, -1 without any."""
        totals = self.table is not None and self.table.totals and not self._sifted
        return len(self._lines) - 1 if totals else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() or self.table is None else len(self.table.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.table is None:
            return None
        column, value = self.table.columns[index.column()], self._lines[index.row()][index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return shown(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if to_the_right(column.kind, value) else _LEFT
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.name(self._language)} {shown(value)}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if self.table is None or orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.name(self._language)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if to_the_right(column.kind, None) else _LEFT
        return None


def _holds(line: Line, words: list[str]) -> bool:
    cells = " ".join(shown(value) for value in line).casefold()
    return all(word in cells for word in words)


class ReportDelegate(QStyledItemDelegate):
    """Paints cells; the current row has a blue edge, totals are strong."""

    def __init__(self, look: Look, table: QTableView, model: ReportModel) -> None:
        super().__init__(table)
        self._look = look
        self._table = table
        self._model = model

    def sizeHint(self, option: Any, index: Any) -> QSize:
        return QSize(60, self._look.theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        theme, area = self._look.theme, option.rect
        total = index.row() == self._model.total_row()
        current = index.row() == self._table.currentIndex().row() and self._table.hasFocus()
        if total or current:
            painter.fillRect(area, theme.colour("row" if current else "back"))
        if current and index.column() == 0:
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), theme.colour("focus"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        font = theme.font(14, strong=total)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        inner = area.adjusted(theme.px(8), 0, -theme.px(8), 0)
        words = QFontMetrics(font).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, inner.width() + 1
        )
        painter.drawText(inner, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), words)


class ReportTable(QTableView):
    """Scrolls with the keys; nothing in it can be changed."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._look = kit.look
        self._report = ReportModel(kit.actions.language)
        self.setModel(self._report)
        self.setItemDelegate(ReportDelegate(kit.look, self, self._report))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        kit.look.changed.connect(self.fit)

    @property
    def shown(self) -> Table | None:
        return self._report.table

    @property
    def sifted(self) -> Table | None:
        """What is left of the table while rows are sifted, None while all are shown."""
        return self._report.sifted

    def show_table(self, table: Table | None) -> None:
        self._report.show(table)
        if table is not None:
            self.setAccessibleName(table.title)
            self.setCurrentIndex(self._report.index(0, 0))
        self.fit()

    def sift(self, asked: str) -> None:
        """Show only the rows that hold every word; all of them for none."""
        self._report.sift(asked)
        self.setCurrentIndex(self._report.index(0, 0))

    def fit(self) -> None:
        """Share the width out by the columns' shares, but let none be too narrow for its head or its numbers."""
        table, px = self._report.table, self._look.theme.px
        self.verticalHeader().setDefaultSectionSize(px(ROW_PX))
        if table is None or not table.columns:
            return
        least = [self._least(at) for at in range(len(table.columns))]
        room = max(self.viewport().width() - sum(least), 0)
        whole = sum(column.width for column in table.columns)
        for at, column in enumerate(table.columns):
            self.setColumnWidth(at, least[at] + int(room * column.width / whole))

    def _least(self, at: int) -> int:
        table, px = self._report.table, self._look.theme.px
        assert table is not None
        metrics = QFontMetrics(self._look.theme.font(14, strong=True))
        need = metrics.horizontalAdvance(
            self.horizontalHeader().model().headerData(at, Qt.Orientation.Horizontal)
        )
        lines = (*table.rows[:100], *((table.totals,) if table.totals else ()))
        texts = (shown(line[at]) for line in lines)
        need = max(need, *(min(metrics.horizontalAdvance(text), px(210)) for text in (*texts, "")))
        return max(need + px(20), px(LEAST_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
