"""The store as sync sees it: what waits to be sent, what the centre made of it, and what others did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from jinpu_desk.app.ports import Lease
from jinpu_desk.app.ports.sync import Cursor, FeedItem, Offer, Pinned, Settled
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.events import Event, Head
from jinpu_desk.domain.ids import CaseId, Digest, EventId, ReplicaId

from . import rewinding
from .absorbing import Absorption
from .engine import Engine
from .eventlog import CHUNK, COLUMNS, SET_ASIDE, from_row, head_of
from .projection import project, refold
from .records import from_values, to_values
from .schema import blobs, contact, cursor, events, leases, papers
from .undisturbed import undisturbed

_OUTBOX = (
    sa.select(*COLUMNS)
    .where(events.c.replica == sa.bindparam("replica"), events.c.outcome == sa.literal_column("'pending'"))
    .order_by(events.c.seq)
    .limit(sa.bindparam("limit"))
)
_SETTLE = (
    events.update()
    .where(events.c.id == sa.bindparam("event"), events.c.replica == sa.bindparam("own"))
    .values(outcome=sa.bindparam("made"), position=sa.bindparam("place"), reason=sa.bindparam("why"))
)
_CASES_OF = sa.select(events.c.case_id).distinct().where(events.c.id.in_(sa.bindparam("ids", expanding=True)))
_LAST_POSITION = sa.select(sa.func.max(events.c.position))
_ONE = 1
_LARGE = 8 * 1024 * 1024
"""Larger attachments let the smaller ones go first."""
_UNSENT = (
    sa.select(blobs.c.sha256, blobs.c.size)
    .where(blobs.c.sent == sa.literal_column("0"))
    .order_by(
        blobs.c.sha256.in_(sa.select(papers.c.sha256)),
        blobs.c.size > _LARGE,
        sa.literal_column("blobs.rowid"),
    )
)


class SqlSyncStore:
    """Implements ``SyncStore`` on the desk's file."""

    def __init__(self, engine: Engine, replica: ReplicaId, projector: Projector) -> None:
        self._engine = engine
        self._replica = replica
        self._projector = projector

    def outbox(self, limit: int) -> tuple[Head, tuple[Event, ...]]:
        """Return the head before the first unsettled own event, and up to ``limit`` such events in seq order."""
        with self._engine.read() as connection:
            rows = connection.execute(_OUTBOX, {"replica": self._replica, "limit": limit})
            waiting = tuple(from_row(row).event for row in rows)
            if not waiting:
                return head_of(connection, self._replica), ()
        first = waiting[0].header
        return Head(replica=self._replica, seq=first.seq - 1, hash=first.prev), waiting

    def settle(self, outcomes: Sequence[Settled]) -> None:
        """Store outcomes; a parked or dead event leaves the projection of its case. Unknown ids do nothing."""
        if not outcomes:
            return
        with self._engine.write() as connection:
            last = connection.execute(_LAST_POSITION).scalar() or 0
            rows = [
                {"event": o.id, "own": self._replica, "made": o.outcome, "place": o.position, "why": o.reason}
                for o in outcomes
            ]
            connection.execute(_SETTLE, rows)
            # An own event that takes the next place in the feed is folded where it was; only one that is set
            # aside, or that finds later places taken, moves.
            moved = [o.id for o in outcomes if o.outcome in SET_ASIDE or o.position <= last]
            refold(connection, self._projector, _cases_of(connection, moved))

    def cursor(self) -> Cursor | None:
        """Return how far the feed was absorbed; None before the first time."""
        with self._engine.read() as connection:
            found = connection.execute(sa.select(cursor.c.epoch, cursor.c.position, cursor.c.hash)).first()
        return None if found is None else Cursor(epoch=found.epoch, position=found.position, hash=found.hash)

    def absorb(self, items: Sequence[FeedItem], cursor: Cursor, signature: bytes) -> int:
        """Take feed items and the cursor in one transaction; return how many events were new here.

        Raises:
            Refused: ``sync.fork`` for an event known with another hash, ``sync.own-event-unknown`` for one of this
                replica that it never wrote, ``chain.…`` when a body or a chain does not hold.
        """
        with self._engine.write() as connection, undisturbed():
            taken = Absorption(connection, self._replica, items)
            folded = taken.folded()
            taken.store()
            project(connection, self._projector, folded)
            put_cursor(connection, cursor)
            if items:
                rewinding.pin(connection, cursor, signature)
            return taken.new

    def checkpoints(self) -> tuple[Pinned, ...]:
        """Return pinned places of the feed, newest first."""
        with self._engine.read() as connection:
            return rewinding.pinned(connection)

    def rewind(self, to: Cursor, heads: Mapping[ReplicaId, int]) -> int:
        """Go back to a common place with a restored centre, in one transaction; see the port."""
        with self._engine.write() as connection:
            lost = rewinding.rewind(connection, self._replica, heads)
            put_cursor(connection, to)
            refold(connection, self._projector, lost.cases)
            return lost.events

    def lost(self) -> tuple[Offer, ...]:
        """Return what a restored centre lost; see the port."""
        with self._engine.read() as connection:
            return rewinding.offers(connection, self._replica)

    def blobs_to_send(self) -> Iterator[tuple[Digest, int]]:
        """Yield (sha256, size) of what the centre lacks: attachments as they came, large ones after them, papers last."""
        with self._engine.read() as connection:
            found = [(Digest(sha256), int(size)) for sha256, size in connection.execute(_UNSENT)]
        # The reader is given back before the first upload starts.
        yield from found

    def paper(self, sha256: Digest) -> bytes | None:
        """Return the bytes of an issued paper, None when they are not here."""
        with self._engine.read() as connection:
            return connection.execute(sa.select(papers.c.data).where(papers.c.sha256 == sha256)).scalar()

    def blob_sent(self, sha256: Digest) -> None:
        """Remember that the centre has this attachment."""
        with self._engine.write() as connection:
            connection.execute(blobs.update().where(blobs.c.sha256 == sha256).values(sent=1))

    def keep_leases(self, leases: Sequence[Lease]) -> None:
        """Add leases; a known id is left as it is, for its numbers may be burned already."""
        if leases:
            with self._engine.write() as connection:
                connection.execute(_ADD_LEASE, [to_values(lease) for lease in leases])

    def leases(self) -> tuple[Lease, ...]:
        """Return every block of document numbers, used-up ones too."""
        asked = sa.select(leases).order_by(leases.c.kind, leases.c.year, leases.c.first)
        with self._engine.read() as connection:
            return from_values(Lease, connection.execute(asked))

    def forget_leases(self) -> None:
        """Drop every block of document numbers: they were given to a former incarnation, which may go on using them."""
        with self._engine.write() as connection:
            connection.execute(leases.delete())

    def contact(self, at: int, clock_offset: int, horizon: int) -> None:
        """Remember the last contact (UTC ms), the desk clock's offset in ms, and the centre's backup horizon."""
        with self._engine.write() as connection:
            values = {"one": _ONE, "at": at, "clock_offset": clock_offset, "horizon": horizon}
            connection.execute(insert(contact).prefix_with("OR REPLACE"), values)

    def horizon(self) -> int:
        """Return the position of the feed up to which the centre has a backup; 0 before the first word of it."""
        with self._engine.read() as connection:
            return connection.execute(sa.select(contact.c.horizon)).scalar() or 0

    def clock_offset(self) -> int | None:
        """Return the offset of the last contact; None before the first."""
        with self._engine.read() as connection:
            return connection.execute(sa.select(contact.c.clock_offset)).scalar()


_ADD_LEASE = insert(leases).on_conflict_do_nothing()


def _cases_of(connection: sa.Connection, ids: Sequence[EventId]) -> list[CaseId]:
    found: dict[CaseId, None] = {}
    for start in range(0, len(ids), CHUNK):
        found.update(
            dict.fromkeys(connection.execute(_CASES_OF, {"ids": ids[start : start + CHUNK]}).scalars())
        )
    return list(found)


def put_cursor(connection: sa.Connection, reached: Cursor) -> None:
    """Write how far the feed was absorbed."""
    values = {"one": _ONE, "epoch": reached.epoch, "position": reached.position, "hash": reached.hash}
    connection.execute(insert(cursor).prefix_with("OR REPLACE"), values)
