"""Attachments at the centre, by content: one interface, a folder behind it (DESIGN §4).

A blob grows in ``incoming/SHA.REPLICA`` piece by piece; only when its whole hash is right does it take its place,
by rename. What is in its place is therefore always complete.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.sync.wire import CHUNK

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST = 512 * 1024 * 1024


class BlobStore(Protocol):
    """Keeps attachments. ``owner`` is the replica that sends, so that two senders never mix their pieces."""

    def size(self, sha256: str) -> int | None:
        """Return the size of a complete blob, None when it is not here."""
        ...

    def received(self, sha256: str, owner: str) -> int:
        """Return how many bytes of an unfinished blob have arrived."""
        ...

    def add(self, sha256: str, owner: str, offset: int, data: bytes) -> int:
        """Append a piece and return the new length. Raises Refused ``blob.offset``, ``blob.too-large``."""
        ...

    def finish(self, sha256: str, owner: str) -> int:
        """Check the whole and put it in its place; return its size. Raises Refused ``blob.hash``."""
        ...

    def read(self, sha256: str) -> bytes:
        """Return a complete blob. Raises Unavailable ``blob.missing``."""
        ...


def open_blobs(url: str, data: Path) -> BlobStore:
    """Return the store ``url`` names: a ``file://`` address, or empty for ``DATA/blobs``.

    Raises Refused ``server.blobs-url`` for any other address.
    """
    if not url:
        return DirectoryBlobs(data / "blobs")
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise Refused("server.blobs-url", "--blobs", url=url)
    return DirectoryBlobs(Path(unquote(parts.path)))


def checked_digest(text: str) -> str:
    """Return ``text`` if it is a SHA-256 in lower-case hex. Raises Refused ``blob.name``."""
    if not _SHA256.fullmatch(text):
        raise Refused("blob.name", "sha256")
    return text


class DirectoryBlobs:
    """Blobs in a folder, spread over 256 subfolders."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; it is made when the first blob comes."""
        self._folder = folder
        self._incoming = folder / "incoming"

    def size(self, sha256: str) -> int | None:
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def received(self, sha256: str, owner: str) -> int:
        try:
            return self._part(sha256, owner).stat().st_size
        except FileNotFoundError:
            return 0

    def add(self, sha256: str, owner: str, offset: int, data: bytes) -> int:
        if len(data) > CHUNK or offset + len(data) > _LARGEST:
            raise Refused("blob.too-large", "body", limit=CHUNK)
        have = self.received(sha256, owner)
        if offset != have:
            raise Refused("blob.offset", "offset", offset=offset, expected=have)
        self._incoming.mkdir(parents=True, exist_ok=True)
        with self._part(sha256, owner).open("ab") as file:
            file.write(data)
        return have + len(data)

    def finish(self, sha256: str, owner: str) -> int:
        if (size := self.size(sha256)) is not None:
            self._part(sha256, owner).unlink(missing_ok=True)
            return size
        part = self._part(sha256, owner)
        try:
            with part.open("rb+") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
        except FileNotFoundError as error:
            raise Refused("blob.hash", "sha256") from error
        if whole != sha256:
            part.unlink()
            raise Refused("blob.hash", "sha256")
        place = self._place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        part.replace(place)
        _sync_folder(place.parent)
        return place.stat().st_size

    def read(self, sha256: str) -> bytes:
        try:
            return self._place(sha256).read_bytes()
        except FileNotFoundError as error:
            raise Unavailable("blob.missing", sha256) from error

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _part(self, sha256: str, owner: str) -> Path:
        return self._incoming / f"{sha256}.{owner}"


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open a folder; NTFS journals the rename
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
