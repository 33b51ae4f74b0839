"""What travels between desk and centre: the one set of structs both ends read and write (DESIGN §4).

Requests and answers are JSON (``bytes`` as base64) or, for events, MessagePack; both are the same structs.
A header travels as its canonical JSON bytes, because those bytes are what is hashed and chained.

Feed chain. Every event at the centre has a position, from 1, without gaps. ``feed_hash`` of an item covers the
hash before it (64 zeros before position 1 of an epoch), its position, the header's hash and the outcome. A desk
that holds a cursor (epoch, position, hash) can therefore check each item it is served, and the signed
``Checkpoint`` at the end of each page makes the centre answerable for the whole of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from jinpu_desk.app.ports import Lease, Replica
from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.app.ports.sync import Cursor, Settled
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS, Event, Head, Header, canonical
from jinpu_desk.domain.ids import ClerkId, Digest, ReplicaId

API = "/api/v1"
JSON = "application/json"
MSGPACK = "application/vnd.msgpack"
PUSH_LIMIT = 500
"""Most events in one push."""
PUSH_BYTES = 64 * 1024 * 1024
"""Largest push once unpacked."""
FEED_LIMIT = 2000
"""Most items in one page of the feed."""
FEED_BYTES = 8 * 1024 * 1024
"""A page of the feed ends early once its bodies are this large."""
CHUNK = 1024 * 1024
"""Largest piece of an attachment in one request."""
OFFSET_HEADER = "Upload-Offset"
ERROR_HEADER = "Error-Code"
"""The code of an error, also where the answer has no body to say it."""
IMPORTED_HEADER = "Bundle-Imported"
"""What a bundle brought, as JSON, beside the answer that only its own desk can read."""

FinalOutcome = Literal["applied", "merged", "parked", "dead"]


class WireEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event under way: ``header`` is canonical JSON, ``body`` and ``salt`` are None once erased."""

    header: bytes
    body: bytes | None
    salt: bytes | None


class Push(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to PUSH_LIMIT contiguous events of one replica, and the signed head after the last of them."""

    events: list[WireEvent]
    head: Head
    signature: bytes  # Ed25519 over head.statement()


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome per pushed event, in order; ``seq`` is the last of this replica the centre holds."""

    outcomes: list[Settled]
    seq: int


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event as the feed serves it."""

    position: int
    header: bytes
    body: bytes | None
    salt: bytes | None
    outcome: FinalOutcome
    reason: str
    signature: bytes | None = None  # its writer's, of the head at this event; only where a push ended


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The centre's word that the feed up to ``position`` has this hash."""

    epoch: str
    position: int
    hash: Digest

    def statement(self) -> bytes:
        """The bytes the centre's signature covers."""
        return b"jinpu-checkpoint-v1\n" + canonical(self)


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Items after the cursor asked for, in order. ``checkpoint`` is the last of them; ``head`` the feed's end."""

    items: list[FeedEntry]
    checkpoint: Checkpoint
    signature: bytes
    head: int
    now: int  # the centre's clock, UTC ms
    backup_horizon: int = 0  # up to here the centre has a verified backup; later events must be kept by desks


class EnrolRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window PC that asks to be taken in, with the one-time code an administrator gave it."""

    code: str
    window: str  # e.g. 综合窗口 07
    public_key: bytes  # raw Ed25519, 32 bytes
    certificate: bytes  # DER, self-signed by that key


class EnrolAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the new replica is, and what it needs to talk and to trust."""

    replica: Replica
    token: str
    centre_key: bytes
    epoch: str
    escrow: (
        bytes  # 32 bytes; wraps the data key so that a clerk new to this PC can unlock after an online login
    )
    now: int


class LoginRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clerk at an enrolled desk. Its token is sealed until somebody is in, so the desk names itself."""

    replica: ReplicaId
    clerk: ClerkId
    password: str


class LoginAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The grant for offline work, and the escrow secret of this replica."""

    grant: Grant
    escrow: bytes
    now: int


class GrantsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Fresh grants for the clerks who logged in at this replica, and those who may no longer."""

    grants: list[Grant]
    revoked: list[ClerkId]


class LeaseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The blocks a desk holds, used-up ones too: lease id -> numbers left. The centre decides what to add.

    ``held`` are the same blocks in full, so that a centre restored to before it gave them never gives them again.
    """

    left: dict[str, int]
    held: list[Lease] = []


class LeaseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every block of this year and the next the replica was given: a lost answer is made good by asking again."""

    leases: list[Lease]


class ReferenceIndex(msgspec.Struct, frozen=True, kw_only=True):
    """The current version of each kind of reference data, signed."""

    digests: dict[str, Digest]
    signature: bytes

    def statement(self) -> bytes:
        """The bytes the centre's signature covers."""
        return reference_statement(self.digests)


class TrustEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One replica in the directory of all: whose signatures count, and until when."""

    id: ReplicaId
    station: str
    station_name: str
    series: str
    window: str
    public_key: bytes
    certificate: bytes
    revoked_at: int | None  # UTC ms
    former: ReplicaId | None = None  # the incarnation before this one


class TrustDirectory(msgspec.Struct, frozen=True, kw_only=True):
    """``trust.json`` of reference kind ``trust``; ``trust.sig`` beside it is the centre's signature of the file."""

    centre_key: bytes
    training: bool
    replicas: list[TrustEntry]
    bundle_key: bytes = b""  # raw X25519, 32 bytes; what goes to the centre on a stick is sealed to it


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: a stable code, a sentence for people, the place, and the values the sentence names."""

    code: str
    message: str
    where: str = ""
    params: dict[str, str | int | bool | None] = {}


class ErrorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every answer that is not a success."""

    error: ErrorBody


class Read(msgspec.Struct, frozen=True, gc=False):
    """A wire event that was read: the event, its header's bytes and their hash."""

    event: Event
    header: bytes
    hash: Digest


_HEADERS = msgspec.json.Decoder(Header)


def to_wire(event: Event) -> WireEvent:
    """Return ``event`` as it travels."""
    return WireEvent(header=canonical(event.header), body=event.body, salt=event.salt)


def read(header: bytes, body: bytes | None, salt: bytes | None) -> Read:
    """Return the event those bytes say, with its hash.

    Raises:
        Refused: ``sync.bad-header`` when the header is no header, or not in canonical form (it would then hash
            differently elsewhere).
    """
    try:
        decoded = _HEADERS.decode(header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("sync.bad-header", problem=str(error)) from error
    if canonical(decoded) != header:
        raise Refused("sync.bad-header", decoded.id, problem="not canonical")
    event = Event(header=decoded, body=body, salt=salt)
    return Read(event, header, Digest(hashlib.sha256(header).hexdigest()))


def feed_hash(before: Digest, position: int, header: Digest, outcome: str, reason: str) -> Digest:
    """Return the feed hash of the item at ``position``, given the hash ``before`` it."""
    text = f"jinpu-feed-v1\n{before}\n{position}\n{header}\n{outcome}\n{reason}"
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def start_of(epoch: str) -> Cursor:
    """Return the cursor before the first item of an epoch."""
    return Cursor(epoch=epoch, position=0, hash=GENESIS)


def reference_digest(files: Mapping[str, bytes]) -> Digest:
    """Return the digest of a set of named files: SHA-256 over the sorted lines ``sha256  name``."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return Digest(hashlib.sha256("".join(lines).encode()).hexdigest())


def reference_statement(digests: Mapping[str, Digest]) -> bytes:
    """The bytes the centre signs to say which versions are current."""
    return b"jinpu-reference-v1\n" + canonical(dict(digests))
