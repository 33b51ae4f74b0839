"""The documents room, opened at the first paper: PDF, fonts and barcodes take longer to load than a case to find."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from jinpu_desk.app.papers import (
    Checked,
    PaperFacts,
    RenderedPaper,
    ReprintMark,
    Signer,
    Trust,
)

from ..parts import Parts

if TYPE_CHECKING:
    from jinpu_desk.documents.shop import Documents


class LatePapers:
    """Implements ``app.papers.PaperShop``; a wrong layout is told when the first paper is asked for."""

    def __init__(self, parts: Parts) -> None:
        """``parts`` knows where layouts and fonts are."""
        self._parts = parts

    @cached_property
    def _shop(self) -> Documents:
        return self._parts.documents()

    def warm(self) -> None:
        """Open the room and read its fonts now, off the thread that must not wait."""
        self._shop.warm()

    def render(self, facts: PaperFacts, signer: Signer) -> RenderedPaper:
        return self._shop.render(facts, signer)

    def render_stated(self, facts: PaperFacts, statement: str) -> RenderedPaper:
        return self._shop.render_stated(facts, statement)

    def unprintable(self, text: str) -> str:
        return self._shop.unprintable(text)

    def seal(self, data: bytes, signer: Signer, at: datetime) -> bytes:
        return self._shop.seal(data, signer, at)

    def reprint(self, data: bytes, mark: ReprintMark) -> bytes:
        return self._shop.reprint(data, mark)

    def check(self, data: bytes, trust: Trust) -> Checked:
        return self._shop.check(data, trust)

    def check_text(self, text: str, trust: Trust) -> Checked:
        return self._shop.check_text(text, trust)

    def page_count(self, data: bytes) -> int:
        return self._shop.page_count(data)

    def page_png(self, data: bytes, number: int, dpi: int) -> bytes:
        return self._shop.page_png(data, number, dpi)

    def thumbnail(self, data: bytes, width: int) -> bytes:
        return self._shop.thumbnail(data, width)

    def close(self) -> None:
        """End the process that opens files of others, if there is one."""
        if "_shop" in self.__dict__:
            self._shop.close()
