"""Cards, labels, key caps and layouts: what gives every page the same rhythm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

Box = TypeVar("Box", bound=QBoxLayout)

GAP = 12
"""Pixels between cards, and the inner rhythm of pages, at the normal scale."""


def text(content: str = "", role: str = "", *, tone: str = "", wrap: bool = False) -> QLabel:
    """Return a plain-text label in one of the roles of the style sheet."""
    label = QLabel(content)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setProperty("tone", tone)
    label.setWordWrap(wrap)
    return label


def key_cap(keys: str, on: str = "") -> QLabel:
    """Return a drawn key: ``on`` is the surface it lies on (``side``, ``accent``, ``off``)."""
    label = text(keys, "key")
    label.setProperty("on", on)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return label


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties and let the style sheet see them, only when one has changed."""
    changed = [name for name, value in properties.items() if widget.property(name) != value]
    for name in changed:
        widget.setProperty(name, properties[name])
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def row(*parts: QWidget | QLayout | int | None, gap: int = 8, margins: int = 0) -> QHBoxLayout:
    """Return a row of parts; a number is a fixed space, None a stretch."""
    return _fill(QHBoxLayout(), parts, gap, margins)


def column(*parts: QWidget | QLayout | int | None, gap: int = 8, margins: int = 0) -> QVBoxLayout:
    """Return a column of parts; a number is a fixed space, None a stretch."""
    return _fill(QVBoxLayout(), parts, gap, margins)


def _fill(layout: Box, parts: tuple[QWidget | QLayout | int | None, ...], gap: int, margins: int) -> Box:
    layout.setSpacing(gap)
    layout.setContentsMargins(margins, margins, margins, margins)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout


def box(layout: QLayout) -> QWidget:
    """Return a bare widget holding a layout."""
    widget = QWidget()
    widget.setLayout(layout)
    return widget


def rule() -> QFrame:
    """Return a hairline."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


class Card(QFrame):
    """A white panel with a heading at the left and something small at the right."""

    def __init__(self, heading: str = "", *corner: QWidget, padding: int = 16) -> None:
        super().__init__()
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, 14, padding, 14)
        self.body.setSpacing(8)
        if heading or corner:
            self.heading = text(heading, "heading")
            head = row(self.heading, None, *corner, gap=10)
            for part in corner:
                head.setAlignment(part, Qt.AlignmentFlag.AlignVCenter)
            self.body.addLayout(head)


def button(label: str, do: Callable[[], object], *, kind: str = "", tip: str = "") -> QPushButton:
    """Return a push button that never takes Enter away from the page's default."""
    made = QPushButton(label)
    made.setAutoDefault(False)
    made.setProperty("kind", kind)
    made.setToolTip(tip)
    made.clicked.connect(lambda _checked=False: do())
    return made


def scroll(inner: QWidget) -> QScrollArea:
    """Return a frameless scroll area that only scrolls downward."""
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


class InSight(QScrollArea):
    """Scrolls downward only, and keeps the widget with the keys in sight."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)

    def _follow(self, _left: QWidget | None, entered: QWidget | None) -> None:
        if entered is not None and self.isAncestorOf(entered):
            self.ensureWidgetVisible(entered, 0, 8)


class RowsInSight(InSight):
    """Rows of editors as high as they need to be, up to ``most``."""

    def __init__(self, inner: QLayout, most: int = 5) -> None:
        super().__init__(box(column(inner, None, gap=0)))
        self._most = most

    def fit(self, rows: int, row_height: int) -> None:
        """Be as high as so many rows, or as many as may be seen at once."""
        self.setFixedHeight(min(rows, self._most) * row_height + 2)


def clear(layout: QLayout) -> None:
    """Remove and delete everything in a layout."""
    while layout.count():
        item = layout.takeAt(0)
        widget, inner = _content(item)
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
            inner.deleteLater()


def _content(item: QLayoutItem) -> tuple[QWidget | None, QLayout | None]:
    return item.widget(), item.layout()
