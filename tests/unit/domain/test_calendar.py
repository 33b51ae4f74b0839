"""Working days come from the yearly files and from nowhere else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.calendar import (
    CounterCalendar,
    DayKind,
    WorkCalendar,
    YearCalendar,
    YearStatus,
    decode_year,
)
from jinpu_desk.domain.errors import Refused

CALENDARS = Path(__file__).parents[3] / "resources" / "calendars"
FILES = sorted(CALENDARS.glob("*.json"))
YEARS = [decode_year(path.read_bytes()) for path in FILES]
CALENDAR = WorkCalendar(YEARS)
D = dt.date.fromisoformat


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [dt.date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def test_every_day_2020_to_2026_agrees_with_an_independent_calendar() -> None:
    days = _days(dt.date(2020, 1, 1), dt.date(2026, 12, 31))
    assert len(days) == 2557
    assert [day for day in days if CALENDAR.is_workday(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize(
    ("year", "count"),
    [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_working_days_of_a_year(year: int, count: int) -> None:
    assert CALENDAR.workdays_between(dt.date(year - 1, 12, 31), dt.date(year, 12, 31)) == count


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_are_official_and_named_after_their_year(path: Path) -> None:
    year = decode_year(path.read_bytes())
    assert path.stem == str(year.year)
    assert year.status is YearStatus.OFFICIAL
    assert year.source
    assert all(day.year == year.year for run in year.holidays for day in run.days())


def test_a_day_says_why_it_works_or_not() -> None:
    assert CALENDAR.kind(D("2026-09-20")) is DayKind.MAKEUP
    assert CALENDAR.kind(D("2026-09-25")) is DayKind.HOLIDAY
    assert CALENDAR.holiday_name(D("2026-09-25")) == "中秋节"
    assert CALENDAR.kind(D("2026-09-13")) is DayKind.WEEKEND
    assert CALENDAR.kind(D("2026-09-14")) is DayKind.WORKDAY
    assert CALENDAR.holiday_name(D("2026-09-14")) == ""


def test_a_year_nobody_published_is_weeks_and_fixed_days_and_provisional() -> None:
    assert CALENDAR.is_provisional(D("2027-03-01"))
    assert not CALENDAR.is_provisional(D("2026-12-31"))
    assert not CALENDAR.is_workday(D("2027-01-01"))
    assert not CALENDAR.is_workday(D("2027-10-01"))
    assert CALENDAR.is_workday(D("2027-02-08"))
    assert not CALENDAR.is_workday(D("2027-02-07"))


def test_a_provisional_file_counts_but_stays_provisional() -> None:
    guess = YearCalendar(year=2027, status=YearStatus.PROVISIONAL, source="演示", workdays=(D("2027-01-09"),))
    calendar = WorkCalendar([*YEARS, guess])
    assert calendar.is_workday(D("2027-01-09"))
    assert calendar.is_provisional(D("2027-01-09"))
    assert calendar.is_imported(2027)


def test_an_imported_year_says_everything_about_itself() -> None:
    calendar = WorkCalendar([YearCalendar(year=2027, status=YearStatus.OFFICIAL, source="演示")])
    assert calendar.is_workday(D("2027-10-01"))
    assert calendar.workdays_between(D("2027-09-30"), D("2027-10-01")) == 1


def test_a_notice_may_speak_about_the_december_before() -> None:
    new_year = _json(holidays=[{"from": "2026-12-31", "to": "2027-01-02"}], workdays=["2026-12-27"])
    calendar = WorkCalendar([*YEARS, decode_year(new_year)])
    assert not calendar.is_workday(D("2026-12-31"))
    assert calendar.is_workday(D("2026-12-27"))
    assert CALENDAR.is_workday(D("2026-12-31"))


def test_closing_the_hall_does_not_make_a_holiday_nor_opening_it_a_working_day() -> None:
    counter = CounterCalendar(closed=frozenset({D("2026-09-14")}), opened=frozenset({D("2026-09-12")}))
    assert not counter.is_open(D("2026-09-14"), CALENDAR)
    assert counter.is_open(D("2026-09-12"), CALENDAR)
    assert not counter.is_open(D("2026-09-13"), CALENDAR)
    assert CALENDAR.is_workday(D("2026-09-14"))
    assert not CALENDAR.is_workday(D("2026-09-12"))


def test_the_digest_tells_calendars_apart_and_ignores_the_order_of_files() -> None:
    assert WorkCalendar(reversed(YEARS)).digest == CALENDAR.digest
    assert WorkCalendar(YEARS[:-1]).digest != CALENDAR.digest
    assert len(CALENDAR.digest) == 64


def _json(**changes: object) -> bytes:
    base: dict[str, object] = {
        "year": 2027,
        "status": "official",
        "source": "演示",
        "holidays": [],
        "workdays": [],
    }
    return json.dumps(base | changes).encode()


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        (b"\xff\xfe", "calendar.not-json", ""),
        (b"{", "calendar.not-json", ""),
        (b"{}", "calendar.bad-field", "year"),
        (b" " * 300_000, "calendar.too-large", ""),
        (_json(colour="red"), "calendar.bad-field", "colour"),
        (_json(status="maybe"), "calendar.bad-field", "status"),
        (_json(year=1066), "calendar.bad-year", "year"),
        (_json(workdays=["2027-02-30"]), "calendar.bad-field", "workdays[0]"),
        (_json(workdays=["2027-02-08"]), "calendar.not-weekend", "workdays[0]"),
        (_json(workdays=["2028-01-01"]), "calendar.wrong-year", "workdays[0]"),
        (_json(workdays=["2026-11-28"]), "calendar.wrong-year", "workdays[0]"),
        (_json(workdays=["2027-01-09", "2027-01-09"]), "calendar.repeated-day", "workdays[1]"),
        (_json(holidays=[{"from": "2027-01-09", "to": "2027-01-08"}]), "calendar.bad-range", "holidays[0]"),
        (_json(holidays=[{"from": "2027-01-01", "to": "2027-12-31"}]), "calendar.bad-range", "holidays[0]"),
        (
            _json(holidays=[{"from": "2027-01-09", "to": "2027-01-10"}], workdays=["2027-01-09"]),
            "calendar.repeated-day",
            "workdays[0]",
        ),
    ],
)
def test_a_bad_file_is_refused_naming_the_place(raw: bytes, code: str, where: str) -> None:
    with pytest.raises(Refused) as refusal:
        decode_year(raw)
    assert (refusal.value.code, refusal.value.where) == (code, where)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda: WorkCalendar([YEARS[0], YEARS[0]]), "calendar.repeated-year"),
        (lambda: CALENDAR.is_workday(D("1999-12-31")), "calendar.out-of-range"),
        (lambda: CALENDAR.next_workday(D("2069-12-31")), "calendar.out-of-range"),
    ],
)
def test_what_a_calendar_cannot_answer_it_refuses(ask: Callable[[], object], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        ask()
    assert refusal.value.code == code


DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2069, 12, 1))


@given(DAYS)
def test_the_next_working_day_is_the_first_one_after(day: dt.date) -> None:
    following = CALENDAR.next_workday(day)
    assert following > day
    assert CALENDAR.is_workday(following)
    assert not any(CALENDAR.is_workday(each) for each in _days(day, following)[1:-1])
    assert CALENDAR.on_or_after(day) == (day if CALENDAR.is_workday(day) else following)


@given(DAYS, st.integers(0, 400))
def test_counting_between_agrees_with_counting_one_by_one(start: dt.date, length: int) -> None:
    end = min(start + dt.timedelta(days=length), dt.date(2069, 12, 31))
    count = sum(CALENDAR.is_workday(day) for day in _days(start, end)[1:])
    assert CALENDAR.workdays_between(start, end) == count
    assert CALENDAR.workdays_between(end, start) == -count
