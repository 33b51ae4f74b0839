"""PDF pages as pictures, for preview and for printers that take no PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pypdfium2
from PIL import Image

from jinpu_desk.app.papers import PageImage
from jinpu_desk.domain.errors import Refused

MAX_DPI: Final = 1200


def page_pictures(data: bytes, dpi: int) -> Iterator[Image.Image]:
    """Yield each page as an RGB picture of ``dpi`` dots per inch; Refused when it is no PDF."""
    if not 10 <= dpi <= MAX_DPI:
        raise ValueError(f"{dpi} dots per inch")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("documents.not-a-paper") from error
    try:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()


def pages(data: bytes, dpi: int) -> tuple[PageImage, ...]:
    """Return the pages as plain RGB rows."""
    return tuple(
        PageImage(picture.width, picture.height, picture.tobytes()) for picture in page_pictures(data, dpi)
    )
