"""The centre's database in memory: ``server/events/log.py`` with row locks, transactions and a disk that can lose them.

Isolation is PostgreSQL's READ COMMITTED as far as the production code relies on it: a statement sees what was
committed when it ran, a lock is held to the end of the transaction, an insert waits for the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from jinpu_desk.app.ports.sync import DUPLICATE
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.centre.events import (
    CaseAppeared,
    CaseRecord,
    CountedEvent,
    FeedHead,
    FeedRow,
    KnownEvent,
    NewEvent,
    ReplicaHead,
)
from jinpu_desk.store.centre.ledgers import LeaseRow
from jinpu_desk.store.centre.registry import ClerkRow, ReplicaRow, StationRow

from .machine import Disk, Machine
from .schedule import Lock

_COUNTED = frozenset({"applied", "merged"})
_NOTHING = bytes.fromhex(GENESIS)
_PATIENCE = 20_000
"""A lock that is not free for so long (ms) means a deadlock, which is a bug of the order of locks."""


class Tables:
    """Tables as dictionaries; those that were committed are never changed again."""

    __slots__ = (
        "blobs", "cases", "counters", "epochs", "events", "heads", "leases", "parts", "places", "replicas",
        "restored_at", "series", "tokens",
    )  # fmt: skip

    def __init__(self, epoch: str) -> None:
        self.events: dict[int, NewEvent] = {}
        self.places: dict[tuple[str, int], NewEvent] = {}
        self.heads: dict[str, ReplicaHead] = {}
        self.cases: dict[str, CaseRecord] = {}
        self.replicas: dict[str, ReplicaRow] = {}
        self.tokens: dict[bytes, str] = {}
        self.leases: dict[str, LeaseRow] = {}
        self.counters: dict[tuple[str, int], int] = {}
        self.blobs: dict[Digest, bytes] = {}
        self.parts: dict[Digest, bytes] = {}
        self.epochs: tuple[tuple[str, int], ...] = ((epoch, 0),)
        self.series: dict[str, int] = {}
        self.restored_at: int | None = None

    def copy(self) -> Tables:
        """Return tables to write into."""
        other = Tables.__new__(Tables)
        for name in Tables.__slots__:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, dict) else value)
        return other

    @property
    def head(self) -> FeedHead:
        """The end of the feed."""
        epoch = self.epochs[-1][0]
        if not self.events:
            return FeedHead(epoch, 0, _NOTHING)
        last = self.events[max(self.events)]
        return FeedHead(epoch, last.position, last.feed_hash)

    def in_order(self) -> list[NewEvent]:
        """Return every event by its place in the feed."""
        return [self.events[position] for position in sorted(self.events)]


class Storage:
    """Implements ``Ledger``: lends transactions, one at a time to each process."""

    synced = True
    """Whether a commit waits for the disk before it is answered."""

    def __init__(self, machine: Machine, disk: Disk[Tables], past: list[Tables]) -> None:
        self.machine = machine
        self.disk = disk
        self.past = past
        self.locks: dict[object, Lock] = {}

    @contextmanager
    def write(self) -> Iterator[Log]:
        log = self.log()
        try:
            yield log
            self._commit(log)
        finally:
            for lock in reversed(log.held):
                lock.give()

    @contextmanager
    def read(self) -> Iterator[Log]:
        yield self.log()

    def log(self) -> Log:
        """Return a transaction that has not done anything yet."""
        return Log(self)

    def lock(self, key: object) -> Lock:
        """Return the lock of a row."""
        found = self.locks.get(key)
        if found is None:
            found = self.locks[key] = Lock(self.machine.schedule)
        return found

    def _commit(self, log: Log) -> None:
        if not log.changes:
            return
        self.machine.step("centre: write", writes=True)
        tables = self.disk.newest.copy()
        for change in log.changes:
            change(tables)
        self.disk.write(tables)
        self.machine.step("centre: sync")
        if self.synced:
            self.disk.sync()
            self.past.append(tables)
            self.machine.step("centre: commit")
        self.disk.seen = self.disk.newest


class Log:
    """Implements ``CentreLog``, and the ledger of number blocks in the same transaction."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.held: list[Lock] = []
        self.changes: list[Callable[[Tables], None]] = []
        self._burned: dict[tuple[str, int], int] = {}

    @property
    def tables(self) -> Tables:
        """What was committed by now."""
        return self._storage.disk.seen

    def _take(self, key: object) -> None:
        lock = self._storage.lock(key)
        if lock not in self.held:  # in the order the production code asks for them
            assert lock.take(_PATIENCE), f"deadlock over {key}"
            self.held.append(lock)

    def lock_replica(self, replica_id: str) -> ReplicaHead:
        self._take(("replica", replica_id))
        return self.tables.heads.get(replica_id, ReplicaHead(0, _NOTHING))

    def lock_cases(self, ids: Collection[str]) -> dict[str, bytes]:
        found = {}
        for case_id in sorted(ids):
            if case_id in self.tables.cases:
                self._take(("case", case_id))
                found[case_id] = self.tables.cases[case_id].state
        return found

    def take_counter(self) -> FeedHead:
        self._take("counter")
        return self.tables.head

    def known(self, replica_id: str, first: int, last: int) -> list[KnownEvent]:
        rows = (self.tables.places[replica_id, seq] for seq in range(first, last + 1))
        return [KnownEvent(r.seq, r.position, r.hash, r.outcome, r.reason) for r in rows]

    def counted_of_others(self, cases: Collection[str], replica_id: str) -> list[CountedEvent]:
        return [
            CountedEvent(row.case_id, row.replica, row.seq, row.header, row.body)
            for row in self.tables.in_order()
            if row.case_id in cases and row.replica != replica_id and row.outcome in _COUNTED
        ]

    def copies(self, cases: Collection[str], replica_id: str) -> dict[str, bool]:
        replicas = self.tables.replicas
        kin = replicas[replica_id].former or any(row.former == replica_id for row in replicas.values())
        found: dict[str, bool] = {}
        if kin:
            rows = [row for row in self.tables.in_order() if row.case_id in cases]
            found |= {r.id: True for r in rows if r.replica != replica_id and r.outcome != "dead"}
            own_dead = (r for r in rows if r.replica == replica_id and r.outcome == "dead")
            found |= {r.id: False for r in own_dead if r.reason == DUPLICATE}
        return found

    def heads_of(self, replicas: Collection[str]) -> dict[str, int]:
        held = self.tables
        return {r: held.heads[r].seq if r in held.heads else 0 for r in replicas if r in held.replicas}

    def ever_restored(self) -> bool:
        return len(self.tables.epochs) > 1 or self.tables.restored_at is not None

    def standing(self, names: Collection[str]) -> dict[str, bool]:
        return dict.fromkeys(sorted(names), False)

    def insert_cases(self, records: Sequence[CaseRecord]) -> None:
        for record in sorted(records, key=lambda record: record.case_id):
            self._take(("case", record.case_id))
            if record.case_id in self.tables.cases:
                raise CaseAppeared
        self.update_cases(records)

    def update_cases(self, records: Sequence[CaseRecord]) -> None:
        if records:
            fresh = {record.case_id: record for record in records}
            self.changes.append(lambda tables: tables.cases.update(fresh))

    def append(self, rows: Sequence[NewEvent]) -> None:
        def change(tables: Tables) -> None:
            for row in rows:
                assert row.position not in tables.events
                assert (row.replica, row.seq) not in tables.places
                tables.events[row.position] = tables.places[row.replica, row.seq] = row
            tables.heads[rows[-1].replica] = ReplicaHead(rows[-1].seq, rows[-1].hash)

        self.changes.append(change)

    def feed_head(self) -> FeedHead:
        return self.tables.head

    def hash_at(self, position: int) -> bytes | None:
        row = self.tables.events.get(position)
        return None if row is None else row.feed_hash

    def feed_page(self, after: int, limit: int, max_bytes: int) -> list[FeedRow]:
        events = self.tables.events
        rows = (events[position] for position in sorted(events) if after < position <= after + limit)
        return [
            FeedRow(r.position, r.header, r.body, r.salt, r.outcome, r.reason, r.feed_hash, r.signature)
            for r in rows
        ]

    def leases_of(self, replica_id: str, year: int) -> list[LeaseRow]:
        """Return a replica's blocks, as ``store/centre/ledgers.py`` does."""
        mine = [row for row in self.tables.leases.values() if row.replica == replica_id and row.year >= year]
        return sorted(mine, key=lambda row: (row.kind, row.year, row.first))

    def take_numbers(self, template: str, year: int, size: int) -> int:
        """Burn the next numbers of a template."""
        key = (template, year)
        self._take(key)
        first = self._burned.get(key) or self.tables.counters.get(key, 1)
        self._burned[key] = first + size
        self.changes.append(lambda tables: tables.counters.__setitem__(key, first + size))
        return first

    def add_lease(self, row: LeaseRow) -> None:
        """Write a block into the ledger."""
        self.changes.append(lambda tables: tables.leases.__setitem__(row.id, row))

    def known_leases(self, ids: Collection[str]) -> frozenset[str]:
        """Return which of these blocks stand in the ledger."""
        return frozenset(ids) & self.tables.leases.keys()

    def recall_lease(self, row: LeaseRow) -> None:
        """Write a block into the ledger that was given before it, and count past it."""
        key = (row.template, row.year)
        self._take(key)

        def change(tables: Tables) -> None:
            clash = any(
                (one.template, one.year, one.first) == (row.template, row.year, row.first)
                for one in tables.leases.values()
            )
            if not clash:
                tables.leases[row.id] = row
            tables.counters[key] = max(tables.counters.get(key, 1), row.last + 1)

        self._burned[key] = max(self._burned.get(key, 1), self.tables.counters.get(key, 1), row.last + 1)
        self.changes.append(change)

    def line(self) -> list[tuple[str, int]]:
        """Return every epoch, newest first."""
        return list(reversed(self.tables.epochs))

    def recall(self, epoch: str) -> None:
        """Count an epoch among the former ones."""

        def change(tables: Tables) -> None:
            if all(one != epoch for one, _ in tables.epochs):
                tables.epochs = ((epoch, -1), *tables.epochs)

        self.changes.append(change)

    def restored_at(self) -> int | None:
        """Return when the centre was found to be restored."""
        return self.tables.restored_at

    def mark_restored(self, now: int) -> None:
        """Remember that something was lost."""

        def change(tables: Tables) -> None:
            tables.restored_at = now if tables.restored_at is None else tables.restored_at

        self.changes.append(change)

    def begin(self, epoch: str, now: int) -> None:
        """Begin a new epoch."""

        def change(tables: Tables) -> None:
            tables.epochs = (*tables.epochs, (epoch, now))
            tables.restored_at = None

        self.changes.append(change)

    def burn(self, templates: set[tuple[str, int]], numbers: int, series: int) -> None:
        """Skip numbers and series that were perhaps given out after the backup, as ``server/operation/bump.py`` does."""

        def change(tables: Tables) -> None:
            for key in tables.counters.keys() | templates:
                tables.counters[key] = tables.counters.get(key, 1) + numbers
            tables.series = {code: first + series for code, first in tables.series.items()}

        self.changes.append(change)

    def heads(self) -> dict[str, int]:
        """Return how far each chain is held, of every replica there is."""
        return self.heads_of(self.tables.replicas)

    def clerks_at(self, replica_id: str) -> list[ClerkRow]:
        """Return who logged in there: nobody has to, here."""
        return []

    def replica_by_id(self, replica_id: str) -> ReplicaRow | None:
        """Return a replica."""
        return self.tables.replicas.get(replica_id)

    def replica_by_key(self, public_key: bytes) -> ReplicaRow | None:
        """Return the replica with that raw public key."""
        return next((r for r in self.tables.replicas.values() if r.public_key == public_key), None)

    def station_numbered(self, number: str) -> StationRow | None:
        """Return the station with those digits."""
        return STATIONS.get(number)

    def take_series(self, code: str) -> int:
        """Burn the next numbering series of a station."""
        self._take(("station", code))
        series = self.tables.series[code]
        self.changes.append(lambda tables: tables.series.__setitem__(code, series + 1))
        return series

    def reserve_series(self, number: str, series: int) -> None:
        """Never give out that series again."""
        code = STATIONS[number].code
        self._take(("station", code))

        def change(tables: Tables) -> None:
            tables.series[code] = max(tables.series[code], series + 1)

        self.changes.append(change)

    def add_replica(self, row: ReplicaRow, token: bytes, _genesis: bytes) -> None:
        """Add a replica with the hash of its token."""

        def change(tables: Tables) -> None:
            tables.replicas[row.id] = row
            tables.tokens[token] = row.id

        self.changes.append(change)


def _stations() -> dict[str, StationRow]:
    digits = [f"{number:02}" for number in range(1, 13)]
    rows = [StationRow(code=f"JP{d}", number=d, name="演示所", authority="*") for d in digits]
    return {row.number: row for row in rows}


STATIONS = _stations()
