"""The centre as the sync core sees it: a network, or in the simulator a function call."""

from __future__ import annotations

from typing import Protocol

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.ids import Digest, ReplicaId

from .wire import FeedPage, GrantsAnswer, LeaseAnswer, LeaseRequest, Push, PushAnswer, ReferenceIndex
from .wire_rare import CommonAnswer, CommonRequest


class Supplier(Protocol):
    """Where grants, number blocks and reference data come from: the centre, or its answer on a stick."""

    def grants(self) -> GrantsAnswer:
        """Return fresh grants for this replica's clerks, and the revoked ones."""
        ...

    def lease(self, replica: ReplicaId, request: LeaseRequest) -> LeaseAnswer:
        """Return this replica's number blocks, refilled at half."""
        ...

    def reference(self) -> ReferenceIndex:
        """Return the current versions of reference data."""
        ...

    def files(self, kind: str, digest: Digest) -> dict[str, bytes]:
        """Return the files of a version."""
        ...


class Centre(Supplier, Protocol):
    """Every call may raise Unavailable (``sync.offline`` and the like: try again later) or Refused with the
    centre's own code (``sync.fork``, ``sync.gap``, ``sync.rewound``, ``auth.token`` …)."""

    def push(self, replica: ReplicaId, push: Push) -> PushAnswer:
        """Send events; calling again with the same gives the same outcomes."""
        ...

    def feed(self, cursor: Cursor, limit: int) -> FeedPage:
        """Return the items after ``cursor``."""
        ...

    def common(self, request: CommonRequest) -> CommonAnswer:
        """Return the newest place of the feed both know, and how far the centre holds each chain."""
        ...

    def offer(self, replica: ReplicaId, push: Push) -> PushAnswer:
        """Hand in another replica's events, as it signed them."""
        ...

    def blob_offset(self, sha256: Digest) -> int | None:
        """Return how many bytes of an attachment have arrived; None when it is complete."""
        ...

    def blob_add(self, sha256: Digest, offset: int, data: bytes) -> None:
        """Append a piece. Refused ``blob.offset`` when it does not fit."""
        ...

    def blob_finish(self, sha256: Digest) -> None:
        """Have the whole checked and kept. Refused ``blob.hash`` when it is not what its name says."""
        ...
