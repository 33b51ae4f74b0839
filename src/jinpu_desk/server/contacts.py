"""Who was heard of when: kept in memory and written now and then, so that no request commits for it."""

from __future__ import annotations

import threading

from sqlalchemy.engine import Engine

from jinpu_desk.store.centre import operating


class Contacts:
    """What one serving process heard since it last wrote it down."""

    def __init__(self) -> None:
        """Nobody was heard of yet."""
        self._heard: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def note(self, replica: str, at: int, position: int = -1) -> None:
        """Remember that a replica asked for something at ``at`` (UTC ms), and how far it was served the feed then."""
        with self._lock:
            before = self._heard.get(replica, (0, -1))
            self._heard[replica] = max(at, before[0]), before[1] if position < 0 else position

    def write(self, engine: Engine) -> int:
        """Write what was heard into the database; return of how many. What cannot be written is kept for later."""
        with self._lock:
            heard, self._heard = self._heard, {}
        if not heard:
            return 0
        try:
            with engine.begin() as connection:
                operating.note_contacts(connection, heard)
        except Exception:
            with self._lock:
                self._heard = heard | self._heard
            raise
        return len(heard)
