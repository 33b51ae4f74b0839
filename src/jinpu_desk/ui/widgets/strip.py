"""Inline strips: what went wrong, or what an outcome asks, on the page instead of in a dialog."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from ..words import Words
from .parts import button, restyle, row, text


class Notice(QFrame):
    """One sentence and one thing to do, until it is put away or replaced."""

    shown = Signal(bool)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.sentence = text(role="verdict", wrap=True)
        self.hint = text(role="hint", wrap=True)
        away = button(words("strip.away"), self.clear, kind="quiet")
        line = row(self.sentence, self.hint, None, away, gap=14)
        line.setContentsMargins(16, 6, 8, 6)
        line.setStretch(0, 3)
        line.setStretch(1, 3)
        self.setLayout(line)
        self.hide()

    def say(self, sentence: str, hint: str = "", *, tone: str = "info") -> None:
        self.sentence.setText(sentence)
        self.hint.setText(hint)
        for part in (self, self.sentence):
            restyle(part, tone=tone)
        self.show()
        self.shown.emit(True)

    def clear(self) -> None:
        if not self.isHidden():
            self.hide()
            self.shown.emit(False)
