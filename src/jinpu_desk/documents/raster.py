"""PDF pages as pictures, for preview and for printers that take no PDF; and what a PDF says of itself.

PDFium may be called by one thread at a time in the whole process, so every call here holds one lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Final

import pypdfium2
from PIL import Image

from jinpu_desk.domain.errors import Refused

MAX_DPI: Final = 1200
MAX_PIXELS: Final = 150_000_000
"""A page of more dots is refused: A4 at 1200 dpi has 139 million."""

_PDFIUM = RLock()


def page_pictures(data: bytes, dpi: int) -> Iterator[Image.Image]:
    """Yield each page as an RGB picture of ``dpi`` dots per inch; Refused when it is no PDF or a page is huge."""
    if not 10 <= dpi <= MAX_DPI:
        raise ValueError(f"{dpi} dots per inch")
    with _opened(data) as document:
        for number in range(len(document)):
            with _PDFIUM:
                picture = _render(document[number], number, dpi / 72)
            yield picture


def _render(page: pypdfium2.PdfPage, number: int, scale: float) -> Image.Image:
    width, height = page.get_size()
    if width * scale * height * scale > MAX_PIXELS:
        raise Refused("documents.page-too-large", str(number + 1))
    picture: Image.Image = page.render(scale=scale).to_pil()
    return picture.convert("RGB")


def page_picture(data: bytes, number: int, dpi: int) -> Image.Image:
    """Return one page, from 0; Refused ``documents.not-a-paper`` when there is none of that number."""
    with _opened(data) as document, _PDFIUM:
        if not 0 <= number < len(document):
            raise Refused("documents.not-a-paper")
        return _render(document[number], number, dpi / 72)


def page_count(data: bytes) -> int:
    """Return how many pages a PDF has; Refused when it is no PDF."""
    with _opened(data) as document, _PDFIUM:
        return len(document)


def keywords(data: bytes) -> str:
    """Return the keywords a PDF says of itself, empty when it has none; Refused when it is no PDF."""
    with _opened(data) as document, _PDFIUM:
        return str(document.get_metadata_value("Keywords"))


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("documents.not-a-paper") from error
    try:
        yield document
    finally:
        with _PDFIUM:
            document.close()
