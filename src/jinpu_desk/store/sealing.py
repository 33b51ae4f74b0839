"""Sealing small secrets and deriving one key per purpose from the store's data key."""

from __future__ import annotations

import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12  # NIST SP 800-38D §8.2


class Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A secret under AES-256-GCM."""

    nonce: bytes
    data: bytes


class BrokenSeal(Exception):
    """The key is not the one that sealed this, or a byte of it was altered."""


def derive(key: bytes, purpose: str, salt: bytes | None = None) -> bytes:
    """Return a 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose.encode()).derive(key)


def seal(key: bytes, secret: bytes, bound_to: bytes) -> Sealed:
    """Seal ``secret``; it opens only together with ``bound_to``, which stays readable beside it."""
    nonce = os.urandom(NONCE_BYTES)
    return Sealed(nonce=nonce, data=AESGCM(key).encrypt(nonce, secret, bound_to))


def unseal(key: bytes, sealed: Sealed, bound_to: bytes) -> bytes:
    """Return the secret. Raises BrokenSeal."""
    try:
        return AESGCM(key).decrypt(sealed.nonce, sealed.data, bound_to)
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal from error
