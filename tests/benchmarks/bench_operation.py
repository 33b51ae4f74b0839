"""Verification and backup of a centre that grows: time per event, and memory that does not grow with it.

python -m pytest tests/benchmarks/bench_operation.py -m bench -s
JINPU_BENCH_CASES=1000000 …   the size a whole area reaches
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.blobs import in_folder
from jinpu_desk.server.operation.backup import Backup
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre.engine import connect
from samples.bulk import BulkWindow, fill
from samples.centres import CENTRE_KEY, Window, centre, database, postgres

__all__ = ["centre", "database", "postgres"]
pytestmark = pytest.mark.bench

CASES = int(os.environ.get("JINPU_BENCH_CASES", "60000"))
GROWTH_KIB = 48 * 1024
"""What a run over all cases may need beyond a run over a tenth of them."""


def verified(url: str) -> tuple[bool, int, float, int]:
    """Verify in this process; return the verdict, the events, the seconds and the most memory (KiB)."""
    start = time.perf_counter()
    report = verify(connect(url))
    return report.ok, report.events, time.perf_counter() - start, peak()


def backed_up(url: str, folder: str) -> tuple[int, float, int]:
    """Back up in this process; return the bytes, the seconds and the most memory (KiB)."""
    start = time.perf_counter()
    blobs = in_folder(Path(folder) / "none")
    taken = Backup(connect(url), CENTRE_KEY, blobs, Path(folder) / "backups", now=1).take()
    size = sum(entry.size for entry in taken.manifest.files.values())
    return size, time.perf_counter() - start, peak()


def peak() -> int:
    """Return the most memory of this process in KiB; ``ru_maxrss`` would count its parent's, too (proc(5), VmHWM)."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1])


def test_time_per_event_and_memory(centre: Centre, tmp_path: Path) -> None:
    url = centre.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    window = Window(centre, "JP03")
    bulk = BulkWindow(window.enrolled.replica.id, "03", int(window.enrolled.replica.series))
    most = {"verify": 0, "backup": 0}
    for count in (CASES // 10, CASES - CASES // 10):
        fill(centre.engine, [bulk], count)
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            ok, events, seconds, memory = alone.submit(verified, url).result()
        assert ok
        print(
            f"\nverify {events:,} events: {seconds:.1f} s, {events / seconds:,.0f} events/s, {memory // 1024} MiB"
        )
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            size, spent, held = alone.submit(backed_up, url, str(tmp_path / str(count))).result()
        print(
            f"backup {events:,} events: {spent:.1f} s, {events / spent:,.0f} events/s, {size >> 20} MiB, {held >> 10} MiB"
        )
        for name, kib in (("verify", memory), ("backup", held)):
            assert not most[name] or kib - most[name] < GROWTH_KIB
            most[name] = kib
    sys.stdout.flush()
