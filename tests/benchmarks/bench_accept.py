"""From the key press to a durable, numbered case and to its receipt's bytes (DESIGN §10).

python -m pytest tests/benchmarks/bench_accept.py -m bench -s
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import quantiles

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.intake_view import intake_page
from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.app.screens import workbench
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.entry import demo_cases as demo
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.sync.wire import FEED_LIMIT
from samples.cases import CATALOGUE
from samples.counter import Counter, draft_of, open_counter
from samples.population import feed
from samples.stores import KEY

pytestmark = pytest.mark.bench

ROUNDS = 200
WARM = 10
IMPORTED = int(os.environ.get("JINPU_BENCH_CASES", "10000"))
ACCEPTS = 1_000


def timed(step: Callable[[int], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds, after a few rounds that do not count."""
    taken = []
    for number in range(WARM + rounds):
        start = time.perf_counter()
        step(number)
        taken.append((time.perf_counter() - start) * 1000)
    cuts = quantiles(taken[WARM:], n=100)
    return cuts[49], cuts[98]


def bare(path: Path) -> Callable[[int], None]:
    """The least a safe store can do: two inserts into one encrypted table, and a commit to the disk."""
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (id TEXT UNIQUE, body BLOB)")
    body = b"x" * 1500

    def insert(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for half in "ab":
            connection.execute("INSERT INTO events VALUES (?, ?)", (f"{number}{half}", body))
        connection.execute("COMMIT")

    return insert


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    opened = open_counter(tmp_path)
    for kind in ("D2", "D5", "D7"):
        opened.lease(kind, last=5000)
    return opened


def imported(folder: Path, cases: int) -> Counter:
    """Return a counter that has just pulled that many cases of another window."""
    folder.mkdir()
    opened = open_counter(folder)
    for kind in ("D2", "D5", "D7"):
        opened.lease(kind, last=5000)
    store, items = opened.desk.store, feed(cases)
    assert isinstance(store, SqlDeskStore)
    while batch := list(islice(items, FEED_LIMIT)):
        last = Cursor(epoch="demo", position=batch[-1].position, hash=CATALOGUE)
        store.sync.absorb(batch, last, b"")
    return opened


def told(name: str, taken: tuple[float, float], peer: tuple[float, float]) -> None:
    print(
        f"\n{name:<44} p50 {taken[0]:7.2f} ms  p99 {taken[1]:7.2f} ms  ratio {taken[0] / peer[0]:5.1f}",
        end="",
    )


def test_accept(counter: Counter, tmp_path: Path) -> None:
    """A licence case from the page: durable and numbered; then with the bytes of its receipt and acceptance."""
    desk = counter.desk
    drafts = [draft_of(demo.food_business(number)) for number in range(50)]

    def accept(number: int) -> None:
        intake.take_in(desk, from_draft(drafts[number % 50], Outcome.ACCEPT), documents=False)

    def receive(number: int) -> None:
        intake.take_in(desk, from_draft(drafts[number % 50], Outcome.RECEIVE))

    def accept_with_papers(number: int) -> None:
        intake.take_in(desk, from_draft(drafts[number % 50], Outcome.ACCEPT))

    peer = timed(bare(tmp_path / "bare.db"))
    told("bare SQLCipher, 2 inserts + commit", peer, peer)
    durable = timed(accept)
    told("take in, accepted and durable", durable, peer)
    receipt = timed(receive, 50)
    told("… received, with the receipt's bytes (D1)", receipt, peer)
    told("… accepted, with both papers (D1, D2)", timed(accept_with_papers, 50), peer)
    print(
        f"\nbudgets (DESIGN §10): durable p50 {durable[0]:.1f} of 10 ms, p99 {durable[1]:.1f} of 30 ms; "
        f"with the receipt p50 {receipt[0]:.1f} of 40 ms"
    )
    assert desk.store.verify().ok


def test_pages(counter: Counter, tmp_path: Path) -> None:
    """What a clerk waits for while she looks: the page at every key, the case, the workbench."""
    desk = counter.desk
    cases = [counter.take(demo.food_business(number % 50)).case for number in range(300)]
    peer = timed(bare(tmp_path / "bare.db"))
    page, package = draft_of(demo.food_business(1)), draft_of(demo.restaurant(1))
    typed = timed(lambda _: intake_page(desk, page))
    told("intake page, returning applicant", typed, peer)
    told("intake page of a package", timed(lambda _: intake_page(desk, package)), peer)
    told("case page", timed(lambda n: case_page(desk, cases[n].id)), peer)
    told("workbench, 300 cases", timed(lambda _: workbench.workbench(desk), 50), peer)
    print(f"\nbudget: intake page p50 {typed[0]:.1f} of 5 ms")
    assert intake_page(desk, page).steps


def test_accept_after_an_import(tmp_path: Path) -> None:
    """Accepts right after a mass import, while commits fold the log it left back into the file."""
    counter = imported(tmp_path / "imported", IMPORTED)
    drafts = [draft_of(demo.food_business(number)) for number in range(50)]
    p50, p99 = timed(
        lambda n: intake.take_in(counter.desk, from_draft(drafts[n % 50], Outcome.ACCEPT), documents=False),
        ACCEPTS,
    )
    print(f"\nafter {IMPORTED:,} imported cases: accept p50 {p50:.1f} ms, p99 {p99:.1f} of 30 ms")
    assert counter.desk.store.verify().ok
