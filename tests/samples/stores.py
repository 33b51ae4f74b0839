"""Stores on real encrypted files, with a fixed key, clock and replica."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from jinpu_desk.app.ports import Replica
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.spooling import SpoolSealing

from .cases import CASE, CATALOGUE, CLERK, NOON, REPLICA

KEY = bytes(range(32))
SEALING = SpoolSealing(KEY)
PROJECTOR = CaseProjector(WorkCalendar())


class StoppedClock:
    """A clock that goes on only when told."""

    def __init__(self, at: int = NOON) -> None:
        self._now = utc(at)

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        self._now += step


def replica(**changes: Any) -> Replica:
    """Return the enrolled window of the tests."""
    fields: dict[str, Any] = {
        "id": REPLICA,
        "division": "210213",
        "station": "03",
        "station_name": "演示站",
        "series": "002",
        "window": "综合窗口07",
        "authority": "金普市监",
        "server_url": "http://127.0.0.1:1",
        "progress_url": "http://127.0.0.1:1",
        "training": True,
    }
    return Replica(**(fields | changes))


def open_store(path: Path, **changes: Any) -> SqlDeskStore:
    """Open or create a store."""
    fields: dict[str, Any] = {
        "key": KEY,
        "replica": replica(),
        "projector": PROJECTOR,
        "clock": StoppedClock(),
        "entropy": Random(7).randbytes,
    }
    fields |= changes
    return SqlDeskStore(path, fields.pop("key"), **fields)


def record(store: SqlDeskStore, *said: b.Body, case: CaseId = CASE, at: int = NOON) -> list[Event]:
    """Record bodies of one case in one transaction."""
    when = utc(at)
    with store.transaction() as work:
        return [work.record(case, body, actor=CLERK, at=when, catalogue=CATALOGUE) for body in said]
