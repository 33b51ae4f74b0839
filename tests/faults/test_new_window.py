"""``setup`` of a window that begins from a snapshot, killed while it fetches and converts, and run again."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from jinpu_desk.entry.centre.place import Place
from samples.bulk import BulkWindow, fill
from samples.programs import CLERK, DESK, PASSWORD, Desk, TrainingCentre

pytestmark = pytest.mark.slow

CASES = 20_000
KILLS = 3
BETWEEN = 20_000_000
"""Bytes that come between two kills."""


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


def test_each_try_goes_on_where_the_last_was_killed(own_centre: TrainingCentre) -> None:
    events = stocked(own_centre)
    code = own_centre.admin("enroll", "--station", "HALL")["code"]
    home = own_centre.folder / "new"
    places = ("--home", str(home), "setup", "--server", own_centre.url, "--code", code)

    def setup() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*DESK, *places, "--clerk", CLERK, "--window", "综合窗口09"],
            env=os.environ | {"JINPU_PASSWORD": PASSWORD, "JINPU_CLOCK": own_centre.clock},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    reached = 0
    for _ in range(KILLS):
        going = setup()
        while came(home) < reached + BETWEEN:
            assert going.poll() is None, going.communicate()
            time.sleep(0.005)
        going.kill()
        going.communicate()
        assert not (home / "desk.db").exists()
        reached = came(home)
    last = setup()
    _, told = last.communicate()
    assert last.returncode == 0, told
    first, *_, done = (line for line in told.splitlines() if line)
    assert first.startswith("下载并转换数据快照 0%")
    assert done.startswith("下载并转换数据快照 100%")
    assert not (home / "incoming").exists()
    seen = Desk(home, own_centre.clock).done("verify")
    assert (seen["ok"], seen["events"], seen["cases"]) == (True, events, CASES)
