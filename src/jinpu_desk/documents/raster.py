"""PDF pages as pictures, for preview and for printers that take no PDF."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
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


def page_count(data: bytes) -> int:
    """Return how many pages a PDF has; Refused when it is no PDF."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("documents.not-a-paper") from error
    try:
        return len(document)
    finally:
        document.close()


def thumbnail(data: bytes, width: int) -> bytes:
    """Return the first page of a scan (picture or PDF) as a PNG at most ``width`` pixels wide.

    The scan was inspected in a worker process when it came in. Refused ``documents.not-a-picture`` otherwise.
    """
    try:
        if data.startswith(b"%PDF-"):
            picture = next(page_pictures(data, 40))
        else:
            picture = Image.open(BytesIO(data))
            picture.draft("RGB", (width * 2, width * 3))
            picture = picture.convert("RGB")
        picture.thumbnail((width, width * 3))
    except (OSError, ValueError, Image.DecompressionBombError, StopIteration) as error:
        raise Refused("documents.not-a-picture") from error
    out = BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()
