"""Signatures that cost next to nothing: a hash under the public key stands for Ed25519, which takes a sixth of a history.

A signature of another key or of another message does not verify, as with the real ones. Anybody could forge one, but
forgery is not what a history is about: the tests of each room meet it with real keys.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature

from jinpu_desk.domain.ids import ReplicaId
from jinpu_desk.server.keys import CentreKey


def sign(public: bytes, message: bytes) -> bytes:
    """Return what stands for the signature of ``message``; 64 bytes, as Ed25519's."""
    return hashlib.blake2b(message, key=public).digest()


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
        if not hmac.compare_digest(sign(self._raw, message), signature):
            raise InvalidSignature


class SwiftCentreKey(CentreKey):
    """The centre's key, with its public half at hand."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._public = super().public

    @property
    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return sign(self._public, message)


class SwiftSigning:
    """Implements ``Signing`` for a desk."""

    def __init__(self, replica: ReplicaId, public: bytes, certificate: bytes) -> None:
        self.replica = replica
        self.certificate = certificate
        self._public = public

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``."""
        return sign(self._public, message)
