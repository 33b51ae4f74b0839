"""The page 出件: what waits and for how long, which ways are open, and what a batch of parcels leaves."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest

from jinpu_desk.app.ports.devices import IdCard
from jinpu_desk.app.screens import delivery, parcels
from jinpu_desk.app.screens.delivery_views import ResultFilter, ResultList
from jinpu_desk.app.verbs.recipients import SELF
from jinpu_desk.domain.case import Case, DeliverState
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter

POST = {"method": "post", "tracking_no": "E0001"}


def ready(counter: Counter, number: int, **changes: Any) -> Case:
    """Return a registration that waits to be handed out."""
    return counter.take(demo.sole_prop(number), papers=True, **changes).case


def shown(counter: Counter, only: ResultFilter, text: str = "") -> ResultList:
    return delivery.results(counter.desk, only, text)


def test_each_filter_shows_its_results_the_longest_waiting_first(counter: Counter) -> None:
    old = ready(counter, 1)
    counter.wait(days=3)
    new, sent, done = (ready(counter, n) for n in (2, 3, 4))
    counter.act(sent, "hand-out", POST)
    counter.act(done, "hand-out")
    waiting = shown(counter, ResultFilter.WAITING)
    assert [line.case_id for line in waiting.lines] == [old.id, new.id]
    assert waiting.lines[0].right.endswith("已等 3 天")
    assert waiting.lines[1].right.endswith("今天决定")
    assert waiting.counts == {ResultFilter.WAITING: 2, ResultFilter.POSTED: 1, ResultFilter.SERVED: 1}
    assert "E0001" in shown(counter, ResultFilter.POSTED).lines[0].right
    assert [line.case_id for line in shown(counter, ResultFilter.SERVED).lines] == [done.id]
    counter.wait(days=1)
    assert shown(counter, ResultFilter.SERVED).lines == (), "served yesterday"


def test_a_result_not_served_in_ten_working_days_is_overdue(counter: Counter) -> None:
    ready(counter, 1)
    counter.wait(days=21)  # Friday 9 October, the tenth working day
    assert shown(counter, ResultFilter.WAITING).lines[0].chip.text == "自取"
    counter.wait(days=1)
    assert shown(counter, ResultFilter.WAITING).lines[0].chip.text == "超期"


def test_searching_finds_results_of_every_filter_and_nothing_else(counter: Counter) -> None:
    case = ready(counter, 1)
    counter.act(case, "hand-out")
    counter.take(demo.food_business(1))
    found = shown(counter, ResultFilter.WAITING, case.case_no[-6:])
    assert [(line.case_id, line.chip.text) for line in found.lines] == [(case.id, "已送达")]
    assert shown(counter, ResultFilter.WAITING, "没有这个人").lines == ()


def test_personal_data_is_masked_until_it_is_asked_for(counter: Counter) -> None:
    case = ready(counter, 1)
    page = delivery.result_page(counter.desk, case.id)
    assert case.applicant.id_no not in str(page)
    assert case.applicant.phone not in str(page)
    revealed = delivery.result_page(counter.desk, case.id, reveal=True)
    assert case.applicant.id_no in str(revealed.facts)
    with pytest.raises(Refused, match=r"case\.unknown"):
        delivery.result_page(counter.desk, CaseId("没有"))


def test_the_ways_open_follow_the_state_of_the_result(counter: Counter) -> None:
    case = ready(counter, 1, delivery="post")
    page = delivery.result_page(counter.desk, case.id)
    assert (page.way, {way.key for way in page.ways}) == (
        "post",
        {"pick-up", "post", "electronic", "left", "entrusted", "public"},
    )
    assert [pair.label for pair in page.contents] == ["登记通知书", "营业执照"]
    counter.act(case, "hand-out", POST)
    page = delivery.result_page(counter.desk, case.id)
    assert (page.way, [way.key for way in page.ways]) == ("delivered", ["delivered", "pick-up", "post"])
    counter.act(case, "delivered")
    assert [way.key for way in delivery.result_page(counter.desk, case.id).ways] == ["return"]
    counter.act(case, "return-materials")
    assert delivery.result_page(counter.desk, case.id).ways == ()


def test_a_case_without_result_says_so_and_gives_originals_back(counter: Counter) -> None:
    case = counter.act(counter.take(demo.food_business(1)).case, "withdraw", {"reason": "演示"})
    page = delivery.result_page(counter.desk, case.id)
    assert page.verdict == "办件已撤回，没有可交付的结果。"
    done = delivery.hand_out(counter.desk, case.id, "return", {"originals": ("application",)})
    assert [paper.title for paper in done.papers] == ["材料退还清单"]
    assert [option.value for option in done.page.originals] == ["layout-and-equipment", "policies"]
    counter.sit("auditor")
    assert delivery.result_page(counter.desk, case.id).verdict != page.verdict, "an auditor hands nothing out"


def test_what_the_page_types_becomes_what_the_verb_takes(counter: Counter) -> None:
    case = ready(counter, 1)
    typed = {
        "relation": "亲属",
        "recipient": "演示丁",
        "id_type": "111",
        "id_no": demo.person_id(4),
        "authorised": "true",
        "copies": "2",
        "originals": ("investor-id",),
    }
    done = delivery.hand_out(counter.desk, case.id, "pick-up", typed)
    last = counter.again(case).deliveries[-1]
    assert (last.authorised, last.copies, last.recipient) == (True, 2, "演示丁")
    assert [paper.kind for paper in done.papers] == ["D9", "D10", "D12"]
    assert done.headline.startswith("已交付 · 演*丁")
    with pytest.raises(Refused, match=r"case\.already-served"):
        delivery.hand_out(counter.desk, case.id, "pick-up", {})


@pytest.mark.parametrize("way", ["pick-up", "post", "electronic", "left", "entrusted", "public"])
def test_every_way_can_be_gone_with_what_it_asks(counter: Counter, way: str) -> None:
    case = ready(counter, 1)
    page = delivery.result_page(counter.desk, case.id)
    asked = next(one for one in page.ways if one.key == way)
    typed = {field.path: field.value or "演示1" for field in asked.fields if field.required}
    done = delivery.hand_out(counter.desk, case.id, way, typed)
    assert counter.again(case).deliver_state is not DeliverState.WAITING
    assert done.headline


def test_a_card_tells_whose_it_is(counter: Counter) -> None:
    case = ready(counter, 1)

    def card(number: int) -> IdCard:
        day = date(2020, 1, 1)
        return IdCard(
            name="演示甲",
            sex="女",
            ethnicity="汉",
            birth=day,
            address="演示路1号",
            number=demo.person_id(number),
            issuer="演示",
            valid_from=day,
            valid_to=None,
        )

    assert delivery.person_of(counter.desk, case.id, card(1)).relation == SELF
    assert delivery.person_of(counter.desk, case.id, card(2)).relation == ""


def test_parcels_are_posted_together_and_one_refused_stops_no_other(counter: Counter) -> None:
    first, second = (ready(counter, n, delivery="post") for n in (1, 2))
    other = ready(counter, 3)
    assert [line.case_id for line in parcels.parcels(counter.desk)] == [first.id, second.id]
    assert first.applicant.phone not in str(parcels.parcels(counter.desk))
    counter.act(second, "hand-out")
    entries = ((first.id, " e0001 "), (second.id, "E0002"), (other.id, "E0003"))
    done = parcels.post(counter.desk, entries)
    assert done.sent == (first.id, other.id)
    assert list(done.problems) == [second.id]
    assert [label.title for label in done.labels] == ["EMS面单", "EMS面单"]
    assert counter.again(first).deliveries[-1].tracking_no == "E0001"


def test_one_number_is_for_one_parcel(counter: Counter) -> None:
    first, second = (ready(counter, n) for n in (1, 2))
    with pytest.raises(Refused, match=r"delivery\.tracking-twice"):
        parcels.post(counter.desk, ((first.id, "e1"), (second.id, "E1 ")))
    assert counter.again(first).deliver_state is DeliverState.WAITING


def test_only_what_waits_is_a_parcel(counter: Counter) -> None:
    case = ready(counter, 1)
    assert parcels.parcel(counter.desk, case.id).case_no == case.case_no
    counter.act(case, "hand-out")
    with pytest.raises(Refused, match=r"case\.already-served"):
        parcels.parcel(counter.desk, case.id)
    with pytest.raises(Refused, match=r"case\.no-result-yet"):
        parcels.parcel(counter.desk, counter.take(demo.food_business(2)).case.id)


def test_the_list_for_the_post_office_is_a_table_no_name_turns_into_a_formula(counter: Counter) -> None:
    with pytest.raises(Refused, match=r"delivery\.nothing-posted"):
        parcels.parcel_list(counter.desk)
    case = ready(counter, 1)
    counter.act(case, "hand-out", POST | {"recipient": "=HYPERLINK(1)", "address": "演示路1号，东门"})
    table = parcels.parcel_list(counter.desk).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(table))
    assert tuple(head) == parcels.COLUMNS
    assert row[:5] == ["1", "E0001", "'=HYPERLINK(1)", case.applicant.phone, "演示路1号，东门"]
    assert row[-1].strip() == case.case_no
