"""The centre's log on PostgreSQL, as one transaction sees it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from . import epochs, events, registry
from .events import CaseRecord, CountedEvent, FeedHead, FeedRow, KnownEvent, NewEvent, ReplicaHead


class SqlLog:
    """Implements ``CentreLog`` on a connection whose transaction the caller holds."""

    def __init__(self, connection: Connection) -> None:
        """Speak through ``connection``."""
        self._connection = connection

    def lock_replica(self, replica_id: str) -> ReplicaHead:
        return events.lock_replica(self._connection, replica_id)

    def lock_cases(self, ids: Collection[str]) -> dict[str, bytes]:
        return events.lock_cases(self._connection, ids)

    def take_counter(self) -> FeedHead:
        return events.take_counter(self._connection)

    def known(self, replica_id: str, first: int, last: int) -> list[KnownEvent]:
        return events.known(self._connection, replica_id, first, last)

    def counted_of_others(self, cases: Collection[str], replica_id: str) -> list[CountedEvent]:
        return events.counted_of_others(self._connection, cases, replica_id)

    def copies(self, cases: Collection[str], replica_id: str) -> dict[str, bool]:
        return events.copies(self._connection, cases, replica_id)

    def heads_of(self, replicas: Collection[str]) -> dict[str, int]:
        return events.heads_of(self._connection, replicas)

    def ever_restored(self) -> bool:
        return epochs.ever_restored(self._connection)

    def standing(self, names: Collection[str]) -> dict[str, bool]:
        return registry.standing(self._connection, names)

    def insert_cases(self, records: Sequence[CaseRecord]) -> None:
        events.insert_cases(self._connection, records)

    def update_cases(self, records: Sequence[CaseRecord]) -> None:
        events.update_cases(self._connection, records)

    def append(self, rows: Sequence[NewEvent]) -> None:
        events.append(self._connection, rows)

    def feed_head(self) -> FeedHead:
        return events.feed_head(self._connection)

    def hash_at(self, position: int) -> bytes | None:
        return events.hash_at(self._connection, position)

    def feed_page(self, after: int, limit: int, max_bytes: int) -> list[FeedRow]:
        return events.feed_page(self._connection, after, limit, max_bytes)


class SqlLedger:
    """Implements ``Ledger`` on a pool of connections."""

    def __init__(self, engine: Engine) -> None:
        """Borrow from ``engine``."""
        self._engine = engine

    @contextmanager
    def write(self) -> Iterator[SqlLog]:
        """Lend a transaction: committed when the block ends, rolled back when it raises."""
        with self._engine.begin() as connection:
            yield SqlLog(connection)

    @contextmanager
    def read(self) -> Iterator[SqlLog]:
        """Lend a connection that only reads."""
        with self._engine.connect() as connection:
            yield SqlLog(connection)
