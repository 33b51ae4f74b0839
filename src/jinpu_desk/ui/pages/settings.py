"""设置: theme, type size, language, idle lock, printers by paper, scan folder, barcode gun."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QSpinBox, QWidget

from jinpu_desk.app.papers import NEEDS, PaperKind
from jinpu_desk.app.screens.views import OptionView
from jinpu_desk.domain.errors import DeskError

from ..kit import Kit
from ..preferences import SCALES
from ..widgets.field import LineField
from ..widgets.parts import GAP, Card, box, button, column, row, scroll, text
from ..widgets.segmented import Segmented
from ..widgets.walk import Walk
from ..words import LANGUAGES


class SettingsPage(QWidget):
    """Every change takes effect, and is kept, at once."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._grids: list[QGridLayout] = []
        self._stops: list[QWidget] = []
        self._printers: dict[str, QComboBox] = {}
        self._walk = Walk(self, lambda: self._stops)
        cards = (self._look_card(), self._safety_card(), self._scan_card())
        left = column(*cards, None, gap=GAP)
        whole = row(box(left), box(column(self._printer_card(), None, gap=GAP)), gap=GAP)
        whole.setStretch(0, 1)
        whole.setStretch(1, 1)
        self.setLayout(column(scroll(box(whole)), margins=16))
        self._walk.add(*self._stops)

    def refresh(self) -> None:
        self._kit.jobs.io(self, self._kit.backend.printers, self._show_printers, self._no_printers)

    def focus_default(self) -> None:
        self._stops[0].setFocus()

    def _look_card(self) -> Card:
        card, words, now = self._card("settings.look"), self._kit.words, self._kit.choices.now
        self._segments(
            card,
            "theme",
            now.theme,
            {name: words(f"settings.theme-{name}") for name in ("light", "contrast")},
        )
        self._segments(card, "scale", now.scale, {name: words(f"settings.scale-{name}") for name in SCALES})
        self._segments(card, "language", now.language, LANGUAGES)
        card.body.addWidget(text(words("settings.language-later"), "small", wrap=True))
        return card

    def _safety_card(self) -> Card:
        card = self._card("settings.safety")
        minutes = QSpinBox()
        minutes.setRange(1, 30)
        minutes.setSuffix(self._kit.words("settings.minutes"))
        minutes.setValue(self._kit.choices.now.idle_minutes)
        minutes.setAccessibleName(self._kit.words("settings.idle_minutes"))
        minutes.valueChanged.connect(lambda value: self._change(idle_minutes=value))
        self._row(card, "idle_minutes", minutes)
        return card

    def _scan_card(self) -> Card:
        card, words = self._card("settings.scan"), self._kit.words
        self.folder = LineField(self._kit.look, words("settings.scan_folder"))
        self.folder.show_value(self._kit.choices.now.scan_folder)
        self.folder.edited.connect(lambda value: self._change(scan_folder=value))
        choose = button(words("settings.choose"), self._choose_folder)
        self._row(card, "scan_folder", self.folder)
        self._row(card, "", choose)
        prefix = LineField(self._kit.look, words("settings.wedge_prefix"))
        prefix.show_value(self._kit.choices.now.wedge_prefix)
        prefix.setMaxLength(1)
        prefix.edited.connect(lambda value: self._change(wedge_prefix=value))
        self._row(card, "wedge_prefix", prefix)
        card.body.addWidget(text(words("settings.wedge-help"), "small", wrap=True))
        return card

    def _printer_card(self) -> Card:
        card, words = self._card("settings.printers"), self._kit.words
        card.body.addWidget(text(words("settings.printers-help"), "small", wrap=True))
        grid = self._grid(card)
        kinds = ["", *sorted({kind.value for kind, _ in NEEDS}, key=lambda kind: int(kind[1:]))]
        for place, kind in enumerate(kinds):
            label = f"{kind} {PaperKind(kind).label}" if kind else words("settings.any-paper")
            chooser = QComboBox()
            chooser.setAccessibleName(label)
            chooser.activated.connect(lambda _at, kind=kind: self._choose_printer(kind))
            self._printers[kind] = chooser
            self._stops.append(chooser)
            grid.addWidget(text(label, "label"), place, 0)
            grid.addWidget(chooser, place, 1)
        self.printer_note = text(role="problem", wrap=True)
        card.body.addWidget(self.printer_note)
        self._show_printers(())
        return card

    def _card(self, heading: str) -> Card:
        return Card(self._kit.words(heading))

    def _grid(self, card: Card) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        return grid

    def _row(self, card: Card, name: str, editor: QWidget) -> None:
        grid = self._grid(card)
        label = text(self._kit.words(f"settings.{name}") if name else "", "label")
        label.setMinimumWidth(self._kit.look.theme.px(110))
        grid.addWidget(label, 0, 0)
        grid.addWidget(editor, 0, 1)
        self._stops.append(editor)

    def _segments(self, card: Card, name: str, now: str, labels: dict[Any, str]) -> None:
        options = tuple(OptionView(value=value, label=label) for value, label in labels.items())
        choice = Segmented(self._kit.look, self._kit.words(f"settings.{name}"), options)
        choice.show_picked(now)
        choice.chosen.connect(lambda value: self._change(**{name: value}))
        self._row(card, name, choice)

    def _change(self, **changes: Any) -> None:
        choices = self._kit.choices
        choices.change(msgspec.structs.replace(choices.now, **changes))

    def _choose_folder(self) -> None:
        now = self._kit.choices.now.scan_folder
        folder = QFileDialog.getExistingDirectory(self, self._kit.words("settings.scan_folder"), now)
        if folder:
            self.folder.show_value(folder)
            self._change(scan_folder=folder)

    def _choose_printer(self, kind: str) -> None:
        chosen = self._printers[kind].currentData()
        mapped = {other: name for other, name in self._kit.choices.now.printers.items() if other != kind}
        if chosen:
            mapped[kind] = chosen
        self._change(printers=mapped)

    def _show_printers(self, names: tuple[str, ...]) -> None:
        words, mapped = self._kit.words, self._kit.choices.now.printers
        self.printer_note.setText("")
        for kind, chooser in self._printers.items():
            chosen = mapped.get(kind, "")
            chooser.clear()
            chooser.addItem(words("settings.default-printer" if not kind else "settings.same-printer"), "")
            for name in dict.fromkeys((*names, *([chosen] if chosen else []))):
                chooser.addItem(name, name)
            chooser.setCurrentIndex(max(chooser.findData(chosen), 0))

    def _no_printers(self, error: DeskError) -> None:
        self.printer_note.setText("".join(self._kit.backend.sentence(error)))
