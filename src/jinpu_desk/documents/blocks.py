"""Blocks of a layout set as fragments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinpu_desk.documents import codes, signing, tables
from jinpu_desk.documents.fonts import Weight
from jinpu_desk.documents.ink import Fragment, Line, Symbol
from jinpu_desk.documents.layout import (
    AnyBlock,
    Bars,
    Fitted,
    Grid,
    Heading,
    Items,
    Materials,
    Paragraph,
    Signature,
    Signers,
    Stub,
    Table,
)
from jinpu_desk.documents.typesetter import MM, Typesetter


def set_block(setter: Typesetter, block: AnyBlock, common: Sequence[tuple[str, ...]]) -> Iterator[Fragment]:
    """Yield the fragments of a block; ``common`` is the grid all papers share."""
    match block:
        case Paragraph():
            yield from setter.paragraph(setter.fill(block.text), indent=block.indent, bold=block.bold)
        case Heading():
            yield from _heading(setter, setter.fill(block.text))
        case Fitted():
            weight = Weight.BOLD if block.bold else Weight.BODY
            text = setter.optional(block.text).strip()
            yield from setter.fitted(text, block.size, block.least, block.lines, weight)
        case Grid():
            yield from tables.grid(setter, block, common)
        case Materials():
            yield from tables.materials(setter, block)
        case Table():
            yield from tables.table(setter, block)
        case Items():
            for number, item in enumerate(setter.facts.lists[block.list], 1):
                yield from setter.paragraph(f"{number}. {item}")
        case Bars():
            yield barcode(setter, setter.fill(block.text), block.height)
        case Signature():
            yield signing.signature(setter, block)
        case Signers():
            yield from signing.signers(setter, block)
        case Stub():
            yield Fragment(14.0, (Line(0, 8, setter.width, 8, dashed=True),), keep=True)
            yield from setter.paragraph(setter.fill(block.text), indent=False)


def barcode(setter: Typesetter, text: str, height: float) -> Fragment:
    """Return a Code 128 in the middle with its text below; ``height`` in mm, modules as the sheet wants them."""
    modules = codes.bars(text)
    wide = setter.sheet.module * codes.UNIT
    high = height * MM
    margin = setter.sheet.left * MM
    left = codes.snap(margin + (setter.width - modules.width * wide) / 2) - margin
    small = setter.sizes.small
    ink = (
        Symbol(left, 0, modules, wide, high),
        setter.centred(setter.width / 2, high + small, text, small),
    )
    return Fragment(high + small * 1.5, ink, keep=True)


def _heading(setter: Typesetter, text: str) -> Iterator[Fragment]:
    size = setter.sizes.body
    yield Fragment(tables.GAP, (), keep=True)
    for line in setter.lines(text, setter.width, Weight.BOLD, size):
        yield Fragment(size * 1.6, (setter.line(0, size * 1.15, line, Weight.BOLD, size),), keep=True)
