"""Makes a desk's store of a snapshot: the same pages under the desk's own key, complete or not there at all.

Measured on 410 MB: ``sqlite3_backup`` between two keys 173 MB/s, ``sqlcipher_export`` 168 MB/s (and it builds every
index anew), ``PRAGMA rekey`` 191 MB/s. Rekeying works in place, so a power cut in the middle leaves a file that no key
opens; the backup copies page by page into a draft and leaves the fetched file as it is.

SQLite's backup reads page 1 and then every page in its order, so it can follow the fetching of the file at a distance.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import Refused, Unavailable

from .atomic import PRIVATE_FILE, disk_faults, sync_folder
from .engine import Engine, translated
from .schema import cursor
from .snapshot import SCHEMA

_STEP = 8_192
"""Pages copied in one go: 32 MiB."""
_PAGE = 4_096
_DAMAGED = {"store.wrong-key", "store.corrupt"}


def take(
    snapshot: Path,
    key: bytes,
    target: Path,
    own_key: bytes,
    *,
    reached: Cursor,
    ready: Callable[[int], None],
) -> None:
    """Make the store ``target`` of the file ``snapshot``, which is under ``key`` and stands at ``reached``.

    ``ready`` returns once that many bytes of ``snapshot`` may be read, and for its whole size once it is proven to be
    genuine; what it raises is raised. ``snapshot`` stays as it is.

    Raises:
        Refused: ``snapshot.corrupt`` when it is not a store of this schema at that place of the feed,
            ``snapshot.store-exists`` when the desk has a store already.
        Unavailable: ``store.disk-full``, ``store.io``.
    """
    if target.exists():
        raise Refused("snapshot.store-exists", target.name)
    draft = target.with_name(f".{target.name}.new")
    try:
        _copy(snapshot, key, draft, own_key, ready)
        _check(draft, own_key, reached)
        with disk_faults(target.name):
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            draft.replace(target)
            sync_folder(target.parent)
    except Unavailable as error:
        if error.code not in _DAMAGED:
            raise
        raise Refused("snapshot.corrupt", snapshot.name) from error
    finally:
        for left in (draft, draft.with_name(f"{draft.name}-wal"), draft.with_name(f"{draft.name}-shm")):
            left.unlink(missing_ok=True)


def _copy(snapshot: Path, key: bytes, draft: Path, own_key: bytes, ready: Callable[[int], None]) -> None:
    ready(1)  # from now on the file has its whole size
    size = snapshot.stat().st_size

    def next_step(_status: int, remaining: int, total: int) -> None:
        ready(min((total - remaining + _STEP) * _PAGE, size))

    with disk_faults(draft.name):
        draft.unlink(missing_ok=True)
        draft.touch(PRIVATE_FILE)
    with translated(snapshot):
        source, copy = sqlcipher.connect(str(snapshot)), sqlcipher.connect(str(draft))
        try:
            for connection, secret in ((source, key), (copy, own_key)):
                connection.execute("PRAGMA cipher_log_level = NONE")
                connection.execute(f"PRAGMA key = \"x'{secret.hex()}'\"")
            # Nobody sees the draft before it is whole, so it needs no journal; it reaches the disk in one go.
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            ready(min(_STEP * _PAGE, size))
            # Reads page 1 only; a wrong key is told here, by its own code.
            source.execute("PRAGMA schema_version")
            _back_up(source, copy, next_step)
            ready(size)
        finally:
            copy.close()
            source.close()


def _back_up(source: Any, copy: Any, next_step: Callable[[int, int, int], None]) -> None:
    try:
        source.backup(copy, pages=_STEP, progress=next_step)
    except sqlcipher.OperationalError as error:
        # WORKAROUND: errors of ``backup`` carry no ``sqlite_errorcode`` as others do, only SQLite's words.
        code = "store.disk-full" if "full" in str(error) else "store.corrupt"
        raise Unavailable(code, problem=str(error)) from error


def _check(draft: Path, own_key: bytes, reached: Cursor) -> None:
    engine = Engine(draft, own_key)
    try:
        with engine.read() as connection:
            schema = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            at = connection.execute(sa.select(cursor.c.epoch, cursor.c.position, cursor.c.hash)).first()
    except sa.exc.DBAPIError as error:  # no such table: a database, but not a desk's
        raise Refused("snapshot.corrupt", draft.name) from error
    finally:
        engine.close()
    if schema != SCHEMA or at is None or tuple(at) != (reached.epoch, reached.position, reached.hash):
        raise Refused("snapshot.corrupt", draft.name)
