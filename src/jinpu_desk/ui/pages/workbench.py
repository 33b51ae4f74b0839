"""工作台: today's figures, what to do first, drafts, prints, the hours of the day, and sync."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from jinpu_desk.app.screens.views import Tile, Workbench, WorkLine

from ..kit import Kit
from ..widgets.bars import HourBars
from ..widgets.parts import GAP, Card, clear, column, restyle, text
from ..widgets.pressable import Pressable
from ..widgets.worklist import WorkList


class TileButton(Pressable):
    """A figure that opens the list behind it."""

    def __init__(self, tile: Tile) -> None:
        super().__init__("tile")
        self.goto = tile.goto
        self.label = text(role="small")
        self.value = text(role="figure")
        self.sub = text(role="small")
        inner = column(self.label, self.value, self.sub, gap=2)
        inner.setContentsMargins(16, 14, 16, 12)
        self.setLayout(inner)
        self.show_tile(tile)

    def show_tile(self, tile: Tile) -> None:
        self.label.setText(tile.label)
        self.value.setText(tile.value)
        restyle(self.value, tone=tile.tone)
        self.sub.setText(tile.sub or " ")
        self.setAccessibleName(f"{tile.label} {tile.value} {tile.sub}")


class WorkbenchPage(QWidget):
    """Asks for the workbench when shown; each line and tile opens what it speaks of."""

    open_case = Signal(str)
    open_draft = Signal(str)
    open_list = Signal(str)  # a CaseFilter
    open_sync = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        words = kit.words
        self._tiles: list[TileButton] = []
        self._tile_row = QHBoxLayout()
        self._tile_row.setSpacing(GAP)
        self.first = WorkList(kit.look, words("workbench.first-empty"))
        self.drafts = WorkList(kit.look, words("workbench.drafts-empty"))
        self.prints = WorkList(kit.look, words("workbench.prints-empty"))
        self.sync = WorkList(kit.look, words("workbench.sync-empty"))
        self.hours = HourBars(kit.look)
        self._contact = text(role="small")
        grid = QGridLayout()
        grid.setSpacing(GAP)
        grid.addWidget(
            self._card("workbench.first", self.first, text(words("workbench.by-term"), "small")), 0, 0
        )
        grid.addWidget(
            self._card("workbench.drafts", self.drafts, text(words("workbench.autosaved"), "small")), 0, 1
        )
        grid.addWidget(self._card("workbench.prints", self.prints), 0, 2)
        grid.addWidget(self._card("workbench.hours", self.hours), 1, 0, 1, 2)
        grid.addWidget(self._card("workbench.sync", self.sync, self._contact), 1, 2)
        for at, share in enumerate((4, 3, 3)):
            grid.setColumnStretch(at, share)
        grid.setRowStretch(0, 5)
        grid.setRowStretch(1, 4)
        whole = column(self._tile_row, grid, gap=GAP, margins=16)
        self.setLayout(whole)
        for work in (self.first, self.drafts, self.prints):
            work.chosen.connect(self._open)
        self.sync.chosen.connect(lambda _line: self.open_sync.emit())

    def _card(self, heading: str, inner: QWidget, *corner: QWidget) -> Card:
        card = Card(self._kit.words(heading), *corner)
        card.body.addWidget(inner, 1)
        return card

    def refresh(self) -> None:
        """Ask for the workbench anew."""
        self._kit.jobs.ask(self, self._kit.backend.workbench, self.show_view, key="workbench")

    def focus_default(self) -> None:
        """Put the keys where the most pressing work is."""
        lists = (self.first, self.drafts, self.prints)
        next((work for work in lists if work.lines), self.first).setFocus()

    def show_view(self, view: Workbench) -> None:
        self._show_tiles(view.tiles)
        had_focus = self.hasFocus()
        self.first.show_lines(view.first)
        self.drafts.show_lines(view.drafts)
        self.prints.show_lines(view.prints)
        self.sync.show_lines(view.sync)
        self.hours.show_hours(view.hours)
        self._contact.setText(self._kit.words("sync.last-contact", at=view.last_contact))
        if had_focus:
            self.focus_default()

    def _show_tiles(self, tiles: tuple[Tile, ...]) -> None:
        if [tile.goto for tile in tiles] != [shown.goto for shown in self._tiles]:
            clear(self._tile_row)
            self._tiles = [TileButton(tile) for tile in tiles]
            for made in self._tiles:
                made.pressed.connect(lambda goto=made.goto: self.open_list.emit(goto))
                self._tile_row.addWidget(made, 1)
        for shown, tile in zip(self._tiles, tiles, strict=True):
            shown.show_tile(tile)

    def _open(self, line: WorkLine) -> None:
        if line.draft_id:
            self.open_draft.emit(line.draft_id)
        elif line.case_id:
            self.open_case.emit(line.case_id)
