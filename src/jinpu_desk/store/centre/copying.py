"""Whole tables out of a centre's database and into an empty one, as PostgreSQL's own COPY text.

The text form is the same for every version of PostgreSQL and can be read in decades with a text editor; no program
of PostgreSQL is needed at either end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy.engine import Connection, Engine

from .engine import alembic_config, driver
from .schema import METADATA, event

EVENTS = str(event.name)
_BACKUP_LOCK = 74210214
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table and its columns in the order in which they are copied."""

    name: str
    columns: tuple[str, ...]


def tables() -> list[Table]:
    """Return every table of the schema, those that others refer to first."""
    return [
        Table(name=str(table.name), columns=tuple(str(column.name) for column in table.columns))
        for table in METADATA.sorted_tables
    ]


def copy_out(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table as COPY text, in the order of its key."""
    keys = METADATA.tables[table.name].primary_key.columns
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _names(table.columns), sql.Identifier(table.name), _names(column.name for column in keys)
    )
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for piece in copy:
            yield bytes(piece)


def copy_in(connection: Connection, table: Table, pieces: Iterable[bytes]) -> int:
    """Write rows in COPY text into a table; return how many there were."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _names(table.columns))
    with driver(connection).cursor() as cursor:
        with cursor.copy(statement) as copy:
            for piece in pieces:
                copy.write(piece)
        return cursor.rowcount


def values(line: bytes) -> list[str | None]:
    """Return the values of one line of COPY text (PostgreSQL documentation, COPY, File Formats, Text Format)."""
    return [None if word == r"\N" else _plain(word) for word in line.decode().rstrip("\n").split("\t")]


def _plain(word: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), word) if "\\" in word else word


def raw(value: str) -> bytes:
    r"""Return the bytes of a ``bytea`` in its text form ``\x…``."""
    return bytes.fromhex(value.removeprefix(r"\x"))


def revision(connection: Connection) -> str:
    """Return the revision of the schema."""
    return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())


def is_known(connection: Connection, wanted: str) -> bool:
    """Tell whether this program knows a revision of the schema."""
    script = ScriptDirectory.from_config(alembic_config(connection))
    return wanted in {found.revision for found in script.walk_revisions()}


def build(connection: Connection, wanted: str) -> None:
    """Make the tables of a revision in an empty database, as rows-to-come need them: without any row."""
    command.upgrade(alembic_config(connection), wanted)


def is_empty(connection: Connection) -> bool:
    """Tell whether the database holds no table of anybody."""
    query = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    return bool(connection.execute(sa.text(query)).scalar_one() == 0)


@contextmanager
def only_one(engine: Engine) -> Iterator[bool]:
    """Say whether this is the only backup under way at this database, and keep others out for the block."""
    with engine.connect() as connection:
        asked = sa.text("SELECT pg_try_advisory_lock(:lock)").bindparams(lock=_BACKUP_LOCK)
        alone = bool(connection.execute(asked).scalar_one())
        connection.commit()
        try:
            yield alone
        finally:
            if alone:
                connection.execute(sa.text("SELECT pg_advisory_unlock_all()"))
                connection.commit()


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
