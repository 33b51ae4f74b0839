"""流转: one slip, one paper, both signatures, and always somebody who has the originals."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.duty import handing_on, passing_view
from jinpu_desk.app.duty.handing_on import Load, SlipRecord, total_text
from jinpu_desk.app.papers import paperwork
from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain.case import Case, Flag
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter, catalogue, offices


def taken_in(counter: Counter, number: int = 1) -> Case:
    file = demo.food_business(number, "accept")
    materials = {
        key: {"state": "received", "originals": 1, "copies": 1, "pages": 3} for key in file["materials"]
    }
    return counter.take(file | {"materials": materials}).case


def sent(counter: Counter, *cases: Case, to: str = "market-approval") -> handing_on.Slip:
    return handing_on.hand_on(counter.desk, [case.case_no for case in cases], to)


def test_a_slip_has_a_number_of_its_own_and_its_paper_once(counter: Counter) -> None:
    first, second = taken_in(counter, 1), taken_in(counter, 2)
    slip = sent(counter, first, second)
    number = parse_case_no(slip.record.slip)
    assert number.serial == parse_case_no(second.case_no).serial + 1
    first, second = slip.cases
    assert [paper.sha256 for case in slip.cases for paper in case.papers if paper.kind == "D14"] == [
        slip.record.sha256
    ] * 2
    assert counter.store.paper(slip.record.sha256) == slip.paper.data
    assert first.passages[0].materials == dict.fromkeys(first.materials, 1)
    assert (slip.record.items, slip.record.originals, slip.record.pages) == (
        2 * len(first.materials),
        2 * len(first.materials),
        6 * len(first.materials),
    )
    assert counter.store.verify().ok


def test_the_papers_are_with_somebody_all_the_way(counter: Counter) -> None:
    case = taken_in(counter)
    assert handing_on.holder_of(counter.desk, case) == handing_on.here(counter.desk)
    slip = sent(counter, case)
    case = slip.cases[0]
    assert Flag.ON_THE_WAY in case.flags
    assert case.holder == ""
    counter.sit("reviewer")
    (case,) = handing_on.take_over(counter.desk, slip.record.slip)
    assert case.holder == offices().named("market-approval").name
    assert case.passages[-1].receiver == "演示审批员"
    row = counter.store.row(case.id)
    assert row is not None
    assert (row.slip, row.holder) == (slip.record.slip, case.holder)
    back = handing_on.hand_on(counter.desk, [case.case_no], "window")
    counter.sit("clerk")
    (case,) = handing_on.take_over(counter.desk, back.record.slip)
    assert case.holder == handing_on.here(counter.desk)


def test_a_slip_is_taken_over_case_by_case_and_no_case_twice(counter: Counter) -> None:
    first, second = taken_in(counter, 1), taken_in(counter, 2)
    slip = sent(counter, first, second).record.slip
    counter.sit("reviewer")
    handing_on.take_over(counter.desk, slip, [second.case_no])
    assert [case.on_the_way for case in handing_on.on_slip(counter.desk, slip)] == [True, False]
    with pytest.raises(Refused, match=r"case\.not-on-this-slip"):
        handing_on.take_over(counter.desk, slip, [second.case_no])
    assert [case.case_no for case in handing_on.take_over(counter.desk, slip)] == [first.case_no]
    with pytest.raises(Refused, match=r"passing\.all-taken"):
        handing_on.take_over(counter.desk, slip)


def test_nobody_signs_for_what_they_handed_on(counter: Counter) -> None:
    slip = sent(counter, taken_in(counter)).record.slip
    with pytest.raises(Refused, match=r"passing\.same-hands"):
        handing_on.take_over(counter.desk, slip)
    (case,) = handing_on.take_over(counter.desk, slip, receiver="演示己")
    assert case.passages[-1].receiver == "演示己"


def test_what_is_turned_down_is_noted_and_goes_back_to_the_sender(counter: Counter) -> None:
    case = taken_in(counter)
    slip = sent(counter, case).record.slip
    counter.sit("reviewer")
    (case,) = handing_on.turn_down(counter.desk, slip, [case.case_no], "缺平面图一页")
    assert case.on_the_way
    assert "缺平面图一页" in case.timeline[-1].note
    counter.sit("clerk")
    (case,) = handing_on.take_back(counter.desk, slip)
    assert not case.on_the_way
    assert case.holder == handing_on.here(counter.desk)
    assert sent(counter, case).record.slip != slip


@pytest.mark.parametrize(
    ("to", "code"),
    [("nobody", "passing.unknown-department"), ("window", "passing.same-place")],
)
def test_a_slip_needs_somewhere_to_go(counter: Counter, to: str, code: str) -> None:
    case = taken_in(counter)
    with pytest.raises(Refused, match=code):
        sent(counter, case, to=to)
    assert counter.again(case).passages == ()
    assert counter.store.duty() == ()


def test_papers_in_other_hands_do_not_go_on_this_slip(counter: Counter) -> None:
    first, second = taken_in(counter, 1), taken_in(counter, 2)
    slip = sent(counter, first).record.slip
    with pytest.raises(Refused, match=r"case\.already-on-the-way"):
        sent(counter, first)
    handing_on.take_over(counter.desk, slip, receiver="演示己")
    with pytest.raises(Refused, match=r"passing\.different-holders"):
        sent(counter, first, second, to="archive")
    counter.at_station("03")
    with pytest.raises(Refused, match=r"passing\.elsewhere"):
        sent(counter, second)


def test_a_branch_carries_copies_and_the_package_the_originals(counter: Counter) -> None:
    file = demo.restaurant(1)
    materials = {
        key: tick | ({"originals": 1, "pages": 2} if tick["state"] == "received" else {})
        for key, tick in file["materials"].items()
    }
    taken = counter.take(file | {"materials": materials})
    assert handing_on.load_of(taken.case).originals > 0
    loads = [handing_on.load_of(child) for child in taken.children]
    assert all(load.materials == {} for load in loads)
    assert all(load.items for load in loads)


def test_the_verbs_do_the_same_for_one_case(counter: Counter) -> None:
    case = taken_in(counter)
    case = counter.act(case, "hand-on")
    assert case.passages[0].target == offices().named("market-approval").name
    counter.sit("reviewer")
    case = counter.act(case, "take-over")
    assert case.holder == offices().named("market-approval").name
    case = counter.act(case, "hand-on", {"note": "演示"})
    assert case.passages[-1].target == handing_on.place(counter.desk, case.station, case.window)
    case = counter.act(case, "take-over", {"returned": True})
    assert case.holder == offices().named("market-approval").name


def test_the_slip_is_reprinted_like_any_paper(counter: Counter) -> None:
    case = sent(counter, taken_in(counter)).cases[0]
    paper = next(paper for paper in case.papers if paper.kind == "D14")
    after, data = paperwork.reprint(counter.desk, case, paper, "接收方要一份")
    assert data.startswith(b"%PDF")
    assert next(p for p in after.papers if p.id == paper.id).reprints == 1


def test_the_duty_book_keeps_every_slip(counter: Counter) -> None:
    slip = sent(counter, taken_in(counter))
    (entry,) = counter.store.duty("slip")
    assert msgspec.json.decode(entry.data, type=SlipRecord) == slip.record
    assert counter.store.count(CaseQuery(slip=slip.record.slip)) == 1


loads = st.builds(
    Load,
    materials=st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9)),
    items=st.integers(0, 30),
    pages=st.integers(0, 400),
)


@given(st.lists(loads, max_size=30))
def test_totals_are_sums(carried: list[Load]) -> None:
    text = total_text(carried)
    assert text.startswith(f"办件 {len(carried)} 宗")
    assert f"{sum(sum(load.materials.values()) for load in carried)} 份" in text
    assert f" {sum(load.pages for load in carried)} 页" in text


def test_every_authority_has_a_department_and_no_name_means_two() -> None:
    office = offices()
    missing = [key for key in catalogue().authorities if office.of(key) is None]
    assert missing == []
    words = [word for d in office.departments for word in {d.key, d.name, d.short}]
    assert len(words) == len(set(words))
    assert all("演示" in d.name for d in office.departments)
    assert len({item.key for item in office.stock}) == len(office.stock)


def test_the_page_tells_what_does_not_fit_before_it_is_sent(counter: Counter) -> None:
    case = taken_in(counter)
    page = passing_view.passing_page(counter.desk, [case.case_no], "")
    assert (page.target, page.problem) == ("market-approval", "")
    assert page.lines[0].chip.text == "已受理"
    assert passing_view.passing_page(counter.desk, [case.case_no], "urban").lines[0].note == "通常送市监审批"
    assert "已经在" in passing_view.passing_page(counter.desk, [case.case_no], "window").problem
    slip = sent(counter, case)
    page = passing_view.passing_page(counter.desk, [case.case_no], "")
    assert page.lines[0].chip.text == "不能移交"
    assert [line.slip for line in (*page.waiting, *page.written)] == [slip.record.slip] * 2
    assert page.waiting[0].way == "本窗口 → 市监审批"


def test_a_slip_is_shown_whole_also_after_its_cases_went_on(counter: Counter) -> None:
    cases = [taken_in(counter, number) for number in (1, 2)]
    slip = sent(counter, *cases).record
    handing_on.take_over(counter.desk, slip.slip, [cases[0].case_no], receiver="演示己")
    later = handing_on.hand_on(counter.desk, [cases[0].case_no], "archive").record
    page = passing_view.slip_page(counter.desk, slip.slip)
    assert [line.case_no for line in page.lines] == [case.case_no for case in cases]
    assert [line.chip.text for line in page.lines] == ["已签收", "未签收"]
    assert (page.waiting, page.own, page.paper) == (1, True, slip.paper)
    assert passing_view.number_of_paper(counter.desk, slip.sha256) == slip.slip
    assert passing_view.slip_page(counter.desk, later.slip).total.startswith("办件 1 宗")


def test_a_number_is_a_case_or_a_slip(counter: Counter) -> None:
    case = taken_in(counter)
    slip = sent(counter, case).record.slip
    assert passing_view.scanned(counter.desk, f"https://centre/p/{case.case_no}#x").case_no == case.case_no
    assert passing_view.scanned(counter.desk, slip).slip == slip
    with pytest.raises(Refused, match=r"passing\.unknown-number"):
        passing_view.scanned(counter.desk, "210213000012026112399992")


def test_the_case_page_tells_who_has_the_papers(counter: Counter) -> None:
    case = taken_in(counter)
    facts = {pair.label: pair.value for pair in passing_view.movement_facts(counter.desk, case)}
    assert facts["材料所在"] == handing_on.here(counter.desk)
    assert (facts["到场"], facts["好差评"]) == ("1 次（09-18）", "未评价")
    slip = sent(counter, case)
    moving = passing_view.movement_facts(counter.desk, slip.cases[0])[0].value
    assert moving == "本窗口 → 市监审批，09-18 移交，未签收"
    (case,) = handing_on.take_over(counter.desk, slip.record.slip, receiver="演示己")
    row = counter.store.row(case.id)
    assert row is not None
    assert [chip.text for chip in passing_view.holder_chip(counter.desk, row.holder)] == ["在市监审批"]
