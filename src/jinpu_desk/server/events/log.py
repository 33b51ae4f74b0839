"""What taking events in and serving them needs of the centre's storage: PostgreSQL, or memory in the simulator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from jinpu_desk.store.centre.events import (
    CaseRecord,
    CountedEvent,
    FeedHead,
    FeedRow,
    KnownEvent,
    NewEvent,
    ReplicaHead,
)


class CentreLog(Protocol):
    """One transaction on the centre's log. Locks are taken in the order of these methods, never otherwise."""

    def lock_replica(self, replica_id: str) -> ReplicaHead:
        """Lock a replica's chain until the transaction ends, and return its head."""
        ...

    def lock_cases(self, ids: Collection[str]) -> dict[str, bytes]:
        """Lock cases in the order of their ids and return the state of each that exists."""
        ...

    def take_counter(self) -> FeedHead:
        """Lock the feed's end until the transaction ends: taken last, everybody else waits for it."""
        ...

    def known(self, replica_id: str, first: int, last: int) -> list[KnownEvent]:
        """Return a replica's events ``first``..``last`` in order."""
        ...

    def counted_of_others(self, cases: Collection[str], replica_id: str) -> list[CountedEvent]:
        """Return the counted events of these cases by other replicas, in feed order."""
        ...

    def copies(self, cases: Collection[str], replica_id: str) -> dict[str, bool]:
        """Return the ids of events in these cases that exist in several chains, one of them this replica's.

        True for those that already count, or wait parked, in another chain; False for own dead copies.
        """
        ...

    def heads_of(self, replicas: Collection[str]) -> dict[str, int]:
        """Return how far the chains of these replicas are held; unknown ones are left out."""
        ...

    def ever_restored(self) -> bool:
        """Tell whether this centre was put back to an older state at some time, as far as it knows."""
        ...

    def standing(self, names: Collection[str]) -> dict[str, bool]:
        """Return, for each of these users that exists, whether they are revoked."""
        ...

    def insert_cases(self, records: Sequence[CaseRecord]) -> None:
        """Insert new cases. Raises CaseAppeared when one of them is there by now."""
        ...

    def update_cases(self, records: Sequence[CaseRecord]) -> None:
        """Replace the state of locked cases."""
        ...

    def append(self, rows: Sequence[NewEvent]) -> None:
        """Append events of one replica and move the feed's end and the replica's head to the last of them."""
        ...

    def feed_head(self) -> FeedHead:
        """Return the end of the feed as committed now."""
        ...

    def hash_at(self, position: int) -> bytes | None:
        """Return the raw feed hash at a position, None when there is none."""
        ...

    def feed_page(self, after: int, limit: int, max_bytes: int) -> list[FeedRow]:
        """Return up to ``limit`` rows after a position, at least one if there is any."""
        ...


class Ledger(Protocol):
    """Lends transactions on the log."""

    def write(self) -> AbstractContextManager[CentreLog]:
        """Lend one that is durable when the block ends, and gone when it raises."""
        ...

    def read(self) -> AbstractContextManager[CentreLog]:
        """Lend one that only reads."""
        ...
