"""今日, 日小结 and 周小结: the key figures of a day or week on one page (DOMAIN U9)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jinpu_desk.domain.case import DeliverState, Flag, Status
from jinpu_desk.domain.deadline import Urgency

from .. import labels
from ..ports import CaseQuery
from . import marks
from .clocks import colour_of
from .counts import COUNTS, counted, grouped, most_first, notes
from .model import Chart, Column, Figure, Line, Period, Ratio, Series, Table, figures, number, table
from .source import Content, ReportSource, arrived, decided, each_day

TOP = 6
"""Most lines of a table on the one page."""


def today(source: ReportSource, period: Period) -> Content:
    """Return the counts of one day at this desk, as ``report today`` has always printed them."""
    day = period.last
    counts = source.day(day)
    plain: dict[str, Any] = {
        "report": "today",
        "date": day.isoformat(),
        "station": source.station,
        "window": source.window,
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
        "pending": source.status.pending,
    }
    shown = [
        Figure("received", "收件", counts["received"]),
        Figure("decided", "作出决定", counts["decided"]),
        Figure("printed", "已打印", counts["printed"]),
        Figure("offline", "未确认办件", counts["offline"]),
        Figure("pending", "待传记录", source.status.pending),
    ]
    rows: list[Line] = [(held["label"], held["cases"]) for held in plain["by_status"].values()]
    columns = (Column("status", "状态", "Status", width=2), number("cases", "件数", "Cases"))
    return Content(
        tables=(
            figures("figures", "今日", "Today", shown),
            table("status", "当日收件现在的状态", "Where they stand", columns, rows),
        ),
        charts=(_hours(counts["received_by_hour"]),),
        notes=("按本机登记的时间统计，补录的办件计入登记当日。",),
        plain=plain,
    )


def summary(source: ReportSource, period: Period) -> Content:
    """Return the key figures of a day or a week, its busiest items, and who took how many in."""
    days = each_day(period)
    chart = _hours(source.day(period.last)["received_by_hour"]) if len(days) == 1 else _days(source, period)
    return Content(
        tables=(
            figures("flow", "期内", "In the period", _flow(source, period)),
            figures("now", "目前", "Now", _now(source)),
            _busiest(source, period),
            _people(source, period),
        ),
        charts=(chart,),
        notes=(*notes(source, period), "“目前”为生成时的情况，与所选日期无关。"),
    )


def _flow(source: ReportSource, period: Period) -> list[Figure]:
    reader = source.reader
    totals = grouped(source, arrived(period))
    received, refused = (totals[()][0], totals[()][3]) if totals else (0, 0)
    held: Counter[str] = Counter()
    for (status, flags, found), cases in reader.tally(arrived(period), "status", "flags", "marks"):
        if counted(status):
            held.update(dict.fromkeys(found, cases))
        held[Flag.GUIDED] += cases if Flag.GUIDED in flags else 0
    accepted: Counter[str] = Counter()
    span = CaseQuery(accepted_from=period.first, accepted_to=period.last)
    for (flags, found), cases in reader.tally(span, "flags", "marks"):
        accepted["all"] += cases
        accepted[Flag.DEEMED] += cases if Flag.DEEMED in flags else 0
        accepted[marks.TOLERATED] += cases if marks.TOLERATED in found else 0
    late: Counter[int] = Counter()
    for (package, lateness), cases in reader.tally(decided(period), "package", "lateness"):
        late[lateness] += 0 if package else cases
    served = reader.tally(CaseQuery(served_from=period.first, served_to=period.last))
    elsewhere = held[marks.BY_POST] + held[marks.BY_NETWORK]
    return [
        Figure("received", "收件", received),
        Figure("counter", "其中窗口收件", received - elsewhere),
        Figure("post", "其中邮寄", held[marks.BY_POST]),
        Figure("network", "其中网上", held[marks.BY_NETWORK]),
        Figure("accepted", "受理", accepted["all"]),
        Figure("deemed", "其中视为受理", accepted[Flag.DEEMED]),
        Figure("tolerated", "其中容缺受理", accepted[marks.TOLERATED]),
        Figure("corrected", "发出补正告知（期内收件）", held[marks.CORRECTED]),
        Figure("refused", "不予受理（期内收件）", refused),
        Figure("guided", "引导", held[Flag.GUIDED]),
        Figure("decided", "作出决定", late.total()),
        Figure("on_time", "按期率", Ratio(late[0], late.total())),
        Figure("served", "送达", sum(cases for _, cases in served)),
        Figure("printed", "打印文书", sum(source.day(day)["printed"] for day in each_day(period))),
    ]


def _now(source: ReportSource) -> list[Figure]:
    reader, today = source.reader, source.today
    stages: Counter[int] = Counter()
    colours: Counter[Urgency] = Counter()
    due = 0
    next_day = source.calendar.next_workday(today)
    for row in reader.rows(CaseQuery(open_only=True)):
        stages[row.status] += 1
        shown = None if row.package else colour_of(row, today)
        if shown is not None:
            colours[shown] += 1
        term = row.decide_by or row.due
        due += shown is not None and term is not None and today <= term <= next_day
    waiting = reader.tally(CaseQuery(deliver_state=str(DeliverState.WAITING)))
    open_tolerated = reader.tally(CaseQuery(flag=str(Flag.TOLERATED), open_only=True, top_only=True))
    unnumbered = reader.tally(CaseQuery(mark=marks.UNNUMBERED))
    return [
        Figure("undecided", "待决定", stages[Status.RECEIVED]),
        Figure("correcting", "待补正", stages[Status.CORRECTING]),
        Figure("processing", "已受理在办", stages[Status.ACCEPTED]),
        Figure("due", "一个工作日内到期", due),
        Figure("yellow", "黄：将到期", colours[Urgency.YELLOW]),
        Figure("orange", "橙：超承诺时限", colours[Urgency.ORANGE]),
        Figure("red", "红：超法定时限", colours[Urgency.RED]),
        Figure("tolerated_open", "容缺待补齐", _only(open_tolerated)),
        Figure("waiting", "结果待领取", _only(waiting)),
        Figure("unnumbered", "文号待补", _only(unnumbered)),
        Figure("pending", "待传记录", source.status.pending),
        Figure("parked", "冲突与未接受", source.status.parked + source.status.dead),
    ]


def _only(tally: tuple[tuple[tuple[Any, ...], int], ...]) -> int:
    return sum(cases for _, cases in tally)


def _busiest(source: ReportSource, period: Period) -> Table:
    groups = most_first(grouped(source, arrived(period), "item"))
    rows: list[Line] = [(source.item_name(item), *counts) for (item,), counts in groups]
    columns = (Column("item", "事项", "Item", width=2.4), *COUNTS)
    return table("items", "收件最多的事项", "Busiest items", columns, rows, at_most=TOP)


def _people(source: ReportSource, period: Period) -> Table:
    groups = most_first(grouped(source, arrived(period), "clerk"))
    rows: list[Line] = [(source.clerk_name(clerk), *counts) for (clerk,), counts in groups]
    columns = (Column("clerk", "窗口人员", "Clerk", width=2.4), *COUNTS)
    return table("clerks", "各人收件", "By clerk", columns, rows, at_most=TOP)


def _hours(by_hour: list[int]) -> Chart:
    busy = [hour for hour, cases in enumerate(by_hour) if cases]
    shown = range(min([8, *busy]), max([16, *busy]) + 1)
    return Chart(
        kind="column",
        title="各时段收件",
        labels=tuple(f"{hour}时" for hour in shown),
        series=(Series("收件", tuple(by_hour[hour] for hour in shown)),),
    )


def _days(source: ReportSource, period: Period) -> Chart:
    received: Counter[Any] = Counter()
    for (day, status), cases in source.reader.tally(arrived(period), "arrived_on", "status"):
        received[day] += cases if counted(status) else 0
    days = each_day(period)
    made = [_only(source.reader.tally(decided(Period(day, day)))) for day in days]
    return Chart(
        kind="line",
        title="每日收件与决定",
        labels=tuple(f"{day:%m-%d}" for day in days),
        series=(Series("收件", tuple(received[day] for day in days)), Series("决定", tuple(made))),
    )
