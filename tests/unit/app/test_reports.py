"""Reports of counts and terms, against hands that counted; whatever the report, every case is counted once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.reports.clocks import colour_of
from jinpu_desk.app.reports.model import Period
from jinpu_desk.app.reports.registry import report_kind
from jinpu_desk.app.reports.run import run
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import Terms
from jinpu_desk.domain.deadline import Urgency, due, urgency
from jinpu_desk.domain.ids import CaseId, CaseNo
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter as Window
from samples.counter import calendar, catalogue
from samples.reporting import FIRST, LAST, PROJECTOR, Book, figures, lines, noon, totals
from samples.stores import open_store

COUNTING = ("items", "stations", "windows", "clerks", "status")
OUTCOMES = ("cases", "open", "done", "refused", "not_needed", "ended")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    store = open_store(tmp_path / "desk.db", projector=PROJECTOR)
    yield Book(store)
    store.close()


def counts(line: dict[str, object]) -> list[object]:
    return [line[key] for key in OUTCOMES]


def mixed(book: Book) -> None:
    """Seven received cases and a guided visit: two open, two decided, one refused, one not needed, one withdrawn."""
    book.open()
    book.write(book.open(station="07"), b.CaseAccepted(accepted_on=FIRST))
    book.write(
        book.open(item="sole-prop-setup", clerk="supervisor"),
        b.CaseDecided(approved=True, decided_on=FIRST),
        b.CaseClosed(closed_on=FIRST),
    )
    book.write(
        book.open(window="综合窗口02"),
        b.CaseAccepted(accepted_on=FIRST),
        b.CaseDecided(approved=False, decided_on=FIRST, reason="不符合条件"),
    )
    book.write(book.open(), b.CaseRefused(reason="不属于本机关职权"))
    book.write(book.open(), b.CaseRefused(reason="无需许可", not_needed=True))
    book.write(book.open(), b.CaseWithdrawn(reason="改日再来"))
    guide(book)


def guide(book: Book) -> None:
    """Send somebody from a station to the hall."""
    body = b.CaseGuided(
        case_no=CaseNo("210213030022026091499999"),
        query_code="1",
        item="company-cancel",
        applicant=Applicant(type="person", name="演示乙"),
        terms=Terms(item_name="公司注销"),
        station="07",
        guided_to="政务服务大厅",
    )
    book.write(CaseId("01900000-0000-7000-8000-000000999999"), body)


def test_a_hand_counted_month(book: Book) -> None:
    mixed(book)
    content = book.count("items")
    assert [(line["item"], *counts(line)) for line in lines(content)] == [
        ("小餐饮许可", 6, 2, 1, 1, 1, 1),
        ("个独设立", 1, 0, 1, 0, 0, 0),
    ]
    assert counts(totals(content)) == [7, 2, 2, 1, 1, 1]
    assert "另有引导 1 件，不计入收件。" in content.notes
    assert [(line["name"], line["cases"]) for line in lines(book.count("stations"))] == [
        ("演示三所", 6),
        ("演示七所", 1),
    ]
    assert [(line["window"], line["cases"]) for line in lines(book.count("windows"))] == [
        ("综合窗口01", 5),
        ("综合窗口02", 1),
        ("综合窗口01", 1),
    ]
    assert [(line["clerk"], line["cases"]) for line in lines(book.count("clerks"))] == [
        ("演示窗口员", 6),
        ("演示主管", 1),
    ]
    assert [(line["status"], line["cases"], line["share"]) for line in lines(book.count("status"))] == [
        (26, 1, (1, 7)),
        (30, 1, (1, 7)),
        (40, 1, (1, 7)),
        (90, 1, (1, 7)),
        (97, 2, (2, 7)),
        (98, 1, (1, 7)),
    ]


def test_a_period_has_both_its_ends(book: Book) -> None:
    for day in (FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=2)):
        book.open(day)
    seen = {
        (first, last): totals(book.count("items", Period(FIRST + timedelta(first), FIRST + timedelta(last))))[
            "cases"
        ]
        for first, last in ((0, 0), (0, 1), (1, 2), (0, 2))
    }
    assert seen == {(0, 0): 1, (0, 1): 2, (1, 2): 2, (0, 2): 3}
    assert lines(book.count("items", Period(LAST, LAST))) == []


def test_what_was_taken_in_elsewhere_counts_on_its_true_day(book: Book) -> None:
    true = int(noon(FIRST).timestamp() * 1000)
    book.open(LAST, backfill=b.Backfill(received_at=true, reason="断网"))
    content = book.count("items", Period(FIRST, FIRST))
    assert totals(content)["cases"] == 1
    assert "含补录 1 件。" in content.notes


def test_all_area_counts_what_stations_took_in(book: Book) -> None:
    book.open(item="sole-prop-setup")
    book.open(item="sole-prop-setup", station="07")
    book.open(item="llc-one-person-setup", station="07")
    book.open(item="sole-prop-setup", station="00")  # the hall's own
    book.open(item="small-catering", station="07")  # not for the whole district
    content = book.count("all-area")
    told = [
        (line["station"], line["sole-prop-setup"], line["llc-one-person-setup"], line["cases"])
        for line in lines(content)
    ]
    assert told == [("演示三所", 1, 0, 1), ("演示七所", 1, 1, 2)]
    assert totals(content)["cases"] == 3
    assert content.notes[0].startswith("2 个站点共 3 户。")


def test_licence_modes_hold_every_item_once(book: Book) -> None:
    book.open(item="food-business-new")
    found = lines(book.count("licence-modes"))
    items = [item for item in catalogue().items.values() if item.role == "item"]
    assert sum(line["items"] for line in found) == len(items)
    assert sum(line["cases"] for line in found) == 1
    mode = catalogue().items["food-business-new"].licence_mode
    at = ["cancelled", "filing", "pledge", "optimised", ""].index(mode)
    assert found[at]["cases"] == 1


# Every case once


STEPS: tuple[tuple[b.Body, ...], ...] = (
    (),
    (b.CaseAccepted(accepted_on=FIRST, deemed=True),),
    (b.CaseAccepted(accepted_on=FIRST, supplement_by={"layout": FIRST + timedelta(days=7)}),),
    (b.CaseAccepted(accepted_on=FIRST), b.CaseDecided(approved=True, decided_on=LAST)),
    (b.CorrectionNoticed(faults=(), correct_by=LAST),),
    (b.CaseRefused(reason=""),),
    (b.CaseRefused(reason="无需许可", not_needed=True),),
    (b.CaseWithdrawn(reason="演示"),),
    (b.CaseVoided(reason="录错"),),
)
CASES = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(["small-catering", "sole-prop-setup", "gone-item"]),
        st.sampled_from(["00", "03", "07"]),
        st.sampled_from(["", "综合窗口01", "综合窗口02"]),
        st.sampled_from(["clerk", "supervisor", "somebody"]),
        st.sampled_from(STEPS),
    ),
    max_size=12,
)


@given(CASES, st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=40)
def test_every_way_of_counting_agrees(
    held: list[tuple[int, str, str, str, str, tuple[b.Body, ...]]], one: int, other: int
) -> None:
    first, last = sorted((FIRST + timedelta(days=one), FIRST + timedelta(days=other)))
    period = Period(first, last)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "desk.db", projector=PROJECTOR, synchronous="OFF")
        book = Book(store)
        for shift, item, station, window, clerk, steps in held:
            day = FIRST + timedelta(days=shift)
            case = book.open(day, item=item, station=station, window=window, clerk=clerk)
            book.write(case, *steps, day=day)
        expected = sum(FIRST + timedelta(days=case[0]) in period for case in held)
        for name in COUNTING:
            content = book.count(name, period)
            found = lines(content)
            assert sum(line["cases"] for line in found) == expected, name
            if name != "status":
                assert all(sum(counts(line)[1:]) == line["cases"] for line in found)  # type: ignore[arg-type]
        with store.reading() as reader:
            rows = list(reader.rows(CaseQuery()))
            tally = reader.tally(CaseQuery(), "item", "station", "window", "status", "flags")
        by_hand = Counter((row.item, row.station, row.window, row.status, row.flags) for row in rows)
        assert dict(tally) == by_hand
        store.close()


# Terms


@given(
    st.dates(date(2026, 8, 3), date(2026, 9, 30)),
    st.sampled_from([0, 1, 3, 5, 10, 20, 45]),
    st.integers(0, 20),
    st.integers(0, 80),
)
@settings(max_examples=60)
def test_colours_are_those_of_the_deadline(start: date, promised: int, more: int, later: int) -> None:
    today = start + timedelta(days=later)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "desk.db", projector=PROJECTOR, synchronous="OFF")
        book = Book(store)
        terms = Terms(item_name="演示", promised_days=promised, legal_days=promised + more)
        book.write(book.open(start, terms=terms), b.CaseAccepted(accepted_on=start), day=start)
        row = store.page(CaseQuery()).rows[0]
        ends = [due(start, days, calendar()).date for days in (promised, promised + more)]
        expected = urgency(today, ends[0], ends[1], promised, calendar())
        assert colour_of(row, today) is expected
        shown = {
            line["colour"]: line["cases"] for line in lines(book.count("on-time", today=today), "colours")
        }
        named = {"绿": Urgency.GREEN, "黄": Urgency.YELLOW, "橙": Urgency.ORANGE, "红": Urgency.RED}
        assert {named[word[0]]: n for word, n in shown.items() if n} == {expected: 1}
        store.close()


def test_on_time_and_the_reasons_of_cards(book: Book) -> None:
    tight = Terms(item_name="演示", promised_days=2, legal_days=4)
    monday = FIRST

    def decided(after: int) -> None:
        day = monday + timedelta(days=after)
        case = book.write(book.open(terms=tight), b.CaseAccepted(accepted_on=monday))
        book.write(case, b.CaseDecided(approved=True, decided_on=day), day=day)

    for after in (0, 2, 3, 7):  # in time, in time, past the promised term, past the legal one
        decided(after)
    book.write(
        book.open(terms=tight), b.CaseAccepted(accepted_on=monday, deemed=True)
    )  # still open: past both
    book.write(book.open(), b.CaseRefused(reason=" "))
    notice = b.CorrectionNoticed(faults=(), correct_by=LAST)
    book.write(book.open(), notice, b.CaseResubmitted(received_on=FIRST), notice)
    content = book.count("on-time")
    assert lines(content) == [
        {"item": "小餐饮许可", "decided": 4, "promised": 1, "legal": 1, "rate": (2, 4)},
    ]
    cards = {line["reason"]: (line["card"], line["cases"]) for line in lines(content, "cards")}
    assert cards == {
        "符合条件未按期受理（视为受理）": ("红牌", 1),
        "超过法定时限": ("红牌", 2),
        "不予受理或不予许可未说明理由": ("红牌", 1),
        "超过承诺时限": ("黄牌", 1),
        "单一环节超时（决定后未按期寄送）": ("黄牌", 0),
        "再次要求补正": ("黄牌", 1),
    }
    listed = lines(content, "card_cases")
    assert [line["days"] for line in listed if line["days"]] == [8, 2, 1]
    assert content.notes[0].startswith("期内作出决定的按期率 50.00%（2/4）")


def test_a_result_posted_late_is_a_step_over_its_term(book: Book) -> None:
    for delivery, after in (("post", 11), ("post", 16), ("pick-up", 16)):
        day = FIRST + timedelta(days=after)
        case = book.write(
            book.open(delivery=delivery),
            b.CaseAccepted(accepted_on=FIRST),
            b.CaseDecided(approved=True, decided_on=FIRST),
        )
        book.write(case, b.ResultHandedOut(method="post", handed_on=day, service="post"), day=day)
    content = book.count("on-time")
    steps = [line for line in lines(content, "card_cases") if line["reason"].startswith("单一环节")]
    assert [line["days"] for line in steps] == [2]  # the 30th is the twelfth working day; the 25th the ninth


def test_packages_are_decided_by_their_branches(counter: Window) -> None:
    case = counter.take(demo.restaurant(1)).case
    assert case.children
    content = run(counter.desk, report_kind("on-time"), Period(FIRST, LAST))
    assert sum(int(str(line[1])) for line in content.tables[1].rows) == len(case.children)


def test_open_cases_by_age(book: Book) -> None:
    today = date(2026, 9, 30)
    for day in (today, date(2026, 9, 29), date(2026, 9, 24), date(2026, 9, 14), date(2026, 8, 3)):
        book.open(day)
    book.write(book.open(date(2026, 9, 14)), b.CaseWithdrawn(reason="演示"))
    content = book.count("age", today=today)
    assert {line["age"]: line["cases"] for line in lines(content) if line["cases"]} == {
        "当日": 1,
        "1 个工作日": 1,
        "2–3": 1,
        "11–20": 1,
        "20 个以上": 1,
    }
    assert totals(content)["red"] == 2  # nobody decided within five working days
    assert lines(content, "oldest")[0]["age"] == 42


def test_figures_are_read_by_their_labels(book: Book) -> None:
    mixed(book)
    told = figures(book.count("week", Period(FIRST, FIRST)), "flow")
    assert (told["收件"], told["引导"], told["不予受理（期内收件）"], told["作出决定"]) == (7, 1, 1, 2)
