"""The table of cases: one row a case, chips for status, flags and sync."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QTableView,
)

from jinpu_desk.app.screens.views import CaseLine

from ...kit import Kit
from ...theme import Look
from ...widgets.chips import paint_chip
from .model import COLUMNS, LINE, CasesModel, Index

ROW_PX = 41
WIDTHS = {"number": 164, "status": 230, "due": 190, "received": 120, "clerk": 84, "sync": 76}


class CaseDelegate(QStyledItemDelegate):
    """Paints cells; the current row has a blue edge."""

    def __init__(self, look: Look, table: QTableView) -> None:
        super().__init__(table)
        self._look = look
        self._table = table

    def sizeHint(self, option: Any, index: Any) -> QSize:
        return QSize(80, self._look.theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        theme, area = self._look.theme, option.rect
        if index.row() == self._table.currentIndex().row():
            focused = self._table.hasFocus()
            painter.fillRect(area, theme.colour("row" if focused else "back"))
            if index.column() == 0:
                edge = QRect(area.left(), area.top(), 3, area.height())
                painter.fillRect(edge, theme.colour("focus" if focused else "edge"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        line: CaseLine | None = index.data(LINE)
        name = COLUMNS[index.column()]
        inner = area.adjusted(theme.px(8), 0, -theme.px(4), 0)
        if line is not None and name == "status":
            for chip in (line.status, *line.flags):
                if inner.left() < area.right() - theme.px(30):
                    inner.setLeft(inner.left() + paint_chip(painter, inner, chip, theme) + theme.px(5))
        elif line is not None and name == "sync" and line.sync is not None:
            paint_chip(painter, inner, line.sync, theme)
        else:
            self._write(painter, inner, str(index.data()), line, name)

    def _write(self, painter: QPainter, area: QRect, words: str, line: CaseLine | None, name: str) -> None:
        theme = self._look.theme
        font = theme.font(15 if name in ("item", "applicant", "number") else 14)
        colour = "text" if name in ("item", "applicant", "number") else "muted"
        if name == "due" and line is not None and line.due_tone != "neutral":
            colour = line.due_tone
        painter.setFont(font)
        painter.setPen(theme.colour(colour))
        fitted = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), fitted)


class CaseTable(QTableView):
    """Arrows choose, Enter opens."""

    opened = Signal(str)

    def __init__(self, kit: Kit, model: CasesModel) -> None:
        super().__init__()
        self._look = kit.look
        self.setModel(model)
        self.setItemDelegate(CaseDelegate(kit.look, self))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(kit.actions.title("go.cases"))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for at, name in enumerate(COLUMNS):
            fixed = QHeaderView.ResizeMode.Fixed if name in WIDTHS else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(at, fixed)
        self.doubleClicked.connect(self._open)
        kit.look.changed.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        px = self._look.theme.px
        for at, name in enumerate(COLUMNS):
            if name in WIDTHS:
                self.setColumnWidth(at, px(WIDTHS[name]))
        self.verticalHeader().setDefaultSectionSize(px(ROW_PX))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        line = index.data(LINE) if index.isValid() else None
        if line is not None:
            self.opened.emit(line.case_id)
