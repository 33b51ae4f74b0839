"""A desk's store made at the centre, so that a new window need not pull years of the feed (DESIGN §4).

The file is an ordinary desk store at one place of the feed, under a key of its own. What it leaves out it leaves out by
whole cases: every event of a case is in it with its body, or none is. A case without bodies could not be folded, so it
would be in the table without the facts it is derived from, and ``verify`` would rightly say so.

A later event on a case that is not here is taken from the feed like any other. It hangs in its chain and in the log
and makes no row, because the event that opens its case is missing (``eventlog.fold_stored`` passes over it); should
the rest ever come, the case is folded from the whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.app.ports import StoredEvent
from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.events import Event, Head
from jinpu_desk.domain.ids import CaseId, Digest, ReplicaId

from .atomic import PRIVATE_FILE, disk_faults
from .calendars import note_calendar
from .engine import Engine, translated
from .eventlog import decode_header, fold_stored, to_row
from .migrate import HEAD, migrate
from .projection import project
from .records import Many
from .rewinding import pin
from .schema import events
from .syncing import put_cursor
from .undisturbed import undisturbed
from .writing import put_heads

SCHEMA = HEAD
"""Revision of the schema a snapshot made here has, and the only one taken in here."""
BATCH = 1_000
"""Cases written in one go."""
_CACHE_KIB = 64_000
_INDICES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_ADD = Many(events.insert().values({c.name: sa.bindparam(c.name) for c in events.c if c.name != "n"}))


class Shipped(msgspec.Struct, frozen=True, gc=False):
    """An event as the centre holds it; ``hash`` is its header's."""

    stored: StoredEvent
    hash: Digest
    signature: bytes | None
    raw: bytes | None = None  # the header's canonical bytes


def shipped(
    header: bytes, body: bytes | None, salt: bytes | None, outcome: Any, position: int, reason: str
) -> StoredEvent:
    """Return the event that a row of the centre's holds."""
    event = Event(header=decode_header(header), body=body, salt=salt)
    return StoredEvent(event=event, outcome=outcome, position=position, reason=reason)


class SnapshotMaker:
    """A snapshot in the making. Use it as a context manager: left without ``finish``, the file is gone."""

    def __init__(self, path: Path, key: bytes, projector: Projector) -> None:
        """Begin at ``path``, where nothing may lie, under the 32-byte ``key``.

        Raises:
            Unavailable: ``store.disk-full``, ``store.io``.
        """
        self.path = path
        self.events = 0
        self.cases = 0
        self._projector = projector
        self._heads: dict[ReplicaId, Head] = {}
        self._waiting: dict[CaseId, list[Shipped]] = {}
        with disk_faults(path.name):
            path.unlink(missing_ok=True)
        with translated(path):
            _make_schema(path, key)
            self._engine = _unsafe(path, key)
            self._connection = self._engine.connect()
            self._indices = self._connection.exec_driver_sql(_INDICES).all()
            # An index made from finished rows is sorted once and lies densely.
            for name, _ in self._indices:
                self._connection.exec_driver_sql(f'DROP INDEX "{name}"')
            self._connection.exec_driver_sql("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def add(self, case_id: CaseId, of_case: Sequence[Shipped]) -> None:
        """Add a case with all its events in feed order; cases come in the order of their first events."""
        self._waiting[case_id] = list(of_case)
        if len(self._waiting) == BATCH:
            self._write()

    def finish(self, cursor: Cursor, signature: bytes, calendar: str, at: datetime) -> None:
        """Complete the file: it stands at ``cursor`` (signed by the centre), its terms are by ``calendar``."""
        with translated(self.path):
            self._write()
            put_heads(self._connection, list(self._heads.values()))
            put_cursor(self._connection, cursor)
            if cursor.position:
                pin(self._connection, cursor, signature)
            note_calendar(self._connection, calendar, at)
            for _, statement in self._indices:
                self._connection.exec_driver_sql(statement)
            self._connection.exec_driver_sql("COMMIT")
            self._close()
        with disk_faults(self.path.name), self.path.open("rb+") as file:
            os.fsync(file.fileno())

    def _write(self) -> None:
        if not self._waiting:
            return
        with translated(self.path), undisturbed():
            _ADD.run(self._connection, map(_row, self._each()))
            folded: dict[CaseId, Case | None] = {}
            for case_id, of_case in self._waiting.items():
                case = fold_stored(one.stored for one in of_case)
                if case is not None:
                    folded[case_id] = case
            project(self._connection, self._projector, folded)
        self.cases += len(folded)
        self._waiting = {}

    def _each(self) -> Iterator[Shipped]:
        for of_case in self._waiting.values():
            for one in of_case:
                header = one.stored.event.header
                held = self._heads.get(header.replica)
                if held is None or header.seq > held.seq:
                    self._heads[header.replica] = Head(replica=header.replica, seq=header.seq, hash=one.hash)
                self.events += 1
                yield one

    def _close(self) -> None:
        self._connection.close()
        self._engine.dispose()


def _row(one: Shipped) -> dict[str, Any]:
    return to_row(one.stored, one.raw, one.signature)


def _make_schema(path: Path, key: bytes) -> None:
    engine = Engine(path, key, synchronous="OFF")
    try:
        migrate(engine)
    finally:
        engine.close()


def _unsafe(path: Path, key: bytes) -> sa.Engine:
    """Open a file that nobody misses when the power goes: no journal, no waiting for the disk."""
    path.touch(PRIVATE_FILE)
    connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
    for pragma in (
        "cipher_log_level = NONE",
        f"key = \"x'{key.hex()}'\"",
        "journal_mode = OFF",
        "synchronous = OFF",
        "locking_mode = EXCLUSIVE",
        "temp_store = MEMORY",  # SQLCipher does not encrypt temporary files
        f"cache_size = -{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return sa.create_engine(
        "sqlite://", module=sqlcipher, creator=lambda: connection, poolclass=StaticPool, hide_parameters=True
    )
