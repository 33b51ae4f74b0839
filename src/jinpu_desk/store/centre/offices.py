"""Back offices, what they asked for, and the cases that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from . import schema as s


class OfficeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A back office or portal. It sees items named in ``items`` and those of ``authorities``; with neither, all."""

    name: str
    authorities: tuple[str, ...]
    items: tuple[str, ...]
    added_at: int
    revoked_at: int | None


class AskedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was granted: ``digest`` is of what was asked, ``answer`` the JSON that was given."""

    digest: bytes
    case_id: str
    answer: bytes


class CaseHead(msgspec.Struct, frozen=True):
    """A case of a list, with its state as ``server.events.judge.CaseState`` in JSON."""

    case_id: str
    state: bytes


_OFFICES = sa.select(
    s.office.c.name, s.office.c.authorities, s.office.c["items"], s.office.c.added_at, s.office.c.revoked_at
)


def add_office(connection: Connection, row: OfficeRow, token_hash: bytes) -> bool:
    """Add an office; False when the name is taken, also by a revoked one."""
    values = msgspec.structs.asdict(row) | {
        "authorities": list(row.authorities),
        "items": list(row.items),
        "token_hash": token_hash,
    }
    added = insert(s.office).values(values).on_conflict_do_nothing().returning(s.office.c.name)
    return connection.execute(added).one_or_none() is not None


def revoke_office(connection: Connection, name: str, at: int) -> bool:
    """Revoke an office from ``at`` on (the first revocation stands); False when there is none of that name."""
    revoked = connection.execute(
        sa.update(s.office)
        .where(s.office.c.name == name)
        .values(revoked_at=sa.func.coalesce(s.office.c.revoked_at, at))
    )
    return revoked.rowcount == 1


def offices(connection: Connection) -> list[OfficeRow]:
    """Return every office there ever was, by name."""
    return [_office(row) for row in connection.execute(_OFFICES.order_by(s.office.c.name))]


def office_by_token(connection: Connection, token_hash: bytes) -> OfficeRow | None:
    """Return the office a bearer token belongs to, revoked ones too."""
    row = connection.execute(_OFFICES.where(s.office.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _office(row)


def _office(row: Any) -> OfficeRow:
    return OfficeRow(
        name=row.name,
        authorities=tuple(row.authorities),
        items=tuple(row.items),
        added_at=row.added_at,
        revoked_at=row.revoked_at,
    )


def asked(connection: Connection, office: str, kind: str, key: str) -> AskedRow | None:
    """Return what was made of a request, None when it is new."""
    table = s.office_request
    row = connection.execute(
        sa.select(table.c.digest, table.c.case_id, table.c.answer).where(
            table.c.office == office, table.c.kind == kind, table.c.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    return AskedRow(digest=bytes(row.digest), case_id=row.case_id, answer=bytes(row.answer))


def keep_asked(connection: Connection, office: str, kind: str, key: str, row: AskedRow, at: int) -> None:
    """Remember what was made of a request."""
    values = msgspec.structs.asdict(row) | {"office": office, "kind": kind, "key": key, "at": at}
    connection.execute(sa.insert(s.office_request).values(values))


def case_id_of(connection: Connection, case_no: str) -> str | None:
    """Return the id of the case of that number, None when there is none or, against all rules, more than one."""
    found = connection.execute(sa.select(s.case.c.case_id).where(s.case.c.case_no == case_no).limit(2)).all()
    return found[0].case_id if len(found) == 1 else None


def state_of(connection: Connection, case_id: str) -> bytes | None:
    """Return the state of a case as the centre has folded it."""
    state = connection.execute(sa.select(s.case.c.state).where(s.case.c.case_id == case_id)).scalar()
    return None if state is None else bytes(state)


def cases_at(
    connection: Connection,
    statuses: Sequence[int],
    items: Sequence[str] | None,
    after: str | None,
    limit: int,
) -> list[CaseHead]:
    """Return up to ``limit`` cases in these statuses, of these items (None: of any), after a case id."""
    found = sa.select(s.case.c.case_id, s.case.c.state).where(s.case.c.status.in_(list(statuses)))
    if items is not None:
        found = found.where(s.case.c.item.in_(list(items)))
    if after is not None:
        found = found.where(s.case.c.case_id > after)
    rows = connection.execute(found.order_by(s.case.c.case_id).limit(limit))
    return [CaseHead(row.case_id, bytes(row.state)) for row in rows]
