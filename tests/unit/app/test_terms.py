"""Terms told in writing: extensions and pauses, what they move, numbers and seals of the papers that say so."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from jinpu_desk.app.duty import duties
from jinpu_desk.app.papers import PaperFacts, PaperForm, PaperKind
from jinpu_desk.app.papers.paperwork import PAPERS, facts_of, issue, to_print
from jinpu_desk.app.project import clocks, decision_day
from jinpu_desk.app.screens.workbench import workbench
from jinpu_desk.app.verbs.timers import let_time_pass
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.errors import Refused
from samples import law
from samples.counter import RESOURCES, Counter
from samples.law import PACKAGE, TAKEN, act, by, file_of, law_catalogue, law_window, take
from samples.memory_desk import Window

EXTENSION, PAUSE = PaperForm.EXTENSION, PaperForm.PAUSE


@pytest.fixture
def window() -> Window:
    return law_window()


def more(days: int) -> dict[str, object]:
    return {"days": days, "reason": "案情复杂。", "approver": "演示负责人"}


def terms(window: Window, case: Case) -> tuple[date | None, date | None]:
    promised, legal = clocks(window.store.cases[case.id], window.desk.calendar)
    return (promised.date if promised else None), (legal.date if legal else None)


def said(window: Window, case: Case, kind: PaperKind, form: PaperForm) -> PaperFacts:
    found = window.store.cases[case.id]
    return facts_of(window.desk, found, kind, form, doc_no="", at=window.desk.now(), seq=1)


def test_an_extension_moves_both_terms(window: Window) -> None:
    case = take(window, "law-licence", "accept")
    assert terms(window, case) == (date(2026, 9, 24), date(2026, 10, 22))
    by(window, "reviewer", case, "extend", more(2))
    assert terms(window, case) == (date(2026, 9, 29), date(2026, 10, 26))
    told = said(window, case, PaperKind.D11, EXTENSION)
    assert told.due == date(2026, 9, 29)
    assert told.blanks == {
        "reason": "案情复杂",
        "extra": "2个工作日",
        "approver": "演示负责人",
        "basis": "行政许可法第四十二条第一款",
        "old_due": "2026年9月24日",
    }  # the day told before: the promised one moves with the legal one


def test_a_promise_that_was_broken_stays_broken(window: Window) -> None:
    case = take(window, "law-licence", "accept")
    window.wait(12)
    by(window, "reviewer", case, "extend", more(2))
    assert terms(window, case) == (date(2026, 9, 24), date(2026, 10, 26))
    told = said(window, case, PaperKind.D11, EXTENSION)
    assert (told.due, told.blanks["old_due"]) == (date(2026, 10, 26), "2026年10月22日")


def test_a_complicated_registration_gets_three_days_more_in_writing(window: Window) -> None:
    case = take(window, "law-registration")
    assert decision_day(case, window.desk.calendar) == date(2026, 9, 22)
    window.sit("reviewer")
    with pytest.raises(Refused, match=r"act\.extension-days") as refused:
        act(window, case, "extend", more(4))
    assert (refused.value.article, refused.value.params["limit"]) == ("市场主体登记管理条例第十九条", 3)
    after = act(window, case, "extend", more(3), papers=True)
    assert decision_day(after, window.desk.calendar) == date(2026, 9, 28)
    assert [(paper.kind, paper.variant) for paper in after.papers] == [("D11", "extension")]
    told = said(window, case, PaperKind.D11, EXTENSION)
    assert (told.due, told.blanks["basis"]) == (date(2026, 9, 28), "市场主体登记管理条例第十九条")
    assert told.blanks["old_due"] == "2026年9月22日"


def test_joint_handling_is_extended_by_fifteen_days_at_most(window: Window) -> None:
    package = take(window, PACKAGE, "accept")
    window.sit("supervisor")
    with pytest.raises(Refused, match=r"act\.extension-days") as refused:
        act(window, package, "extend", more(16))
    assert (refused.value.article, refused.value.params["limit"]) == ("行政许可法第四十二条第二款", 15)
    assert act(window, package, "extend", more(15)).extension_days == 15


def test_a_pause_is_told_with_reason_day_and_approver(window: Window) -> None:
    case = take(window, "law-licence", "accept")
    window.sit("reviewer")
    after = act(window, case, "pause", law.PAUSE, papers=True)
    assert [(paper.kind, paper.variant) for paper in after.papers] == [("D11", "pause")]
    assert said(window, case, PaperKind.D11, PAUSE).blanks == {
        "reason": "检测",
        "since": "2026年9月18日",
        "approver": "演示负责人",
        "basis": "行政许可法第四十五条",
    }


@pytest.mark.parametrize(
    ("item", "kinds"),
    [
        ("law-licence", ["D1", "D2"]),
        ("law-service", ["D1", "D2"]),
        ("law-filing", ["D1"]),
        ("law-pledge", ["D1", "D6", "D2"]),
        (PACKAGE, ["D1", "D2"]),
    ],
)
def test_an_acceptance_leaves_the_papers_of_its_family(counter: Counter, item: str, kinds: list[str]) -> None:
    counter.desk = replace(counter.desk, catalogue=law_catalogue())
    taken = counter.take(file_of(item, "accept"), papers=True)
    assert [str(paper.kind) for paper in taken.papers] == kinds


def test_a_resubmitted_set_has_a_receipt_of_its_own_and_a_pledge_is_signed_once(window: Window) -> None:
    case = take(window, "law-licence", "correct", layout="lacking", premises="pledged")
    after = act(window, case, "resubmit", {"materials": {"layout": TAKEN}}, papers=True)
    assert [paper.kind for paper in after.papers] == ["D1", "D6"]
    after = act(window, case, "accept", papers=True)
    assert [paper.kind for paper in after.papers] == ["D1", "D6", "D2"]


def test_refusals_say_why_and_who_is_competent(window: Window) -> None:
    case = take(window, "law-licence")
    after = act(window, case, "refuse", law.ORGAN, papers=True)
    assert [(paper.kind, paper.variant) for paper in after.papers] == [("D4", "plain")]
    blanks = said(window, case, PaperKind.D4, PaperForm.PLAIN).blanks
    assert (blanks["organ"], blanks["article"]) == ("大连市演示局", "行政许可法第三十二条第一款第（二）项")
    assert "演示" in blanks["review_organ"]
    assert "演示" in blanks["court"]
    shop = take(window, "law-registration")
    assert [p.variant for p in act(window, shop, "refuse", law.ORGAN, papers=True).papers] == [
        "not-registered"
    ]
    reasons = said(window, shop, PaperKind.D7, PaperForm.NOT_REGISTERED).lists["reasons"]
    assert reasons == ("不属于本机关职权（演示）", "请向大连市演示局提出申请")


def test_what_silence_accepted_waits_for_a_clerk_to_print_it(window: Window) -> None:
    case = take(window, "law-licence")
    window.wait(20)
    assert let_time_pass(window.desk) == (case.id,)
    accepted = window.store.cases[case.id]
    assert (accepted.status, accepted.deemed, accepted.papers) == (Status.ACCEPTED, True, ())
    assert [str(kind) for kind, _form in to_print(accepted)] == ["D1", "D2"]
    ((row, titles),) = duties.unprinted(window.desk, 5)
    assert (row.case_id, titles) == (case.id, "收件凭证、受理通知书")
    with window.store.transaction() as tx:
        for kind, form in to_print(accepted):
            issue(window.desk, tx, accepted, kind, form)
    assert duties.unprinted(window.desk, 5) == ()


def test_terms_applicants_let_pass_are_listed_and_wait_for_a_key(counter: Counter) -> None:
    counter.desk = replace(counter.desk, catalogue=law_catalogue())
    tolerated = counter.take(file_of("law-licence", "accept", layout="tolerated")).case
    correcting = counter.take(file_of("law-service", "correct", layout="lacking")).case
    assert duties.lapsed(counter.desk, 9) == ()
    counter.wait(days=40)
    let_time_pass(counter.desk)
    rows = duties.lapsed(counter.desk, 9)
    assert [row.case_id for row in rows] == [tolerated.id, correcting.id]
    assert counter.store.count(duties.lapsed_query(counter.desk)) == 2
    lines = [line.text.split(" · ")[0] for line in workbench(counter.desk).first]
    assert lines[:2] == ["容缺逾期未补齐", "逾期未补正"]
    assert {counter.again(case).status for case in (tolerated, correcting)} == {
        Status.ACCEPTED,
        Status.CORRECTING,
    }
    for case in (tolerated, correcting):
        counter.act(case, "lapse")
    assert duties.lapsed(counter.desk, 9) == ()


def test_every_number_a_paper_carries_is_leased_and_no_other() -> None:
    templates = tomllib.loads((RESOURCES / "centre.toml").read_text())["templates"]
    assert {entry["kind"] for entry in templates} == {
        str(kind) for kind, rule in PAPERS.items() if rule.numbered
    }


def test_a_layout_shows_a_number_exactly_where_one_is_burned() -> None:
    for path in (RESOURCES / "documents").glob("d*.toml"):
        layout = tomllib.loads(path.read_text())
        rule = PAPERS.get(PaperKind(layout["kind"]))
        if rule is not None:
            form = PaperForm(layout.get("form", "plain"))
            assert layout.get("numbered", True) is rule.numbers(form), path.name


def sealed(window: Window, case: Case) -> tuple[str, str]:
    """Issue an acceptance and return the seal recorded with it and the one it names."""
    with window.store.transaction() as tx:
        issue(window.desk, tx, case, PaperKind.D2, PaperForm.PLAIN)
    recorded = window.store.cases[case.id].papers[-1].seal
    return recorded, said(window, case, PaperKind.D2, PaperForm.PLAIN).seal


def test_a_paper_bears_the_valid_seal_of_its_authority_which_the_clerk_may_apply(window: Window) -> None:
    case = take(window, "law-licence", "accept")
    name = "大连金普新区市场监督管理局受理专用章（演示）"
    assert sealed(window, case) == ("market-acceptance", name)
    window.sit("auditor")
    assert sealed(window, case) == ("", "")
    window.sit("clerk")
    catalogue = window.desk.catalogue
    seal = msgspec.structs.replace(catalogue.seals["market-acceptance"], valid_to=date(2026, 9, 17))
    expired = msgspec.structs.replace(catalogue, seals=catalogue.seals | {seal.key: seal})
    window.desk = replace(window.desk, catalogue=expired)
    assert sealed(window, case) == ("", "")
