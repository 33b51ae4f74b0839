"""Facts as they are kept: a hashed header, a salted body beside it, and one chain per replica (DESIGN §3).

The header is hashed, the body only through ``body_digest``; a body can therefore be erased lawfully while the
chain still verifies. Chain heads are signed, not single events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from .errors import Refused
from .ids import CaseId, ClerkId, Digest, EventId, ReplicaId

GENESIS = Digest("0" * 64)
"""``prev`` of a replica's first event."""
SALT_BYTES = 16
BODY_LIMIT = 256 * 1024
"""Largest body in bytes; pages travel as attachments, never in a body."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The hashed part of an event. ``at`` and ``clock_offset`` are milliseconds."""

    id: EventId
    replica: ReplicaId
    seq: int  # contiguous per replica, from 1
    prev: Digest
    type: str
    version: int
    case: CaseId
    base: dict[str, int]  # last seq folded into the case, per foreign replica: what the author had seen
    actor: ClerkId
    at: int  # UTC, by the desk's clock
    clock_offset: int | None  # desk clock minus centre clock at last contact; None before the first
    catalogue: Digest
    body_digest: Digest
    algorithm: Literal["sha256"] = "sha256"


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A header with its body as canonical JSON bytes; ``body`` and ``salt`` are None once erased."""

    header: Header
    body: bytes | None
    salt: bytes | None


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """How far a replica's chain has come."""

    replica: ReplicaId
    seq: int
    hash: Digest

    def statement(self) -> bytes:
        """The bytes an Ed25519 head signature covers."""
        return b"jinpu-head-v1\n" + canonical(self)


def canonical(value: Any) -> bytes:
    """Return ``value`` as canonical JSON: UTF-8, sorted keys, no spaces. Bodies and headers hold no floats."""
    return msgspec.json.encode(value, order="sorted")


def header_hash(header: Header, raw: bytes | None = None) -> Digest:
    """Return the SHA-256 of the canonical header, the ``prev`` of the next one. ``raw`` is it, where it is at hand."""
    return Digest(hashlib.sha256(canonical(header) if raw is None else raw).hexdigest())


def body_digest(body: bytes, salt: bytes) -> Digest:
    """Return the salted digest that ties a body to its header."""
    return Digest(hashlib.sha256(salt + body).hexdigest())


def verify_body(event: Event) -> None:
    """Refuse an event whose body is not the one its header names; an erased body passes.

    Raises:
        Refused: ``chain.body`` when the digest differs, ``chain.body-too-large`` past BODY_LIMIT.
    """
    if event.body is None or event.salt is None:
        return
    if len(event.body) > BODY_LIMIT:
        raise Refused("chain.body-too-large", event.header.id, limit=BODY_LIMIT, size=len(event.body))
    if body_digest(event.body, event.salt) != event.header.body_digest:
        raise Refused("chain.body", event.header.id, seq=event.header.seq)


def verify_link(header: Header, before: Head, known: Digest | None = None) -> Head:
    """Return the head after ``header``, given the head before it. ``known`` is the header's hash, where it is at hand.

    Raises:
        Refused: ``chain.replica``, ``chain.gap`` (seq not next) or ``chain.prev`` (hash does not continue).
    """
    if header.replica != before.replica:
        raise Refused("chain.replica", header.id, seq=header.seq)
    if header.seq != before.seq + 1:
        raise Refused("chain.gap", header.id, seq=header.seq, expected=before.seq + 1)
    if header.prev != before.hash:
        raise Refused("chain.prev", header.id, seq=header.seq)
    return Head(replica=header.replica, seq=header.seq, hash=known or header_hash(header))


def verify_chain(events: Iterable[Event], before: Head) -> Head:
    """Walk ``events`` in order from ``before`` and return the head they lead to; raises as the two above do."""
    head = before
    for event in events:
        head = verify_link(event.header, head)
        verify_body(event)
    return head


def first_head(replica: ReplicaId) -> Head:
    """Return the head of a replica that has written nothing."""
    return Head(replica=replica, seq=0, hash=GENESIS)
