"""Connects to the centre's PostgreSQL and brings its schema up to date."""

from __future__ import annotations

from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine, make_url

from jinpu_desk.domain.errors import Refused, Unavailable

_POOL = 20
_SPARE = 20
"""Connections of the database left to administration, backups and PostgreSQL itself."""


def connect(url: str, most: int = 2 * _POOL) -> Engine:
    """Return an engine for a ``postgresql://`` address with at most so many connections; nothing is opened yet.

    Raises Refused ``server.database-url`` for an address that is none.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise Refused("server.database-url", "--database-url") from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise Refused("server.database-url", "--database-url")
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=most - most // 2,
        max_overflow=most // 2,
        pool_pre_ping=True,
        connect_args={"prepare_threshold": 3, "connect_timeout": 10},
    )


def share(engine: Engine, processes: int) -> int:
    """Return how many connections each of so many processes may open, so that the database has enough for all."""
    with engine.connect() as connection:
        most = int(connection.execute(sa.text("SHOW max_connections")).scalar_one())
    return max(min((most - _SPARE) // processes, 2 * _POOL), 2)


def driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    """Return the driver's own connection, in the same transaction: for COPY, arrays, and what is asked in every push."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to ``revision``; one process at a time, the others wait.

    Raises Unavailable ``server.database`` when the database does not answer.
    """
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(74210213)"))
            move = command.downgrade if revision in {"base"} else command.upgrade
            move(alembic_config(connection), revision)
    except sa.exc.OperationalError as error:
        raise Unavailable("server.database") from error


def damage(error: BaseException) -> str | None:
    """Return what PostgreSQL says of a page or an index that is not what it wrote, None for any other error."""
    found = getattr(error, "orig", error)  # SQLAlchemy's wrapping, or the driver's own
    if isinstance(found, psycopg.errors.DataCorrupted | psycopg.errors.IndexCorrupted):
        return found.diag.message_primary or type(found).__name__
    return None


def alembic_config(connection: sa.Connection) -> Config:
    """Return the Alembic configuration of the migrations beside this file, bound to ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
