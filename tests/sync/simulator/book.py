"""The desk's database as one value: what the tables of ``store/schema.py`` hold, without the SQL.

A transaction works on a copy; ``Disk`` decides which copy a crash leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from jinpu_desk.app.ports import Lease, StoredEvent
from jinpu_desk.app.ports.sync import Cursor, FeedItem, Offer, Pinned, Settled
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event, Head, Header, first_head, header_hash, verify_link
from jinpu_desk.domain.ids import CaseId, Digest, EventId, ReplicaId
from jinpu_desk.store.eventlog import folding_key
from jinpu_desk.store.rewinding import LOST

Place = tuple[ReplicaId, int]
"""Where an event hangs: replica and seq."""


class Book:
    """Tables as dictionaries. A book that was committed is never changed again."""

    __slots__ = (
        "blobs", "cases", "contact", "cursor", "events", "heads", "leases", "numbers", "pins", "signatures",
    )  # fmt: skip

    def __init__(self) -> None:
        self.events: dict[Place, StoredEvent] = {}
        self.signatures: dict[Place, bytes] = {}
        self.cases: dict[CaseId, tuple[Place, ...]] = {}
        self.heads: dict[ReplicaId, Head] = {}
        self.numbers: dict[tuple[ReplicaId, str], int] = {}
        self.leases: dict[str, Lease] = {}
        self.blobs: dict[Digest, tuple[int, bool]] = {}
        self.pins: tuple[Pinned, ...] = ()
        self.cursor: Cursor | None = None
        self.contact: tuple[int, int, int] | None = None

    def copy(self) -> Book:
        """Return a book to write into."""
        other = Book.__new__(Book)
        other.events = self.events.copy()
        other.signatures = self.signatures.copy()
        other.cases = self.cases.copy()
        other.heads = self.heads.copy()
        other.numbers = self.numbers.copy()
        other.leases = self.leases.copy()
        other.blobs = self.blobs.copy()
        other.pins, other.cursor, other.contact = self.pins, self.cursor, self.contact
        return other

    def head(self, replica: ReplicaId) -> Head:
        """Return how far a replica's chain is known here."""
        return self.heads.get(replica) or first_head(replica)

    def hash_of(self, replica: ReplicaId, seq: int) -> Digest | None:
        """Return the hash of one header of a chain, None when it is not here."""
        kept = self.events.get((replica, seq))
        return None if kept is None else header_hash(kept.event.header)

    def add(self, stored: StoredEvent, signature: bytes | None = None) -> None:
        """Add an event at a place that is free."""
        header = stored.event.header
        place = header.replica, header.seq
        assert place not in self.events
        self.events[place] = stored
        self.cases[header.case] = (*self.cases.get(header.case, ()), place)
        if signature is not None:
            self.signatures[place] = signature

    def outbox(self, own: ReplicaId, limit: int) -> tuple[Event, ...]:
        """Return the first own events without an outcome."""
        found = []
        for seq in range(1, self.head(own).seq + 1):
            kept = self.events[own, seq]
            if kept.outcome == "pending":
                found.append(kept.event)
        return tuple(found[:limit])

    def settle(self, own: ReplicaId, outcomes: Iterable[Settled]) -> None:
        """Write outcomes of own events."""
        for one in outcomes:
            kept = self.events.get((own, one.seq))
            if kept is not None and kept.event.header.id == one.id:
                self.events[own, one.seq] = replace(
                    kept, outcome=one.outcome, position=one.position, reason=one.reason
                )

    def of_case(self, case_id: CaseId) -> list[StoredEvent]:
        """Return the events of a case, in the order they are folded in."""
        return sorted((self.events[place] for place in self.cases.get(case_id, ())), key=folding_key)

    def absorb(self, own: ReplicaId, item: FeedItem) -> bool:
        """Take one item of the feed; tell whether it is new.

        Raises Refused ``sync.fork``, ``sync.own-event-unknown`` or ``chain.…``, as ``store/absorbing.py`` does.
        """
        header = item.event.header
        place = header.replica, header.seq
        kept = self.events.get(place)
        made = StoredEvent(event=item.event, outcome=item.outcome, position=item.position, reason=item.reason)
        if kept is not None:
            if kept.event.header != header:
                raise Refused("sync.fork", header.id, replica=header.replica, seq=header.seq)
            self.events[place] = made
            if item.signature is not None:
                self.signatures[place] = item.signature
            return False
        if header.replica == own:
            raise Refused("sync.own-event-unknown", header.id, seq=header.seq)
        head = self.head(header.replica)
        if header.seq == head.seq + 1:
            self.heads[header.replica] = verify_link(header, head)
        elif header.seq > head.seq:
            self.heads[header.replica] = Head(
                replica=header.replica, seq=header.seq, hash=header_hash(header)
            )
        self.add(made, item.signature)
        return True

    def rewind(self, own: ReplicaId, heads: Mapping[ReplicaId, int]) -> int:
        """Mark what lies beyond ``heads`` as lost, as ``store/rewinding.py`` does."""
        count = 0
        for place, kept in self.events.items():
            beyond = place[1] > heads.get(place[0], 0)
            if not beyond or kept.position is None or kept.position >= LOST:
                continue
            changed = replace(kept, position=kept.position + LOST)
            if place[0] == own:
                changed = replace(changed, outcome="pending", reason="")
            self.events[place] = changed
            count += 1
        self.pins = ()
        self.blobs = {sha256: (size, False) for sha256, (size, _sent) in self.blobs.items()}
        return count

    def lost(self, own: ReplicaId) -> tuple[Offer, ...]:
        """Return what a restored centre lost, in its old order: own runs, and foreign ones as they were signed."""
        missed = sorted(
            (kept.position, place) for place, kept in self.events.items() if (kept.position or 0) >= LOST
        )
        offers: list[Offer] = []
        run: list[Place] = []
        for _, place in missed:
            if run and place != (run[-1][0], run[-1][1] + 1):
                offers.extend(self._offered(own, run))
                run = []
            run.append(place)
        if run:
            offers.extend(self._offered(own, run))
        return tuple(offers)

    def _offered(self, own: ReplicaId, run: list[Place]) -> list[Offer]:
        if run[0][0] == own:
            return [Offer(events=tuple(self.events[place].event for place in run), signature=None)]
        offers, part = [], list[Event]()
        for place in run:
            part.append(self.events[place].event)
            if place in self.signatures:
                offers.append(Offer(events=tuple(part), signature=self.signatures[place]))
                part = []
        return offers

    def adopt_unsent(self, own: ReplicaId) -> int:
        """Hang what a former incarnation left unsent on this replica's chain, as ``store/incarnation.py`` does."""
        unsent = sorted(
            place for place, kept in self.events.items() if kept.outcome == "pending" and place[0] != own
        )
        for place in unsent:
            kept = self.events.pop(place)
            header = kept.event.header
            head = self.head(own)
            if place[1] <= self.head(header.replica).seq:
                self.heads[header.replica] = Head(
                    replica=header.replica, seq=header.seq - 1, hash=header.prev
                )
            moved = replace(header, replica=own, seq=head.seq + 1, prev=head.hash, base=self._base(header))
            self.heads[own] = Head(replica=own, seq=moved.seq, hash=header_hash(moved))
            self.cases[header.case] = tuple(p for p in self.cases[header.case] if p != place)
            self.signatures.pop(place, None)
            self.add(replace(kept, event=replace(kept.event, header=moved)))
        return len(unsent)

    def _base(self, header: Header) -> dict[str, int]:
        seen = [
            place[1]
            for place in self.cases[header.case]
            if place[0] == header.replica and self.events.get(place) is not None
            if self.events[place].outcome in {"applied", "merged"}
        ]
        return header.base | {header.replica: max(seen)} if seen else header.base

    def ids(self) -> set[EventId]:
        """Return the ids of every event here."""
        return {kept.event.header.id for kept in self.events.values()}
