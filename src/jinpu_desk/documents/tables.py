"""Ruled rows: grids of label and value, material tables, and tables of whatever the facts hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from jinpu_desk.app.papers import NEEDS
from jinpu_desk.documents import codes
from jinpu_desk.documents.fonts import Weight
from jinpu_desk.documents.ink import Fragment, Ink, Line, Symbol
from jinpu_desk.documents.layout import Column, Grid, Materials, Table
from jinpu_desk.documents.typesetter import Typesetter
from jinpu_desk.documents.values import row_blanks

GAP: Final = 5.0
"""Points above and below a table."""
_PAD: Final = 4.0
_PAD_DOWN: Final = 2.8
_ROW_LINES: Final = 24  # a row with more lines is cut, so that it fits on a page
_SHORT: Final = 6  # a table of no more rows is not parted
_LABEL_EMS: Final = 5.9
_BARCODE_ROW: Final = 40.0
_PEN_ROW: Final = 28.0  # a line for the pen


class Cell(NamedTuple):
    """The lines of a table cell, or the barcode in it."""

    lines: list[str]
    weight: Weight = Weight.BODY
    centre: bool = False
    barcode: str = ""


def grid(setter: Typesetter, block: Grid, common: Sequence[tuple[str, ...]]) -> Iterator[Fragment]:
    """Yield the rows of a grid; where two pairs do not fit side by side, each has a row."""
    rows: Sequence[tuple[str, ...]] = (*common, *block.rows) if block.common else block.rows
    if not setter.sheet.wide:
        rows = [row[i : i + 2] for row in rows for i in range(0, len(row), 2)]
    filled = [tuple(setter.optional(text) for text in row) for row in rows]
    printed = filled if block.by_hand else [row for row in map(_said, filled) if row]
    label = _LABEL_EMS * setter.sizes.table
    yield Fragment(GAP, (), keep=True)
    for number, row in enumerate(printed):
        pairs = len(row) // 2
        widths = [label, setter.width / pairs - label] * pairs
        cells = [
            _cell(setter, text, widths[i], Weight.BODY if i % 2 else Weight.BOLD)
            for i, text in enumerate(row)
        ]
        least = _PEN_ROW if block.by_hand else 0.0
        yield from _row(setter, cells, widths, None, least, keep=number < len(printed) - 1)
    yield Fragment(GAP, ())


def _said(row: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pairs of a row whose value is not empty."""
    pairs = (row[i : i + 2] for i in range(0, len(row), 2))
    return tuple(text for pair in pairs if pair[1].strip() for text in pair)


def materials(setter: Typesetter, block: Materials) -> Iterator[Fragment]:
    """Yield the material table."""
    facts = setter.facts
    rows = [row_blanks(number, line, facts.item_key) for number, line in enumerate(facts.materials, 1)]
    yield from _table(setter, block.columns, rows)


def table(setter: Typesetter, block: Table) -> Iterator[Fragment]:
    """Yield a table of the facts, its row blanks named as in ``NEEDS``."""
    facts = setter.facts
    needs = NEEDS[facts.kind, facts.form]
    names = {**needs.tables, **needs.more_tables}[block.table]
    rows = [
        {"no": str(number), **dict(zip(names, row, strict=True))}
        for number, row in enumerate(facts.tables.get(block.table, ()), 1)
    ]
    yield from _table(setter, block.columns, rows)


def _table(
    setter: Typesetter, columns: Sequence[Column], rows: Sequence[dict[str, str]]
) -> Iterator[Fragment]:
    total = sum(column.width for column in columns)
    widths = [column.width / total * setter.width for column in columns]
    titles = [
        _cell(setter, c.title, w, Weight.BOLD, centre=True) for c, w in zip(columns, widths, strict=True)
    ]
    header = next(_row(setter, titles, widths, None, keep=True))
    yield Fragment(GAP, (), keep=True)
    yield header
    for number, blanks in enumerate(rows, 1):
        cells = [_filled(setter, column, w, blanks) for column, w in zip(columns, widths, strict=True)]
        keep = number == len(rows) - 1 or number < len(rows) <= _SHORT
        yield from _row(setter, cells, widths, header, keep=keep)
    yield Fragment(GAP, ())


def _filled(setter: Typesetter, column: Column, width: float, blanks: dict[str, str]) -> Cell:
    if column.barcode:
        return Cell([], barcode=column.barcode.format_map(blanks))
    return _cell(setter, column.value.format_map(blanks).strip(), width, centre=column.centre)


def _cell(
    setter: Typesetter, text: str, width: float, weight: Weight = Weight.BODY, *, centre: bool = False
) -> Cell:
    return Cell(setter.lines(text, width - 2 * _PAD, weight, setter.sizes.table), weight, centre)


def _row(
    setter: Typesetter,
    cells: Sequence[Cell],
    widths: Sequence[float],
    header: Fragment | None,
    least: float = 0.0,
    *,
    keep: bool = False,
) -> Iterator[Fragment]:
    """Yield a ruled row, in several pieces when it has more lines than fit on a page."""
    most = max(len(cell.lines) for cell in cells)
    for start in range(0, max(most, 1), _ROW_LINES):
        part = [cell._replace(lines=cell.lines[start : start + _ROW_LINES]) for cell in cells]
        yield _piece(setter, part, widths, header, least, keep=keep and start + _ROW_LINES >= most)


def _piece(
    setter: Typesetter,
    cells: Sequence[Cell],
    widths: Sequence[float],
    header: Fragment | None,
    least: float,
    *,
    keep: bool,
) -> Fragment:
    leading = setter.sizes.table * 1.35
    height = max(least, max(len(cell.lines) for cell in cells) * leading + 2 * _PAD_DOWN)
    if any(cell.barcode for cell in cells):
        height = max(height, _BARCODE_ROW)
    ink: list[Ink] = [
        Line(0, 0, setter.width, 0),
        Line(0, height, setter.width, height),
        Line(0, 0, 0, height),
    ]
    x = 0.0
    for cell, width in zip(cells, widths, strict=True):
        ink.extend(_cell_ink(setter, cell, x, width, height))
        x += width
        ink.append(Line(x, 0, x, height))
    return Fragment(height, tuple(ink), keep, header)


def _cell_ink(setter: Typesetter, cell: Cell, x: float, width: float, height: float) -> Iterator[Ink]:
    if cell.barcode:
        yield from _barcode(setter, cell.barcode, x, width, height)
        return
    size = setter.sizes.table
    leading = size * 1.35
    y = (height - len(cell.lines) * leading) / 2 + leading * 0.74
    for line in cell.lines:
        inset = (width - setter.wide(line, cell.weight, size)) / 2 if cell.centre else _PAD
        yield setter.line(x + inset, y, line, cell.weight, size)
        y += leading


def _barcode(setter: Typesetter, text: str, x: float, width: float, height: float) -> Iterator[Ink]:
    modules = codes.bars(text)
    left = x + (width - modules.width * codes.BAR_MODULE) / 2
    top = (height - _BARCODE_ROW) / 2
    yield Symbol(left, top + 5, modules, codes.BAR_MODULE, _BARCODE_ROW - 18)
    yield setter.centred(x + width / 2, top + _BARCODE_ROW - 4, text, setter.sizes.small - 1)
