"""Which days are working days: State Council years as data, and an honest guess beyond them (DOMAIN §E)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

import msgspec

from jinpu_desk.domain.errors import Refused

FIRST_YEAR = 2000
LAST_YEAR = 2069
_MAX_BYTES = 256 * 1024

_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Statutory days with a fixed solar date (全国年节及纪念日放假办法, 国务院令795号); the lunar ones wait for the notice."""


class YearStatus(StrEnum):
    """Whether a year rests on a published notice or on an expectation."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


class DayKind(StrEnum):
    """Why a day is or is not a working day."""

    WORKDAY = "workday"  # 工作日
    MAKEUP = "makeup"  # 调休上班
    WEEKEND = "weekend"  # 周末
    HOLIDAY = "holiday"  # 放假

    @property
    def works(self) -> bool:
        """True for the two kinds that count in a term."""
        return self in (DayKind.WORKDAY, DayKind.MAKEUP)


class Holiday(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """One unbroken run of days off, both ends included."""

    first: dt.date
    last: dt.date
    name: str = ""

    def days(self) -> Iterator[dt.date]:
        """Yield every day of the run."""
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield dt.date.fromordinal(ordinal)


class YearCalendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One year's days off and make-up days, with where they come from.

    A notice may also speak about the last December before its year (元旦 of 2023 began on 2022-12-31); such
    days are allowed, and win over the older year's file.
    """

    year: int
    status: YearStatus
    source: str
    document_no: str = ""  # 文号
    published: dt.date | None = None
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[dt.date, ...] = ()  # weekend days worked (调休)
    note: str = ""


def decode_year(raw: bytes) -> YearCalendar:
    """Return the year read from a calendar file, or refuse it naming the place that is wrong.

    The file is UTF-8 JSON with the fields of :class:`YearCalendar`, dates as ISO text and holidays as
    ``{"from", "to", "name"}``. Raises Refused: ``calendar.too-large``, ``calendar.not-json``, ``calendar.bad-field``,
    ``calendar.bad-year``, ``calendar.bad-range``, ``calendar.wrong-year``, ``calendar.repeated-day``,
    ``calendar.not-weekend``.
    """
    if len(raw) > _MAX_BYTES:
        raise Refused("calendar.too-large", limit=_MAX_BYTES)
    try:
        year = msgspec.json.decode(raw, type=YearCalendar)
    except msgspec.ValidationError as error:
        raise Refused("calendar.bad-field", _place(str(error)), reason=str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("calendar.not-json", reason=str(error)) from error
    _check_year(year)
    return year


def _place(message: str) -> str:
    found = re.search(r"`\$\.?(.*?)`$", message) or re.search(r"field `(.+?)`", message)
    return found.group(1) if found else ""


def _check_year(year: YearCalendar) -> None:
    if not FIRST_YEAR <= year.year <= LAST_YEAR:
        raise Refused("calendar.bad-year", "year", year=year.year, first=FIRST_YEAR, last=LAST_YEAR)
    seen: set[dt.date] = set()
    for place, day in _stated_days(year):
        if day.year != year.year and (day.year, day.month) != (year.year - 1, 12):
            raise Refused("calendar.wrong-year", place, day=day.isoformat(), year=year.year)
        if day in seen:
            raise Refused("calendar.repeated-day", place, day=day.isoformat())
        seen.add(day)
    for index, day in enumerate(year.workdays):
        if day.weekday() < 5:
            raise Refused("calendar.not-weekend", f"workdays[{index}]", day=day.isoformat())


def _stated_days(year: YearCalendar) -> Iterator[tuple[str, dt.date]]:
    for index, run in enumerate(year.holidays):
        if run.last < run.first or (run.last - run.first).days > 30:
            raise Refused(
                "calendar.bad-range", f"holidays[{index}]", first=str(run.first), last=str(run.last)
            )
        for day in run.days():
            yield f"holidays[{index}]", day
    for index, day in enumerate(year.workdays):
        yield f"workdays[{index}]", day


class WorkCalendar:
    """Answers working-day questions between 2000 and 2069 in constant or logarithmic time; never changes.

    Years not given, or given as provisional, are answered (Monday to Friday less the fixed statutory days when
    nothing is stated) but reported by :meth:`is_provisional`. Local closures do not belong here: see
    :class:`CounterCalendar`. Raises Refused ``calendar.repeated-year`` and ``calendar.out-of-range``.
    """

    def __init__(self, years: Iterable[YearCalendar] = ()) -> None:
        ordered = sorted(years, key=lambda each: each.year)
        for older, newer in pairwise(ordered):
            if older.year == newer.year:
                raise Refused("calendar.repeated-year", year=newer.year)
        self.years = MappingProxyType({each.year: each for each in ordered})
        self._stated = _states(ordered)
        self._names = {
            day.toordinal(): run.name for each in ordered for run in each.holidays for day in run.days()
        }
        self._first = dt.date(FIRST_YEAR, 1, 1).toordinal()
        self._last = dt.date(LAST_YEAR, 12, 31).toordinal()
        self._working = self._list_working()
        self.digest = hashlib.sha256(msgspec.json.encode(ordered, order="sorted")).hexdigest()

    def _list_working(self) -> list[int]:
        # Ordinal 1 is a Monday, so (n - 1) % 7 is the weekday. Exceptions are few: start from the plain week.
        working = {n for n in range(self._first, self._last + 1) if (n - 1) % 7 < 5}
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in self.years:
                working -= {dt.date(year, month, day).toordinal() for month, day in _FIXED_HOLIDAYS}
        for ordinal, kind in self._stated.items():
            (working.add if kind.works else working.discard)(ordinal)
        return sorted(working)

    def kind(self, day: dt.date) -> DayKind:
        """Return why ``day`` works or not; a day off is a holiday even when it falls on a weekend."""
        stated = self._stated.get(self._ordinal(day))
        if stated is not None:
            return stated
        if day.year not in self.years and (day.month, day.day) in _FIXED_HOLIDAYS:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY

    def holiday_name(self, day: dt.date) -> str:
        """Return the holiday's name, for example 国庆节, or an empty string."""
        return self._names.get(day.toordinal(), "")

    def is_workday(self, day: dt.date) -> bool:
        """True when ``day`` counts in a working-day term."""
        return self.kind(day).works

    def is_imported(self, year: int) -> bool:
        """True when a file for ``year`` was given, official or not."""
        return year in self.years

    def is_provisional(self, day: dt.date) -> bool:
        """True when no official notice for the year of ``day`` has been imported."""
        return self.is_provisional_year(day.year)

    def is_provisional_year(self, year: int) -> bool:
        """True when ``year`` is not imported or not official."""
        known = self.years.get(year)
        return known is None or known.status is not YearStatus.OFFICIAL

    def next_workday(self, day: dt.date) -> dt.date:
        """Return the first working day strictly after ``day``."""
        return self.workday_at(self.position(day))

    def on_or_after(self, day: dt.date) -> dt.date:
        """Return ``day`` when it works, else the next working day."""
        return self.workday_at(bisect_left(self._working, self._ordinal(day)))

    def workdays_between(self, start: dt.date, end: dt.date) -> int:
        """Count working days in (start, end]; negative of (end, start] when ``end`` is earlier."""
        return self.position(end) - self.position(start)

    def position(self, day: dt.date) -> int:
        """Return how many working days lie up to and including ``day``, from an arbitrary but fixed origin."""
        return bisect_right(self._working, self._ordinal(day))

    def workday_at(self, position: int) -> dt.date:
        """Return the working day that follows ``position`` others: ``workday_at(position(d))`` is the next one."""
        if not 0 <= position < len(self._working):
            raise Refused("calendar.out-of-range", first=FIRST_YEAR, last=LAST_YEAR)
        return dt.date.fromordinal(self._working[position])

    def _ordinal(self, day: dt.date) -> int:
        ordinal = day.toordinal()
        if not self._first <= ordinal <= self._last:
            raise Refused("calendar.out-of-range", first=FIRST_YEAR, last=LAST_YEAR)
        return ordinal


def _states(ordered: Iterable[YearCalendar]) -> dict[int, DayKind]:
    stated: dict[int, DayKind] = {}
    for year in ordered:
        for run in year.holidays:
            stated.update((day.toordinal(), DayKind.HOLIDAY) for day in run.days())
        stated.update((day.toordinal(), DayKind.MAKEUP) for day in year.workdays)
    return stated


class CounterCalendar(msgspec.Struct, frozen=True):
    """When the counter is open: a local matter that never makes or unmakes a working day (DOMAIN §E)."""

    closed: frozenset[dt.date] = frozenset()  # 台风停工, 大厅临时闭厅
    opened: frozenset[dt.date] = frozenset()  # 延时服务, for example Saturdays

    def is_open(self, day: dt.date, calendar: WorkCalendar) -> bool:
        """True when people are served on ``day``; a closure wins over an extra opening."""
        return day not in self.closed and (day in self.opened or calendar.is_workday(day))
