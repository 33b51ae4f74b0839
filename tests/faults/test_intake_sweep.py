"""The desk's intake, killed or with a failing disk at each system call that writes (issue 4, done when 2)."""

from __future__ import annotations

import time
from random import Random

import pytest

from faults.sweep import KINDS, Bench, Tally, points
from faults.traced import Fault


def swept(bench: Bench, faults: list[Fault]) -> Tally:
    """Try each fault."""
    tally = Tally()
    for fault in faults:
        tally.add(fault, bench.hit(fault), bench.look(), bench)
    return tally


def test_an_intake_survives_a_fault_at_some_calls(bench: Bench) -> None:
    calls = bench.calls()
    # One of each kind of fault, each at another kind of file.
    by_file = {call.about: call for call in Random(4).sample(calls, len(calls))}
    rng = Random(20260918)
    chosen = rng.sample(sorted(by_file.values(), key=str), len(KINDS))
    tally = swept(bench, [Fault(call, *kind) for call, kind in zip(chosen, KINDS, strict=True)])
    assert tally.wrong == []
    assert sum(tally.ends.values()) == len(KINDS)


@pytest.mark.slow
def test_an_intake_survives_a_fault_at_every_call(bench: Bench) -> None:
    start = time.monotonic()
    calls = bench.calls()
    tally = swept(bench, list(points(calls)))
    print(f"\n{len(calls)} calls, {sum(tally.ends.values())} points in {time.monotonic() - start:.0f} s")
    print(tally.report())
    assert tally.wrong == []
