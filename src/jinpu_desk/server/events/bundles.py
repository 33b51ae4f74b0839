"""Bundles at the centre: what a stick brings goes through the door every push goes through (DESIGN §4).

A bundle is walked whole before any of it is believed: decryption, every hash, the replica's signature over the manifest
and over each push. Only then events are taken in and attachments kept, as over the network and with the same outcomes,
in any order and however often.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from jinpu_desk.app.ports.sync import Cursor, Settled
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync.bundle_cipher import (
    Envelope,
    SealedReader,
    SealedWriter,
    envelope_for,
    opened_by,
    read_envelope,
    reader_name,
    wrong_kind,
)
from jinpu_desk.sync.bundle_format import (
    Answer,
    AnswerManifest,
    BundleManifest,
    Files,
    Record,
    RecordKind,
    RecordWriter,
    Signed,
    manifest_of,
    walked,
)
from jinpu_desk.sync.wire import FEED_LIMIT, FeedPage, Push

from .. import leasing, library, people
from ..centre import Centre
from ..keys import signed_by
from . import feed
from .receive import open_push, take_in

ANSWER_FEED_BYTES = 512 * 1024 * 1024
"""News of the feed in one answer; the next bundle asks for the rest."""
_CONTENTS = (RecordKind.PUSH, RecordKind.BLOB)


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle brought; events and attachments the centre had already are counted too."""

    replica: ReplicaId
    part: int
    events: int
    blobs: int
    bytes: int


def receive_bundle(centre: Centre, file: BinaryIO, out: BinaryIO) -> Imported:
    """Take the bundle in ``file`` (which is read twice) in, and write the answer to ``out``.

    Raises:
        Refused: ``bundle.not-ours``, ``bundle.newer``, ``bundle.kind``, ``bundle.other-centre``, ``bundle.unknown-desk``,
            ``bundle.forged``, ``bundle.damaged``, ``sync.replica-revoked``, or what ``open_push`` says of a push; then
            nothing was written. ``bundle.gap`` when events before these are missing, ``sync.fork``.
    """
    opened = _Opened(centre, file)
    replica, manifest = opened.checked()
    outcomes: list[Settled] = []
    blobs: list[Digest] = []
    size = 0
    for record in opened.records():
        size += record.size
        if record.kind is RecordKind.PUSH:
            outcomes += _pushed(centre, replica, record.value(Push))
        elif _kept(centre, replica.id, record):
            blobs.append(record.sha256)
    _Answering(centre, replica, manifest, out).write(outcomes, blobs)
    return Imported(
        replica=ReplicaId(replica.id),
        part=manifest.part,
        events=len(outcomes),
        blobs=len(blobs),
        bytes=size,
    )


class _Opened:
    """A bundle whose key was found."""

    def __init__(self, centre: Centre, file: BinaryIO) -> None:
        self._centre = centre
        self._file = file
        self._envelope, self._head = read_envelope(file)
        _require_for(centre, self._envelope)
        self._start = file.tell()
        self._secret = opened_by(centre.key.reader, self._envelope)

    def checked(self) -> tuple[ReplicaRow, BundleManifest]:
        """Walk the file and return whose it is and what it says."""
        end = None
        for record in self._walk():
            if isinstance(record, Signed):
                end = record
            else:
                record.skip()
        assert end is not None  # ``walked`` gives no file out without it
        manifest = manifest_of(end, BundleManifest)
        replica = self._writer(manifest)
        if not signed_by(replica.public_key, manifest.statement(end.manifest), end.signature):
            raise Refused("bundle.forged")
        if manifest.id != self._envelope.id:
            raise Refused("bundle.damaged", problem="id")
        for record in self.records():
            if record.kind is RecordKind.PUSH:
                open_push(replica, record.value(Push))
            elif record.size:
                record.skip()
            else:
                raise Refused("bundle.damaged", problem="size")
        return replica, manifest

    def records(self) -> Iterator[Record]:
        """Yield the records."""
        return (record for record in self._walk() if isinstance(record, Record))

    def _walk(self) -> Iterator[Record | Signed]:
        self._file.seek(self._start)
        return walked(SealedReader(self._file, self._head, self._secret), *_CONTENTS)

    def _writer(self, manifest: BundleManifest) -> ReplicaRow:
        with self._centre.engine.connect() as connection:
            replica = registry.replica_by_id(connection, manifest.replica)
        if replica is None:
            raise Refused("bundle.unknown-desk")
        if replica.revoked_at is not None:
            raise Refused("sync.replica-revoked", replica.id)
        return replica


def _require_for(centre: Centre, envelope: Envelope) -> None:
    if envelope.kind != "bundle":
        raise wrong_kind(envelope.kind, "bundle")
    if envelope.reader != reader_name(centre.key.reader_public):
        raise Refused("bundle.other-centre")


def _pushed(centre: Centre, replica: ReplicaRow, push: Push) -> list[Settled]:
    try:
        opened = open_push(replica, push)
        return take_in(centre.ledger, replica.id, opened, push.signature, centre.now()).outcomes
    except Refused as refused:
        if refused.code != "sync.gap":
            raise
        raise Refused("bundle.gap", refused.where) from refused


def _kept(centre: Centre, owner: str, record: Record) -> bool:
    """Put an attachment where a round would put it; pieces that arrived over the network are not written again.

    One that is not taken stays with the desk and does not hold up the others, as in a round.
    """
    if centre.blobs.size(record.sha256) is not None:
        record.skip()
        return True
    have = centre.blobs.received(record.sha256, owner)
    offset = 0
    for piece in record.pieces():
        fresh = piece[max(have - offset, 0) :]
        if fresh:
            centre.blobs.add(record.sha256, owner, offset + len(piece) - len(fresh), fresh)
        offset += len(piece)
    try:
        centre.blobs.finish(record.sha256, owner)
    except Refused:
        return False  # what had arrived before was not the beginning of it; the next bundle brings it whole
    return True


class _Answering:
    """The answer to one bundle."""

    def __init__(self, centre: Centre, replica: ReplicaRow, manifest: BundleManifest, out: BinaryIO) -> None:
        self._centre = centre
        self._replica = replica
        self._asked = manifest
        envelope = envelope_for(manifest.answer_key, "answer", manifest.id)
        self._out = RecordWriter(SealedWriter(out, envelope, manifest.answer_key))

    def write(self, outcomes: list[Settled], blobs: list[Digest]) -> None:
        """Write outcomes, then what the first part of a bundle asks for, and sign it all."""
        asked, pages = self._asked, self._pages()
        first, rewound = next(pages, None), False
        if asked.cursor is not None:
            rewound = first is None
        answer = Answer(
            outcomes=outcomes,
            blobs=blobs,
            start=asked.cursor if first is not None else None,
            rewound=rewound,
        )
        if asked.lease is not None:
            answer = self._supplied(answer)
        self._out.pack(RecordKind.ANSWER, answer)
        if first is not None:
            self._out.pack(RecordKind.FEED, first)
            for page in pages:
                self._out.pack(RecordKind.FEED, page)
        if answer.index is not None:
            self._add_files(answer.index.digests)
        self._sign()

    def _supplied(self, answer: Answer) -> Answer:
        centre, asked = self._centre, self._asked
        assert asked.lease is not None
        return msgspec.structs.replace(
            answer,
            grants=people.grants(centre, self._replica),
            leases=leasing.refill(centre, self._replica, asked.lease),
            held=asked.held,
            index=library.index(centre.engine, centre.key, centre.row.training),
        )

    def _pages(self) -> Iterator[FeedPage]:
        """Yield the news after the desk's cursor; nothing when the centre does not know it."""
        cursor, size = self._asked.cursor, 0
        while cursor is not None and size <= ANSWER_FEED_BYTES:
            try:
                page = feed.page(
                    self._centre.ledger, self._centre.key, cursor, FEED_LIMIT, self._centre.now()
                )
            except Refused as refused:
                if refused.code != "sync.rewound":
                    raise
                return
            yield page
            size += sum(len(entry.header) + len(entry.body or b"") for entry in page.items)
            end = page.checkpoint
            reached = Cursor(epoch=end.epoch, position=end.position, hash=end.hash)
            cursor = None if reached == cursor or end.position >= page.head else reached

    def _add_files(self, digests: dict[str, Digest]) -> None:
        centre = self._centre
        for kind, digest in digests.items():
            if self._asked.held.get(kind) != digest:
                raw = library.files(centre.engine, centre.key, centre.row.training, kind, digest)
                files = msgspec.msgpack.decode(raw, type=dict[str, bytes])
                self._out.pack(RecordKind.FILES, Files(kind=kind, digest=digest, files=files))

    def _sign(self) -> None:
        manifest = AnswerManifest(
            id=self._asked.id,
            replica=self._asked.replica,
            part=self._asked.part,
            epoch=self._asked.epoch,
            now=self._centre.now(),
            records=self._out.records,
            content=self._out.content,
        )
        raw = msgspec.msgpack.encode(manifest)
        self._out.sign(raw, self._centre.key.sign(manifest.statement(raw)))
