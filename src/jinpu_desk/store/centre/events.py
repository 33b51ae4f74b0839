"""The centre's events, case states and feed counter. All inside a transaction the caller holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec
import sqlalchemy as sa
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy.engine import Connection

from jinpu_desk.app.ports.sync import DUPLICATE

from .engine import driver
from .schema import OUTCOMES, case, centre, event, feed, replica

_COUNTED = (OUTCOMES.index("applied"), OUTCOMES.index("merged"))


class ReplicaHead(msgspec.Struct, frozen=True):
    """How far the centre holds a replica's chain; ``hash`` is raw."""

    seq: int
    hash: bytes


class KnownEvent(msgspec.Struct, frozen=True):
    """An event the centre holds, as far as a repeated push needs it."""

    seq: int
    position: int
    hash: bytes
    outcome: str
    reason: str


class CountedEvent(msgspec.Struct, frozen=True):
    """An event of a case that counts (applied or merged)."""

    case_id: str
    replica: str
    seq: int
    header: bytes
    body: bytes | None


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``case_state``."""

    case_id: str
    case_no: str
    query_code: str
    item_name: str
    status: int
    last_at: int
    state: bytes
    item: str


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``event``; hashes are raw bytes, ids their hyphenated text."""

    position: int
    replica: str
    seq: int
    id: str
    case_id: str
    outcome: str
    hash: bytes
    feed_hash: bytes
    header: bytes
    body: bytes | None
    salt: bytes | None
    reason: str
    flag: str
    arrived_at: int
    signature: bytes | None = None


class FeedRow(msgspec.Struct, frozen=True):
    """A row of the feed as it is served."""

    position: int
    header: bytes
    body: bytes | None
    salt: bytes | None
    outcome: str
    reason: str
    feed_hash: bytes
    signature: bytes | None = None


class FeedHead(msgspec.Struct, frozen=True):
    """The end of the feed; ``hash`` is raw."""

    epoch: str
    position: int
    hash: bytes
    horizon: int = 0  # position of the newest verified backup; told by ``feed_head``


class CaseAppeared(Exception):
    """Another replica opened one of the cases in the same instant: run the transaction again."""


def lock_replica(connection: Connection, replica_id: str) -> ReplicaHead:
    """Lock the replica's row, so that its pushes come one after the other, and return its head."""
    query = "SELECT seq, hash FROM replica WHERE id = %s::uuid FOR UPDATE"
    with driver(connection).cursor(binary=True) as cursor:
        seq, raw = cursor.execute(query, [replica_id]).fetchall()[0]
    return ReplicaHead(seq, raw)  # type: ignore[arg-type]


def known(connection: Connection, replica_id: str, first: int, last: int) -> list[KnownEvent]:
    """Return the events ``first``..``last`` of a replica in order of seq."""
    columns = (event.c.seq, event.c.position, event.c.hash, event.c.outcome, event.c.reason)
    rows = connection.execute(
        sa.select(*columns)
        .where(event.c.replica == replica_id, event.c.seq.between(first, last))
        .order_by(event.c.seq)
    )
    return [KnownEvent(r.seq, r.position, bytes(r.hash), OUTCOMES[r.outcome], r.reason) for r in rows]


def lock_cases(connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
    """Lock the rows of these cases, always in the same order, and return the state of each that exists."""
    query = "SELECT case_id::text, state FROM case_state WHERE case_id = ANY(%s::uuid[]) ORDER BY case_id FOR UPDATE"
    with driver(connection).cursor(binary=True) as cursor:
        return dict(cursor.execute(query, [list(ids)]).fetchall())  # type: ignore[arg-type]


def counted_of_others(connection: Connection, cases: Collection[str], replica_id: str) -> list[CountedEvent]:
    """Return what other replicas' events made of these cases, in order."""
    query = (
        "SELECT case_id::text, replica::text, seq, header, body FROM event"
        " WHERE case_id = ANY(%s::uuid[]) AND replica <> %s::uuid AND outcome = ANY(%s) ORDER BY position"
    )
    with driver(connection).cursor(binary=True) as cursor:
        rows = cursor.execute(query, [list(cases), replica_id, list(_COUNTED)]).fetchall()
    return [CountedEvent(*row) for row in rows]  # type: ignore[arg-type]


def copies(connection: Connection, cases: Collection[str], replica_id: str) -> dict[str, bool]:
    """Return the ids of events in these cases that another chain holds too: True where that copy stands, False where
    the own copy is dead for it; see ``CentreLog``.

    Only a replica that is an incarnation of another, or was followed by one, can have any.
    """
    if not _has_kin(connection, replica_id):
        return {}
    dead = OUTCOMES.index("dead")
    counted = sa.select(event.c.id, sa.literal(True)).where(
        event.c.case_id.in_(list(cases)), event.c.replica != replica_id, event.c.outcome != dead
    )
    mine = sa.select(event.c.id, sa.literal(False)).where(
        event.c.case_id.in_(list(cases)),
        event.c.replica == replica_id,
        event.c.outcome == dead,
        event.c.reason == DUPLICATE,
    )
    found = {str(row[0]): row[1] for row in connection.execute(counted)}
    return found | {str(row[0]): row[1] for row in connection.execute(mine)}


def _has_kin(connection: Connection, replica_id: str) -> bool:
    query = "SELECT 1 FROM replica WHERE former = %(own)s::uuid OR (id = %(own)s::uuid AND former IS NOT NULL) LIMIT 1"
    return driver(connection).execute(query, {"own": replica_id}).fetchone() is not None


def heads_of(connection: Connection, replicas: Collection[str]) -> dict[str, int]:
    """Return the last seq held of each of these replicas that is known."""
    asked = sa.select(replica.c.id, replica.c.seq).where(replica.c.id.in_(list(replicas)))
    return {row.id: row.seq for row in connection.execute(asked)}


def insert_cases(connection: Connection, records: Sequence[CaseRecord]) -> None:
    """Insert new cases. Raises CaseAppeared when one of them is there by now."""
    if not records:
        return
    inserted = driver(connection).execute(
        "INSERT INTO case_state (case_id, case_no, query_code, item_name, status, last_at, state, item)"
        " SELECT * FROM unnest(%b::text[]::uuid[], %b::text[], %b::text[], %b::text[], %b::int2[], %b::int8[],"
        " %b::bytea[], %b::text[]) ON CONFLICT DO NOTHING",
        _columns(sorted(records, key=lambda record: record.case_id)),
    )
    if inserted.rowcount != len(records):
        raise CaseAppeared


def update_cases(connection: Connection, records: Sequence[CaseRecord]) -> None:
    """Replace the state of cases whose rows are locked."""
    if not records:
        return
    driver(connection).execute(
        "UPDATE case_state AS c SET case_no = n.case_no, query_code = n.query_code, item_name = n.item_name,"
        " status = n.status, last_at = n.last_at, state = n.state, item = n.item"
        " FROM unnest(%b::text[]::uuid[], %b::text[], %b::text[], %b::text[], %b::int2[], %b::int8[],"
        " %b::bytea[], %b::text[])"
        " AS n (case_id, case_no, query_code, item_name, status, last_at, state, item)"
        " WHERE c.case_id = n.case_id",
        _columns(records),
    )


def _columns(records: Sequence[CaseRecord]) -> list[list[object]]:
    return [[getattr(record, name) for record in records] for name in CaseRecord.__struct_fields__]


def take_counter(connection: Connection) -> FeedHead:
    """Lock the feed's counter row until the transaction ends. Take it last: everybody else waits for it."""
    query = "SELECT epoch::text, position, hash FROM feed FOR UPDATE"
    with driver(connection).cursor(binary=True) as cursor:
        return FeedHead(*cursor.execute(query).fetchall()[0])  # type: ignore[arg-type]


def feed_head(connection: Connection) -> FeedHead:
    """Return the end of the feed as committed now."""
    row = connection.execute(_HEAD).one()
    return FeedHead(row.epoch, row.position, bytes(row.hash), row.horizon)


_HORIZON = sa.select(centre.c.horizon).scalar_subquery()
_HEAD = sa.select(feed.c.epoch, feed.c.position, feed.c.hash, _HORIZON.label("horizon"))


def append(connection: Connection, rows: Sequence[NewEvent]) -> None:
    """Append events of one replica, and move the feed's counter and the replica's head to the last of them."""
    raw = driver(connection)
    with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
        # What psycopg would choose for bytea is written in Python and costs 1.3 µs an event.
        cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
        copy.set_types(_COPY_TYPES)
        replica_id = _uuid(rows[0].replica)
        for row in rows:
            copy.write_row(
                (
                    row.position, replica_id, row.seq, _uuid(row.id), _uuid(row.case_id),
                    OUTCOMES.index(row.outcome), row.hash, row.feed_hash, row.header, row.body, row.salt,
                    row.reason, row.flag, row.arrived_at, row.signature,
                )
            )  # fmt: skip
    last = rows[-1]
    raw.execute("UPDATE feed SET position = %b, hash = %b", [last.position, last.feed_hash])
    moved = [last.seq, last.hash, last.replica]
    raw.execute("UPDATE replica SET seq = %b, hash = %b WHERE id = %s::uuid", moved)


_COPY = (
    "COPY event (position, replica, seq, id, case_id, outcome, hash, feed_hash, header, body, salt, reason, flag,"
    " arrived_at, signature) FROM STDIN (FORMAT BINARY)"
)
# In binary COPY a uuid is its 16 bytes, just as a bytea of them is; going through UUID objects costs 3 µs each.
_COPY_TYPES = [
    "int8",
    "bytea",
    "int8",
    "bytea",
    "bytea",
    "int2",
    *["bytea"] * 5,
    "text",
    "text",
    "int8",
    "bytea",
]


def _uuid(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def hash_at(connection: Connection, position: int) -> bytes | None:
    """Return the raw feed hash at a position, None when there is no such position."""
    return connection.execute(sa.select(event.c.feed_hash).where(event.c.position == position)).scalar()


def feed_page(connection: Connection, after: int, limit: int, max_bytes: int) -> list[FeedRow]:
    """Return up to ``limit`` rows after a position, at least one if there is any, about ``max_bytes`` of bodies."""
    query = (
        "SELECT position, header, body, salt, outcome, reason, feed_hash, signature FROM ("
        " SELECT *, coalesce(sum(coalesce(octet_length(body), 0)) OVER (ORDER BY position"
        "  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS size_before"
        "  FROM event WHERE position > %s AND position <= %s) AS page"
        " WHERE size_before < %s ORDER BY position"
    )
    with driver(connection).cursor(binary=True) as cursor:
        rows = cursor.execute(query, [after, after + limit, max_bytes]).fetchall()
    return [FeedRow(p, h, b, s, OUTCOMES[o], r, f, g) for p, h, b, s, o, r, f, g in rows]  # type: ignore[call-overload, arg-type]


def replica_heads(connection: Connection) -> dict[str, tuple[int, str]]:
    """Return (seq, hash) of every replica that has written."""
    rows = connection.execute(sa.select(replica.c.id, replica.c.seq, replica.c.hash).where(replica.c.seq > 0))
    return {row.id: (row.seq, bytes(row.hash).hex()) for row in rows}


def case_states(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Yield every case's id and state, without holding them all."""
    rows = connection.execution_options(yield_per=500).execute(sa.select(case.c.case_id, case.c.state))
    for row in rows:
        yield row.case_id, bytes(row.state)
