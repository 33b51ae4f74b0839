"""This window's own events of a day, as its account for the centre needs them."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.domain.instants import day_bounds

from .eventlog import COLUMNS, from_row
from .schema import blobs, events

_BACKWARDS = (
    sa.select(events.c.seq, *COLUMNS)
    .where(events.c.replica == sa.bindparam("own"))
    .order_by(events.c.seq.desc())
    .execution_options(yield_per=200)
)
_STRAY = timedelta(days=2)
"""How far back a clock may have been set: the walk ends at an event this much older than the day."""


def events_of_day(connection: sa.Connection, own: ReplicaId, day: date) -> tuple[int, tuple[Event, ...]]:
    """Return own events of a local day in order, and the seq before the first; walked from the newest back."""
    start, end = day_bounds(day)
    oldest = day_bounds(day - _STRAY)[0]
    found: list[Event] = []
    last_before = 0
    for row in connection.execute(_BACKWARDS, {"own": own}):
        event = from_row(row).event
        if start <= event.header.at < end:
            found.append(event)
        elif event.header.at < start and not last_before:
            last_before = event.header.seq
        if event.header.at < oldest:
            break
    found.reverse()
    return (found[0].header.seq - 1 if found else last_before), tuple(found)


def unsent(connection: sa.Connection) -> frozenset[Digest]:
    """Return the attachments the centre does not have yet."""
    return frozenset(
        map(Digest, connection.execute(sa.select(blobs.c.sha256).where(blobs.c.sent == 0)).scalars())
    )
