"""The desk's side of a USB stick: writes its outbox as files for the centre, and takes the answer in (DESIGN §4).

A bundle is what a round with the centre would have sent, and its answer what the round would have brought; both may
come before, after or twice beside rounds over the network. The answer's key is derived from a secret of this desk and
the bundle's random id (HKDF), so nothing need be remembered and no other desk can read it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jinpu_desk.app.ports import Blobs, Clock, ReferenceShelf, Signing
from jinpu_desk.app.ports.sync import SyncStore
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.events import Event, Head, header_hash
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.instants import millis

from .attachments import whole
from .bundle_cipher import Envelope, Kind, SealedWriter, envelope_to, read_envelope, wrong_kind
from .bundle_files import Drafts
from .bundle_format import BundleManifest, RecordKind, RecordWriter, packed
from .session import batches
from .supplies import leases_of
from .wire import Push, start_of, to_wire

PART_LIMIT = 4 * 1024**3 - 1024**2
"""Largest file of a bundle: FAT32 holds none of 4 GiB."""
_SLACK = 64 * 1024
"""Room for the manifest at the end of a part."""
_ALL = 10_000_000

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes there are, about once a MiB."""


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written; ``id`` is that of the bundle, ``missing`` counts attachments that could not be read."""

    id: str
    events: int
    blobs: int
    bytes: int
    files: list[str]
    missing: int


class Outgoing:
    """Writes bundles."""

    def __init__(
        self,
        *,
        reader: bytes,
        epoch: str,
        secret: bytes,
        store: SyncStore,
        blobs: Blobs,
        shelf: ReferenceShelf,
        signing: Signing,
        clock: Clock,
        limit: int = PART_LIMIT,
    ) -> None:
        """``reader`` is the centre's raw X25519 key, ``secret`` what answer keys are derived from."""
        self._reader = reader
        self._epoch = epoch
        self._secret = secret
        self._store = store
        self._blobs = blobs
        self._shelf = shelf
        self._signing = signing
        self._clock = clock
        self._limit = limit

    def export(self, target: Path, progress: Progress = lambda _done, _all: None) -> Exported:
        """Write everything the centre does not have yet to ``target``, and what asks for its news.

        Past the limit there are further files beside it (``name-2.ext`` …), each a bundle that stands alone; they are
        taken in in this order. Files appear only when all of them are whole and on the disk.

        Raises:
            Unavailable: ``bundle.no-key`` before the desk knows the centre's key, ``bundle.unwritable``.
        """
        if not self._reader:
            raise Unavailable("bundle.no-key")
        bundle = secrets.token_hex(16)
        events = self._store.outbox(_ALL)[1]
        waiting = list(self._store.blobs_to_send())
        total = sum(len(event.body or b"") for event in events) + sum(size for _sha256, size in waiting)
        with Drafts(target) as drafts:
            parts = _Parts(self, bundle, drafts, lambda done: progress(done, total))
            for batch in batches(events):
                parts.add(RecordKind.PUSH, packed(self._push(batch)))
            sent, missing = self._add_blobs(parts, waiting)
            parts.close()
            sizes = drafts.keep()
        return Exported(
            id=bundle,
            events=len(events),
            blobs=sent,
            bytes=sum(sizes.values()),
            files=[str(path) for path in sizes],
            missing=missing,
        )

    def _add_blobs(self, parts: _Parts, waiting: Sequence[tuple[Digest, int]]) -> tuple[int, int]:
        sent = missing = 0
        for sha256, _size in waiting:
            try:
                data = whole(sha256, self._store, self._blobs)
            except Unavailable:
                missing += 1  # it stays behind, as in a round, and holds nothing up
                continue
            parts.add(RecordKind.BLOB, data)
            sent += 1
        return sent, missing

    def _push(self, batch: Sequence[Event]) -> Push:
        last = batch[-1].header
        head = Head(replica=last.replica, seq=last.seq, hash=header_hash(last))
        events = [to_wire(event) for event in batch]
        return Push(events=events, head=head, signature=self._signing.sign(head.statement()))

    def begin(self, bundle: str, file: BinaryIO) -> RecordWriter:
        """Begin a part."""
        envelope, secret = envelope_to(self._reader, "bundle", bundle)
        return RecordWriter(SealedWriter(file, envelope, secret))

    def end(self, bundle: str, part: int, written: RecordWriter) -> None:
        """Sign a part and finish it; only the first asks for anything."""
        first = part == 1
        reached = self._store.cursor() or start_of(self._epoch)
        manifest = BundleManifest(
            id=bundle,
            replica=self._signing.replica,
            part=part,
            epoch=reached.epoch,
            cursor=reached if first else None,
            lease=leases_of(self._store) if first else None,
            held=self._shelf.held() if first else {},
            answer_key=answer_key(self._secret, bundle),
            made_at=millis(self._clock.now()),
            records=written.records,
            content=written.content,
        )
        raw = msgspec.msgpack.encode(manifest)
        written.sign(raw, self._signing.sign(manifest.statement(raw)))

    def fits(self, written: RecordWriter, size: int) -> bool:
        """Tell whether a record still goes into a part; the first always does."""
        return not written.records or written.out.size + size + _SLACK <= self._limit


class _Parts:
    """The files of one bundle, the last of them open."""

    def __init__(
        self, outgoing: Outgoing, bundle: str, drafts: Drafts, progress: Callable[[int], None]
    ) -> None:
        self._outgoing = outgoing
        self._bundle = bundle
        self._drafts = drafts
        self._progress = progress
        self._number = 1
        self._done = 0
        self._written = outgoing.begin(bundle, drafts.open())

    def add(self, kind: RecordKind, data: bytes) -> None:
        if not self._outgoing.fits(self._written, len(data)):
            self.close()
            self._number += 1
            self._written = self._outgoing.begin(self._bundle, self._drafts.open())
        self._written.add(kind, data)
        self._done += len(data)
        self._progress(self._done)

    def close(self) -> None:
        self._outgoing.end(self._bundle, self._number, self._written)


def answer_key(secret: bytes, bundle: str) -> bytes:
    """Return the key that answers to a bundle are sealed with."""
    info = b"jinpu-bundle-answer-v1\n" + bundle.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def answer_path(bundle: Path) -> Path:
    """Return where the answer to a bundle lies: beside it, under its name."""
    return bundle.with_name(f"{bundle.stem}-回执{bundle.suffix}")


def kind_of(file: BinaryIO) -> Envelope:
    """Return the envelope at the beginning of a file, which is read again from there.

    Raises Refused ``bundle.not-ours``, ``bundle.newer``, ``bundle.damaged``.
    """
    envelope, _head = read_envelope(file)
    file.seek(0, os.SEEK_SET)
    return envelope


def reading(path: Path) -> BinaryIO:
    """Open a file somebody brought. Raises Unavailable ``cli.unreadable``."""
    try:
        return path.open("rb")
    except OSError as error:
        raise Unavailable("cli.unreadable", path.name) from error


def refuse_kind(envelope: Envelope, wanted: Kind) -> None:
    """Refuse a file that is another kind of file. Raises Refused ``bundle.kind``."""
    if envelope.kind != wanted:
        raise wrong_kind(envelope.kind, wanted)
