"""Ten items and two packages from the counter to the result, by keys alone, in the real window over the real desk.

What is typed comes from the catalogue (``samples.applications``); what it came to is read in the store, and due days
are counted on the calendar one by one (issue 3, Done when 1 and 4).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from jinpu_desk.devices.id_simulator import IdReaderSimulator
from jinpu_desk.domain.case import Case, DeliverState, Status
from jinpu_desk.entry.demo_cases import PEOPLE, card, person_id
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.store.home import Home
from samples.applications import TODAY, application
from samples.counter import calendar, catalogue
from samples.programs import CLERK, CLOCK, PASSWORD, REVIEWER, TrainingCentre
from samples.typist import Typist, window_on

RETURNING = 40
"""Keys, beyond names and values, that a case done at once may cost for somebody who was here before."""
WHO_CAME = {"recipient": PEOPLE[3], "id_no": person_id(3)}
"""The legal representative of an organisation."""


@contextmanager
def at_window(home: Home) -> Iterator[Typist]:
    """Open the window with a card on its reader."""
    with IdReaderSimulator([card()]) as reader:
        thread = threading.Thread(target=reader.serve_forever, name="id-reader")
        thread.start()
        try:
            with window_on(home, load_parts(), reader.port) as typist:
                yield typist
        finally:
            reader.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def clerk(training: TrainingCentre, qapp: QApplication) -> Iterator[Typist]:
    """The clerk at a desk of the hall, all day at one window; at the end the keys of each case are told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        with Home(training.desk().home) as held, at_window(held) as typist:
            yield typist.enter(CLERK, PASSWORD)
            print(f"keys beyond names and values: {typist.told}")


def by_hand(start: date, days: int) -> date:
    """Count working days one by one, as a clerk would on a calendar."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= calendar().kind(day).works
    return day


def kinds(case: Case) -> list[str]:
    return [paper.kind for paper in case.papers]


def fill(clerk: Typist, target: str, initials: str, **more: Any) -> None:
    """Choose an item or package and type a complete application, up to the decision."""
    file = application(catalogue(), target, answers=more.pop("answers", None), **more)
    asked = clerk.choose(initials, target).fill(file)
    groups = {path.rpartition(".")[0] for path in asked}
    assert {f"form.{name}" for name in file["form"]} <= asked | groups, "Enter passed a field by"
    clerk.tick(file["materials"])


def take(clerk: Typist, target: str, initials: str, key: str, **more: Any) -> Case:
    """Take a complete application in and press the key of an outcome; return the case."""
    before = clerk.pressed
    fill(clerk, target, initials, **more)
    case = clerk.decide(key)
    clerk.told[target] = clerk.pressed - before
    return case


@contextmanager
def reviewing(clerk: Typist) -> Iterator[Typist]:
    """Let the reviewer sit down at the same window, and the clerk again."""
    yield clerk.hand_over_to(REVIEWER, PASSWORD)
    clerk.hand_over_to(CLERK, PASSWORD)


def approve(clerk: Typist) -> Case:
    """Decide the case that is open, and close it where that is another step."""
    case = clerk.verb("decide").answer(result_name="演示证照", result_no="演示0001")
    if case.status is Status.APPROVED:
        case = clerk.verb("close").shown()
    return case


def test_a_sole_proprietorship_is_registered_and_handed_out(clerk: Typist) -> None:
    case = take(clerk, "sole-prop-setup", "grdz", "F9", answers={"address_mode": "cluster"})
    assert (case.status, kinds(case)) == (Status.CLOSED, ["D7"])
    assert case.form["cluster_place"] == "place-01"
    given = clerk.counter.hand_out(case)
    assert (given.deliver_state, kinds(given)) == (DeliverState.SERVED, ["D7", "D9", "D10"])
    assert [(d.relation, d.recipient) for d in given.deliveries] == [("本人", case.applicant.name)]


def test_who_was_here_before_costs_few_keys(clerk: Typist) -> None:
    """The card gives the name, the file the rest; papers on file are not asked for again."""
    first = application(catalogue(), "individual-setup", number=0)
    clerk.choose("gtgsh", "individual-setup").press("F4").settle()
    assert clerk.intake.desk.draft.applicant.entry == "card"
    clerk.fill(first)
    case = clerk.tick(first["materials"]).decide("F9")
    assert (case.status, kinds(case), case.applicant.id_no) == (Status.CLOSED, ["D7"], person_id(0))
    before = clerk.pressed
    clerk.choose("gjjtq", "fund-withdrawal").press("F4").settle().press("F7").settle()
    file = application(catalogue(), "fund-withdrawal", number=0)
    clerk.fill(file)
    again = clerk.tick(file["materials"]).decide("F9")
    clerk.told["returning"] = clerk.pressed - before
    assert (again.status, kinds(again)) == (Status.CLOSED, ["D1", "D8"])
    assert clerk.told["returning"] <= RETURNING


def test_a_company_changes_and_the_reviewer_registers_it(clerk: Typist) -> None:
    case = take(clerk, "company-change", "gsbg", "F8")
    assert clerk.told["company-change"] <= 34, "the page knows that no person applies"
    assert (case.status, kinds(case)) == (Status.RECEIVED, ["D7"])
    assert clerk.backend.row(case.id).decide_by == by_hand(TODAY, 3)
    with reviewing(clerk):
        registered = approve(clerk.open(case))
    assert (registered.status, kinds(registered)) == (Status.CLOSED, ["D7", "D7"])


def test_a_simple_cancellation_is_checked_by_key_and_withdrawn(clerk: Typist) -> None:
    fill(clerk, "simple-cancel", "jyzx")
    began = TODAY - timedelta(days=21)
    assert clerk.page.guide is not None
    shown = " ".join(pair.value for pair in clerk.page.guide.dates)
    assert (began + timedelta(days=20)).isoformat() in shown
    case = clerk.decide("F8")
    assert (case.status, kinds(case), case.answers["bad_list"]) == (Status.RECEIVED, ["D7"], False)
    gone = clerk.open(case).verb("withdraw").answer(reason="不再办理（演示）")
    assert (gone.status, kinds(gone)) == (Status.WITHDRAWN, ["D7", "D12"])


def test_food_is_tolerated_supplemented_extended_decided_and_handed_out(clerk: Typist) -> None:
    fill(clerk, "food-business-new", "spjyxk", policies="tolerated")
    case = clerk.strip("F9", True)
    assert (case.status, kinds(case)) == (Status.ACCEPTED, ["D1", "D2", "D5"])
    promised = case.terms.promised_days
    assert clerk.backend.row(case.id).due == by_hand(TODAY, promised)
    assert case.supplement_by["policies"] <= by_hand(TODAY, promised)
    whole = clerk.open(case).verb("supplement").answer()
    assert (whole.supplement_by, whole.supplemented) == ({}, {"policies": TODAY})
    with reviewing(clerk):
        clerk.open(case).verb("extend").answer(days="3", reason="情形复杂（演示）", approver="演示负责人")
        assert clerk.backend.row(case.id).due == by_hand(TODAY, promised + 3)
        decided = approve(clerk)
    assert (decided.status, kinds(decided)) == (Status.CLOSED, ["D1", "D2", "D5", "D11", "D8"])
    given = clerk.counter.hand_out(decided, **WHO_CAME)
    assert (given.deliver_state, kinds(given)[-2:]) == (DeliverState.SERVED, ["D9", "D10"])


def test_prepackaged_food_is_filed_at_once(clerk: Typist) -> None:
    case = take(clerk, "prepackaged-food-filing", "ybzsp", "F9")
    assert (case.status, kinds(case)) == (Status.CLOSED, ["D1", "D8"])


def test_hygiene_is_licensed_on_a_pledge(clerk: Typist) -> None:
    case = take(clerk, "public-place-hygiene", "ggcsws", "F9", floor_plan="pledged")
    assert (case.status, kinds(case)) == (Status.CLOSED, ["D1", "D6", "D6", "D2", "D8"])
    assert len({paper.variant for paper in case.papers if paper.kind == "D6"}) == 2, (
        "for the licence, for a proof"
    )
    assert set(case.unchecked_pledges) == {"", "floor-plan"}


def test_seals_are_corrected_once_and_resubmitted(clerk: Typist) -> None:
    fill(clerk, "seal-filing", "gzba", application="lacking")
    assert "不能备案" in clerk.intake.bar.verdict.text()
    case = clerk.strip("Ctrl+M", "请补交登记表（演示）")
    assert (case.status, kinds(case)) == (Status.CORRECTING, ["D3"])
    assert case.corrections[-1].correct_by == TODAY + timedelta(days=30)
    back = clerk.open(case).verb("resubmit").answer()
    assert (back.status, kinds(back), back.lacking) == (Status.RECEIVED, ["D3", "D1"], ())
    clerk.verb("accept")
    filed = approve(clerk)
    assert (filed.status, kinds(filed)) == (Status.CLOSED, ["D3", "D1", "D8"])


def test_a_fund_is_paid_at_once(clerk: Typist) -> None:
    case = take(clerk, "fund-withdrawal", "gjjtq", "F9", no_house_proof="pledged")
    assert (case.status, kinds(case)) == (Status.CLOSED, ["D1", "D6", "D8"])


def test_a_request_is_taken_down_and_answered(clerk: Typist) -> None:
    case = take(clerk, "hotline-request", "8890", "F9")
    assert (case.status, clerk.backend.row(case.id).due) == (Status.ACCEPTED, by_hand(TODAY, 5))
    assert kinds(case) == ["D1", "D2"]
    with reviewing(clerk):
        answered = approve(clerk.open(case))
    assert (answered.status, kinds(answered)) == (Status.CLOSED, ["D1", "D2", "D8"])


def test_not_here_is_refused_with_the_competent_organ(clerk: Typist) -> None:
    fill(clerk, "food-business-new", "spjyxk")
    case = clerk.strip("Ctrl+D", "不属于本机关职权（演示）", "大连市演示局")
    assert (case.status, kinds(case), case.competent_organ) == (Status.REFUSED, ["D4"], "大连市演示局")


def test_a_restaurant_is_asked_once_and_decided_in_any_order(clerk: Typist) -> None:
    before = clerk.pressed
    fill(clerk, "open-restaurant", "kcg")
    page = clerk.page
    asked = [field.label for field in page.fields]
    assert len(asked) == len(set(asked)), "a field is asked twice"
    assert f"→ {len(page.checklist)} 份，减 " in clerk.intake.item.facts.text()
    assert "合并为" in clerk.intake.form.count.text()
    parent = clerk.decide("F9")
    clerk.told["open-restaurant"] = clerk.pressed - before
    assert kinds(parent) == ["D1", "D2"]
    branches = [clerk.backend.case(child) for child in parent.children]
    longest = max(branch.terms.promised_days for branch in branches)
    assert clerk.backend.row(parent.id).due == by_hand(TODAY, longest)
    with reviewing(clerk):
        for branch in reversed(branches):
            clerk.open(parent).child(branch.item)
            assert approve(clerk).status is Status.CLOSED
    assert clerk.backend.case(parent.id).status is Status.CLOSED


def test_who_brought_nothing_is_told_everything_once(clerk: Typist) -> None:
    wanted = application(catalogue(), "open-restaurant")["materials"]
    fill(clerk, "open-restaurant", "kcg", **{key.replace("-", "_"): "lacking" for key in wanted})
    case = clerk.strip("Ctrl+M", *[f"请提交第{n + 1}份（演示）" for n in range(len(wanted))])
    assert (case.status, kinds(case)) == (Status.CORRECTING, ["D3"])
    assert {fault.material for fault in case.corrections[-1].faults} == set(wanted)
    back = clerk.open(case).verb("resubmit").answer(**{f"materials.{key}": "received" for key in wanted})
    assert (back.status, back.lacking) == (Status.RECEIVED, ())


def test_utilities_are_asked_for_together(clerk: Typist) -> None:
    case = take(clerk, "utilities", "sdqlb", "F9")
    branches = [clerk.backend.case(child) for child in case.children]
    assert [branch.status for branch in branches] == [Status.ACCEPTED] * 2
    longest = max(branch.terms.promised_days for branch in branches)
    assert (kinds(case), clerk.backend.row(case.id).due) == (["D1", "D2"], by_hand(TODAY, longest))
