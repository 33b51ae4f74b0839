"""Epochs of the feed, and whether the centre was restored from a backup."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from . import schema as s


def line(connection: Connection) -> list[tuple[str, int]]:
    """Return every epoch with the instant it began (UTC ms; 0 for the first), newest first."""
    rows = connection.execute(
        sa.select(s.epoch.c.id, s.epoch.c.bumped_at).order_by(s.epoch.c.bumped_at.desc())
    )
    return [(row.id, row.bumped_at) for row in rows]


def recall(connection: Connection, epoch: str) -> None:
    """Count an epoch among the former ones that a backup from before it knows nothing of."""
    # Before the first: which of the former came when is lost, and only the newest matters.
    connection.execute(insert(s.epoch).values(id=epoch, bumped_at=-1).on_conflict_do_nothing())


def restored_at(connection: Connection) -> int | None:
    """Return when the centre was found to be restored; None while it is not, or since it began a new epoch."""
    return connection.execute(sa.select(s.centre.c.restored_at)).scalar_one_or_none()


def ever_restored(connection: Connection) -> bool:
    """Tell whether the centre was ever found to be restored."""
    return len(line(connection)) > 1 or restored_at(connection) is not None


def mark_restored(connection: Connection, now: int) -> None:
    """Remember that the centre lost something it had acknowledged; the first time stands."""
    connection.execute(sa.update(s.centre).where(s.centre.c.restored_at.is_(None)).values(restored_at=now))


def begin(connection: Connection, epoch: str, now: int) -> None:
    """Begin a new epoch: the centre is whole again, and writes as a new replica when it next has to."""
    connection.execute(sa.insert(s.epoch).values(id=epoch, bumped_at=now))
    connection.execute(sa.update(s.feed).values(epoch=epoch))
    connection.execute(sa.update(s.centre).values(restored_at=None, replica=None))
