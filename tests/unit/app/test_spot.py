"""当场更正: what is put right at the counter is kept with its old value, once the applicant signed."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from jinpu_desk.app.intake import spot
from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.intake.intake_view import intake_page
from jinpu_desk.app.screens.views import Pair
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter, draft_of

TYPED = draft_of(demo.sole_prop(1))


def named(draft: Draft, name: str) -> Draft:
    return replace(draft, form=draft.form | {"name": name})


def test_corrections_are_recorded_after_the_receipt_and_before_the_outcome(counter: Counter) -> None:
    started = spot.pressed(named(TYPED, "演示错名"))
    put_right = replace(named(started, "演示正名"), applicant=replace(started.applicant, phone="13911112222"))
    signed = spot.pressed(put_right)
    case = intake.take_in(counter.desk, from_draft(signed, Outcome.REGISTER), documents=False).case
    assert [m.type for m in case.timeline] == [
        "case.received",
        "case.corrected-on-the-spot",
        "case.decided",
        "case.closed",
    ]
    event = counter.store.events_of(case.id)[1].event
    assert event.body is not None
    body = msgspec.json.decode(event.body, type=b.CorrectedOnTheSpot)
    assert body.signed
    assert body.changes == {
        "form.name": ("演示错名", "演示正名"),
        "applicant.phone": ("13900000001", "13911112222"),
    }
    assert (case.form["name"], case.applicant.phone) == ("演示正名", "13911112222")
    assert counter.store.verify().ok


def test_filling_a_blank_corrects_nothing(counter: Counter) -> None:
    signed = spot.pressed(named(spot.pressed(named(TYPED, "")), "演示新名"))
    case = intake.take_in(counter.desk, from_draft(signed, Outcome.RECEIVE), documents=False).case
    assert [m.type for m in case.timeline] == ["case.received"]


def test_the_button_says_whose_turn_it_is_and_the_page_what_changed(counter: Counter) -> None:
    def button(draft: Draft) -> str:
        steps = intake_page(counter.desk, draft).steps
        return next(step.label for step in steps if step.outcome is Outcome.ON_THE_SPOT)

    started = spot.pressed(named(TYPED, "演示错名"))
    assert (button(TYPED), button(started)) == ("当场更正", "更正已签名")
    page = intake_page(counter.desk, named(started, "演示正名"))
    assert (page.correcting, page.corrections) == (True, (Pair("企业名称", "演示错名 → 演示正名"),))


def test_an_unsigned_correction_bars_every_outcome_that_takes_in(counter: Counter) -> None:
    pending = named(spot.pressed(TYPED), "演示正名")
    page = intake_page(counter.desk, pending)
    closed = {step.outcome for step in page.steps if not step.allowed}
    assert {Outcome.RECEIVE, Outcome.REGISTER} <= closed
    with pytest.raises(Refused, match=r"intake\.correction-unsigned"):
        intake.take_in(counter.desk, from_draft(pending, Outcome.REGISTER))
    back = named(pending, TYPED.form["name"])
    assert intake_page(counter.desk, back).verdict == "可以登记"


def test_what_changes_after_the_signature_is_signed_again(counter: Counter) -> None:
    signed = spot.pressed(named(spot.pressed(named(TYPED, "一")), "二"))
    again = named(signed, "三")
    with pytest.raises(Refused, match=r"intake\.correction-unsigned"):
        intake.take_in(counter.desk, from_draft(again, Outcome.REGISTER))
    signed_again = spot.pressed(named(spot.pressed(signed), "三"))
    assert signed_again.spot.signed == {"form.name": ("一", "三")}


def test_what_is_no_longer_there_was_not_corrected(counter: Counter) -> None:
    agent = replace(TYPED.applicant, name="演示乙")
    started = spot.pressed(replace(TYPED, agent=agent, form=TYPED.form | {"fax": "1"}))
    left = spot.pressed(named(replace(started, agent=None, form=TYPED.form), "演示正名"))
    case = intake.take_in(counter.desk, from_draft(left, Outcome.REGISTER), documents=False).case
    body = counter.store.events_of(case.id)[1].event.body
    assert body is not None
    assert set(msgspec.json.decode(body, type=b.CorrectedOnTheSpot).changes) == {"form.name"}
    assert (case.agent, "fax" in case.form) == (None, False)


def test_it_is_no_outcome_by_itself(counter: Counter) -> None:
    with pytest.raises(Refused, match=r"intake\.on-the-spot-goes-on"):
        intake.take_in(counter.desk, from_draft(TYPED, Outcome.ON_THE_SPOT))


def test_a_draft_keeps_its_corrections_over_a_restart() -> None:
    pending = named(spot.pressed(TYPED), "演示正名")
    assert msgspec.json.decode(msgspec.json.encode(pending), type=Draft) == pending
