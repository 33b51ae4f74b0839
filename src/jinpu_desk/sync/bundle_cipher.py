"""Files that leave the house on a stick: encrypted in pieces, so that gigabytes need no memory.

A file is ``JPSTICK1``, the length of its envelope, the envelope (readable: what kind of file it is and for whom), then
pieces of AES-256-GCM. A piece's nonce is its number and whether it is the last, so that pieces cannot be swapped,
dropped or cut off (the STREAM construction, Hoang et al. 2015). The key is derived from the file's secret and from the
whole envelope (HKDF-SHA256, RFC 5869), which holds a random salt: no two files share a key, and no byte of the envelope
can be exchanged. For a reader with a key pair the secret is sealed by HPKE (RFC 9180, X25519, AES-256-GCM).
"""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jinpu_desk.domain.errors import Refused

MAGIC = b"JPSTICK1"
VERSION = 1
PIECE = 1 << 20
TAG_BYTES = 16
SECRET_BYTES = 32
_ENVELOPE_LIMIT = 64 * 1024
_LENGTH_BYTES = 4
_NAME_BYTES = 16
_INFO = b"jinpu-stick-v1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

Kind = Literal["bundle", "answer", "backup"]
_KINDS = {"bundle": "终端上报的文件", "answer": "中心的回执", "backup": "本机备份"}


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be read of a file without a key. ``reader`` names the key that opens it and tells nothing else."""

    kind: Kind
    id: str  # of the bundle that is carried or answered
    reader: bytes
    salt: bytes
    sealed: bytes = b""  # the secret, for a reader with a key pair
    notes: bytes = b""  # what a reader needs before it has the key
    version: int = VERSION


def wrong_kind(kind: Kind, wanted: Kind) -> Refused:
    """Return the refusal ``bundle.kind`` of a file of another kind than the wanted one."""
    return Refused("bundle.kind", kind=_KINDS[kind], wanted=_KINDS[wanted])


def envelope_to(public_key: bytes, kind: Kind, file_id: str, notes: bytes = b"") -> tuple[Envelope, bytes]:
    """Return the envelope of a file for the holder of a raw X25519 key, and the file's secret."""
    secret = os.urandom(SECRET_BYTES)
    sealed = _SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public_key), _INFO)
    made = envelope_for(public_key, kind, file_id, notes)
    return msgspec.structs.replace(made, sealed=sealed), secret


def envelope_for(secret: bytes, kind: Kind, file_id: str, notes: bytes = b"") -> Envelope:
    """Return the envelope of a file for whoever holds ``secret``."""
    return Envelope(
        kind=kind, id=file_id, reader=reader_name(secret), salt=os.urandom(SECRET_BYTES), notes=notes
    )


def opened_by(private_key: bytes, envelope: Envelope) -> bytes:
    """Return the secret that was sealed to this raw X25519 key. Raises Refused ``bundle.damaged``."""
    try:
        return _SUITE.decrypt(envelope.sealed, X25519PrivateKey.from_private_bytes(private_key), _INFO)
    except (InvalidTag, ValueError) as error:
        raise Refused("bundle.damaged", problem="key") from error


def reader_name(key: bytes) -> bytes:
    """Return by which name an envelope calls a key; the name does not tell the key."""
    return hashlib.sha256(b"jinpu-stick-reader-v1\n" + key).digest()[:_NAME_BYTES]


class SealedWriter:
    """Writes one file. ``size`` is what is on the disk so far, pieces under way included."""

    def __init__(self, file: BinaryIO, envelope: Envelope, secret: bytes) -> None:
        """Write the envelope."""
        head = msgspec.msgpack.encode(envelope)
        self._file = file
        self._cipher = _cipher(head, secret)
        self._waiting = bytearray()
        self._number = 0
        self._sealed = file.write(MAGIC + len(head).to_bytes(_LENGTH_BYTES, "big") + head)

    @property
    def size(self) -> int:
        """Return how large the file would be if it were finished now."""
        return self._sealed + len(self._waiting) + TAG_BYTES

    def write(self, data: bytes) -> None:
        """Append plain bytes."""
        self._waiting += data
        while len(self._waiting) > PIECE:  # the last piece is never empty unless the file is
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """Write the last piece; what follows would not be read."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._sealed += self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, None))
        self._number += 1


def read_envelope(file: BinaryIO) -> tuple[Envelope, bytes]:
    """Return the envelope of a file, and its bytes.

    Raises:
        Refused: ``bundle.not-ours`` when it is no such file, ``bundle.newer`` for one of a newer program,
            ``bundle.damaged``.
    """
    start = file.read(len(MAGIC) + _LENGTH_BYTES)
    if start[: len(MAGIC)] != MAGIC:
        raise Refused("bundle.not-ours")
    length = int.from_bytes(start[len(MAGIC) :], "big")
    head = file.read(length) if length <= _ENVELOPE_LIMIT else b""
    if not head or len(head) != length:
        raise Refused("bundle.damaged", problem="envelope")
    try:
        version = msgspec.msgpack.decode(head, type=_Versioned).version
        if version > VERSION:
            raise Refused("bundle.newer", version=version, known=VERSION)
        return msgspec.msgpack.decode(head, type=Envelope), head
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("bundle.damaged", problem="envelope") from error


class _Versioned(msgspec.Struct, frozen=True):
    version: int = 0


class SealedReader:
    """Reads the plain bytes of a file, none of which is given out before it is known to be genuine."""

    def __init__(self, file: BinaryIO, head: bytes, secret: bytes) -> None:
        """Read ``file`` from where its envelope ended; ``head`` is the envelope's bytes."""
        self._file = file
        self._cipher = _cipher(head, secret)
        self._plain = bytearray()
        self._number = 0
        self._next = file.read(PIECE + TAG_BYTES)
        self._over = False

    def read(self, size: int) -> bytes:
        """Return exactly ``size`` bytes. Raises Refused ``bundle.damaged`` when there are fewer, or others."""
        while len(self._plain) < size:
            self._open()
        found = bytes(self._plain[:size])
        del self._plain[:size]
        return found

    def at_end(self) -> bool:
        """Tell whether every byte was read. Raises Refused ``bundle.damaged``."""
        while not self._plain and not self._over:
            self._open()
        return not self._plain

    def _open(self) -> None:
        if self._over:
            raise Refused("bundle.damaged", problem="length")
        sealed, self._next = self._next, self._file.read(PIECE + TAG_BYTES)
        self._over = not self._next
        try:
            self._plain += self._cipher.decrypt(_nonce(self._number, last=self._over), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise Refused("bundle.damaged", problem="piece") from error
        self._number += 1


def _cipher(head: bytes, secret: bytes) -> AESGCM:
    digest = hashlib.sha256(head).digest()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=digest, info=_INFO).derive(secret))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
