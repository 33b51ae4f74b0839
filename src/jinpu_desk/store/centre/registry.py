"""Who and what the centre knows: itself, stations, clerks, enrolment codes, replicas."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from . import schema as s
from .engine import driver


class CentreRow(msgspec.Struct, frozen=True, kw_only=True):
    """The centre itself."""

    training: bool
    division: str
    public_key: bytes


class StationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A station: ``number`` is the two digits in its case numbers."""

    code: str
    number: str
    name: str
    authority: str


class ClerkRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user; ``station`` None works everywhere."""

    name: str
    display_name: str
    password: str
    roles: tuple[str, ...]
    station: str | None
    revoked_at: int | None


class ReplicaRow(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolled window PC with its station."""

    id: str
    station: StationRow
    series: int
    window: str
    public_key: bytes
    certificate: bytes
    enrolled_at: int
    revoked_at: int | None
    seq: int
    former: str | None = None  # the incarnation before this one
    cause: str = ""


def add_centre(connection: Connection, row: CentreRow, epoch: str, genesis: bytes) -> None:
    """Write the one row of the centre and the feed's counter at position 0."""
    connection.execute(sa.insert(s.centre).values(one=1, **msgspec.structs.asdict(row)))
    connection.execute(sa.insert(s.feed).values(one=1, epoch=epoch, position=0, hash=genesis))
    connection.execute(sa.insert(s.epoch).values(id=epoch, bumped_at=0))


def centre(connection: Connection) -> CentreRow | None:
    """Return the centre's row, None before ``init``."""
    row = connection.execute(sa.select(s.centre)).one_or_none()
    if row is None:
        return None
    return CentreRow(training=row.training, division=row.division, public_key=bytes(row.public_key))


def own_replica(connection: Connection, *, lock: bool = False) -> ReplicaRow | None:
    """Return the replica the centre itself writes as, None before it first had to; ``lock`` lets one process make it."""
    asked = sa.select(s.centre.c.replica)
    replica_id = connection.execute(asked.with_for_update() if lock else asked).scalar_one_or_none()
    return None if replica_id is None else replica_by_id(connection, replica_id)


def set_own_replica(connection: Connection, replica_id: str) -> None:
    """Let the centre write as that replica from now on."""
    connection.execute(sa.update(s.centre).values(replica=replica_id))


def add_station(connection: Connection, row: StationRow) -> bool:
    """Add a station; False when its code or number is taken."""
    added = insert(s.station).values(next_series=0, **msgspec.structs.asdict(row))
    return _was_added(connection, added.on_conflict_do_nothing().returning(s.station.c.code))


def stations(connection: Connection) -> list[StationRow]:
    """Return every station by number."""
    return [_station(row) for row in connection.execute(sa.select(s.station).order_by(s.station.c.number))]


def station(connection: Connection, code: str) -> StationRow | None:
    """Return the station of that code."""
    row = connection.execute(sa.select(s.station).where(s.station.c.code == code)).one_or_none()
    return None if row is None else _station(row)


def station_numbered(connection: Connection, number: str) -> StationRow | None:
    """Return the station with those two digits."""
    row = connection.execute(sa.select(s.station).where(s.station.c.number == number)).one_or_none()
    return None if row is None else _station(row)


def take_series(connection: Connection, code: str) -> int:
    """Burn and return the next numbering series of a station (0 first); never given out twice."""
    burned = connection.execute(
        sa.update(s.station)
        .where(s.station.c.code == code)
        .values(next_series=s.station.c.next_series + 1)
        .returning(s.station.c.next_series)
    ).scalar_one()
    return int(burned) - 1


def add_clerk(connection: Connection, row: ClerkRow) -> bool:
    """Add a user; False when the name is taken, also by a revoked one."""
    values = msgspec.structs.asdict(row) | {"roles": list(row.roles)}
    added = insert(s.clerk).values(values).on_conflict_do_nothing()
    return _was_added(connection, added.returning(s.clerk.c.name))


def clerk(connection: Connection, name: str) -> ClerkRow | None:
    """Return a user, revoked ones too."""
    row = connection.execute(sa.select(s.clerk).where(s.clerk.c.name == name)).one_or_none()
    return None if row is None else _clerk(row)


def revoke_clerk(connection: Connection, name: str, at: int) -> bool:
    """Revoke a user from ``at`` on (the first revocation stands); False when there is none of that name."""
    revoked = connection.execute(
        sa.update(s.clerk)
        .where(s.clerk.c.name == name)
        .values(revoked_at=sa.func.coalesce(s.clerk.c.revoked_at, at))
    )
    return revoked.rowcount == 1


def standing(connection: Connection, names: Collection[str]) -> dict[str, bool]:
    """Return, for each of these users that exists, whether they are revoked."""
    query = "SELECT name, revoked_at IS NOT NULL FROM clerk WHERE name = ANY(%s)"
    return dict(driver(connection).execute(query, [list(names)]).fetchall())  # type: ignore[arg-type]


def keep_slot(connection: Connection, replica_id: str, name: str) -> None:
    """Remember that a clerk logged in at a replica."""
    connection.execute(insert(s.slot).values(replica=replica_id, clerk=name).on_conflict_do_nothing())


def clerks_at(connection: Connection, replica_id: str) -> list[ClerkRow]:
    """Return everybody who logged in at a replica, revoked ones too."""
    rows = connection.execute(
        sa.select(s.clerk)
        .join(s.slot, s.slot.c.clerk == s.clerk.c.name)
        .where(s.slot.c.replica == replica_id)
        .order_by(s.clerk.c.name)
    )
    return [_clerk(row) for row in rows]


def add_code(connection: Connection, code_hash: bytes, station_code: str, expires_at: int) -> None:
    """Keep the hash of an enrolment code."""
    connection.execute(
        sa.insert(s.enrolment).values(code_hash=code_hash, station=station_code, expires_at=expires_at)
    )


def use_code(connection: Connection, code_hash: bytes, now: int) -> str | None:
    """Use an enrolment code up and return its station; None when it is unknown, used or expired."""
    used = connection.execute(
        sa.update(s.enrolment)
        .where(
            s.enrolment.c.code_hash == code_hash,
            s.enrolment.c.used_at.is_(None),
            s.enrolment.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(s.enrolment.c.station)
    )
    return used.scalar_one_or_none()


def add_replica(connection: Connection, row: ReplicaRow, token_hash: bytes, genesis: bytes) -> None:
    """Write a new replica with an empty chain."""
    values = msgspec.structs.asdict(row) | {
        "station": row.station.code,
        "token_hash": token_hash,
        "hash": genesis,
    }
    connection.execute(sa.insert(s.replica).values(values))


_REPLICAS = sa.select(
    s.replica,
    s.station.c.number,
    s.station.c.name.label("station_name"),
    s.station.c.authority,
).join(s.station, s.station.c.code == s.replica.c.station)


def replica_by_token(connection: Connection, token_hash: bytes) -> ReplicaRow | None:
    """Return the replica a bearer token belongs to, revoked ones too."""
    row = connection.execute(_REPLICAS.where(s.replica.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _replica(row)


def replica_by_id(connection: Connection, replica_id: str) -> ReplicaRow | None:
    """Return a replica, revoked ones too."""
    row = connection.execute(_REPLICAS.where(s.replica.c.id == replica_id)).one_or_none()
    return None if row is None else _replica(row)


def replicas(connection: Connection) -> list[ReplicaRow]:
    """Return every replica there ever was, oldest first."""
    rows = connection.execute(_REPLICAS.order_by(s.replica.c.enrolled_at, s.replica.c.id))
    return [_replica(row) for row in rows]


def revoke_replica(connection: Connection, replica_id: str, at: int) -> bool:
    """Revoke a replica and its later incarnations from ``at`` on; False when there is none."""
    line = sa.select(s.replica.c.id).where(s.replica.c.id == replica_id).cte("line", recursive=True)
    line = line.union(sa.select(s.replica.c.id).join(line, s.replica.c.former == line.c.id))
    revoked = connection.execute(
        sa.update(s.replica)
        .where(s.replica.c.id.in_(sa.select(line.c.id)))
        .values(revoked_at=sa.func.coalesce(s.replica.c.revoked_at, at))
    )
    return revoked.rowcount > 0


def replica_by_key(connection: Connection, public_key: bytes) -> ReplicaRow | None:
    """Return the replica with that raw public key, revoked ones too."""
    row = connection.execute(_REPLICAS.where(s.replica.c.public_key == public_key)).one_or_none()
    return None if row is None else _replica(row)


def heads(connection: Connection) -> dict[str, int]:
    """Return how far each chain is held, of every replica there is."""
    return {row.id: row.seq for row in connection.execute(sa.select(s.replica.c.id, s.replica.c.seq))}


def reserve_series(connection: Connection, station_number: str, series: int) -> None:
    """Never give out ``series`` of a station again, though it was not given out here."""
    connection.execute(
        sa.update(s.station)
        .where(s.station.c.number == station_number)
        .values(next_series=sa.func.greatest(s.station.c.next_series, series + 1))
    )


def _was_added(connection: Connection, statement: sa.Executable) -> bool:
    return connection.execute(statement).one_or_none() is not None


def _station(row: sa.Row[tuple[object, ...]]) -> StationRow:
    return StationRow(code=row.code, number=row.number, name=row.name, authority=row.authority)


def _clerk(row: sa.Row[tuple[object, ...]]) -> ClerkRow:
    return ClerkRow(
        name=row.name,
        display_name=row.display_name,
        password=row.password,
        roles=tuple(row.roles),
        station=row.station,
        revoked_at=row.revoked_at,
    )


def _replica(row: sa.Row[tuple[object, ...]]) -> ReplicaRow:
    return ReplicaRow(
        id=row.id,
        station=StationRow(
            code=row.station, number=row.number, name=row.station_name, authority=row.authority
        ),
        series=row.series,
        window=row.window,
        public_key=bytes(row.public_key),
        certificate=bytes(row.certificate),
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        seq=row.seq,
        former=row.former,
        cause=row.cause,
    )
