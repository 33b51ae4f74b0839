"""What a bundle and its answer hold: records, and at the end the signed word of who made it (DESIGN §4).

A record is its kind, its length and its SHA-256, then its bytes. The last record is a ``Signed`` manifest, which counts
the records before it and covers their heads. A reader therefore walks the whole file once before it believes any of it,
and once more to take it in. Nothing in a file is a path.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Protocol, TypeVar

import msgspec
import zstandard

from jinpu_desk.app.ports.sync import Cursor, Settled
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest, ReplicaId

from .bundle_cipher import SealedReader, SealedWriter
from .wire import CHUNK, PUSH_BYTES, GrantsAnswer, LeaseAnswer, LeaseRequest, ReferenceIndex

T = TypeVar("T")
BLOB_LIMIT = 512 * 1024 * 1024
"""Largest attachment, as at the centre."""
PACKED_LIMIT = PUSH_BYTES
"""Largest record of another kind, packed as well as unpacked."""
_HEAD = struct.Struct(">BQ32s")
_LEVEL = 3


class RecordKind(IntEnum):
    """What a record holds; all but BLOB are zstd over MessagePack."""

    PUSH = 1
    BLOB = 2
    ANSWER = 3
    FEED = 4
    FILES = 5
    SIGNED = 9


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last record: a manifest as it was signed (Ed25519)."""

    manifest: bytes
    signature: bytes


class BundleManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a desk says of its bundle.

    Only the first part of several asks for anything; ``held`` is the reference data the desk has.
    """

    id: str
    replica: ReplicaId
    part: int
    epoch: str
    cursor: Cursor | None
    lease: LeaseRequest | None
    held: dict[str, Digest]
    answer_key: bytes
    made_at: int  # UTC ms, by the desk's clock
    records: int
    content: Digest

    def statement(self, raw: bytes) -> bytes:
        """The bytes the replica's signature covers; ``raw`` is this manifest as it travels."""
        return b"jinpu-bundle-v1\n" + raw


class AnswerManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the centre says of its answer to a bundle."""

    id: str
    replica: ReplicaId
    part: int
    epoch: str
    now: int  # UTC ms, by the centre's clock
    records: int
    content: Digest

    def statement(self, raw: bytes) -> bytes:
        """The bytes the centre's signature covers."""
        return b"jinpu-bundle-answer-v1\n" + raw


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the centre made of a bundle. The feed's pages continue at ``start``; None without any."""

    outcomes: list[Settled]
    blobs: list[Digest]
    start: Cursor | None = None
    rewound: bool = False  # the centre does not know the desk's cursor: it was restored from a backup
    grants: GrantsAnswer | None = None
    leases: LeaseAnswer | None = None
    held: dict[str, Digest] = {}  # what the desk had when it asked
    index: ReferenceIndex | None = None


class Files(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of reference data."""

    kind: str
    digest: Digest
    files: dict[str, bytes]


class Manifest(Protocol):
    """Either manifest."""

    @property
    def records(self) -> int: ...

    @property
    def content(self) -> Digest: ...


class RecordWriter:
    """Writes records and remembers their heads for the manifest."""

    def __init__(self, out: SealedWriter) -> None:
        self.out = out
        self.records = 0
        self._heads = hashlib.sha256()

    @property
    def content(self) -> Digest:
        """Return the hash over the heads of all records so far."""
        return Digest(self._heads.hexdigest())

    def add(self, kind: RecordKind, data: bytes) -> None:
        """Write a record."""
        head = _HEAD.pack(kind, len(data), hashlib.sha256(data).digest())
        self._heads.update(head)
        self.records += 1
        self.out.write(head)
        self.out.write(data)

    def pack(self, kind: RecordKind, value: msgspec.Struct) -> None:
        """Write a record that holds a struct."""
        self.add(kind, packed(value))

    def sign(self, manifest: bytes, signature: bytes) -> None:
        """Write the last record and finish the file."""
        self.pack(RecordKind.SIGNED, Signed(manifest=manifest, signature=signature))
        self.out.finish()


class Record:
    """A record whose bytes are still in the file."""

    def __init__(self, reader: SealedReader, kind: RecordKind, size: int, digest: bytes) -> None:
        self.kind = kind
        self.size = size
        self.sha256 = Digest(digest.hex())
        self._reader = reader

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes in pieces; after the last they are known to be those the head names."""
        hashed, left = hashlib.sha256(), self.size
        while left:
            piece = self._reader.read(min(left, CHUNK))
            left -= len(piece)
            hashed.update(piece)
            yield piece
        if hashed.hexdigest() != self.sha256:
            raise Refused("bundle.damaged", problem="record")

    def skip(self) -> None:
        """Read past the bytes, checking them."""
        for _piece in self.pieces():
            pass

    def value(self, kind: type[T]) -> T:
        """Return the struct the record holds. Raises Refused ``bundle.damaged``."""
        return unpacked(b"".join(self.pieces()), kind)


def records(reader: SealedReader) -> Iterator[tuple[Record, bytes]]:
    """Yield each record of a file with the bytes of its head; the caller reads it before it asks for the next.

    Raises Refused ``bundle.damaged`` for a record no program of ours would write.
    """
    while not reader.at_end():
        head = reader.read(_HEAD.size)
        number, size, digest = _HEAD.unpack(head)
        try:
            kind = RecordKind(number)
        except ValueError as error:
            raise Refused("bundle.damaged", problem="kind") from error
        if size > (BLOB_LIMIT if kind is RecordKind.BLOB else PACKED_LIMIT):
            raise Refused("bundle.damaged", problem="size")
        yield Record(reader, kind, size, digest), head


def walked(reader: SealedReader, *allowed: RecordKind) -> Iterator[Record | Signed]:
    """Yield the records of a file, each of which the caller reads, and at last its signed manifest.

    The heads are held against the manifest once its last record was read, so whoever gets the ``Signed`` only has
    to check the signature.

    Raises:
        Refused: ``bundle.damaged`` for a file without an end, with something after it, or with other records than
            its manifest says.
    """
    heads, count, end = hashlib.sha256(), 0, None
    for record, head in records(reader):
        if end is not None or record.kind not in {*allowed, RecordKind.SIGNED}:
            raise Refused("bundle.damaged", problem="order")
        if record.kind is RecordKind.SIGNED:
            end = record.value(Signed)
            continue
        heads.update(head)
        count += 1
        yield record
    if end is None:
        raise Refused("bundle.damaged", problem="end")
    told = _decoded(end.manifest, _Counted)
    if (told.records, told.content) != (count, heads.hexdigest()):
        raise Refused("bundle.damaged", problem="manifest")
    yield end


class _Counted(msgspec.Struct, frozen=True):
    records: int
    content: str


def packed(value: msgspec.Struct) -> bytes:
    """Return a struct as a record holds it."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(msgspec.msgpack.encode(value))


def unpacked(raw: bytes, kind: type[T]) -> T:
    """Return the struct in ``raw``, however large it pretends to be. Raises Refused ``bundle.damaged``."""
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw) as reader:
            plain = reader.read(PACKED_LIMIT + 1)
    except zstandard.ZstdError as error:
        raise Refused("bundle.damaged", problem="zstd") from error
    if len(plain) > PACKED_LIMIT:
        raise Refused("bundle.damaged", problem="size")
    return _decoded(plain, kind)


def manifest_of(signed: Signed, kind: type[T]) -> T:
    """Return the manifest that was signed. Raises Refused ``bundle.damaged``."""
    return _decoded(signed.manifest, kind)


def _decoded(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("bundle.damaged", problem="contents") from error
