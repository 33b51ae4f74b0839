"""Coloured labels, as widgets and inside tables."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from jinpu_desk.app.screens.views import Chip

from ..theme import Theme
from .parts import clear, text

CHIP_PX = 13


def chip_label(chip: Chip) -> QLabel:
    """Return a chip as a widget."""
    label = text(chip.text, "chip", tone=chip.tone)
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return label


class ChipRow(QWidget):
    """Chips side by side; the row is replaced as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._shown: tuple[Chip, ...] | None = None

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        if chips == self._shown:
            return
        self._shown = chips
        clear(self._row)
        for chip in chips:
            self._row.addWidget(chip_label(chip))


def chip_width(chip: Chip, theme: Theme) -> int:
    """Return the pixels a painted chip takes."""
    return QFontMetrics(theme.font(CHIP_PX)).horizontalAdvance(chip.text) + theme.px(16)


def paint_chip(painter: QPainter, area: QRect, chip: Chip, theme: Theme) -> int:
    """Paint a chip at the left of ``area``, vertically centred; return its width."""
    colour, back = theme.tone(chip.tone)
    width, height = chip_width(chip, theme), theme.px(22)
    place = QRectF(area.left(), area.center().y() - height / 2 + 1, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(back)
    painter.drawRoundedRect(place, theme.px(4), theme.px(4))
    painter.setPen(colour)
    painter.setFont(theme.font(CHIP_PX))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), chip.text)
    painter.restore()
    return width
