"""The checklist of the day: each matter with its count, its cases and the reason it stays open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from jinpu_desk.app.duty.duty_view import ConcernView
from jinpu_desk.app.screens.views import WorkLine

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.parts import Card, key_cap, row, text
from ...widgets.walk import OWN_ENTER
from ...widgets.worklist import WorkList

NUMBERED = "1234567890-"
"""One key for each matter, in order."""


class MatterList(WorkList):
    """Arrows and the keys 1 to 9, 0 and - choose a matter; Enter goes to its cases."""

    moved = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = NUMBERED.find(event.text()) if event.text() else -1
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and 0 <= place < len(self.lines):
            self.setCurrentIndex(self.model().index(place, 0))
            self.chosen.emit(self.lines[place])
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: object, previous: object) -> None:
        super().currentChanged(current, previous)  # type: ignore[arg-type]
        self.moved.emit()


class ConcernsCard(Card):
    """Keeps the reasons as typed, by matter; emits what to open."""

    opened = Signal(object)  # WorkLine

    def __init__(self, kit: Kit) -> None:
        words, actions = kit.words, kit.actions
        self.left = text(role="small")
        super().__init__(words("dayend.concerns"), self.left)
        self._kit = kit
        self._concerns: tuple[ConcernView, ...] = ()
        self.reasons: dict[str, str] = {}
        self.matters = MatterList(kit.look, words("dayend.nothing"))
        self.matters.setAccessibleName(words("dayend.concerns"))
        self.details = WorkList(kit.look, words("dayend.no-details"))
        self.details.setAccessibleName(words("dayend.details"))
        self.heading = text(role="heading")
        self.reason = LineField(kit.look, words("dayend.reason"))
        self.reason.setPlaceholderText(words("dayend.reason-example"))
        for part in (self.matters, self.details, self.reason):
            part.setProperty(OWN_ENTER, True)
        self.body.addWidget(self.matters, 5)
        self.body.addWidget(self.heading)
        self.body.addWidget(self.details, 2)
        label = text(words("dayend.reason"), "label")
        self.body.addLayout(row(label, self.reason, key_cap(actions.keys("dayend.reason"))))
        self.matters.moved.connect(self._show_current)
        self.matters.chosen.connect(lambda _line: self._to_details())
        self.details.chosen.connect(self.opened)
        self.reason.edited.connect(self._said)
        self.reason.returnPressed.connect(self.next_unexplained)

    @property
    def current(self) -> ConcernView | None:
        place = self.matters.currentIndex().row()
        return self._concerns[place] if 0 <= place < len(self._concerns) else None

    def show_concerns(self, concerns: tuple[ConcernView, ...]) -> None:
        """Show the matters; reasons typed here stay, others come from an earlier closing."""
        self._concerns = concerns
        for concern in concerns:
            if concern.reason:
                self.reasons.setdefault(concern.key, concern.reason)
        self._show_matters()
        self._show_current()

    def forget(self) -> None:
        self.reasons = {}

    def unexplained(self) -> tuple[ConcernView, ...]:
        """Return the matters that are open without a reason."""
        return tuple(c for c in self._concerns if c.count and not self.reasons.get(c.key, "").strip())

    def next_unexplained(self) -> bool:
        """Go to the next matter without a reason; False when there is none."""
        left = self.unexplained()
        if not left:
            self.matters.setFocus()
            return False
        self.matters.setCurrentIndex(self.matters.model().index(self._concerns.index(left[0]), 0))
        self.reason.setFocus()
        return True

    def _show_matters(self) -> None:
        lines = []
        for key, concern in zip(NUMBERED, self._concerns, strict=False):
            reason = self.reasons.get(concern.key, "")
            right = reason if concern.count else ""
            lines.append(WorkLine(chip=concern.chip, text=f"{key}　{concern.label}", right=right))
        self.matters.show_lines(tuple(lines))
        left = len(self.unexplained())
        words = self._kit.words
        self.left.setText(words("dayend.left", n=left) if left else words("dayend.none-left"))

    def _show_current(self) -> None:
        concern = self.current
        if concern is None:
            return
        self.heading.setText(f"{concern.label} · {concern.count}")
        self.details.show_lines(concern.lines)
        self.reason.show_value(self.reasons.get(concern.key, ""))
        self.reason.setEnabled(concern.count > 0)

    def _to_details(self) -> None:
        concern = self.current
        if concern is not None and concern.lines:
            self.details.setFocus()

    def _said(self, words: str) -> None:
        if self.current is not None:
            self.reasons[self.current.key] = words
            self._show_matters()
