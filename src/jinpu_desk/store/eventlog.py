"""Events as rows: how they are kept, read back, and put in the order they are folded in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from jinpu_desk.app.ports import Outcome, StoredEvent
from jinpu_desk.app.ports.sync import DUPLICATE
from jinpu_desk.domain import fold
from jinpu_desk.domain.bodies import TYPES, ConflictResolved
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event, Head, Header, canonical, first_head, header_hash
from jinpu_desk.domain.ids import CaseId, Digest, EventId, ReplicaId

from .schema import events, heads

SET_ASIDE = ("parked", "dead")
"""Outcomes whose events are left out of the fold."""
CHUNK = 500
"""Keys asked for in one statement."""

_header = msgspec.json.Decoder(Header)
_RESOLVED = next(name for name, body in TYPES.items() if body is ConflictResolved)
_LATER = 1 << 62

COLUMNS = (
    events.c.header,
    events.c.body,
    events.c.salt,
    events.c.outcome,
    events.c.position,
    events.c.reason,
)
_OF_CASES = sa.select(events.c.case_id, events.c.seq, *COLUMNS).where(
    events.c.case_id.in_(sa.bindparam("cases", expanding=True))
)
"""One statement for one case and for many; ``in_folding_order`` sorts."""


def to_row(stored: StoredEvent, raw: bytes | None = None, signature: bytes | None = None) -> dict[str, Any]:
    """Return the columns of ``events`` for an event. ``raw`` is its canonical header, where that is at hand."""
    header = stored.event.header
    return {
        "id": header.id,
        "replica": header.replica,
        "seq": header.seq,
        "case_id": header.case,
        "header": canonical(header) if raw is None else raw,
        "body": stored.event.body,
        "salt": stored.event.salt,
        "outcome": stored.outcome,
        "position": stored.position,
        "reason": stored.reason,
        "resolves": _resolves(stored.event),
        "signature": signature,
    }


def from_row(row: Any) -> StoredEvent:
    """Return the event that a row with ``COLUMNS`` holds."""
    return StoredEvent(
        event=Event(header=_header.decode(row.header), body=row.body, salt=row.salt),
        outcome=cast(Outcome, row.outcome),
        position=row.position,
        reason=row.reason,
    )


def decode_header(raw: bytes) -> Header:
    """Return the header that canonical bytes hold."""
    return _header.decode(raw)


def folding_key(stored: StoredEvent) -> tuple[int, int]:
    """Acknowledged events by their place in the feed, then our own pending ones by seq."""
    position = _LATER if stored.position is None else stored.position
    return position, stored.event.header.seq


def fold_stored(stored: Iterable[StoredEvent]) -> Case | None:
    """Return the case that events of one case make.

    Set-aside events do not count. Nor does one that cannot be read here (written by a newer program) or that
    lost the event it builds on: it stays in the log, holds nothing up, and counts again after an upgrade.
    Until then the case does not claim to have seen it: what is written here meanwhile is concurrent with it. A case
    that a newer program wrote of says so (``Flag.UNREAD``).
    A copy that is dead because another chain holds the event counts until that one is here.
    """
    held = list(stored)
    aside = set_aside(held)
    case: Case | None = None
    skipped: list[Header] = []
    unread = False
    for item in sorted(_counting(held), key=folding_key):
        try:
            case = fold.apply(case, item.event, aside)
        except Refused as refusal:
            skipped.append(item.event.header)
            unread = unread or refusal.code == "event.unknown-type"
    return replace(_short_of(case, skipped), unread=unread) if case and skipped else case


def _short_of(case: Case, skipped: Iterable[Header]) -> Case:
    """Return the case as seen up to the first event of each chain that could not be read, not up to later ones."""
    seen = dict(case.seen)
    for header in skipped:
        seen[header.replica] = min(seen.get(header.replica, 0), header.seq - 1)
    return replace(case, seen={replica: seq for replica, seq in seen.items() if seq})


def _counting(held: Sequence[StoredEvent]) -> Iterator[StoredEvent]:
    told = {s.event.header.id for s in held if s.reason != DUPLICATE}
    for s in held:
        waits = s.reason == DUPLICATE and s.event.header.id not in told
        if waits or s.outcome not in SET_ASIDE:
            yield s


def set_aside(stored: Iterable[StoredEvent]) -> dict[EventId, Event]:
    """Return the parked events of one case: a resolution may keep one."""
    return {s.event.header.id: s.event for s in stored if s.outcome == "parked"}


def of_cases(connection: sa.Connection, case_ids: Sequence[CaseId]) -> dict[CaseId, list[StoredEvent]]:
    """Return the stored events of each case; a case without events is absent."""
    found: dict[CaseId, list[StoredEvent]] = {}
    for start in range(0, len(case_ids), CHUNK):
        for row in connection.execute(_OF_CASES, {"cases": case_ids[start : start + CHUNK]}):
            found.setdefault(row.case_id, []).append(from_row(row))
    return found


def fold_case(connection: sa.Connection, case_id: CaseId) -> Case | None:
    """Return the case as the log tells it now."""
    return fold_stored(of_cases(connection, [case_id]).get(case_id, ()))


def head_of(connection: sa.Connection, replica: ReplicaId) -> Head:
    """Return how far a replica's chain is known here."""
    row = connection.execute(_HEAD, {"replica": replica}).first()
    return first_head(replica) if row is None else Head(replica=replica, seq=row.seq, hash=Digest(row.hash))


def hash_of(connection: sa.Connection, replica: ReplicaId, seq: int) -> Digest | None:
    """Return the hash of one header of a chain, None when it is not here."""
    raw = connection.execute(_HEADER_AT, {"replica": replica, "seq": seq}).scalar()
    return None if raw is None else header_hash(decode_header(raw))


_HEADER_AT = sa.select(events.c.header).where(
    events.c.replica == sa.bindparam("replica"), events.c.seq == sa.bindparam("seq")
)
_HEAD = sa.select(heads.c.seq, heads.c.hash).where(heads.c.replica == sa.bindparam("replica"))


def _resolves(event: Event) -> str | None:
    if event.header.type != _RESOLVED or event.body is None:
        return None
    parked = msgspec.json.decode(event.body).get("parked")
    return parked if isinstance(parked, str) else None
