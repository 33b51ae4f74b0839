"""A desk that was copied, restored or moved, through the real programs: no number twice, nothing lost (DESIGN §3)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jinpu_desk.entry.demo_cases import sole_prop
from samples.programs import Desk, TrainingCentre


def take_in(desk: Desk, *numbers: int) -> list[str]:
    return [desk.take(sole_prop(n))["case_no"] for n in numbers]


def copied(desk: Desk, to: Path) -> Desk:
    shutil.copytree(desk.home, to)
    return replace(desk, home=to)


def agreed(centre: TrainingCentre, *desks: Desk) -> set[str]:
    """Sync until everybody knows everything, and return the numbers all of them hold."""
    for _ in range(2):
        for desk in desks:
            assert desk.done("sync")["pending"] == 0
    for desk in desks:
        report = desk.done("verify")
        assert (report["ok"], report["problems"]) == (True, [])
    held = [frozenset(desk.numbers()) for desk in desks]
    assert len(set(held)) == 1
    assert centre.admin("verify")["ok"]
    return set(held[0])


def test_a_copy_goes_on_as_another_window_and_nothing_counts_twice(
    training: TrainingCentre, tmp_path: Path
) -> None:
    desk = training.desk()
    before = take_in(desk, 1, 2)
    copy = copied(desk, tmp_path / "copy")
    mine, theirs = take_in(desk, 3), take_in(copy, 4)
    assert {number[8:11] for number in theirs}.isdisjoint(number[8:11] for number in before + mine)
    assert agreed(training, copy, desk) >= {*before, *mine, *theirs}
    status = copy.done("status")
    assert (status["parked"], status["dead"]) == (0, 0)


@pytest.mark.slow
def test_a_copy_without_a_network_only_reads(training: TrainingCentre, tmp_path: Path) -> None:
    desk = training.desk()
    (number,) = take_in(desk, 5)
    copy = copied(desk, tmp_path / "copy")
    training.stop()
    try:
        error = copy.refused("intake", str(copy.file(sole_prop(6))), code=3)
        assert error["code"] == "incarnation.needed"
        assert copy.show(number)["case_no"] == number
    finally:
        training.start()
    late = take_in(copy, 6)
    assert agreed(training, copy, desk) >= {number, *late}


def test_an_older_database_put_back_burns_no_number_again(training: TrainingCentre, tmp_path: Path) -> None:
    desk = training.desk()
    first = take_in(desk, 7)
    older = tmp_path / "older.db"
    shutil.copy(desk.home / "desk.db", older)
    lost = take_in(desk, 8)
    desk.done("sync")
    for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
        (desk.home / name).unlink(missing_ok=True)
    shutil.copy(older, desk.home / "desk.db")
    later = take_in(desk, 9)
    assert {*later}.isdisjoint({*first, *lost})
    assert agreed(training, desk, training.desk()) >= {*first, *lost, *later}


def test_a_home_that_was_moved_is_the_same_window(training: TrainingCentre, tmp_path: Path) -> None:
    desk = training.desk()
    (first,) = take_in(desk, 10)
    desk.home.rename(tmp_path / "elsewhere")
    (second,) = take_in(replace(desk, home=tmp_path / "elsewhere"), 11)
    assert first[8:11] == second[8:11]


def test_a_whole_home_put_back_in_its_place_is_found_out_by_the_centre(
    training: TrainingCentre, tmp_path: Path
) -> None:
    desk = training.desk()
    first = take_in(desk, 12)
    shutil.copytree(desk.home, tmp_path / "kept")
    lost = take_in(desk, 13)
    desk.done("sync")
    for entry in desk.home.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(tmp_path / "kept", desk.home, dirs_exist_ok=True)
    assert agreed(training, desk, training.desk()) >= {*first, *lost}
    assert take_in(desk, 14)[0] not in {*first, *lost}
