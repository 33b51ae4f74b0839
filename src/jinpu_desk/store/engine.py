"""One encrypted SQLite file: a single writer behind a lock, and a few readers beside it (DESIGN §3, §6).

Every fault of the file leaves here as ``Unavailable``: ``store.wrong-key``, ``store.corrupt``, ``store.disk-full``,
``store.busy``, ``store.io``, ``store.unsure``, ``store.too-old`` (an SQLite with the WAL-reset bug).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.domain.errors import Unavailable

from .atomic import PRIVATE_FILE, disk_faults, sync_folder

KEY_BYTES = 32
OLDEST_SQLITE = (3, 51, 3)
"""First SQLite without the WAL-reset bug, which could lose a committed transaction."""
READERS = 4
WRITER_CACHE_KIB = 16_000
READER_CACHE_KIB = 8_000
BUSY_MS = 10_000
_WIPE_BYTES = 64 * 1024 * 1024

_CODES = {
    5: "store.busy",  # SQLITE_BUSY
    6: "store.busy",  # SQLITE_LOCKED
    8: "store.io",  # SQLITE_READONLY
    10: "store.io",  # SQLITE_IOERR
    11: "store.corrupt",  # SQLITE_CORRUPT
    13: "store.disk-full",  # SQLITE_FULL
    14: "store.io",  # SQLITE_CANTOPEN
    26: "store.wrong-key",  # SQLITE_NOTADB: page 1 does not decrypt
}
_PRIMARY_CODE = 0xFF


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn faults of the file into ``Unavailable``; anything else (a wrong statement) stays a bug."""
    try:
        yield
    except (exc.DBAPIError, sqlcipher.Error) as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        code = _CODES.get(getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE)
        if code is None:
            raise
        raise Unavailable(code, path.name, problem=str(cause)) from error


@contextmanager
def _committing() -> Iterator[None]:
    """Turn a read or write error of a commit into ``store.unsure``.

    Where only the last fsync failed, the whole transaction is in the log. SQLite takes it back for this process, but
    whoever opens the file next may find it committed. (SQLite's extended code, which would tell, does not come here.)
    """
    try:
        yield
    except Unavailable as error:
        if error.code == "store.io":
            raise Unavailable("store.unsure", error.where, **error.params) from error
        raise


class Engine:
    """The open file. Give readers back quickly: there are ``READERS`` of them."""

    def __init__(
        self, path: Path, key: bytes, *, synchronous: Literal["FULL", "NORMAL", "OFF"] = "FULL"
    ) -> None:
        """Open or create the file at ``path`` with the raw 32-byte ``key``.

        ``synchronous`` is not a choice for offices: NORMAL and OFF exist to show in tests what they lose.
        """
        if len(key) != KEY_BYTES:
            raise Unavailable("store.wrong-key", path.name, problem="length")
        if sqlcipher.sqlite_version_info < OLDEST_SQLITE:
            raise Unavailable("store.too-old", path.name, version=sqlcipher.sqlite_version)
        self.path = path
        self._key_pragma = f"key = \"x'{key.hex()}'\""
        self._synchronous = synchronous
        self._lock = threading.Lock()
        self._owner: int | None = None
        with disk_faults(path.name):
            path.touch(PRIVATE_FILE)  # SQLite gives WAL and shared memory the rights of the file
        with translated(path):
            self._engine = self._pool(READERS, READER_CACHE_KIB, "BEGIN")
            self._writing = self._pool(1, WRITER_CACHE_KIB, "BEGIN IMMEDIATE")
            with self._writing.connect() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Lend a reader that sees one consistent moment of the file until the block ends."""
        with translated(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Lend the writer in a transaction: durable when the block ends, gone when it raises."""
        if self._owner == threading.get_ident():
            raise RuntimeError("a write transaction is already open in this thread")
        with self._lock:
            self._owner = threading.get_ident()
            try:
                with translated(self.path), self._writing.begin() as connection:
                    yield connection
                    with _committing(), translated(self.path):
                        connection.commit()
            finally:
                self._owner = None

    def copy_to(self, target: Path) -> None:
        """Write one consistent moment of the file to ``target``, under the same key; writers go on meanwhile.

        ``target`` appears only when it is whole and on the disk; one that is there is replaced.
        """
        draft = target.with_name(f".{target.name}.new")
        with disk_faults(target.name):
            draft.unlink(missing_ok=True)
            draft.touch(PRIVATE_FILE)
        try:
            with translated(target):
                self._copy(draft)
            with disk_faults(target.name):
                with draft.open("rb+") as file:
                    os.fsync(file.fileno())
                draft.replace(target)
                sync_folder(target.parent)
        finally:
            draft.unlink(missing_ok=True)

    def _copy(self, draft: Path) -> None:
        source, copy = self._connect(self.path, READER_CACHE_KIB), sqlcipher.connect(str(draft))
        try:
            copy.execute(f"PRAGMA {self._key_pragma}")
            copy.execute("PRAGMA journal_mode = OFF")  # whoever sees it half-written sees no target
            source.backup(copy)
        finally:
            copy.close()
            source.close()

    def damaged(self) -> tuple[str, ...]:
        """Check every page of the file against its HMAC, also those no table reads; return the numbers of bad ones.

        Writers wait meanwhile: a page that is just being written would look damaged. So would one that a power cut
        tore while the log was folded back; the log still has it, and is folded back first.
        """
        with self._lock, translated(self.path):
            raw = self._writing.raw_connection()
            try:
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                told = raw.execute("PRAGMA cipher_integrity_check").fetchall()
            finally:
                raw.close()
        # "HMAC verification failed for page 27"
        return tuple(str(line).rsplit(" ", 1)[-1] for (line,) in told)

    def wipe_free_pages(self) -> None:
        """Overwrite the pages nothing uses any more, and empty the log beside the file.

        A table of zeros takes up every free page and is dropped again; unlike ``VACUUM`` that needs neither twice the
        disk nor a temporary copy.
        """
        with self.write() as connection:
            pages, page = (
                int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())  # SQLCipher gives text
                for name in ("freelist_count", "page_size")
            )
            connection.exec_driver_sql("CREATE TABLE wiping(zeros)")
            for start in range(0, pages * page, _WIPE_BYTES):
                size = min(pages * page - start, _WIPE_BYTES)
                connection.exec_driver_sql("INSERT INTO wiping VALUES (zeroblob(?))", (size,))
            connection.exec_driver_sql("DROP TABLE wiping")
        with self._lock, translated(self.path):
            raw = self._writing.raw_connection()
            try:
                # Where readers are under way, the next checkpoint does it.
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.close()

    def close(self) -> None:
        """Close every connection; the last one folds the WAL back into the file."""
        self._engine.dispose()
        self._writing.dispose()

    def _pool(self, size: int, cache_kib: int, begin: str) -> sa.Engine:
        engine = sa.create_engine(
            "sqlite://",
            module=sqlcipher,
            creator=lambda: self._connect(self.path, cache_kib),
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            hide_parameters=True,  # an error's text goes to the log, what was written does not
        )

        @event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _connect(self, path: Path, cache_kib: int) -> Any:
        connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
        try:
            for pragma in (
                "cipher_log_level = NONE",
                self._key_pragma,
                f"busy_timeout = {BUSY_MS}",
                "journal_mode = WAL",
                f"synchronous = {self._synchronous}",
                "foreign_keys = ON",
                "temp_store = MEMORY",
                "secure_delete = FAST",  # zeros over what is deleted, where the page is written anyway
                f"cache_size = -{cache_kib}",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection
