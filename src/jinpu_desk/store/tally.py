"""Counts of a day and of the whole store."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from jinpu_desk.app.ports import StoreStatus
from jinpu_desk.app.ports.sync import DUPLICATE
from jinpu_desk.domain.ids import ReplicaId
from jinpu_desk.domain.instants import day_bounds, local

from .eventlog import head_of
from .projection import total
from .schema import blobs, cases, contact, events, jobs

HOURS = 24
_PRINTED = ("printed", "confirmed")
_PENDING = events.c.outcome == sa.literal_column("'pending'")
_RECEIVED = cases.c.received_at.between(sa.bindparam("start"), sa.bindparam("last"))


def tally(connection: sa.Connection, day: date) -> dict[str, Any]:
    """Return the counts of the local ``day``: see the port."""
    start, end = day_bounds(day)
    bounds = {"start": start, "last": end - 1}
    received = sa.select(cases.c.received_at, cases.c.status, cases.c.item, cases.c.clerk).where(_RECEIVED)
    hours = [0] * HOURS
    by_status: dict[int, int] = {}
    by_item: dict[str, int] = {}
    by_clerk: dict[str, int] = {}
    for at, status, item, clerk in connection.execute(received, bounds):
        hours[local(at).hour] += 1
        by_status[status] = by_status.get(status, 0) + 1
        by_item[item] = by_item.get(item, 0) + 1
        by_clerk[clerk] = by_clerk.get(clerk, 0) + 1
    decided = _number(connection, sa.select(sa.func.count()).where(cases.c.decided_on == day.isoformat()))
    printed = sa.select(sa.func.count()).where(jobs.c.at.between(start, end - 1), jobs.c.state.in_(_PRINTED))
    return {
        "received": sum(hours),
        "received_by_hour": hours,
        "decided": decided,
        "by_status": by_status,
        "by_item": by_item,
        "by_clerk": by_clerk,
        "printed": _number(connection, printed),
        "offline": _waiting_of(connection, start, end),
    }


def status(connection: sa.Connection, replica: ReplicaId, today: date) -> StoreStatus:
    """Return the counts of the status line."""
    start, end = day_bounds(today)
    pending, pending_cases = connection.execute(
        sa.select(sa.func.count(), sa.func.count(events.c.case_id.distinct())).where(
            _PENDING, events.c.replica == replica
        )
    ).one()
    own_today = sa.select(sa.func.count()).where(
        cases.c.received_at.between(start, end - 1), cases.c.replica == replica
    )
    return StoreStatus(
        pending=pending,
        acknowledged=head_of(connection, replica).seq - pending,
        acknowledged_today=_number(connection, own_today) - _waiting_of(connection, start, end),
        pending_cases=pending_cases,
        parked=_number(connection, sa.select(sa.func.count()).where(_set_aside("parked"), waiting())),
        dead=_number(connection, sa.select(sa.func.count()).where(_set_aside("dead"), waiting())),
        blobs_pending=_number(connection, sa.select(sa.func.count()).where(blobs.c.sent == 0)),
        last_contact=connection.execute(sa.select(contact.c.at)).scalar(),
        cases=total(connection),
        # Events are never deleted, so the last key is their number.
        events=_number(connection, sa.select(sa.func.coalesce(sa.func.max(events.c.n), 0))),
    )


def waiting() -> sa.ColumnElement[bool]:
    """Return the condition that a set-aside event needs a person: nobody resolved it, and it counts nowhere else."""
    answer = events.alias("answer")
    settled = sa.select(answer.c.n).where(
        answer.c.resolves == events.c.id, answer.c.outcome.not_in(("parked", "dead"))
    )
    return sa.and_(events.c.reason != DUPLICATE, ~sa.exists(settled.correlate(events)))


def _set_aside(outcome: str) -> sa.ColumnElement[bool]:
    # Literals, so that SQLite sees that the partial index of waiting events holds every hit.
    either = events.c.outcome.in_((sa.literal_column("'parked'"), sa.literal_column("'dead'")))
    return sa.and_(either, events.c.outcome == outcome)


def _waiting_of(connection: sa.Connection, start: int, end: int) -> int:
    """How many cases received between two instants have events the centre has not acknowledged."""
    pending = sa.select(events.c.case_id).where(_PENDING)
    asked = sa.select(sa.func.count()).where(
        cases.c.received_at.between(start, end - 1), cases.c.case_id.in_(pending)
    )
    return _number(connection, asked)


def _number(connection: sa.Connection, asked: sa.Select[int]) -> int:
    return connection.execute(asked).scalar_one()
