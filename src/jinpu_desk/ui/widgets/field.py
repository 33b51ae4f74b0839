"""One-line fields: a tick when right, an edge when wrong, masked while nobody edits them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from ..theme import Look
from .parts import restyle

Mask = Callable[[str], str]


class LineField(QLineEdit):
    """Keeps the real ``value``; with a ``mask``, a finished value is shown masked until the field is entered."""

    edited = Signal(str)

    def __init__(self, look: Look, label: str, *, mask: Mask | None = None, unit: str = "") -> None:
        super().__init__()
        self._look = look
        self._unit = unit
        self._mask = mask
        self._value = ""
        self._done = False
        self._verdict: tuple[bool, str, str] = (False, "", "")
        self.setAccessibleName(label)
        self.setProperty("ticked", "true")
        self.textEdited.connect(self._typed)

    @property
    def value(self) -> str:
        return self._value

    @property
    def done(self) -> bool:
        return self._done

    def show_value(self, value: str) -> None:
        """Show a value from the draft; the same value leaves cursor, selection and input method alone."""
        self._value = value
        self._paint_text()

    def show_verdict(self, *, done: bool, problem: str = "", tip: str = "") -> None:
        if (done, problem, tip) == self._verdict:
            return
        self._verdict = (done, problem, tip)
        self._done = done
        restyle(self, wrong="true" if problem else "false")
        self.setToolTip(problem or tip)
        self._paint_text()
        self.update()

    def _typed(self, typed: str) -> None:
        self._value = typed
        self.edited.emit(typed)

    def _paint_text(self) -> None:
        masked = self._mask is not None and self._done and not self.hasFocus()
        shown = self._mask(self._value) if masked and self._mask is not None else self._value
        if self.text() != shown:
            self.setText(shown)
            if not self.hasFocus():
                self.setCursorPosition(0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._paint_text()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._paint_text()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self._unit:
            painter.setFont(self._look.theme.font(13))
            painter.setPen(self._look.theme.colour("muted"))
            place = self.rect().adjusted(0, 0, -self._look.theme.px(30), 0)
            painter.drawText(
                place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._unit
            )
        if self._done:
            paint_tick(
                painter, QPointF(self.width() - self._look.theme.px(18), self.height() / 2), self._look
            )


def paint_tick(painter: QPainter, centre: QPointF, look: Look) -> None:
    """Draw the green tick, so that no font has to have one."""
    unit = look.theme.scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.theme.colour("good"), 1.8 * unit))
    path = QPainterPath(centre + QPointF(-5 * unit, 0.5 * unit))
    path.lineTo(centre + QPointF(-1.5 * unit, 4 * unit))
    path.lineTo(centre + QPointF(5 * unit, -5 * unit))
    painter.drawPath(path)


class LongField(QPlainTextEdit):
    """A field of several lines; Enter still means the next field, Alt+Enter breaks the line."""

    edited = Signal(str)

    def __init__(self, look: Look, label: str) -> None:
        super().__init__()
        self._value = ""
        self.setAccessibleName(label)
        self.setTabChangesFocus(True)
        self.setFixedHeight(look.theme.px(64))
        self.textChanged.connect(self._typed)

    @property
    def value(self) -> str:
        return self._value

    def show_value(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self.setPlainText(value)

    def show_verdict(self, *, done: bool, problem: str = "", tip: str = "") -> None:
        restyle(self, wrong="true" if problem else "false")
        self.setToolTip(problem or tip)

    def _typed(self) -> None:
        typed = self.toPlainText()
        if typed != self._value:
            self._value = typed
            self.edited.emit(typed)
