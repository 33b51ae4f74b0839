"""Reports as a whole: the catalogue's figures, days and summaries, empty desks, and who is shown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.papers import NEEDS
from jinpu_desk.app.papers.paperwork import PAPERS
from jinpu_desk.app.reports.catalogue_figures import fixture_content
from jinpu_desk.app.reports.marks import carries_number
from jinpu_desk.app.reports.model import Period, Ratio, percent, ticks
from jinpu_desk.app.reports.registry import REPORTS, Span, asked_period, period_of, report_kind
from jinpu_desk.app.reports.run import run
from jinpu_desk.domain.errors import Refused
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter as Window
from samples.counter import catalogue
from samples.reporting import PROJECTOR, Book
from samples.stores import open_store


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    store = open_store(tmp_path / "desk.db", projector=PROJECTOR)
    yield Book(store)
    store.close()


# The catalogue


def test_the_seed_gives_the_figures_of_the_contract() -> None:
    assert fixture_content("seed-2020").plain == {
        "items": 1114,
        "by_application": 1018,
        "public_service": 96,
        "legal_days": 24234,
        "promised_days": 6671,
        "compression": "72.47%",
        "once_at_most": 1106,
        "once_ratio": "99.28%",
        "entered": 974,
        "tolerant_items": 249,
        "packages": 100,
        "licence_types": 123,
        "all_area_cases": 374,
        "stations": 12,
    }


def test_a_desk_counts_its_own_catalogue(book: Book) -> None:
    book.open(item="sole-prop-setup")
    told = book.count("catalogue").plain
    assert told is not None
    held = [item for item in catalogue().items.values() if item.role == "item"]
    termed = [item for item in held if item.legal_days is not None]
    assert told["items"] == len(held) == told["by_application"] + told["public_service"]
    assert told["legal_days"] == sum(item.legal_days or 0 for item in termed)
    assert told["promised_days"] == sum(item.promised_days for item in termed)
    assert told["compression"] == percent(told["legal_days"] - told["promised_days"], told["legal_days"])
    assert (told["all_area_cases"], told["stations"]) == (1, 2)
    assert told["packages"] == len(catalogue().packages)


# Days and summaries


def test_the_report_of_the_day(counter: Window) -> None:
    counter.take(demo.sole_prop(1))
    counter.take(demo.food_business(2))
    told = run(counter.desk, report_kind("today"), Period(counter.desk.today(), counter.desk.today())).plain
    assert told is not None
    assert (told["date"], told["received"], told["decided"], told["offline"]) == ("2026-09-18", 2, 1, 2)
    assert told["by_status"] == {
        "30": {"label": "已受理", "cases": 1},
        "90": {"label": "办结", "cases": 1},
    }


def test_a_day_on_one_page(counter: Window) -> None:
    counter.take(demo.sole_prop(1))
    counter.take(demo.small_catering(2, layout="tolerated"))
    counter.take(demo.small_catering(3, "correct", layout="lacking"))
    counter.take(demo.food_business(4, "receive"))
    day = counter.desk.today()
    content = run(counter.desk, report_kind("day"), Period(day, day))
    flow, now = ({str(label): value for label, value in table.rows} for table in content.tables[:2])
    assert [
        flow[key] for key in ("收件", "受理", "其中容缺受理", "发出补正告知（期内收件）", "作出决定")
    ] == [4, 1, 1, 1, 1]
    assert flow["按期率"] == Ratio(1, 1)
    assert [now[key] for key in ("待决定", "待补正", "已受理在办", "容缺待补齐", "结果待领取")] == [
        1,
        1,
        1,
        1,
        1,
    ]
    assert content.title == "日小结（演示）"
    week = run(counter.desk, report_kind("week"), period_of(Span.THIS_WEEK, day))
    assert week.charts[0].kind == "line"
    assert week.charts[0].series[0].values == (0, 0, 0, 0, 4, 0, 0)
    assert week.charts[0].series[1].values == (0, 0, 0, 0, 1, 0, 0)


@pytest.mark.parametrize("name", REPORTS)
def test_an_empty_desk_has_nothing_to_report_and_says_so(book: Book, name: str) -> None:
    content = book.count(name)
    shown = [row for table in content.tables for row in table.rows]
    ratios = [value for row in shown for value in row if isinstance(value, Ratio)]
    assert all(ratio.value is None and str(ratio) == "—（0/0）" for ratio in ratios)
    if name not in ("catalogue", "today", "day", "week", "all-area", "licence-modes", "on-time"):
        assert shown == []


def test_quick_choices_of_days() -> None:
    today = date(2026, 3, 1)  # a Sunday
    chosen = {span: (str(p.first), str(p.last)) for span in Span for p in [period_of(span, today)]}
    assert chosen == {
        Span.TODAY: ("2026-03-01", "2026-03-01"),
        Span.YESTERDAY: ("2026-02-28", "2026-02-28"),
        Span.THIS_WEEK: ("2026-02-23", "2026-03-01"),
        Span.LAST_WEEK: ("2026-02-16", "2026-02-22"),
        Span.THIS_MONTH: ("2026-03-01", "2026-03-31"),
        Span.LAST_MONTH: ("2026-02-01", "2026-02-28"),
        Span.OWN: ("2026-03-01", "2026-03-31"),
    }


def test_an_open_end_of_the_days() -> None:
    kind, today = report_kind("items"), date(2026, 9, 18)

    def asked(first: date | None, last: date | None) -> str:
        return str(asked_period(kind, first, last, today))

    assert asked(None, None) == "2026-09-01 至 2026-09-30"
    assert asked(date(2026, 9, 7), None) == "2026-09-07 至 2026-09-30"
    assert asked(date(2026, 11, 7), None) == "2026-11-07"
    assert asked(None, date(2026, 9, 7)) == "2026-09-01 至 2026-09-07"
    assert asked(None, date(2026, 2, 7)) == "2026-02-07"
    with pytest.raises(Refused, match=r"report\.backwards"):
        asked(date(2026, 9, 7), date(2026, 9, 6))
    with pytest.raises(Refused, match=r"report\.too-long"):
        asked(date(2000, 1, 1), date(2026, 9, 6))
    with pytest.raises(Refused, match=r"report\.unknown"):
        report_kind("nothing")


def test_people_are_masked_unless_asked_and_that_is_logged(counter: Window) -> None:
    counter.take(demo.food_business(1, "receive") | {"form": demo.food_business(1)["form"]})
    period = Period(counter.desk.today(), counter.desk.today())
    hidden = run(counter.desk, report_kind("age"), period)
    assert (hidden.masked, hidden.personal) == (True, True)
    shown = run(counter.desk, report_kind("age"), period, masked=False)
    assert not shown.masked
    with counter.store._engine.read() as connection:
        logged = connection.exec_driver_sql("SELECT actor, what FROM audit").all()
    assert [tuple(line) for line in logged] == [("clerk", "reveal-report age")]


def test_papers_with_a_number_are_those_the_app_numbers() -> None:
    for kind, form in NEEDS:
        numbered = kind in PAPERS and PAPERS[kind].numbers(form)
        assert carries_number(kind, form) is numbered, (kind, form)


@given(st.integers(1, 10**7))
def test_an_axis_reaches_its_highest_value_with_few_marks(highest: int) -> None:
    marks = ticks(highest)
    assert marks[0] == 0
    assert marks[-1] >= highest > marks[-2]
    assert len(marks) <= 6
    assert len({later - earlier for earlier, later in itertools.pairwise(marks)}) == 1
