"""A desk's book of plainly fictitious (演示) cases for reports: written event by event, on days one names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

import msgspec

from jinpu_desk.app.ports import Lease
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.app.reports.model import Period, Ratio, Table
from jinpu_desk.app.reports.registry import REPORTS
from jinpu_desk.app.reports.source import Content, ReportSource
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId
from jinpu_desk.domain.instants import CHINA
from jinpu_desk.store.desk import SqlDeskStore

from .cases import CATALOGUE, received
from .counter import CLERKS, calendar, catalogue

FIRST = date(2026, 9, 14)
LAST = date(2026, 9, 30)
MONTH = Period(date(2026, 9, 1), LAST)
STATIONS = {"00": "政务服务大厅", "03": "演示三所", "07": "演示七所"}
PROJECTOR = CaseProjector(calendar())


def noon(day: date, hour: int = 12) -> datetime:
    """Return an instant of a local day."""
    return datetime.combine(day, time(hour), CHINA).astimezone(UTC)


class Book:
    """Writes cases into a store. Each has a number and an id of its own."""

    def __init__(self, store: SqlDeskStore) -> None:
        self.store = store
        self._numbers = count(1)
        self.leases: tuple[Lease, ...] = ()

    def open(self, day: date = FIRST, *, clerk: str = "clerk", **changes: Any) -> CaseId:
        """Take a case in and return its id."""
        n = next(self._numbers)
        case = CaseId(f"01900000-0000-7000-8000-{n:012x}")
        fields: dict[str, Any] = {"case_no": CaseNo(f"2102130300220260914{n:05}"), "received_on": day}
        self.write(case, received(**(fields | {"window": "综合窗口01"} | changes)), day=day, clerk=clerk)
        return case

    def write(self, case: CaseId, *said: b.Body, day: date = FIRST, clerk: str = "clerk") -> CaseId:
        """Record events of a case at noon of a day."""
        with self.store.transaction() as work:
            for body in said:
                work.record(case, body, actor=ClerkId(clerk), at=noon(day), catalogue=CATALOGUE)
        return case

    @contextmanager
    def source(
        self, today: date = LAST, held: Catalogue | None = None, **changes: Any
    ) -> Iterator[ReportSource]:
        """Lend what reports are counted from."""
        fields: dict[str, Any] = {
            "catalogue": held or catalogue(),
            "calendar": calendar(),
            "stations": STATIONS,
            "clerks": CLERKS,
            "leases": self.leases,
            "status": self.store.status(),
            "day": self.store.tally,
            "station": "演示三所",
            "window": "综合窗口01",
            "author": "演示主管",
            "now": datetime.combine(today, time(17), CHINA),
        }
        with self.store.reading() as reader:
            yield ReportSource(reader=reader, **(fields | changes))

    def count(self, name: str, period: Period = MONTH, today: date = LAST, **changes: Any) -> Content:
        """Return what a report counts."""
        with self.source(today, **changes) as source:
            return REPORTS[name].build(source, period)


def table_of(content: Content, key: str) -> Table:
    """Return a table by its key."""
    return next(table for table in content.tables if table.key == key)


def lines(content: Content, key: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table (the first by default) as dictionaries, ratios as (hits, of)."""
    table = content.tables[0] if key is None else table_of(content, key)
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, map(_bare, row), strict=True)) for row in table.rows]


def totals(content: Content, key: str | None = None) -> dict[str, Any]:
    """Return the totals of a table."""
    table = content.tables[0] if key is None else table_of(content, key)
    assert table.totals is not None
    return dict(zip([column.key for column in table.columns], map(_bare, table.totals), strict=True))


def figures(content: Content, key: str) -> dict[str, Any]:
    """Return a table of named numbers as a dictionary."""
    return {str(label): _bare(value) for label, value in table_of(content, key).rows}


def _bare(value: Any) -> Any:
    return (value.hits, value.of) if isinstance(value, Ratio) else value


def with_item(key: str, **changes: Any) -> Catalogue:
    """Return the demo catalogue with an item changed."""
    held = catalogue()
    item = msgspec.structs.replace(held.items[key], **changes)
    return msgspec.structs.replace(held, items=held.items | {key: item})
