"""Additions to a finished PDF: the bytes before stay as they are, and equal additions give equal bytes."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from jinpu_desk.domain.errors import Refused


class RevisionWriter(IncrementalPdfFileWriter):
    """An incremental update (ISO 32000-1, 7.5.6) whose file identifier follows from the bytes it is added to."""

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        """Return the first identifier unchanged and the second from the content, where pyHanko takes a random one."""
        first, _ = prev.trailer["/ID"]
        second = hashlib.sha256(prev.stream.getvalue()).digest()[:16]
        return generic.ArrayObject(
            [generic.ByteStringObject(first.original_bytes), generic.ByteStringObject(second)]
        )

    def _update_meta(self) -> None:
        """Leave the description as it was issued, where pyHanko writes the time of day into it."""


def open_revision(data: bytes) -> RevisionWriter:
    """Return a writer that adds to ``data``; Refused when it is no PDF this room could have made."""
    try:
        return RevisionWriter(io.BytesIO(data))
    except (PdfError, KeyError, ValueError, TypeError) as error:
        raise Refused("documents.not-a-paper") from error


def page_count(writer: RevisionWriter) -> int:
    """Return how many pages the file has."""
    reader: PdfFileReader = writer.prev
    return int(reader.root["/Pages"]["/Count"])


def page_size(writer: RevisionWriter) -> tuple[float, float]:
    """Return width and height in points of the first page; all pages of a paper have one size."""
    reader: PdfFileReader = writer.prev
    page = reader.root["/Pages"]["/Kids"][0]
    left, low, right, high = (float(number) for number in page["/MediaBox"])
    return right - left, high - low
