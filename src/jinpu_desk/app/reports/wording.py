"""Cells and headings as people read them, the same on screen, in print and in files."""

from __future__ import annotations

from datetime import date, datetime

from .model import Kind, Ratio, Report, Table, Value

EMPTY = {"zh": "所选日期内没有数据。", "en": "No data in these days."}


def shown(value: Value) -> str:
    """Return a cell as text; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)


def to_the_right(kind: Kind, value: Value) -> bool:
    """Tell whether a cell is a number, which stands at the right."""
    return kind in (Kind.INTEGER, Kind.RATIO, Kind.ANY) or isinstance(value, int | Ratio)


def made(report: Report) -> str:
    """Return who made the report, where and when."""
    parts = (report.place, report.author, f"{report.generated_at:%Y-%m-%d %H:%M} 生成")
    return " · ".join(filter(None, parts))


def left_out(table: Table) -> str:
    """Return what a long list says below its last line; nothing when it is whole."""
    if not table.left_out:
        return ""
    return (
        f"另有 {table.left_out} 行未列出，合计已包含。"
        if table.totals
        else f"另有 {table.left_out} 行未列出。"
    )


def privacy(report: Report) -> str:
    """Return whether people are masked; nothing for a report that lists nobody."""
    if not report.personal:
        return ""
    return "个人信息已遮盖。" if report.masked else "含完整个人信息，请妥善保管，用后销毁。"
