"""Every seed whose history once ended badly, and what was wrong, so that it never is again (DESIGN §4, issue 4).

A seed tells another history once the simulator draws otherwise; what it found then stands here by a test of its own,
or in the tests of the room that was at fault.
"""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from sync.simulator.history import Unsafe, made
from sync.simulator.machine import Machine
from sync.simulator.plan import Plan, draw
from sync.simulator.schedule import Schedule
from sync.simulator.sweep import complaint_of

FAILED = {
    300566: "an event waited for a copy of it that another chain had not brought yet",
    301171: "a centre without power went on to the end of the instant, and told of what it had no more",
}


@pytest.mark.parametrize("seed", FAILED)
def test_a_history_that_failed_once_holds(seed: int) -> None:
    assert complaint_of(seed) == ""


SHAPED = {
    "an older program overwrote what it could not read": replace(
        draw(230), skew=True, cases=1, acts=draw(230).acts * 3
    ),
    "a program that was stopped between writing and telling began again without what it had written": replace(
        draw(95), skew=True
    ),
}


@pytest.mark.parametrize("plan", SHAPED.values(), ids=SHAPED)
def test_a_busier_history_that_failed_once_holds(plan: Plan) -> None:
    made(plan, Unsafe())


def test_a_machine_without_power_does_nothing_more_in_that_instant() -> None:
    schedule, done = Schedule(), list[str]()
    machine = Machine("centre", schedule, Random(0), lambda _text: None)
    machine.up = True

    def work() -> None:
        schedule.sleep(100)
        done.append("answered")

    schedule.after(100, machine.halt)
    machine.spawn("push", work)
    schedule.run(200)
    assert done == []
