"""A window PC's certificate and its bearer token, as they lie in the home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from jinpu_desk.app.ports import Replica
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import ReplicaId
from jinpu_desk.store.atomic import write_file
from jinpu_desk.store.sealing import BrokenSeal, Sealed, derive, seal, unseal

CERTIFICATE_YEARS = 20
_BEARER = "jinpu-token-v1"  # the purpose its sealing key is derived for


def self_signed(key: Ed25519PrivateKey) -> bytes:
    """Return the window's certificate (DER); its name is the key's, because the centre numbers the replica later."""
    from jinpu_desk.documents.seal import make_certificate  # once in a desk's life

    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    name = ReplicaId(f"key-{key.public_key().public_bytes_raw()[:8].hex()}")
    return make_certificate(key, name, start, start + timedelta(days=366 * CERTIFICATE_YEARS))


def reached_at(told: Replica, url: str) -> Replica:
    """Return who the centre says this desk is, at the address where the desk reaches it.

    The centre knows that address only as proxies pass it on. One of its own for the public is left as it is.
    """
    here = url.rstrip("/")
    public = here if told.progress_url == told.server_url else told.progress_url
    return replace(told, server_url=here, progress_url=public)


def save_token(path: Path, data_key: bytes, token: str) -> None:
    """Seal a bearer token into ``path``."""
    sealed = seal(derive(data_key, _BEARER), token.encode(), _BEARER.encode())
    write_file(path, msgspec.json.encode(sealed))


def load_token(path: Path, data_key: bytes) -> str:
    """Return the bearer token of ``path``. Raises Unavailable ``home.replica``."""
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=Sealed)
        return unseal(derive(data_key, _BEARER), sealed, _BEARER.encode()).decode()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, BrokenSeal) as error:
        raise Unavailable("home.replica", path.name) from error
