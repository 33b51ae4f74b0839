"""How soon the window takes keys with 100 000 cases in its store, against a bare PySide6 window (DESIGN §10).

python -m pytest tests/benchmarks/bench_startup.py -m bench -s
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import pytest

from jinpu_desk.app.ports.sync import Cursor, FeedItem
from jinpu_desk.domain.ids import Digest
from jinpu_desk.entry.demo import Centre
from jinpu_desk.entry.home.enrolling import enrol
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.store.home import Home
from samples.population import feed

pytestmark = pytest.mark.bench
CASES = int(os.environ.get("JINPU_BENCH_CASES", "100000"))
ROUNDS = 7
BATCH = 2_000
PROBE = Path(__file__).with_name("window_probe.py")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enrol a home and fill its store; the centre is gone by the time the window starts."""
    folder = tmp_path_factory.mktemp("startup")
    centre = Centre(folder / "centre", folder / "centre.log")
    centre.make()
    centre.start()
    try:
        with Home(folder / "desk") as held:
            opened = enrol(
                held,
                load_parts(),
                url=centre.url,
                code=centre.code("HALL"),
                clerk="demo",
                password="demo",
                window="综合窗口 01",
            )
            epoch = opened.enrolment.pinned.epoch
            for batch in batches(feed(CASES)):
                end = Cursor(epoch=epoch, position=batch[-1].position, hash=Digest("0" * 64))
                opened.store.sync.absorb(batch, end, b"")
            opened.close()
    finally:
        centre.stop()
    return folder / "desk"


def batches(items: Iterator[FeedItem]) -> Iterator[list[FeedItem]]:
    """Cut the feed into pages."""
    while batch := list(islice(items, BATCH)):
        yield batch


def marks(argument: str) -> dict[str, float]:
    """Start the probe and return when it said what, in ms after the process was asked for."""
    started = time.perf_counter()
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(PROBE), argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as probe:
        assert probe.stdout is not None
        said = {line.strip(): (time.perf_counter() - started) * 1000 for line in probe.stdout}
    assert probe.returncode == 0
    assert "ready" in said
    return said


def test_start_up(home: Path) -> None:
    """Interleave both so that a slow moment of the machine hits both."""
    marks("bare")
    marks(str(home))
    ours, bare = [], []
    for _ in range(ROUNDS):
        bare.append(marks("bare"))
        ours.append(marks(str(home)))
    figures = {name: median(run[name] for run in ours) for name in ("door", "workbench", "ready")}
    least = median(run["ready"] for run in bare)
    print(
        f"\nstart-up, {CASES} cases: door {figures['door']:.0f} ms, workbench {figures['workbench']:.0f} ms, "
        f"intake takes keys {figures['ready']:.0f} ms; bare window {least:.0f} ms; "
        f"ratio {figures['ready'] / least:.1f}"
    )
    assert figures["door"] < figures["ready"]
