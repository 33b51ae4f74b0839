"""Flat structs of the ports as rows of tables with the same column names, and rows written by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy.dialects import sqlite

T = TypeVar("T", bound=msgspec.Struct)


def to_values(struct: msgspec.Struct) -> dict[str, Any]:
    """Return the columns of a struct."""
    return asdict(struct)


def from_values(kind: type[T], rows: Iterable[sa.Row[Any]]) -> tuple[T, ...]:
    """Return the structs that rows hold."""
    return tuple(kind(**row._asdict()) for row in rows)


class Many:
    """A statement compiled once and run for many rows; SQLAlchemy's care of each row costs more than SQLite does.

    Rows map every bound name to a value SQLite takes as it is: text, bytes, int or None.
    """

    def __init__(self, statement: sa.Insert) -> None:
        compiled = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"))
        self._sql = str(compiled)
        self._values = itemgetter(*compiled.positiontup or ())

    def run(self, connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run the statement for each row."""
        connection.exec_driver_sql(self._sql, [self._values(row) for row in rows])
