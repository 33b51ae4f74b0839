"""A report as CSV that Excel opens as it is: UTF-8 with a byte order mark, CRLF, nothing that runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from jinpu_desk.app.reports.model import Kind, Line, Ratio, Report, Table, Value
from jinpu_desk.app.reports.wording import left_out, made, privacy, shown

MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONG_NUMBER = 12
"""Digits from which Excel would round a number; such text gets a tab before it, which Excel hides."""


def to_csv(report: Report) -> bytes:
    """Return the file: a few lines that say what it is, then each table under its title, parted by empty lines.

    A ratio takes three columns: the share, and what it is made of.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe(report.title), str(report.period or "")])
    writer.writerow([safe(made(report)), privacy(report)])
    for table in report.tables:
        writer.writerow([])
        writer.writerow([safe(table.title)])
        writer.writerows(_lines(table))
    writer.writerow([])
    writer.writerows([safe(note)] for note in report.notes)
    return (MARK + out.getvalue()).encode()


def _lines(table: Table) -> Iterator[list[str]]:
    heads: list[str] = []
    for column in table.columns:
        ratio = column.kind is Kind.RATIO
        heads += [column.label, f"{column.label}·分子", f"{column.label}·分母"] if ratio else [column.label]
    yield [safe(head) for head in heads]
    for line in table.rows:
        yield _cells(table, line)
    if table.totals:
        yield _cells(table, table.totals)
    if left_out(table):
        yield [left_out(table)]


def _cells(table: Table, line: Line) -> list[str]:
    cells: list[str] = []
    for column, value in zip(table.columns, line, strict=True):
        if column.kind is Kind.RATIO:
            cells += _ratio(value)
        else:
            cells.append(_cell(value))
    return cells


def _ratio(value: Value) -> list[str]:
    if not isinstance(value, Ratio):
        return ["", "", ""]
    share = value.value
    return ["" if share is None else f"{share:.4%}", str(value.hits), str(value.of)]


def _cell(value: Value) -> str:
    return str(value) if isinstance(value, int) else safe(shown(value))


def safe(text: str) -> str:
    """Return text that no spreadsheet takes for a formula or a rounded number (CWE-1236)."""
    if text.startswith(_FORMULA):
        return f"'{text}"
    return f"\t{text}" if text.isascii() and text.isdigit() and len(text) >= _LONG_NUMBER else text
