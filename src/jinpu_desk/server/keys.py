"""The centre's Ed25519 key: signs grants, checkpoints and reference data, and yields the escrow secrets."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jinpu_desk.domain.errors import Unavailable

FILE = "centre.key"
SEED_BYTES = 32
"""An Ed25519 private key is any 32 random bytes (RFC 8032 §5.1.5)."""


class CentreKey:
    """The key, held in memory while the centre runs."""

    def __init__(self, seed: bytes) -> None:
        """Take the key from its 32-byte seed."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed

    @classmethod
    def create(cls, data: Path) -> CentreKey:
        """Make a key and keep it in ``data``, readable by the owner alone; one that is there is kept."""
        if not (data / FILE).exists():
            cls(os.urandom(SEED_BYTES)).keep(data)
        return cls.load(data)

    def keep(self, data: Path) -> None:
        """Put the key into ``data``, readable by the owner alone, and down to the disk. None may be there."""
        path = data / FILE
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(self._seed)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def load(cls, data: Path) -> CentreKey:
        """Read the key of ``data``. Raises Unavailable ``server.not-initialised`` when there is none."""
        try:
            return cls((data / FILE).read_bytes())
        except FileNotFoundError as error:
            raise Unavailable("server.not-initialised", path=str(data)) from error

    @property
    def seed(self) -> bytes:
        """The 32 bytes the key is made of: what a backup keeps and nothing else may."""
        return self._seed

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of ``message``."""
        return self._key.sign(message)

    def escrow(self, replica_id: str) -> bytes:
        """Return the 32-byte escrow secret of a replica.

        It is derived (HKDF-SHA-256, RFC 5869), not stored, so that a copy of the database opens no desk.
        """
        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"jinpu-escrow-v1\n" + replica_id.encode())
        return derive.derive(self._seed)

    def bearer(self, replica_id: str) -> str:
        """Return the token of a replica that did not come by an enrolment code.

        It is derived (HKDF-SHA-256, RFC 5869): a request that comes twice, or late, gets the same one again, and
        none in use stops being good.
        """
        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"jinpu-bearer-v1\n" + replica_id.encode())
        return derive.derive(self._seed).hex()

    def snapshot(self, snapshot_id: str) -> bytes:
        """Return the 32-byte key of a snapshot for new windows.

        It is derived (HKDF-SHA-256, RFC 5869), not stored, so that a copy of the file opens nowhere.
        """
        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"jinpu-snapshot-v1\n" + snapshot_id.encode())
        return derive.derive(self._seed)

    def pen(self, replica_id: str) -> Ed25519PrivateKey:
        """Return the key with which the centre writes as the replica of that id.

        It is derived (HKDF-SHA-256, RFC 5869), so that whoever restores the centre's key can go on writing.
        """
        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"jinpu-pen-v1\n" + replica_id.encode())
        return Ed25519PrivateKey.from_private_bytes(derive.derive(self._seed))

    @property
    def reader(self) -> bytes:
        """The raw X25519 private key that bundles are sealed to; derived, as ``pen`` is."""
        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"jinpu-bundle-reader-v1")
        return derive.derive(self._seed)

    @property
    def reader_public(self) -> bytes:
        """The raw X25519 public key that desks seal bundles to, 32 bytes."""
        return X25519PrivateKey.from_private_bytes(self.reader).public_key().public_bytes_raw()


def signed_by(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether ``signature`` is that key's signature of ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
