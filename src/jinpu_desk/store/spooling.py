"""Seals what waits in the scan spool under a key derived from the store's data key (DESIGN §6)."""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .sealing import NONCE_BYTES, derive

_BOUND = b"jinpu-spool-v1"


class SpoolSealing:
    """Implements ``Sealing``: a random nonce, then AES-256-GCM (NIST SP 800-38D)."""

    def __init__(self, data_key: bytes) -> None:
        """Derive the keys from the store's data key."""
        self._cipher = AESGCM(derive(data_key, "jinpu-spool-v1"))
        self._names = derive(data_key, "jinpu-spool-names-v1")

    def name(self, sha256: str) -> str:
        """Return a keyed name, so that a listing does not tell which known document is held."""
        return hmac.digest(self._names, sha256.encode(), "sha256").hex()[:40]

    def seal(self, plain: bytes) -> bytes:
        """Return nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, _BOUND)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises ValueError when it is not as it was, or of another desk."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _BOUND)
        except InvalidTag as error:
            raise ValueError("seal") from error
