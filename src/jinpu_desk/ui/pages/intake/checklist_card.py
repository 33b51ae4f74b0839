"""The card around the checklist: counts, keys, the table, and the pages of the current material."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent

from jinpu_desk.app.screens.views import ChecklistLine, Chip

from ...kit import Kit
from ...widgets.chips import ChipRow
from ...widgets.parts import Card, box, key_cap, row, text
from ...widgets.thumbs import Thumbs
from .checklist import ChecklistTable

SHOWN_KEYS = (
    "intake.scan",
    "checklist.received",
    "checklist.tolerated",
    "checklist.pledged",
    "checklist.lacking",
)
LOW_PX = 230
"""Below this height, at the normal scale, the line of keys is left out."""


class ChecklistCard(Card):
    """Shows the lines; says in a sentence when a key did not apply."""

    current_changed = Signal()

    def __init__(self, kit: Kit, *, editable: bool = True) -> None:
        self.summary = ChipRow()
        actions = kit.actions
        keys = [
            row(key_cap(actions.keys(name)), text(actions.title(name), "heading"), gap=5)
            for name in SHOWN_KEYS
        ]
        super().__init__(kit.words("checklist.heading"))
        self._kit = kit
        self.table = ChecklistTable(kit.look, kit.words, actions.of("checklist"))
        self.pages = text(role="small")
        self.thumbs = Thumbs(kit)
        self.thumbs.hide()
        self.empty = text(kit.words("checklist.empty"), "small", wrap=True)
        head = self.body.itemAt(0).layout()
        assert head is not None
        head.addWidget(self.summary)
        self._editable = editable
        if editable:
            self.keys_line = box(row(*keys, None, gap=12))
            self.body.addWidget(self.keys_line)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(0, 40, 0, 0)
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(self.table, 100)
        self.body.addWidget(self.pages)
        self.body.addWidget(self.thumbs)
        self.body.addStretch(1)
        self.table.row_changed.connect(lambda _row: self._show_pages())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._editable:  # in a low window the rows matter more than the reminder of their keys
            self.keys_line.setVisible(self.height() > self._kit.look.theme.px(LOW_PX))

    @property
    def current(self) -> ChecklistLine | None:
        lines = self.table.lines.lines
        return lines[self.table.row] if 0 <= self.table.row < len(lines) else None

    def show_view(self, lines: tuple[ChecklistLine, ...], summary: tuple[Chip, ...]) -> None:
        self.summary.show_chips(summary)
        self.empty.setVisible(not lines)
        self.table.setVisible(bool(lines))
        self.table.show_lines(lines)
        self._show_pages()

    def _show_pages(self) -> None:
        line = self.current
        if line is None or not line.files:
            words = self._kit.words
            keys = self._kit.actions.keys
            hint = words("checklist.no-files", scan=keys("intake.scan"), add=keys("intake.add-file"))
            self.pages.setText(hint if line is not None and self._editable else "")
            self.thumbs.show_files(())
            return
        self.pages.setText(self._kit.words("checklist.files", no=line.no, n=len(line.files)))
        self.thumbs.show_files(line.files)
