"""Cases as plain JSON for the command line: whole, but without what nobody asked for."""

from __future__ import annotations

from typing import Any

import msgspec

from jinpu_desk.domain.case import Case

from .desk import Desk
from .duty.handing_on import holder_of
from .rows import CaseRow
from .screens.case_view import file_counts


def row_json(row: CaseRow) -> dict[str, Any]:
    """Return a row as JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(row)
    return plain


def case_json(desk: Desk, case: Case) -> dict[str, Any]:
    """Return a case with its clocks, papers, timeline and the state of its synchronisation."""
    plain: dict[str, Any] = msgspec.to_builtins(case)
    row = desk.store.row(case.id)
    plain["flags"] = [str(flag) for flag in case.flags]
    plain["lacking"] = list(case.lacking)
    plain["holder"] = holder_of(desk, case)
    plain["on_the_way"] = case.on_the_way
    if row is not None:
        clocks = ("due", "legal_due", "decide_by", "due_provisional", "correct_by")
        plain |= {key: value for key, value in msgspec.to_builtins(row).items() if key in clocks}
    plain["attachments_pending"], plain["attachments_absent"] = file_counts(desk, case)
    plain["events"] = [
        {
            "id": stored.event.header.id,
            "type": stored.event.header.type,
            "replica": stored.event.header.replica,
            "seq": stored.event.header.seq,
            "outcome": stored.outcome,
            "reason": stored.reason,
        }
        for stored in desk.store.events_of(case.id)
    ]
    return plain
