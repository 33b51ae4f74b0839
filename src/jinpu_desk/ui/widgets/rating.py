"""好差评, offered and never forced: nothing is chosen beforehand, and passing by leaves no trace (DOMAIN F11)."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from jinpu_desk.app.screens.views import OptionView
from jinpu_desk.domain.ids import CaseId

from ..kit import Kit
from .parts import button, restyle, row, text
from .segmented import Segmented

LEVELS = ("5", "4", "3", "2", "1")


class RatingRow(QWidget):
    """Five levels and a button; the row goes away with the case it was offered for."""

    rated = Signal()
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._case_id = ""
        self._occasion = ""
        words = kit.words
        options = tuple(OptionView(value=level, label=words(f"rating.{level}")) for level in LEVELS)
        self.heading = text(words("rating.offer"), "label")
        self.choice = Segmented(kit.look, words("rating.offer"), options)
        self.keep = button(words("rating.keep"), self.rate)
        self.keep.setEnabled(False)
        self.choice.chosen.connect(lambda _value: self.keep.setEnabled(True))
        self.choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setLayout(row(self.heading, self.choice, self.keep, None, gap=10))
        self.hide()

    def stops(self) -> list[QWidget]:
        """Return the widgets the keys visit."""
        return [self.choice, self.keep]

    def offer(self, case_id: str, occasion: Literal["receipt", "result"]) -> None:
        """Offer a rating for a case; what was offered before is gone."""
        self._case_id, self._occasion = case_id, occasion
        self.heading.setText(self._kit.words("rating.offer"))
        restyle(self.heading, tone="")
        self.choice.show_picked()
        self.choice.show()
        self.keep.show()
        self.keep.setEnabled(False)
        self.show()

    def rate(self) -> None:
        """Record what was chosen; nothing chosen records nothing."""
        if not self.choice.picked or not self._case_id:
            return
        level, act = self.choice.picked[0], self._kit.backend.act
        case_id, data = CaseId(self._case_id), {"occasion": self._occasion, "satisfaction": level}
        self._case_id = ""
        self._kit.jobs.write(
            self, lambda: act(case_id, "rate", data), lambda _page: self._thank(level), self.failed.emit
        )

    def _thank(self, level: str) -> None:
        words = self._kit.words
        self.heading.setText(words("rating.kept", level=words(f"rating.{level}")))
        restyle(self.heading, tone="good")
        self.choice.hide()
        self.keep.hide()
        self.rated.emit()
