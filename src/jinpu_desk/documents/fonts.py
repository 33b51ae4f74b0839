"""The faces a paper is set in, and which of them has a character: Noto Serif SC, then the rare planes.

Text is plain: no ligatures, no kerning; a string is split into runs at the characters its face lacks.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics

from jinpu_desk.documents.embed import PaperFont
from jinpu_desk.domain.errors import Unavailable


class Weight(StrEnum):
    """What a text is set in."""

    BODY = "body"
    BOLD = "bold"


class Run(NamedTuple):
    """A piece of text in one face."""

    font: str
    text: str


_FILES = {
    "jinpu-body": "NotoSerifSC-Regular.ttf",
    "jinpu-bold": "NotoSerifSC-Bold.ttf",
    "jinpu-rare": "JinpuRareHan.ttf",
}
_CHAINS = {
    Weight.BODY: ("jinpu-body", "jinpu-rare"),
    Weight.BOLD: ("jinpu-bold", "jinpu-body", "jinpu-rare"),
}


class FontShelf:
    """The bundled faces, each parsed once when first needed and then kept; holds no other state."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._faces: dict[str, PaperFont] = {}
        self._reading = Lock()

    def face(self, name: str) -> PaperFont:
        """Return a face, reading it on first use and making it known to reportlab; Unavailable when it is gone."""
        found = self._faces.get(name)
        if found is None:
            # A paper issued while the faces are read in the background must not meet two faces of one name.
            with self._reading:
                found = self._faces.get(name) or self._read(name)
        return found

    def _read(self, name: str) -> PaperFont:
        path = self._folder / _FILES[name]
        try:
            face = PaperFont(name, path)
        except Exception as error:  # reportlab raises its own and plain errors for a broken file
            raise Unavailable("documents.font-missing", path.name) from error
        pdfmetrics.registerFont(face)
        self._faces[name] = face
        return face

    def warm(self) -> None:
        """Read every face now, so that the first paper does not wait."""
        for name in _FILES:
            self.face(name)

    def runs(self, text: str, weight: Weight) -> list[Run]:
        """Return the text as runs, each in the first face of the weight's chain that has its characters.

        A character no face has stays in the first face and prints as an empty box, so that it is seen.
        """
        chain = _CHAINS[weight]
        first = self.face(chain[0])
        if first.widths.keys() >= set(text):
            return [Run(chain[0], text)] if text else []
        runs: list[Run] = []
        for char in text:
            name = next((n for n in chain if self.face(n).has(char)), chain[0])
            if runs and runs[-1].font == name:
                runs[-1] = Run(name, runs[-1].text + char)
            else:
                runs.append(Run(name, char))
        return runs

    def width(self, text: str, weight: Weight, size: float) -> float:
        """Return the width in points."""
        first = self.face(_CHAINS[weight][0])
        try:
            return sum(map(first.widths.__getitem__, text)) * 0.001 * size
        except KeyError:
            return sum(self.face(run.font).stringWidth(run.text, size) for run in self.runs(text, weight))

    def unprintable(self, text: str) -> str:
        """Return the characters of the text that no face has, each once, in order."""
        chain = _CHAINS[Weight.BODY]
        return "".join(dict.fromkeys(c for c in text if not any(self.face(n).has(c) for n in chain)))
