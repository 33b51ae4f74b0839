"""A form field whose value is an entry of a published register: 集中登记场所, 众创空间."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from jinpu_desk.app.screens.views import FieldView, PlaceView

from ...kit import Kit
from ...search import BOTTOM, TOP, TwoLineDelegate
from ...widgets.chips import chip_width, paint_chip
from ...widgets.parts import column, text
from ...widgets.seek import SeekField


class PlaceDelegate(TwoLineDelegate):
    """A place: its name and how full it is, keeper and address below."""

    def paint_line(self, painter: QPainter, area: QRect, line: PlaceView) -> None:
        theme = self._look.theme
        wide = chip_width(line.use, theme)
        place = QRect(area.right() - wide, area.top(), wide, area.height())
        paint_chip(painter, place, line.use, theme)
        area.setRight(place.left() - theme.px(8))
        self.write(painter, area, line.name, TOP, 15, "text")
        self.write(painter, area, line.below, BOTTOM, 13, "muted")


class RegisterField(QWidget):
    """Emits ``picked(PlaceView)``. What is chosen stands under the search, which goes on looking for another."""

    picked = Signal(object)

    def __init__(self, kit: Kit, field: FieldView) -> None:
        super().__init__()
        words = kit.words
        find: Callable[[str], Sequence[Any]] = lambda sought: kit.backend.find_place(field.register, sought)  # noqa: E731

        def note(found: Sequence[Any], sought: str) -> str:
            return words("item.hint") if found else words("register.nothing", text=sought)

        self.seek = SeekField(kit.jobs, kit.look, PlaceDelegate(kit.look), find, note, keys="↓", eager=True)
        self.seek.setPlaceholderText(words("register.placeholder"))
        self.seek.setAccessibleName(field.label)
        self.seek.picked.connect(self.picked)
        self.chosen = text(role="hint", tone="good", wrap=True)
        self.chosen.hide()
        self.setLayout(column(self.seek, self.chosen, gap=4))
        self.setFocusProxy(self.seek)

    def show_entry(self, shown: str) -> None:
        """Show the entry that is chosen."""
        self.chosen.setText(shown)
        self.chosen.setVisible(bool(shown))
