"""“补打第 n 次”: drawn over the issued bytes as an incremental update; what was issued stays beneath, byte for byte."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from reportlab.pdfgen.canvas import Canvas

from jinpu_desk.app.papers import ReprintMark
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Text
from jinpu_desk.documents.layout import Common, Sheet
from jinpu_desk.documents.pen import Pen
from jinpu_desk.documents.revision import open_revision, page_count, page_size
from jinpu_desk.documents.typesetter import MM
from jinpu_desk.documents.values import chinese_minute

_NAME = "/JinpuReprint"
_MARGIN = 4.0  # points left free at both sides


def reprint(data: bytes, mark: ReprintMark, shelf: FontShelf, common: Common) -> bytes:
    """Return ``data`` followed by the mark on every page; same input, same bytes."""
    writer: Any = open_revision(data)
    dictionary: Any = generic.DictionaryObject
    overlay = _overlay(mark, shelf, common, page_size(writer))
    form = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(overlay)))
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


def _sheet(common: Common, width: float) -> Sheet:
    """Return the sheet a page of this width in points was set on."""
    return min(common.sheets.values(), key=lambda sheet: abs(sheet.width * MM - width))


def _overlay(mark: ReprintMark, shelf: FontShelf, common: Common, page: tuple[float, float]) -> bytes:
    """Return a page that holds nothing but the mark, in the bottom margin, as large as there is room."""
    words, sheet = common.words, _sheet(common, page[0])
    text = words.reprint_numbered if mark.doc_no else words.reprint
    text = text.format(count=mark.count, at=chinese_minute(mark.at), clerk=mark.clerk, doc_no=mark.doc_no)
    shelf.face("jinpu-body")
    out = io.BytesIO()
    canvas: Any = Canvas(
        out,
        pagesize=page,
        invariant=1,
        pageCompression=1,
        initialFontName="jinpu-body",
    )
    size = sheet.sizes.small + 1.5
    size = min(size, size * (page[0] - 2 * _MARGIN) / shelf.width(text, Weight.BOLD, size))
    x = (page[0] - shelf.width(text, Weight.BOLD, size)) / 2
    Text(x, 0, size, shelf.runs(text, Weight.BOLD)).draw(Pen(canvas, shelf), 0, sheet.mark * MM)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
