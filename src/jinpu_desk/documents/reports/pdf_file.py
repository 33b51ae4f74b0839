"""A report on A4: upright, or lying where a table is wide; heads repeated, pages numbered, in our faces.

The same report gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from jinpu_desk.app.reports.model import FIGURE_COLUMNS, Column, Kind, Report, Table
from jinpu_desk.app.reports.model import Line as Cells
from jinpu_desk.app.reports.wording import EMPTY, left_out, made, privacy, shown, to_the_right
from jinpu_desk.documents.breaking import break_lines
from jinpu_desk.documents.flow import Placed, flow
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Fragment, Ink, Line, Text
from jinpu_desk.documents.pen import Pen

from .charts import Box, ChartSetter

A4: Final = (595.28, 841.89)
_MARGIN: Final = 38.0
_FOOT: Final = 22.0
_BODY: Final = 8.5
_LEAD: Final = 12.0
_PAD: Final = 3.5
_WIDE: Final = 8.5
"""Column shares from which a table lies on its side."""
_ABREAST: Final = 3
_HEAD_BACK: Final = "0.93 0.945 0.96"
_TOTAL_BACK: Final = "0.96 0.97 0.98"


def to_pdf(report: Report, shelf: FontShelf) -> bytes:
    """Return the file."""
    shelf.face("jinpu-body")
    widest = max((sum(column.width for column in table.columns) for table in report.tables), default=0)
    width, height = A4[::-1] if widest > _WIDE else A4
    out = io.BytesIO()
    canvas = Canvas(
        out,
        pagesize=(width, height),
        invariant=1,
        pageCompression=1,
        initialFontName="jinpu-body",
        pdfVersion=(1, 7),
        lang="zh-CN",
    )
    canvas.setTitle(f"{report.title} {report.period or ''}".strip())
    canvas.setCreator("Jinpu Desk")
    setter = _Setter(shelf, width - 2 * _MARGIN)
    pages = flow(setter.fragments(report), height - 2 * _MARGIN - _FOOT)
    pen = Pen(canvas, shelf)
    for number, page in enumerate(pages, start=1):
        _draw(pen, page, height)
        setter.foot(report, number, len(pages)).draw(pen, _MARGIN, _MARGIN + _FOOT - 8)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(pen: Pen, page: list[Placed], height: float) -> None:
    pen.push("0.4 w 0.76 0.80 0.85 RG")
    for fragment, y in page:
        for ink in fragment.ink:
            ink.draw(pen, _MARGIN, height - _MARGIN - y)
    pen.pop()


class _Foot:
    """Who made it, when, and which page this is."""

    def __init__(self, parts: tuple[Text, ...]) -> None:
        self._parts = parts

    def draw(self, pen: Pen, left: float, top: float) -> None:
        for part in self._parts:
            part.draw(pen, left, top)


class _Setter:
    """Sets the parts of a report into a column ``width`` points wide."""

    def __init__(self, shelf: FontShelf, width: float) -> None:
        self._shelf = shelf
        self._width = width
        self._charts = ChartSetter(shelf, width)

    def fragments(self, report: Report) -> Iterator[Fragment]:
        """Yield the report from top to bottom."""
        yield self._title(report)
        for chart in report.charts:
            yield self._charts.set(chart)
        for table in report.tables:
            yield from self._table(table, alone=len(report.tables) == 1)
        yield Fragment(8, ())
        for note in report.notes:
            yield from self._note(note)

    def foot(self, report: Report, number: int, count: int) -> _Foot:
        """Return the line at the foot of a page."""
        page = f"第 {number} 页 / 共 {count} 页"
        at = self._width - self._wide(page, 8)
        return _Foot(
            (
                self._text(" · ".join(filter(None, (made(report), privacy(report)))), 0, 8, 8),
                self._text(page, at, 8, 8),
            )
        )

    def _title(self, report: Report) -> Fragment:
        period = f"统计日期 {report.period}" if report.period else ""
        return Fragment(
            50,
            (
                self._text(report.title, 0, 18, 18, Weight.BOLD),
                self._text(" · ".join(filter(None, (period, report.place))), 0, 36, 9.5),
                Line(0, 43, self._width, 43),
            ),
        )

    def _note(self, note: str) -> Iterator[Fragment]:
        lines = break_lines(note, self._width - 10, lambda text: self._wide(text, _BODY))
        for n, line in enumerate(lines):
            bullet = "· " if n == 0 else "  "
            yield Fragment(_LEAD, (self._text(f"{bullet}{line}", 0, _LEAD - 2, _BODY),))

    def _table(self, table: Table, *, alone: bool) -> Iterator[Fragment]:
        yield Fragment(10, ())
        if not alone:
            yield Fragment(20, (self._text(table.title, 0, 13, 11, Weight.BOLD),), keep=True)
        if table.columns == FIGURE_COLUMNS:
            yield from self._figures(table)
            return
        widths = self._widths(table)
        labels = tuple(column.label for column in table.columns)
        head = self._row(table.columns, widths, labels, Weight.BOLD, _HEAD_BACK)
        yield head._replace(keep=True)
        if not table.rows:
            yield Fragment(20, (self._text(EMPTY["zh"], 4, 14, 9),))
            return
        for cells in table.rows:
            yield self._row(table.columns, widths, cells, Weight.BODY)._replace(header=head)
        if table.totals:
            total = self._row(table.columns, widths, table.totals, Weight.BOLD, _TOTAL_BACK)
            yield total._replace(header=head)
        if left_out(table):
            yield Fragment(16, (self._text(left_out(table), 4, 11, _BODY),))

    def _figures(self, table: Table) -> Iterator[Fragment]:
        """Yield named numbers, a few side by side, so that a summary stays on its page."""
        slot = self._width / _ABREAST
        for first in range(0, len(table.rows), _ABREAST):
            ink: list[Ink] = [Line(0, _LEAD + 6, self._width, _LEAD + 6)]
            for at, (label, value) in enumerate(table.rows[first : first + _ABREAST]):
                words, left = shown(value), at * slot
                end = left + slot - 14 - self._shelf.width(words, Weight.BOLD, 9.5)
                ink += [
                    self._text(str(label), left + _PAD, _LEAD + 1, _BODY),
                    self._text(words, end, _LEAD + 1, 9.5, Weight.BOLD),
                ]
            yield Fragment(_LEAD + 6, tuple(ink))

    def _widths(self, table: Table) -> list[float]:
        """Share the page out by the columns' widths, but give no number less than it needs."""
        needs = [self._need(table, at, column) for at, column in enumerate(table.columns)]
        total = sum(column.width for column in table.columns)
        shares = [self._width * column.width / total for column in table.columns]
        widths = [max(need, share) for need, share in zip(needs, shares, strict=True)]
        over = sum(widths) - self._width
        spare = sum(width - need for width, need in zip(widths, needs, strict=True))
        if over > 0 and spare > 0:
            cut = min(over / spare, 1.0)
            widths = [width - (width - need) * cut for width, need in zip(widths, needs, strict=True)]
        scale = self._width / sum(widths)
        return [width * scale for width in widths]

    def _need(self, table: Table, at: int, column: Column) -> float:
        if column.kind in (Kind.TEXT, Kind.ANY):
            return 36.0
        values = (*(row[at] for row in table.rows[:200]), *((table.totals[at],) if table.totals else ()))
        return max((self._wide(shown(value), _BODY) for value in values), default=20.0) + 2 * _PAD + 2

    def _row(
        self,
        columns: tuple[Column, ...],
        widths: list[float],
        cells: Cells,
        weight: Weight,
        back: str = "",
    ) -> Fragment:
        broken = [
            break_lines(shown(value), width - 2 * _PAD, lambda text: self._shelf.width(text, weight, _BODY))
            for value, width in zip(cells, widths, strict=True)
        ]
        height = max(len(lines) for lines in broken) * _LEAD + 5
        ink: list[Ink] = [Box(0, 0, self._width, height, back)] if back else []
        left = 0.0
        for column, value, lines, width in zip(columns, cells, broken, widths, strict=True):
            right = to_the_right(column.kind, value)
            ink += self._cell(lines, left, width, weight, right=right)
            left += width
        ink.append(Line(0, height, self._width, height))
        return Fragment(height, tuple(ink))

    def _cell(
        self, lines: list[str], left: float, width: float, weight: Weight, *, right: bool
    ) -> Iterator[Ink]:
        for n, line in enumerate(lines):
            x = left + _PAD
            if right:
                x = left + width - _PAD - self._shelf.width(line, weight, _BODY)
            yield self._text(line, x, (n + 1) * _LEAD, _BODY, weight)

    def _text(self, words: str, x: float, y: float, size: float, weight: Weight = Weight.BODY) -> Text:
        return Text(x, y, size, self._shelf.runs(words, weight))

    def _wide(self, words: str, size: float) -> float:
        return self._shelf.width(words, Weight.BODY, size)
