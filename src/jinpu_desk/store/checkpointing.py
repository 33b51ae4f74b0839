"""Folds the write-ahead log back into the file beside the work, so that no clerk's accept waits for it.

SQLite lets the connection whose commit passes 1 000 pages do this, inside that commit: after a mass import one accept
in a hundred then took 49 ms. Here a thread of its own does it, passively, while others read and write. Should it fall
behind, the writer helps once the log has ``BOUND_PAGES``, so the log cannot grow without end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

PAGES = 1_000
"""Pages in the log that are worth folding back: SQLite's own default."""
BOUND_PAGES = 16_000
"""Pages at which the writer itself folds back: 64 MiB."""
_PAGE = 4_096
_GATHER_SECONDS = 0.2
"""After a commit the thread lets others follow before it looks."""


class Checkpointer:
    """The thread, started once the log is long. Tell it of each commit; close it before the file."""

    def __init__(self, path: Path, connect: Callable[[], Any]) -> None:
        """Watch over the log of the file at ``path``; ``connect`` opens a connection of the thread's own."""
        self._log = path.with_name(f"{path.name}-wal")
        self._connect = connect
        self._folding = threading.Lock()
        self._committed = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def committed(self) -> None:
        """Have the log looked at soon; called by one writer at a time."""
        if self._thread is None:
            if self._closing.is_set() or not self._long():
                return
            self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
            self._thread.start()
        self._committed.set()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Keep the thread from folding back: SQLite lets one do that at a time and does not wait for another."""
        with self._folding:
            yield

    def close(self) -> None:
        """End the thread; what it has begun it finishes."""
        self._closing.set()
        self._committed.set()
        if self._thread is not None:
            self._thread.join()

    def _long(self) -> bool:
        try:
            return self._log.stat().st_size >= PAGES * _PAGE
        except OSError:
            return False

    def _work(self) -> None:
        try:
            connection = self._connect()
            try:
                while self._committed.wait() and not self._closing.wait(_GATHER_SECONDS):
                    self._committed.clear()
                    with self._folding:
                        fold_back(connection, PAGES)
            finally:
                connection.close()
        except sqlcipher.Error:
            # What goes wrong here goes wrong for the next writer too, and that one can tell somebody.
            return


def fold_back(connection: Any, pages: int) -> int:
    """Fold the log back when at least ``pages`` of it are not; return how many were not."""
    # NOOP (SQLite 3.51) tells the length of the log and how much of it is folded back already.
    _busy, log, done = connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    waiting = int(log) - int(done)
    if waiting >= pages:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    return waiting
