"""What a desk keeps against a centre that lost its newest past, and how it goes back (DESIGN §4, REWOUND).

Events the centre lost keep their order: their positions move by ``LOST``, above every real one. Own ones wait to be
sent again; those of others go on counting here until the feed brings them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from jinpu_desk.app.ports.sync import Cursor, Offer, Pinned
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId, Digest, ReplicaId

from .eventlog import COLUMNS, from_row
from .schema import blobs, checkpoints, events

LOST = 1 << 61
"""Added to the position of an event that a restored centre lost."""
_RECENT = 64
"""Checkpoints kept one by one; before them every 64th, before 4096 of these every 4096th."""
_BATCH = 500
_PIN = checkpoints.insert()
_NEWEST = sa.select(sa.func.max(checkpoints.c.n))
_THIN = checkpoints.delete().where(
    sa.or_(
        sa.and_(checkpoints.c.n <= sa.bindparam("recent"), checkpoints.c.n % _RECENT != 0),
        sa.and_(checkpoints.c.n <= sa.bindparam("past"), checkpoints.c.n % _RECENT**2 != 0),
    )
)
_PINNED = sa.select(
    checkpoints.c.epoch, checkpoints.c.position, checkpoints.c.hash, checkpoints.c.signature
).order_by(checkpoints.c.n.desc())
_MISSED = (
    sa.select(*COLUMNS, events.c.signature)
    .where(events.c.position >= LOST)
    .order_by(events.c.position)
    .execution_options(yield_per=_BATCH)
)


class Loss(msgspec.Struct, frozen=True):
    """How many events the centre lost, and the cases they belong to."""

    events: int
    cases: tuple[CaseId, ...]


def pin(connection: sa.Connection, at: Cursor, signature: bytes) -> None:
    """Keep the centre's signed word about a place, and fewer of the older ones."""
    values = {"epoch": at.epoch, "position": at.position, "hash": at.hash, "signature": signature}
    connection.execute(_PIN, values)
    newest = connection.execute(_NEWEST).scalar_one()
    connection.execute(_THIN, {"recent": newest - _RECENT, "past": newest - _RECENT**3})


def pinned(connection: sa.Connection) -> tuple[Pinned, ...]:
    """Return the checkpoints, newest first."""
    return tuple(
        Pinned(
            at=Cursor(epoch=row.epoch, position=row.position, hash=Digest(row.hash)), signature=row.signature
        )
        for row in connection.execute(_PINNED)
    )


def rewind(connection: sa.Connection, own: ReplicaId, heads: Mapping[ReplicaId, int]) -> Loss:
    """Mark what lies beyond ``heads`` as lost and forget the checkpoints; the caller moves the cursor and refolds."""
    count, cases = 0, dict[CaseId, None]()
    for replica, seq in _chains(connection):
        held = heads.get(ReplicaId(replica), 0)
        if seq <= held:
            continue
        beyond = (events.c.replica == replica, events.c.seq > held, events.c.position < LOST)
        cases.update(dict.fromkeys(connection.execute(sa.select(events.c.case_id).where(*beyond)).scalars()))
        change: dict[str, Any] = {"position": events.c.position + LOST}
        if replica == own:
            change |= {"outcome": "pending", "reason": ""}
        count += connection.execute(events.update().where(*beyond).values(change)).rowcount
    connection.execute(checkpoints.delete())
    connection.execute(blobs.update().values(sent=0))  # asking again is cheap where the centre still has them
    return Loss(count, tuple(cases))


def offers(connection: sa.Connection, own: ReplicaId) -> tuple[Offer, ...]:
    """Return runs of lost events in their old order; foreign ones that no signature covers are left out.

    A push took contiguous positions, so a signed run of another replica is never interleaved with anything.
    """
    found: list[Offer] = []
    for replica, run in _runs(connection.execute(_MISSED), own):
        if replica == own:
            found.append(Offer(events=tuple(event for event, _ in run), signature=None))
        else:
            found.extend(_signed(run))
    return tuple(found)


def _chains(connection: sa.Connection) -> list[Any]:
    asked = sa.select(events.c.replica, sa.func.max(events.c.seq)).group_by(events.c.replica)
    return [tuple(row) for row in connection.execute(asked)]


def _runs(
    rows: Iterable[Any], own: ReplicaId
) -> Iterator[tuple[ReplicaId, list[tuple[Event, bytes | None]]]]:
    """Yield contiguous events of one replica; own ones at most a push of them, foreign ones as they were signed."""
    run: list[tuple[Event, bytes | None]] = []
    for row in rows:
        event = from_row(row).event
        if run:
            last = run[-1][0].header
            follows = (event.header.replica, event.header.seq) == (last.replica, last.seq + 1)
            if not follows or (len(run) == _BATCH and last.replica == own):
                yield last.replica, run
                run = []
        run.append((event, row.signature))
    if run:
        yield run[-1][0].header.replica, run


def _signed(run: list[tuple[Event, bytes | None]]) -> Iterator[Offer]:
    part: list[Event] = []
    for event, signature in run:
        if event.body is None:
            return  # erased here: the centre has it in the backup this desk waited for
        part.append(event)
        if signature is not None:
            yield Offer(events=tuple(part), signature=signature)
            part = []
