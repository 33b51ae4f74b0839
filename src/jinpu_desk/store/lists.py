"""Lists of cases: keyset pages, counts and search, each along an index."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from jinpu_desk.app.ports import CaseQuery, Page
from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.case import DeliverState
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import day_bounds
from jinpu_desk.domain.names import normalise_code, normalise_name

from .caserows import from_columns
from .projection import total
from .schema import cases, events
from .tally import waiting
from .terms import match_expression

_WIDER = 2
"""How many times ``limit`` are looked at before exact hits are put first."""
UNSERVED_DAYS = 10
_SEARCH = sa.text("SELECT rowid FROM search WHERE search MATCH :asked ORDER BY rowid DESC LIMIT :limit")
_BY_KEY = (
    sa.select(cases)
    .where(cases.c.n.in_(sa.bindparam("keys", expanding=True)))
    .order_by(cases.c.last_at.desc(), cases.c.n.desc())
)


def page(connection: sa.Connection, query: CaseQuery, after: str | None, limit: int) -> Page:
    """Return up to ``limit`` rows after the key ``after``.

    Raises:
        Refused: ``store.page-key`` for a key no page gave.
    """
    asked = sa.select(cases).where(*conditions(query)).limit(limit + 1)
    if query.order == "newest":
        asked = asked.order_by(cases.c.last_at.desc(), cases.c.case_id.desc())
    else:
        asked = asked.order_by(cases.c.next_term, cases.c.case_id)
    if after is not None:
        asked = asked.where(_beyond(query, after))
    found = [dict(row) for row in connection.execute(asked).mappings()]
    more = _key(query, found[limit - 1]) if len(found) > limit else None
    return Page(tuple(map(from_columns, found[:limit])), more)


def count(connection: sa.Connection, query: CaseQuery, at_most: int | None = None) -> int:
    """Return how many rows the pages of ``query`` hold; counting stops at ``at_most``."""
    met = conditions(query)
    if not met:
        found = total(connection)
        return found if at_most is None else min(found, at_most)
    rows: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(cases).where(*met).limit(at_most)
    return connection.execute(sa.select(sa.func.count()).select_from(rows.subquery())).scalar_one()


def conditions(query: CaseQuery) -> list[sa.ColumnElement[bool]]:
    """Return what a row must meet."""
    equal = {
        cases.c.status: query.status,
        cases.c.station: query.station,
        cases.c.clerk: query.clerk,
        cases.c.item: query.item,
        cases.c.parent: query.parent,
        cases.c.deliver_state: query.deliver_state,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if query.identity is not None:
        kind, number = query.identity
        found += [cases.c.identity_no == number, cases.c.identity_type == kind]
    if query.flag is not None:
        # The second condition lets SQLite use the index of flagged cases.
        found += [
            cases.c.flags.contains(f"|{query.flag}|", autoescape=True),
            cases.c.flags != sa.literal_column("''"),
        ]
    if query.open_only:
        found.append(cases.c.open == sa.literal_column("1"))
    if query.deliver_state not in (None, DeliverState.NONE):
        found.append(cases.c.deliver_state != sa.literal_column("'none'"))
    if query.due_to is not None:
        found.append(cases.c.next_term <= query.due_to.isoformat())
    if query.lapsed_by is not None:
        day = query.lapsed_by.isoformat()
        found += [
            cases.c.next_term <= day,  # lets SQLite use the index of running terms
            sa.or_(cases.c.correct_by <= day, cases.c.supplement_by <= day),
        ]
    if query.pending:
        pending = sa.select(events.c.case_id).where(events.c.outcome == sa.literal_column("'pending'"))
        found.append(cases.c.case_id.in_(pending))
    if query.conflict:
        aside = events.c.outcome.in_((sa.literal_column("'parked'"), sa.literal_column("'dead'")))
        found.append(cases.c.case_id.in_(sa.select(events.c.case_id).where(aside, waiting())))
    if query.mark is not None:
        found += [
            cases.c.marks.contains(f"|{query.mark}|", autoescape=True),
            cases.c.marks != sa.literal_column("''"),
        ]
    found += _spans(query) + _where_it_is(query)
    if query.top_only:
        found.append(cases.c.parent.is_(None))
    return found


def _where_it_is(query: CaseQuery) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on address and place; the inequality lets SQLite use their partial indices."""
    found: list[sa.ColumnElement[bool]] = []
    kept = ((cases.c.address, query.address), (cases.c.place, query.place), (cases.c.slip, query.slip))
    for column, value in kept:
        if value is not None:
            found += [column == value, column != sa.literal_column("''")]
    if query.standing:
        found.append(cases.c.standing == sa.literal_column("1"))
    return found


def _spans(query: CaseQuery) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on local days, both ends included."""
    spans = (
        (cases.c.received_on, query.received_from, query.received_to),
        (cases.c.arrived_on, query.arrived_from, query.arrived_to),
        (cases.c.accepted_on, query.accepted_from, query.accepted_to),
        (cases.c.decided_on, query.decided_from, query.decided_to),
        (cases.c.served_on, query.served_from, query.served_to),
    )
    found: list[sa.ColumnElement[bool]] = []
    for column, first, last in spans:
        if first is not None:
            found.append(column >= first.isoformat())
        if last is not None:
            found.append(column <= last.isoformat())
    if query.late:
        found.append(cases.c.due < cases.c.decided_on)
    if query.unserved_by is not None:
        # Calendar days: a coarse sieve for a rule in working days.
        served = sa.func.julianday(sa.func.coalesce(cases.c.served_on, query.unserved_by.isoformat()))
        found.append(served - sa.func.julianday(cases.c.decided_on) > UNSERVED_DAYS)
        found.append(cases.c.deliver_state != sa.literal_column("'none'"))
    if query.changed_from is not None:
        found.append(cases.c.last_at >= day_bounds(query.changed_from)[0])
    return found


def search(connection: sa.Connection, text: str, limit: int) -> tuple[CaseRow, ...]:
    """Return the cases that hold every word of ``text``: exact hits first, then newest."""
    asked = match_expression(text)
    if asked is None:
        return ()
    keys = connection.execute(_SEARCH, {"asked": asked, "limit": limit * _WIDER}).scalars().all()
    rows = [from_columns(row) for row in connection.execute(_BY_KEY, {"keys": keys}).mappings()]
    exact = {normalise_code(text), normalise_name(text)}
    rows.sort(key=lambda row: not _is(row, exact))
    return tuple(rows[:limit])


def _is(row: CaseRow, exact: set[str]) -> bool:
    return not exact.isdisjoint(
        (row.case_no, row.identity_no, row.phone, row.applicant_name, row.entity_name)
    )


def _key(query: CaseQuery, row: dict[str, Any]) -> str:
    return f"{row['last_at' if query.order == 'newest' else 'next_term']}|{row['case_id']}"


def _beyond(query: CaseQuery, after: str) -> sa.ColumnElement[bool]:
    first, bar, case_id = after.partition("|")
    if not bar or (query.order == "newest" and not first.lstrip("-").isdigit()):
        raise Refused("store.page-key", key=after)
    if query.order == "newest":
        return sa.tuple_(cases.c.last_at, cases.c.case_id) < sa.tuple_(int(first), case_id)
    return sa.tuple_(cases.c.next_term, cases.c.case_id) > sa.tuple_(first, case_id)
