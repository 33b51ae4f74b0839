"""Attachments at the centre, by content, over any ``Objects`` (DESIGN §4).

A complete blob is the object ``ab/abcd…`` named by its SHA-256. What is under way is kept piece by piece, as
``incoming/OWNER/SHA256/OFFSET``; the pieces that follow each other from offset 0 are what has arrived. All state is
in the store, so any process may take any piece, and one that is killed leaves nothing half-done: a piece is there or
not, and a blob takes its name only when its whole hash is right.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.sync.wire import CHUNK

from .objects import FolderObjects, Held, Objects, open_objects

LARGEST = 512 * 1024 * 1024
"""Largest attachment."""
UNFINISHED = 2 * LARGEST
"""Most that one sender may have under way."""
KEPT = timedelta(days=7)
"""How long an unfinished attachment waits for its next piece."""
_SWEEP_EVERY = timedelta(days=1)
_LEAST = 64 * 1024
"""A piece counts as at least this much under way, so that nobody fills the store with tiny ones."""
_INCOMING = "incoming"
_SWEPT = f"{_INCOMING}/.swept"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """Keeps attachments. ``owner`` is who sends, so that two senders never mix their pieces.

    Every method may raise Unavailable ``blob.store``.
    """

    def __init__(self, objects: Objects) -> None:
        """Keep blobs in ``objects``."""
        self._objects = objects

    def size(self, sha256: str) -> int | None:
        """Return the size of a complete blob, None when it is not here."""
        held = self._objects.held(_place(sha256))
        return None if held is None else held.size

    def received(self, sha256: str, owner: str) -> int:
        """Return how many bytes of an unfinished blob have arrived."""
        return _length(self._pieces(sha256, owner))

    def add(self, sha256: str, owner: str, offset: int, data: bytes) -> int:
        """Append a piece and return the new length, durable by then.

        Raises Refused ``blob.offset`` with the expected one, ``blob.too-large``, ``blob.quota``.
        """
        if len(data) > CHUNK or offset + len(data) > LARGEST:
            raise Refused("blob.too-large", "body", limit=CHUNK)
        if offset == 0:
            self._sweep_daily()
        under_way = list(self._objects.under(f"{_INCOMING}/{owner}"))
        upload = _upload(sha256, owner)
        have = _length(_row(held for held in under_way if held.key.startswith(upload)))
        if have == 0:
            have = self.size(sha256) or 0  # a piece that comes again late, after the whole, begins nothing
        if offset != have:
            raise Refused("blob.offset", "offset", offset=offset, expected=have)
        if sum(max(held.size, _LEAST) for held in under_way) + len(data) > UNFINISHED:
            raise Refused("blob.quota", "body", limit=UNFINISHED)
        if data:
            self._objects.write(f"{upload}{offset:012d}", [data])
        return have + len(data)

    def finish(self, sha256: str, owner: str) -> int:
        """Check the whole and give it its name; return its size, durable by then. Once is enough, twice no harm.

        Raises Refused ``blob.hash`` when what arrived is not what the name says; it is thrown away then.
        """
        wrong: Exception | None = None
        if self.size(sha256) is None:
            try:
                self._join(sha256, owner)
            except (FileNotFoundError, Refused) as error:
                wrong = error  # or another request of this sender finished it under our hands
        size = self.size(sha256)
        self._drop(sha256, owner)
        if size is None:
            raise Refused("blob.hash", "sha256") from wrong
        return size

    def read(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a complete blob, or its bytes ``start`` to ``end`` (exclusive), in pieces of about 1 MiB.

        Raises Unavailable ``blob.missing`` at once when it is not here.
        """
        try:
            if end is None:
                held = self._objects.held(_place(sha256))
                if held is None:
                    raise Unavailable("blob.missing", sha256)
                end = held.size
            return self._objects.read(_place(sha256), start, end)
        except FileNotFoundError as error:
            raise Unavailable("blob.missing", sha256) from error

    def complete(self) -> Iterator[tuple[str, int]]:
        """Yield (sha256, size) of every complete blob, in no order."""
        for held in self._objects.under(""):
            name = held.key.rpartition("/")[2]
            if held.key == _place(name) and _SHA256.fullmatch(name):
                yield name, held.size

    def damaged(self) -> Iterator[str]:
        """Yield the name of every complete blob whose bytes are not what its name says, or cannot be read."""
        for sha256, size in self.complete():
            whole = hashlib.sha256()
            try:
                for piece in self.read(sha256, 0, size):
                    whole.update(piece)
            except Unavailable:
                if self.size(sha256) is None:
                    continue  # it was taken away meanwhile
            if whole.hexdigest() != sha256:
                yield sha256

    def put(self, sha256: str, pieces: Iterable[bytes]) -> None:
        """Keep a blob that comes whole, as from a backup. Raises Refused ``blob.hash``."""
        self._objects.write(_place(sha256), _proved(sha256, pieces))

    def sweep(self, kept: timedelta = KEPT) -> int:
        """Throw away what was begun and got no piece for ``kept``; return how many objects went.

        Time is told by the store: a mark is written, and its age is nought.
        """
        self._objects.write(_SWEPT, [b""])
        mark = self._objects.held(_SWEPT)
        newest: dict[str, Held] = {}
        found: dict[str, list[str]] = {}
        for held in self._objects.under(_INCOMING):
            upload = held.key.rpartition("/")[0] if held.key.count("/") > 2 else held.key
            found.setdefault(upload, []).append(held.key)
            newest[upload] = max(newest.get(upload, held), held, key=lambda one: one.at)
        old = [] if mark is None else [up for up, held in newest.items() if mark.at - held.at > kept]
        gone = [key for upload in old for key in found[upload] if key != _SWEPT]
        if gone:
            self._objects.delete(gone)
        return len(gone)

    def _sweep_daily(self) -> None:
        """Sweep when nobody did for a day; whichever process sees it first."""
        mark = self._objects.held(_SWEPT)
        if mark is None:
            self._objects.write(_SWEPT, [b""])
        elif datetime.now(UTC) - mark.at > _SWEEP_EVERY:
            self.sweep()

    def _pieces(self, sha256: str, owner: str) -> list[Held]:
        return _row(self._objects.under(_upload(sha256, owner).rstrip("/")))

    def _join(self, sha256: str, owner: str) -> None:
        """Write the pieces as one blob. They are read twice: nothing that is wrong gets as far as being written."""
        row = self._pieces(sha256, owner)
        for _piece in _proved(sha256, self._bytes(row)):
            pass
        self._objects.write(_place(sha256), _proved(sha256, self._bytes(row)))

    def _bytes(self, row: list[Held]) -> Iterator[bytes]:
        for held in row:
            yield from self._objects.read(held.key, 0, held.size)

    def _drop(self, sha256: str, owner: str) -> None:
        keys = [held.key for held in self._objects.under(_upload(sha256, owner).rstrip("/"))]
        if keys:
            self._objects.delete(keys)


def in_folder(folder: Path) -> BlobStore:
    """Return the store in a folder."""
    return BlobStore(FolderObjects(folder))


def open_blobs(url: str, data: Path) -> BlobStore:
    """Return the store ``url`` names, as ``open_objects`` does; empty for ``DATA/blobs``."""
    return BlobStore(open_objects(url, data / "blobs"))


def checked_digest(text: str) -> str:
    """Return ``text`` if it is a SHA-256 in lower-case hex. Raises Refused ``blob.name``."""
    if not _SHA256.fullmatch(text):
        raise Refused("blob.name", "sha256")
    return text


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _upload(sha256: str, owner: str) -> str:
    return f"{_INCOMING}/{owner}/{sha256}/"


def _row(held: Iterable[Held]) -> list[Held]:
    """Return the pieces that follow each other from offset 0; one out of line is left over from a lost answer."""
    pieces = {int(one.key.rpartition("/")[2]): one for one in held}
    row: list[Held] = []
    length = 0
    while (piece := pieces.get(length)) is not None:
        row.append(piece)
        length += piece.size
    return row


def _length(row: list[Held]) -> int:
    return sum(held.size for held in row)


def _proved(sha256: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces; raise Refused ``blob.hash`` before the end when they are not what the name says."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
        yield piece
    if whole.hexdigest() != sha256:
        raise Refused("blob.hash", "sha256")
