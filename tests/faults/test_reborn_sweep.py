"""Killed, or with a failing disk, at each call of taking a new incarnation: one is taken in the end, and no other's."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from faults.ledger import Seen, share, swept
from faults.reopening import cheapen
from faults.sweep import KILL, Bench, how, kept, kind, points, spoken, struck
from faults.traced import Ended, Fault, put_back
from jinpu_desk.entry.demo_cases import small_catering
from samples.programs import CLOCK, TrainingCentre


class Copies:
    """The copy of a home with cases that wait, put back before each point as nobody's who ever met the centre."""

    def __init__(self, bench: Bench, training: TrainingCentre, folder: Path) -> None:
        original = training.desk()
        cheapen(original.home)
        original.take(small_catering(1))
        original.done("sync")
        self.waiting = str(original.take(small_catering(2))["case_no"])
        self.pristine = Path(shutil.copytree(original.home, folder / "pristine"))
        self.home = Path(shutil.copytree(original.home, folder / "home"))
        self.original = original
        self.warm, self.next_file = bench.warm, bench.next_file
        self.given: set[str] = set()
        self.sent = {self.waiting}
        self.taken = {_replica(original.home)}
        self.before: dict[str, Any] = {}

    def points(self) -> list[Fault]:
        """Every fault at every call of an opening that takes a new incarnation: kills first, then the others mixed."""
        self.warm.learn(self.home, "status", JINPU_CLOCK=CLOCK)
        put_back(self.pristine, self.home)
        (seen,) = self._looked().results
        self.before = seen["cases"]
        self._note(seen["next"])
        put_back(self.pristine, self.home)
        every = list(points(self.warm.count(self.home, "status", within=self.home, JINPU_CLOCK=CLOCK)))
        Random(40).shuffle(every)
        return sorted(every, key=lambda fault: fault.what != KILL)

    def try_out(self, fault: Fault) -> Seen:
        """One point: the fault, then an opening without it that takes a case in, then a round."""
        put_back(self.pristine, self.home)
        ended = self.warm.run_with(fault, self.home, "status", JINPU_CLOCK=CLOCK)
        return Seen(kind(fault), how(ended), tuple(self._judged(fault, ended)))

    def _judged(self, fault: Fault, ended: Ended) -> Iterator[str]:
        yield from struck(fault, ended)
        yield from spoken(ended, mute=fault.call.name == "write" and fault.sticky)
        after = self._looked()
        if after.finished.code != 0 or after.killed:
            yield f"the home does not open again: {after.finished}"
            return
        (seen,) = after.results
        if seen["problems"]:
            yield f"verify: {seen['problems']}"
        yield from kept(self.before, seen["cases"])
        replica = _replica(self.home)
        if replica in self.taken:
            yield f"goes on as {replica}, which another is"
        if seen["next"] in self.given or seen["next"] in seen["cases"]:
            yield f"number {seen['next']} given twice"
        self._note(seen["next"])
        done = self.warm.run(self.home, "sync", JINPU_CLOCK=CLOCK)
        told = done.results[0] if done.results else {}
        if (told.get("pending"), told.get("parked"), told.get("dead")) != (0, 0, 0):
            yield f"a round: {done.finished}"
        else:
            self.sent.add(seen["next"])

    def _looked(self) -> Ended:
        return self.warm.inspect(self.home, self.next_file, JINPU_CLOCK=CLOCK)

    def _note(self, number: str) -> None:
        self.taken.add(_replica(self.home))
        self.given.add(number)


def _replica(home: Path) -> str:
    return str(json.loads((home / "replica.json").read_bytes())["id"])


@pytest.fixture
def copies(bench: Bench, training: TrainingCentre, tmp_path: Path) -> Copies:
    return Copies(bench, training, tmp_path)


@pytest.mark.slow
def test_a_new_incarnation_survives_a_fault_at_every_call(copies: Copies, training: TrainingCentre) -> None:
    """A centre has 999 series of numbers for a station: divide the points into shares (``faults.ledger``)."""
    start = time.monotonic()
    every = copies.points()
    mine = share(every)
    print(f"\n{len(mine)} of {len(every)} points")
    tally = swept(mine, copies.try_out)
    print(f"{sum(tally.ends.values())} points noted, after {time.monotonic() - start:.0f} s")
    print(tally.report())
    assert tally.wrong == []
    # A desk that was not there when it happened holds everything, once.
    other = training.desk()
    assert other.done("sync")["pending"] == 0
    held = other.numbers()
    assert len(set(held)) == len(held)
    assert copies.sent <= set(held)
    assert copies.original.done("sync")["pending"] == 0
    assert copies.original.done("verify")["ok"]
    assert training.admin("verify")["ok"]
