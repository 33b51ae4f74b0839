"""A list of work lines: chip, words, and what is pressing at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate

from jinpu_desk.app.screens.views import WorkLine

from ..theme import Look
from .chips import chip_width, paint_chip

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
ROW_PX = 41
TALL_ROW_PX = 60
"""Height of a row that needs two lines, because words and what is pressing do not fit side by side."""


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

    def __init__(self, look: Look, model: WorkModel, view: QListView) -> None:
        super().__init__(view)
        self._look = look
        self._model = model
        self._view = view

    def sizeHint(self, option: Any, index: Index) -> QSize:
        return QSize(100, self._look.theme.px(TALL_ROW_PX if self._tight() else ROW_PX))

    def _chips(self) -> int:
        theme = self._look.theme
        widest = max((chip_width(line.chip, theme) for line in self._model.lines), default=0)
        return max(widest, theme.px(46)) + theme.px(14)

    def _tight(self) -> bool:
        """Whether some row has no room for its words and what stands at its right."""
        theme = self._look.theme
        words, small = QFontMetrics(theme.font()), QFontMetrics(theme.font(13))
        room = self._view.viewport().width() - theme.px(24) - self._chips()
        return any(
            words.horizontalAdvance(line.text) + small.horizontalAdvance(line.right) > room
            for line in self._model.lines
        )

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
        inner.setLeft(inner.left() + self._chips())
        middle, left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft
        if self._tight():
            half = area.height() // 2
            self._write(painter, inner.adjusted(0, theme.px(5), 0, -half), line.text, left | middle, 15)
            self._write(painter, inner.adjusted(0, half, 0, -theme.px(5)), line.right, left | middle, 13)
            return
        self._write(painter, inner, line.right, Qt.AlignmentFlag.AlignRight | middle, 13)
        self._write(painter, inner, line.text, left | middle, 15)

    def _write(self, painter: QPainter, area: QRect, words: str, at: Qt.AlignmentFlag, size: int) -> None:
        font = self._look.theme.font(size)
        painter.setFont(font)
        painter.setPen(self._look.theme.colour("text" if size == 15 else "muted"))
        fitted = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(at), fitted)


class WorkList(QListView):
    """Work lines for the keyboard: arrows choose, Enter opens; an empty list says so.

    With ``rows`` it asks for the height of so many and never takes less, so that a page may scroll instead.
    """

    chosen = Signal(object)  # WorkLine

    def __init__(self, look: Look, empty: str, *, rows: int = 0) -> None:
        super().__init__()
        self._look = look
        self._empty = empty
        self._rows = rows
        self._lines = WorkModel()
        self.setModel(self._lines)
        self.setItemDelegate(WorkDelegate(look, self._lines, self))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._open)

    def sizeHint(self) -> QSize:
        asked = super().sizeHint()
        return QSize(asked.width(), self._look.theme.px(self._rows * ROW_PX)) if self._rows else asked

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._rows else super().minimumSizeHint()

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
