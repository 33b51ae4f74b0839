"""What every command of ``jinpu-server`` works with: the data folder, the database and the resources."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Engine

from jinpu_desk.app.ports import Clock
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.settings import CentreSettings, decode_settings
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.engine import connect, migrate

from ..clocks import process_clock

Answer = dict[str, Any] | None


class Place(msgspec.Struct, frozen=True):
    """What every command works with: the data folder, the database's address if named, and the resources."""

    data: Path
    database_url: str
    resources: Path

    @property
    def settings(self) -> CentreSettings:
        """The centre's settings."""
        return decode_settings((self.resources / "centre.toml").read_bytes())

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """Give an engine to the migrated database, embedded unless an address was named."""
        if self.database_url:
            yield from self._engine(self.database_url)
            return
        with Cluster(self.data).running() as url:
            yield from self._engine(url)

    def sound(self) -> bool:
        """Tell whether an embedded PostgreSQL still runs; one of somebody else's is not ours to judge."""
        return bool(self.database_url) or Cluster(self.data).lives

    @contextmanager
    def initialised(self) -> Iterator[tuple[Engine, registry.CentreRow, Clock]]:
        """Give engine, the centre's row and its clock. Raises Unavailable ``server.not-initialised``."""
        with self.database() as engine:
            with engine.connect() as connection:
                row = registry.centre(connection)
            if row is None:
                raise Unavailable("server.not-initialised", path=str(self.data))
            yield engine, row, process_clock(training=row.training)

    @staticmethod
    def _engine(url: str) -> Iterator[Engine]:
        engine = connect(url)
        try:
            migrate(engine)
            yield engine
        finally:
            engine.dispose()


def ask(variable: str, prompt: str) -> str:
    """Return a secret from the environment or the terminal; never from arguments."""
    value = os.environ.get(variable, "")
    if value:
        return value
    if not sys.stdin.isatty():
        raise Refused("user.password", variable)
    return getpass.getpass(prompt)
