"""A new window from a snapshot: made at the centre, fetched over loopback, converted, opened (DESIGN §4, §10).

python -m pytest tests/benchmarks/bench_snapshot.py -m bench -s
JINPU_BENCH_CASES=1000000 …   the size a whole area reaches; needs about 25 GB of disk and ten minutes

Real: a centre of up to JINPU_BENCH_REAL cases (50 000) at thirteen stations, and the snapshots it makes of everything,
which a window of the hall gets, and of one station, a thirteenth. Beyond that size each snapshot is then multiplied
(``samples.multiplied``): as many events, rows, words and pages as CASES cases have. Fetching, converting and opening
are the product's own, each in a process by itself, beside what the same disk and processor do with the bare bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.server import snapshots
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.snapshot_shelf import SnapshotShelf
from jinpu_desk.sync.wire_snapshot import EVERYTHING
from samples.bulk import BulkWindow, fill
from samples.centres import Window, centre, database, postgres, served
from samples.multiplied import multiply
from samples.newcomer import begun, looked_at
from samples.stores import KEY, PROJECTOR

__all__ = ["centre", "database", "postgres"]
pytestmark = pytest.mark.bench

CASES = int(os.environ.get("JINPU_BENCH_CASES", "20000"))
REAL = min(CASES, int(os.environ.get("JINPU_BENCH_REAL", "50000")))
COPIES = round(CASES / REAL)
STATIONS = 13
BUDGET_SECONDS = 60
T = TypeVar("T")


@pytest.fixture
def full(centre: Centre, tmp_path: Path) -> Centre:
    """A centre with REAL cases of three windows at each station."""
    windows = []
    for number in range(STATIONS):
        for _ in range(3):
            window = Window(centre, f"JP{number:02}" if number else "HALL")
            windows.append(
                BulkWindow(window.enrolled.replica.id, f"{number:02}", int(window.enrolled.replica.series))
            )
    start = time.perf_counter()
    events = fill(centre.engine, windows, REAL)
    print(f"\n{REAL:,} cases, {events:,} events written in {time.perf_counter() - start:.0f} s")
    return replace(centre, snapshots=SnapshotShelf(tmp_path / "snapshots"))


def test_new_windows(full: Centre, tmp_path: Path) -> None:
    """A window of a station with a thirteenth of the cases, then one of the hall with all of them."""
    for station, scope in (("JP03", "03"), ("HALL", EVERYTHING)):
        _make(full, tmp_path / "snapshots" / scope, scope)
        folder = tmp_path / station
        folder.mkdir()
        _begin(full, Window(full, station), folder)
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / "snapshots" / scope)


def _begin(full: Centre, window: Window, folder: Path) -> None:
    enrolled, desk = window.enrolled, folder / "desk.db"
    with served(full) as url:
        begins, spent = alone(begun, url, enrolled.token, enrolled.centre_key, enrolled.epoch, folder)
    opened, found, memory = alone(looked_at, desk, enrolled.replica.id)
    copied, paged = _bare_copy(desk, folder / "copy"), _pages_copied(desk, folder / "copy")
    total = begins + opened
    print(
        f"fetched, hashed and converted in {begins:.1f} s ({spent:.1f} s of processor time), "
        f"opened, listed and searched in {opened:.2f} s: {total:.1f} of {BUDGET_SECONDS} s"
        f"\n  in the same run: a bare copy, SHA-256 and fsync {copied:.1f} s, every page under another key"
        f" {paged:.1f} s: {total / (copied + paged):.2f} times both"
        f"\n  largest resident memory of a process with the store open {memory:.0f} MiB",
        flush=True,
    )
    assert found


def _make(full: Centre, shelf: Path, scope: str) -> None:
    """Make the snapshot, multiply it, and say so."""
    assert full.snapshots is not None
    start, spent = time.perf_counter(), time.process_time()
    made = snapshots.build(full, full.snapshots, scope, PROJECTOR, PROJECTOR.calendar.digest)
    took, spent = time.perf_counter() - start, time.process_time() - spent
    print(
        f"\n{scope}: made of {made.cases:,} cases, {made.events:,} events, in {took:.1f} s "
        f"({made.events / took:,.0f} events/s, {spent / made.events * 1e6:.0f} µs of processor time each); "
        f"{COPIES} times as much would take {took * COPIES:.0f} s"
    )
    start, spent = time.perf_counter(), time.process_time()
    manifest = multiply(full, full.snapshots, made, shelf / f"{made.id}.db", COPIES)
    took, spent = time.perf_counter() - start, time.process_time() - spent
    print(
        f"{manifest.cases:,} cases, {manifest.events:,} events, {manifest.size / 1e6:,.0f} MB"
        f" ({manifest.size / manifest.cases:,.0f} bytes a case), multiplied in {took:.0f} s"
        f" ({spent:.0f} s of processor time)",
        flush=True,
    )


def alone(step: Callable[..., T], *arguments: Any) -> T:
    """Run a step in a fresh process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(step, *arguments).result()


def _bare_copy(source: Path, target: Path) -> float:
    """Return the seconds to copy the file to the disk and hash it: what nobody who fetches can save."""
    start = time.perf_counter()
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        hashlib.file_digest(file, "sha256")
        os.fsync(file.fileno())
    target.unlink()
    return time.perf_counter() - start


def _pages_copied(source: Path, target: Path) -> float:
    """Return the seconds SQLCipher's own backup takes for every page between two keys: what no conversion can save."""
    start = time.perf_counter()
    one, other = sqlcipher.connect(str(source)), sqlcipher.connect(str(target))
    for connection, key in ((one, KEY), (other, KEY[::-1])):
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for pragma in ("journal_mode = OFF", "synchronous = OFF"):
        other.execute(f"PRAGMA {pragma}")
    one.backup(other)
    other.close()
    one.close()
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    target.unlink()
    return time.perf_counter() - start
