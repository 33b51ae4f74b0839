"""A report as JSON values: numbers stay numbers, days are ISO dates, a ratio shows what it is made of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from .model import Ratio, Report, Table, Value


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON values; a report whose JSON a contract fixes gives exactly that."""
    if report.plain is not None:
        return report.plain
    return {
        "report": report.id,
        "title": report.title,
        "period": _period(report),
        "place": report.place,
        "author": report.author,
        "generated_at": report.generated_at.isoformat(timespec="seconds"),
        "masked": report.masked,
        "tables": [_table(table) for table in report.tables],
        "notes": list(report.notes),
    }


def _period(report: Report) -> dict[str, str] | None:
    if report.period is None:
        return None
    return {"from": report.period.first.isoformat(), "to": report.period.last.isoformat()}


def _table(table: Table) -> dict[str, Any]:
    keys = [column.key for column in table.columns]
    return {
        "key": table.key,
        "title": table.title,
        "columns": [{"key": c.key, "label": c.label, "kind": str(c.kind)} for c in table.columns],
        "rows": [dict(zip(keys, map(_value, row), strict=True)) for row in table.rows],
        "totals": dict(zip(keys, map(_value, table.totals), strict=True)) if table.totals else None,
        "left_out": table.left_out,
    }


def _value(value: Value) -> Any:
    if isinstance(value, Ratio):
        share = value.value
        return {"hits": value.hits, "of": value.of, "ratio": None if share is None else round(share, 6)}
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
