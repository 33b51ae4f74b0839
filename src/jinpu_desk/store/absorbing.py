"""A batch of the feed on its way into the store: checked, told apart, written, folded once per case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from jinpu_desk.app.ports import StoredEvent
from jinpu_desk.app.ports.sync import FeedItem
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Head, Header, header_hash, verify_body, verify_link
from jinpu_desk.domain.ids import CaseId, Digest, EventId, ReplicaId

from .eventlog import CHUNK, fold_stored, head_of, of_cases, to_row
from .records import Many
from .schema import events, pruned
from .writing import put_heads

_Place = tuple[ReplicaId, int]
"""Where an event hangs: replica and seq. Its id alone does not tell, for a new incarnation sends it once more."""
_KNOWN = sa.select(
    events.c.replica, events.c.seq, events.c.header, events.c.outcome, events.c.position, events.c.reason
).where(events.c.id.in_(sa.bindparam("ids", expanding=True)))
_PRUNED = sa.select(pruned.c.case_id).where(pruned.c.case_id.in_(sa.bindparam("among", expanding=True)))
_AT = sa.select(events.c.id).where(
    events.c.replica == sa.bindparam("replica"), events.c.seq == sa.bindparam("seq")
)
_ADD = Many(events.insert().values({c.name: sa.bindparam(c.name) for c in events.c if c.name != "n"}))
_CHANGE = (
    events.update()
    .where(events.c.replica == sa.bindparam("writer"), events.c.seq == sa.bindparam("number"))
    .values(outcome=sa.bindparam("made"), position=sa.bindparam("place"), reason=sa.bindparam("why"))
)


class Absorption:
    """One batch inside one transaction."""

    def __init__(self, connection: sa.Connection, own: ReplicaId, items: Sequence[FeedItem]) -> None:
        """Tell new events from known ones. Raises Refused as ``SqlSyncStore.absorb`` says."""
        self._connection = connection
        self._own = own
        self._heads: dict[ReplicaId, Head] = {}
        self._advanced: set[ReplicaId] = set()
        self._added: dict[_Place, FeedItem] = {}
        self._settled: dict[_Place, StoredEvent] = {}
        self._cases: dict[CaseId, None] = {}
        self._pruned = _pruned_among(connection, [item.event.header.case for item in items])
        known = _known(connection, [item.event.header.id for item in items])
        for item in items:
            self._take(item, known.get(_place(item.event.header)))

    @property
    def new(self) -> int:
        """How many events were not here before."""
        return len(self._added)

    def folded(self) -> dict[CaseId, Case | None]:
        """Return what the touched cases become: what is here of them, with this batch on top. Before ``store``."""
        found = of_cases(self._connection, list(self._cases))
        for item in self._added.values():
            found.setdefault(item.event.header.case, []).append(_stored(item))
        return {
            case_id: fold_stored(self._settled.get(_place(s.event.header), s) for s in found[case_id])
            for case_id in self._cases
        }

    def store(self) -> None:
        """Write the events, their outcomes and how far the chains have come."""
        if self._added:
            _ADD.run(self._connection, map(_row, self._added.values()))
        if self._settled:
            self._connection.execute(_CHANGE, [_change(stored) for stored in self._settled.values()])
        put_heads(self._connection, [self._heads[replica] for replica in sorted(self._advanced)])

    def _take(self, item: FeedItem, row: Any) -> None:
        header = item.event.header
        place = _place(header)
        if place in self._added:
            if self._added[place].event.header != header:
                raise Refused("sync.fork", header.id, replica=header.replica, seq=header.seq)
            return
        if row is None:
            self._add(item)
        elif row.header != item.header:
            raise Refused("sync.fork", header.id, replica=header.replica, seq=header.seq)
        elif (row.outcome, row.position, row.reason) != (item.outcome, item.position, item.reason):
            self._cases[header.case] = None
            self._settled[place] = _stored(item)

    def _add(self, item: FeedItem) -> None:
        header = item.event.header
        if header.replica == self._own:
            raise Refused("sync.own-event-unknown", header.id, seq=header.seq)
        if item.hash is None:
            verify_body(item.event)
        self._advance(item)
        self._added[_place(header)] = _erased(item) if header.case in self._pruned else item
        self._cases[header.case] = None

    def _advance(self, item: FeedItem) -> None:
        """Move the head of a foreign chain; a scoped feed may leave gaps, a neighbour must fit."""
        header = item.event.header
        head = self._heads.get(header.replica)
        if head is None:
            head = head_of(self._connection, header.replica)
        if header.seq == head.seq + 1:
            head = verify_link(header, head, _hash(item))
        elif header.seq > head.seq:
            head = Head(replica=header.replica, seq=header.seq, hash=_hash(item))
        else:
            self._fill(item)
            self._heads.setdefault(header.replica, head)
            return
        self._heads[header.replica] = head
        self._advanced.add(header.replica)

    def _fill(self, item: FeedItem) -> None:
        """Refuse a late event whose place in its chain another one holds."""
        header = item.event.header
        place = {"replica": header.replica, "seq": header.seq}
        if self._connection.execute(_AT, place).first() is not None:
            raise Refused("sync.fork", header.id, replica=header.replica, seq=header.seq)


def _pruned_among(connection: sa.Connection, case_ids: Sequence[CaseId]) -> set[str]:
    """Return which cases this desk has given up: what comes late of them is kept without its body, too."""
    found: set[str] = set()
    for start in range(0, len(case_ids), CHUNK):
        found.update(connection.execute(_PRUNED, {"among": case_ids[start : start + CHUNK]}).scalars())
    return found


def _erased(item: FeedItem) -> FeedItem:
    return replace(item, event=replace(item.event, body=None, salt=None))


def _hash(item: FeedItem) -> Digest:
    return item.hash or header_hash(item.event.header, item.raw)


def _place(header: Header) -> _Place:
    return header.replica, header.seq


def _row(item: FeedItem) -> dict[str, Any]:
    return to_row(_stored(item), item.raw, item.signature)


def _stored(item: FeedItem) -> StoredEvent:
    return StoredEvent(event=item.event, outcome=item.outcome, position=item.position, reason=item.reason)


def _change(stored: StoredEvent) -> dict[str, Any]:
    return {
        "writer": stored.event.header.replica,
        "number": stored.event.header.seq,
        "made": stored.outcome,
        "place": stored.position,
        "why": stored.reason,
    }


def _known(connection: sa.Connection, ids: Sequence[EventId]) -> dict[_Place, Any]:
    found: dict[_Place, Any] = {}
    for start in range(0, len(ids), CHUNK):
        for row in connection.execute(_KNOWN, {"ids": ids[start : start + CHUNK]}):
            found[row.replica, row.seq] = row
    return found
