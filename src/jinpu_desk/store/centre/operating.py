"""What running a centre for years needs: its backups, what a new epoch burns, and who was heard of when."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from . import schema as s

_RECENT = 200_000
"""Events among which the longest silence is looked for: weeks of a whole area."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """When a replica was last heard of (UTC ms) and how far it was served the feed; None before the first time."""

    replica: str
    at: int | None
    position: int | None


class Burned(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers burned unused when an epoch began: document numbers of a template and year, or series of a station."""

    what: str  # "number" or "series"
    name: str  # the template, or the station's code
    year: int  # 0 for series
    first: int
    last: int


def horizon(connection: Connection) -> int:
    """Return how far the newest backup goes: a position of the feed."""
    return int(connection.execute(sa.select(s.centre.c.horizon)).scalar_one())


def publish_horizon(connection: Connection, position: int) -> None:
    """Say that everything up to ``position`` is in a backup; it never goes back."""
    connection.execute(
        sa.update(s.centre).values(horizon=sa.func.greatest(s.centre.c.horizon, sa.literal(position)))
    )


def lock_centre(connection: Connection) -> None:
    """Lock the centre's row until the transaction ends: whoever would write in its own name waits."""
    connection.execute(sa.select(s.centre.c.one).with_for_update()).one()


def note_contacts(connection: Connection, heard: Mapping[str, tuple[int, int]]) -> None:
    """Remember when replicas were heard of and how far they were served (-1: nothing); later ones win."""
    if not heard:
        return
    known = set(
        connection.execute(sa.select(s.replica.c.id).where(s.replica.c.id.in_(list(heard)))).scalars()
    )
    rows = [
        {"replica": replica, "at": at, "position": position}
        for replica, (at, position) in sorted(heard.items())
        if replica in known
    ]
    if not rows:
        return
    added = insert(s.contact).values(rows)
    new = added.excluded
    connection.execute(
        added.on_conflict_do_update(
            index_elements=[s.contact.c.replica],
            set_={
                "at": sa.func.greatest(s.contact.c.at, new.at),
                "position": sa.case((new.position < 0, s.contact.c.position), else_=new.position),
            },
        )
    )


def contacts(connection: Connection) -> dict[str, Heard]:
    """Return what is known of every replica that was ever heard of."""
    return {
        row.replica: Heard(
            replica=row.replica, at=row.at, position=None if row.position < 0 else row.position
        )
        for row in connection.execute(sa.select(s.contact))
    }


def last_sign(connection: Connection, before: int) -> int | None:
    """Return the last instant (UTC ms) before ``before`` of which the database tells: None when it tells nothing."""
    asked = (
        sa.select(sa.func.max(s.event.c.arrived_at)).where(s.event.c.arrived_at <= before),
        sa.select(sa.func.max(s.lease.c.leased_at)).where(s.lease.c.leased_at <= before),
        sa.select(sa.func.max(s.replica.c.enrolled_at)).where(s.replica.c.enrolled_at <= before),
        sa.select(sa.func.max(s.contact.c.at)).where(s.contact.c.at <= before),
    )
    found = [connection.execute(one).scalar() for one in asked]
    return max((int(at) for at in found if at is not None), default=None)


def longest_silence(connection: Connection, since: int) -> int:
    """Return the longest time (ms) that went before an arrival after ``since``: a hole in time shows as silence."""
    query = sa.text(
        "SELECT coalesce(max(at - before), 0) FROM (SELECT arrived_at AS at,"
        " lag(arrived_at) OVER (ORDER BY position) AS before FROM event"
        " WHERE position > (SELECT position FROM feed) - :recent) AS arrivals WHERE at > :since"
    )
    return int(connection.execute(query, {"recent": _RECENT, "since": since}).scalar_one())


def skip_numbers(connection: Connection, template: str, year: int, size: int) -> int:
    """Burn the next ``size`` numbers of a template and year; return the first of them."""
    burned = connection.execute(
        insert(s.lease_counter)
        .values(template=template, year=year, next=1 + size)
        .on_conflict_do_update(
            index_elements=[s.lease_counter.c.template, s.lease_counter.c.year],
            set_={"next": s.lease_counter.c.next + size},
        )
        .returning(s.lease_counter.c.next)
    ).scalar_one()
    return int(burned) - size


def skip_series(connection: Connection, station: str, size: int, limit: int) -> tuple[int, int] | None:
    """Burn up to ``size`` series of a station, none past ``limit``; return the first and the last, None for none."""
    row = connection.execute(
        sa.select(s.station.c.next_series).where(s.station.c.code == station).with_for_update()
    ).one()
    first, last = row.next_series, min(row.next_series + size - 1, limit)
    if last < first:
        return None
    connection.execute(sa.update(s.station).where(s.station.c.code == station).values(next_series=last + 1))
    return first, last


def burn(connection: Connection, epoch: str, rows: Collection[Burned]) -> None:
    """Enter into the ledger what was burned for an epoch."""
    if rows:
        connection.execute(
            sa.insert(s.burned), [{"epoch": epoch} | msgspec.structs.asdict(row) for row in rows]
        )


def burned(connection: Connection) -> list[tuple[str, Burned]]:
    """Return what was ever burned, with the epoch it was for."""
    rows = connection.execute(
        sa.select(s.burned).order_by(s.burned.c.what, s.burned.c.name, s.burned.c.year, s.burned.c.first)
    ).mappings()
    return [(row["epoch"], Burned(**{k: v for k, v in row.items() if k != "epoch"})) for row in rows]


def void_codes(connection: Connection, at: int) -> int:
    """Use up every enrolment code that was not used, so that none used since the backup opens twice."""
    voided = connection.execute(
        sa.update(s.enrolment).where(s.enrolment.c.used_at.is_(None)).values(used_at=at)
    )
    return int(voided.rowcount)


def counters(connection: Connection, year: int) -> set[tuple[str, int]]:
    """Return the templates and years (``year`` and later) of which numbers were ever given out."""
    columns = s.lease_counter.c
    rows = connection.execute(sa.select(columns.template, columns.year).where(columns.year >= year))
    return {(row.template, row.year) for row in rows}
