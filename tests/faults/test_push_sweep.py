"""The centre's push with its processes killed and its disk failing: what was acknowledged is there, the rest is repeated.

Each point takes cases in at a desk, one with a scan, and pushes them while a process of the centre is killed or its
disk fails at one system call. Then the centre comes back and the desk repeats. The history grows from point to point;
at the end both sides verify, and a second desk has pulled the very same.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from faults.centre import CENTRE_CALLS, FragileCentre, kill, most_calls, traced, until
from faults.conftest import application_with_scan
from faults.reopening import Door
from faults.traced import Fault
from jinpu_desk.entry.demo_cases import small_catering
from samples.programs import CLOCK, Desk, Finished, is_sentence

DISK = tuple(name for name in CENTRE_CALLS if not name.startswith("send"))
FULL, BROKEN, KILL = "error=ENOSPC", "error=EIO", "signal=KILL"


@dataclass
class Pushing:
    """A centre and a desk that pushes to it, and what was seen of them."""

    centre: FragileCentre
    desk: Desk
    door: Door
    with_scan: Path
    log: Path
    written: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Take a case in, and one with a scan no centre has seen."""
        self.written += 1
        contents = [json.loads(self.with_scan.read_text()), small_catering(self.written % 900)]
        scan = self.with_scan.with_name("scan.png")
        scan.write_bytes(scan.read_bytes() + b"%")  # after the picture's end, where no reader looks
        batch = self.with_scan.with_name("batch.jsonl")
        batch.write_text("\n".join(json.dumps(content, ensure_ascii=False) for content in contents))
        ended = self.desk.run("intake", "--batch", str(batch), "--no-documents", clock=self.clock)
        assert ended.code == 0, ended

    @property
    def clock(self) -> str:
        """A window has 9 999 numbers a day; nothing else depends on the time."""
        return CLOCK

    def targets(self, group: str) -> list[int]:
        """The processes of a group."""
        return [self.centre.server] if group == "server" else self.centre.workers(group)

    def push(self, checkpoint: bool) -> Finished:
        """One round; then, where the checkpointer is tried, a checkpoint."""
        ended = self.desk.run("sync", clock=self.clock)
        if checkpoint:
            with contextlib.suppress(Exception), self.centre.database() as database:
                database.execute("CHECKPOINT")
        return ended

    def counted(self, group: str) -> list[Fault]:
        """The faults of a group: count its calls in a push, then every kind at each."""
        self.write()
        log = self.log.with_name(f"{group}.count")
        options = ("-o", str(log), "-e", f"trace={','.join(CENTRE_CALLS)}")
        with traced(self.targets(group), *options):
            assert self.push(group == "checkpointer").code == 0
        return [
            Fault(call, what)
            for call in most_calls(log)
            for what in (KILL, FULL, BROKEN)
            if what == KILL or call.name in DISK
        ]

    def try_out(self, group: str, fault: Fault) -> None:
        """One point."""
        self.write()
        options = ("-o", str(self.log), "-e", f"trace={fault.call.name}", "-e", fault.expression)
        with traced(self.targets(group), *options):
            ended = self.push(group == "checkpointer")
        fired = "INJECTED" in self.log.read_text(errors="replace") or "SIGKILL" in self.log.read_text()
        self.judge(f"{group} {fault.what}", str(fault.call), ended, fired=fired)

    def judge(self, kind: str, where: str, ended: Finished, *, fired: bool = True) -> None:
        """See that the user was told the truth, bring the centre back and see that nothing is missing."""
        self.ends[f"{kind}: {_told(ended) if fired else 'not reached'}"] += 1
        if "unclear" in _told(ended):
            self.wrong.append(f"{kind} {where}: {ended}")
        if not self.centre.alive() or not self.answers():
            self.centre.revive()
        self.compare(f"{kind} {where}", acknowledged_only=True)
        again = self.desk.run("sync", clock=self.clock)
        if again.code != 0 or (again.answer["pending"], again.answer["parked"], again.answer["dead"]) != (
            0,
            0,
            0,
        ):
            self.wrong.append(f"{kind} {where}: not repeated: {again}")
        self.compare(f"{kind} {where}", acknowledged_only=False)

    def answers(self) -> bool:
        """Whether the centre gets over it by itself, as it does when PostgreSQL restarts."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self.desk.run("sync", clock=self.clock).code == 0:
                return True
            time.sleep(0.2)
        return False

    def compare(self, where: str, *, acknowledged_only: bool) -> None:
        """Every event the desk thinks acknowledged is at the centre, at that place."""
        with self.door.opened() as opened, opened.store.sync._engine.read() as connection:
            rows = connection.exec_driver_sql("SELECT replica, seq, position FROM events").all()
        here = {tuple(row) for row in rows if row.position is not None}
        with self.centre.database() as database:
            there = {
                (str(replica), seq, position)
                for replica, seq, position in database.execute("SELECT replica, seq, position FROM event")
            }
        if not here <= there:
            self.wrong.append(f"{where}: acknowledged and lost: {sorted(here - there)[:3]}")
        if not acknowledged_only and here != there:
            self.wrong.append(f"{where}: {len(here)} events here, {len(there)} there")


def _told(ended: Finished) -> str:
    if ended.code == 0:
        return "done" if not ended.err else "unclear"
    try:
        error = ended.complaint
    except (AssertionError, ValueError):
        return "unclear"
    return (
        f"exit {ended.code} {error['code']}"
        if is_sentence(error["message"]) and ended.code == 3
        else "unclear"
    )


@pytest.fixture(scope="module")
def pushing() -> Iterator[Pushing]:
    folder = Path(tempfile.mkdtemp(prefix="jinpu-push-"))
    centre = FragileCentre(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        try:
            centre.make()
            desk = centre.desk()
            with_scan, _ = application_with_scan(folder)
            yield Pushing(centre, desk, Door.of(desk.home), with_scan, folder / "strace.log")
        finally:
            with contextlib.suppress(AssertionError):
                centre.stop()
            shutil.rmtree(folder, ignore_errors=True)


def finish(pushing: Pushing) -> None:
    """Both sides verify, and a second desk has the very same."""
    assert pushing.wrong == []
    assert pushing.centre.admin("verify")["ok"]
    report = pushing.desk.done("verify")
    second = pushing.centre.desk()
    second.done("sync")
    assert report["ok"]
    assert report["heads"] == second.done("verify")["heads"]


@pytest.mark.slow
@pytest.mark.parametrize("group", ["server", "jinpu jinpu", "walwriter", "checkpointer"])
def test_a_push_survives_a_fault_at_every_call_of_the_centre(pushing: Pushing, group: str) -> None:
    start = time.monotonic()
    faults = pushing.counted(group)
    pushing.ends.clear()
    for fault in faults:
        pushing.try_out(group, fault)
    print(f"\n{group}: {len(faults)} points in {time.monotonic() - start:.0f} s")
    for end, count in sorted(pushing.ends.items()):
        print(f"  {end}: {count}")
    finish(pushing)


@pytest.mark.slow
def test_a_push_survives_the_death_of_any_process(pushing: Pushing) -> None:
    """Killed from outside at a random moment of a push: the server, a backend, the whole of PostgreSQL."""
    rng = Random(9)
    pushing.ends.clear()
    for number in range(12):
        pushing.write()
        process = pushing.desk.process("sync")
        time.sleep(1.2 + rng.random())
        victim = ("server", "backend", "postmaster")[number % 3]
        with contextlib.suppress(ProcessLookupError):
            kill(
                {
                    "server": lambda: pushing.centre.server,
                    "backend": lambda: pushing.centre.workers("jinpu jinpu")[0],
                    "postmaster": lambda: pushing.centre.postmaster,
                }[victim]()
            )
        out, err = process.communicate(timeout=120)
        until(lambda p=process: p.returncode is not None)
        pushing.judge(f"kill -9 {victim}", str(number), Finished(process.returncode, out, err))
    for end, count in sorted(pushing.ends.items()):
        print(f"\n  {end}: {count}", end="")
    finish(pushing)
