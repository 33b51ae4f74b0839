"""Filters on every key: barcode guns that type, idleness that locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QDeadlineTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QWidget
from shiboken6 import isValid

from jinpu_desk.app.ports.devices import KeyWedge, Verdict

HELD = frozenset((Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_AltGr))
"""Keys a gun presses around its capitals and signs; by themselves they say nothing."""


@runtime_checkable
class TakesBack(Protocol):
    """A widget that can undo the last keys it acted on, because they were the start of a scan."""

    def take_back(self, keys: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Press:
    """A key press that can be delivered later."""

    widget: QWidget
    event: QKeyEvent


@dataclass(frozen=True, slots=True)
class Before:
    """A text field as it was before the last key that went through."""

    field: QLineEdit
    text: str
    cursor: int
    start: int
    length: int

    def restore(self) -> None:
        if not isValid(self.field):
            return
        self.field.setText(self.text)
        self.field.setCursorPosition(self.cursor)
        if self.start >= 0:
            self.field.setSelection(self.start, self.length)
        self.field.textEdited.emit(self.text)


def key_time(event: QKeyEvent) -> int:
    """Return when a key was pressed in ms: the window system's own stamp, which a busy moment cannot shift."""
    return int(event.timestamp()) or QDeadlineTimer.current().deadline()


class WedgeFilter(QObject):
    """Application filter: what a gun types becomes ``scanned``, whatever has the focus; people's keys pass."""

    scanned = Signal(str)

    def __init__(self, wedge: KeyWedge[Press], clock: Callable[[QKeyEvent], int] = key_time) -> None:
        super().__init__()
        self._wedge = wedge
        self._clock = clock
        self.enabled = False
        self._replaying = False
        self._before: Before | QWidget | None = None
        self._give_back = QTimer(self)
        self._give_back.setSingleShot(True)
        self._give_back.timeout.connect(self._overdue)
        self._last_ms = 0

    def use_clock(self, clock: Callable[[QKeyEvent], int]) -> None:
        """Take the time of keys from another clock."""
        self._clock = clock

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not self.enabled or self._replaying:
            return False
        # Qt shows a key to the window, to the focused widget and, if ignored, to its parents: one of them counts.
        if watched is not QApplication.focusWidget():
            return False
        assert isinstance(event, QKeyEvent)
        assert isinstance(watched, QWidget)
        if event.key() in HELD:
            return False
        return self._judge(Press(watched, _copy(event)), self._clock(event))

    def _judge(self, press: Press, now: int) -> bool:
        self._last_ms = now
        verdict = self._wedge.feed(press.event.text(), now, press)
        if verdict.replay == (press,):
            self._remember(press)
            return False  # the original event goes its own way
        self._follow(verdict)
        self._wait()
        return True

    def _overdue(self) -> None:
        due = self._wedge.deadline_ms
        if due is not None:
            self._follow(self._wedge.tick(due))

    def _wait(self) -> None:
        due = self._wedge.deadline_ms
        if due is None:
            self._give_back.stop()
        else:
            self._give_back.start(max(due - self._last_ms, 1))

    def _follow(self, verdict: Verdict[Press]) -> None:
        for press in verdict.replay:
            self._remember(press)
            self._deliver(press)
        if verdict.scan is not None:
            self._take_back(verdict.scan.passed)
            self.scanned.emit(verdict.scan.text)

    def _remember(self, press: Press) -> None:
        widget = press.widget
        if isinstance(widget, QLineEdit):
            text, cursor = widget.text(), widget.cursorPosition()
            start, length = widget.selectionStart(), widget.selectionLength()
            self._before = Before(widget, text, cursor, start, length)
        else:
            self._before = widget

    def _take_back(self, passed: int) -> None:
        before, self._before = self._before, None
        if not passed or before is None:
            return
        if isinstance(before, Before):
            before.restore()
        elif isValid(before) and isinstance(before, TakesBack):
            before.take_back(passed)

    def _deliver(self, press: Press) -> None:
        if not isValid(press.widget):
            return
        self._replaying = True
        try:
            QApplication.sendEvent(press.widget, press.event)
        finally:
            self._replaying = False


def _copy(event: QKeyEvent) -> QKeyEvent:
    return QKeyEvent(
        QEvent.Type.KeyPress,
        event.key(),
        event.modifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )


_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.InputMethod,
        QEvent.Type.TouchBegin,
    }
)


def hide_traces() -> None:
    """Close what floats above the window – lists, menus, tips – and empty the clipboard."""
    while (floating := QApplication.activePopupWidget()) is not None:
        floating.close()
    QToolTip.hideText()
    QApplication.clipboard().clear()


class IdleFilter(QObject):
    """Application filter: emits ``idle`` once nobody has touched anything for so many minutes."""

    idle = Signal()

    def __init__(self, minutes: int) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.idle)
        self.set_minutes(minutes)

    def set_minutes(self, minutes: int) -> None:
        self._timer.setInterval(minutes * 60_000)

    def watch(self, on: bool) -> None:
        """Start counting, or stop while the window is locked anyway."""
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS_OF_LIFE and self._timer.isActive():
            self._timer.start()
        return False
