"""Later verbs: which may follow which status, in each family, and that the case page's buttons say the same."""

from __future__ import annotations

from typing import Any

import pytest

from jinpu_desk.app import verbs
from jinpu_desk.app.case_verbs import buttons
from jinpu_desk.app.labels import VERB_LABELS
from jinpu_desk.app.subject import subject_of_case
from jinpu_desk.domain.case import Case, DeliverState, Flag, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter

ORGAN = {"competent_organ": "大连市演示局", "reason": "不属于本机关职权（演示）"}
TAKEN = {"state": "received", "copies": 1, "pages": 1}
POST = {"method": "post", "tracking_no": "E0001"}
HANDS = ("supervisor", "reviewer")


def food(counter: Counter, action: str = "accept", **states: str) -> Case:
    return counter.take(
        demo.food_business(1, action, **states), note="演示", competent_organ="大连市演示局"
    ).case


def shop(counter: Counter, action: str = "receive", **states: str) -> Case:
    return counter.take(demo.sole_prop(1, action, **states)).case


def decided(counter: Counter, case: Case, *, approved: bool) -> Case:
    data = {"approved": approved, "reason": "" if approved else "不符合条件（演示）"}
    counter.sit("reviewer")
    return counter.act(case, "decide", data)


STAGES: dict[str, Any] = {
    "licence received": lambda c: food(c, "receive"),
    "licence lacking": lambda c: food(c, "receive", policies="lacking"),
    "licence correcting": lambda c: food(c, "correct", policies="lacking"),
    "licence resubmitted": lambda c: c.act(
        food(c, "correct", policies="lacking"), "resubmit", {"materials": {"application": TAKEN}}
    ),
    "licence accepted": food,
    "licence tolerated": lambda c: food(c, policies="tolerated"),
    "licence paused": lambda c: paused(c, food(c)),
    "licence extended": lambda c: extended(c, food(c)),
    "licence approved": lambda c: decided(c, food(c), approved=True),
    "licence denied": lambda c: decided(c, food(c), approved=False),
    "licence closed": lambda c: c.act(decided(c, food(c), approved=True), "close"),
    "licence refused": lambda c: food(c, "refuse"),
    "licence withdrawn": lambda c: c.act(food(c), "withdraw", {"reason": "演示"}),
    "registration received": shop,
    "registration lacking": lambda c: shop(c, "receive", investor_id="lacking"),
    "registration correcting": lambda c: shop(c, "correct", investor_id="lacking"),
    "registration denied": lambda c: decided(c, shop(c), approved=False),
    "registration closed": lambda c: shop(c, "register"),
    "registration posted": lambda c: c.act(shop(c, "register"), "hand-out", POST),
    "registration handed out": lambda c: c.act(shop(c, "register"), "hand-out"),
}


def paused(counter: Counter, case: Case) -> Case:
    counter.sit("supervisor")
    return counter.act(case, "pause", {"reason": "testing", "approver": "演示负责人"})


def extended(counter: Counter, case: Case) -> Case:
    counter.sit("supervisor")
    return counter.act(case, "extend", {"days": 5, "reason": "演示", "approver": "演示负责人"})


DATA: dict[str, dict[str, Any]] = {
    "refuse": ORGAN,
    "resubmit": {"materials": {"application": TAKEN}},
    "supplement": {"materials": {"policies": TAKEN}},
    "pause": {"reason": "testing", "approver": "演示负责人"},
    "extend": {"days": 5, "reason": "演示", "approver": "演示负责人"},
    "decide": {"approved": True},
    "hand-out": {"recipient": "演示甲", "relation": "本人"},
    "withdraw": {"reason": "演示"},
    "void": {"reason": "演示"},
    "note": {"text": "演示"},
    "tick": {"materials": {"application": TAKEN}},
    "edit": {"changes": {"form.phone": "13911112222"}},
    "on-the-spot": {"changes": {"form.phone": "13911112222"}, "signed": True},
}
NO = "case.wrong-status"
MAY: dict[str, set[str]] = {
    "licence received": {"accept", "refuse", "withdraw", "void", "note", "tick", "edit", "on-the-spot"},
    "licence lacking": {"correct", "refuse", "withdraw", "void", "note", "tick", "edit", "on-the-spot"},
    "licence correcting": {"resubmit", "withdraw", "void", "note", "tick", "edit"},
    "licence resubmitted": {"refuse", "withdraw", "void", "note", "tick", "edit", "on-the-spot"},
    "licence accepted": {"pause", "extend", "decide", "withdraw", "void", "note", "tick", "edit"},
    "licence tolerated": {"supplement", "pause", "extend", "withdraw", "void", "note", "tick", "edit"},
    "licence paused": {"resume", "withdraw", "void", "note", "tick", "edit"},
    "licence extended": {"pause", "decide", "withdraw", "void", "note", "tick", "edit"},
    "licence approved": {"close", "hand-out", "void", "note"},
    "licence denied": {"close", "hand-out", "void", "note"},
    "licence closed": {"hand-out", "void", "note"},
    "licence refused": {"void", "note"},
    "licence withdrawn": {"void", "note"},
    "registration received": {
        "register",
        "decide",
        "refuse",
        "withdraw",
        "void",
        "note",
        "tick",
        "edit",
        "on-the-spot",
    },
    "registration lacking": {"correct", "refuse", "withdraw", "void", "note", "tick", "edit", "on-the-spot"},
    "registration correcting": {"resubmit", "withdraw", "void", "note", "tick", "edit"},
    "registration denied": {"close", "hand-out", "void", "note"},
    "registration closed": {"hand-out", "void", "note"},
    "registration posted": {"hand-out", "delivered", "void", "note"},
    "registration handed out": {"void", "note"},
}
for lawful in MAY.values():
    lawful.add("return-materials")  # while the office holds originals, whatever became of the case
OTHERWISE: dict[tuple[str, str], str] = {
    # a verb out of its status is ``case.wrong-status``, but for these
    ("licence received", "correct"): "decision.nothing-to-correct",
    ("registration received", "correct"): "decision.nothing-to-correct",
    ("licence lacking", "accept"): "decision.lacking",
    ("registration lacking", "register"): "decision.lacking",
    ("registration lacking", "decide"): "decision.lacking",
    ("licence resubmitted", "accept"): "decision.lacking",
    ("licence resubmitted", "correct"): "case.second-correction",
    ("licence tolerated", "decide"): "case.tolerance-open",
    ("licence paused", "extend"): "act.extend-while-paused",
    ("licence paused", "decide"): "case.decide-while-paused",
    ("licence paused", "pause"): "case.already-paused",
    ("licence extended", "extend"): "case.already-extended",
    ("registration handed out", "hand-out"): "case.already-served",
}


NOT_APPROVED = {"case.tolerance-open", "decision.lacking"}
SECOND = "case.second-correction"


def expected(stage: str, verb: str) -> str:
    """Return the code of the refusal, empty when the verb is lawful."""
    if verb in MAY[stage]:
        return ""
    if (stage, verb) in OTHERWISE:
        return OTHERWISE[stage, verb]
    licence, status = stage.split(" ", 1)
    if verb == "register" and licence == "licence":
        return "decision.not-registration"
    if verb == "accept" and licence == "registration":
        return "decision.registration-family" if status in {"received", "lacking"} else NO
    ended = status not in {
        "received",
        "lacking",
        "correcting",
        "resubmitted",
        "accepted",
        "tolerated",
        "paused",
        "extended",
    }
    if verb in {"tick", "edit"} and ended:
        return "case.ended"
    if verb == "lapse":
        return "act.lapse-too-early" if status in {"correcting", "tolerated"} else "case.nothing-to-lapse"
    if verb == "resume" and status in {"accepted", "tolerated", "extended"}:
        return "case.not-paused"
    if verb == "supplement" and status in {"accepted", "paused", "extended"}:
        return "act.nothing-to-supplement"
    if verb == "hand-out":
        return "case.no-result-yet"
    if verb == "delivered":
        return "case.nothing-on-the-way"
    return NO


def data_for(verb: str) -> dict[str, Any]:
    return DATA.get(verb, {})


def refusal(counter: Counter, case: Case, verb: str) -> str:
    try:
        counter.act(case, verb, data_for(verb))
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("stage", STAGES)
def test_what_may_follow_and_what_the_buttons_say(counter: Counter, stage: str) -> None:
    for verb in verbs.VERBS:
        counter.sit("clerk")
        case = STAGES[stage](counter)
        counter.sit(*HANDS)
        shown = {b.verb: b for b in buttons(counter.desk, case, subject_of_case(counter.desk, case))}
        assert refusal(counter, case, verb) == expected(stage, verb), (stage, verb)
        if verb in shown:
            # A denial may go ahead where an approval may not, a second notice when the supervisor gives a reason.
            lawful = verb in MAY[stage] or (verb == "decide" and expected(stage, verb) in NOT_APPROVED)
            lawful |= expected(stage, verb) == SECOND
            assert shown[verb].allowed is lawful, (stage, verb, shown[verb].reason)
        elif verb not in {"tick", "edit", "on-the-spot"}:
            assert verb not in MAY[stage], (stage, verb)
    assert counter.store.verify().ok


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_every_verb_is_asked_of_the_roles(counter: Counter, verb: str) -> None:
    case = food(counter)
    counter.sit("auditor")
    with pytest.raises(Refused, match=r"role\.may-not"):
        counter.act(case, verb, data_for(verb))


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_unknown_data_is_refused_before_anything_is_done(counter: Counter, verb: str) -> None:
    case = food(counter)
    counter.sit(*HANDS)
    with pytest.raises(Refused) as refused:
        counter.act(case, verb, data_for(verb) | {"没有": 1})
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
    case = STAGES["licence resubmitted"](counter)
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


def test_every_verb_has_its_words() -> None:
    assert set(verbs.VERBS) <= set(VERB_LABELS)
