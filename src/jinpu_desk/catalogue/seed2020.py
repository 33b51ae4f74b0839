"""The synthetic catalogue behind the 2020 reform report's figures (DOMAIN §A): every row is 演示数据.

The report names no item, so nothing here is a real one. Figures stand only in ``Parameters``; a report on the fixture
counts rows. No chance is involved: the same rows come out every time, on every machine.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import msgspec

from jinpu_desk.domain.bodies import DocFamily

from .model import Branch, Item, Material, Package

PUBLIC_SERVICE = "20"
"""事项类型 of public services; every other kind is by application (依申请)."""
EntityType = Literal["sole-prop", "llc-one-person"]


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the report that the rows are made to; days are working days."""

    by_application: int = 1018
    public_service: int = 96
    legal_days: int = 24234
    promised_days: int = 6671
    many_visits: int = 8
    not_entered: int = 44  # of those by application
    tolerant: int = 249  # of those by application
    packages: int = 100
    city_licences: int = 61
    own_licences: int = 62
    station_cases: int = 374
    stations: int = 12
    incubators: int = 31


class LicenceType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of electronic licence the desk can look up: authorised by the city, or recorded by the district."""

    key: str
    name: str
    origin: Literal["city", "own"]


class StationCase(msgspec.Struct, frozen=True, kw_only=True):
    """A registration taken in at a station for the whole district (全域通办)."""

    station: str
    item: str
    entity_type: EntityType
    received_on: date


class SeedFixture(msgspec.Struct, frozen=True, kw_only=True):
    """Rows enough to compute every figure of the report. Public services stand after the items by application."""

    items: tuple[Item, ...]
    packages: tuple[Package, ...]
    licence_types: tuple[LicenceType, ...]
    station_cases: tuple[StationCase, ...]
    stations: tuple[str, ...]
    incubators: tuple[str, ...]


def seed_2020(figures: Parameters | None = None) -> SeedFixture:
    """Return the fixture for ``figures``, those of the report unless told otherwise."""
    wanted = figures or Parameters()
    stations = tuple(f"JP{n:02d}" for n in range(1, wanted.stations + 1))
    items = _items(wanted)
    return SeedFixture(
        items=items,
        packages=tuple(_package(n, items[: wanted.by_application]) for n in range(wanted.packages)),
        licence_types=_licence_types(wanted),
        station_cases=tuple(
            _station_case(n, wanted.station_cases, stations) for n in range(wanted.station_cases)
        ),
        stations=stations,
        incubators=tuple(f"演示孵化器{n:02d}" for n in range(1, wanted.incubators + 1)),
    )


_SHARES = 20
_LEGAL_SHAPE = (5, 20, 10, 20, 30, 15, 20, 45, 10, 20, 60, 15, 20, 30, 20, 10, 20, 15, 30, 20)
"""Terms as statutes have them, one share each; their mean is that of the report."""
_KINDS = ("01", "01", "01", "07", "01", "10", "01", "05", "07", "10")
_DEPARTMENTS = 24
_STATION_ITEMS: tuple[tuple[EntityType, str], ...] = (
    ("sole-prop", "demo-item-0001"),
    ("llc-one-person", "demo-item-0002"),
    ("llc-one-person", "demo-item-0002"),
)


def _items(wanted: Parameters) -> tuple[Item, ...]:
    count = wanted.by_application + wanted.public_service
    shares = [_LEGAL_SHAPE[(n * 7 + n // _SHARES) % _SHARES] for n in range(count)]
    legal = _settled(shares, wanted.legal_days, [max(shares)] * count)
    # Three in ten are decided at once, the others in two fifths of the legal term.
    cut = [0 if n % 10 in {1, 4, 8} else max(1, days * 2 // 5) for n, days in enumerate(legal)]
    promised = _settled(cut, wanted.promised_days, legal)
    again = _spread(wanted.many_visits, count)
    out = _spread(wanted.not_entered, wanted.by_application)
    tolerant = _spread(wanted.tolerant, wanted.by_application)
    return tuple(
        _item(
            n,
            legal[n],
            promised[n],
            public=n >= wanted.by_application,
            visits=2 if n in again else 1,
            entered=n not in out,
            tolerant=n in tolerant,
        )
        for n in range(count)
    )


def _item(
    n: int, legal: int, promised: int, *, public: bool, visits: int, entered: bool, tolerant: bool
) -> Item:
    kind = PUBLIC_SERVICE if public else _KINDS[n % len(_KINDS)]
    return Item(
        key=f"demo-item-{n + 1:04d}",
        name=f"演示{'公共服务' if public else '依申请'}事项{n + 1:04d}（演示数据）",
        short_name=f"演示事项{n + 1:04d}",
        authority=f"demo-department-{n % _DEPARTMENTS + 1:02d}",
        family=DocFamily.SERVICE if public else DocFamily.LICENCE,
        stations=f"demo-item-{n + 1:04d}" in {key for _, key in _STATION_ITEMS},
        kind_code=kind,
        project_type=2 if promised else 1,
        legal_days=legal,
        promised_days=promised,
        visits=visits,
        entered=entered,
        not_entered_reason="" if entered else "演示数据：暂不具备进驻条件",
        materials=(
            Material(key="application", name="演示申请表", role="application"),
            Material(key="supporting", name="演示佐证材料", tolerable=tolerant),
        ),
        note="演示数据，不是真实事项。",
    )


def _settled(values: list[int], total: int, most: list[int]) -> list[int]:
    """Return the values with as few as possible moved by as little as possible, so that they sum to ``total``.

    None goes below zero or above its ``most``, and a zero stays: what is decided at once stays so.
    """
    settled = list(values)
    missing = total - sum(settled)
    step = 1 if missing > 0 else -1
    while missing:
        before = missing
        for n, value in enumerate(settled):
            if missing and value and 0 < value + step <= most[n]:
                settled[n] += step
                missing -= step
        if missing == before:
            raise ValueError(f"{total} cannot be reached")
    return settled


def _spread(count: int, among: int) -> frozenset[int]:
    """Return ``count`` places, evenly spaced among so many."""
    return frozenset((2 * n + 1) * among // (2 * count) for n in range(count))


def _package(n: int, items: tuple[Item, ...]) -> Package:
    size = 2 + n % 4
    chosen = [items[(n * 10 + step * 3) % len(items)] for step in range(size)]
    return Package(
        key=f"demo-package-{n + 1:03d}",
        name=f"演示一件事{n + 1:03d}（演示数据）",
        short_name=f"演示一件事{n + 1:03d}",
        authority=chosen[0].authority,
        branches=tuple(Branch(key=f"branch-{i + 1}", item=item.key) for i, item in enumerate(chosen)),
        note="演示数据，不是真实一件事。",
    )


def _licence_types(wanted: Parameters) -> tuple[LicenceType, ...]:
    city = [
        LicenceType(key=f"demo-city-licence-{n:03d}", name=f"演示市级授权证照{n:03d}", origin="city")
        for n in range(1, wanted.city_licences + 1)
    ]
    own = [
        LicenceType(key=f"demo-own-licence-{n:03d}", name=f"演示自录证照{n:03d}", origin="own")
        for n in range(1, wanted.own_licences + 1)
    ]
    return (*city, *own)


_FIRST_DAY = date(2020, 7, 1)
_LAST_DAY = date(2020, 9, 25)
"""A quarter without holidays and make-up days, so that every Monday to Friday in it was worked."""


def _station_case(n: int, count: int, stations: tuple[str, ...]) -> StationCase:
    entity_type, item = _STATION_ITEMS[n % len(_STATION_ITEMS)]
    day = _FIRST_DAY + timedelta(days=n * ((_LAST_DAY - _FIRST_DAY).days - 2) // count)
    day += timedelta(days=max(0, 7 - day.isoweekday()) + 1 if day.isoweekday() > 5 else 0)
    return StationCase(
        station=stations[(n * 7 + n // 31) % len(stations)],
        item=item,
        entity_type=entity_type,
        received_on=day,
    )
