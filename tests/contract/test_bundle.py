"""``bundle``: a desk that never sees the network is as good as one that does, and nothing hostile gets in."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from jinpu_desk.entry.demo_cases import small_catering
from jinpu_desk.sync.bundle_cipher import MAGIC
from samples.programs import Desk, TrainingCentre

PEOPLE = itertools.count(300)


def exported(desk: Desk, path: Path, *more: str) -> dict[str, Any]:
    return desk.done("bundle", "export", str(path), *more)


def test_a_stick_carries_a_day_there_and_its_answer_back(
    training: TrainingCentre, hall: Desk, hall_two: Desk, tmp_path: Path
) -> None:
    """A desk that does not reach the centre: what it took in arrives, another desk shows it."""
    alone, other = hall, hall_two
    alone.done("sync")
    taken = alone.take(small_catering(next(PEOPLE)), papers=True)
    waiting = alone.done("status")["pending"]
    stick = tmp_path / "上报.jinpu"
    out = exported(alone, stick)
    assert out["events"] == waiting
    assert out["files"] == [str(stick)]
    assert out["bytes"] == stick.stat().st_size
    assert alone.done("status")["pending"] == waiting  # nothing is settled before the centre says so

    at_centre = training.admin("bundle", "import", str(stick))
    assert (at_centre["events"], at_centre["part"]) == (waiting, 1)
    answer = Path(at_centre["answer"])
    assert answer.parent == tmp_path

    done = alone.done("bundle", "import", str(answer))
    assert (done["pushed"], done["parked"], done["dead"], done["pending"]) == (waiting, 0, 0, 0)
    status = alone.done("status")
    assert (status["pending"], status["blobs_pending"]) == (0, 0)
    assert alone.done("bundle", "import", str(answer))["pulled"] == 0
    assert alone.done("verify")["ok"]

    other.done("sync")
    assert other.show(taken["case_no"])["status"] == taken["status"]
    after = alone.done("sync")
    assert (after["pushed"], after["blobs"], after["pending"]) == (0, 0, 0)


@pytest.mark.slow
def test_any_networked_desk_is_the_courier(training: TrainingCentre, tmp_path: Path) -> None:
    alone, courier = training.desk(), training.desk("JP03")
    alone.done("sync")
    taken = alone.take(small_catering(next(PEOPLE)))
    stick, back = tmp_path / "s.jinpu", tmp_path / "回执.jinpu"
    out = exported(alone, stick)
    carried = courier.done("bundle", "import", str(stick), "--out", str(back))
    assert carried["events"] == out["events"]
    assert carried["answer"] == str(back)
    # Whoever carries it can read neither.
    assert courier.refused("bundle", "import", str(back))["code"] == "bundle.other-desk"
    for file in (stick, back):
        assert taken["case_no"].encode() not in file.read_bytes()
    assert alone.done("bundle", "import", str(back))["pending"] == 0
    # The same stick again changes nothing, and its answer neither.
    again = courier.done("bundle", "import", str(stick))
    assert again["events"] == out["events"]
    assert alone.done("bundle", "import", again["answer"])["pulled"] == 0


@pytest.mark.slow
def test_network_and_stick_in_any_order(training: TrainingCentre, tmp_path: Path) -> None:
    desk = training.desk()
    desk.done("sync")
    desk.take(small_catering(next(PEOPLE)))
    early, late = tmp_path / "1.jinpu", tmp_path / "2.jinpu"
    exported(desk, early)
    desk.done("sync")
    desk.take(small_catering(next(PEOPLE)))
    exported(desk, late)
    # The later one first; the earlier brings only what is known.
    second = training.admin("bundle", "import", str(late))
    first = training.admin("bundle", "import", str(early))
    for answer in (first["answer"], second["answer"], first["answer"]):
        desk.done("bundle", "import", answer)
    assert desk.done("status")["pending"] == 0
    assert desk.done("verify")["ok"]
    assert training.admin("verify")["ok"]


@pytest.mark.slow
def test_an_answer_brings_news_grants_and_numbers(training: TrainingCentre, tmp_path: Path) -> None:
    alone, other = training.desk(), training.desk()
    alone.done("sync")
    theirs = other.take(small_catering(next(PEOPLE)))
    other.done("sync")
    stick = tmp_path / "s.jinpu"
    assert exported(alone, stick)["events"] == 0
    answer = training.admin("bundle", "import", str(stick))["answer"]
    assert alone.done("bundle", "import", answer)["pulled"] > 0
    assert alone.show(theirs["case_no"])["case_no"] == theirs["case_no"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut", "flipped", "longer", "empty", "other", "envelope"])
def test_a_hostile_file_is_refused_and_nothing_is_written(
    training: TrainingCentre, hall: Desk, hall_two: Desk, tmp_path: Path, how: str
) -> None:
    stick = tmp_path / "s.jinpu"
    hall.take(small_catering(next(PEOPLE)))
    exported(hall, stick)
    good = stick.read_bytes()
    bad = {
        "cut": good[:-1],
        "flipped": good[: len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1 :],
        "longer": good + b"\0",
        "empty": b"",
        "other": b"%PDF-1.7",
        "envelope": MAGIC + b"\xff\xff\xff\xff",
    }[how]
    stick.write_bytes(bad)
    before = training.admin("verify")["events"]
    wanted = "bundle.not-ours" if how in {"empty", "other"} else "bundle.damaged"
    assert hall_two.refused("bundle", "import", str(stick))["code"] == wanted
    assert training.admin("verify")["events"] == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.jinpu"]
    hall.done("sync")


def test_a_desk_that_never_met_the_new_centre_says_so(hall: Desk, tmp_path: Path) -> None:
    assert (
        hall.refused("bundle", "export", str(tmp_path / "no" / "s.jinpu"), code=3)["code"]
        == "bundle.unwritable"
    )
    assert hall.refused("bundle", "import", str(tmp_path / "none"), code=3)["code"] == "cli.unreadable"
    assert hall.refused("bundle", "export", str(tmp_path / "s"), "--limit", "0")["code"] == "bundle.limit"
