"""A replica's events in order, for whoever counts its days."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import event


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event as it is kept."""

    header: bytes
    body: bytes | None
    salt: bytes | None


def events_after(connection: Connection, replica_id: str, seq: int, limit: int) -> list[RawEvent]:
    """Return up to ``limit`` events of a replica after ``seq``, in order."""
    rows = connection.execute(
        sa.select(event.c.header, event.c.body, event.c.salt)
        .where(event.c.replica == replica_id, event.c.seq > seq)
        .order_by(event.c.seq)
        .limit(limit)
    )
    return [RawEvent(bytes(row.header), _bytes(row.body), _bytes(row.salt)) for row in rows]


def _bytes(value: object) -> bytes | None:
    return None if value is None else bytes(value)  # type: ignore[call-overload]
