"""A desk in memory: the ports of the store as sync sees them, for tests of the messenger alone."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.ports import Lease
from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.app.ports.sync import Cursor, FeedItem, Offer, Pinned, Settled
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.events import Event, Head, first_head, header_hash
from jinpu_desk.domain.ids import ClerkId, Digest, EventId, ReplicaId


class MemoryStore:
    """Implements ``SyncStore``; ``own`` are its events, ``items`` what the feed brought."""

    def __init__(self, replica: ReplicaId) -> None:
        self.replica = replica
        self.own: list[Event] = []
        self.outcomes: dict[EventId, Settled] = {}
        self.items: dict[EventId, FeedItem] = {}
        self.reached: Cursor | None = None
        self.held_leases: dict[str, Lease] = {}
        self.blobs: dict[Digest, int] = {}
        self.papers: dict[Digest, bytes] = {}
        self.last_contact: tuple[int, int] | None = None
        self._settled = 0

    def outbox(self, limit: int) -> tuple[Head, tuple[Event, ...]]:
        waiting = tuple(self.own[self._settled : self._settled + limit])
        if self._settled == 0:
            return first_head(self.replica), waiting
        last = self.own[self._settled - 1].header
        return Head(replica=self.replica, seq=last.seq, hash=header_hash(last)), waiting

    def settle(self, outcomes: Sequence[Settled]) -> None:
        for settled in outcomes:
            assert self.outcomes.setdefault(settled.id, settled) == settled  # one outcome, for ever
        while self._settled < len(self.own) and self.own[self._settled].header.id in self.outcomes:
            self._settled += 1

    def cursor(self) -> Cursor | None:
        return self.reached

    def absorb(self, items: Sequence[FeedItem], cursor: Cursor, signature: bytes) -> int:
        before = len(self.items)
        for item in items:
            header = item.event.header
            assert header.id not in self.items
            self.items[header.id] = item
            if header.replica == self.replica:
                self.settle(
                    [
                        Settled(
                            id=header.id,
                            seq=header.seq,
                            position=item.position,
                            outcome=item.outcome,
                            reason=item.reason,
                        )
                    ]
                )
        self.reached = cursor
        return len(self.items) - before

    def checkpoints(self) -> tuple[Pinned, ...]:
        return ()

    def rewind(self, to: Cursor, heads: Mapping[ReplicaId, int]) -> int:
        self.reached = to
        return 0

    def lost(self) -> tuple[Offer, ...]:
        return ()

    def blobs_to_send(self) -> Iterator[tuple[Digest, int]]:
        yield from list(self.blobs.items())

    def paper(self, sha256: Digest) -> bytes | None:
        return self.papers.get(sha256)

    def blob_sent(self, sha256: Digest) -> None:
        self.blobs.pop(sha256, None)

    def keep_leases(self, leases: Sequence[Lease]) -> None:
        for lease in leases:
            self.held_leases.setdefault(lease.id, lease)

    def leases(self) -> tuple[Lease, ...]:
        return tuple(self.held_leases.values())

    def contact(self, at: int, clock_offset: int, horizon: int) -> None:
        self.last_contact = (at, clock_offset)
        self.horizon = horizon

    def clock_offset(self) -> int | None:
        return self.last_contact[1] if self.last_contact else None


class MemoryBlobs:
    """Implements ``Blobs``."""

    def __init__(self) -> None:
        self.data: dict[Digest, bytes] = {}

    def put(self, data: bytes) -> Digest:
        sha256 = Digest(hashlib.sha256(data).hexdigest())
        self.data[sha256] = data
        return sha256

    def get(self, sha256: Digest) -> bytes:
        if sha256 not in self.data:
            raise Unavailable("blob.missing", sha256)
        return self.data[sha256]

    def has(self, sha256: Digest) -> bool:
        return sha256 in self.data

    def remove(self, sha256: Digest) -> None:
        self.data.pop(sha256, None)

    def size(self, sha256: Digest) -> int:
        return len(self.get(sha256))

    def read(self, sha256: Digest, start: int, end: int) -> bytes:
        return self.get(sha256)[start:end]

    def receive(self, sha256: Digest, source: Callable[[int], Iterator[bytes]]) -> None:
        assert self.put(b"".join(source(0))) == sha256


class MemoryShelf:
    """Implements ``ReferenceShelf``."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, Digest], dict[str, bytes]] = {}
        self.current: dict[str, Digest] = {}

    def held(self) -> dict[str, Digest]:
        return dict(self.current)

    def sound(self) -> dict[str, Digest]:
        return self.held()

    def keep(self, kind: str, digest: Digest, files: dict[str, bytes]) -> None:
        self.kept[kind, digest] = files
        self.current[kind] = digest

    def versions(self, kind: str) -> tuple[Digest, ...]:
        newest = [digest for held, digest in reversed(self.kept) if held == kind]
        return tuple(sorted(newest, key=lambda digest: digest != self.current.get(kind)))

    def files(self, kind: str, digest: Digest | None = None) -> dict[str, bytes]:
        return self.kept[kind, digest or self.current[kind]]


class MemoryRing:
    """Implements the part of ``KeyRing`` that a round uses."""

    def __init__(self, *clerks: ClerkId) -> None:
        self.slots: dict[ClerkId, Grant | None] = dict.fromkeys(clerks)

    def unlock(self, clerk: ClerkId, password: str, now: dt.datetime) -> tuple[bytes, Grant]:
        raise NotImplementedError

    def unlock_escrow(self, secret: bytes) -> bytes:
        raise NotImplementedError

    def add(self, clerk: ClerkId, password: str, data_key: bytes, grant: Grant) -> None:
        self.slots[clerk] = grant

    def remove(self, clerk: ClerkId) -> None:
        del self.slots[clerk]

    def renew(self, grant: Grant) -> None:
        self.slots[grant.clerk.id] = grant

    def clerks(self) -> tuple[ClerkId, ...]:
        return tuple(self.slots)


class MemorySigning:
    """Implements ``Signing``."""

    def __init__(self, replica: ReplicaId, key: Ed25519PrivateKey) -> None:
        self._replica = replica
        self._key = key

    @property
    def replica(self) -> ReplicaId:
        return self._replica

    @property
    def certificate(self) -> bytes:
        return b""

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)
