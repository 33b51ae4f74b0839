"""Every report there is: what it is called, which days it asks for, and the function that counts it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

import msgspec

from jinpu_desk.domain.errors import Refused

from . import audit_log, catalogue_figures, clocks, counts, ledgers, outgoing, service, summaries
from .model import Period
from .source import Builder

LONGEST_DAYS = 3660
"""Most days of a period: ten years."""


class Span(StrEnum):
    """Quick choices of a period, in the order of the page."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this-week"
    LAST_WEEK = "last-week"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    OWN = "own"


class Group(StrEnum):
    """What a report is about, in the order of the page."""

    SUMMARY = "summary"
    CASES = "cases"
    TERMS = "terms"
    SERVICE = "service"
    LEDGER = "ledger"
    CATALOGUE = "catalogue"


class ReportKind(msgspec.Struct, frozen=True):
    """A report. ``span`` is the period nobody chose one for; ``personal`` ones list applicants."""

    id: str
    group: Group
    title: str
    title_en: str
    build: Builder
    span: Span = Span.THIS_MONTH
    personal: bool = False
    needs: str = ""  # the right without which it is not shown

    def name(self, language: str) -> str:
        """Return the title in a language."""
        return self.title_en if language == "en" else self.title


REPORTS: dict[str, ReportKind] = {
    kind.id: kind
    for kind in (
        ReportKind("today", Group.SUMMARY, "今日", "Today", summaries.today, Span.TODAY),
        ReportKind("day", Group.SUMMARY, "日小结", "Day summary", summaries.summary, Span.TODAY),
        ReportKind("week", Group.SUMMARY, "周小结", "Week summary", summaries.summary, Span.THIS_WEEK),
        ReportKind("items", Group.CASES, "事项办件量", "Cases by item", counts.by_item),
        ReportKind("stations", Group.CASES, "站点办件量", "Cases by station", counts.by_station),
        ReportKind("windows", Group.CASES, "窗口办件量", "Cases by window", counts.by_window),
        ReportKind("clerks", Group.CASES, "人员办件量", "Cases by clerk", counts.by_clerk),
        ReportKind("status", Group.CASES, "状态分布", "Cases by status", counts.by_status),
        ReportKind("all-area", Group.CASES, "全域通办", "All-area registration", counts.all_area),
        ReportKind("licence-modes", Group.CASES, "证照分离", "Licence reform", counts.licence_modes),
        ReportKind(
            "age", Group.TERMS, "在办时长", "Age of open cases", clocks.ages, Span.TODAY, personal=True
        ),
        ReportKind("on-time", Group.TERMS, "按期与红黄牌", "On time and cards", clocks.on_time),
        ReportKind(
            "corrections", Group.SERVICE, "补正与不予受理", "Corrections and refusals", service.corrections
        ),
        ReportKind("reuse", Group.SERVICE, "减材料", "Papers spared", service.reuse),
        ReportKind("visits", Group.SERVICE, "跑动次数", "Visits", service.visits),
        ReportKind("ratings", Group.SERVICE, "好差评", "Ratings", service.ratings, personal=True),
        ReportKind("requests", Group.SERVICE, "诉求办理", "Requests", service.requests),
        ReportKind(
            "tolerance", Group.LEDGER, "容缺台账", "Tolerance ledger", ledgers.tolerance, personal=True
        ),
        ReportKind("pledges", Group.LEDGER, "承诺台账", "Pledge ledger", ledgers.pledges, personal=True),
        ReportKind("numbers", Group.LEDGER, "文号台账", "Number ledger", outgoing.numbers),
        ReportKind("deliveries", Group.LEDGER, "出件送达", "Deliveries", outgoing.deliveries, personal=True),
        ReportKind("seals", Group.LEDGER, "用章记录", "Uses of seals", outgoing.seals),
        ReportKind(
            "audit", Group.LEDGER, "审计记录", "Audit log", audit_log.audit, Span.TODAY, needs="audit"
        ),
        ReportKind("catalogue", Group.CATALOGUE, "目录数据", "Catalogue", catalogue_figures.catalogue),
    )
}


def report_kind(name: str) -> ReportKind:
    """Return a report by its id. Raises Refused ``report.unknown``."""
    found = REPORTS.get(name)
    if found is None:
        raise Refused("report.unknown", "NAME", name=name, names="、".join(REPORTS))
    return found


def period_of(span: Span, today: date) -> Period:
    """Return the days a quick choice means on ``today``; weeks begin on Monday. ``OWN`` begins with this month."""
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    match span:
        case Span.TODAY:
            return Period(today, today)
        case Span.YESTERDAY:
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        case Span.THIS_WEEK:
            return Period(monday, monday + timedelta(days=6))
        case Span.LAST_WEEK:
            return Period(monday - timedelta(days=7), monday - timedelta(days=1))
        case Span.LAST_MONTH:
            last = month - timedelta(days=1)
            return Period(last.replace(day=1), last)
        case Span.THIS_MONTH | Span.OWN:
            following = (month + timedelta(days=32)).replace(day=1)
            return Period(month, following - timedelta(days=1))


def asked_period(kind: ReportKind, first: date | None, last: date | None, today: date) -> Period:
    """Return the period somebody asked for; an end left open is the report's own, or the other end's day.

    Raises:
        Refused: ``report.backwards`` or ``report.too-long``.
    """
    own = period_of(kind.span, today)
    if first is None and last is None:
        return own
    start = first or (own.first if last and own.first <= last else last) or own.first
    end = last or max(own.last, start)
    if end < start:
        raise Refused("report.backwards", "--to", first=start.isoformat(), last=end.isoformat())
    if (end - start).days >= LONGEST_DAYS:
        raise Refused("report.too-long", "--from", limit=LONGEST_DAYS)
    return Period(start, end)
