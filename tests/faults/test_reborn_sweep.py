"""Killed, or on a full disk, at each call of taking a new incarnation: one is taken in the end, and never another's."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from faults.sweep import FULL, KILL, Bench
from faults.traced import Fault, put_back
from jinpu_desk.entry.demo_cases import small_catering
from samples.programs import CLOCK, TrainingCentre


class Copies:
    """The copy of a home with cases that wait, put back before each point as nobody's who ever met the centre."""

    def __init__(self, bench: Bench, training: TrainingCentre, folder: Path) -> None:
        original = training.desk()
        original.take(small_catering(1))
        original.done("sync")
        waiting = original.take(small_catering(2))
        self.former = _replica(original.home)
        self.waiting: str = waiting["case_no"]
        self.pristine = Path(shutil.copytree(original.home, folder / "pristine"))
        self.home = Path(shutil.copytree(original.home, folder / "home"))
        self.original = original
        self.bench = bench
        self.given: set[str] = set()
        self.taken: set[str] = {self.former}
        self.ends: Counter[str] = Counter()
        self.wrong: list[str] = []

    def points(self) -> list[Fault]:
        """Every call of an opening that takes a new incarnation, killed and on a disk that stays full."""
        self.bench.warm.learn(self.home, "status", JINPU_CLOCK=CLOCK)
        put_back(self.pristine, self.home)
        calls = self.bench.warm.count(self.home, "status", within=self.home, JINPU_CLOCK=CLOCK)
        return [Fault(call, what, sticky=what == FULL) for call in calls for what in (KILL, FULL)]

    def try_out(self, fault: Fault) -> None:
        """One point: the fault, then an opening without it that takes a case in, then a round."""
        put_back(self.pristine, self.home)
        ended = self.bench.warm.run_with(fault, self.home, "status", JINPU_CLOCK=CLOCK)
        if "Traceback" in ended.finished.err:
            self.wrong.append(f"{fault}: {ended.finished.err[-400:]}")
        self.ends[f"{fault.what}: {'killed' if ended.killed else f'exit {ended.finished.code}'}"] += 1
        after = self.bench.warm.inspect(self.home, self.bench.next_file, JINPU_CLOCK=CLOCK)
        if after.finished.code != 0:
            self.wrong.append(f"{fault}: does not open again: {after.finished}")
            return
        (seen,) = after.results
        replica = _replica(self.home)
        if replica in self.taken or seen["next"] in self.given or seen["problems"]:
            self.wrong.append(f"{fault}: {replica} {seen}")
        self.taken.add(replica)
        self.given.add(seen["next"])
        done = self.bench.warm.run(self.home, "sync", JINPU_CLOCK=CLOCK)
        told = done.results[0] if done.results else {}
        if (told.get("pending"), told.get("parked"), told.get("dead")) != (0, 0, 0):
            self.wrong.append(f"{fault}: {done.finished}")


def _replica(home: Path) -> str:
    return str(json.loads((home / "replica.json").read_bytes())["id"])


@pytest.fixture
def copies(bench: Bench, training: TrainingCentre, tmp_path: Path) -> Copies:
    return Copies(bench, training, tmp_path)


def swept(copies: Copies, faults: list[Fault], training: TrainingCentre) -> None:
    """Try each fault; at the end everybody holds everything once."""
    for fault in faults:
        copies.try_out(fault)
    assert copies.wrong == []
    assert copies.original.done("sync")["pending"] == 0
    held = copies.original.numbers()
    assert len(set(held)) == len(held)
    assert {copies.waiting, *copies.given} <= set(held)
    assert copies.original.done("verify")["ok"]
    assert training.admin("verify")["ok"]


@pytest.mark.slow
@pytest.mark.parametrize("share", [1, 40])
def test_a_new_incarnation_survives_a_fault_at_every_call(
    copies: Copies, training: TrainingCentre, share: int
) -> None:
    start = time.monotonic()
    every = copies.points()
    chosen = every if share == 1 else Random(share).sample(every, len(every) // share)
    swept(copies, chosen, training)
    print(f"\n{len(chosen)} of {len(every)} points in {time.monotonic() - start:.0f} s: {dict(copies.ends)}")
