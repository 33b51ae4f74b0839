"""What can stand on a page, with the origin at the top left and y downwards."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from jinpu_desk.documents.codes import Modules
from jinpu_desk.documents.fonts import Run
from jinpu_desk.documents.pen import Pen

_SEAL_WIDTH: Final = 108.0
_SEAL_HEIGHT: Final = 66.0
_SEAL_COLOURS: Final = "0.9 0.35 0.35 RG 0.93 0.5 0.5 rg"


class Ink(Protocol):
    """Something drawn at (x, y) within its fragment."""

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Draw with the fragment's origin at (``left``, ``top``) of the page, whose y points upwards."""


class Text(NamedTuple):
    """A line of text whose baseline is at ``y``; ``spacing`` is added after each character."""

    x: float
    y: float
    size: float
    runs: list[Run]
    spacing: float = 0.0

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Draw the runs one after another."""
        pen.text(left + self.x, top - self.y, self.size, self.runs, self.spacing)


class Line(NamedTuple):
    """A ruled line."""

    x1: float
    y1: float
    x2: float
    y2: float
    dashed: bool = False

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Draw the line."""
        pen.line(left + self.x1, top - self.y1, left + self.x2, top - self.y2, dashed=self.dashed)


class Symbol(NamedTuple):
    """A barcode or QR whose top left module is at (x, y); modules are ``wide`` by ``high`` points."""

    x: float
    y: float
    modules: Modules
    wide: float
    high: float

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Draw all strips as one filled path."""
        pen.symbol(left + self.x, top - self.y, self.modules, self.wide, self.high)


class DemoSeal(NamedTuple):
    """The training seal, centred at (x, y): a dashed box nobody takes for an authority's seal."""

    x: float
    y: float
    words: list[Text]

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Draw in a light red; what it stands over is drawn after it and stays readable."""
        x, y = left + self.x, top - self.y
        pen.push(_SEAL_COLOURS)
        pen.dashed_box(x - _SEAL_WIDTH / 2, y - _SEAL_HEIGHT / 2, _SEAL_WIDTH, _SEAL_HEIGHT)
        for word in self.words:
            word.draw(pen, x, y)
        pen.pop()


class Fragment(NamedTuple):
    """A piece of the flow: ``height`` points of ``ink`` that stay together.

    ``keep`` binds it to the next fragment; ``header`` is printed again above it when it opens a page.
    """

    height: float
    ink: tuple[Ink, ...]
    keep: bool = False
    header: Fragment | None = None
