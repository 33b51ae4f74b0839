"""What the messenger to the centre is to the app, and what it asks of the store. Apart from ``ports``, because store
and sync do not see each other and most rooms need neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from jinpu_desk.domain.events import Event, Head, canonical
from jinpu_desk.domain.ids import Digest, EventId, ReplicaId

from . import Lease

DUPLICATE = "sync.duplicate"
"""Reason of a dead event that counts under the same id elsewhere: a new incarnation sent it once more. No problem."""


class SyncRound(msgspec.Struct, frozen=True, kw_only=True):
    """One full round, as ``jinpu-desk sync`` prints it."""

    pushed: int
    pulled: int
    blobs: int
    parked: int
    dead: int
    pending: int
    blobs_left: int = 0  # attachments that wait for the next round: they could not be read, or were not taken


class SyncPort(Protocol):
    """The messenger to the centre."""

    def round(self) -> SyncRound:
        """Push, pull, move attachments, refill leases, refresh users, catalogue and calendar.

        Raises:
            Unavailable: ``sync.offline`` when the centre cannot be reached.
            Refused: ``sync.…`` when the centre turned this desk away or rewrote history.
        """
        ...


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far the feed was absorbed: position 0 with 64 zeros is the beginning of an epoch."""

    epoch: str
    position: int
    hash: Digest


class FeedItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event as the centre serves it, in feed order."""

    position: int
    event: Event
    outcome: Literal["applied", "merged", "parked", "dead"]
    reason: str = ""
    signature: bytes | None = None  # its writer's, of the head at this event; only where a push ended
    raw: bytes | None = None  # the header's canonical bytes, where they were at hand
    hash: Digest | None = None  # theirs; given by who has held the body against the header

    @property
    def header(self) -> bytes:
        """The canonical bytes of the header, which the chain hashes."""
        return canonical(self.event.header) if self.raw is None else self.raw


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """The centre's signed word that the feed has this hash at this place."""

    at: Cursor
    signature: bytes


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Contiguous events the centre lost. Own ones carry no signature; foreign ones end at their writer's."""

    events: tuple[Event, ...]
    signature: bytes | None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The centre's answer for one pushed event."""

    id: EventId
    seq: int
    position: int
    outcome: Literal["applied", "merged", "parked", "dead"]
    reason: str = ""


class SyncStore(Protocol):
    """The store as sync sees it."""

    def outbox(self, limit: int) -> tuple[Head, tuple[Event, ...]]:
        """Return the head before the first unsettled own event, and up to ``limit`` such events in seq order."""
        ...

    def settle(self, outcomes: Sequence[Settled]) -> None:
        """Store outcomes in one transaction; a parked or dead event leaves the projection of its case."""
        ...

    def cursor(self) -> Cursor | None: ...

    def absorb(self, items: Sequence[FeedItem], cursor: Cursor, signature: bytes) -> int:
        """Take feed items and the cursor in one transaction, refold the cases they touch; return how many
        events were new here. Own events among them settle. The centre's ``signature`` of the cursor is pinned."""
        ...

    def checkpoints(self) -> tuple[Pinned, ...]:
        """Return pinned places of the feed, newest first: the last ones, and ever fewer of the past."""
        ...

    def rewind(self, to: Cursor, heads: Mapping[ReplicaId, int]) -> int:
        """Go back to a common place with a centre that was restored, which holds chains up to ``heads``.

        Own events it lost wait to be sent again; foreign ones stay and can be offered. Return how many it lost.
        """
        ...

    def lost(self) -> tuple[Offer, ...]:
        """Return what a restored centre lost, in the order it once had it, as far as it can be handed in."""
        ...

    def blobs_to_send(self) -> Iterator[tuple[Digest, int]]:
        """Yield (sha256, size) of what the centre does not have yet: attachments of own events, the large ones
        last, and after them the papers issued here."""
        ...

    def paper(self, sha256: Digest) -> bytes | None:
        """Return the bytes of an issued paper, None when they are not here."""
        ...

    def blob_sent(self, sha256: Digest) -> None: ...

    def keep_leases(self, leases: Sequence[Lease]) -> None:
        """Add leases; a known id is left as it is."""
        ...

    def leases(self) -> tuple[Lease, ...]: ...

    def contact(self, at: int, clock_offset: int, horizon: int) -> None:
        """Remember the last contact (UTC ms), the desk clock's offset to the centre in ms, and up to which
        position of the feed the centre has a backup."""
        ...

    def clock_offset(self) -> int | None: ...
