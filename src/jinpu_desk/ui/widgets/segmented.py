"""Choices side by side, chosen with the arrow keys; they wrap to the next line when there are many."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from jinpu_desk.app.screens.views import OptionView

from ..theme import Look

HEIGHT_PX = 32


class Segmented(QWidget):
    """One choice, or several with ``many``: then the arrows move a cursor and space switches it."""

    chosen = Signal(object)  # str, or tuple[str, ...] with many

    def __init__(
        self, look: Look, label: str, options: tuple[OptionView, ...], *, many: bool = False
    ) -> None:
        super().__init__()
        self._look = look
        self._options = options
        self._many = many
        self._picked: frozenset[str] = frozenset()
        self._cursor = 0
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._fit)
        self._fit()

    @property
    def options(self) -> tuple[OptionView, ...]:
        return self._options

    @property
    def picked(self) -> tuple[str, ...]:
        return tuple(option.value for option in self._options if option.value in self._picked)

    def show_picked(self, *values: str) -> None:
        if self._picked == set(values):
            return
        self._picked = frozenset(values)
        if not self._many and values:
            self._cursor = next(
                (n for n, o in enumerate(self._options) if o.value in self._picked), self._cursor
            )
        self.setAccessibleDescription("，".join(o.label for o in self._options if o.value in self._picked))
        self.update()

    def sizeHint(self) -> QSize:
        rects = self._places(max(self.width(), 10))
        widths = sum(rect.width() - 1 for rect in self._places(100_000)) + 2
        return QSize(widths, rects[-1].bottom() + 2 if rects else HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        widest = max((rect.width() for rect in self._places(100_000)), default=10)
        return QSize(widest, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rects = self._places(max(self.width(), 10))
        self.setFixedHeight((rects[-1].bottom() + 2) if rects else self._look.theme.px(HEIGHT_PX))
        self.updateGeometry()
        self.update()

    def _places(self, width: int) -> list[QRect]:
        theme = self._look.theme
        metrics, height = QFontMetrics(theme.font()), theme.px(HEIGHT_PX)
        places: list[QRect] = []
        left = top = 0
        for option in self._options:
            wide = metrics.horizontalAdvance(option.label) + theme.px(24)
            if left and left + wide > width:
                left, top = 0, top + height + theme.px(4)
            places.append(QRect(left, top, wide, height))
            left += wide - 1
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setFont(theme.font())
        places = self._places(self.width())
        order = sorted(
            range(len(places)), key=lambda n: (self._options[n].value in self._picked, n == self._cursor)
        )
        for n in order:
            self._paint_segment(painter, places[n], n)

    def _paint_segment(self, painter: QPainter, place: QRect, n: int) -> None:
        theme, option = self._look.theme, self._options[n]
        picked = option.value in self._picked
        focused = self.hasFocus() and n == self._cursor
        back, edge, words = ("select", "accent", "select-text") if picked else ("card", "edge", "text")
        if not self.isEnabled():
            words = "disabled-text"
        painter.setBrush(theme.colour(back))
        painter.setPen(QPen(theme.colour("focus" if focused else edge), 2 if focused else 1))
        painter.drawRect(place.adjusted(1, 1, -1, -1) if focused else place.adjusted(0, 0, -1, -1))
        painter.setPen(theme.colour(words))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), option.label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(key))
        if step is not None:
            fresh = not self._picked and not self._many
            self._move(0 if fresh else (self._cursor + step) % len(self._options))
        elif key == Qt.Key.Key_Space:
            self._pick(self._cursor)
        else:
            super().keyPressEvent(event)

    def _move(self, place: int) -> None:
        self._cursor = place
        if not self._many:
            self._pick(place)
        self.update()

    def _pick(self, place: int) -> None:
        value = self._options[place].value
        if self._many:
            self._picked ^= {value}
            self.chosen.emit(self.picked)
        elif self._picked != {value}:
            self._picked = frozenset({value})
            self.chosen.emit(value)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for n, place in enumerate(self._places(self.width())):
            if place.contains(event.position().toPoint()):
                self._cursor = n
                self._pick(n)
