"""A store whose window was enrolled anew carries on: what was never sent is written again by the new replica.

This happens after a restore from backup or when a copied store was noticed (DESIGN §3). Event ids, bodies and numbers
stay, so a centre that did get a copy recognises it; only the chain they hang on is new.
"""

from __future__ import annotations

import sqlalchemy as sa
from msgspec.structs import replace

from jinpu_desk.app.ports import Signing
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.events import Head, Header, canonical, header_hash
from jinpu_desk.domain.ids import CaseId, ReplicaId

from .eventlog import decode_header, head_of
from .projection import refold
from .schema import events
from .writing import put_heads

_UNSENT = (
    sa.select(events.c.n, events.c.header)
    .where(events.c.outcome == sa.literal_column("'pending'"), events.c.replica != sa.bindparam("own"))
    # The order of the index of pending events: asked for by key, SQLite would walk the whole log at every start.
    .order_by(events.c.replica, events.c.seq)
)
_SEEN = sa.select(sa.func.max(events.c.seq)).where(
    events.c.case_id == sa.bindparam("case"),
    events.c.replica == sa.bindparam("former"),
    events.c.outcome.in_(("applied", "merged")),
)
_REWRITE = (
    events.update()
    .where(events.c.n == sa.bindparam("key"))
    .values(replica=sa.bindparam("own"), seq=sa.bindparam("place"), header=sa.bindparam("raw"))
)


_ACKNOWLEDGED = (
    sa.select(events.c.n, events.c.header)
    .where(events.c.replica == sa.bindparam("own"), events.c.outcome != sa.literal_column("'pending'"))
    .order_by(events.c.seq.desc())
    .limit(1)
)
_SIGN = events.update().where(events.c.n == sa.bindparam("key")).values(signature=sa.bindparam("signed"))


def sign_off(connection: sa.Connection, signing: Signing) -> None:
    """Sign what the centre acknowledged of this replica, which will not write again.

    Its key goes, and a centre that loses these events takes them only as their writer signed them.
    """
    last = connection.execute(_ACKNOWLEDGED, {"own": signing.replica}).first()
    if last is not None:
        header = decode_header(last.header)
        head = Head(replica=header.replica, seq=header.seq, hash=header_hash(header))
        connection.execute(_SIGN, {"key": last.n, "signed": signing.sign(head.statement())})


def adopt_unsent(connection: sa.Connection, own: ReplicaId, projector: Projector) -> int:
    """Hang events that a former incarnation left unsent on this replica's chain; return how many there were."""
    unsent = [(row.n, decode_header(row.header)) for row in connection.execute(_UNSENT, {"own": own})]
    if not unsent:
        return 0
    head = head_of(connection, own)
    former: dict[ReplicaId, Head] = {}
    rewritten = []
    for key, header in unsent:
        # The former chain ends before its first unsent event.
        before = Head(replica=header.replica, seq=header.seq - 1, hash=header.prev)
        former.setdefault(header.replica, before)
        moved = replace(header, replica=own, seq=head.seq + 1, prev=head.hash, base=_base(connection, header))
        head = Head(replica=own, seq=moved.seq, hash=header_hash(moved))
        rewritten.append({"key": key, "own": own, "place": moved.seq, "raw": canonical(moved)})
    connection.execute(_REWRITE, rewritten)
    put_heads(connection, [*former.values(), head])
    cases: dict[CaseId, None] = {header.case: None for _, header in unsent}
    refold(connection, projector, cases)
    return len(unsent)


def _base(connection: sa.Connection, header: Header) -> dict[str, int]:
    """What the author had seen: now also what the former incarnation itself had got acknowledged."""
    key = {"case": header.case, "former": header.replica}
    seen = connection.execute(_SEEN, key).scalar()
    return header.base if seen is None else header.base | {header.replica: seen}
