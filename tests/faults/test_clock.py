"""A clock that is a year wrong: what is refused and told, which grants stay dead, and who is not locked out for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from faults.reopening import Door
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.entry.demo_cases import small_catering
from samples.programs import CLOCK, Desk, Finished, TrainingCentre

NEXT_YEAR = CLOCK.replace("2026", "2027")
LAST_YEAR = CLOCK.replace("2026", "2025")
LATER = CLOCK.replace("10:00", "14:00")
NEXT_WEEK = CLOCK.replace("09-18", "09-25")


@contextmanager
def without_network(training: TrainingCentre, back_at: str = "") -> Iterator[None]:
    """Stop the centre for the length of the block; its clock shows ``back_at`` when it comes back."""
    training.stop()
    usual, training.clock = training.clock, back_at or training.clock
    try:
        yield
    finally:
        training.start()
        training.clock = usual


def taking_in(desk: Desk, clock: str, number: int = 1) -> Finished:
    """Try to take a case in."""
    path = desk.file(small_catering(number))
    return desk.run("intake", str(path), "--no-documents", clock=clock)


def refusal(desk: Desk, door: Door, clock: str) -> str:
    """Try to take a case in, in vain; return the code of what the user is told."""
    before = heads(door)
    code: str = taking_in(desk, clock).refusal()["code"]
    assert heads(door) == before
    return code


def heads(door: Door) -> dict[ReplicaId, Digest]:
    """The heads of all chains in the store; a login is logged, but is no event."""
    with door.opened() as opened:
        report = opened.store.verify()
        assert report.ok, report.problems
        return report.heads


def listed(desk: Desk, clock: str) -> Any:
    """How many cases a user finds."""
    return desk.done("list", clock=clock)["count"]


@pytest.mark.slow
def test_a_year_wrong_and_back_again_without_a_network(
    own_centre: TrainingCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    desk = own_centre.desk()
    door = Door.of(desk.home)
    desk.take(small_catering(1))
    desk.done("sync")
    with without_network(own_centre, back_at=LATER):
        # Behind: what is here can be read, and nothing gets a date that is over.
        assert refusal(desk, door, LAST_YEAR) == "clock.behind"
        assert listed(desk, LAST_YEAR) >= 1
        # Ahead: the grant has run out, and does not come to life when the clock is set back.
        assert refusal(desk, door, NEXT_YEAR) == "login.grant-expired"
        assert refusal(desk, door, CLOCK) == "login.grant-expired"
        assert refusal(desk, door, LAST_YEAR) == "login.grant-expired"
    # The next word of the centre says what time it is ...
    assert taking_in(desk, LATER, 2).code == 0
    with without_network(own_centre):
        # ... and from then on the window works without a network, as if nothing had been.
        assert taking_in(desk, LATER, 3).code == 0
        assert listed(desk, LATER) >= 3
        # A grant that really ran out stays dead, whatever the clock shows afterwards.
        assert refusal(desk, door, NEXT_WEEK) == "login.grant-expired"
        assert refusal(desk, door, LATER) == "login.grant-expired"
    assert desk.done("sync")["pending"] == 0
    assert desk.done("verify")["ok"]


def test_a_year_ahead_with_a_network(training: TrainingCentre) -> None:
    """A clock that was chosen for training is followed; one that is wrong is refused (tests/unit/store)."""
    desk = training.desk()
    assert taking_in(desk, NEXT_YEAR).code == 0
    assert taking_in(desk, CLOCK).code == 0
    assert desk.done("sync")["pending"] == 0
