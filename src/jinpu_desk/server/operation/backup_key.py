"""The centre's key inside a backup: plain, for its owner alone, or sealed under a password (Argon2id, AES-256-GCM)."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw

from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.atomic import write_file
from jinpu_desk.store.sealing import BrokenSeal, Sealed, seal, unseal

from ..keys import CentreKey
from .backup_files import KEY

_SALT_BYTES = 16
_KEY_BYTES = 32
_MOST_KIB, _MOST_PASSES, _MOST_LANES = 1024 * 1024, 16, 16
_BOUND = b"jinpu-backup-key-v1"


class SealedKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of a sealed key, with what one guess costs (RFC 9106 §4, twice the memory of its second choice)."""

    version: int = 1
    memory_kib: int = 128 * 1024
    passes: int = 3
    lanes: int = 4
    salt: bytes
    key: Sealed


def write_key(folder: Path, key: CentreKey, password: str) -> None:
    """Write the key into a backup, sealed when there is a password."""
    write_file(folder / KEY, _sealed(key, password) if password else key.seed)


def read_key(folder: Path, password: str, *, sealed: bool) -> CentreKey:
    """Return the key of a backup whose files were checked.

    Raises Refused ``backup.password`` when it is sealed and this does not open it, ``backup.damaged``.
    """
    raw = (folder / KEY).read_bytes()
    if sealed:
        raw = _opened(raw, password)
    if len(raw) != _KEY_BYTES:
        raise Refused("backup.damaged", KEY)
    return CentreKey(raw)


def _sealed(key: CentreKey, password: str) -> bytes:
    salt = os.urandom(_SALT_BYTES)
    shape = SealedKey(salt=salt, key=Sealed(nonce=b"", data=b""))
    sealed = seal(_derived(shape, password), key.seed, _BOUND)
    return msgspec.json.encode(msgspec.structs.replace(shape, key=sealed))


def _opened(raw: bytes, password: str) -> bytes:
    try:
        held = msgspec.json.decode(raw, type=SealedKey)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("backup.damaged", KEY) from error
    if held.memory_kib > _MOST_KIB or held.passes > _MOST_PASSES or held.lanes > _MOST_LANES:
        raise Refused("backup.damaged", KEY)
    if not password:
        raise Refused("backup.password", "JINPU_BACKUP_PASSWORD")
    try:
        return unseal(_derived(held, password), held.key, _BOUND)
    except BrokenSeal as error:
        raise Refused("backup.password", "JINPU_BACKUP_PASSWORD") from error


def _derived(shape: SealedKey, password: str) -> bytes:
    return hash_secret_raw(
        password.encode(), shape.salt, shape.passes, shape.memory_kib, shape.lanes, _KEY_BYTES, Type.ID
    )
