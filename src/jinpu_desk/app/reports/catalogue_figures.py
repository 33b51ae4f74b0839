"""The figures of a catalogue (DOMAIN §A): terms and their compression, visits, entered, tolerant, packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinpu_desk.catalogue.model import Item
from jinpu_desk.catalogue.seed2020 import PUBLIC_SERVICE, SeedFixture, seed_2020

from .counts import counted
from .model import Chart, Column, Figure, Line, Period, Series, figures, number, percent, table
from .source import HALL, Content, ReportSource, arrived

FIXTURES = {"seed-2020": seed_2020}
"""Synthetic catalogues the report may run on instead of this desk's own."""
LABELS = {
    "items": "事项总数",
    "by_application": "依申请事项",
    "public_service": "公共服务事项",
    "legal_days": "法定时限合计（工作日）",
    "promised_days": "承诺时限合计（工作日）",
    "compression": "时限压缩比",
    "once_at_most": "最多跑一次事项",
    "once_ratio": "最多跑一次占比",
    "entered": "依申请事项进驻大厅",
    "tolerant_items": "可容缺受理事项",
    "packages": "一件事",
    "licence_types": "电子证照种类",
    "all_area_cases": "全域通办户数",
    "stations": "全域通办站点",
}


def item_figures(items: Iterable[Item]) -> dict[str, Any]:
    """Return what the rows of a catalogue say. Terms are summed where the law sets one, so that the two compare."""
    listed = [item for item in items if item.role == "item"]
    public = sum(item.kind_code == PUBLIC_SERVICE for item in listed)
    termed = [(item.legal_days, item.promised_days) for item in listed if item.legal_days is not None]
    legal, promised = sum(legal for legal, _ in termed), sum(promised for _, promised in termed)
    once = sum(item.visits <= 1 for item in listed)
    return {
        "items": len(listed),
        "by_application": len(listed) - public,
        "public_service": public,
        "legal_days": legal,
        "promised_days": promised,
        "compression": percent(legal - promised, legal) if legal else "—",
        "once_at_most": once,
        "once_ratio": percent(once, len(listed)) if listed else "—",
        "entered": sum(item.entered and item.kind_code != PUBLIC_SERVICE for item in listed),
        "tolerant_items": sum(any(m.tolerable for m in item.materials) for item in listed),
    }


def fixture_figures(fixture: SeedFixture) -> dict[str, Any]:
    """Return the figures of a synthetic catalogue, counted from its rows."""
    return item_figures(fixture.items) | {
        "packages": len(fixture.packages),
        "licence_types": len(fixture.licence_types),
        "all_area_cases": len(fixture.station_cases),
        "stations": len({case.station for case in fixture.station_cases}),
    }


def fixture_content(name: str) -> Content:
    """Return the report on a synthetic catalogue."""
    fixture = FIXTURES[name]()
    return _content(fixture_figures(fixture), fixture.items, {}, ("合成演示数据，不是真实事项。",))


def catalogue(source: ReportSource, period: Period) -> Content:
    """Return the figures of this desk's own catalogue, with the registrations its stations took in the period."""
    held = source.catalogue
    over_all = {key for key, item in held.items.items() if item.stations}
    stations = {code for code in source.stations if code != HALL}
    found = 0
    for (station, item, status), cases in source.reader.tally(arrived(period), "station", "item", "status"):
        found += cases if station != HALL and item in over_all and counted(status) else 0
    told = item_figures(held.items.values()) | {
        "packages": len(held.packages),
        "licence_types": len({item.result.name for item in held.items.values() if item.result}),
        "all_area_cases": found,
        "stations": len(stations),
    }
    untermed = sum(item.legal_days is None for item in held.items.values() if item.role == "item")
    notes = [f"目录版本 {held.version}。全域通办户数按所选日期统计。"]
    if untermed:
        notes.append(f"{untermed} 个事项没有法定时限，不计入时限合计与压缩比。")
    names = {key: authority.name for key, authority in held.authorities.items()}
    return _content(told, tuple(held.items.values()), names, tuple(notes))


def _content(
    told: dict[str, Any], items: Iterable[Item], names: Mapping[str, str], notes: tuple[str, ...]
) -> Content:
    groups: dict[str, list[int]] = {}
    for item in items:
        if item.role == "item":
            sums = groups.setdefault(item.authority, [0, 0, 0])
            sums[0] += 1
            sums[1] += item.legal_days or 0
            sums[2] += item.promised_days if item.legal_days is not None else 0
    rows: list[Line] = [
        (names.get(authority, authority), *sums) for authority, sums in sorted(groups.items())
    ]
    columns = (
        Column("authority", "实施主体", "Authority", width=2),
        number("items", "事项", "Items"),
        number("legal_days", "法定合计", "Legal days"),
        number("promised_days", "承诺合计", "Promised days"),
    )
    return Content(
        tables=(
            figures(
                "figures",
                "目录数据",
                "Figures",
                [Figure(key, LABELS[key], value) for key, value in told.items()],
            ),
            table("authorities", "按实施主体", "By authority", columns, rows),
        ),
        charts=(
            Chart(
                kind="bar",
                title="时限合计（工作日）",
                labels=("法定", "承诺"),
                series=(Series("工作日", (told["legal_days"], told["promised_days"])),),
            ),
        ),
        notes=notes,
        plain=told,
    )
