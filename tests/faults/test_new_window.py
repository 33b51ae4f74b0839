"""``setup`` of a window that begins from a snapshot, killed while it fetches and converts, and run again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from faults.centre import until
from jinpu_desk.entry.centre.place import Place
from samples.bulk import BulkWindow, fill
from samples.programs import CLERK, Desk, TrainingCentre
from samples.proxy import SlowLine

pytestmark = pytest.mark.slow

CASES = 20_000
KILLS = 3
BETWEEN = 20_000_000
"""Bytes that come between two kills."""
RATE = 10_000_000
"""Bytes a second: a whole fetch takes so long that no stall of the test misses it."""


def stocked(centre: TrainingCentre) -> int:
    """Write cases of two windows straight into the centre and make a snapshot of them; return how many events."""
    windows = []
    for station in ("00", "03"):
        desk = centre.desk("HALL" if station == "00" else f"JP{station}")
        windows.append(BulkWindow(desk.enrolled["replica"], station, int(desk.enrolled["series"])))
    with Place(centre.data, "", Path("resources")).database() as engine:
        events = fill(engine, windows, CASES)
    made = centre.admin("snapshot", "build", "--station", "HALL")
    assert (made["events"], made["cases"]) == (events, CASES)
    return events


def came(home: Path) -> int:
    """Return how much of a snapshot lies at a home."""
    notes = [note.read_text() for note in (home / "incoming").glob("*.have")]
    return max((int(note) for note in notes if note), default=0)


def ended(process: subprocess.Popen[str]) -> bool:
    """Tell whether a process is over."""
    return process.poll() is not None


def test_each_try_goes_on_where_the_last_was_killed(own_centre: TrainingCentre) -> None:
    events = stocked(own_centre)
    code = own_centre.admin("enroll", "--station", "HALL")["code"]
    new = Desk(own_centre.folder / "new", own_centre.clock)
    with SlowLine(own_centre.url) as line:
        line.rate = RATE
        setup = ("setup", "--server", line.url, "--code", code, "--clerk", CLERK, "--window", "综合窗口09")
        reached = 0
        for _ in range(KILLS):
            going = new.process(*setup)
            until(lambda process=going, wanted=reached + BETWEEN: ended(process) or came(new.home) >= wanted)
            assert not ended(going), going.communicate()
            going.kill()
            going.communicate()
            assert not (new.home / "desk.db").exists()
            reached = came(new.home)
        line.rate = None
        last = new.process(*setup)
        _, told = last.communicate()
        assert last.returncode == 0, told
    first, *_, done = (said for said in told.splitlines() if said)
    assert first.startswith("下载并转换数据快照 0%")
    assert done.startswith("下载并转换数据快照 100%")
    assert not (new.home / "incoming").exists()
    seen = new.done("verify")
    assert (seen["ok"], seen["events"], seen["cases"]) == (True, events, CASES)
