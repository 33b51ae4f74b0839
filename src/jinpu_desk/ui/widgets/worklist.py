"""A list of work lines: chip, words, and what is pressing at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate

from jinpu_desk.app.views import WorkLine

from ..theme import Look
from .chips import chip_width, paint_chip

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
ROW_PX = 41


class WorkModel(QAbstractListModel):
    """Work lines in order."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[WorkLine, ...] = ()

    def show(self, lines: tuple[WorkLine, ...]) -> None:
        if lines != self.lines:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{line.chip.text} {line.text} {line.right}".strip()
        return line if role == LINE else None


class WorkDelegate(QStyledItemDelegate):
    """Paints a work line: chips share one column so that the words line up."""

    def __init__(self, look: Look, model: WorkModel) -> None:
        super().__init__()
        self._look = look
        self._model = model

    def sizeHint(self, option: Any, index: Index) -> QSize:
        return QSize(100, self._look.theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        theme, line = self._look.theme, index.data(LINE)
        area: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(area, theme.colour("row"))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), theme.colour("focus"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(theme.px(8), 0, -theme.px(6), 0)
        paint_chip(painter, inner, line.chip, theme)
        chips = max(chip_width(other.chip, theme) for other in self._model.lines)
        inner.setLeft(inner.left() + max(chips, theme.px(46)) + theme.px(14))
        painter.setFont(theme.font(13))
        painter.setPen(theme.colour("muted"))
        right = painter.fontMetrics().horizontalAdvance(line.right)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), line.right)
        inner.setRight(inner.right() - right - theme.px(10))
        font = theme.font()
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        words = QFontMetrics(font).elidedText(line.text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)


class WorkList(QListView):
    """Work lines for the keyboard: arrows choose, Enter opens; an empty list says so."""

    chosen = Signal(object)  # WorkLine

    def __init__(self, look: Look, empty: str) -> None:
        super().__init__()
        self._look = look
        self._empty = empty
        self._lines = WorkModel()
        self.setModel(self._lines)
        self._delegate = WorkDelegate(look, self._lines)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._open)

    def show_lines(self, lines: tuple[WorkLine, ...]) -> None:
        row = max(self.currentIndex().row(), 0)
        self._lines.show(lines)
        if lines:
            self.setCurrentIndex(self._lines.index(min(row, len(lines) - 1)))
        self.viewport().update()

    @property
    def lines(self) -> tuple[WorkLine, ...]:
        return self._lines.lines

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(LINE))

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if self._lines.lines:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._look.theme.font(13))
        painter.setPen(self._look.theme.colour("muted"))
        place = self.viewport().rect().adjusted(0, self._look.theme.px(10), 0, 0)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), self._empty)
