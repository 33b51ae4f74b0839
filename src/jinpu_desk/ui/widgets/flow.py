"""A row that breaks into lines when it is too narrow, so that large type never pushes a button off the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QLayoutItem, QSizePolicy, QWidget


class Flow(QLayout):
    """Lays widgets out left to right, top to bottom, at their preferred size: in the middle of a line, or at its
    ``top``."""

    def __init__(self, gap: int = 10, *, top: bool = False) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._top = top
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._place(area, move=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() for size in sizes) + self._gap * max(len(sizes) - 1, 0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = [[]]
        used = 0
        for item in self._shown():
            wide = item.sizeHint().width()
            if lines[-1] and used + wide > width:
                lines.append([])
                used = 0
            lines[-1].append(item)
            used += wide + self._gap
        return lines

    def _place(self, area: QRect, *, move: bool) -> int:
        """Put the items where they belong in their lines; return the height used."""
        y = area.y()
        for line in self._lines(area.width()):
            high = max((item.sizeHint().height() for item in line), default=0)
            x = area.x()
            for item in line if move else ():
                size = item.sizeHint()
                below = 0 if self._top else (high - size.height()) // 2
                item.setGeometry(QRect(QPoint(x, y + below), size))
                x += size.width() + self._gap
            y += high + self._gap
        return y - self._gap - area.y()


class FlowRow(QWidget):
    """A widget around a ``Flow``, for use in other layouts."""

    def __init__(self, gap: int = 10, *, top: bool = False) -> None:
        super().__init__()
        self.flow = Flow(gap, top=top)
        self.setLayout(self.flow)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self.flow.addWidget(widget)


class Fold(QWidget):
    """Two parts side by side; below ``room()`` pixels the second goes under the first. ``folded`` hears of it."""

    def __init__(
        self,
        first: QWidget,
        second: QWidget,
        room: Callable[[], int],
        folded: Callable[[bool], object] = lambda _: None,
        gap: int = 18,
    ) -> None:
        super().__init__()
        self._room = room
        self._folded = folded
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(gap)
        self._row.addWidget(first)
        self._row.addWidget(second, 1)
        self.setLayout(self._row)

    def fit(self) -> None:
        """Choose the direction for the width there is."""
        narrow = self.width() < self._room()
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if way != self._row.direction():
            self._row.setDirection(way)
            self._row.setSpacing(6 if narrow else 18)
            self._folded(narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # what is inside has changed its size
            self.fit()
        return handled
