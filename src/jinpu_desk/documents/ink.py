"""What can stand on a page, with the origin at the top left and y downwards, and how it gets onto a canvas."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from jinpu_desk.documents.codes import Modules
from jinpu_desk.documents.fonts import Run

THIN = 0.5


class Ink(Protocol):
    """Something drawn at (x, y) within its fragment."""

    def draw(self, canvas: Any, left: float, top: float) -> None:
        """Draw with the fragment's origin at (``left``, ``top``) of the canvas, whose y points upwards."""


class Text(NamedTuple):
    """A line of text whose baseline is at ``y``; ``spacing`` is added after each character."""

    x: float
    y: float
    size: float
    runs: list[Run]
    spacing: float = 0.0

    def draw(self, canvas: Any, left: float, top: float) -> None:
        """Draw the runs one after another."""
        out = canvas.beginText(left + self.x, top - self.y)
        if self.spacing:
            out.setCharSpace(self.spacing)
        for run in self.runs:
            out.setFont(run.font, self.size)
            out.textOut(run.text)
        if self.spacing:
            out.setCharSpace(0)
        canvas.drawText(out)


class Line(NamedTuple):
    """A ruled line."""

    x1: float
    y1: float
    x2: float
    y2: float
    dashed: bool = False

    def draw(self, canvas: Any, left: float, top: float) -> None:
        """Draw the line."""
        if self.dashed:
            canvas.setDash(3, 2)
        canvas.line(left + self.x1, top - self.y1, left + self.x2, top - self.y2)
        if self.dashed:
            canvas.setDash()


class Symbol(NamedTuple):
    """A barcode or QR whose top left module is at (x, y); modules are ``wide`` by ``high`` points."""

    x: float
    y: float
    modules: Modules
    wide: float
    high: float

    def draw(self, canvas: Any, left: float, top: float) -> None:
        """Draw all strips as one filled path."""
        path = canvas.beginPath()
        for strip in self.modules.strips:
            bottom = top - self.y - (strip.y + 1) * self.high
            path.rect(left + self.x + strip.x * self.wide, bottom, strip.width * self.wide, self.high)
        canvas.drawPath(path, stroke=0, fill=1)


class DemoSeal(NamedTuple):
    """The training seal, centred at (x, y): a dashed box nobody takes for an authority's seal."""

    x: float
    y: float
    words: list[Text]

    def draw(self, canvas: Any, left: float, top: float) -> None:
        """Draw in a light red; what it stands over is drawn after it and stays readable."""
        canvas.saveState()
        canvas.setStrokeColorRGB(0.9, 0.35, 0.35)
        canvas.setFillColorRGB(0.93, 0.5, 0.5)
        canvas.setLineWidth(1.2)
        canvas.setDash(4, 2)
        canvas.roundRect(left + self.x - 54, top - self.y - 33, 108, 66, 8)
        for word in self.words:
            word.draw(canvas, left + self.x, top - self.y)
        canvas.restoreState()


class Fragment(NamedTuple):
    """A piece of the flow: ``height`` points of ``ink`` that stay together.

    ``keep`` binds it to the next fragment; ``header`` is printed again above it when it opens a page.
    """

    height: float
    ink: tuple[Ink, ...]
    keep: bool = False
    header: Fragment | None = None
