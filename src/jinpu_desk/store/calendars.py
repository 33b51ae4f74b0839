"""By which calendar the rows were derived, and what moved when another came."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from jinpu_desk.app.calendars import RUNNING, CalendarChange, Compare, Recalculation
from jinpu_desk.app.rows import CaseRow, Projector
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.domain.instants import millis

from . import verifying
from .caserows import from_columns
from .engine import Engine
from .schema import cases, metadata

recalculations = sa.Table(
    "recalculations",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("change", sa.LargeBinary, nullable=False),
    sa.Column("seen_by", sa.String),  # empty where there was nothing to see
    sa.Column("seen_at", sa.BigInteger),
)
_LAST = sa.select(recalculations.c.digest).order_by(recalculations.c.n.desc()).limit(1)
_UNSEEN = (
    sa.select(recalculations).where(recalculations.c.seen_by.is_(None)).order_by(recalculations.c.n.desc())
)
_RUNNING = sa.select(cases).where(cases.c.status.in_([int(status) for status in RUNNING]))
_NOTHING = CalendarChange(moved=(), unchanged=0)


class SqlCalendarBook:
    """Implements ``CalendarBook`` on the desk's file."""

    def __init__(self, engine: Engine, projector: Projector) -> None:
        self._engine = engine
        self._projector = projector

    def derived_by(self) -> str | None:
        """Return the digest of the calendar the rows are by, None before any was noted."""
        with self._engine.read() as connection:
            return connection.execute(_LAST).scalar()

    def note(self, digest: str, at: datetime) -> None:
        """Say that the rows are by that calendar already."""
        with self._engine.write() as connection:
            note_calendar(connection, digest, at)

    def rederive(self, digest: str, at: datetime, compare: Compare) -> CalendarChange:
        """Derive every row anew and remember what moved, in one transaction."""
        with self._engine.write() as connection:
            before = _running(connection)
            verifying.rebuild(connection, self._projector)
            change = compare(before, _running(connection))
            _keep(connection, digest, at, change)
        return change

    def unseen(self) -> tuple[Recalculation, ...]:
        """Return the changes that moved a case and that nobody has taken note of, newest first."""
        with self._engine.read() as connection:
            rows = connection.execute(_UNSEEN).all()
        return tuple(
            Recalculation(
                n=row.n,
                digest=row.digest,
                at=row.at,
                change=msgspec.json.decode(row.change, type=CalendarChange),
            )
            for row in rows
        )

    def acknowledge(self, n: int, clerk: ClerkId, at: datetime) -> None:
        """Remember who took note of a change; the first stays."""
        mine = (recalculations.c.n == n) & recalculations.c.seen_by.is_(None)
        with self._engine.write() as connection:
            connection.execute(recalculations.update().where(mine).values(seen_by=clerk, seen_at=millis(at)))


def note_calendar(connection: sa.Connection, digest: str, at: datetime) -> None:
    """Say that the rows are by that calendar already."""
    _keep(connection, digest, at, _NOTHING)


def _running(connection: sa.Connection) -> list[CaseRow]:
    return [from_columns(row) for row in connection.execute(_RUNNING).mappings()]


def _keep(connection: sa.Connection, digest: str, at: datetime, change: CalendarChange) -> None:
    connection.execute(
        recalculations.insert().values(
            digest=digest,
            at=millis(at),
            change=msgspec.json.encode(change),
            seen_by=None if change.moved else "",
        )
    )
