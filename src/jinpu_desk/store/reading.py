"""One moment of the store, counted and read for reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa

from jinpu_desk.app.ports import CaseQuery, Dimension
from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.case import Case

from .caserows import from_columns, parted
from .eventlog import CHUNK, fold_stored, of_cases
from .lists import conditions
from .schema import cases

BATCH = 200
"""Cases folded at a time."""
_LATENESS = sa.case(
    (cases.c.legal_due < cases.c.decided_on, 2), (cases.c.due < cases.c.decided_on, 1), else_=0
)
_COLUMNS: dict[Dimension, sa.ColumnElement[Any]] = {
    "child": cases.c.parent.is_not(None),
    "lateness": _LATENESS,
}
_READ: dict[Dimension, Callable[[Any], Any]] = {
    "flags": parted,
    "marks": parted,
    "package": bool,
    "child": bool,
    "arrived_on": date.fromisoformat,
}


class SqlCaseReader:
    """Implements ``CaseReader`` on a connection whose first question fixes the moment."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def tally(self, query: CaseQuery, *by: Dimension) -> tuple[tuple[tuple[Any, ...], int], ...]:
        """Count the cases of ``query`` by every combination of values that occurs."""
        columns = [_COLUMNS[name] if name in _COLUMNS else cases.c[name] for name in by]
        counted = sa.select(*columns, sa.func.count()).select_from(cases)
        asked = counted.where(*conditions(query)).group_by(*columns)
        readers = [_READ.get(name, _as_is) for name in by]
        return tuple(
            (tuple(read(value) for read, value in zip(readers, row, strict=False)), row[-1])
            for row in self._connection.execute(asked.order_by(*columns))
            if row[-1]  # without columns to count by, nothing is one row that says 0
        )

    def rows(self, query: CaseQuery, *, limit: int | None = None) -> Iterator[CaseRow]:
        """Yield the rows of ``query`` in the order they got their numbers."""
        asked = (
            sa.select(cases)
            .where(*conditions(query))
            .order_by(cases.c.arrived_on, cases.c.n)
            .limit(limit)
            .execution_options(yield_per=CHUNK)
        )
        yield from map(from_columns, self._connection.execute(asked).mappings())

    def cases(self, query: CaseQuery, *, limit: int | None = None) -> Iterator[tuple[CaseRow, Case]]:
        """Yield rows with their folded cases, a batch read at a time."""
        rows = self.rows(query, limit=limit)
        while batch := list(islice(rows, BATCH)):
            found = of_cases(self._connection, [row.case_id for row in batch])
            for row in batch:
                case = fold_stored(found.get(row.case_id, ()))
                if case is not None:
                    yield row, case


def _as_is(value: Any) -> Any:
    return value
