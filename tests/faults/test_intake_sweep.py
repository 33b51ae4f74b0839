"""The desk's intake, killed or with a failing disk at each system call that writes (issue 4, done when 2)."""

from __future__ import annotations

import time
from random import Random

import pytest

from faults.ledger import share, swept
from faults.sweep import BROKEN, KINDS, Bench, points
from faults.traced import Fault


def test_an_intake_survives_a_fault_at_some_calls(bench: Bench) -> None:
    calls = bench.calls()
    # One of each kind of fault, each at another kind of file.
    by_file = {call.about: call for call in Random(4).sample(calls, len(calls))}
    rng = Random(20260918)
    chosen = rng.sample(sorted(by_file.values(), key=str), len(KINDS))
    for call, (what, sticky) in zip(chosen, KINDS, strict=True):
        fault = Fault(call, what, sticky)
        assert bench.try_out(fault).wrong == (), fault


def test_what_the_disk_did_not_confirm_is_not_called_unsaved(bench: Bench) -> None:
    """The log holds the whole case when its fsync fails, and whoever opens the desk next finds it."""
    confirming = [call for call in bench.calls() if (call.name, call.about) == ("fsync", "desk.db-wal")]
    seen = bench.try_out(Fault(confirming[2], BROKEN, sticky=True))
    assert (seen.end, seen.wrong) == ("exit 3 store.unsure", ())


@pytest.mark.slow
def test_an_intake_survives_a_fault_at_every_call(bench: Bench) -> None:
    """About 2 000 points; ``faults.ledger`` tells how to divide them and how to go on after a stop."""
    start = time.monotonic()
    calls = bench.calls()
    tally = swept(share(list(points(calls))), bench.try_out)
    print(f"\n{len(calls)} calls, {sum(tally.ends.values())} points in {time.monotonic() - start:.0f} s")
    print(tally.report())
    assert tally.wrong == []
