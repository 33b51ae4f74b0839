"""Leases blocks of document numbers to replicas, so that papers carry final numbers offline (DESIGN §5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.engine import Connection

from jinpu_desk.app.ports import Lease
from jinpu_desk.domain.ids import uuid7
from jinpu_desk.domain.instants import CHINA
from jinpu_desk.store.centre import ledgers
from jinpu_desk.store.centre.ledgers import LeaseRow
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync.wire import LeaseAnswer, LeaseRequest

from .centre import Centre
from .epochs import require_whole
from .settings import NumberTemplate

_TURN = dt.timedelta(days=7)
"""Within this time of the new year, desks get blocks of the next year too."""


def refill(centre: Centre, replica: ReplicaRow, asked: LeaseRequest) -> LeaseAnswer:
    """Give a replica a new block of each kind of which it has half a block or less.

    A desk that repeats a request whose answer was lost does not name the newest block yet: it gets that block
    again, and no other.

    Raises Unavailable ``server.restored`` while the centre may have forgotten blocks it gave.
    """
    now = centre.clock.now()
    with centre.engine.begin() as connection:
        require_whole(connection)
        _know_again(connection, replica.id, asked.held, centre.now())
        held = ledgers.leases_of(connection, replica.id, years_of(now)[0])
        for template in _templates(centre, replica.station.authority):
            for year in years_of(now):
                mine = [row for row in held if (row.kind, row.year) == (template.kind, year)]
                if _wants(template, mine, asked.left):
                    held.append(_add(connection, centre, replica, template, year))
    ordered = sorted(held, key=lambda row: (row.kind, row.year, row.first))
    return LeaseAnswer(leases=[_lease(row) for row in ordered])


def _know_again(connection: Connection, replica_id: str, held: Sequence[Lease], now: int) -> None:
    """Write blocks into the ledger that a restored centre forgot it had given to this replica."""
    known = ledgers.known_leases(connection, [lease.id for lease in held])
    for lease in held:
        if lease.id in known:
            continue
        row = LeaseRow(
            id=lease.id,
            replica=replica_id,
            template=lease.template,
            kind=lease.kind,
            year=lease.year,
            first=lease.first,
            last=lease.last,
            leased_at=now,
        )
        ledgers.recall_lease(connection, row)


def _wants(template: NumberTemplate, held: list[LeaseRow], left: dict[str, int]) -> bool:
    """Tell whether a block is due: none was given yet, or the newest arrived and half of a block is used."""
    if not held:
        return True
    if held[-1].id not in left:
        return False
    return sum(max(left.get(row.id, 0), 0) for row in held) * 2 <= template.block


def _add(
    connection: Connection, centre: Centre, replica: ReplicaRow, template: NumberTemplate, year: int
) -> LeaseRow:
    first = ledgers.take_numbers(connection, template.template, year, template.block)
    row = LeaseRow(
        id=uuid7(centre.clock.now(), centre.entropy),
        replica=replica.id,
        template=template.template,
        kind=template.kind,
        year=year,
        first=first,
        last=first + template.block - 1,
        leased_at=centre.now(),
    )
    ledgers.add_lease(connection, row)
    return row


def _templates(centre: Centre, authority: str) -> list[NumberTemplate]:
    """Return one template per kind: the authority's own where it has one."""
    chosen: dict[str, NumberTemplate] = {}
    for entry in centre.settings.templates:
        if entry.authority == authority or (entry.authority == "*" and entry.kind not in chosen):
            chosen[entry.kind] = entry
    return list(chosen.values())


def years_of(now: dt.datetime) -> tuple[int, ...]:
    """Return the years of which numbers are given out now: this one, and the next when it is near."""
    local = now.astimezone(CHINA)
    return tuple(sorted({local.year, (local + _TURN).year}))


def _lease(row: LeaseRow) -> Lease:
    return Lease(
        id=row.id,
        kind=row.kind,
        template=row.template,
        year=row.year,
        first=row.first,
        last=row.last,
        next=row.first,
    )
