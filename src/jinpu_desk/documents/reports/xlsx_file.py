"""A report as a workbook: a sheet for each table with typed cells, and native charts on a sheet of their own."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from typing import Any

import xlsxwriter

from jinpu_desk.app.reports.model import Chart, Column, Kind, Ratio, Report, Table, Value
from jinpu_desk.app.reports.wording import EMPTY, left_out, made, privacy

from .colours import hex_of

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_WIDTH = 11
_KINDS = {"bar": "bar", "column": "column", "line": "line", "share": "pie"}


def to_xlsx(report: Report) -> bytes:
    """Return the file; equal reports give equal bytes, because no time but the report's own is in it."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties(
        {
            "title": report.title,
            "subject": str(report.period or ""),
            "author": report.author,
            "created": report.generated_at.replace(tzinfo=None),
        }
    )
    writer = _Writer(book, report)
    for table in report.tables:
        writer.table(table)
    if report.charts:
        writer.charts(report.charts)
    book.close()
    return out.getvalue()


class _Writer:
    """One workbook being made."""

    def __init__(self, book: Any, report: Report) -> None:
        self._book = book
        self._report = report
        self._names: set[str] = set()
        plain = {"font_name": "等线", "font_size": 11}
        self._title = book.add_format(plain | {"bold": True, "font_size": 16})
        self._small = book.add_format(plain | {"font_color": "#5f6d80"})
        self._head = book.add_format(
            plain
            | {"bold": True, "bg_color": "#eef1f5", "border": 1, "border_color": "#c3ccd8", "text_wrap": True}
        )
        self._formats = {
            (kind, total): book.add_format(
                plain | shape | {"border": 1, "border_color": "#e1e6ed"} | ({"bold": True} if total else {})
            )
            for kind, shape in _SHAPES.items()
            for total in (False, True)
        }

    def table(self, table: Table) -> None:
        """Write a table under three lines that say what it is."""
        sheet = self._book.add_worksheet(self._name(table.title))
        sheet.write_string(0, 0, f"{self._report.title} · {table.title}", self._title)
        sheet.write_string(1, 0, f"{self._report.period or ''}  {made(self._report)}".strip(), self._small)
        sheet.write_string(2, 0, privacy(self._report), self._small)
        top, left = 4, 0
        for column in table.columns:
            left = self._head_cells(sheet, top, left, column)
        for n, line in enumerate(table.rows, start=top + 1):
            self._line(sheet, n, table, line, total=False)
        last = top + len(table.rows)
        if table.rows:
            sheet.autofilter(top, 0, last, left - 1)
        else:
            sheet.write_string(top + 1, 0, EMPTY["zh"], self._small)
            last += 1
        if table.totals:
            last += 1
            self._line(sheet, last, table, table.totals, total=True)
        sheet.freeze_panes(top + 1, 0)
        self._foot(sheet, last + 2, table)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        sheet.set_footer("&C&P / &N")

    def _foot(self, sheet: Any, row: int, table: Table) -> None:
        said = [left_out(table), *self._report.notes]
        for n, note in enumerate(filter(None, said)):
            sheet.write_string(row + n, 0, note, self._small)

    def _head_cells(self, sheet: Any, row: int, left: int, column: Column) -> int:
        """Write the head of a column; a ratio takes three. Return the next free place."""
        sheet.write_string(row, left, column.label, self._head)
        sheet.set_column(left, left, max(_WIDTH * column.width, len(column.label) * 2 + 2))
        if column.kind is not Kind.RATIO:
            return left + 1
        sheet.write_string(row, left + 1, f"{column.label}·分子", self._head)
        sheet.write_string(row, left + 2, f"{column.label}·分母", self._head)
        return left + 3

    def _line(self, sheet: Any, row: int, table: Table, line: tuple[Value, ...], *, total: bool) -> None:
        left = 0
        for column, value in zip(table.columns, line, strict=True):
            if column.kind is Kind.RATIO:
                self._ratio(sheet, row, left, value, total=total)
                left += 3
            else:
                self._cell(sheet, row, left, value, total=total)
                left += 1

    def _ratio(self, sheet: Any, row: int, left: int, value: Value, *, total: bool) -> None:
        ratio = value if isinstance(value, Ratio) else None
        share = ratio.value if ratio else None
        number = self._formats["integer", total]
        if ratio is None or share is None:
            sheet.write_blank(row, left, None, self._formats["ratio", total])
        else:
            sheet.write_number(row, left, share, self._formats["ratio", total])
        for n, part in enumerate((ratio.hits, ratio.of) if ratio else ()):
            sheet.write_number(row, left + 1 + n, part, number)

    def _cell(self, sheet: Any, row: int, left: int, value: Value, *, total: bool) -> None:
        if value is None:
            sheet.write_blank(row, left, None, self._formats["text", total])
        elif isinstance(value, datetime):
            sheet.write_datetime(row, left, value.replace(tzinfo=None), self._formats["time", total])
        elif isinstance(value, date):
            sheet.write_datetime(row, left, value, self._formats["date", total])
        elif isinstance(value, int):
            sheet.write_number(row, left, value, self._formats["integer", total])
        else:
            sheet.write_string(row, left, str(value), self._formats["text", total])

    def charts(self, charts: tuple[Chart, ...]) -> None:
        """Write the charts' numbers and native charts over them."""
        sheet = self._book.add_worksheet(self._name("图表"))
        name = sheet.get_name()
        top = 0
        for chart in charts:
            last = top + len(chart.labels)
            sheet.write_string(top, 0, chart.title, self._head)
            for n, label in enumerate(chart.labels, start=top + 1):
                sheet.write_string(n, 0, label, self._formats["text", False])
            drawn = self._book.add_chart({"type": _KINDS[chart.kind]})
            for at, series in enumerate(chart.series, start=1):
                sheet.write_string(top, at, series.label, self._head)
                sheet.write_column(top + 1, at, series.values, self._formats["integer", False])
                drawn.add_series(
                    {
                        "name": [name, top, at],
                        "categories": [name, top + 1, 0, last, 0],
                        "values": [name, top + 1, at, last, at],
                        **_fill(chart, at - 1),
                    }
                )
            drawn.set_title({"name": chart.title, "overlay": False})
            if chart.kind == "bar":
                drawn.set_y_axis({"reverse": True})
            if len(chart.series) == 1 and chart.kind != "share":
                drawn.set_legend({"none": True})
            sheet.insert_chart(top, len(chart.series) + 2, drawn)
            top = max(last + 2, top + 18)
        sheet.set_column(0, 0, 24)

    def _name(self, title: str) -> str:
        """Return a sheet name Excel takes: at most 31 characters, none of the forbidden ones, not there yet."""
        bare = _FORBIDDEN.sub(" ", title)[:28] or "表"
        name, n = bare, 2
        while name in self._names:
            name, n = f"{bare}{n}", n + 1
        self._names.add(name)
        return name


_SHAPES: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True, "valign": "top"},
    "integer": {"num_format": "#,##0"},
    "ratio": {"num_format": "0.00%"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "time": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}


def _fill(chart: Chart, at: int) -> dict[str, Any]:
    if chart.kind == "share":
        return {"points": [{"fill": {"color": hex_of(chart.tone(n))}} for n in range(len(chart.labels))]}
    if chart.kind == "line":
        return {"line": {"color": hex_of(chart.tone(at)), "width": 2}}
    return {"fill": {"color": hex_of(chart.tone(at))}}
