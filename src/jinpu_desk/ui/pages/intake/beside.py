"""What the page tells beside the questions: the strands of a package, and remarks that bar nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from jinpu_desk.app.screens.views import BranchView, Chip

from ...kit import Kit
from ...widgets.chips import ChipRow
from ...widgets.parts import Card, clear, column, text


class BranchesCard(Card):
    """并联事项: each strand with its own term; the longest is the package's."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.words("branches.heading"))
        self._kit = kit
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self.total = text(role="hint", wrap=True)
        self.body.addLayout(self._grid)
        self.body.addWidget(self.total)
        self._shown: object = None
        self.hide()

    def show_view(self, branches: tuple[BranchView, ...], total: str) -> None:
        self.setVisible(bool(branches))
        self.total.setText(total)
        if branches == self._shown:
            return
        self._shown = branches
        clear(self._grid)
        for place, branch in enumerate(branches):
            self._add(place, branch)

    def _add(self, place: int, branch: BranchView) -> None:
        words = self._kit.words
        name = text(branch.name, wrap=True)
        name.setToolTip(branch.authority)
        self._grid.addWidget(name, 2 * place, 0)
        due = ChipRow()
        tone = "warn" if branch.longest else "neutral"
        key = "branches.longest" if branch.longest else "branches.due"
        due.show_chips((Chip(words(key, day=branch.due), tone),))  # type: ignore[arg-type]
        self._grid.addWidget(due, 2 * place, 1, Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(text(branch.term, "small", wrap=True), 2 * place + 1, 0, 1, 2)


class RemarksCard(Card):
    """提示: fees, other licences at the address, a full place, what the licence mode means."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.words("remarks.heading"))
        self._lines = column(gap=4)
        self.body.addLayout(self._lines)
        self._shown: object = None
        self.hide()

    def show_view(self, remarks: tuple[Chip, ...]) -> None:
        self.setVisible(bool(remarks))
        if remarks == self._shown:
            return
        self._shown = remarks
        clear(self._lines)
        for remark in remarks:
            self._lines.addWidget(text(remark.text, "hint", tone=remark.tone, wrap=True))
