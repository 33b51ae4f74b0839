"""Shift handover and day end: two signatures, nothing open without a reason, a chained book of both."""

from __future__ import annotations

import msgspec
import pytest

from jinpu_desk.app.duty import day_end, duty, duty_view, handing_on
from jinpu_desk.app.duty.concerns import Matter, concerns
from jinpu_desk.app.duty.day_end import DayRecord
from jinpu_desk.app.duty.duty import ShiftRecord
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.ports import PrintJob, SavedDraft
from jinpu_desk.app.ports.entering import Clerk
from jinpu_desk.domain.case import Case, Flag
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.domain.instants import millis
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter

TAKER = Clerk(id=ClerkId("wangfang"), display_name="演示接班人", roles=("clerk",), station="00")
REVIEWER = Clerk(id=ClerkId("reviewer"), display_name="演示审批员", roles=("reviewer",), station="00")


def taken_in(counter: Counter, number: int = 1, *, papers: bool = False) -> Case:
    file = demo.food_business(number, "accept")
    materials = {key: {"state": "received", "originals": 1, "pages": 2} for key in file["materials"]}
    return counter.take(file | {"materials": materials}, papers=papers).case


def counts(counter: Counter) -> dict[str, int]:
    return {str(concern.matter): concern.count for concern in concerns(counter.desk) if concern.count}


def everything(counter: Counter) -> dict[str, str]:
    return dict.fromkeys((str(matter) for matter in Matter), "演示：明日续办")


def printed(counter: Counter, case: Case, state: str = "printed") -> None:
    for paper in counter.again(case).papers:
        job = PrintJob(
            id=f"{paper.id}-{state}",
            case_id=case.id,
            case_no=case.case_no,
            paper=paper.id,
            kind=paper.kind,
            printer="演示",
            copies=1,
            state=state,  # type: ignore[arg-type]
            at=millis(counter.desk.now()),
        )
        with counter.store.transaction() as tx:
            tx.keep_job(job)


# What stays open


def test_papers_are_open_until_a_printer_took_them(counter: Counter) -> None:
    case = taken_in(counter, papers=True)
    issued = len(case.papers)
    assert counts(counter)["unprinted"] == issued
    printed(counter, case, "failed")
    assert counts(counter)["failed-prints"] == issued
    assert "unprinted" not in counts(counter)
    printed(counter, case)
    assert {"unprinted", "failed-prints"}.isdisjoint(counts(counter))


def test_a_slip_of_many_cases_is_one_paper(counter: Counter) -> None:
    cases = [taken_in(counter, number) for number in (1, 2, 3)]
    slip = handing_on.hand_on(counter.desk, [case.case_no for case in cases], "archive")
    assert counts(counter)["unprinted"] == 1
    assert counts(counter)["on-the-way"] == 3
    printed(counter, slip.cases[1])
    assert "unprinted" not in counts(counter)


def test_every_matter_is_found(counter: Counter) -> None:
    draft = SavedDraft(
        id="d", title="演示", clerk=ClerkId("clerk"), saved_at=1, state=msgspec.json.encode(Draft(id="d"))
    )
    with counter.store.transaction() as tx:
        tx.keep_draft(draft)
    counter.take(demo.food_business(2, "receive"))
    rated = counter.act(taken_in(counter, 3), "rate", {"occasion": "receipt", "satisfaction": 1})
    closed = counter.take(demo.sole_prop(4, "register")).case
    counter.wait(days=40)
    found = counts(counter)
    assert found["drafts"] == 1
    assert found["undecided"] == 1
    assert found["due"] == 1
    assert found["uncollected"] == 1
    assert found["poor-ratings"] == 1
    assert found["unsynced"] == counter.store.status().pending_cases
    lines = {c.matter: [line.case_id for line in c.lines] for c in concerns(counter.desk)}
    assert lines[Matter.UNCOLLECTED] == [closed.id]
    assert lines[Matter.POOR_RATINGS] == [rated.id]


def test_another_station_s_cases_are_not_this_window_s_concern(counter: Counter) -> None:
    counter.take(demo.food_business(1, "receive"))
    counter.wait(days=6)
    assert counts(counter)["undecided"] == 1
    counter.at_station("03")
    assert "undecided" not in counts(counter)


# Shift handover


def test_a_shift_is_handed_over_with_what_lies_at_the_window(counter: Counter) -> None:
    here, gone = taken_in(counter, 1), taken_in(counter, 2)
    handing_on.hand_on(counter.desk, [gone.case_no], "archive")
    sheet = duty.hand_over(counter.desk, TAKER, {"seal-acceptance": 1, "blank-licence-copy": 40})
    record = msgspec.json.decode(sheet.entry.data, type=ShiftRecord)
    assert (record.giver, record.taker) == ("clerk", "wangfang")
    assert record.counts == {"30": 2}
    assert record.held == (here.case_no,)
    assert record.originals == len(here.materials)
    assert record.open["on-the-way"] == 1
    assert counter.store.paper(record.sha256) == sheet.paper.data
    assert counter.store.verify().ok


@pytest.mark.parametrize(
    ("taker", "code"),
    [
        (Clerk(id=ClerkId("clerk"), display_name="x", roles=("clerk",), station="00"), "duty.same-person"),
        (REVIEWER, "duty.not-at-the-window"),
    ],
)
def test_a_shift_needs_somebody_else_who_may_sit_here(counter: Counter, taker: Clerk, code: str) -> None:
    with pytest.raises(Refused, match=code):
        duty.hand_over(counter.desk, taker, {})
    assert counter.store.duty() == ()


def test_stock_is_held_against_what_was_counted_last(counter: Counter) -> None:
    assert {line.known for line in duty.stock(counter.desk)} == {None}
    duty.hand_over(counter.desk, TAKER, {"seal-acceptance": 2, "blank-licence-copy": 40})
    counter.wait(hours=4)
    day_end.close_day(counter.desk, everything(counter), {"blank-licence-copy": 31})
    known = {line.item.key: line.known for line in duty.stock(counter.desk)}
    assert (known["seal-acceptance"], known["blank-licence-copy"]) == (2, 31)
    counter.wait(days=1)
    with pytest.raises(Refused, match=r"duty\.seals-differ"):
        duty.hand_over(counter.desk, TAKER, {"seal-acceptance": 1})
    duty.hand_over(counter.desk, TAKER, {"seal-acceptance": 1}, note="一枚送修（演示）")


@pytest.mark.parametrize(
    ("counted", "code"),
    [({"nothing": 1}, "duty.unknown-stock"), ({"seal-acceptance": -1}, "duty.stock-count")],
)
def test_a_count_is_a_count_of_something(counter: Counter, counted: dict[str, int], code: str) -> None:
    with pytest.raises(Refused, match=code):
        duty.checked_stock(counter.desk, counted, "")


# Day end


def test_a_day_is_closed_once_everything_open_has_a_reason(counter: Counter) -> None:
    taken_in(counter)
    with pytest.raises(Refused, match=r"duty\.unexplained"):
        day_end.close_day(counter.desk, {}, {})
    assert counter.store.duty() == ()
    sheet = day_end.close_day(counter.desk, {"unsynced": "断网，恢复后即传"}, {})
    record = msgspec.json.decode(sheet.entry.data, type=DayRecord)
    assert record.open == {"unsynced": 1}
    assert record.reasons == {"unsynced": "断网，恢复后即传"}
    assert record.done["收件"] == 1
    assert record.counts == {"30": 1}


def test_a_closed_day_is_amended_with_a_reason(counter: Counter) -> None:
    first = day_end.close_day(counter.desk, everything(counter), {})
    with pytest.raises(Refused, match=r"duty\.closed"):
        day_end.close_day(counter.desk, everything(counter), {})
    second = day_end.close_day(counter.desk, everything(counter), {}, amending="漏记一件退件")
    record = msgspec.json.decode(second.entry.data, type=DayRecord)
    assert (record.amends, record.reason) == (first.entry.id, "漏记一件退件")
    counter.wait(days=1)
    assert day_end.day_of(counter.desk).closed is None
    assert day_end.missed(counter.desk) == (), "nobody came, or the day was closed"
    taken_in(counter)
    counter.wait(days=2)
    assert [f"{day:%m-%d}" for day in day_end.missed(counter.desk)] == ["09-19"]
    assert counter.store.verify().ok


def test_reasons_name_what_there_is(counter: Counter) -> None:
    with pytest.raises(Refused, match=r"duty\.unknown-matter"):
        day_end.close_day(counter.desk, {"weather": "雨"}, {})


def test_only_the_counter_closes_its_day(counter: Counter) -> None:
    counter.sit("auditor")
    with pytest.raises(Refused, match=r"role\.may-not"):
        day_end.close_day(counter.desk, everything(counter), {})


# Visits and voices


def test_visits_count_days_at_the_counter(counter: Counter) -> None:
    case = taken_in(counter)
    case = counter.act(case, "visit", {"ticket": "A013", "purpose": "补交平面图"})
    assert (case.ticket, len(case.visits)) == ("A013", 1), "the same day is one visit"
    counter.wait(days=1)
    assert len(counter.act(case, "visit").visits) == 2


def test_a_poor_rating_waits_for_its_answer(counter: Counter) -> None:
    case = taken_in(counter)
    assert case.ratings == (), "unrated is not satisfied"
    case = counter.act(
        case, "rate", {"occasion": "receipt", "satisfaction": 2, "aspects": ["等候时间长"], "text": "慢"}
    )
    assert Flag.POOR_RATING in case.flags
    case = counter.act(case, "rate", {"occasion": "receipt", "satisfaction": 5})
    assert Flag.POOR_RATING in case.flags, "a later praise answers nothing"
    with pytest.raises(Refused, match=r"role\.may-not"):
        counter.act(case, "answer-rating", {"text": "已致歉"})
    counter.sit("supervisor")
    case = counter.act(case, "answer-rating", {"text": "已回访，增开窗口"})
    assert Flag.POOR_RATING not in case.flags
    assert [rating.answer for rating in case.ratings] == ["已回访，增开窗口", ""]
    with pytest.raises(Refused, match=r"case\.no-poor-rating"):
        counter.act(case, "answer-rating", {"text": "再来一次"})


def test_nobody_rates_a_result_that_is_not_there(counter: Counter) -> None:
    with pytest.raises(Refused, match=r"case\.no-result-yet"):
        counter.act(taken_in(counter), "rate", {"occasion": "result", "satisfaction": 5})


# On the screen


def test_the_page_shows_what_is_open_what_was_said_and_the_sheets(counter: Counter) -> None:
    taken_in(counter)
    page = duty_view.day_page(counter.desk)
    assert page.closed == ""
    assert [concern.key for concern in page.concerns] == [str(matter) for matter in Matter]
    assert {c.key for c in page.concerns if c.count} == {"unsynced"}
    assert {item.known for item in page.stock} == {""}
    first = day_end.close_day(counter.desk, everything(counter), {"seal-acceptance": 1})
    duty.hand_over(counter.desk, TAKER, {})
    day_end.close_day(counter.desk, everything(counter), {}, amending="演示")
    page = duty_view.day_page(counter.desk)
    assert page.closed == "10:00 由演示窗口员日结"
    assert next(c.reason for c in page.concerns if c.key == "unsynced") == "演示：明日续办"
    assert next(item.known for item in page.stock if item.key == "seal-acceptance") == "1"
    assert [sheet.chip.text for sheet in page.sheets] == ["更正", "交接班", "日结"]
    assert page.sheets[1].who == "演示窗口员 → 演示接班人"
    assert page.sheets[2].number == first.paper.number
    assert duty_view.sheet_digest(first.entry) == first.paper.sha256
