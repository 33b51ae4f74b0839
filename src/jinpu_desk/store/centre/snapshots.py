"""What a snapshot for a new window is made of: the events of some cases, case by case. One consistent moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.domain.case import Status

from .engine import driver
from .schema import OUTCOMES, case, enrolment, event, replica, station


class SnapshotRow(msgspec.Struct, frozen=True, gc=False):
    """An event of a snapshot; hashes are raw bytes, ``case_id`` is hyphenated text."""

    case_id: str
    position: int
    header: bytes
    body: bytes | None
    salt: bytes | None
    outcome: str
    reason: str
    hash: bytes
    signature: bytes | None


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """Lend a connection that sees the database as it is now until the block ends; it writes nothing that lasts."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


def choose_all(connection: Connection, position: int) -> int:
    """Choose every case for ``chosen_events``; return how many there are."""
    every = sa.select(event.c.case_id).where(event.c.position <= position)
    return _choose(connection, every.distinct())


def choose_for_station(connection: Connection, number: str) -> int:
    """Choose what the windows of the station of that number need; return how many cases that are.

    These are the cases whose number it gave, whatever else one of its windows ever wrote on (so that the chains of
    its own windows are whole), the branches and packages of both, and what nobody has taken in yet: online
    pre-applications and visits that were guided on, which any counter may open.
    """
    of_number = sa.func.substr(case.c.case_no, 7, 2) == number
    unopened = case.c.status == int(Status.DRAFT)
    own = sa.select(case.c.case_id).where(sa.or_(of_number, unopened))
    written = (
        sa.select(event.c.case_id)
        .join(replica, replica.c.id == event.c.replica)
        .join(station, station.c.code == replica.c.station)
        .where(station.c.number == number)
    )
    return _choose(connection, sa.union(own, written))


def _choose(connection: Connection, cases: sa.Select[Any] | sa.CompoundSelect[Any]) -> int:
    """Note the chosen cases with the position of each one's first event, in a table that is gone afterwards."""
    chosen = cases.subquery()
    first = (
        sa.select(event.c.case_id, sa.func.min(event.c.position).label("first"))
        .where(event.c.case_id.in_(sa.select(chosen)))
        .group_by(event.c.case_id)
    )
    compiled = first.compile(connection, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql("DROP TABLE IF EXISTS chosen")
    connection.exec_driver_sql(f"CREATE TEMP TABLE chosen AS {compiled}")
    connection.exec_driver_sql("ANALYZE chosen")
    return int(connection.exec_driver_sql("SELECT count(*) FROM chosen").scalar_one())


def chosen_events(connection: Connection, position: int) -> Iterator[SnapshotRow]:
    """Yield the events of the chosen cases up to a position: case by case in the order of their first events."""
    with driver(connection).cursor() as cursor, cursor.copy(_COPY, [position]) as copy:
        copy.set_types(_TYPES)
        for row in copy.rows():
            id_, at, header, body, salt, outcome, reason, hash_, signature = row
            yield SnapshotRow(
                id_,
                at,
                header,
                body,
                salt,
                OUTCOMES[outcome],
                reason,
                hash_,
                signature,
            )


_COPY = (
    "COPY (SELECT e.case_id::text, e.position, e.header, e.body, e.salt, e.outcome, e.reason, e.hash, e.signature"
    " FROM chosen JOIN event AS e USING (case_id) WHERE e.position <= %s ORDER BY chosen.first, e.position)"
    " TO STDOUT (FORMAT BINARY)"
)
_TYPES = ["text", "int8", "bytea", "bytea", "bytea", "int2", "text", "bytea", "bytea"]


def stations_awaiting(connection: Connection, now: int) -> list[tuple[str, str]]:
    """Return code and number of the stations that a code was given out for which is still good."""
    open_codes = sa.select(enrolment.c.station).where(
        enrolment.c.used_at.is_(None), enrolment.c.expires_at > now
    )
    rows = connection.execute(
        sa.select(station.c.code, station.c.number)
        .where(station.c.code.in_(open_codes))
        .order_by(station.c.code)
    )
    return [(row.code, row.number) for row in rows]


def try_lock(connection: Connection, scope: str) -> bool:
    """Take the right to build a scope's snapshot until the transaction ends; False while another process has it."""
    asked = sa.text("SELECT pg_try_advisory_xact_lock(74210214, hashtext(:scope))")
    return bool(connection.execute(asked, {"scope": scope}).scalar_one())
