"""The desk's store in memory, as sync and the clerk's verbs see it, on a disk that can lose what was not synced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import TypeVar

from msgspec.structs import replace

from jinpu_desk.app.ports import Lease, Signing, StoredEvent
from jinpu_desk.app.ports.sync import DUPLICATE, Cursor, FeedItem, Offer, Pinned, Settled
from jinpu_desk.domain import fold
from jinpu_desk.domain.bodies import Body, PagesAttached, type_name
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import (
    SALT_BYTES,
    Event,
    Head,
    Header,
    body_digest,
    canonical,
    header_hash,
    verify_body,
)
from jinpu_desk.domain.ids import CaseId, ClerkId, Digest, EventId, ReplicaId, uuid7
from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.numbering import next_serial
from jinpu_desk.store.eventlog import SET_ASIDE, fold_stored, set_aside
from jinpu_desk.store.marks import Cause, Marks
from jinpu_desk.store.writing import CLOCK_TOLERANCE_MS

from .book import Book
from .machine import Disk, Machine
from .schedule import Lock

T = TypeVar("T")
START = 1_789_700_000_000
"""The first instant of every history, UTC ms, in September 2026."""
CATALOGUE = Digest("c" * 64)


def instant(ms: int) -> datetime:
    """Return the aware instant that many ms after the start."""
    return datetime.fromtimestamp((START + ms) / 1000, UTC)


def _aside(kept: StoredEvent) -> tuple[str, bool]:
    return kept.outcome if kept.outcome in SET_ASIDE else "", kept.reason == DUPLICATE


class Folds:
    """Remembers what folding gave: the same events in the same order make the same case at every desk.

    ``newer`` tells which of two programs is running; the older one cannot read all of them.
    """

    def __init__(self, newer: Callable[[], bool]) -> None:
        self._known: dict[tuple[object, ...], Case | None] = {}
        self._newer = newer

    def fold(self, book: Book, case_id: CaseId) -> Case | None:
        """Return the case as ``book`` tells it to the running program."""
        held = book.of_case(case_id)
        places = ((kept.event.header.id, kept.event.header.replica, _aside(kept)) for kept in held)
        key = (self._newer(), *places)
        if key not in self._known:
            self._known[key] = fold_stored(held)
        return self._known[key]


class DeskStore:
    """Implements ``SyncStore`` and the clerk's transaction for one replica."""

    synced = True
    """Whether a transaction waits for the disk before it is done."""

    def __init__(
        self,
        machine: Machine,
        disk: Disk[Book],
        writer: Lock,
        marks: Marks | None,
        *,
        replica: ReplicaId,
        folds: Folds,
    ) -> None:
        self.machine = machine
        self.disk = disk
        self.replica = replica
        self._marks = marks
        self.frozen: Cause | None = None
        self._folds = folds
        self._writer = writer

    @property
    def book(self) -> Book:
        """The tables as committed."""
        return self.disk.seen

    def record(self, change: Callable[[Book], T]) -> T:
        """Make the clerk's transaction, and mark how far the desk has written.

        Raises Unavailable ``incarnation.needed`` on a copy that only reads.
        """
        self.require_own()
        made = self.write("clerk", change)
        if self._marks is not None:
            self._marks.note(self.book.head(self.replica))
        return made

    def require_own(self) -> None:
        """Raise Unavailable ``incarnation.needed`` where only reading is allowed."""
        if self.frozen is not None:
            raise Unavailable("incarnation.needed", cause=self.frozen)

    def recognised(self, marks: Marks) -> Cause | None:
        """Tell whether this book is a copy, or older than what the desk had written."""
        book, own = self.book, self.replica
        return marks.recognise(own, book.head(own).seq, lambda seq: book.hash_of(own, seq))

    def adopt_unsent(self) -> None:
        """Hang what a former incarnation left unsent on this replica's chain, where there is any."""
        if any(k.outcome == "pending" and p[0] != self.replica for p, k in self.book.events.items()):
            self.write("adopt", lambda book: book.adopt_unsent(self.replica))

    def sign_off(self, signing: Signing) -> None:
        """Sign what the centre acknowledged of this replica, as ``store/incarnation.py`` does."""

        def change(book: Book) -> None:
            done = [
                seq for (r, seq), k in book.events.items() if r == self.replica and k.outcome != "pending"
            ]
            if done:
                place = self.replica, max(done)
                head = Head(
                    replica=self.replica, seq=place[1], hash=header_hash(book.events[place].event.header)
                )
                book.signatures[place] = signing.sign(head.statement())

        self.write("sign off", change)

    def forget_leases(self) -> None:
        """Drop every block of document numbers."""

        def change(book: Book) -> None:
            book.leases = {}

        self.write("forget leases", change)

    def write(self, what: str, change: Callable[[Book], T]) -> T:
        """Make one transaction: all of ``change`` or, after a refusal or a crash, nothing."""
        self._writer.take()
        try:
            draft = self.book.copy()
            made = change(draft)
            self._commit(what, draft)
        finally:
            self._writer.give()
        return made

    def _commit(self, what: str, draft: Book) -> None:
        self.machine.step(f"{what}: write", writes=True)
        self.disk.write(draft)
        self.machine.step(f"{what}: sync")
        if self.synced:
            self.disk.sync()
            self.machine.step(f"{what}: commit")
        self.disk.seen = draft
        self.machine.step(f"{what}: done")

    def case(self, case_id: CaseId) -> Case | None:
        """Return a case as this desk's program understands it."""
        return self._folds.fold(self.book, case_id)

    def outbox(self, limit: int) -> tuple[Head, tuple[Event, ...]]:
        waiting = self.book.outbox(self.replica, limit)
        if not waiting:
            return self.book.head(self.replica), ()
        first = waiting[0].header
        return Head(replica=self.replica, seq=first.seq - 1, hash=first.prev), waiting

    def settle(self, outcomes: Sequence[Settled]) -> None:
        if outcomes:
            self.write("settle", lambda book: book.settle(self.replica, outcomes))

    def cursor(self) -> Cursor | None:
        return self.book.cursor

    def absorb(self, items: Sequence[FeedItem], cursor: Cursor, signature: bytes) -> int:
        def change(book: Book) -> int:
            new = sum(book.absorb(self.replica, item) for item in items)
            book.cursor = cursor
            book.pins = (Pinned(at=cursor, signature=signature), *book.pins)
            return new

        return self.write("absorb", change)

    def checkpoints(self) -> tuple[Pinned, ...]:
        return self.book.pins

    def rewind(self, to: Cursor, heads: Mapping[ReplicaId, int]) -> int:
        def change(book: Book) -> int:
            book.cursor = to
            return book.rewind(self.replica, heads)

        return self.write("rewind", change)

    def lost(self) -> tuple[Offer, ...]:
        return self.book.lost(self.replica)

    def blobs_to_send(self) -> Iterator[tuple[Digest, int]]:
        yield from [(sha256, size) for sha256, (size, sent) in self.book.blobs.items() if not sent]

    def blob_sent(self, sha256: Digest) -> None:
        def change(book: Book) -> None:
            book.blobs[sha256] = (book.blobs[sha256][0], True)

        self.write("blob sent", change)

    def paper(self, _sha256: Digest) -> bytes | None:
        return None  # no desk of the simulator keeps the bytes of papers

    def keep_leases(self, leases: Sequence[Lease]) -> None:
        def change(book: Book) -> None:
            for lease in leases:
                book.leases.setdefault(lease.id, lease)

        self.write("leases", change)

    def leases(self) -> tuple[Lease, ...]:
        return tuple(self.book.leases.values())

    def contact(self, at: int, clock_offset: int, horizon: int) -> None:
        def change(book: Book) -> None:
            book.contact = (at, clock_offset, horizon)

        self.write("contact", change)

    def clock_offset(self) -> int | None:
        return self.book.contact[1] if self.book.contact else None

    def horizon(self) -> int:
        return self.book.contact[2] if self.book.contact else 0


class Transaction:
    """One write of the clerk's, as ``store/writing.py`` makes it."""

    def __init__(self, store: DeskStore, book: Book, at: datetime, random: Random) -> None:
        self._store = store
        self._book = book
        self._at = at
        self._random = random
        self.written: list[Event] = []

    def record(self, case_id: CaseId, body: Body, actor: ClerkId) -> Event:
        """Append an own event, chained and salted. Raises Refused ``clock.…`` or what folding it raises."""
        own = self._store.replica
        self._check_clock()
        before = self._store._folds.fold(self._book, case_id)
        raw, salt, head = canonical(body), self._random.randbytes(SALT_BYTES), self._book.head(own)
        seen = before.seen if before else {}
        contact = self._book.contact
        header = Header(
            id=EventId(uuid7(self._at, self._random.randbytes)),
            replica=own,
            seq=head.seq + 1,
            prev=head.hash,
            type=type_name(body),
            version=body.version,
            case=case_id,
            base={replica: seq for replica, seq in seen.items() if replica != own},
            actor=actor,
            at=self._now(),
            clock_offset=contact[1] if contact else None,
            catalogue=CATALOGUE,
            body_digest=body_digest(raw, salt),
        )
        event = Event(header=header, body=raw, salt=salt)
        verify_body(event)
        fold.apply(before, event, set_aside(self._book.of_case(case_id)))
        self._book.add(StoredEvent(event=event, outcome="pending", position=None))
        self._book.heads[own] = Head(replica=own, seq=header.seq, hash=header_hash(header))
        if isinstance(body, PagesAttached):
            self._book.blobs.setdefault(body.sha256, (body.size, False))
        self.written.append(event)
        return event

    def next_serial(self, day: date) -> int:
        """Burn the next serial of a day in this replica's series."""
        key = (self._store.replica, day.isoformat())
        self._book.numbers[key] = serial = next_serial(self._book.numbers.get(key, 0))
        return serial

    def next_doc_no(self, kind: str, year: int) -> tuple[str, int] | None:
        """Burn the next leased number of ``kind``; None when there is none left."""
        for lease in self._book.leases.values():
            if (lease.kind, lease.year) == (kind, year) and lease.next <= lease.last:
                self._book.leases[lease.id] = replace(lease, next=lease.next + 1)
                return lease.template, lease.next
        return None

    def _now(self) -> int:
        return millis(self._at)

    def _check_clock(self) -> None:
        if self._book.contact is None:
            return
        then, offset, _ = self._book.contact
        if self._now() < then - offset - CLOCK_TOLERANCE_MS:
            raise Refused("clock.behind")
        if offset > CLOCK_TOLERANCE_MS and self._now() >= then:
            raise Refused("clock.ahead")
