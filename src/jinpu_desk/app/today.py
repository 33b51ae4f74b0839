"""``report today``: the counts of one day at this desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from jinpu_desk.domain.case import Status

from . import labels
from .desk import Desk


def report_today(desk: Desk, day: date | None = None) -> dict[str, Any]:
    """Return the counts of ``day`` (today by default) with their Chinese names beside the keys."""
    day = day or desk.today()
    counts = desk.store.tally(day)
    status = desk.store.status()
    return {
        "report": "today",
        "date": day.isoformat(),
        "station": desk.replica.station_name,
        "window": desk.replica.window,
        "received": counts["received"],
        "decided": counts["decided"],
        "offline": counts["offline"],
        "printed": counts["printed"],
        "by_status": {
            str(code): {"label": labels.STATUS_LABELS[Status(code)], "cases": n}
            for code, n in sorted(counts["by_status"].items())
        },
        "by_item": counts["by_item"],
        "by_clerk": counts["by_clerk"],
        "by_hour": counts["received_by_hour"],
        "pending": status.pending,
    }
