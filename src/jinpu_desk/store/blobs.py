"""Attachments by content, encrypted at rest under a key of their own (DESIGN §6).

A file is ``JPB1``, a random nonce prefix of 7 bytes, then chunks of AES-256-GCM. A chunk's nonce is the prefix, its
number and whether it is the last, so chunks cannot be swapped, dropped or cut off (the STREAM construction,
Hoang et al. 2015). The name of a file is keyed, so a listing does not tell which known documents are held.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import Digest

from .atomic import disk_faults, make_folder, sync_folder, write_file
from .sealing import derive

MAGIC = b"JPB1"
PREFIX_BYTES = 7
TAG_BYTES = 16
CHUNK = 1 << 20


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
            if not path.parent.exists():
                make_folder(path.parent)
                with disk_faults(path.parent.name):
                    sync_folder(self._folder)
            write_file(path, b"".join(self._encrypted(sha256, data)))
        return sha256

    def get(self, sha256: Digest) -> bytes:
        """Return the plain bytes.

        Raises:
            Unavailable: ``blob.missing`` when they are not here (yet), ``blob.damaged`` when they are not those.
        """
        try:
            raw = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise Unavailable("blob.missing", sha256) from error
        except OSError as error:
            raise Unavailable("blob.damaged", sha256) from error
        try:
            data = b"".join(self._decrypted(sha256, raw))
        except (InvalidTag, ValueError) as error:
            raise Unavailable("blob.damaged", sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Unavailable("blob.damaged", sha256)
        return data

    def has(self, sha256: Digest) -> bool:
        """Whether the bytes are here."""
        return self._path(sha256).exists()

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

    def _decrypted(self, sha256: Digest, raw: bytes) -> Iterator[bytes]:
        if raw[: len(MAGIC)] != MAGIC:
            raise ValueError("magic")
        cipher = self._cipher(sha256)
        start = len(MAGIC) + PREFIX_BYTES
        prefix = raw[len(MAGIC) : start]
        size = CHUNK + TAG_BYTES
        count = max(1, -(-(len(raw) - start) // size))
        for number in range(count):
            sealed = raw[start + number * size : start + (number + 1) * size]
            yield cipher.decrypt(_nonce(prefix, number, number == count - 1), sealed, None)


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
