"""Blocks of a layout set as fragments: text broken into lines, tables ruled, signatures placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from jinpu_desk.app.papers import MaterialLine, PaperFacts, tick_code
from jinpu_desk.documents import codes
from jinpu_desk.documents.breaking import break_lines
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import DemoSeal, Fragment, Ink, Line, Symbol, Text
from jinpu_desk.documents.layouts import (
    AnyBlock,
    Column,
    Common,
    Grid,
    Heading,
    Items,
    Materials,
    Paragraph,
    Signature,
    Stub,
)
from jinpu_desk.documents.values import row_blanks
from jinpu_desk.domain.errors import Refused

MM: Final = 72 / 25.4
_PAD: Final = 4.0
_PAD_DOWN: Final = 2.8
_GAP: Final = 5.0  # above and below a table
_ROW_LINES: Final = 24  # a row with more lines is cut, so that it fits on a page
_MAX_STRETCH: Final = 0.12  # of the size, between characters, when a line is set to both edges
_LABEL_WIDTH: Final = 62.0
_SIGNATURE_HEIGHT: Final = 100.0
_BARCODE_ROW: Final = 40.0


class Cell(NamedTuple):
    """The lines of a table cell, or the barcode in it."""

    lines: list[str]
    weight: Weight = Weight.BODY
    centre: bool = False
    barcode: str = ""


class Setter:
    """Sets the blocks of one paper into fragments ``width`` points wide."""

    def __init__(
        self, shelf: FontShelf, common: Common, facts: PaperFacts, blanks: Mapping[str, str], width: float
    ) -> None:
        self._shelf = shelf
        self._common = common
        self._sizes = common.sizes
        self._facts = facts
        self._blanks = blanks
        self._width = width

    def fill(self, template: str) -> str:
        """Return the template filled; Refused when a blank it names is empty."""
        if "{" not in template:
            return template
        return template.format_map(_Filled(self._blanks, self._facts))

    def optional(self, template: str) -> str:
        """Return the template filled, or nothing when all the blanks it names are empty."""
        if "{" not in template:
            return template
        return template.format_map(self._blanks)

    def set(self, block: AnyBlock) -> Iterator[Fragment]:
        """Yield the fragments of a block."""
        match block:
            case Paragraph():
                yield from self.paragraph(self.fill(block.text), indent=block.indent, bold=block.bold)
            case Heading():
                yield from self._heading(self.fill(block.text))
            case Grid():
                yield from self._grid(block)
            case Materials():
                yield from self._materials(block)
            case Items():
                for number, item in enumerate(self._facts.lists[block.list], 1):
                    yield from self.paragraph(f"{number}. {item}")
            case Signature():
                yield self._signature(block)
            case Stub():
                yield from self._stub(self.fill(block.text))

    def paragraph(
        self, text: str, *, indent: bool = True, bold: bool = False, size: float = 0.0
    ) -> Iterator[Fragment]:
        """Yield the lines of running text, set to both edges; first and last two lines are kept together."""
        size = size or self._sizes.body
        weight = Weight.BOLD if bold else Weight.BODY
        lines = self._break("\u3000\u3000" + text if indent else text, self._width, weight, size)
        height = size * self._sizes.leading
        for number, line in enumerate(lines):
            last = number == len(lines) - 1
            ink = self._line(0, height * 0.72, line, weight, size, 0.0 if last else self._width)
            keep = not last and (number == 0 or number == len(lines) - 2)
            yield Fragment(height, (ink,), keep)

    def _heading(self, text: str) -> Iterator[Fragment]:
        size = self._sizes.body
        yield Fragment(_GAP, (), keep=True)
        for line in self._break(text, self._width, Weight.BOLD, size):
            yield Fragment(size * 1.6, (self._line(0, size * 1.15, line, Weight.BOLD, size),), keep=True)

    def _grid(self, block: Grid) -> Iterator[Fragment]:
        rows = (*self._common.grid, *block.rows) if block.common else block.rows
        filled = [[self.optional(text) for text in row] for row in rows]
        yield Fragment(_GAP, (), keep=True)
        printed = [row for row in filled if any(value.strip() for value in row[1::2])]
        for number, row in enumerate(printed):
            half = (self._width - len(row) // 2 * _LABEL_WIDTH) / (len(row) // 2)
            widths = [_LABEL_WIDTH, half] * (len(row) // 2)
            cells = [
                self._cell(text, widths[i], Weight.BODY if i % 2 else Weight.BOLD)
                for i, text in enumerate(row)
            ]
            yield from self._row(cells, widths, None, keep=number < len(printed) - 1)
        yield Fragment(_GAP, ())

    def _materials(self, block: Materials) -> Iterator[Fragment]:
        total = sum(column.width for column in block.columns)
        widths = [column.width / total * self._width for column in block.columns]
        titles = [
            self._cell(c.title, w, Weight.BOLD, centre=True)
            for c, w in zip(block.columns, widths, strict=True)
        ]
        header = next(self._row(titles, widths, None, keep=True))
        yield Fragment(_GAP, (), keep=True)
        yield header
        for number, line in enumerate(self._facts.materials, 1):
            blanks = row_blanks(number, line)
            cells = [
                self._material_cell(column, width, blanks, line)
                for column, width in zip(block.columns, widths, strict=True)
            ]
            yield from self._row(cells, widths, header, keep=number == len(self._facts.materials) - 1)
        yield Fragment(_GAP, ())

    def _material_cell(
        self, column: Column, width: float, blanks: dict[str, str], line: MaterialLine
    ) -> Cell:
        if column.barcode:
            return Cell([], barcode=tick_code(self._facts.item_key, line.key))
        return self._cell(column.value.format_map(blanks), width, centre=column.centre)

    def _cell(self, text: str, width: float, weight: Weight = Weight.BODY, *, centre: bool = False) -> Cell:
        return Cell(self._break(text, width - 2 * _PAD, weight, self._sizes.table), weight, centre)

    def _row(
        self, cells: Sequence[Cell], widths: Sequence[float], header: Fragment | None, *, keep: bool = False
    ) -> Iterator[Fragment]:
        """Yield a ruled row, in several pieces when it has more lines than fit on a page."""
        most = max(len(cell.lines) for cell in cells)
        for start in range(0, max(most, 1), _ROW_LINES):
            part = [cell._replace(lines=cell.lines[start : start + _ROW_LINES]) for cell in cells]
            yield self._piece(part, widths, header, keep=keep and start + _ROW_LINES >= most)

    def _piece(
        self, cells: Sequence[Cell], widths: Sequence[float], header: Fragment | None, *, keep: bool
    ) -> Fragment:
        leading = self._sizes.table * 1.35
        height = max(len(cell.lines) for cell in cells) * leading + 2 * _PAD_DOWN
        if any(cell.barcode for cell in cells):
            height = max(height, _BARCODE_ROW)
        ink: list[Ink] = [
            Line(0, 0, self._width, 0),
            Line(0, height, self._width, height),
            Line(0, 0, 0, height),
        ]
        x = 0.0
        for cell, width in zip(cells, widths, strict=True):
            ink.extend(self._cell_ink(cell, x, width, height, leading))
            x += width
            ink.append(Line(x, 0, x, height))
        return Fragment(height, tuple(ink), keep, header)

    def _cell_ink(self, cell: Cell, x: float, width: float, height: float, leading: float) -> Iterator[Ink]:
        if cell.barcode:
            yield from self._tick(cell.barcode, x, width, height)
            return
        size = self._sizes.table
        y = (height - len(cell.lines) * leading) / 2 + leading * 0.74
        for line in cell.lines:
            inset = _PAD
            if cell.centre:
                inset = (width - self._shelf.width(line, cell.weight, size)) / 2
            yield self._line(x + inset, y, line, cell.weight, size)
            y += leading

    def _tick(self, code: str, x: float, width: float, height: float) -> Iterator[Ink]:
        modules = codes.bars(code)
        left = x + (width - modules.width * codes.BAR_MODULE) / 2
        small = self._sizes.small - 1
        yield Symbol(left, 5, modules, codes.BAR_MODULE, height - 18)
        shown = (width - self._shelf.width(code, Weight.BODY, small)) / 2
        yield self._line(x + shown, height - 4, code, Weight.BODY, small)

    def _signature(self, block: Signature) -> Fragment:
        """Return the block with the seal's place over authority and date, the date four characters in."""
        size, small = self._sizes.body, self._sizes.small
        day = self.fill("{issued_on}")
        names = self._break(self.fill("{authority}"), self._width * 0.55, Weight.BODY, size)
        widest = max(self._shelf.width(name, Weight.BODY, size) for name in names)
        middle = min(
            self._width - 4 * size - self._shelf.width(day, Weight.BODY, size) / 2, self._width - widest / 2
        )
        more = (len(names) - 1) * size * 1.3
        ink: list[Ink] = [self._demo_seal(middle, more + 47)] if self._facts.training else []
        for number, name in enumerate(names):
            ink.append(self._centred(middle, 38 + number * size * 1.3, name, size))
        ink.append(self._centred(middle, more + 62, day, size))
        ink.append(self._centred(middle, more + 94, f"（{self.fill(block.seal)}）", small))
        for number, signer in enumerate(block.signers):
            y = 30 + number * 34
            ink.append(self._line(0, y, f"{self.fill(signer)}：", Weight.BODY, small + 1))
            ink.append(Line(0, y + 18, 150, y + 18))
        return Fragment(max(_SIGNATURE_HEIGHT + more, 34.0 * len(block.signers) + 24), tuple(ink))

    def _centred(self, middle: float, y: float, text: str, size: float) -> Text:
        return self._line(middle - self._shelf.width(text, Weight.BODY, size) / 2, y, text, Weight.BODY, size)

    def _demo_seal(self, x: float, y: float) -> DemoSeal:
        words = self._common.words
        lines = [(words.training, 30.0, 6.0), (words.training_note, 9.0, 26.0)]
        texts = [
            self._line(-self._shelf.width(text, Weight.BOLD, size) / 2, down, text, Weight.BOLD, size)
            for text, size, down in lines
        ]
        return DemoSeal(x, y, texts)

    def _stub(self, text: str) -> Iterator[Fragment]:
        yield Fragment(14.0, (Line(0, 8, self._width, 8, dashed=True),), keep=True)
        yield from self.paragraph(text, indent=False)

    def _break(self, text: str, width: float, weight: Weight, size: float) -> list[str]:
        return break_lines(text, width, lambda part: self._shelf.width(part, weight, size))

    def _line(self, x: float, y: float, text: str, weight: Weight, size: float, justify: float = 0.0) -> Text:
        """Return a line; with ``justify``, spread to that width when it nearly fills it."""
        spacing = 0.0
        if justify and len(text) > 1:
            spare = (justify - self._shelf.width(text, weight, size)) / (len(text) - 1)
            spacing = spare if 0 < spare <= size * _MAX_STRETCH else 0.0
        return Text(x, y, size, self._shelf.runs(text, weight), spacing)


class _Filled(dict[str, str]):
    """Blanks of which none may be empty."""

    def __init__(self, blanks: Mapping[str, str], facts: PaperFacts) -> None:
        super().__init__(blanks)
        self._facts = facts

    def __getitem__(self, name: str) -> str:
        value = super().get(name, "")
        if not value:
            raise Refused("documents.blank-missing", name, kind=self._facts.kind.value, blank=name)
        return value
