"""材料清单 as a table: one row a material, one key a state. Letters act here only, where no input method is on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QTableView,
)

from jinpu_desk.app.screens.views import ChecklistLine, Chip
from jinpu_desk.domain.materials import MaterialState

from ...actions import ActionData
from ...theme import Look
from ...widgets.chips import chip_width, paint_chip
from ...widgets.walk import OWN_ENTER
from ...words import Words

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
NO, NAME, TAKE, PAGES, STATE, REMARK = range(6)
COLUMNS = ("no", "name", "take", "pages", "state", "remark")
STATES = {f"checklist.{state.value}": state for state in MaterialState}
ROW_PX = 41
WIDTHS = {NO: 40, TAKE: 104, PAGES: 70, STATE: 106, REMARK: 150}
NAME_MARGIN_PX = 12
ONE_LINE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
WRAPPED = ONE_LINE | int(Qt.TextFlag.TextWordWrap)
NAME_PX = 190
"""The name of a material keeps this much; where the window is too small, what to take and remarks give way."""


class ChecklistModel(QAbstractTableModel):
    """The lines of a checklist; a change of content keeps the rows, so the current one stays."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.lines: tuple[ChecklistLine, ...] = ()

    def show(self, lines: tuple[ChecklistLine, ...]) -> None:
        if [line.key for line in lines] != [line.key for line in self.lines]:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()
        elif lines != self.lines:
            self.lines = lines
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, REMARK))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return self._words(f"checklist.{COLUMNS[section]}") if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (line.name, line.requirement) if part)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{line.no} {line.name} {line.chip.text} {line.remark}"
        return line if role == LINE else None

    def _text(self, line: ChecklistLine, column: int) -> str:
        pages = self._words("checklist.n-pages", n=line.pages) if line.pages else "—"
        return (str(line.no), line.name, line.take or "—", pages, line.chip.text, line.remark)[column]


class ChecklistDelegate(QStyledItemDelegate):
    """Paints rows as in the design: hairlines, chips, a blue edge on the current row."""

    def __init__(self, look: Look, table: QTableView) -> None:
        super().__init__(table)
        self._look = look
        self._table = table

    def sizeHint(self, option: Any, index: Index) -> QSize:
        theme, line = self._look.theme, index.data(LINE)
        if index.column() == STATE:
            return QSize(chip_width(line.chip, theme) + theme.px(16), theme.px(ROW_PX))
        words = QFontMetrics(theme.font()).horizontalAdvance(str(index.data()))
        return QSize(words + theme.px(20), theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        theme, line = self._look.theme, index.data(LINE)
        area: QRect = option.rect
        current = index.row() == self._table.currentIndex().row()
        if current:
            focused = self._table.hasFocus()
            painter.fillRect(area, theme.colour("row" if focused else "back"))
            if index.column() == NO:
                painter.fillRect(
                    QRect(area.left(), area.top(), 3, area.height()),
                    theme.colour("focus" if focused else "edge"),
                )
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(theme.px(8), 0, theme.px(8 - NAME_MARGIN_PX), 0)
        if index.column() == STATE:
            paint_chip(painter, inner, line.chip, theme)
        elif index.column() == REMARK and line.remark_tone not in ("neutral", "good") and line.remark:
            paint_chip(painter, inner, Chip(self._fit(line.remark, inner, 13), line.remark_tone), theme)
        else:
            small = index.column() == REMARK
            painter.setFont(theme.font(13 if small else 15))
            muted = small or (index.column() == NAME and not line.required)
            painter.setPen(theme.colour("muted" if muted and small else "text"))
            words = str(index.data())
            if index.column() != NAME:
                words = self._fit(words, inner, 13 if small else 15)
            painter.drawText(inner, WRAPPED if index.column() == NAME else ONE_LINE, words)

    def _fit(self, words: str, area: QRect, size: int) -> str:
        room = area.width() - (self._look.theme.px(16) if size == 13 else 0)
        return QFontMetrics(self._look.theme.font(size)).elidedText(words, Qt.TextElideMode.ElideRight, room)


def first_key(shortcut: str) -> Qt.Key:
    """Return the key of a one-key shortcut."""
    combination = QKeySequence.fromString(shortcut, QKeySequence.SequenceFormat.PortableText)[0]  # type: ignore[index]
    return Qt.Key(combination.key())


class ChecklistTable(QTableView):
    """Arrows and Enter move, a key sets a state, digits count pages.

    ``state_wanted(row, state)``, ``pages_wanted(row, n)`` and ``removal_wanted(row)`` say what the keys meant;
    ``undo_wanted`` takes the last of them back.
    """

    state_wanted = Signal(int, object)
    pages_wanted = Signal(int, int)
    removal_wanted = Signal(int)
    undo_wanted = Signal()
    row_changed = Signal(int)
    ended = Signal()  # Enter on the last row
    began = Signal()  # Shift+Enter on the first

    def __init__(self, look: Look, words: Words, keys: tuple[ActionData, ...]) -> None:
        super().__init__()
        self._look = look
        self._digits = ""
        self._keys = {first_key(action.shortcut): action.id for action in keys}
        self.lines = ChecklistModel(words)
        self.setModel(self.lines)
        self.setItemDelegate(ChecklistDelegate(look, self))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(words("checklist.heading"))
        self.setShowGrid(False)
        self.setProperty(OWN_ENTER, True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for column in (NO, TAKE, PAGES, STATE, REMARK):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        look.changed.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """Give the columns their widths at this scale, and rows their height."""
        px = self._look.theme.px
        remarks = not self.lines.lines or any(line.remark for line in self.lines.lines)
        room = self.viewport().width() - px(
            NAME_PX + sum(WIDTHS.values()) - (0 if remarks else WIDTHS[REMARK])
        )
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, px(width))
        self.setColumnHidden(TAKE, room < 0)
        self.setColumnHidden(REMARK, not remarks or room + px(WIDTHS[TAKE]) < 0)
        self.setColumnHidden(PAGES, room + px(WIDTHS[TAKE] + WIDTHS[REMARK]) < 0)
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def show_lines(self, lines: tuple[ChecklistLine, ...]) -> None:
        if lines == self.lines.lines:
            return
        row = max(self.currentIndex().row(), 0)
        self.lines.show(lines)
        if lines and not self.currentIndex().isValid():
            self.setCurrentIndex(self.lines.index(min(row, len(lines) - 1), NAME))
        self.fit()
        self.viewport().update()

    def _fit_height(self) -> None:
        """Give long names a second line; be no taller than the rows, so that what belongs to one lies right below."""
        theme, rows = self._look.theme, self.verticalHeader()
        others = sum(self.columnWidth(column) for column in WIDTHS)  # a hidden one has no width
        name = QRect(0, 0, self.viewport().width() - others - theme.px(NAME_MARGIN_PX), 0)
        metrics = QFontMetrics(theme.font())
        rows.setDefaultSectionSize(theme.px(ROW_PX))
        for row, line in enumerate(self.lines.lines):
            words = metrics.boundingRect(name, WRAPPED, line.name).height()
            if words > metrics.height():
                rows.resizeSection(row, words + theme.px(ROW_PX) - metrics.height())
        self.setMaximumHeight(rows.length() + self.horizontalHeader().sizeHint().height() + 4)

    @property
    def row(self) -> int:
        return self.currentIndex().row()

    def go(self, step: int) -> None:
        """Go to another row; past the ends the page takes over."""
        row = self.row + step
        if row >= len(self.lines.lines):
            self.ended.emit()
        elif row < 0:
            self.began.emit()
        else:
            self.setCurrentIndex(self.lines.index(row, NAME))

    def take_back(self, keys: int) -> None:
        """The last key was the beginning of a scan."""
        self._digits = ""
        self.undo_wanted.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._digits = ""
        self.viewport().update()
        self.row_changed.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = Qt.Key(event.key()), event.modifiers()
        plain = not held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.go(-1 if held & Qt.KeyboardModifier.ShiftModifier else 1)
        elif not plain or self.row < 0:
            super().keyPressEvent(event)
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            self._count(str(key - Qt.Key.Key_0))
        elif key == Qt.Key.Key_Backspace:
            self._digits = ""
            self.pages_wanted.emit(self.row, 0)
        elif key in self._keys:
            self._act(self._keys[key])
        else:
            super().keyPressEvent(event)

    def _count(self, digit: str) -> None:
        self._digits = (self._digits + digit)[-3:]
        self.pages_wanted.emit(self.row, int(self._digits))

    def _act(self, action: str) -> None:
        self._digits = ""
        if action in STATES:
            self.state_wanted.emit(self.row, STATES[action])
        else:
            self.removal_wanted.emit(self.row)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._digits = ""
        self.viewport().update()
