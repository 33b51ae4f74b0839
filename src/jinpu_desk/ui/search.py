"""全局查找 (F2): cases by number, name, pinyin initials, ID tail or phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from jinpu_desk.app.screens.views import CaseLine
from jinpu_desk.domain.errors import DeskError

from .kit import Kit
from .theme import Look
from .widgets.chips import chip_width, paint_chip
from .widgets.seek import LINE, SeekField

TOP = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
BOTTOM = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft


class TwoLineDelegate(QStyledItemDelegate):
    """Paints a found line in two rows of words with chips at the right; subclasses say which."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def sizeHint(self, option: Any, index: Any) -> QSize:
        return QSize(100, self._look.theme.px(54))

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        theme = self._look.theme
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("row"))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), theme.colour("focus"))
        inner = area.adjusted(theme.px(12), theme.px(5), -theme.px(12), -theme.px(5))
        self.paint_line(painter, inner, index.data(LINE))

    def paint_line(self, painter: QPainter, area: QRect, line: Any) -> None:
        raise NotImplementedError

    def write(
        self, painter: QPainter, area: QRect, words: str, at: Qt.AlignmentFlag, size: int, role: str
    ) -> None:
        font = self._look.theme.font(size)
        painter.setFont(font)
        painter.setPen(self._look.theme.colour(role))
        fitted = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(at), fitted)


class FoundDelegate(TwoLineDelegate):
    """A found case: who and what above, number and day below, status at the right."""

    def paint_line(self, painter: QPainter, area: QRect, line: CaseLine) -> None:
        theme = self._look.theme
        wide = chip_width(line.status, theme)
        paint_chip(painter, QRect(area.right() - wide, area.top(), wide, area.height()), line.status, theme)
        area.setRight(area.right() - wide - theme.px(10))
        names = " · ".join(part for part in (line.applicant, line.entity, line.item) if part)
        self.write(painter, area, names, TOP, 15, "text")
        self.write(painter, area, f"{line.case_no} · {line.received}", BOTTOM, 13, "muted")


class SearchBox(SeekField):
    """Emits ``opened`` with a case id."""

    opened = Signal(str)

    def __init__(self, kit: Kit) -> None:
        words = kit.words

        def note(found: Sequence[Any], sought: str) -> str:
            return words("search.hint") if found else words("search.nothing", text=sought)

        self._sentence = kit.backend.sentence
        super().__init__(
            kit.jobs,
            kit.look,
            FoundDelegate(kit.look),
            kit.backend.search,
            note,
            keys=kit.actions.keys("find"),
        )
        self.setPlaceholderText(words("search.placeholder"))
        self.setAccessibleName(kit.actions.title("find"))
        self.picked.connect(lambda line: self.opened.emit(line.case_id))

    def excuse(self, error: DeskError) -> str:
        return "".join(self._sentence(error))
