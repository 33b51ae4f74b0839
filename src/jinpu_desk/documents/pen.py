"""Marks on a reportlab canvas, written as page operators.

reportlab formats each number in slow Python and moves each string through three layers; a receipt has a
thousand of both. Numbers are written to 1/100 point, 1/7200 inch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jinpu_desk.documents.codes import Modules
from jinpu_desk.documents.fonts import FontShelf, Run


class Pen:
    """Writes on one canvas with the faces of one shelf; origin bottom left, points."""

    def __init__(self, canvas: Any, shelf: FontShelf) -> None:
        self._canvas = canvas
        self._document = canvas._doc  # noqa: SLF001  # fonts number their characters per document
        self._shelf = shelf

    def text(self, x: float, y: float, size: float, runs: Iterable[Run], spacing: float = 0.0) -> None:
        """Write runs one after another on a baseline, with ``spacing`` after each character."""
        parts = [f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm"]
        if spacing:
            parts.append(f"{spacing:.3f} Tc")
        for run in runs:
            face = self._shelf.face(run.font)
            name = face.getSubsetInternalName(0, self._document)
            parts.extend(
                f"{name} {size:g} Tf <{codes.hex()}> Tj"
                for _, codes in face.splitString(run.text, self._document)
            )
        parts.append("0 Tc ET" if spacing else "ET")
        self._canvas.addLiteral(" ".join(parts))

    def line(self, x1: float, y1: float, x2: float, y2: float, *, dashed: bool = False) -> None:
        """Draw a thin straight line."""
        drawn = f"{x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S"
        self._canvas.addLiteral(f"[3 2] 0 d {drawn} [] 0 d" if dashed else drawn)

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a box whose lower left corner is (x, y); ``colour`` is the operand of ``rg``, e.g. ``0 0.5 1``."""
        self._canvas.addLiteral(f"q {colour} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f Q")

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1.2) -> None:
        """Draw a line through points."""
        first, *rest = (f"{x:.2f} {y:.2f}" for x, y in points)
        path = " ".join([f"{first} m", *(f"{point} l" for point in rest)])
        self._canvas.addLiteral(f"q {colour} RG {width:g} w 1 J 1 j {path} S Q")

    def symbol(self, x: float, y: float, modules: Modules, wide: float, high: float) -> None:
        """Fill a symbol whose top left corner is (x, y); modules are ``wide`` by ``high``."""
        self._canvas.addLiteral(f"q {wide:.2f} 0 0 {-high:.2f} {x:.2f} {y:.2f} cm {modules.path} f Q")

    def dashed_box(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a dashed box whose lower left corner is (x, y)."""
        self._canvas.addLiteral(f"q 1.2 w [4 2] 0 d {x:.2f} {y:.2f} {width:.2f} {height:.2f} re S Q")

    def push(self, operators: str = "") -> None:
        """Save the graphics state, then set what ``operators`` say."""
        self._canvas.addLiteral(f"q {operators}".rstrip())

    def pop(self) -> None:
        """Restore the graphics state of the matching ``push``."""
        self._canvas.addLiteral("Q")
