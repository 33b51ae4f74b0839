"""The centre's push with its processes killed and its disk failing: what was acknowledged is there, the rest is repeated.

Each point takes a case in at a desk, for the server one with a scan, and pushes it while a process of the centre is
killed or its disk fails at one system call. Then the centre comes back, is looked at before any desk speaks to it, and
the desk repeats. The history grows from point to point; at the end both sides verify, and a second desk has pulled the
very same.

A sweep is long. ``JINPU_SWEEP_SHARD=2/8`` tries the second eighth of the points. ``JINPU_SWEEP_RECORD=FILE``
notes each point and how it ended; what is noted there already is not tried again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from faults.centre import CENTRE_CALLS, FragileCentre, most_calls, traced
from faults.pushing import Pushing
from faults.reopening import Door
from faults.traced import Fault
from faults.warm_server import WarmServer
from samples.programs import CLOCK

DISK = tuple(name for name in CENTRE_CALLS if not name.startswith("send"))
FULL, BROKEN, KILL = "error=ENOSPC", "error=EIO", "signal=KILL"
SERVER, BACKEND, CHECKPOINTER = "server", "jinpu jinpu", "checkpointer"
_ATTEMPTS = 3
"""How often a push is repeated that did not get as far as the call: threads share the work as they like."""


class Sweep:
    """The points of one group of processes."""

    def __init__(self, pushing: Pushing, group: str, log: Path) -> None:
        self._pushing = pushing
        self._group = group
        self._log = log
        self._record = Path(os.environ.get("JINPU_SWEEP_RECORD", os.devnull))

    def faults(self) -> list[Fault]:
        """Count the calls of a push; every kind at each. Those of this shard that are not on record."""
        for _ in range(2):  # a first checkpoint writes out everything there is
            self._push(f"trace={','.join(CENTRE_CALLS)}")
        found = [
            Fault(call, what)
            for call in most_calls(self._log)
            for what in (KILL, FULL, BROKEN)
            if what == KILL or call.name in DISK
        ]
        which, of = map(int, os.environ.get("JINPU_SWEEP_SHARD", "1/1").split("/"))
        known = self._record.read_text().splitlines() if self._record.exists() else []
        # By name, for no two runs count the very same calls.
        mine = [fault for fault in found if crc32(self._line(fault).encode()) % of == which - 1]
        return [fault for fault in mine if not any(line.startswith(self._line(fault)) for line in known)]

    def try_out(self, fault: Fault) -> None:
        """One point."""
        for _ in range(_ATTEMPTS):
            told = self._push(f"trace={fault.call.name}", fault.expression)
            seen = self._log.read_text(errors="replace")
            fired = "INJECTED" in seen or "SIGKILL" in seen
            if fired:
                break
        before = len(self._pushing.wrong)
        kind = f"{self._group} {fault.what}"
        self._pushing.judge(
            kind, f"{fault.call.name} {fault.call.nth}", told if fired else f"not reached, {told}"
        )
        with self._record.open("a") as record:
            record.write(
                f"{self._line(fault)}{told if fired else 'not reached'} {self._pushing.wrong[before:]}\n"
            )

    def _line(self, fault: Fault) -> str:
        return f"{self._group}\t{fault.call.name} {fault.call.nth} {fault.what}\t"

    def _push(self, *expressions: str) -> str:
        self._pushing.write(scan=self._group == SERVER)
        with traced(
            self._targets(), "-o", str(self._log), *(part for e in expressions for part in ("-e", e))
        ):
            told = self._pushing.push()
            if self._group == CHECKPOINTER:
                self._pushing.checkpoint()
        return told

    def _targets(self) -> list[int]:
        centre = self._pushing.centre
        return [centre.server] if self._group == SERVER else centre.workers(self._group)


@pytest.fixture(scope="module")
def pushing() -> Iterator[Pushing]:
    folder = Path(tempfile.mkdtemp(prefix="jinpu-push-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        warm = WarmServer()
        centre = FragileCentre(folder, warm)
        try:
            centre.make()
            yield Pushing(centre, Door.of(centre.desk().home))
        finally:
            with contextlib.suppress(AssertionError):
                centre.stop()
            warm.close()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("group", [SERVER, BACKEND, CHECKPOINTER])
def test_a_push_survives_a_fault_at_every_call_of_the_centre(pushing: Pushing, group: str) -> None:
    start = time.monotonic()
    pushing.ends.clear()
    pushing.wrong.clear()
    sweep = Sweep(pushing, group, pushing.centre.folder / "strace.log")
    faults = sweep.faults()
    for fault in faults:
        sweep.try_out(fault)
    print(f"\n{group}: {len(faults)} points in {time.monotonic() - start:.0f} s")
    for end, count in sorted(pushing.ends.items()):
        print(f"  {end}: {count}")
    pushing.finish()
