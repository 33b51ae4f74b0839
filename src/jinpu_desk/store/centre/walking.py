"""Everything the centre holds, streamed in one consistent moment: for verification, which may not hold it in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from .engine import driver
from .schema import METADATA, OUTCOMES, case, event

_BATCH = 2000
"""Rows fetched at once; a row is a few kilobytes at most times."""


class ChainRow(msgspec.Struct, frozen=True):
    """An event as the chains need it; hashes are raw."""

    position: int
    replica: str
    seq: int
    id: str
    case_id: str
    outcome: str
    reason: str
    hash: bytes
    feed_hash: bytes
    header: bytes


class BodyRow(msgspec.Struct, frozen=True):
    """An event as its case needs it; ``arrived_at`` is in UTC ms."""

    case_id: str
    position: int
    arrived_at: int
    outcome: str
    header: bytes
    body: bytes | None
    salt: bytes | None


class Block(msgspec.Struct, frozen=True):
    """A run of document numbers that overlaps the one before it, was given past the counter, or was never given."""

    template: str
    year: int
    first: int
    last: int


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one committed moment for the length of the block and can write nothing."""
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Sorting by case goes to disk past this; the default makes a million cases dozens of small runs.
        connection.execute(sa.text("SET LOCAL work_mem = '64MB'"))
        yield connection


def by_position(connection: Connection) -> Iterator[ChainRow]:
    """Yield every event in the order of the feed."""
    query = (
        "SELECT position, replica::text, seq, id::text, case_id::text, outcome, reason, hash, feed_hash, header"
        " FROM event ORDER BY position"
    )
    for p, replica, seq, id_, case_id, outcome, *rest in _stream(connection, "by_position", query):
        yield ChainRow(p, replica, seq, id_, case_id, OUTCOMES[outcome], *rest)


def by_case(connection: Connection) -> Iterator[BodyRow]:
    """Yield every event by case (in the order of ids), within a case in the order of the feed."""
    query = (
        "SELECT case_id::text, position, arrived_at, outcome, header, body, salt"
        " FROM event ORDER BY case_id, position"
    )
    for case_id, position, arrived_at, outcome, *rest in _stream(connection, "by_case", query):
        yield BodyRow(case_id, position, arrived_at, OUTCOMES[outcome], *rest)


def states(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Yield every case's id and state in the order of ids."""
    query = "SELECT case_id::text, state FROM case_state ORDER BY case_id"
    yield from _stream(connection, "states", query)


def bodies_of_type(connection: Connection, name: str) -> Iterator[bytes]:
    """Yield the bodies of every event of a type, in the order of the feed; erased ones are left out.

    ``name`` is found by the text of the canonical header, in which ``"type":"name"`` stands once at most.
    """
    query = "SELECT body FROM event WHERE body IS NOT NULL AND position(%s::bytea IN header) > 0 ORDER BY position"
    for (body,) in _stream(connection, "bodies", query, f'"type":"{name}"'.encode()):
        yield body


def overlapping_blocks(connection: Connection) -> list[Block]:
    """Return the blocks that begin before the one before them, of the same numbers, has ended."""
    query = (
        "SELECT template, year, first, last FROM (SELECT template, year, first, last,"
        " max(last) OVER (PARTITION BY template, year ORDER BY first, last"
        "  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM lease) AS ledger"
        " WHERE first <= before ORDER BY template, year, first"
    )
    return [Block(*row) for row in connection.execute(sa.text(query))]


def blocks_past_counter(connection: Connection) -> list[Block]:
    """Return the blocks that reach past what their counter says was burned."""
    query = sa.text(
        "SELECT l.template, l.year, l.first, l.last FROM lease l LEFT JOIN lease_counter c"
        " ON c.template = l.template AND c.year = l.year WHERE l.last >= coalesce(c.next, 1)"
        " ORDER BY l.template, l.year, l.first"
    )
    return [Block(*row) for row in connection.execute(query)]


def unaccounted(connection: Connection) -> list[Block]:
    """Return the runs of numbers below a counter that were neither given to a window nor burned for an epoch."""
    query = sa.text(
        "WITH known AS (SELECT template, year, first, last FROM lease"
        "  UNION ALL SELECT name, year, first, last FROM burned WHERE what = 'number'"
        "  UNION ALL SELECT template, year, next, next FROM lease_counter)"
        " SELECT template, year, before + 1, first - 1 FROM (SELECT template, year, first,"
        "  coalesce(max(last) OVER (PARTITION BY template, year ORDER BY first, last"
        "   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before FROM known) AS ledger"
        " WHERE first > before + 1 ORDER BY template, year, first"
    )
    return [Block(*row) for row in connection.execute(query)]


def read_all(connection: Connection) -> None:
    """Read every row the other walks pass over, so that a page the disk lost is met now and not when it is needed."""
    for table in set(METADATA.sorted_tables) - {event, case}:
        connection.execute(sa.text(f'SELECT count(md5(held::text)) FROM "{table.name}" AS held'))  # noqa: S608


def _stream(connection: Connection, name: str, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query through a cursor at the server, so that neither end holds them all."""
    with driver(connection).cursor(name, binary=True) as cursor:
        cursor.itersize = _BATCH
        cursor.execute(query, values or None)
        yield from cursor
