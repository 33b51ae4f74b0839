"""The power goes at any moment of a batch: what was printed is in the store with ``synchronous=FULL``, and not without.

A real run is logged with every byte it writes; the log is played into a disk that forgets (``powercut``), the power is
cut, and the production store opens what is left.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from faults.ledger import shard
from faults.powercut import CALLS, OPTIONS, Disk, everything, lines, nothing, some
from faults.reopening import Door, numbers
from faults.sweep import Bench
from faults.traced import emptied
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.entry.demo_cases import food_business, small_catering, sole_prop
from samples.programs import CLOCK

MAKERS = (sole_prop, small_catering, food_business)


@dataclass
class Cuts:
    """How many power cuts were tried, and what was wrong after how many of them."""

    tried: int = 0
    lost: int = 0  # a case that was printed, or was there before, is missing
    damaged: int = 0  # the store does not open or does not verify
    printed: int = 0
    problem: str = ""  # the first

    def __str__(self) -> str:
        return (
            f"{self.tried} power cuts of a batch of {self.printed}: a printed case missing after {self.lost}, "
            f"damaged after {self.damaged} {self.problem}"
        )


def logged(bench: Bench, cases: int, synchronous: str) -> Path:
    """Log a batch; return the log. The results go to ``batch.out`` beside it."""
    batch = bench.file.with_name("batch.jsonl")
    contents = [MAKERS[n % 3](n) for n in range(cases)]
    batch.write_text("\n".join(json.dumps(content, ensure_ascii=False) for content in contents))
    bench.reset()
    log = batch.with_name("power.log")
    ended = bench.warm.run(
        bench.home,
        "intake",
        "--batch",
        str(batch),
        "--no-documents",
        trace=(*OPTIONS, "-o", str(log), "-e", f"trace={CALLS}"),
        synchronous=synchronous,
        JINPU_CLOCK=CLOCK,
    )
    assert len(ended.results) == cases
    return log


def cut_everywhere(
    bench: Bench, door: Door, log: Path, keep: Callable[[], bool], wanted: Callable[[str], bool], rng: Random
) -> Cuts:
    """Cut the power after each call that ``wanted`` picks; look for every case printed by then."""
    bench.reset()
    disk = Disk(bench.home, bench.warm.last_output)
    seen = Cuts()
    for line in lines(log):
        call = disk.apply(line)
        if not call or not wanted(call):
            continue
        emptied(bench.home)
        disk.cut(bench.home, keep, rng)
        printed = [json.loads(whole)["case_no"] for whole in disk.told.split(b"\n")[:-1]]
        seen.tried += 1
        seen.printed = len(printed)
        try:
            seen.lost += not held(door) >= {*bench.before, *printed}
        except (DeskError, AssertionError) as error:
            seen.damaged += 1
            seen.problem = seen.problem or f"({call}: {error})"[:300]
    return seen


def held(door: Door) -> set[str]:
    """The numbers of the cases in the home, after everything was verified."""
    with door.opened() as desk:
        report = desk.store.verify()
        assert report.ok, report.problems
        return numbers(desk)


@pytest.fixture
def door(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    bench.reset()
    return Door.of(bench.home)


def test_full_keeps_what_was_printed_and_normal_does_not(bench: Bench, door: Door) -> None:
    rng = Random(3)
    told = {"told"}.__contains__
    full = cut_everywhere(bench, door, logged(bench, 5, "FULL"), nothing, told, rng)
    normal = cut_everywhere(bench, door, logged(bench, 5, "NORMAL"), nothing, told, rng)
    assert (full.printed, full.lost, full.damaged) == (5, 0, 0), full
    assert normal.printed == 5
    assert normal.lost > 0


@pytest.mark.slow
@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL", "OFF"])
def test_power_cuts_at_every_write(bench: Bench, door: Door, synchronous: str) -> None:
    """About 1 650 cuts a way of losing, or the share of them that ``JINPU_SWEEP_SHARD`` asks for."""
    part, of = shard()
    turns = itertools.count()
    log = logged(bench, 24, synchronous)
    rng = Random(24)
    for name, keep in (("nothing", nothing), ("some", some(rng)), ("everything", everything)):
        seen = cut_everywhere(
            bench, door, log, keep, lambda call: call != "create" and next(turns) % of == part, rng
        )
        print(f"\nsynchronous={synchronous}, {name} unsynced kept: {seen}")
        assert seen.tried * of > 1_000
        assert synchronous != "FULL" or (seen.lost, seen.damaged) == (0, 0)
        assert synchronous == "FULL" or keep is not nothing or seen.lost > 0
