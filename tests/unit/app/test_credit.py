"""Credit and pledges: whose word is taken, what is looked into afterwards, and what a false promise bars (DOMAIN C6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from jinpu_desk.app.intake import decision_bar
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.assess import Assessment, assess
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.app.papers import PaperForm, PaperKind
from jinpu_desk.app.papers.paperwork import facts_of
from jinpu_desk.app.registers import CreditEntry, CreditList, Registers, identity_digest
from jinpu_desk.app.screens import case_verbs, case_view
from jinpu_desk.app.screens.views import CaseFilter
from jinpu_desk.app.verbs.act import from_strip
from jinpu_desk.domain.case import Case, Flag, Status
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused
from jinpu_desk.entry import demo_cases as demo
from samples.law import act, by, closed, file_of, law_window, take
from samples.memory_desk import Window

BROKEN: dict[str, Any] = {"kept": False, "note": "现场与承诺不符（演示）"}
REPAIR = {"reason": "已整改（演示）", "approver": "演示负责人"}


@pytest.fixture
def window() -> Window:
    return law_window()


def listed(window: Window, until: date | None = None) -> None:
    """Put the applicant of the tests on the published list."""
    entry = CreditEntry(
        digest=identity_digest("盐", "111", demo.person_id(1)),
        kind="严重违法失信名单",
        reason="演示",
        since=date(2026, 1, 1),
        until=until,
        source="演示名单",
    )
    credit = CreditList(source="演示", salt="盐", entries=(entry,))
    window.desk = replace(window.desk, registers=Registers(credit=credit, version="演示-1"))


def barred(window: Window, item: str, action: str = "accept", **states: str) -> Refused:
    with pytest.raises(Refused) as refused:
        take(window, item, action, **states)
    return refused.value


def false_pledge(window: Window) -> Case:
    return by(window, "supervisor", closed(window, "licence", premises="pledged"), "check-pledge", BROKEN)


def filtered(window: Window, only: CaseFilter) -> list[str]:
    return [row.case_id for row in window.store.page(case_view.query_of(window.desk, only)).rows]


@pytest.mark.parametrize(("material", "state"), [("layout", "tolerated"), ("premises", "pledged")])
def test_who_is_listed_is_neither_tolerated_nor_pledges(window: Window, material: str, state: str) -> None:
    listed(window)
    refused = barred(window, "law-licence", **{material: state})
    assert refused.code == "decision.bad-credit"
    assert refused.params["reason"] == "严重违法失信名单：演示（演示名单）"
    assert take(window, "law-licence", "accept").status is Status.ACCEPTED
    assert take(window, "law-licence", "receive", **{material: state}).status is Status.RECEIVED


def test_nor_licensed_on_a_promise(window: Window) -> None:
    listed(window)
    assert barred(window, "law-pledge").code == "decision.bad-credit-licence"
    case = take(window, "law-pledge", "receive")
    with pytest.raises(Refused, match=r"decision\.bad-credit-licence"):
        act(window, case, "accept")


def test_a_listing_that_ran_out_bars_nothing(window: Window) -> None:
    listed(window, until=date(2026, 9, 17))
    assert take(window, "law-licence", "accept", layout="tolerated").supplement_by


def test_the_bar_says_what_is_held_against_the_applicant_and_where_it_stands(window: Window) -> None:
    case = false_pledge(window)
    seen = looked_over(window, file_of("law-licence", "accept", layout="tolerated"))
    said = decision_bar.why_not(window.desk, seen, Outcome.ACCEPT)
    assert f"作出过虚假承诺，信用尚未修复（办件 {case.case_no}）" in said
    assert "经营场所平面布局图" in said


def looked_over(window: Window, file: dict[str, Any]) -> Assessment:
    read = decode_intake(msgspec.json.encode(file))
    ticks = {key: entry.tick() for key, entry in read.materials.items()}
    return assess(window.desk, from_file(read, ticks, {}))


def test_a_false_pledge_bars_until_credit_is_repaired(window: Window) -> None:
    case = false_pledge(window)
    assert Flag.FALSE_PLEDGE in case.flags
    assert barred(window, "law-licence", premises="pledged").code == "decision.bad-credit"
    assert filtered(window, CaseFilter.FALSE_PLEDGE) == [case.id]
    for who in ("clerk", "reviewer"):
        window.sit(who)
        with pytest.raises(Refused, match=r"role\.may-not"):
            act(window, case, "repair-credit", REPAIR)
    repaired = by(window, "supervisor", case, "repair-credit", REPAIR)
    assert not repaired.false_pledge
    assert filtered(window, CaseFilter.FALSE_PLEDGE) == []
    assert take(window, "law-licence", "accept", premises="pledged").status is Status.ACCEPTED


def test_another_applicant_is_not_barred(window: Window) -> None:
    false_pledge(window)
    file = file_of("law-licence", "accept", layout="tolerated") | {"applicant": demo.person(2)}
    assert looked_over(window, file).verdicts[Outcome.ACCEPT].allowed


def test_what_was_found_false_is_told_and_the_case_waits_no_longer(window: Window) -> None:
    case = closed(window, "licence", premises="pledged")
    assert filtered(window, CaseFilter.UNCHECKED) == [case.id]
    window.sit("reviewer")
    with pytest.raises(Refused, match=r"intake\.missing") as refused:
        act(window, case, "check-pledge", {"kept": False})
    assert refused.value.where == "data.note"
    after = act(window, case, "check-pledge", BROKEN)
    assert filtered(window, CaseFilter.UNCHECKED) == []
    check = after.pledge_checks[0]
    assert (check.materials, check.kept, check.by) == (("premises",), False, "reviewer")
    assert "撤销" in after.timeline[-1].note
    assert BROKEN["note"] in after.timeline[-1].note


def test_proofs_and_the_licence_are_looked_into_one_by_one_or_together(window: Window) -> None:
    accepted = take(window, "law-pledge", "accept", premises="pledged")
    granted = by(window, "reviewer", accepted, "decide", {"approved": True})
    assert granted.unchecked_pledges == ("premises", "")
    window.sit("reviewer")
    first = act(window, granted, "check-pledge", {"kept": True, "materials": ["premises"]})
    assert first.unchecked_pledges == ("",)
    assert Flag.UNCHECKED in first.flags
    rest = act(window, granted, "check-pledge", {"kept": True})
    assert (rest.unchecked_pledges, [c.materials for c in rest.pledge_checks]) == ((), [("premises",), ()])
    with pytest.raises(Refused, match=r"case\.not-pledged"):
        act(window, granted, "check-pledge", {"kept": True, "materials": ["layout"]})


def test_the_page_asks_which_pledge_by_name(window: Window) -> None:
    accepted = take(window, "law-pledge", "accept", premises="pledged")
    granted = by(window, "reviewer", accepted, "decide", {"approved": True})
    window.sit("reviewer")
    shown = case_verbs.buttons(window.desk, granted, subject_of_case(window.desk, granted))
    which, kept, _note = next(button for button in shown if button.verb == "check-pledge").asks
    assert [option.label for option in which.options] == ["全部承诺事项", "场所证明（演示）", "许可告知承诺"]
    told = from_strip("check-pledge", {"materials": "licence", "kept": "true", "note": ""})
    assert told == {"materials": ("licence",), "kept": True, "note": ""}
    assert (
        act(window, granted, "check-pledge", told | {"materials": ["licence"]}).pledge_checks[0].materials
        == ()
    )
    assert kept.path == "kept"


def test_after_the_acceptance_nobody_is_tolerated_and_only_good_credit_pledges(window: Window) -> None:
    case = take(window, "law-licence", "accept")
    with pytest.raises(Refused, match=r"act\.tolerate-late"):
        act(window, case, "tick", {"materials": {"layout": {"state": "tolerated"}}})
    pledged = {"materials": {"premises": {"state": "pledged"}}}
    assert Flag.PLEDGED in act(window, case, "tick", pledged).flags
    listed(window)
    with pytest.raises(Refused, match=r"decision\.bad-credit"):
        act(window, case, "tick", pledged)


def test_the_papers_say_what_was_checked_and_when(window: Window) -> None:
    case = take(window, "law-licence", "accept", layout="tolerated", premises="pledged")

    def credit(kind: PaperKind, form: PaperForm) -> str:
        now = window.desk.now()
        return facts_of(window.desk, case, kind, form, doc_no="", at=now, seq=1).blanks["credit_check"]

    unknown = "2026年9月18日核查：本窗口尚未收到失信名单，已核查本机办件档案；未发现失信限制"
    assert credit(PaperKind.D5, PaperForm.PLAIN) == unknown
    listed(window, until=date(2026, 9, 1))
    known = "2026年9月18日核查：已核查失信名单，已核查本机办件档案；未发现失信限制"
    assert credit(PaperKind.D6, PaperForm.PROOF) == known
