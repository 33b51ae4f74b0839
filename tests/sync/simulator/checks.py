"""The invariants of DESIGN §4, asked of a history that has come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinpu_desk.app.ports import StoredEvent
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS, first_head, verify_body, verify_link
from jinpu_desk.domain.ids import CaseId, Digest, ReplicaId
from jinpu_desk.server.events.receive import STATES
from jinpu_desk.store.centre.events import NewEvent
from jinpu_desk.sync.wire import feed_hash, read

from .desk import Desk
from .programs import Beckoned

if TYPE_CHECKING:
    from .history import History

COUNTED = frozenset({"applied", "merged"})


class Violation(AssertionError):
    """An invariant does not hold; ``name`` is I1 … I8."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name}: {what}")
        self.name = name


def is_drained(history: History) -> bool:
    """Tell whether every desk is up and nothing waits there, and no operator has a new epoch to begin."""
    return not history.faults.owed and all(
        desk.machine.up and desk.opened and desk.store.frozen is None and not desk.store.outbox(1)[1]
        for desk in history.desks
    )


def is_level(history: History) -> bool:
    """Tell whether every desk has come to the end of the feed and sent all it has."""
    head = history.centre.tables.head
    return is_drained(history) and all(
        (cursor := desk.store.cursor()) is not None
        and (cursor.epoch, cursor.position) == (head.epoch, head.position)
        and not any(desk.store.blobs_to_send())
        for desk in history.desks
    )


def drained(history: History) -> None:
    """I7: nothing waits at any desk."""
    for desk in history.desks:
        if not desk.opened:
            raise Violation("I7", f"{desk.name} does not open")
        waiting = desk.store.outbox(9)[1]
        if desk.store.frozen is not None:
            raise Violation("I7", f"{desk.name} only reads: {desk.store.frozen}")
        if waiting:
            raise Violation("I7", f"{desk.name} still has {[e.header.seq for e in waiting]}")


def at_rest(history: History) -> None:
    """Check everything else; raises the first ``Violation``."""
    _saved(history)
    _unique(history)
    _one_outcome(history)
    _chains(history)
    _equal(history)
    _blobs(history)
    if history.plan.skew:
        _nothing_overwritten(history)


def _saved(history: History) -> None:
    """I1: what a clerk was told is saved is somewhere."""
    missing = history.told.events.keys() - history.held() - history.told.forgone
    if missing:
        raise Violation("I1", f"lost {sorted(missing)}")


def _unique(history: History) -> None:
    """I2: one event counts once, one number names one thing."""
    if history.told.clashes:
        raise Violation("I2", "; ".join(history.told.clashes))
    seen: set[str] = set()
    numbers: dict[str, str] = {}
    for row in history.centre.tables.in_order():
        if row.outcome not in COUNTED:
            continue
        if row.id in seen:
            raise Violation("I2", f"event {row.id} counts twice")
        seen.add(row.id)
    for case_id, record in history.centre.tables.cases.items():
        if record.case_no and numbers.setdefault(record.case_no, case_id) != case_id:
            raise Violation("I2", f"case number {record.case_no} names two cases")


def _one_outcome(history: History) -> None:
    """I6: every event has one outcome, the same for ever and at every desk."""
    if history.moved:
        raise Violation("I6", "; ".join(history.moved))
    rows = history.centre.tables.places
    for desk in history.desks:
        for place, kept in desk.store.book.events.items():
            row = rows.get(place)
            if row is None:
                raise Violation("I3", f"{desk.name} has {place}, the centre has not")
            if (row.outcome, row.position, row.reason) != (kept.outcome, kept.position, kept.reason):
                told = (kept.outcome, kept.position, kept.reason)
                raise Violation("I6", f"{desk.name} has {place} as {told}, not {row.outcome} {row.position}")
    for row in history.centre.tables.in_order():
        if row.outcome == "dead" and row.reason.split()[0] not in _LAWFULLY_DEAD:
            raise Violation("I6", f"{row.replica} {row.seq} is dead: {row.reason}")


_LAWFULLY_DEAD = frozenset({"sync.duplicate", "event.unknown-type"})
"""Nothing a clerk's own fold allowed may end dead for another reason."""


def _chains(history: History) -> None:
    """I4: the centre's chains and its feed verify."""
    tables = history.centre.tables
    heads = {replica: first_head(ReplicaId(replica)) for replica in tables.replicas}
    try:
        for place in sorted(tables.places):
            row = tables.places[place]
            event = read(row.header, row.body, row.salt).event
            verify_body(event)
            heads[row.replica] = verify_link(event.header, heads[row.replica])
    except Refused as refused:
        raise Violation("I4", str(refused)) from refused
    for replica, head in heads.items():
        held = tables.heads.get(replica)
        if held is not None and (held.seq, held.hash.hex()) != (head.seq, head.hash):
            raise Violation("I4", f"head of {replica}")
    if not history.variant.chained:
        return
    chain = Digest(GENESIS)
    for position, row in enumerate(tables.in_order(), 1):
        chain = feed_hash(chain, position, Digest(row.hash.hex()), row.outcome, row.reason)
        if row.position != position or row.feed_hash.hex() != chain:
            raise Violation("I4", f"feed at {position}")


def _equal(history: History) -> None:
    """I3: every desk holds the centre's feed, event by event, and folds it to what the centre holds."""
    tables = history.centre.tables
    for desk in history.desks:
        book, cursor = desk.store.book, desk.store.book.cursor
        if len(book.events) != len(tables.places):
            missing = sorted(tables.places.keys() - book.events.keys())
            raise Violation("I3", f"{desk.name} lacks {missing}")
        head = tables.head
        reached = (cursor.epoch, cursor.position, cursor.hash) if cursor else (head.epoch, 0, GENESIS)
        if reached != (head.epoch, head.position, head.hash.hex()):
            raise Violation("I3", f"{desk.name} has come to {reached}, the feed to {head}")
        for place, kept in book.events.items():
            row = tables.places[place]
            if kept.event.header.prev != read(row.header, None, None).event.header.prev:
                raise Violation("I3", f"{desk.name} holds another event at {place}")
        _same_cases(history, desk)


def _same_cases(history: History, desk: Desk) -> None:
    tables = history.centre.tables
    for case_id, record in tables.cases.items():
        centre = STATES.decode(record.state).case
        here = history.folds.fold(desk.store.book, CaseId(case_id))
        if here != centre:
            raise Violation("I3", f"case {case_id} at {desk.name} {_difference(here, centre)}")


def _difference(one: Case | None, other: Case | None) -> str:
    if one is None or other is None:
        return f"{one is None} {other is None}"
    names = [name for name in Case.__struct_fields__ if getattr(one, name) != getattr(other, name)]
    return "; ".join(f"{name}: {getattr(one, name)} / {getattr(other, name)}" for name in names)


def _blobs(history: History) -> None:
    """I5: every scan is at the centre, or listed as still to come at a desk."""
    waiting: set[Digest] = set(history.told.forgone_scans)
    for desk in history.desks:
        waiting |= {sha256 for sha256, _ in desk.store.blobs_to_send()}
    for row in history.centre.tables.in_order():
        if row.outcome in COUNTED and b"case.attached" in row.header:
            body = b.decode_body("case.attached", 1, row.body or b"")
            assert isinstance(body, b.PagesAttached)
            if body.sha256 not in history.centre.tables.blobs and body.sha256 not in waiting:
                raise Violation("I5", f"scan {body.sha256} of {row.replica} {row.seq}")


def count_events(kept: StoredEvent) -> bool:
    """Tell whether an event counts."""
    return kept.outcome in COUNTED


def _nothing_overwritten(history: History) -> None:
    """DESIGN §4, conflicts: nobody changes silently what the author's program could not read."""
    standing: dict[tuple[str, str], Any] = {}
    for row in history.centre.tables.in_order():
        body = _said(row) if row.outcome in COUNTED else None
        for path, (_old, new) in body.changes.items() if body else ():
            before = standing.get((row.case_id, path))
            if row.id in history.told.by_older and before is not None and before != new:
                raise Violation("conflict", f"{row.replica} {row.seq} overwrote {path} unread")
            standing[row.case_id, path] = new if isinstance(body, Beckoned) else None


def _said(row: NewEvent) -> b.FieldsEdited | b.ConflictResolved | None:
    header = read(row.header, None, None).event.header
    body = b.decode_body(header.type, header.version, row.body or b"")
    return body if isinstance(body, b.FieldsEdited | b.ConflictResolved) else None
