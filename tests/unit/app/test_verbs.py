"""Later verbs: roles, data, terms and clocks; which may follow which status is told by ``test_law``."""

from __future__ import annotations

import pytest

from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.app.labels import VERB_LABELS
from jinpu_desk.app.screens.case_verbs import buttons
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.domain.case import Case, DeliverState, Flag, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter
from samples.law import DATA

TAKEN = {"state": "received", "copies": 1, "pages": 1}
POST = {"method": "post", "tracking_no": "E0001"}
HANDS = ("supervisor", "reviewer")


def food(counter: Counter, action: str = "accept", **states: str) -> Case:
    return counter.take(
        demo.food_business(1, action, **states), note="演示", competent_organ="大连市演示局"
    ).case


def shop(counter: Counter, action: str = "receive", **states: str) -> Case:
    return counter.take(demo.sole_prop(1, action, **states)).case


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_every_verb_is_asked_of_the_roles(counter: Counter, verb: str) -> None:
    case = food(counter)
    counter.sit("auditor")
    with pytest.raises(Refused, match=r"role\.may-not"):
        counter.act(case, verb, DATA.get(verb, {}))


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_unknown_data_is_refused_before_anything_is_done(counter: Counter, verb: str) -> None:
    case = food(counter)
    counter.sit(*HANDS)
    with pytest.raises(Refused) as refused:
        counter.act(case, verb, DATA.get(verb, {}) | {"没有": 1})
    assert (refused.value.code, refused.value.where) == ("intake.unknown-key", "data.没有")


def test_unknown_verbs_and_cases(counter: Counter) -> None:
    case = food(counter)
    with pytest.raises(Refused, match=r"act\.unknown-verb"):
        counter.act(case, "敲")
    with pytest.raises(Refused, match=r"case\.unknown"):
        verbs.act(counter.desk, CaseNo("0" * 24), "note", {"text": "演示"})


def test_nobody_accepts_and_approves_the_same_case(counter: Counter) -> None:
    counter.sit("supervisor")
    case = food(counter)
    button = {b.verb: b for b in buttons(counter.desk, case, subject_of_case(counter.desk, case))}["decide"]
    assert (button.allowed, button.reason) == (False, "承诺件的受理与审批不能由同一人办理。")
    with pytest.raises(Refused, match=r"case\.same-hands"):
        counter.act(case, "decide", {"approved": True})
    counter.sit("reviewer")
    assert counter.act(case, "decide", {"approved": True}).status is Status.APPROVED


def test_a_second_correction_is_the_supervisors_with_a_reason(counter: Counter) -> None:
    lacking = food(counter, "correct", policies="lacking")
    case = counter.act(lacking, "resubmit", {"materials": {"application": TAKEN}})
    with pytest.raises(Refused, match=r"case\.second-correction"):
        counter.act(case, "correct")
    with pytest.raises(Refused, match=r"case\.second-correction"):
        counter.act(case, "correct", {"override_reason": "演示"})
    counter.sit("supervisor")
    after = counter.act(case, "correct", {"override_reason": "首次告知有遗漏（演示）"})
    assert after.corrections[-1].override_reason == "首次告知有遗漏（演示）"


def test_a_term_that_passed_ends_the_case(counter: Counter) -> None:
    correcting = food(counter, "correct", policies="lacking")
    tolerated = counter.take(demo.small_catering(2, layout="tolerated")).case
    counter.wait(days=31)
    assert counter.act(correcting, "lapse").status is Status.WITHDRAWN
    assert counter.act(tolerated, "lapse").status is Status.TERMINATED


def test_the_deciding_day_stops_the_clock_and_pauses_move_it(counter: Counter) -> None:
    case = food(counter)
    counter.sit("supervisor")
    counter.act(case, "pause", {"reason": "testing", "approver": "演示负责人"})
    row = counter.store.row(case.id)
    assert row is not None
    assert (row.due, Flag.PAUSED in counter.again(case).flags) == (None, True)
    counter.wait(days=10)
    counter.act(case, "resume")
    row = counter.store.row(case.id)
    assert row is not None
    assert (
        str(row.due) == "2026-10-09"  # 29, 30 September, 8, 9 October
    )  # from the 23rd: 28, 29, 30 September, 8, 9, 10 October less the pause


def test_a_posted_result_is_served_when_it_arrives(counter: Counter) -> None:
    case = shop(counter, "register")
    with pytest.raises(Refused, match=r"intake\.missing"):
        counter.act(case, "hand-out", {"method": "post"})
    sent = counter.act(case, "hand-out", {"method": "post", "tracking_no": "E0001"})
    assert sent.deliver_state is DeliverState.POSTED
    assert counter.act(case, "hand-out", {"relation": "本人"}).deliver_state is DeliverState.SERVED


def test_edits_are_held_to_the_form(counter: Counter) -> None:
    case = shop(counter)
    with pytest.raises(Refused, match=r"form\.money"):
        counter.act(case, "edit", {"changes": {"form.capital": "很多"}})
    with pytest.raises(Refused, match=r"case\.no-such-field"):
        counter.act(case, "edit", {"changes": {"status": 90}})
    with pytest.raises(Refused, match=r"code\.resident-id"):
        counter.act(case, "edit", {"changes": {"applicant.id_no": "210213199003070010"}})
    after = counter.act(
        case, "edit", {"changes": {"form.name": "演示新名", "applicant.phone": "13911112222"}}
    )
    assert (after.form["name"], after.applicant.phone) == ("演示新名", "13911112222")


def test_a_correction_at_the_counter_is_signed(counter: Counter) -> None:
    case = shop(counter)
    with pytest.raises(Refused, match=r"act\.correction-unsigned"):
        counter.act(case, "on-the-spot", {"changes": {"form.name": "演示新名"}, "signed": False})


def test_what_the_strip_typed_becomes_numbers_and_truth() -> None:
    assert verbs.from_strip("extend", {"days": " 5 ", "reason": "5"}) == {"days": 5, "reason": "5"}
    assert verbs.from_strip("decide", {"approved": "false"}) == {"approved": False}
    assert verbs.from_strip("extend", {"days": "五"}) == {"days": "五"}
    brought = {"channel": "post", "materials": {"layout": "received", "policies": ""}}
    assert verbs.from_strip("supplement", brought) == {
        "channel": "post",
        "materials": {"layout": {"state": "received"}},
    }


def test_every_verb_has_its_words() -> None:
    assert set(verbs.VERBS) <= set(VERB_LABELS)
