"""A new window from a snapshot: made at the centre, fetched over loopback, converted, opened (DESIGN §4, §10).

python -m pytest tests/benchmarks/bench_snapshot.py -m bench -s
JINPU_BENCH_CASES=1000000 …   the size a whole area reaches; needs about 35 GB of disk and half an hour

Conversion and fetching are printed beside what the same disk and processor do with the bare bytes.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from jinpu_desk.server import snapshots
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.snapshot_shelf import SnapshotShelf
from jinpu_desk.store.snapshot import SCHEMA
from jinpu_desk.store.snapshot_taking import take
from jinpu_desk.sync.snapshot import checked_answer, download
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire_snapshot import EVERYTHING
from samples.bulk import BulkWindow, fill
from samples.centres import Window, centre, database, postgres, served
from samples.stores import KEY, PROJECTOR, open_store, replica

__all__ = ["centre", "database", "postgres"]
pytestmark = pytest.mark.bench

CASES = int(os.environ.get("JINPU_BENCH_CASES", "20000"))
STATIONS = 13


@pytest.fixture
def full(centre: Centre, tmp_path: Path) -> Centre:
    """A centre with CASES cases of three windows at each station."""
    windows = []
    for number in range(STATIONS):
        for _ in range(3):
            window = Window(centre, f"JP{number:02}" if number else "HALL")
            windows.append(
                BulkWindow(window.enrolled.replica.id, f"{number:02}", int(window.enrolled.replica.series))
            )
    start = time.perf_counter()
    events = fill(centre.engine, windows, CASES)
    print(f"\n{CASES:,} cases, {events:,} events written in {time.perf_counter() - start:.0f} s")
    return replace(centre, snapshots=SnapshotShelf(tmp_path / "snapshots"))


@pytest.mark.parametrize(("station", "scope"), [("HALL", EVERYTHING), ("JP03", "03")])
def test_a_new_window(full: Centre, tmp_path: Path, station: str, scope: str) -> None:
    assert full.snapshots is not None
    start = time.perf_counter()
    made = snapshots.build(full, full.snapshots, scope, PROJECTOR, PROJECTOR.calendar.digest)
    took = time.perf_counter() - start
    print(
        f"{scope}: {made.cases:,} cases, {made.size / 1e6:,.0f} MB, made in {took:.1f} s ({made.events / took:,.0f} events/s)"
    )
    window = Window(full, station)
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    with served(full) as url, HttpCentre(url, window.enrolled.token) as http:
        start = time.perf_counter()
        answer = http.snapshot()
        manifest = checked_answer(
            answer, centre_key=window.enrolled.centre_key, epoch=window.enrolled.epoch, schema=SCHEMA
        )
        part = download(http, manifest, incoming, lambda _done, _size: None)
        fetched = time.perf_counter() - start
    bare = _bare_copy(part, tmp_path / "copy")
    start = time.perf_counter()
    take(
        part, answer.key, tmp_path / "desk.db", KEY, reached=manifest.cursor(), told=lambda _done, _size: None
    )
    converted = time.perf_counter() - start
    start = time.perf_counter()
    store = open_store(tmp_path / "desk.db", replica=replica(id=window.enrolled.replica.id))
    found = store.search("演示", limit=20)
    opened = time.perf_counter() - start
    store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"fetched in {fetched:.1f} s, converted in {converted:.1f} s, opened and searched in {opened:.2f} s:"
        f" {fetched + converted + opened:.1f} of 60 s"
        f"\n  a bare copy with its SHA-256 {bare:.1f} s: fetching {fetched / bare:.1f}, converting {converted / bare:.1f} times"
        f"\n  largest resident memory {memory:.0f} MB"
    )
    assert found


def _bare_copy(source: Path, target: Path) -> float:
    """Return the seconds to copy the file to the disk and hash it: what nobody who fetches can save."""
    start = time.perf_counter()
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        hashlib.file_digest(file, "sha256")
        os.fsync(file.fileno())
    target.unlink()
    return time.perf_counter() - start
