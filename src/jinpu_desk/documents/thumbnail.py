"""Small pictures of attachments, and a file's number of pages."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from jinpu_desk.documents.raster import page_count as page_count
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.domain.errors import Refused

PDF_DPI = 40


def thumbnail(data: bytes, width: int) -> bytes:
    """Return the first page of a scan (picture or PDF) as a PNG at most ``width`` pixels wide.

    The scan was inspected in a worker process when it came in. Refused ``documents.not-a-picture`` otherwise.
    """
    try:
        picture = next(page_pictures(data, PDF_DPI)) if data.startswith(b"%PDF-") else _decoded(data, width)
        picture.thumbnail((width, width * 3))
    except (OSError, ValueError, Image.DecompressionBombError, StopIteration) as error:
        raise Refused("documents.not-a-picture") from error
    out = BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _decoded(data: bytes, width: int) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.draft("RGB", (width * 2, width * 3))  # lets JPEG decode at a fraction of its size
    return picture.convert("RGB")
