"""A home copied and run twice, put back in part or whole, or moved: nothing lost, no number twice, all counted once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from faults.test_clock import without_network
from faults.traced import put_back
from jinpu_desk.entry.demo_cases import small_catering
from samples.programs import Desk, TrainingCentre


@pytest.fixture
def desk(training: TrainingCentre) -> Desk:
    """A desk with a case the centre has, and one that waits."""
    made = training.desk()
    made.take(small_catering(1))
    made.done("sync")
    made.take(small_catering(2))
    return made


@pytest.fixture
def second(training: TrainingCentre) -> Desk:
    """Another desk of the office, which must come to see the same."""
    return training.desk()


def copied(desk: Desk, name: str) -> Desk:
    """Copy a home as an administrator does who sets a second PC up."""
    home = Path(shutil.copytree(desk.home, desk.home.with_name(f"{desk.home.name}-{name}")))
    return Desk(home, desk.clock)


def replica(desk: Desk) -> str:
    """Who a desk is."""
    return str(json.loads((desk.home / "replica.json").read_bytes())["id"])


def number(taken: dict[str, Any]) -> str:
    return str(taken["case_no"])


def agree(training: TrainingCentre, *desks: Desk) -> list[str]:
    """Sync until nothing moves; see that all hold the same, once, and verify. Return the numbers."""
    for _ in range(2):
        for desk in desks:
            done = desk.done("sync")
            assert (done["pending"], done["parked"], done["dead"]) == (0, 0, 0)
    held = [sorted(desk.numbers()) for desk in desks]
    assert all(numbers == held[0] for numbers in held)
    assert len(set(held[0])) == len(held[0])
    for desk in desks:
        report = desk.done("verify")
        assert (report["ok"], report["problems"]) == (True, [])
    assert training.admin("verify")["ok"]
    return held[0]


@pytest.mark.slow
@pytest.mark.parametrize("copy_first", [False, True])
def test_a_home_copied_and_run_twice(
    training: TrainingCentre, desk: Desk, second: Desk, copy_first: bool
) -> None:
    copy = copied(desk, "copy")
    taken = [number(desk.take(small_catering(3))), number(copy.take(small_catering(4)))]
    assert replica(copy) != replica(desk)
    for one in (copy, desk) if copy_first else (desk, copy):
        one.done("sync")
    numbers = agree(training, desk, copy, second)
    assert set(taken) <= set(numbers)
    assert len(set(taken)) == 2


@pytest.mark.slow
def test_a_copy_without_a_network_only_reads(training: TrainingCentre, desk: Desk, second: Desk) -> None:
    copy = copied(desk, "copy")
    with without_network(training):
        error = copy.refused("intake", str(copy.file(small_catering(5))), code=3)
        assert error["code"] == "incarnation.needed"
        assert copy.numbers() == desk.numbers()
        kept = number(desk.take(small_catering(6)))
        # A copy of the copy, made before either met the centre.
        again = copied(copy, "again")
        again.refused("intake", str(again.file(small_catering(7))), code=3)
    taken = [number(one.take(small_catering(8 + n))) for n, one in enumerate((copy, again))]
    assert len({replica(one) for one in (desk, copy, again)}) == 3
    numbers = agree(training, desk, copy, again, second)
    assert {kept, *taken} <= set(numbers)


@pytest.mark.slow
def test_a_database_put_back_from_an_older_copy(training: TrainingCentre, desk: Desk, second: Desk) -> None:
    older = (desk.home / "desk.db").read_bytes()
    sent = number(desk.take(small_catering(9)))
    desk.done("sync")
    lost = number(desk.take(small_catering(10)))
    former = replica(desk)
    (desk.home / "desk.db").write_bytes(older)
    with without_network(training):
        error = desk.refused("intake", str(desk.file(small_catering(11))), code=3)
        assert error["code"] == "incarnation.needed"
    taken = number(desk.take(small_catering(12)))
    assert replica(desk) != former
    assert taken not in {sent, lost}
    assert {sent, taken} <= set(agree(training, desk, second))


@pytest.mark.slow
def test_a_whole_home_put_back(training: TrainingCentre, desk: Desk, second: Desk, tmp_path: Path) -> None:
    older = Path(shutil.copytree(desk.home, tmp_path / "older"))
    sent = number(desk.take(small_catering(13)))
    desk.done("sync")
    former = replica(desk)
    put_back(older, desk.home)
    # Nothing in the home tells; the centre does, and from then on the desk is another.
    first = desk.run("sync")
    assert first.code in (0, 2, 3)
    taken = number(desk.take(small_catering(14)))
    assert replica(desk) != former
    assert {sent, taken} <= set(agree(training, desk, second))


@pytest.mark.slow
def test_a_home_that_was_moved_goes_on(training: TrainingCentre, desk: Desk, second: Desk) -> None:
    former = replica(desk)
    moved = Desk(desk.home.rename(desk.home.with_name(f"{desk.home.name}-moved")), desk.clock)
    taken = number(moved.take(small_catering(15)))
    assert replica(moved) == former
    assert taken in agree(training, moved, second)
