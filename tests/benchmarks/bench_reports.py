"""What reports cost on a year of a window, and what an export adds.

python -m pytest tests/benchmarks/bench_reports.py -m bench -s
JINPU_BENCH_CASES=250000 …   a year of a hall
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.app.reports.model import Period
from jinpu_desk.app.reports.registry import REPORTS
from jinpu_desk.app.reports.run import finished
from jinpu_desk.documents.reports.write import FORMATS, ReportFiles
from samples.cases import CATALOGUE
from samples.counter import RESOURCES
from samples.population import feed
from samples.reporting import LAST, PROJECTOR, Book
from samples.stores import open_store

pytestmark = pytest.mark.bench

CASES = int(os.environ.get("JINPU_BENCH_CASES", "20000"))
BATCH = 2_000
WHOLE = Period(date(2026, 1, 1), date(2027, 12, 31))
COUNTS = ("items", "stations", "windows", "clerks", "status", "corrections", "reuse", "visits")
PER_CASE_US = 20
"""Most microseconds a report of counts may take for each case: it counts in the store and folds none."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A store with CASES cases."""
    store = open_store(tmp_path_factory.mktemp("year") / "desk.db", projector=PROJECTOR)
    items = feed(CASES)
    while batch := list(islice(items, BATCH)):
        store.sync.absorb(batch, Cursor(epoch="demo", position=batch[-1].position, hash=CATALOGUE), b"")
    yield Book(store)
    store.close()


@pytest.mark.parametrize("name", REPORTS)
def test_count(book: Book, name: str) -> None:
    """One report over every case."""
    start = time.perf_counter()
    content = book.count(name, WHOLE if name not in ("today", "day") else Period(LAST, LAST))
    taken = time.perf_counter() - start
    print(f"\n{name:<14} {taken * 1000:8.0f} ms, {taken / CASES * 1e6:6.1f} µs a case", end="")
    if name in COUNTS:
        print(f" of {PER_CASE_US}", end="")
        assert content.tables[0].rows


@pytest.mark.parametrize("form", FORMATS)
def test_write(book: Book, form: str, tmp_path: Path) -> None:
    """The longest list there is, as a file."""
    kind = REPORTS["tolerance"]
    with book.source(LAST) as source:
        report = finished(kind, kind.build(source, WHOLE), now=source.now)
    files = ReportFiles(RESOURCES)
    start = time.perf_counter()
    data = next(files.write(report, each) for each in FORMATS if each == form)
    rows = sum(len(table.rows) for table in report.tables)
    print(
        f"\n{form:<14} {(time.perf_counter() - start) * 1000:8.0f} ms, {rows} rows, {len(data)} bytes", end=""
    )
