"""A case on the screen: masked until asked for, its clocks in words, its place in every list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.app.labels import EVENT_LABELS, short_day
from jinpu_desk.app.screens.case_verbs import buttons
from jinpu_desk.app.screens.case_view import case_page, cases, count, search
from jinpu_desk.app.screens.views import CaseFilter, CaseLine
from jinpu_desk.app.verbs.act import from_strip
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.entry import demo_cases as demo
from jinpu_desk.store.schema import audit
from samples.counter import Counter
from samples.stores import replica

TODAY = date(2026, 9, 18)


def facts(counter: Counter, case: Case, *, reveal: bool = False) -> dict[str, str]:
    return {pair.label: pair.value for pair in case_page(counter.desk, case.id, reveal=reveal).facts}


def audited(counter: Counter) -> list[tuple[str, str]]:
    with counter.store._engine.read() as connection:
        rows = connection.execute(sa.select(audit.c.actor, audit.c.case_id))
        return [(row.actor, row.case_id) for row in rows]


def line(counter: Counter, case: Case) -> CaseLine:
    return case_page(counter.desk, case.id).line


def test_personal_data_is_masked_until_somebody_asks_and_that_is_written_down(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1)).case
    page = case_page(counter.desk, case.id)
    shown = facts(counter, case)
    assert shown["申请人"] == "演*甲"
    assert shown["居民身份证"] == "2102**********002" + case.applicant.id_no[-1]
    assert shown["电话"] == "139****0001"
    assert {pair.label: pair.value for pair in page.form}["联系电话"] == "139****0001"
    assert audited(counter) == []
    assert facts(counter, case, reveal=True)["居民身份证"] == case.applicant.id_no
    assert audited(counter) == [("clerk", case.id)]


def test_no_screen_text_of_a_masked_case_holds_what_is_personal(counter: Counter) -> None:
    case = counter.take(demo.one_person_company(2)).case
    text = str(case_page(counter.desk, case.id))
    text += str(cases(counter.desk, CaseFilter.ALL, None))
    assert case.applicant.id_no not in text
    assert case.applicant.phone not in text
    assert demo.person(2)["name"] not in text


def test_the_form_is_read_in_words(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1)).case
    form = {pair.label: pair.value for pair in case_page(counter.desk, case.id).form}
    asked = counter.desk.catalogue.items["sole-prop-setup"].questions
    assert [form[question.label] for question in asked] == ["租赁", "否"]
    assert (form["出资方式"], form["出资额"], form["从业人数"]) == ("以个人财产出资", "10.00万元", "3人")


def test_an_organisation_goes_by_its_name(counter: Counter) -> None:
    applicant = {"type": "organisation", "name": "大连演示商贸有限公司", "uscc": "91210213MA10ABCD6L"}
    case = counter.take(demo.food_business(1) | {"applicant": applicant}).case
    assert facts(counter, case)["统一社会信用代码"] == "91210213MA10ABCD6L"
    assert line(counter, case).applicant == "大连演示商贸有限公司"


def test_an_unknown_case_is_refused(counter: Counter) -> None:
    with pytest.raises(Refused, match=r"case\.unknown"):
        case_page(counter.desk, CaseId("没有"))


def test_the_clock_is_told_in_words(counter: Counter) -> None:
    case = counter.take(demo.food_business(1)).case
    assert facts(counter, case)["承诺到期"] == "2026-09-23"
    assert facts(counter, case)["法定到期"] == "2026-10-09"
    told = [(line(counter, case).due, line(counter, case).due_tone)]
    for days in (3, 2, 3, 20):
        counter.wait(days=days)
        told.append((line(counter, case).due, line(counter, case).due_tone))
    assert told == [
        ("09-23 · 剩 4 个工作日", "neutral"),
        ("09-23 · 剩 2 个工作日", "neutral"),
        ("09-23 · 今天到期", "warn"),
        ("09-23 · 超 1 个工作日", "pledged"),  # the promised term passed on a holiday weekend
        ("09-23 · 超 12 个工作日", "bad"),  # the legal one, too
    ]


def test_a_long_term_warns_while_a_fifth_is_left(counter: Counter) -> None:
    case = counter.take(demo.small_catering(1)).case
    counter.sit("supervisor")
    extension = {"days": 10, "reason": "情况复杂", "approver": "演示负责人"}
    case = counter.act(case, "extend", extension)  # 5 + 10 working days: a fifth is three
    row = counter.store.row(case.id)
    assert row is not None
    assert row.due is not None
    seen = []
    while counter.desk.today() <= row.due:
        if counter.desk.calendar.is_workday(counter.desk.today()):
            seen.append(line(counter, case).due_tone)
        counter.wait(days=1)
    assert seen == ["neutral"] * 12 + ["warn"] * 4  # the last day itself has none left


def test_every_waiting_case_says_for_what(counter: Counter) -> None:
    received = counter.take(demo.food_business(1, "receive")).case
    correcting = counter.take(demo.small_catering(2, "correct", layout="lacking")).case
    tolerated = counter.take(demo.small_catering(3, layout="tolerated")).case
    closed = counter.take(demo.sole_prop(4)).case
    assert [line(counter, case).due for case in (received, correcting, tolerated, closed)] == [
        "09-24 前决定 · 剩 5 个工作日",
        "10-18 前补正",
        "09-24 前补齐 · 剩 5 个工作日",
        "09-18 办结",
    ]
    counter.sit("supervisor")
    counter.act(tolerated, "pause", {"reason": "testing", "approver": "演示负责人"})
    assert line(counter, tolerated).due == "暂停计时"
    assert facts(counter, tolerated)["承诺到期"] == "暂停计时，未定"


def test_a_date_beyond_the_published_calendar_says_so(counter: Counter) -> None:
    counter.wait(days=102)  # 29 December
    case = counter.take(demo.small_catering(1)).case
    assert facts(counter, case)["承诺到期"].endswith("（暂定，日历未公布）")
    assert line(counter, case).due.endswith("（暂定）")
    assert line(counter, case).due.startswith("2027-01-")


def test_lists_use_the_short_name_and_say_what_waits(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1)).case
    one = line(counter, case)
    assert (one.item, one.applicant, one.entity, one.received, one.clerk) == (
        "个独设立",
        "演*甲",
        "金普演示01号店",
        "10:00",
        "演示窗口员",
    )
    assert one.sync is not None
    assert one.sync.text == "待传"


def test_the_timeline_is_told_newest_first(counter: Counter) -> None:
    case = counter.take(demo.food_business(1), papers=True).case
    counter.wait(hours=1)
    counter.act(case, "note", {"text": "已电话告知（演示）"})
    page = case_page(counter.desk, case.id)
    assert [(t.at, t.what, t.note) for t in page.timeline] == [
        ("11:00", "备注", "已电话告知（演示）"),
        ("10:00", "出具文书", "受理通知书"),
        ("10:00", "出具文书", "收件凭证"),
        ("10:00", "受理", ""),
        ("10:00", "收件", ""),
    ]
    assert {t.who for t in page.timeline} == {"演示窗口员"}
    assert [p.title for p in page.papers] == ["收件凭证", "受理通知书"]
    assert set(EVENT_LABELS.values()) >= {t.what for t in page.timeline}


def test_a_package_shows_its_branches(counter: Counter) -> None:
    case = counter.take(demo.restaurant(1)).case
    page = case_page(counter.desk, case.id)
    assert [child.item for child in page.children] == ["个体设立", "食品经营新办", "户外招牌", "消防安全检查"]


# Filters


def stocked(counter: Counter) -> dict[str, str]:
    """One case of each kind; name by case id."""
    made = {
        "received": counter.take(demo.food_business(1, "receive")),
        "correcting": counter.take(demo.small_catering(2, "correct", layout="lacking")),
        "tolerated": counter.take(demo.small_catering(3, layout="tolerated")),
        "closed": counter.take(demo.sole_prop(4)),
        "package": counter.take(demo.restaurant(5)),
    }
    names = {taken.case.id: name for name, taken in made.items()}
    children = made["package"].children
    return {str(key): name for key, name in (names | {c.id: c.item for c in children}).items()}


FILTERS: dict[CaseFilter, set[str]] = {
    CaseFilter.OPEN: {"received", "correcting", "tolerated", "package"},
    CaseFilter.TODAY: {"received", "correcting", "tolerated", "closed", "package"},
    CaseFilter.UNDECIDED: {"received", "individual-setup"},
    CaseFilter.CORRECTING: {"correcting"},
    CaseFilter.TOLERATED: {"tolerated", "package", "food-business-new"},
    CaseFilter.DUE: {"fire-safety-check"},
    CaseFilter.HAND_OUT: {"closed"},
    CaseFilter.CLOSED: {"closed"},
}


@pytest.mark.parametrize("only", FILTERS)
def test_a_filter_holds_what_its_name_says(counter: Counter, only: CaseFilter) -> None:
    names = stocked(counter)
    found, after = cases(counter.desk, only, None)
    assert {names[one.case_id] for one in found} == FILTERS[only]
    assert (count(counter.desk, only), after) == (len(FILTERS[only]), None)


def test_what_is_due_comes_most_pressing_first(counter: Counter) -> None:
    names = stocked(counter)
    counter.wait(days=5)  # Wednesday the 23rd
    found, _ = cases(counter.desk, CaseFilter.DUE, None)
    order = [names[one.case_id] for one in found]
    assert order[0] == "fire-safety-check"
    assert set(order) == {
        "fire-safety-check",
        "individual-setup",
        "food-business-new",
        "received",
        "tolerated",
        "package",
        "outdoor-sign",
    }
    assert "correcting" not in order


def test_pending_is_what_the_centre_has_not_seen(counter: Counter) -> None:
    names = stocked(counter)
    assert count(counter.desk, CaseFilter.PENDING) == len(names)
    assert {one.case_id for one in cases(counter.desk, CaseFilter.PENDING, None)[0]} == set(names)


def test_every_filter_is_answered(counter: Counter) -> None:
    stocked(counter)
    for only in CaseFilter:
        assert count(counter.desk, only) == len(cases(counter.desk, only, None)[0])


def test_a_case_is_found_by_any_of_its_names(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1)).case
    for text in ("演示甲", "ysj", case.applicant.id_no[-4:], "13900000001", case.case_no, "金普演示01"):
        assert [one.case_id for one in search(counter.desk, text)] == [case.id], text


@pytest.mark.parametrize(("day", "text"), [(TODAY, "09-18"), (date(2027, 1, 4), "2027-01-04")])
def test_another_year_is_told(day: date, text: str) -> None:
    assert short_day(day, TODAY) == text


def test_changes_by_others_say_where(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1)).case
    other = replica(id="01900000-0000-7000-8000-000000000002", station="00")
    assert {t.where for t in case_page(counter.desk, case.id).timeline} == {""}
    elsewhere = replace(counter.desk, replica=other)
    assert {t.where for t in case_page(elsewhere, case.id).timeline} == {"其他窗口"}


class TestContent:
    """What was taken in wrongly is put right on the case's own page, entry by entry."""

    def asked(self, counter: Counter, case: Case, verb: str) -> dict[str, str]:
        shown = {b.verb: b for b in buttons(counter.desk, case, subject_of_case(counter.desk, case))}
        return {field.path: field.value for field in shown[verb].asks}

    def test_the_strip_shows_what_stands_there_but_no_personal_data(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1, "receive")).case
        asked = self.asked(counter, case, "on-the-spot")
        assert asked["changes.form.name"] == case.form["name"]
        assert asked["changes.applicant.phone"] == ""
        assert asked["signed"] == "false"
        assert "signed" not in self.asked(counter, case, "edit")

    def test_only_what_was_changed_is_recorded(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1, "receive")).case
        entries = {"form": {"name": "演示新名", "address": case.form["address"]}, "applicant": {"phone": ""}}
        typed = {"changes": entries, "signed": "true"}
        after = counter.act(case, "on-the-spot", from_strip("on-the-spot", typed))
        assert after.form == case.form | {"name": "演示新名"}
        assert after.applicant == case.applicant
        assert after.timeline[-1].note == "form.name"

    def test_nothing_changed_is_told_so(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1, "receive")).case
        typed = {"changes": {"form": {"name": case.form["name"]}}, "signed": "true"}
        with pytest.raises(Refused, match="no-changes"):
            counter.act(case, "on-the-spot", from_strip("on-the-spot", typed))
