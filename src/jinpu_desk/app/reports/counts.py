"""How many cases, by item, station, window, person and status: every number is one case and is counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from jinpu_desk.domain.case import Flag, Status

from .. import labels
from ..ports import CaseQuery, Dimension
from .model import Chart, Column, Kind, Line, Period, Ratio, Series, number, table
from .source import HALL, Content, ReportSource, arrived

BARS = 12
"""Most bars of a chart; the table has them all."""
COUNTS = (
    number("cases", "收件", "Received"),
    number("open", "在办", "Open"),
    number("done", "办结", "Decided"),
    number("refused", "不予受理", "Refused"),
    number("not_needed", "无需许可", "Not needed"),
    number("ended", "撤回终止", "Ended"),
)
_OPEN = frozenset({Status.RECEIVED, Status.CORRECTING, Status.ACCEPTED})
_DONE = frozenset({Status.APPROVED, Status.DENIED, Status.CLOSED})
LICENCE_MODES = {
    "cancelled": ("直接取消审批", "Approval abolished"),
    "filing": ("审批改为备案", "Filing"),
    "pledge": ("实行告知承诺", "By pledge"),
    "optimised": ("优化审批服务", "Ordinary, improved"),
    "": ("未列入", "Not listed"),
}

Counts = tuple[int, ...]


def counted(status: int) -> bool:
    """Tell whether a case counts as received: guided visits and pre-applications not yet taken in do not."""
    return status != Status.DRAFT


def outcome(status: int, flags: Sequence[str]) -> int:
    """Return which column of ``COUNTS`` beside the first a received case belongs to: exactly one."""
    if status in _OPEN:
        return 1
    if status in _DONE:
        return 2
    if status == Status.REFUSED:
        return 4 if Flag.NOT_NEEDED in flags else 3
    return 5


def grouped(source: ReportSource, query: CaseQuery, *by: Dimension) -> dict[tuple[Any, ...], Counts]:
    """Return the counts of ``COUNTS`` for each combination of ``by``."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for key, cases in source.reader.tally(query, *by, "status", "flags"):
        *group, status, flags = key
        if counted(status):
            counts = found.setdefault(tuple(group), [0] * len(COUNTS))
            counts[0] += cases
            counts[outcome(status, flags)] += cases
    return {key: tuple(counts) for key, counts in found.items()}


def most_first(groups: Mapping[tuple[Any, ...], Counts]) -> list[tuple[tuple[Any, ...], Counts]]:
    """Return groups with the largest first, equal ones in order of their keys."""
    return sorted(groups.items(), key=lambda held: (-held[1][0], held[0]))


def bars(title: str, label: str, named: Sequence[tuple[str, int]]) -> Chart:
    """Return a bar chart of the first few."""
    shown = named[:BARS]
    return Chart(
        kind="bar",
        title=title,
        labels=tuple(name for name, _ in shown),
        series=(Series(label, tuple(value for _, value in shown)),),
    )


def notes(source: ReportSource, period: Period) -> tuple[str, ...]:
    """Return how cases were counted, with the numbers a reader may miss in the table."""
    flags: Counter[str] = Counter()
    packages = outside = 0
    by: tuple[Dimension, ...] = ("status", "flags", "package")
    for (status, held, package), cases in source.reader.tally(arrived(period), *by):
        packages += cases if package and counted(status) else 0
        outside += cases if not counted(status) else 0
        flags.update(dict.fromkeys(held, cases))
    said = ["按取得办件编号的日期统计，一个编号计一件；补录的办件按实际收件日期统计。"]
    if packages:
        said.append(f"其中“一件事”主办件 {packages} 件，其子办件各有编号，另计。")
    if outside:
        guided, online = flags[Flag.GUIDED], outside - flags[Flag.GUIDED]
        parts = [f"引导 {guided} 件"] * bool(guided) + [f"未到窗口的网上预申请 {online} 件"] * bool(online)
        said.append(f"另有{'、'.join(parts)}，不计入收件。")
    if flags[Flag.BACKFILLED]:
        said.append(f"含补录 {flags[Flag.BACKFILLED]} 件。")
    return tuple(said)


def by_item(source: ReportSource, period: Period) -> Content:
    """Count by item; packages stand beside their items."""
    groups = most_first(grouped(source, arrived(period), "item"))
    rows: list[Line] = [(source.item_name(item), *counts) for (item,), counts in groups]
    columns = (Column("item", "事项", "Item", width=2.4), *COUNTS)
    return Content(
        tables=(table("items", "按事项", "By item", columns, rows),),
        charts=(
            bars("各事项收件", "收件", [(source.item_name(item), counts[0]) for (item,), counts in groups]),
        ),
        notes=notes(source, period),
    )


def by_station(source: ReportSource, period: Period) -> Content:
    """Count by station, the hall first."""
    groups = sorted(grouped(source, arrived(period), "station").items())
    rows: list[Line] = [(station, source.station_name(station), *counts) for (station,), counts in groups]
    columns = (
        Column("station", "站点", "Code", width=0.6),
        Column("name", "名称", "Station", width=2),
        *COUNTS,
    )
    named = [(source.station_name(station), counts[0]) for (station,), counts in groups]
    return Content(
        tables=(table("stations", "按站点", "By station", columns, rows),),
        charts=(bars("各站点收件", "收件", named),),
        notes=notes(source, period),
    )


def by_window(source: ReportSource, period: Period) -> Content:
    """Count by window of each station."""
    groups = sorted(grouped(source, arrived(period), "station", "window").items())
    rows: list[Line] = [
        (source.station_name(station), window or "未填窗口", *counts) for (station, window), counts in groups
    ]
    columns = (
        Column("station", "站点", "Station", width=1.6),
        Column("window", "窗口", "Window", width=1.4),
        *COUNTS,
    )
    busiest = most_first(dict(groups))
    named = [(window or source.station_name(station), counts[0]) for (station, window), counts in busiest]
    return Content(
        tables=(table("windows", "按窗口", "By window", columns, rows),),
        charts=(bars("各窗口收件", "收件", named),),
        notes=notes(source, period),
    )


def by_clerk(source: ReportSource, period: Period) -> Content:
    """Count by who took the case in."""
    groups = most_first(grouped(source, arrived(period), "clerk"))
    rows: list[Line] = [(source.clerk_name(clerk), *counts) for (clerk,), counts in groups]
    columns = (Column("clerk", "窗口人员", "Clerk", width=1.6), *COUNTS)
    named = [(source.clerk_name(clerk), counts[0]) for (clerk,), counts in groups]
    return Content(
        tables=(table("clerks", "按窗口人员", "By clerk", columns, rows),),
        charts=(bars("各人收件", "收件", named),),
        notes=(*notes(source, period), "按收件人统计，不按后续经办人。"),
    )


def by_status(source: ReportSource, period: Period) -> Content:
    """Count by how the cases of the period stand now."""
    found: Counter[int] = Counter()
    for (status,), cases in source.reader.tally(arrived(period), "status"):
        found[status] += cases if counted(status) else 0
    total = found.total()
    held = [(Status(status), cases) for status, cases in sorted(found.items()) if cases]
    rows: list[Line] = [
        (int(status), labels.STATUS_LABELS[status], cases, Ratio(cases, total)) for status, cases in held
    ]
    columns = (
        Column("status", "编码", "Code", width=0.5),
        Column("name", "状态", "Status", width=1.6),
        number("cases", "件数", "Cases"),
        Column("share", "占比", "Share", Kind.RATIO),
    )
    chart = Chart(
        kind="share",
        title="现在的状态",
        labels=tuple(labels.STATUS_LABELS[status] for status, _ in held),
        series=(Series("件数", tuple(cases for _, cases in held)),),
    )
    return Content(
        tables=(table("status", "按状态", "By status", columns, rows),),
        charts=(chart,),
        notes=(*notes(source, period), "状态为生成报表时的状态。"),
    )


def all_area(source: ReportSource, period: Period) -> Content:
    """Count the registrations the stations took in for the whole district (全域通办, DOMAIN C1)."""
    items = [key for key, item in source.catalogue.items.items() if item.stations]
    found: Counter[tuple[str, str]] = Counter()
    guided: Counter[str] = Counter()
    by: tuple[Dimension, ...] = ("station", "item", "status", "flags")
    for (station, item, status, flags), cases in source.reader.tally(arrived(period), *by):
        if station == HALL:
            continue
        if Flag.GUIDED in flags:
            guided[station] += cases
        elif item in items and counted(status):
            found[station, item] += cases
    stations = sorted({*source.stations, *(s for s, _ in found), *guided} - {HALL})
    rows: list[Line] = [
        (
            source.station_name(station),
            *(found[station, item] for item in items),
            sum(found[station, item] for item in items),
            guided[station],
        )
        for station in stations
    ]
    columns = (
        Column("station", "站点", "Station", width=2),
        *(number(item, source.item_name(item), item) for item in items),
        number("cases", "合计户数", "Households"),
        number("guided", "引导", "Guided"),
    )
    totals = [(source.station_name(s), sum(found[s, item] for item in items)) for s in stations]
    return Content(
        tables=(table("all_area", "全域通办", "All-area registration", columns, rows),),
        charts=(bars("各站点全域通办户数", "户数", totals),),
        notes=(
            f"{len(stations)} 个站点共 {sum(found.values())} 户。只计站点办理的全域通办事项，大厅办理的不计。",
            "站点不能办的事项引导到大厅，不计入户数。",
        ),
    )


def licence_modes(source: ReportSource, period: Period) -> Content:
    """Count items and cases of each 证照分离 mode (DOMAIN C6)."""
    mode_of = {key: item.licence_mode for key, item in source.catalogue.items.items() if item.role == "item"}
    items = Counter[str](mode_of.values())
    groups = grouped(source, arrived(period), "item")
    rows: list[Line] = []
    named = []
    for mode, (label, _) in LICENCE_MODES.items():
        held = [counts for (item,), counts in groups.items() if mode_of.get(item, "-") == mode]
        sums = [sum(counts[at] for counts in held) for at in range(len(COUNTS))]
        rows.append((label, items[mode], *sums))
        named.append((label, sums[0]))
    columns = (
        Column("mode", "改革方式", "Mode", width=2),
        number("items", "事项数", "Items"),
        *COUNTS,
    )
    return Content(
        tables=(table("licence_modes", "证照分离", "Licence reform modes", columns, rows),),
        charts=(bars("四种方式的办件", "收件", named[:-1]),),
        notes=("方式由事项目录的证照分离标注决定；目录中已没有的事项和“一件事”主办件不计。",),
    )
