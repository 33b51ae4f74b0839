"""A package and its branches: one acceptance, one term for each paper, decided in any order, ended by the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import permutations

import pytest

from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.app.screens.case_verbs import buttons
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.app.verbs.package import SYSTEM, package_facts
from jinpu_desk.app.verbs.timers import close_packages, let_time_pass
from jinpu_desk.domain.case import Case, DeliverState, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.entry import demo_cases as demo
from samples import law
from samples.counter import Counter
from samples.law import PACKAGE, TAKEN, WHY, act, branch, by, law_window, take
from samples.memory_desk import Window

YES = {"approved": True}
NO = {"approved": False, "reason": "不符合条件（演示）"}
PARTS = ("law-licence", "law-registration")


@pytest.fixture
def window() -> Window:
    return law_window()


def now(window: Window, case: Case) -> Case:
    return window.store.cases[case.id]


def finish(window: Window, package: Case, item: str, told: Mapping[str, object]) -> None:
    part = branch(window, package, item)
    after = by(window, "reviewer", part, "decide", told)
    if after.status is not Status.CLOSED:
        act(window, after, "close")


@pytest.mark.parametrize("order", list(permutations(PARTS)))
def test_branches_are_decided_in_any_order_and_the_last_ends_the_package(
    window: Window, order: tuple[str, ...]
) -> None:
    package = take(window, PACKAGE, "accept")
    finish(window, package, order[0], YES)
    assert now(window, package).status is Status.ACCEPTED
    finish(window, package, order[1], YES)
    ended = now(window, package)
    assert (ended.status, ended.closed_on) == (Status.CLOSED, date(2026, 9, 18))
    assert ended.decision is not None
    assert (ended.decision.approved, ended.decision.by, ended.decision.reason) == (True, SYSTEM, "准予 2 项")
    assert ended.deliver_state is DeliverState.NONE
    assert branch(window, package, order[0]).deliver_state is DeliverState.WAITING


def test_what_the_branches_did_not_get_is_named(window: Window) -> None:
    package = take(window, PACKAGE, "accept")
    finish(window, package, "law-licence", NO)
    finish(window, package, "law-registration", YES)
    decision = now(window, package).decision
    assert decision is not None
    assert (decision.approved, decision.reason) == (True, "准予 1 项；未准予 1 项：演示law-licence")


def test_a_package_without_any_result_is_not_approved(window: Window) -> None:
    package = take(window, PACKAGE, "accept")
    finish(window, package, "law-licence", NO)
    act(window, branch(window, package, "law-registration"), "withdraw", WHY)
    ended = now(window, package)
    assert ended.decision is not None
    assert (ended.status, ended.decision.approved) == (Status.CLOSED, False)


def test_a_package_whose_branches_all_went_before_is_withdrawn(window: Window) -> None:
    package = take(window, PACKAGE)
    for item in PARTS:
        act(window, branch(window, package, item), "withdraw", WHY)
    assert now(window, package).status is Status.WITHDRAWN


def test_what_was_done_at_another_window_ends_it_by_time(window: Window) -> None:
    package = take(window, PACKAGE, "accept")
    finish(window, package, "law-registration", YES)
    part = branch(window, package, "law-licence")
    with window.store.transaction() as tx:
        body = law.WITHDRAWN
        tx.record(part.id, body, actor=SYSTEM, at=window.desk.now(), catalogue=part.catalogue)
    assert now(window, package).status is Status.ACCEPTED
    assert close_packages(window.desk) == (package.id,)
    assert now(window, package).status is Status.CLOSED
    assert let_time_pass(window.desk) == ()


@pytest.mark.parametrize("verb", ["accept", "correct", "supplement", "lapse"])
def test_what_is_said_once_is_said_with_the_package(window: Window, verb: str) -> None:
    package = take(
        window, PACKAGE, "accept" if verb in {"supplement", "lapse"} else "receive", layout="tolerated"
    )
    part = branch(window, package, "law-licence")
    with pytest.raises(Refused) as refused:
        act(window, part, verb, law.DATA.get(verb, {}))
    assert refused.value.code == "act.ask-the-package"
    assert refused.value.params["case_no"] == package.case_no


@pytest.mark.parametrize("verb", ["decide", "pause"])
def test_what_each_authority_does_for_itself_is_done_on_the_branch(window: Window, verb: str) -> None:
    package = take(window, PACKAGE, "accept")
    window.sit("reviewer")
    with pytest.raises(Refused, match=r"act\.ask-the-branches"):
        act(window, package, verb, law.DATA[verb])


def test_one_paper_has_one_term(counter: Counter) -> None:
    case = counter.take(demo.restaurant(1), action="accept").case
    children = [counter.store.case(child) for child in case.children]
    food = next(child for child in children if child and child.item == "food-business-new")
    assert food.supplement_by["policies"] == case.supplement_by["food-policies"]
    # Four working days, as the branch promises and not the package: 20 (a Sunday worked), 21, 22, 23 September.
    assert food.terms.promised_days < case.terms.promised_days
    assert case.supplement_by["food-policies"] == date(2026, 9, 23)


def test_papers_that_never_came_end_the_branches_that_wanted_them(window: Window) -> None:
    package = take(window, PACKAGE, "accept", layout="tolerated")
    # The registration asks for the same paper, but nothing is tolerated there: it waits, and is registered later.
    window.wait(20)
    after = act(window, package, "lapse")
    assert (after.status, after.supplement_by) == (Status.ACCEPTED, {})
    assert branch(window, package, "law-licence").status is Status.TERMINATED
    assert branch(window, package, "law-registration").status is Status.RECEIVED
    late = {"materials": {"layout": TAKEN}}
    act(window, branch(window, package, "law-registration"), "tick", late)
    act(window, branch(window, package, "law-registration"), "register")
    ended = now(window, package)
    assert ended.decision is not None
    assert (ended.status, ended.decision.reason) == (Status.CLOSED, "准予 1 项；未准予 1 项：演示law-licence")


def test_and_the_package_when_none_is_left(window: Window) -> None:
    package = take(window, PACKAGE, "accept", layout="tolerated")
    act(window, branch(window, package, "law-registration"), "withdraw", WHY)
    window.wait(20)
    assert act(window, package, "lapse").status is Status.TERMINATED


def test_the_page_shows_how_far_the_branches_are(window: Window) -> None:
    package = take(window, PACKAGE, "accept")
    part = branch(window, package, "law-licence")

    def facts() -> dict[str, str]:
        return {pair.label: pair.value for pair in package_facts(window.desk, now(window, package))}

    assert facts() == {"子办件": "已决定 0 / 2", "整体到期": "09-24"}
    by(window, "reviewer", part, "extend", law.DATA["extend"])
    assert facts()["延期的子办件"] == "演示law-licence（2 个工作日）"
    assert facts()["整体到期"] == "09-29"  # the 25th to the 27th are days off
    by(window, "reviewer", part, "pause", law.PAUSE)
    assert facts()["暂停的子办件"] == "演示law-licence（检测）"
    assert facts()["整体到期"] == "有子办件暂停计时，未定"
    by(window, "clerk", branch(window, package, "law-registration"), "register")
    assert facts()["子办件"] == "已决定 1 / 2"
    shown = {pair.label: pair.value for pair in case_page(window.desk, package.id).facts}
    assert shown["子办件"] == "已决定 1 / 2"


def test_a_shared_paper_is_ticked_with_the_package(window: Window) -> None:
    package = take(window, PACKAGE, "accept", layout="tolerated")
    act(window, package, "supplement", {"materials": {"floor-plan": TAKEN}})
    for item in PARTS:
        assert branch(window, package, item).materials["layout"].state is MaterialState.RECEIVED


def test_a_branch_alone_gets_no_new_five_days(counter: Counter) -> None:
    """What comes in after a correction comes in for the package; a branch's silence may not be reset by itself."""
    taken = counter.take(demo.restaurant(1), action="receive")
    part = taken.children[0]
    shown = {b.verb for b in buttons(counter.desk, part, subject_of_case(counter.desk, part))}
    assert "resubmit" not in shown
    with pytest.raises(Refused, match="ask-the-package"):
        counter.act(part, "resubmit", {"materials": {"application": {"state": "received"}}})
    assert counter.again(part).received_on == part.received_on
