"""Real Ed25519 without doing the same work twice.

What a key of this process signed is known to verify; anything else is verified. A history spends a third of its time
on signatures otherwise, and forged ones are not what it is about.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jinpu_desk.domain.ids import ReplicaId
from jinpu_desk.server.keys import CentreKey

_LIMIT = 4096
_made: dict[tuple[bytes, bytes], bytes] = {}


def sign(key: Ed25519PrivateKey, public: bytes, message: bytes) -> bytes:
    """Return the signature of ``message`` (RFC 8032: always the same one)."""
    made = _made.get((public, message))
    if made is None:
        if len(_made) >= _LIMIT:
            _made.clear()
        made = _made[public, message] = key.sign(message)
    return made


class SwiftPublicKey:
    """Stands for ``Ed25519PublicKey`` where the production code verifies."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @classmethod
    def from_public_bytes(cls, raw: bytes) -> SwiftPublicKey:
        """Take a raw key."""
        return cls(raw)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raises InvalidSignature as the real one does."""
        if _made.get((self._raw, message)) != signature:
            Ed25519PublicKey.from_public_bytes(self._raw).verify(signature, message)


class SwiftCentreKey(CentreKey):
    """The centre's key, with its public half at hand."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._public = super().public

    @property
    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return sign(self._key, self._public, message)


class SwiftSigning:
    """Implements ``Signing`` for a desk."""

    def __init__(self, replica: ReplicaId, key: Ed25519PrivateKey, public: bytes, certificate: bytes) -> None:
        self.replica = replica
        self.certificate = certificate
        self._key = key
        self._public = public

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``."""
        return sign(self._key, self._public, message)
