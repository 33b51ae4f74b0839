"""Failures counted per key, so that several server processes count together."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from .schema import throttle

_FORGOTTEN_AT_ONCE = 50


class Failures(msgspec.Struct, frozen=True):
    """How many failures were counted, and since which instant (UTC ms)."""

    count: int
    since: int


def count_failure(connection: Connection, key: str, now: int, window: int) -> int:
    """Count one more failure of ``key`` and return how many there were within ``window`` ms."""
    fresh = insert(throttle).values(key=key, since=now, count=1)
    over = throttle.c.since <= now - window
    counted = connection.execute(
        fresh.on_conflict_do_update(
            index_elements=[throttle.c.key],
            set_={
                "since": sa.case((over, now), else_=throttle.c.since),
                "count": sa.case((over, 1), else_=throttle.c.count + 1),
            },
        ).returning(throttle.c.count)
    )
    return int(counted.scalar_one())


def uncount_failure(connection: Connection, key: str) -> None:
    """Take one failure of ``key`` back."""
    less = sa.func.greatest(throttle.c.count - 1, 0)
    connection.execute(sa.update(throttle).where(throttle.c.key == key).values(count=less))


def failures(connection: Connection, key: str, now: int, window: int) -> Failures:
    """Return how many failures of ``key`` were counted within ``window`` ms, and since when."""
    found = connection.execute(
        sa.select(throttle.c.count, throttle.c.since).where(
            throttle.c.key == key, throttle.c.since > now - window
        )
    ).one_or_none()
    if found is None:
        return Failures(0, now)
    count, since = found
    return Failures(count, since)


def forget_failures(connection: Connection, key: str) -> None:
    """Start counting ``key`` from nothing."""
    connection.execute(sa.delete(throttle).where(throttle.c.key == key))


def forget_old_failures(connection: Connection, before: int) -> None:
    """Forget a few counts that began before that instant, so that the table does not grow for ever."""
    old = sa.select(throttle.c.key).where(throttle.c.since < before).limit(_FORGOTTEN_AT_ONCE)
    chosen = old.with_for_update(skip_locked=True)
    connection.execute(sa.delete(throttle).where(throttle.c.key.in_(chosen)))
