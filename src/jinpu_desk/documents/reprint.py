"""“补打第 n 次”: drawn over the issued bytes as an incremental update; what was issued stays beneath, byte for byte."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from reportlab.pdfgen.canvas import Canvas

from jinpu_desk.app.papers import ReprintMark
from jinpu_desk.documents.blocks import MM
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Text
from jinpu_desk.documents.layouts import Common
from jinpu_desk.documents.pen import Pen
from jinpu_desk.documents.render import PAGE_HEIGHT, PAGE_WIDTH
from jinpu_desk.documents.revision import open_revision, page_count
from jinpu_desk.documents.values import chinese_minute

_NAME = "/JinpuReprint"


def reprint(data: bytes, mark: ReprintMark, shelf: FontShelf, common: Common) -> bytes:
    """Return ``data`` followed by the mark on every page; same input, same bytes."""
    writer: Any = open_revision(data)
    dictionary: Any = generic.DictionaryObject
    form = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(_overlay(mark, shelf, common))))
    ink = writer.add_object(generic.StreamObject(stream_data=f"q {_NAME} Do Q".encode("ascii")))
    for number in range(page_count(writer)):
        resources = dictionary(
            {
                generic.NameObject("/XObject"): dictionary({generic.NameObject(_NAME): form}),
            }
        )
        writer.add_stream_to_page(number, ink, resources)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _overlay(mark: ReprintMark, shelf: FontShelf, common: Common) -> bytes:
    """Return a page that holds nothing but the mark, in the bottom margin."""
    words = common.words.reprint_numbered if mark.doc_no else common.words.reprint
    text = words.format(count=mark.count, at=chinese_minute(mark.at), clerk=mark.clerk, doc_no=mark.doc_no)
    shelf.face("jinpu-body")
    out = io.BytesIO()
    canvas: Any = Canvas(
        out,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        invariant=1,
        pageCompression=1,
        initialFontName="jinpu-body",
    )
    size = common.sizes.small + 1.5
    x = (PAGE_WIDTH - shelf.width(text, Weight.BOLD, size)) / 2
    y = PAGE_HEIGHT - (common.page.bottom - 15) * MM
    Text(x, y, size, shelf.runs(text, Weight.BOLD)).draw(Pen(canvas, shelf), 0, PAGE_HEIGHT)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
