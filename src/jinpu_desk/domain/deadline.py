"""The statutory clock: terms in working or calendar days, pauses, deemed acceptance, colours (DOMAIN C1-C4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from jinpu_desk.domain.calendar import DayKind, WorkCalendar
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import CHINA

DEEMED_DAYS = 5
"""Working days from receipt within which incompleteness must be told (行政许可法第32条第1款第4项)."""


class PauseReason(StrEnum):
    """What may stop the clock after acceptance (行政许可法第45条 and DOMAIN C3)."""

    HEARING = "hearing"  # 听证
    TENDER = "tender"  # 招标
    AUCTION = "auction"  # 拍卖
    INSPECTION = "inspection"  # 检验
    TESTING = "testing"  # 检测
    QUARANTINE = "quarantine"  # 检疫
    APPRAISAL = "appraisal"  # 鉴定
    EXPERT_REVIEW = "expert-review"  # 专家评审
    PUBLICITY = "publicity"  # 公示、公告
    SITE_SURVEY = "site-survey"  # 现场踏勘
    CORRECTION = "correction"  # 受理后补正
    OTHER_STATUTORY = "other-statutory"  # 其他法定情形

    @property
    def needs_basis(self) -> bool:
        """True when a clerk must be warned to name the article: art. 45 does not list this reason."""
        return self in (PauseReason.SITE_SURVEY, PauseReason.OTHER_STATUTORY)


class Pause(msgspec.Struct, frozen=True):
    """Days the clock does not count: the half-open interval (start, end]; without ``end`` it still stands."""

    start: dt.date
    end: dt.date | None
    reason: PauseReason = PauseReason.OTHER_STATUTORY


class StepWhy(StrEnum):
    """Why a day counted or was skipped."""

    WORKDAY = "workday"
    MAKEUP = "makeup"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSE = "pause"


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One day of the count."""

    date: dt.date
    counted: bool
    why: StepWhy
    name: str = ""  # of the holiday, or the reason of the pause


class Due(msgspec.Struct, frozen=True):
    """When a term ends, and how sure that is.

    ``date`` is None while an open pause holds the clock (``running`` False). ``warning`` is
    ``calendar.year-not-imported`` or ``calendar.year-provisional`` with ``year`` when ``provisional``.
    """

    date: dt.date | None
    provisional: bool = False
    running: bool = True
    steps: tuple[Step, ...] = ()
    warning: str | None = None
    year: int | None = None

    def require_official(self, where: str = "") -> dt.date:
        """Return the date, or refuse when it is unknown or rests on an unpublished year."""
        if self.date is None:
            raise Refused("deadline.paused", where)
        if self.warning is not None:
            raise Refused(self.warning, where, year=self.year, date=self.date.isoformat())
        return self.date


def due(
    start: dt.date,
    days: int,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    extension_days: int = 0,
    *,
    explain: bool = False,
) -> Due:
    """Return the last day of a term of ``days`` + ``extension_days`` working days after ``start``.

    The first day is not counted (民法典第201条), 0 days end the same day, and no day inside a pause is counted
    (行政许可法第45条、第82条). A pause that begins on or after the last day comes too late to change it. ``steps``
    are given when ``explain``. Raises Refused ``deadline.negative``, ``deadline.pause-backwards``,
    ``calendar.out-of-range``.
    """
    if days < 0 or extension_days < 0:
        raise Refused("deadline.negative", days=days, extension=extension_days)
    runs = _merge(pauses)
    end = _last_day(start, days + extension_days, calendar, runs)
    steps = _explain(start, end, calendar, pauses) if explain else ()
    return _judge(start, end, calendar, steps)


def _merge(pauses: Iterable[Pause]) -> list[tuple[dt.date, dt.date]]:
    """Return disjoint pauses in order; an open one ends at the end of time."""
    runs: list[tuple[dt.date, dt.date]] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        end = dt.date.max if pause.end is None else pause.end
        if end < pause.start:
            raise Refused("deadline.pause-backwards", start=str(pause.start), end=str(end))
        if runs and pause.start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        else:
            runs.append((pause.start, end))
    return runs


def _last_day(
    start: dt.date, days: int, calendar: WorkCalendar, runs: Iterable[tuple[dt.date, dt.date]]
) -> dt.date | None:
    if days == 0:
        return start
    position = calendar.position(start)
    for begin, end in runs:
        free = max(calendar.position(begin) - position, 0)
        if free >= days:
            break
        if end == dt.date.max:
            return None
        days -= free
        position = max(position + free, calendar.position(end))
    return calendar.workday_at(position + days - 1)


def _explain(
    start: dt.date, end: dt.date | None, calendar: WorkCalendar, pauses: Sequence[Pause]
) -> tuple[Step, ...]:
    if end is None:
        end = max(start, *(pause.start for pause in pauses if pause.end is None))
    days = (dt.date.fromordinal(n) for n in range(start.toordinal() + 1, end.toordinal() + 1))
    return tuple(_step(day, calendar, pauses) for day in days)


def _step(day: dt.date, calendar: WorkCalendar, pauses: Iterable[Pause]) -> Step:
    kind = calendar.kind(day)
    held = next((p for p in pauses if p.start < day and (p.end is None or day <= p.end)), None)
    if held is not None and kind.works:
        return Step(day, False, StepWhy.PAUSE, held.reason.value)
    name = calendar.holiday_name(day) if kind is DayKind.HOLIDAY else ""
    return Step(day, kind.works, StepWhy(kind.value), name)


def _judge(start: dt.date, end: dt.date | None, calendar: WorkCalendar, steps: tuple[Step, ...]) -> Due:
    """Mark a term provisional when any day after ``start`` lies in a year without an official notice."""
    if end is None:
        return Due(None, running=False, steps=steps)
    first = min(start + dt.timedelta(days=1), end)
    for year in range(first.year, end.year + 1):
        if calendar.is_provisional_year(year):
            known = calendar.is_imported(year)
            warning = "calendar.year-provisional" if known else "calendar.year-not-imported"
            return Due(end, provisional=True, steps=steps, warning=warning, year=year)
    return Due(end, steps=steps)


def may_extend(today: dt.date, term: Due) -> bool:
    """True while a term may still be extended: running, and not past its last day (行政许可法第42条)."""
    return term.date is not None and today <= term.date


def calendar_day_term(start: dt.date, days: int, calendar: WorkCalendar) -> Due:
    """Return the last day of a term of calendar days, moved to the next working day (民法典第201、203条)."""
    if days < 0:
        raise Refused("deadline.negative", days=days, extension=0)
    last = start + dt.timedelta(days=days)
    return _judge(last, calendar.on_or_after(last), calendar, ())


class SimpleCancelWindow(msgspec.Struct, frozen=True):
    """The two windows of 简易注销, every day included."""

    notice_from: dt.date
    notice_to: dt.date
    file_from: dt.date
    file_to: dt.date
    provisional: bool = False


def simple_cancel_window(
    notice_from: dt.date, calendar: WorkCalendar, notice_days: int = 20, filing_days: int = 20
) -> SimpleCancelWindow:
    """Return when the notice ends and when one may file (市场主体登记管理条例第33条; DOMAIN C4).

    Both lengths are calendar days and data: sources disagree on the second (20 or 30).
    """
    notice = calendar_day_term(notice_from, notice_days, calendar)
    notice_to = notice.date or notice_from
    filing = calendar_day_term(notice_to, filing_days, calendar)
    return SimpleCancelWindow(
        notice_from,
        notice_to,
        notice_to + dt.timedelta(days=1),
        filing.date or notice_to,
        notice.provisional or filing.provisional,
    )


def deemed_on(received: dt.date, calendar: WorkCalendar) -> dt.date:
    """Return the last of the 5 working days to decide in; after it the case is accepted as of ``received``."""
    return calendar.workday_at(calendar.position(received) + DEEMED_DAYS - 1)


def is_deemed(received: dt.date, today: dt.date, calendar: WorkCalendar) -> bool:
    """True when nobody decided in time, so that ``received`` is the acceptance date (行政许可法第32条)."""
    return today > deemed_on(received, calendar)


def remaining_workdays(
    today: dt.date, end: dt.date, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> int:
    """Count working days left after ``today`` up to ``end``; negative once it has passed."""
    left = calendar.workdays_between(today, end)
    for begin, until in _merge(pauses) if left > 0 else ():
        low, high = max(today, begin), min(end, until)
        if low < high:
            left -= calendar.workdays_between(low, high)
    return left


class Urgency(StrEnum):
    """The colour of a running case."""

    GREEN = "green"
    YELLOW = "yellow"  # little is left
    ORANGE = "orange"  # the promised term has passed
    RED = "red"  # the legal term has passed
    PAUSED = "paused"


def yellow_from(last: dt.date, days: int, calendar: WorkCalendar) -> dt.date:
    """Return the first day on which little is left of a term of ``days`` working days that ends on ``last``:
    one working day, or 20 % of the term where that is more (DOMAIN C3)."""
    left = max(1, days // 5)
    return calendar.workday_at(calendar.position(last) - left - 1)


def colour(
    today: dt.date, promised: dt.date | None, legal: dt.date | None, warn_on: dt.date | None
) -> Urgency:
    """Return the colour on ``today`` of a term whose days are known; every list, page and report asks here.

    ``warn_on`` is what ``yellow_from`` says of ``promised``; without one a term never turns yellow.
    """
    if promised is None:
        return Urgency.PAUSED
    if legal is not None and today > legal:
        return Urgency.RED
    if today > promised:
        return Urgency.ORANGE
    return Urgency.YELLOW if warn_on is not None and today >= warn_on else Urgency.GREEN


def urgency(
    today: dt.date,
    promised: dt.date | None,
    legal: dt.date | None,
    promised_days: int,
    calendar: WorkCalendar,
) -> Urgency:
    """Return the colour on ``today``: yellow from max(1, 20 % of ``promised_days``) working days left."""
    warn_on = None if promised is None else yellow_from(promised, promised_days, calendar)
    return colour(today, promised, legal, warn_on)


class Channel(StrEnum):
    """How an application came in."""

    COUNTER = "counter"
    POST = "post"
    ONLINE = "online"


def effective_receipt_date(
    at: dt.datetime, channel: Channel, closing_time: dt.time, calendar: WorkCalendar
) -> dt.date:
    """Return the date an application counts as received (DOMAIN C3).

    At the counter, and by post on arrival, it is the local date, whatever the hour. Online it is the next
    working day when sent after ``closing_time`` (local) or on a day off. ``at`` must be aware.
    """
    if at.tzinfo is None:
        raise ValueError("at must carry a zone")
    local = at.astimezone(CHINA)
    day = local.date()
    if channel is not Channel.ONLINE:
        return day
    late = local.time() > closing_time
    return calendar.next_workday(day) if late else calendar.on_or_after(day)
