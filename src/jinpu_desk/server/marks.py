"""How far the feed had come, written beside the database: a database put back in time is known at once by it.

The mark is written without fsync after what it says was committed, so it may lag behind the database and is never
ahead of it. A whole data folder put back takes its mark with it; then the first desk that shows a newer checkpoint
proves the restore.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.store.centre import epochs, events

FILE = "centre.mark"


class FeedMark(msgspec.Struct, frozen=True, kw_only=True):
    """An end the feed had."""

    epoch: str
    position: int
    hash: str


class Marker:
    """The mark of one data folder."""

    def __init__(self, data: Path) -> None:
        """Keep it in ``data``."""
        self._path = data / FILE

    def compare(self, engine: Engine, now: int) -> bool:
        """Compare mark and database, then move the mark to where the feed ends; tell whether a restore came out.

        A database that lacks what the mark tells of is marked as restored at ``now`` (UTC ms); the mark then stays
        until a new epoch began.
        """
        mark = self._read()
        with engine.begin() as connection:
            head = events.feed_head(connection)
            if mark is not None and _is_lost(connection, mark):
                epochs.mark_restored(connection, now)
            if epochs.restored_at(connection) is not None:
                return True
        ended = FeedMark(epoch=head.epoch, position=head.position, hash=head.hash.hex())
        if ended != mark:
            draft = self._path.with_name(f"{FILE}.{os.getpid()}.new")
            draft.write_bytes(msgspec.json.encode(ended))
            draft.replace(self._path)
        return False

    def _read(self) -> FeedMark | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=FeedMark)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None


def _is_lost(connection: Connection, mark: FeedMark) -> bool:
    """Tell whether the feed had an end that it now lacks. After a new epoch began, an older mark tells nothing."""
    current, *former = (epoch for epoch, _ in epochs.line(connection))
    if mark.epoch in former:
        return False
    if mark.epoch != current:
        return True
    held = events.hash_at(connection, mark.position)
    return mark.position > 0 and (held is None or held.hex() != mark.hash)
