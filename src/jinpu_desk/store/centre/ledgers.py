"""Number blocks, published reference data, and what the public progress page may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from . import schema as s


class LeaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A block of document numbers given to one replica."""

    id: str
    replica: str
    template: str
    kind: str
    year: int
    first: int
    last: int
    leased_at: int


class ProgressRow(msgspec.Struct, frozen=True):
    """A case as the progress page finds it, the code that opens it, and its state (JSON of ``server.events.judge.CaseState``)."""

    query_code: str
    item_name: str
    status: int
    last_at: int
    state: bytes


def take_numbers(connection: Connection, template: str, year: int, size: int) -> int:
    """Burn the next ``size`` numbers of a template and year and return the first of them."""
    burned = connection.execute(
        insert(s.lease_counter)
        .values(template=template, year=year, next=1 + size)
        .on_conflict_do_update(
            index_elements=[s.lease_counter.c.template, s.lease_counter.c.year],
            set_={"next": s.lease_counter.c.next + size},
        )
        .returning(s.lease_counter.c.next)
    )
    return int(burned.scalar_one()) - size


def take_serial(connection: Connection, replica_id: str, day: date) -> int:
    """Burn and return the next case serial (from 1) of a day in the series of the centre's own replica."""
    burned = connection.execute(
        insert(s.serial)
        .values(replica=replica_id, day=day, last=1)
        .on_conflict_do_update(
            index_elements=[s.serial.c.replica, s.serial.c.day], set_={"last": s.serial.c.last + 1}
        )
        .returning(s.serial.c.last)
    )
    return int(burned.scalar_one())


def add_lease(connection: Connection, row: LeaseRow) -> None:
    """Write a block into the ledger."""
    connection.execute(sa.insert(s.lease).values(msgspec.structs.asdict(row)))


def known_leases(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Return which of these blocks stand in the ledger."""
    return frozenset(connection.execute(sa.select(s.lease.c.id).where(s.lease.c.id.in_(list(ids)))).scalars())


def recall_lease(connection: Connection, row: LeaseRow) -> None:
    """Write a block into the ledger that was given before it, and count past it; one that overlaps stays out."""
    added = insert(s.lease).values(msgspec.structs.asdict(row)).on_conflict_do_nothing()
    connection.execute(added)
    connection.execute(
        insert(s.lease_counter)
        .values(template=row.template, year=row.year, next=row.last + 1)
        .on_conflict_do_update(
            index_elements=[s.lease_counter.c.template, s.lease_counter.c.year],
            set_={"next": sa.func.greatest(s.lease_counter.c.next, row.last + 1)},
        )
    )


def leases_of(connection: Connection, replica_id: str, year: int) -> list[LeaseRow]:
    """Return a replica's blocks of ``year`` and later, in the order they were given."""
    rows = connection.execute(
        sa.select(s.lease)
        .where(s.lease.c.replica == replica_id, s.lease.c.year >= year)
        .order_by(s.lease.c.kind, s.lease.c.year, s.lease.c.first)
    )
    return [LeaseRow(**row) for row in rows.mappings()]


def publish(connection: Connection, kind: str, digest: str, files: bytes, at: int) -> bool:
    """Keep a version and make it current; False when it was there already (it is current again then)."""
    connection.execute(sa.update(s.reference).where(s.reference.c.kind == kind).values(current=False))
    row = insert(s.reference).values(kind=kind, digest=digest, files=files, published_at=at, current=True)
    returned = row.on_conflict_do_nothing().returning(s.reference.c.digest)
    added = connection.execute(returned).one_or_none() is not None
    if not added:
        same = (s.reference.c.kind == kind) & (s.reference.c.digest == digest)
        connection.execute(sa.update(s.reference).where(same).values(current=True))
    return added


def current_versions(connection: Connection) -> dict[str, str]:
    """Return the digest of the current version of each kind."""
    rows = connection.execute(
        sa.select(s.reference.c.kind, s.reference.c.digest).where(s.reference.c.current)
    )
    return {row.kind: row.digest for row in rows}


def reference_files(connection: Connection, kind: str, digest: str) -> bytes | None:
    """Return the files of a version as MessagePack, None when there is no such version."""
    found = connection.execute(
        sa.select(s.reference.c.files).where(s.reference.c.kind == kind, s.reference.c.digest == digest)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)


def counts(connection: Connection) -> dict[str, int]:
    """Return what the centre holds, by name; the cases as PostgreSQL estimates them, so that asking is cheap."""
    position = connection.execute(sa.select(s.feed.c.position)).scalar_one()
    own = sa.select(s.centre.c.replica).scalar_subquery()
    live = (
        sa.select(sa.func.count())
        .select_from(s.replica)
        .where(s.replica.c.revoked_at.is_(None), s.replica.c.id.is_distinct_from(own))
    )
    set_aside = sa.select(s.event.c.outcome, sa.func.count()).where(s.SET_ASIDE).group_by(s.event.c.outcome)
    aside = {s.OUTCOMES[outcome]: int(count) for outcome, count in connection.execute(set_aside)}
    cases = sa.text("SELECT greatest(reltuples, 0)::int8 FROM pg_class WHERE relname = 'case_state'")
    return {
        "feed_position": int(position),
        "replicas": int(connection.execute(live).scalar_one()),
        "cases_estimated": int(connection.execute(cases).scalar_one()),
        "events_parked": aside.get("parked", 0),
        "events_dead": aside.get("dead", 0),
    }


def progress(connection: Connection, case_no: str) -> list[ProgressRow]:
    """Return the cases of that number: one, unless a store was copied against all rules."""
    columns = (s.case.c.query_code, s.case.c.item_name, s.case.c.status, s.case.c.last_at, s.case.c.state)
    rows = connection.execute(sa.select(*columns).where(s.case.c.case_no == case_no))
    return [ProgressRow(*row[:-1], bytes(row.state)) for row in rows]
