"""What a report is counted from, and what a counting function gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.instants import local
from jinpu_desk.domain.mask import mask_name

from ..ports import CaseQuery, CaseReader, Lease, StoredEvent, StoreStatus
from ..ports.audit import AuditEntry
from ..rows import CaseRow
from .model import Chart, Period, Table

HALL = "00"
LONGEST_LIST = 5000
"""Most lines of a ledger; its counts are of all of them."""
FAR_BACK = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class ReportSource:
    """One moment of a desk: cases through ``reader``, names, terms and the time. ``now`` is local and aware."""

    reader: CaseReader
    catalogue: Catalogue
    calendar: WorkCalendar
    stations: Mapping[str, str]
    clerks: Mapping[str, str]
    leases: tuple[Lease, ...]
    status: StoreStatus
    day: Callable[[date], dict[str, Any]]  # ``DeskStore.tally``
    station: str
    window: str
    author: str
    now: datetime
    masked: bool = True
    set_aside: tuple[StoredEvent, ...] = ()  # what the centre parked or refused and nobody settled
    audit: Callable[[datetime, datetime], tuple[AuditEntry, ...]] = lambda _start, _end: ()

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.date()

    def item_name(self, key: str) -> str:
        """Return what an item or package is called, its key when the catalogue no longer has it."""
        found = self.catalogue.items.get(key) or self.catalogue.packages.get(key)
        return (found.short_name or found.name) if found else key

    def station_name(self, code: str) -> str:
        """Return a station's name."""
        return self.stations.get(code, code)

    def clerk_name(self, login: str) -> str:
        """Return a person's name, the login where it is not known here."""
        return self.clerks.get(login, login)

    def seal_name(self, key: str) -> str:
        """Return a seal's name, its key where the catalogue no longer has it."""
        seal = self.catalogue.seals.get(key)
        return seal.name if seal is not None else key

    def applicant(self, row: CaseRow) -> str:
        """Return who applied; people are masked unless the report may show them."""
        organisation = row.identity_type == "001"
        return row.applicant_name if organisation or not self.masked else mask_name(row.applicant_name)

    def person(self, name: str) -> str:
        """Return a person's name, masked unless the report may show it."""
        return mask_name(name) if self.masked else name

    def material_name(self, case: Case, key: str) -> str:
        """Return what a material of the case is called, its key when the catalogue no longer has it."""
        keys = [case.item] if case.item in self.catalogue.items else list(self._branch_items(case.item))
        for item in keys:
            for material in self.catalogue.items[item].materials:
                if key in (material.key, material.code):
                    return material.name
        return key

    def _branch_items(self, package: str) -> list[str]:
        found = self.catalogue.packages.get(package)
        named = [[branch.item, *branch.items.values()] for branch in found.branches] if found else []
        return [key for keys in named for key in keys if key in self.catalogue.items]

    def local_day(self, millis: int) -> date:
        """Return the local day of an instant in UTC ms."""
        return self.local(millis).date()

    def local(self, millis: int) -> datetime:
        """Return an instant in UTC ms by the clock on the wall."""
        return local(millis)

    def workdays(self, start: date, end: date) -> int:
        """Count working days after ``start`` up to ``end``; 0 when ``end`` is not later."""
        return max(self.calendar.workdays_between(start, end), 0)


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a report's function counts; title, period and place are added around it."""

    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    plain: dict[str, Any] | None = None


Builder = Callable[[ReportSource, Period], Content]


def arrived(period: Period, **more: Any) -> CaseQuery:
    """Return the question for the cases that got their number within the period."""
    return CaseQuery(arrived_from=period.first, arrived_to=period.last, **more)


def decided(period: Period, **more: Any) -> CaseQuery:
    """Return the question for the cases decided within the period."""
    return CaseQuery(decided_from=period.first, decided_to=period.last, **more)


def each_day(period: Period) -> list[date]:
    """Return the days of the period in order."""
    return [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
