"""What frames a paper's text: names and number, barcode and QR, whose copy it is, and the foot of the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinpu_desk.documents import codes
from jinpu_desk.documents.blocks import barcode
from jinpu_desk.documents.fonts import Weight
from jinpu_desk.documents.ink import Fragment, Ink, Symbol, Text
from jinpu_desk.documents.layout import Head
from jinpu_desk.documents.typesetter import MM, Typesetter
from jinpu_desk.domain.ids import Digest

_FOOT: Final = 8  # mm of the lower margin above the foot
_QUERY_LINE: Final = 1.5


def above(setter: Typesetter, title: str, *, numbered: bool) -> Iterator[Fragment]:
    """Yield what stands above the text: authority, title and 文号, and the barcode where there are no corners."""
    sheet, sizes, facts = setter.sheet, setter.sizes, setter.facts
    if sheet.head is not Head.CORNERS:
        yield barcode(setter, facts.case_no, sheet.barcode_height)
    if sheet.head is Head.BARS:
        return
    if facts.query_code and sheet.head is Head.COLUMN:
        text = f"{setter.words.query} {facts.query_code}"
        yield Fragment(
            sizes.small * 1.6, (setter.centred(setter.width / 2, sizes.small, text, sizes.small),), keep=True
        )
    yield from setter.title(facts.authority, sizes.authority, 1.5)
    yield from setter.title(title, sizes.title, 1.6)
    if numbered:
        number = facts.doc_no or setter.words.no_number
        size = sizes.table + 1
        x = setter.width - setter.wide(number, Weight.BODY, size)
        yield Fragment(size * 2, (setter.line(x, size * 1.2, number, Weight.BODY, size),), keep=True)
    else:
        yield Fragment(sizes.body / 2, (), keep=True)


def below(setter: Typesetter, statement: str, digest: Digest) -> Iterator[Fragment]:
    """Yield what stands below the text of a sheet without corners: the QR, and how to check the paper."""
    if setter.sheet.head is not Head.COLUMN:
        return
    sizes, middle = setter.sizes, setter.width / 2
    square = codes.qr(statement)
    side = square.width * codes.QR_MODULE
    quiet = codes.QUIET_QR * codes.QR_MODULE
    margin = setter.sheet.left * MM
    x = codes.snap(margin + middle - side / 2) - margin
    yield Fragment(side + 2 * quiet, (Symbol(x, quiet, square, codes.QR_MODULE, codes.QR_MODULE),), keep=True)
    for text in (setter.words.scan, _digest(setter, digest)):
        yield Fragment(
            sizes.small * 1.6, (setter.centred(middle, sizes.small, text, sizes.small),), keep=True
        )


def corners(setter: Typesetter, statement: str) -> Iterator[Ink]:
    """Yield barcode and QR from the page's own corner, where the sheet has them there."""
    sheet, sizes, words = setter.sheet, setter.sizes, setter.words
    if sheet.head is not Head.CORNERS:
        return
    left, top = codes.snap(sheet.left * MM), codes.snap(sheet.header_top * MM)
    module = sheet.module * codes.UNIT
    yield Symbol(left, top, codes.bars(setter.facts.case_no), module, sheet.barcode_height * MM)
    under = top + sheet.barcode_height * MM + sizes.small + 1
    yield setter.line(left, under, setter.facts.case_no, Weight.BODY, sizes.small)
    if setter.facts.query_code:
        text = f"{words.query} {setter.facts.query_code}"
        yield setter.line(left, under + sizes.small * _QUERY_LINE, text, Weight.BODY, sizes.small)
    square = codes.qr(statement)
    side = square.width * codes.QR_MODULE
    x = codes.snap((sheet.width - sheet.right) * MM - side)
    yield Symbol(x, top, square, codes.QR_MODULE, codes.QR_MODULE)
    label = setter.wide(words.scan, Weight.BODY, sizes.small)
    # beside it, not below: a long statement makes a large QR, and below it the text begins
    start = x - codes.QUIET_QR * codes.QR_MODULE - label
    yield setter.line(start, top + side, words.scan, Weight.BODY, sizes.small)


def in_header(setter: Typesetter, text: str, line: int) -> Text:
    """Return a short text on a line between barcode and QR; above all else where there are no corners."""
    size = setter.sizes.small + 1
    aside = 11 * MM if setter.sheet.head is Head.CORNERS else 0.0
    y = setter.sheet.header_top * MM + size * (1.6 * line - 0.6)
    return setter.centred(setter.sheet.width * MM / 2 + aside, y, text, size, Weight.BOLD)


def foot(setter: Typesetter, digest: Digest, number: int, count: int) -> Iterator[Ink]:
    """Yield the check code and the number of the page, from the page's own corner."""
    sheet, size = setter.sheet, setter.sizes.small
    if sheet.head is not Head.CORNERS:
        return
    y = (sheet.height - sheet.bottom + _FOOT) * MM
    yield setter.line(sheet.left * MM, y, _digest(setter, digest), Weight.BODY, size)
    paged = setter.words.page.format(page=number, pages=count)
    x = (sheet.width - sheet.right) * MM - setter.wide(paged, Weight.BODY, size)
    yield setter.line(x, y, paged, Weight.BODY, size)


def _digest(setter: Typesetter, digest: Digest) -> str:
    shown = digest[:16].upper()
    return setter.words.digest.format(digest=" ".join(shown[i : i + 4] for i in range(0, 16, 4)))
