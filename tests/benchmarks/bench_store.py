"""How fast the desk's store is, against a bare SQLCipher file in the same run (DESIGN §10).

python -m pytest tests/benchmarks/bench_store.py -m bench -s
JINPU_BENCH_CASES=1000000 …   the size a whole area reaches
"""

from __future__ import annotations

import gc
import os
import resource
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from statistics import quantiles

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.ports.sync import Cursor, FeedItem
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.instants import EPOCH, local_date
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CATALOGUE, CLERK, NOON, received
from samples.population import GIVEN, SURNAMES, case_id, feed
from samples.stores import KEY, open_store

pytestmark = pytest.mark.bench

CASES = int(os.environ.get("JINPU_BENCH_CASES", "100000"))
BATCH = 2_000
ROUNDS = 400
SCAN = "SELECT case_no FROM cases WHERE applicant_name || entity_name || phone || case_no LIKE ?"
"""What a search costs without an index of its own."""


def bare(path: Path) -> sqlcipher.Connection:
    """The least a safe store can do: one encrypted table, WAL, FULL."""
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (id TEXT UNIQUE, header BLOB, body BLOB)")
    return connection


def timed(rounds: int, step: Callable[[int], object]) -> list[float]:
    """Milliseconds of each round."""
    taken = []
    for number in range(rounds):
        start = time.perf_counter()
        step(number)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def percentiles(taken: list[float]) -> tuple[float, float, float]:
    cuts = quantiles(taken, n=100)
    return cuts[49], cuts[94], cuts[98]


def told(name: str, taken: list[float]) -> tuple[float, float, float]:
    p50, p95, p99 = percentiles(taken)
    print(f"\n{name:<44} p50 {p50:8.3f} ms  p95 {p95:8.3f} ms  p99 {p99:8.3f} ms", end="")
    return p50, p95, p99


def batches(items: Iterator[FeedItem]) -> Iterator[list[FeedItem]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def absorb(store: SqlDeskStore, batch: list[FeedItem]) -> None:
    last = batch[-1].position
    store.sync.absorb(batch, Cursor(epoch="demo", position=last, hash=CATALOGUE), b"")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDeskStore]:
    """A store with CASES cases."""
    store = open_store(tmp_path_factory.mktemp("full") / "desk.db")
    for batch in batches(feed(CASES)):
        absorb(store, batch)
    yield store
    store.close()


def test_record(full: SqlDeskStore, tmp_path: Path) -> None:
    """A case received and accepted, durable: against two bare inserts and a commit."""
    random = Random(2)
    at = EPOCH.fromtimestamp(NOON / 1000, EPOCH.tzinfo)
    opened = canonical(received())

    def accept(number: int) -> None:
        identity = case_id(10**7 + number, random)
        with full.transaction() as work:
            work.next_serial(local_date(NOON))
            for body in (received(), b.CaseAccepted(accepted_on=local_date(NOON))):
                work.record(identity, body, actor=CLERK, at=at, catalogue=CATALOGUE)

    connection = bare(tmp_path / "bare.db")

    def insert(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for half in "ab":
            connection.execute("INSERT INTO events VALUES (?, ?, ?)", (f"{number}{half}", opened, opened))
        connection.execute("COMMIT")

    timed(20, accept)
    theirs = told("bare SQLCipher, 2 inserts + commit", timed(ROUNDS, insert))
    ours = told(f"receive + accept, {CASES} cases", timed(ROUNDS, lambda n: accept(n + 100)))
    print(f"\n  ratio p50 {ours[0] / theirs[0]:.1f}, p99 {ours[2] / theirs[2]:.1f}")
    connection.close()
    print(f"  budgets (DESIGN §10): p50 {ours[0]:.1f} of 10 ms, p99 {ours[2]:.1f} of 30 ms")
    assert full.status().pending >= 2 * ROUNDS


@pytest.mark.parametrize(
    "kind", ["name", "surname", "initials", "tail", "phone", "number", "number-part", "mixed", "shop"]
)
def test_search(full: SqlDeskStore, kind: str) -> None:
    """Search as you type."""
    random = Random(4)
    rows = full.page(CaseQuery(), limit=500).rows

    def typed() -> str:
        row = random.choice(rows)
        match kind:
            case "name":
                return random.choice(SURNAMES) + random.choice(GIVEN)
            case "surname":
                return random.choice(SURNAMES)
            case "initials":
                return "".join(random.choices("wlzcyhjxs", k=random.choice((1, 2, 3))))
            case "tail":
                return f"{random.randrange(10_000):04}"
            case "phone":
                return row.phone[: random.randrange(3, 12)]
            case "number":
                return row.case_no[: random.randrange(2, 25)]
            case "number-part":
                return row.case_no[-random.randrange(3, 13) :]
            case "mixed":
                return f"{row.applicant_name[:2]} {row.phone[-4:]}"
            case _:
                return row.entity_name[random.randrange(4) :][: random.randrange(2, 8)]

    texts = [typed() for _ in range(ROUNDS)]
    p50, p95, _ = told(f"search {kind}, {CASES} cases", timed(ROUNDS, lambda n: full.search(texts[n])))
    with full._engine.read() as connection:

        def scan(number: int) -> None:
            connection.exec_driver_sql(SCAN, (f"%{texts[number]}%",)).all()

        scanned = sorted(timed(20, scan))[10]
    print(f"  budget: p95 {p95:.1f} of 20 ms; ratio to a LIKE scan of the same rows {p50 / scanned:.3f}")
    assert any(full.search(text) for text in texts)


def test_lists(full: SqlDeskStore) -> None:
    """First page, a later page, counts, the day and the status line."""
    row = full.page(CaseQuery(), limit=1).rows[0]
    day = local_date(row.received_at)
    deep = full.page(CaseQuery(), limit=5000).after
    steps: dict[str, Callable[[int], object]] = {
        "page newest": lambda _: full.page(CaseQuery()),
        "page after 5 000": lambda _: full.page(CaseQuery(), after=deep),
        "page due, open": lambda _: full.page(CaseQuery(order="due", open_only=True)),
        "page flagged": lambda _: full.page(CaseQuery(flag="tolerated")),
        "page of clerk, open": lambda _: full.page(CaseQuery(clerk=CLERK, open_only=True)),
        "count status 26": lambda _: full.count(CaseQuery(status=26)),
        "count open": lambda _: full.count(CaseQuery(open_only=True)),
        "tally": lambda _: full.tally(day),
        "status": lambda _: full.status(),
        "case": lambda _: full.case(row.case_id),
        "row": lambda _: full.row(row.case_id),
    }
    for name, step in steps.items():
        told(f"{name}, {CASES} cases", timed(50, step))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nlargest resident memory of the whole run {memory:.0f} MB")


def test_absorb(tmp_path: Path) -> None:
    """Pull and project: against the same events as bare rows of the same kind of file."""
    held = list(batches(feed(20_000, seed=9)))
    events = sum(map(len, held))
    connection = bare(tmp_path / "bare.db")
    start = time.perf_counter()
    for batch in held:
        rows = [(i.event.header.id, canonical(i.event.header), i.event.body) for i in batch]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
    theirs = time.perf_counter() - start
    connection.close()
    store = open_store(tmp_path / "desk.db")
    gc.collect()
    start = time.perf_counter()
    for batch in held:
        absorb(store, batch)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for batch in held:
        absorb(store, batch)
    again = time.perf_counter() - start
    print(
        f"\nabsorb {events} events: {events / ours:.0f} events/s, bare {events / theirs:.0f}/s, "
        f"ratio {ours / theirs:.1f}; known already {events / again:.0f}/s"
    )
    start = time.perf_counter()
    assert store.verify().ok
    print(f"verify: {events / (time.perf_counter() - start):.0f} events/s")
    store.close()


def test_settle(tmp_path: Path) -> None:
    """Outbox and settle: what a push costs the desk's store."""
    from jinpu_desk.app.ports.sync import Settled

    store = open_store(tmp_path / "desk.db")
    random = Random(6)
    at = EPOCH.fromtimestamp(NOON / 1000, EPOCH.tzinfo)
    total = 10_000
    with store.transaction() as work:
        for number in range(total // 2):
            identity = case_id(number, random)
            for body in (received(), b.CaseNoted(text="演示")):
                work.record(identity, body, actor=CLERK, at=at, catalogue=CATALOGUE)
    start = time.perf_counter()
    position = 0
    while True:
        _, waiting = store.sync.outbox(500)
        if not waiting:
            break
        made = []
        for event in waiting:
            position += 1
            made.append(
                Settled(id=event.header.id, seq=event.header.seq, position=position, outcome="applied")
            )
        store.sync.settle(made)
    print(f"\noutbox + settle: {total / (time.perf_counter() - start):.0f} events/s")
    store.close()
