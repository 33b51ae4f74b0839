"""A ``CaseRow`` as columns and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from jinpu_desk.app.intake.places import address_key, place_of
from jinpu_desk.app.reports.marks import arrived_on, marks_of, saved, served_on
from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.case import Case, Status

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
    "warn_on",
)
_TERMS = ("decide_by", "due", "supplement_by", "correct_by")
_PLAIN = tuple(
    f for f in CaseRow.__struct_fields__ if f not in (*_DATES, "flags", "package", "due_provisional")
)
_plain, _dates = attrgetter(*_PLAIN), attrgetter(*_DATES)


def to_columns(n: int, case: Case, row: CaseRow) -> dict[str, Any]:
    """Return the columns of ``cases`` for a row under the key ``n``."""
    columns: dict[str, Any] = dict(zip(_PLAIN, _plain(row), strict=True))
    for name, day in zip(_DATES, _dates(row), strict=True):
        columns[name] = None if day is None else day.isoformat()
    columns["n"] = n
    columns["status"] = int(row.status)
    columns["deliver_state"] = str(row.deliver_state)
    columns["package"] = int(row.package)
    columns["due_provisional"] = int(row.due_provisional)
    columns["flags"] = joined(row.flags)
    columns["open"] = int(case.open)
    columns["next_term"] = min((columns[name] for name in _TERMS if columns[name]), default=NO_TERM)
    columns["decided_on"] = _text(case.decision.decided_on) if case.decision else None
    columns["arrived_on"] = arrived_on(case).isoformat()
    columns["marks"] = joined(marks_of(case))
    columns["visits"] = len(case.visits)
    columns["materials"] = len(case.materials)
    columns["shared"], columns["reused"] = saved(case)
    columns["served_on"] = _text(served_on(case))
    columns["address"] = address_key(case.form.get("address"))
    columns["place"] = place_of(case.form)
    columns["standing"] = int(standing(case))
    return columns


def standing(case: Case) -> bool:
    """Tell whether a case is under way or was granted, so that it takes up its place."""
    if case.status is Status.CLOSED:
        return case.decision is None or case.decision.approved
    return case.status in {Status.RECEIVED, Status.CORRECTING, Status.ACCEPTED, Status.APPROVED}


def from_columns(columns: Mapping[Any, Any]) -> CaseRow:
    """Return the row that columns of ``cases`` hold."""
    values = {name: columns[name] for name in _PLAIN}
    for name in _DATES:
        values[name] = date.fromisoformat(columns[name]) if columns[name] else None
    values["package"] = bool(columns["package"])
    values["due_provisional"] = bool(columns["due_provisional"])
    values["flags"] = parted(columns["flags"])
    return CaseRow(**values)


def joined(words: tuple[str, ...]) -> str:
    """Return words as a column keeps them, so that each can be looked for with its bars: '|tolerated|agent|'."""
    return f"|{'|'.join(words)}|" if words else ""


def parted(text: str) -> tuple[str, ...]:
    """Return the words ``joined`` put together."""
    return tuple(text.strip("|").split("|")) if text else ()


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
