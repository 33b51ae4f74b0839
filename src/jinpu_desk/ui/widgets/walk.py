"""Enter goes to the next field, Shift+Enter and the arrows of Tab likewise, in the order the page reads. It presses
buttons; a box is ticked with the space bar, so that going on does not take the tick away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLineEdit, QWidget

RARE = "rare"
"""Property of widgets that Tab visits and Enter passes by: what is seldom changed."""

OWN_ENTER = "own-enter"
"""Property of widgets that have their own use for Enter: tables and search fields."""


class Walk(QObject):
    """An event filter for the fields of one page. ``order`` gives them as they stand now."""

    def __init__(self, parent: QObject, order: Callable[[], Sequence[QWidget]]) -> None:
        super().__init__(parent)
        self._order = order

    def add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget):
            return False
        key, held = event.key(), event.modifiers()
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self.step(watched, 1 if key == Qt.Key.Key_Tab else -1, rare=True)
        if key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or watched.property(OWN_ENTER):
            return False
        if held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        if isinstance(watched, QAbstractButton) and not isinstance(watched, QCheckBox):
            watched.click()
            return True
        return self.step(watched, -1 if held & Qt.KeyboardModifier.ShiftModifier else 1)

    def step(self, here: QWidget, way: int, *, rare: bool = False) -> bool:
        """Move the focus ``way`` fields on; it stays where the page ends."""
        stops = [w for w in self._order() if w is here or self._stops(w, rare)]
        if here not in stops:
            return False
        at = stops.index(here) + way
        if 0 <= at < len(stops):
            reason = Qt.FocusReason.TabFocusReason if way > 0 else Qt.FocusReason.BacktabFocusReason
            stops[at].setFocus(reason)
            field = stops[at]
            if isinstance(field, QLineEdit):
                field.selectAll()
        return True

    def _stops(self, widget: QWidget, rare: bool) -> bool:
        return widget.isVisible() and widget.isEnabled() and (rare or not widget.property(RARE))
