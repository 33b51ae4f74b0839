"""A ``CaseRow`` as columns and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.case import Case

NO_TERM = "9999-12-31"
_DATES = (
    "received_on",
    "accepted_on",
    "decide_by",
    "due",
    "legal_due",
    "supplement_by",
    "correct_by",
    "closed_on",
)
_TERMS = ("decide_by", "due", "supplement_by", "correct_by")
_PLAIN = tuple(
    f for f in CaseRow.__struct_fields__ if f not in (*_DATES, "flags", "package", "due_provisional")
)


def to_columns(n: int, case: Case, row: CaseRow) -> dict[str, Any]:
    """Return the columns of ``cases`` for a row under the key ``n``."""
    columns: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    for name in _DATES:
        columns[name] = _text(getattr(row, name))
    columns["n"] = n
    columns["status"] = int(row.status)
    columns["deliver_state"] = str(row.deliver_state)
    columns["package"] = int(row.package)
    columns["due_provisional"] = int(row.due_provisional)
    columns["flags"] = f"|{'|'.join(row.flags)}|" if row.flags else ""
    columns["open"] = int(case.open)
    columns["next_term"] = min((columns[name] for name in _TERMS if columns[name]), default=NO_TERM)
    columns["decided_on"] = _text(case.decision.decided_on) if case.decision else None
    return columns


def from_columns(columns: Mapping[Any, Any]) -> CaseRow:
    """Return the row that columns of ``cases`` hold."""
    values = {name: columns[name] for name in _PLAIN}
    for name in _DATES:
        values[name] = date.fromisoformat(columns[name]) if columns[name] else None
    values["package"] = bool(columns["package"])
    values["due_provisional"] = bool(columns["due_provisional"])
    values["flags"] = tuple(columns["flags"].strip("|").split("|")) if columns["flags"] else ()
    return CaseRow(**values)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
