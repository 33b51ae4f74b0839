"""On a case: that something of it waits for a person, and the way there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from jinpu_desk.app.screens.views import WorkLine

from ...kit import Kit
from ...widgets.parts import button, key_cap, restyle, row, text


class ConflictBanner(QFrame):
    """Hidden while nothing waits; ``pressed`` names the newest event that does."""

    pressed = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._kit = kit
        self._event = ""
        self.sentence = text(role="verdict", wrap=True)
        self.go = button(kit.actions.title("case.conflict"), self.press)
        line = row(self.sentence, self.go, key_cap(kit.actions.keys("case.conflict")), gap=10)
        line.setStretch(0, 1)
        line.setContentsMargins(16, 6, 12, 6)
        self.setLayout(line)
        restyle(self, tone="bad")
        self.hide()

    def show_lines(self, lines: tuple[WorkLine, ...]) -> None:
        self._event = lines[0].job_id if lines else ""
        if lines:
            told = self._kit.words(
                "conflict.banner", count=len(lines), what=lines[0].text, why=lines[0].right
            )
            self.sentence.setText(told)
        self.setVisible(bool(lines))

    def press(self) -> None:
        """Go to what waits, where something does."""
        if self._event:
            self.pressed.emit(self._event)
