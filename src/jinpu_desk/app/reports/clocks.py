"""How old the open cases are, and whether terms were kept: rates, colours, and yellow and red cards (DOMAIN C3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec

from jinpu_desk.domain.case import Case, Flag, Status
from jinpu_desk.domain.deadline import Urgency, colour

from .. import labels
from ..ports import CaseQuery
from ..rows import CaseRow
from . import marks
from .model import Chart, Column, Kind, Line, Period, Ratio, Series, Table, Tone, number, table
from .source import LONGEST_LIST, Content, ReportSource, arrived, decided

AGES = ((0, "当日"), (1, "1 个工作日"), (3, "2–3"), (5, "4–5"), (10, "6–10"), (20, "11–20"))
"""Upper ends of the age groups in working days; what is older has one more."""
OLDEST = "20 个以上"
STAGES = (Status.RECEIVED, Status.CORRECTING, Status.ACCEPTED)
COLOURS: tuple[tuple[Urgency, str, Tone], ...] = (
    (Urgency.GREEN, "绿：正常", "good"),
    (Urgency.YELLOW, "黄：将到期", "warn"),
    (Urgency.ORANGE, "橙：超承诺时限", "pledged"),
    (Urgency.RED, "红：超法定时限", "bad"),
    (Urgency.PAUSED, "暂停计时", "neutral"),
)
DELIVERY_DAYS = 10
"""Working days from the decision within which its paper must be sent (行政许可法第四十四条)."""


class Card(msgspec.Struct, frozen=True):
    """A reason for a yellow or red card. Which is which is an office's choice (DOMAIN C3 [G])."""

    key: str
    colour: Literal["yellow", "red"]
    label: str


CARDS = {
    card.key: card
    for card in (
        Card("deemed", "red", "符合条件未按期受理（视为受理）"),
        Card("legal", "red", "超过法定时限"),
        Card("unreasoned", "red", "不予受理或不予许可未说明理由"),
        Card("promised", "yellow", "超过承诺时限"),
        Card("step", "yellow", "单一环节超时（决定后未按期寄送）"),
        Card("corrected-again", "yellow", "再次要求补正"),
    )
}
CARD_COLOURS = {"red": "红牌", "yellow": "黄牌"}


def colour_of(row: CaseRow, today: date) -> Urgency | None:
    """Return the colour of a row's clock, None where none runs: decided, guided, or waiting for the applicant."""
    if row.status == Status.RECEIVED and row.decide_by is not None:
        return colour(today, row.decide_by, row.decide_by, row.decide_by)
    if row.status != Status.ACCEPTED:
        return None
    if Flag.PAUSED in row.flags:
        return Urgency.PAUSED
    return colour(today, row.due, row.legal_due, row.warn_on)


def ages(source: ReportSource, _period: Period) -> Content:
    """Tell how long the open cases have been with us, in working days since they came, and their colours."""
    today = source.today
    groups = [label for _, label in AGES] + [OLDEST]
    found: Counter[tuple[str, int]] = Counter()
    colours: Counter[tuple[str, Urgency]] = Counter()
    oldest: list[tuple[int, CaseRow]] = []
    for row in source.reader.rows(CaseQuery(open_only=True)):
        if row.status not in STAGES:
            continue
        age = source.workdays(source.local_day(row.received_at), today)
        group = next((label for most, label in AGES if age <= most), OLDEST)
        found[group, row.status] += 1
        shown = colour_of(row, today)
        if shown is not None:
            colours[group, shown] += 1
        oldest.append((age, row))
    rows: list[Line] = [
        (
            group,
            *(found[group, stage] for stage in STAGES),
            sum(found[group, stage] for stage in STAGES),
            *(colours[group, shown] for shown, _, _ in COLOURS),
        )
        for group in groups
    ]
    columns = (
        Column("age", "收件以来", "Since receipt", width=1.4),
        *(number(f"s{int(stage)}", labels.STATUS_LABELS[stage], stage.name.title()) for stage in STAGES),
        number("cases", "合计", "All"),
        *(number(shown.value, label.partition("：")[0], shown.value.title()) for shown, label, _ in COLOURS),
    )
    oldest.sort(key=lambda held: (-held[0], held[1].case_no))
    chart = Chart(
        kind="column",
        title="在办件按收件以来的工作日",
        labels=tuple(groups),
        series=(Series("在办", tuple(sum(found[group, stage] for stage in STAGES) for group in groups)),),
    )
    return Content(
        tables=(
            table("ages", "在办时长", "Age of open cases", columns, rows if oldest else ()),
            _oldest(source, oldest[:50]),
        ),
        charts=(chart,),
        notes=(
            "按生成时仍在办的全部办件统计，与所选日期无关；时长为收件后的工作日数。",
            "补正中的办件由申请人补正，不计颜色；收件未决定的以五个工作日的最后一日为限。",
        ),
    )


def _oldest(source: ReportSource, oldest: list[tuple[int, CaseRow]]) -> Table:
    columns = (
        Column("case_no", "办件编号", "Case", width=2),
        Column("item", "事项", "Item", width=1.8),
        Column("applicant", "申请人", "Applicant", width=1.2),
        Column("status", "状态", "Status"),
        Column("age", "工作日", "Working days", Kind.INTEGER, width=0.7),
        Column("due", "承诺到期", "Due", Kind.DATE),
        Column("clerk", "收件人", "Clerk"),
    )
    rows: list[Line] = [
        (
            row.case_no,
            source.item_name(row.item),
            row.entity_name or source.applicant(row),
            labels.STATUS_LABELS[Status(row.status)],
            age,
            row.due,
            source.clerk_name(row.clerk),
        )
        for age, row in oldest
    ]
    return table("oldest", "时间最长的在办件", "Oldest open cases", columns, rows)


def on_time(source: ReportSource, period: Period) -> Content:
    """Tell how many of the period's decisions were in time, how the open cases stand, and what earned a card."""
    items = _decided_by_item(source, period)
    running = _running(source)
    cards = tuple(_cards(source, period))
    total = items.totals[4] if items.totals else Ratio(0, 0)
    return Content(
        tables=(items, _colours(running), _card_counts(cards), _card_list(source, cards)),
        charts=(
            Chart(
                kind="share",
                title="计时中的在办件",
                labels=tuple(label for _, label, _ in COLOURS),
                series=(Series("件数", tuple(running[shown] for shown, _, _ in COLOURS)),),
                tones=tuple(tone for _, _, tone in COLOURS),
            ),
        ),
        notes=(
            f"期内作出决定的按期率 {total}：决定日不晚于承诺到期日为按期。“一件事”按子办件计，主办件不另计。",
            "颜色按生成时计算：黄为只剩一个工作日或承诺时限的两成，橙为超承诺时限，红为超法定时限。",
            "红黄牌的分档可由本单位规定；视为受理和补正按收件日期归期，超时按决定日期归期，仍在办的超时件计入本期。",
        ),
    )


def _decided_by_item(source: ReportSource, period: Period) -> Table:
    found: dict[str, list[int]] = {}
    for (item, package, lateness), cases in source.reader.tally(
        decided(period), "item", "package", "lateness"
    ):
        if not package:
            found.setdefault(item, [0, 0, 0])[lateness] += cases
    rows: list[Line] = [
        (source.item_name(item), sum(late), late[1], late[2], Ratio(late[0], sum(late)))
        for item, late in sorted(found.items(), key=lambda held: (-sum(held[1]), held[0]))
    ]
    columns = (
        Column("item", "事项", "Item", width=2.4),
        number("decided", "作出决定", "Decided"),
        number("promised", "超承诺", "Past promise"),
        number("legal", "超法定", "Past legal term"),
        Column("rate", "按期率", "On time", Kind.RATIO, total=True, width=1.4),
    )
    return table("decided", "期内决定的办件", "Decided in the period", columns, rows)


def _running(source: ReportSource) -> Counter[Urgency]:
    found: Counter[Urgency] = Counter()
    for row in source.reader.rows(CaseQuery(open_only=True)):
        shown = None if row.package else colour_of(row, source.today)
        if shown is not None:
            found[shown] += 1
    return found


def _colours(running: Counter[Urgency]) -> Table:
    total = running.total()
    rows: list[Line] = [
        (label, running[shown], Ratio(running[shown], total)) for shown, label, _ in COLOURS if total
    ]
    columns = (
        Column("colour", "颜色", "Colour", width=1.6),
        number("cases", "件数", "Cases"),
        Column("share", "占比", "Share", Kind.RATIO, width=1.4),
    )
    return table("colours", "计时中的在办件", "Open cases with a running clock", columns, rows)


class Dealt(msgspec.Struct, frozen=True):
    """A card and the case that earned it; ``days`` are working days over the term, 0 where none is over."""

    card: Card
    row: CaseRow
    days: int = 0


def _cards(source: ReportSource, period: Period) -> Iterator[Dealt]:
    reader, today = source.reader, source.today
    for row in reader.rows(arrived(period, flag=str(Flag.DEEMED))):
        yield Dealt(CARDS["deemed"], row)
    for row in reader.rows(decided(period, late=True)):
        if not row.package and row.closed_on is not None:
            yield _over(source, row, row.closed_on)
    for row in reader.rows(CaseQuery(open_only=True, status=int(Status.ACCEPTED))):
        if not row.package and row.due is not None and row.due < today:
            yield _over(source, row, today)
    for row in reader.rows(arrived(period, mark=marks.UNREASONED)):
        yield Dealt(CARDS["unreasoned"], row)
    for row in reader.rows(arrived(period, mark=marks.CORRECTED_AGAIN)):
        yield Dealt(CARDS["corrected-again"], row)
    for row, case in reader.cases(decided(period, unserved_by=today, mark=marks.TO_POST)):
        days = delivery_overrun(source, case)
        if days > 0:
            yield Dealt(CARDS["step"], row, days)


def _over(source: ReportSource, row: CaseRow, on: date) -> Dealt:
    """The worse of the two terms counts."""
    if row.legal_due is not None and on > row.legal_due:
        return Dealt(CARDS["legal"], row, source.workdays(row.legal_due, on))
    return Dealt(CARDS["promised"], row, source.workdays(row.due or on, on))


def delivery_overrun(source: ReportSource, case: Case) -> int:
    """Return the working days by which a result to be posted was sent too late; one waiting to be fetched never is."""
    if case.decision is None or case.delivery != "post":
        return 0
    sent = case.deliveries[0].handed_on if case.deliveries else source.today
    return source.workdays(case.decision.decided_on, sent) - DELIVERY_DAYS


def _card_counts(cards: tuple[Dealt, ...]) -> Table:
    found = Counter(dealt.card.key for dealt in cards)
    rows: list[Line] = [(CARD_COLOURS[card.colour], card.label, found[card.key]) for card in CARDS.values()]
    columns = (
        Column("card", "牌", "Card", width=0.6),
        Column("reason", "原因", "Reason", width=3),
        number("cases", "件数", "Cases"),
    )
    return table("cards", "红黄牌原因", "Cards by reason", columns, rows)


def _card_list(source: ReportSource, cards: tuple[Dealt, ...]) -> Table:
    columns = (
        Column("card", "牌", "Card", width=0.6),
        Column("reason", "原因", "Reason", width=2.4),
        Column("case_no", "办件编号", "Case", width=2),
        Column("item", "事项", "Item", width=1.6),
        Column("station", "站点", "Station", width=1.2),
        Column("clerk", "收件人", "Clerk"),
        Column("due", "承诺到期", "Due", Kind.DATE),
        Column("days", "超时工作日", "Days over", Kind.INTEGER, width=0.8),
    )
    rows: list[Line] = [
        (
            CARD_COLOURS[dealt.card.colour],
            dealt.card.label,
            dealt.row.case_no,
            source.item_name(dealt.row.item),
            source.station_name(dealt.row.station),
            source.clerk_name(dealt.row.clerk),
            dealt.row.due,
            dealt.days or None,
        )
        for dealt in sorted(cards, key=lambda each: (each.card.colour != "red", -each.days, each.row.case_no))
    ]
    return table("card_cases", "红黄牌办件", "Cases with a card", columns, rows, at_most=LONGEST_LIST)
