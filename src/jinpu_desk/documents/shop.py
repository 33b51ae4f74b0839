"""The documents room as the app sees it: one object that knows where fonts and layouts are.

Sealing, checking, marking and picturing load their libraries when first asked, so that a window opens at once.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jinpu_desk.app.papers import (
    Checked,
    PaperFacts,
    RenderedPaper,
    ReprintMark,
    Signer,
    Trust,
)
from jinpu_desk.documents.decoding import Decoder
from jinpu_desk.documents.fonts import FontShelf
from jinpu_desk.documents.layouts import load_layouts
from jinpu_desk.documents.render import render, render_stated


class Documents:
    """Implements ``app.papers.PaperShop``. Layouts are read and checked at once, faces when first needed."""

    def __init__(self, resources: Path) -> None:
        """``resources`` holds ``documents/`` and ``fonts/``; Refused or Unavailable when a layout is wrong."""
        self._layouts = load_layouts(resources / "documents")
        self._shelf = FontShelf(resources / "fonts")
        self._decoder = Decoder()

    def warm(self) -> None:
        """Read the faces now, in the background, so that the first paper does not wait."""
        self._shelf.warm()

    def render(self, facts: PaperFacts, signer: Signer) -> RenderedPaper:
        """Return the paper; see ``render.render``."""
        return render(facts, signer, self._shelf, self._layouts)

    def render_stated(self, facts: PaperFacts, statement: str) -> RenderedPaper:
        """Return the paper under another's statement; see ``render.render_stated``."""
        return render_stated(facts, statement, self._shelf, self._layouts)

    def unprintable(self, text: str) -> str:
        """Return the characters no bundled face has; see ``fonts.FontShelf.unprintable``."""
        return self._shelf.unprintable(text)

    def seal(self, data: bytes, signer: Signer, at: datetime) -> bytes:
        """Return the sealed file; see ``seal.seal``."""
        from jinpu_desk.documents.seal import seal

        return seal(data, signer, at)

    def reprint(self, data: bytes, mark: ReprintMark) -> bytes:
        """Return the marked file; see ``reprint.reprint``."""
        from jinpu_desk.documents.reprint import reprint

        return reprint(data, mark, self._shelf, self._layouts.common)

    def check(self, data: bytes, trust: Trust) -> Checked:
        """Check a file or picture; see ``verify.check``."""
        from jinpu_desk.documents import verify

        return verify.check(data, trust, self._decoder.codes)

    def check_text(self, text: str, trust: Trust) -> Checked:
        """Check the text of a QR; see ``verify.check_text``."""
        from jinpu_desk.documents import verify

        return verify.check_text(text, trust)

    def page_count(self, data: bytes) -> int:
        """Return how many pages a PDF has; see ``decoding.Decoder``."""
        return self._decoder.page_count(data)

    def page_png(self, data: bytes, number: int, dpi: int) -> bytes:
        """Return a page of a PDF as a PNG; see ``decoding.Decoder``."""
        return self._decoder.page_png(data, number, dpi)

    def thumbnail(self, data: bytes, width: int) -> bytes:
        """Return a small picture of a scan; see ``decoding.Decoder``."""
        return self._decoder.thumbnail(data, width)

    def close(self) -> None:
        """End the process that opens files of others."""
        self._decoder.close()
