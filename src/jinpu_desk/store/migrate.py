"""Brings a store's file to the newest schema; a file that is there already costs one small read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from jinpu_desk.domain.errors import Unavailable

from .engine import Engine

HEAD = "0009"
"""Newest revision; a test holds it against the scripts, so that start-up need not load Alembic to know it."""

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, derive: Callable[[sa.Connection], None] = lambda _connection: None) -> None:
    """Upgrade the file to HEAD in one transaction; ``derive`` then makes the projections of a file that was there.

    Raises:
        Unavailable: ``store.newer`` when a newer program has written the file.
    """
    with engine.read() as connection:
        stored = _stored(connection)
    if stored == HEAD:
        return
    if stored is not None and stored > HEAD:
        raise Unavailable("store.newer", engine.path.name, stored=stored, known=HEAD)
    with engine.write() as connection:
        _upgrade(connection)
        if stored is not None:
            derive(connection)


def _stored(connection: sa.Connection) -> str | None:
    table = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if connection.exec_driver_sql(table).first() is None:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _upgrade(connection: sa.Connection) -> None:
    # Alembic is slow to import and needed once per release, so only here.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
