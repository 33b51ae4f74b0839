"""The replica's Ed25519 key: sealed under the store's data key, in a file apart from the database (DESIGN §3)."""

from __future__ import annotations

from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import ReplicaId

from .atomic import write_file
from .sealing import BrokenSeal, Sealed, derive, seal, unseal

_PURPOSE = "jinpu-replica-key-v1"


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    replica: ReplicaId
    certificate: bytes
    sealed: Sealed


class ReplicaSigner:
    """Implements ``Signing`` with a key in memory."""

    def __init__(self, replica: ReplicaId, key: Ed25519PrivateKey, certificate: bytes) -> None:
        self._replica = replica
        self._key = key
        self._certificate = certificate

    @property
    def replica(self) -> ReplicaId:
        """Whose key it is."""
        return self._replica

    @property
    def certificate(self) -> bytes:
        """DER of the replica's X.509 certificate."""
        return self._certificate

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message`` (RFC 8032)."""
        return self._key.sign(message)


def save_signer(path: Path, data_key: bytes, replica: ReplicaId, key: bytes, certificate: bytes) -> None:
    """Seal the private ``key`` (PEM or DER, PKCS #8) with the DER ``certificate`` into ``path``.

    Raises:
        Unavailable: ``replica.key`` when it is no Ed25519 key or not the certificate's.
    """
    private = _loaded(key, path)
    if x509.load_der_x509_certificate(certificate).public_key() != private.public_key():
        raise Unavailable("replica.key", path.name)
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = seal(derive(data_key, _PURPOSE), plain, _bound(replica, certificate))
    kept = _KeyFile(replica=replica, certificate=certificate, sealed=sealed)
    write_file(path, msgspec.json.encode(kept))


def load_signer(path: Path, data_key: bytes) -> ReplicaSigner:
    """Return the signer kept in ``path``.

    Raises:
        Unavailable: ``replica.key`` when the file is absent, altered or sealed under another key.
    """
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_KeyFile)
        bound = _bound(kept.replica, kept.certificate)
        plain = unseal(derive(data_key, _PURPOSE), kept.sealed, bound)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, BrokenSeal) as error:
        raise Unavailable("replica.key", path.name) from error
    return ReplicaSigner(kept.replica, _loaded(plain, path), kept.certificate)


def _bound(replica: ReplicaId, certificate: bytes) -> bytes:
    return replica.encode() + b"\n" + certificate


def _loaded(key: bytes, path: Path) -> Ed25519PrivateKey:
    load = load_pem_private_key if key.lstrip().startswith(b"-----") else load_der_private_key
    try:
        private = load(key, None)
    except (ValueError, TypeError) as error:
        raise Unavailable("replica.key", path.name) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise Unavailable("replica.key", path.name)
    return private
