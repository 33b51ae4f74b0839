"""Killed in the middle of a batch, at any moment: what was printed is in the store, and no number is given twice."""

from __future__ import annotations

import json
from random import Random

import pytest

from jinpu_desk.entry.demo_cases import food_business, small_catering, sole_prop
from samples.programs import Desk, TrainingCentre

MAKERS = (sole_prop, small_catering, food_business)


def survive(desk: Desk, rng: Random, *, lines: int, kills: int) -> dict[str, int]:
    """Kill a batch again and again, look at what is left each time; return what was seen."""
    batch = desk.batch([MAKERS[n % 3](n % 900) for n in range(lines)])
    printed: list[str] = []
    for kill in range(kills):
        desk.clock = f"2026-09-{18 + kill // 8}T10:00:00+08:00"  # a window has 9 999 numbers a day
        quiet = () if kill % 4 == 3 else ("--no-documents",)
        process = desk.process("intake", "--batch", str(batch), *quiet)
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(rng.randrange(lines))]
        process.kill()
        rest, problems = process.communicate()
        assert problems == ""
        # The last line may be cut off by the kill: nobody was told a number by half of one.
        whole = [line for line in "".join([*told, rest]).splitlines(keepends=True) if line.endswith("}\n")]
        answers = [json.loads(line) for line in whole]
        printed += [answer["case_no"] for answer in answers]
        kept = desk.numbers()
        assert set(printed) <= set(kept)
        assert len(set(kept)) == len(kept)
        report = desk.done("verify")
        assert (report["ok"], report["problems"]) == (True, [])
    assert len(set(printed)) == len(printed)
    return {"kills": kills, "printed": len(printed), "kept": len(desk.numbers())}


def test_a_batch_killed_at_any_moment_loses_nothing(training: TrainingCentre) -> None:
    seen = survive(training.desk(), Random(7), lines=120, kills=3)
    assert seen["kept"] >= seen["printed"] > 0


@pytest.mark.slow
def test_twenty_kills_of_a_batch_of_a_thousand(training: TrainingCentre) -> None:
    desk = training.desk()
    seen = survive(desk, Random(20260918), lines=1000, kills=20)
    print(seen)
    assert seen["kept"] >= seen["printed"] > 1000
    assert desk.done("sync")["pending"] == 0
    assert training.admin("verify")["ok"]
