"""What happens to a package happens to its branches; what time decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jinpu_desk.app.verbs.timers import SYSTEM, deem_accepted
from jinpu_desk.domain.case import Case, Flag, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter

LATE = {"state": "received", "copies": 1, "pages": 3}


def branches(counter: Counter, case: Case) -> dict[str, Case]:
    found = [counter.store.case(child) for child in counter.again(case).children]
    return {child.item: child for child in found if child}


def opened(counter: Counter, action: str = "receive", **changes: Any) -> Case:
    return counter.take(demo.restaurant(1), action=action, **changes).case


def test_accepting_a_package_accepts_its_licences(counter: Counter) -> None:
    case = opened(counter)
    counter.wait(days=1)
    counter.act(case, "accept")
    found = branches(counter, case)
    assert {item: child.status for item, child in found.items()} == {
        "individual-setup": Status.RECEIVED,
        "food-business-new": Status.ACCEPTED,
        "outdoor-sign": Status.ACCEPTED,
        "fire-safety-check": Status.ACCEPTED,
    }
    assert set(found["food-business-new"].supplement_by) == {"policies"}
    assert found["outdoor-sign"].supplement_by == {}


def test_a_late_paper_completes_package_and_branch(counter: Counter) -> None:
    case = opened(counter, "accept")
    counter.act(case, "supplement", {"materials": {"food-policies": LATE}})
    assert not counter.again(case).supplement_by
    food = branches(counter, case)["food-business-new"]
    assert (food.supplement_by, food.materials["policies"].state) == ({}, MaterialState.RECEIVED)


@pytest.mark.parametrize(("verb", "status"), [("withdraw", Status.WITHDRAWN), ("void", None)])
def test_what_ends_a_package_ends_its_branches(counter: Counter, verb: str, status: Status | None) -> None:
    case = opened(counter, "accept")
    counter.sit("supervisor")
    counter.act(case, verb, {"reason": "演示"})
    for one in (counter.again(case), *branches(counter, case).values()):
        assert one.voided if status is None else one.status is status


def test_a_branch_that_is_done_stays_done(counter: Counter) -> None:
    case = opened(counter, "accept")
    shop = branches(counter, case)["individual-setup"]
    counter.act(shop, "register")
    counter.act(case, "withdraw", {"reason": "演示"})
    assert branches(counter, case)["individual-setup"].status is Status.CLOSED


def test_branches_wait_while_the_package_is_corrected(counter: Counter) -> None:
    file = demo.restaurant(1)
    lacking = file["materials"] | {"rendering": {"state": "lacking"}}
    case = counter.take(file, action="correct", materials=lacking).case
    counter.wait(days=30)
    assert deem_accepted(counter.desk) == ()
    for item, verb in (("food-business-new", "accept"), ("individual-setup", "register")):
        with pytest.raises(Refused, match=r"act\.package-correcting"):
            counter.act(branches(counter, case)[item], verb)
    counter.act(case, "resubmit", {"materials": {"rendering": LATE}})
    assert branches(counter, case)["outdoor-sign"].materials["rendering"].state is MaterialState.RECEIVED
    assert deem_accepted(counter.desk) == ()


def test_five_days_of_silence_accept_from_the_day_of_receipt(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive")).case
    package = opened(counter)
    counter.wait(days=6)  # 24 September, the fifth working day: still time
    assert deem_accepted(counter.desk) == ()
    counter.wait(days=1)
    assert set(deem_accepted(counter.desk)) == {case.id, package.id}
    after = counter.again(case)
    assert (after.status, after.accepted_on) == (Status.ACCEPTED, date(2026, 9, 18))
    assert after.timeline[-1].actor == SYSTEM
    assert Flag.DEEMED in after.flags
    assert [child.deemed for child in branches(counter, package).values()] == [False, True, True, True]
    assert deem_accepted(counter.desk) == ()
    assert counter.store.verify().ok


def test_a_registration_is_never_deemed_accepted(counter: Counter) -> None:
    counter.take(demo.sole_prop(1, "receive"))
    counter.wait(days=60)
    assert deem_accepted(counter.desk) == ()


def test_silence_after_a_resubmission_counts_anew(counter: Counter) -> None:
    case = counter.take(demo.outdoor_sign(1, "correct", rendering="lacking")).case
    counter.wait(days=10)
    counter.act(case, "resubmit", {"materials": {"rendering": LATE}})
    assert deem_accepted(counter.desk) == ()
    counter.wait(days=20)
    assert deem_accepted(counter.desk) == (case.id,)
    assert counter.again(case).accepted_on == date(2026, 9, 28)
