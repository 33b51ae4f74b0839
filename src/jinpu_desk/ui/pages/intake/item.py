"""The item strip: what is applied for, or the search for it (F3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QWidget

from jinpu_desk.app.screens.views import IntakePage, MenuItem

from ...kit import Kit
from ...search import BOTTOM, TOP, TwoLineDelegate
from ...widgets.chips import ChipRow, chip_width, paint_chip
from ...widgets.flow import Fold
from ...widgets.parts import Card, box, row, text
from ...widgets.seek import SeekField


class MenuDelegate(TwoLineDelegate):
    """An item: name and chips, authority and term; in red why it cannot be taken in here."""

    def paint_line(self, painter: QPainter, area: QRect, line: MenuItem) -> None:
        theme = self._look.theme
        right = area.right()
        for chip in reversed(line.chips):
            wide = chip_width(chip, theme)
            right -= wide
            paint_chip(painter, QRect(right, area.top(), wide, area.height()), chip, theme)
            right -= theme.px(6)
        area.setRight(right - theme.px(8))
        self.write(painter, area, line.name, TOP, 15, "text" if line.may_take else "muted")
        below = " · ".join(part for part in (line.authority, line.term) if part)
        words, role = (below, "muted") if line.may_take else (line.why_not, "bad")
        self.write(painter, area, words, BOTTOM, 13, role)


class ItemStrip(Card):
    """Emits ``picked`` with a ``MenuItem``."""

    picked = Signal(object)
    left = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        words = kit.words

        def note(found: Sequence[Any], sought: str) -> str:
            return words("item.hint") if found else words("item.nothing", text=sought)

        self.field = SeekField(
            kit.jobs,
            kit.look,
            MenuDelegate(kit.look),
            kit.backend.menu,
            note,
            keys=kit.actions.keys("intake.item"),
            eager=True,
        )
        self.field.setPlaceholderText(words("item.placeholder"))
        self.field.setAccessibleName(kit.actions.title("intake.item"))
        self.field.picked.connect(self._picked)
        self.field.left.connect(self._leave)
        self.title = text(role="title")
        self.chips = ChipRow()
        self.subtitle = text(role="small", wrap=True)
        self.facts = text(role="small")
        self.saved = text(role="small")
        self._shown = self._title_row()
        self.body.setContentsMargins(16, 9, 16, 9)
        self.body.addWidget(self.field)
        self.body.addWidget(self._shown)
        self._chosen = False
        self.show_search(False)

    def _title_row(self) -> QWidget:
        first = box(row(self.title, self.chips, None, gap=18))
        second = row(self.subtitle, self.facts, self.saved, gap=18)
        second.setStretch(0, 1)
        self._fold = Fold(first, box(second), self._room)
        return self._fold

    def _room(self) -> int:
        small = self.subtitle.fontMetrics()
        words = sum(
            small.horizontalAdvance(label.text()) for label in (self.subtitle, self.facts, self.saved)
        )
        return self.title.sizeHint().width() + self.chips.sizeHint().width() + words + 18 * 6

    def show_search(self, on: bool) -> None:
        """Show the search field, or what was chosen."""
        self.field.setVisible(on or not self._chosen)
        self._shown.setVisible(self._chosen and not on)
        if on:
            self.field.setFocus()

    def show_view(self, view: IntakePage, *, chosen: bool) -> None:
        self._chosen = chosen
        self.title.setText(view.title)
        self.chips.show_chips(view.chips)
        self.subtitle.setText(view.subtitle)
        self.facts.setText("　".join(view.facts))
        self.show_search(self.field.hasFocus() and not chosen)

    def show_saved(self, words: str) -> None:
        self.saved.setText(words)

    def labels(self) -> tuple[QLabel, ...]:
        return (self.title, self.subtitle, self.facts, self.saved)

    def _picked(self, item: MenuItem) -> None:
        self._chosen = True
        self.show_search(False)
        self.picked.emit(item)

    def _leave(self) -> None:
        self.show_search(False)
        self.left.emit()
