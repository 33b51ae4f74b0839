"""The cases of a slip: number, item, what goes along, and who signed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView

from jinpu_desk.app.duty.passing_view import PassingLine
from jinpu_desk.domain.ids import CaseNo

from ...kit import Kit
from ...theme import Look
from ...widgets.chips import paint_chip

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("number", "item", "items", "pages", "originals", "state")
WIDTHS = {"number": 96, "items": 52, "pages": 52, "originals": 52, "state": 96}
LINE = Qt.ItemDataRole.UserRole
MARKED = Qt.ItemDataRole.UserRole + 1
ROW_PX = 48


class SlipModel(QAbstractTableModel):
    """Lines in the order they were put on the slip; marks are kept by case number."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._titles = [kit.words(f"passing.column-{name}") for name in COLUMNS]
        self.lines: tuple[PassingLine, ...] = ()
        self.marked: frozenset[CaseNo] = frozenset()

    def show(self, lines: tuple[PassingLine, ...]) -> None:
        if lines == self.lines:
            return
        self.beginResetModel()
        self.lines = lines
        self.marked &= frozenset(line.case_no for line in lines)
        self.endResetModel()

    def mark(self, row: int) -> None:
        """Turn the mark of a line."""
        if 0 <= row < len(self.lines):
            self.marked ^= {self.lines[row].case_no}
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == LINE:
            return line
        if role == MARKED:
            return line.case_no in self.marked
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{line.case_no} {line.item} {line.entity} {line.chip.text} {line.note}".strip()
        return self._text(line, COLUMNS[index.column()]) if role == Qt.ItemDataRole.DisplayRole else None

    def _text(self, line: PassingLine, column: str) -> str:
        match column:
            case "number":
                return f"…{line.case_no[-6:]}"
            case "item":
                return line.item
            case "state":
                return line.chip.text
            case _:
                return str(getattr(line, column))


class SlipDelegate(QStyledItemDelegate):
    """Paints two lines under the item: what, and whose or why not; a marked row has a tick-coloured edge."""

    def __init__(self, look: Look, table: QTableView) -> None:
        super().__init__(table)
        self._look = look
        self._table = table

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        theme, area, line = self._look.theme, option.rect, index.data(LINE)
        name = COLUMNS[index.column()]
        current = index.row() == self._table.currentIndex().row()
        if current:
            painter.fillRect(area, theme.colour("row" if self._table.hasFocus() else "back"))
        if index.column() == 0 and (current or index.data(MARKED)):
            colour = "good" if index.data(MARKED) else "focus" if self._table.hasFocus() else "edge"
            painter.fillRect(QRect(area.left(), area.top(), theme.px(4), area.height()), theme.colour(colour))
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(theme.px(10), 0, -theme.px(4), 0)
        if name == "state":
            paint_chip(painter, inner, line.chip, theme)
        elif name == "item":
            self._two(painter, inner, line)
        else:
            self._write(painter, inner, index.data(), 15)

    def _two(self, painter: QPainter, area: QRect, line: PassingLine) -> None:
        below = " · ".join(part for part in (line.entity, line.note) if part)
        if not below:
            self._write(painter, area, line.item, 15)
            return
        half, edge = area.height() // 2, self._look.theme.px(4)
        self._write(painter, area.adjusted(0, edge, 0, -half), line.item, 15)
        self._write(painter, area.adjusted(0, half, 0, -edge), below, 13)

    def _write(self, painter: QPainter, area: QRect, words: str, size: int) -> None:
        font = self._look.theme.font(size)
        painter.setFont(font)
        painter.setPen(self._look.theme.colour("text" if size == 15 else "muted"))
        fitted = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), fitted)


class SlipTable(QTableView):
    """Arrows choose, Space marks, Enter opens the case."""

    opened = Signal(str)

    def __init__(self, kit: Kit, name: str, *, marks: bool = False) -> None:
        super().__init__()
        self._look = kit.look
        self._marks = marks
        self.lines = SlipModel(kit)
        self.setModel(self.lines)
        self.setItemDelegate(SlipDelegate(kit.look, self))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for at, column in enumerate(COLUMNS):
            fixed = QHeaderView.ResizeMode.Fixed if column in WIDTHS else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(at, fixed)
        self.doubleClicked.connect(self._open)
        kit.look.changed.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """Give the columns their widths at this scale."""
        px = self._look.theme.px
        for at, column in enumerate(COLUMNS):
            if column in WIDTHS:
                self.setColumnWidth(at, px(WIDTHS[column]))
        self.verticalHeader().setDefaultSectionSize(px(ROW_PX))

    def show_lines(self, lines: tuple[PassingLine, ...]) -> None:
        row = self.currentIndex().row()
        self.lines.show(lines)
        if lines and not self.currentIndex().isValid():
            self.setCurrentIndex(self.lines.index(min(max(row, 0), len(lines) - 1), 0))

    def choose(self, row: int) -> None:
        """Make a line the current one and bring it into sight."""
        self.setCurrentIndex(self.lines.index(row, 0))
        self.scrollTo(self.currentIndex())

    @property
    def current(self) -> PassingLine | None:
        row = self.currentIndex().row()
        return self.lines.lines[row] if 0 <= row < len(self.lines.lines) else None

    @property
    def marked(self) -> tuple[CaseNo, ...]:
        """Numbers of the marked cases, in the order of the slip."""
        return tuple(line.case_no for line in self.lines.lines if line.case_no in self.lines.marked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and self._marks:
            self.lines.mark(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(index.data(LINE).case_id)
