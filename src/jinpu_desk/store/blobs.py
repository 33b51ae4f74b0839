"""Attachments by content, encrypted at rest under a key of their own (DESIGN §6).

A file is ``JPB1``, a random nonce prefix of 7 bytes, then chunks of AES-256-GCM. A chunk's nonce is the prefix, its
number and whether it is the last, so chunks cannot be swapped, dropped or cut off (the STREAM construction,
Hoang et al. 2015). The name of a file is keyed, so a listing does not tell which known documents are held.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import Digest

from .atomic import PRIVATE_FILE, disk_faults, make_folder, sync_folder, write_file
from .sealing import derive

MAGIC = b"JPB1"
PREFIX_BYTES = 7
TAG_BYTES = 16
CHUNK = 1 << 20
_PART = ".part"


class FileBlobs:
    """Implements ``Blobs`` in a folder."""

    def __init__(self, folder: Path, data_key: bytes) -> None:
        self._folder = make_folder(folder)
        self._key = derive(data_key, "jinpu-blobs-v1")
        self._names = derive(data_key, "jinpu-blob-names-v1")

    def put(self, data: bytes) -> Digest:
        """Keep ``data`` durably and return its SHA-256; what is here already is not written again.

        Raises:
            Unavailable: ``store.disk-full`` or ``store.io``; nothing half-written stays.
        """
        sha256 = Digest(hashlib.sha256(data).hexdigest())
        path = self._path(sha256)
        if not path.exists():
            self._make_parent(path)
            write_file(path, b"".join(self._encrypted(sha256, data)), drafts=self._folder)
        return sha256

    def get(self, sha256: Digest) -> bytes:
        """Return the plain bytes.

        Raises:
            Unavailable: ``blob.missing`` when they are not here (yet), ``blob.damaged`` when they are not those.
        """
        whole = hashlib.sha256()
        data = bytearray()
        for piece in self.pieces(sha256):
            whole.update(piece)
            data += piece
        if whole.hexdigest() != sha256:
            raise Unavailable("blob.damaged", sha256)
        return bytes(data)

    def pieces(self, sha256: Digest) -> Iterator[bytes]:
        """Yield the plain bytes by at most 1 MiB; the hash of the whole is not checked. Raises as ``get``."""
        size = self.size(sha256)
        for start in range(0, size, CHUNK):
            yield self.read(sha256, start, start + CHUNK)

    def size(self, sha256: Digest) -> int:
        """Return how many plain bytes there are. Raises Unavailable ``blob.missing``."""
        with _readable(sha256):
            return _plain_size(self._path(sha256).stat().st_size)

    def read(self, sha256: Digest, start: int, end: int) -> bytes:
        """Return plain bytes ``start`` to ``end`` (exclusive, or the last), decrypting no chunk besides theirs.

        A chunk is authentic in its place of its blob, or it is refused. Raises as ``get``.
        """
        with _readable(sha256), self._path(sha256).open("rb") as file:
            last = max(_chunks(os.fstat(file.fileno()).st_size) - 1, 0)
            prefix = _read_prefix(file)
            cipher = self._cipher(sha256)
            first = min(start // CHUNK, last)
            plain = bytearray()
            for number in range(first, min((max(end, 1) - 1) // CHUNK, last) + 1):
                file.seek(_place(number))
                sealed = file.read(CHUNK + TAG_BYTES)
                plain += cipher.decrypt(_nonce(prefix, number, number == last), sealed, None)
        return bytes(plain[start - first * CHUNK : end - first * CHUNK])

    def receive(self, sha256: Digest, source: Callable[[int], Iterator[bytes]]) -> None:
        """Keep what ``source(offset)`` yields from that offset on; a transfer that broke off goes on where it was.

        Raises:
            Unavailable: ``blob.damaged`` when the whole is not what its name says (it is thrown away then),
                ``store.disk-full``, ``store.io``, and whatever ``source`` raises: what came until then stays.
        """
        path = self._path(sha256)
        if path.exists():
            return
        self._make_parent(path)
        draft = path.with_name(f"{path.name}{_PART}")
        with disk_faults(path.name), draft.open("r+b" if draft.exists() else "w+b") as file:
            draft.chmod(PRIVATE_FILE)
            growing = _Growing(file, self._cipher(sha256))
            for piece in source(growing.offset):
                growing.add(piece)
            whole = growing.seal()
            file.flush()
            os.fsync(file.fileno())
        if whole != sha256:
            draft.unlink()
            raise Unavailable("blob.damaged", sha256)
        with disk_faults(path.name):
            draft.replace(path)
            sync_folder(path.parent)

    def has(self, sha256: Digest) -> bool:
        """Whether the bytes are here."""
        return self._path(sha256).exists()

    def remove(self, sha256: Digest) -> None:
        """Erase the bytes here; nothing happens when they are not. Raises Unavailable ``store.io``."""
        path = self._path(sha256)
        with disk_faults(path.name):
            path.unlink(missing_ok=True)
            if path.parent.exists():
                sync_folder(path.parent)

    def _make_parent(self, path: Path) -> None:
        if not path.parent.exists():
            make_folder(path.parent)
            with disk_faults(path.parent.name):
                sync_folder(self._folder)

    def _path(self, sha256: Digest) -> Path:
        name = hmac.digest(self._names, sha256.encode(), "sha256").hex()
        return self._folder / name[:2] / name[2:]

    def _cipher(self, sha256: Digest) -> AESGCM:
        return AESGCM(derive(self._key, "file", bytes.fromhex(sha256)))

    def _encrypted(self, sha256: Digest, data: bytes) -> Iterator[bytes]:
        cipher = self._cipher(sha256)
        prefix = os.urandom(PREFIX_BYTES)
        yield MAGIC + prefix
        count = max(1, -(-len(data) // CHUNK))
        for number in range(count):
            plain = data[number * CHUNK : (number + 1) * CHUNK]
            yield cipher.encrypt(_nonce(prefix, number, number == count - 1), plain, None)


class _Growing:
    """A file that chunks are added to. What follows is known only at the end, and the last chunk is sealed as the
    last, so up to one chunk is held back; what the file holds whole is kept when the transfer breaks off."""

    def __init__(self, file: BinaryIO, cipher: AESGCM) -> None:
        """Go on with ``file`` where its whole and authentic chunks end; an empty one is begun."""
        self._file = file
        self._cipher = cipher
        self._whole = hashlib.sha256()
        self._held = bytearray()
        self._number = 0
        try:
            file.seek(0)
            self._prefix = _read_prefix(file)
            self._reread()
        except (InvalidTag, ValueError):
            self._prefix = os.urandom(PREFIX_BYTES)
            self._whole, self._number = hashlib.sha256(), 0
            file.seek(0)
            file.write(MAGIC + self._prefix)
        file.seek(_place(self._number))
        file.truncate()

    @property
    def offset(self) -> int:
        """How many plain bytes are here."""
        return self._number * CHUNK + len(self._held)

    def add(self, piece: bytes) -> None:
        self._held += piece
        while len(self._held) > CHUNK:
            self._write(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]

    def seal(self) -> str:
        """Write what is held back as the last chunk; return the hash of the whole."""
        self._write(bytes(self._held), last=True)
        return self._whole.hexdigest()

    def _write(self, plain: bytes, *, last: bool) -> None:
        self._whole.update(plain)
        self._file.write(self._cipher.encrypt(_nonce(self._prefix, self._number, last), plain, None))
        self._number += 1

    def _reread(self) -> None:
        """Walk the chunks. A torn one is no beginning: its nonce must never seal other bytes than it did."""
        while sealed := self._file.read(CHUNK + TAG_BYTES):
            if len(sealed) != CHUNK + TAG_BYTES:
                raise ValueError("torn")
            self._whole.update(self._cipher.decrypt(_nonce(self._prefix, self._number, False), sealed, None))
            self._number += 1


@contextmanager
def _readable(sha256: Digest) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unavailable("blob.missing", sha256) from error
    except (OSError, InvalidTag, ValueError) as error:
        raise Unavailable("blob.damaged", sha256) from error


def _read_prefix(file: BinaryIO) -> bytes:
    head = file.read(len(MAGIC) + PREFIX_BYTES)
    if len(head) != len(MAGIC) + PREFIX_BYTES or not head.startswith(MAGIC):
        raise ValueError("magic")
    return head[len(MAGIC) :]


def _place(number: int) -> int:
    """Return where a sealed chunk begins in its file."""
    return len(MAGIC) + PREFIX_BYTES + number * (CHUNK + TAG_BYTES)


def _chunks(file_size: int) -> int:
    return -(-(file_size - _place(0)) // (CHUNK + TAG_BYTES))


def _plain_size(file_size: int) -> int:
    return max(file_size - _place(0) - _chunks(file_size) * TAG_BYTES, 0)


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
