"""Writes what cases have become: their row, their search words, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from jinpu_desk.app.rows import CaseRow, Projector
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.ids import CaseId

from .caserows import from_columns, to_columns
from .eventlog import CHUNK, fold_stored, of_cases
from .records import Many
from .schema import SEARCH, cases, counters
from .terms import searched, words_of

_insert = insert(cases)
_PUT = Many(
    _insert.on_conflict_do_update(
        index_elements=[cases.c.n],
        set_={c.name: _insert.excluded[c.name] for c in cases.c if c.name not in ("n", "case_id")},
    )
)
_DROP = cases.delete().where(cases.c.n == sa.bindparam("key"))
_PUT_WORDS = sa.text("INSERT OR REPLACE INTO search(rowid, terms) VALUES (:n, :words)")
_DROP_WORDS = sa.text("DELETE FROM search WHERE rowid = :key")
_DROP_STRAY_WORDS = sa.text("DELETE FROM search WHERE rowid NOT IN (SELECT n FROM cases)")
_worded = sa.select(sa.column("rowid", sa.Integer)).select_from(sa.table(SEARCH))
_WORDLESS = sa.select(cases).where(cases.c.n.not_in(_worded))
_KNOWN = sa.select(cases).where(cases.c.case_id.in_(sa.bindparam("cases", expanding=True)))
_LAST = sa.select(sa.func.coalesce(sa.func.max(cases.c.n), 0))
_insert_counter = insert(counters)
_COUNT = _insert_counter.on_conflict_do_update(
    index_elements=[counters.c.name],
    set_={"value": counters.c.value + _insert_counter.excluded.value},
)
CASES = "cases"
"""Name of the counter of rows in ``cases``; counting a million encrypted rows is too slow for a status line."""


def project(connection: sa.Connection, projector: Projector, folded: Mapping[CaseId, Case | None]) -> None:
    """Make the tables say what ``folded`` says; None takes a case out of them."""
    known = _known(connection, list(folded))
    put: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    dropped: list[dict[str, Any]] = []
    last = added = 0
    for case_id, case in folded.items():
        before = known.get(case_id)
        if case is None:
            if before:
                dropped.append({"key": before["n"]})
            continue
        row = projector(case)
        if before is None:
            last = (last or connection.execute(_LAST).scalar_one()) + 1
            added += 1
        n = last if before is None else before["n"]
        columns = to_columns(n, case, row)
        if before is not None and columns == before:
            continue
        put.append(columns)
        if before is None or searched(row) != searched(from_columns(before)):
            words.append({"n": n, "words": words_of(row)})
    _write(connection, put, words, dropped)
    _count(connection, added - len(dropped))


def refold(connection: sa.Connection, projector: Projector, case_ids: Iterable[CaseId]) -> None:
    """Fold cases from their events again and write what they have become."""
    asked = list(case_ids)
    if asked:
        found = of_cases(connection, asked)
        folded: dict[CaseId, Case | None] = {key: fold_stored(found.get(key, ())) for key in asked}
        project(connection, projector, folded)


def total(connection: sa.Connection) -> int:
    """Return how many cases there are, by the counter."""
    return connection.execute(sa.select(counters.c.value).where(counters.c.name == CASES)).scalar() or 0


def repair(connection: sa.Connection) -> None:
    """Bring counter and search words in line with the rows, where a damaged file had lost them."""
    rows = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
    _count(connection, rows - total(connection))
    connection.execute(_DROP_STRAY_WORDS)
    for row in connection.execute(_WORDLESS).mappings().all():
        connection.execute(_PUT_WORDS, {"n": row["n"], "words": words_of(from_columns(row))})


def _known(connection: sa.Connection, case_ids: Sequence[CaseId]) -> dict[CaseId, dict[str, Any]]:
    found: dict[CaseId, dict[str, Any]] = {}
    for start in range(0, len(case_ids), CHUNK):
        for row in connection.execute(_KNOWN, {"cases": case_ids[start : start + CHUNK]}).mappings():
            found[row["case_id"]] = dict(row)
    return found


def _write(
    connection: sa.Connection,
    put: list[dict[str, Any]],
    words: list[dict[str, Any]],
    dropped: list[dict[str, Any]],
) -> None:
    if put:
        _PUT.run(connection, put)
    if words:
        connection.execute(_PUT_WORDS, words)
    if dropped:
        connection.execute(_DROP, dropped)
        connection.execute(_DROP_WORDS, dropped)


def _count(connection: sa.Connection, change: int) -> None:
    if change:
        connection.execute(_COUNT, {"name": CASES, "value": change})


def read_row(connection: sa.Connection, case_id: CaseId) -> CaseRow | None:
    """Return the row of a case."""
    columns = _known(connection, [case_id]).get(case_id)
    return from_columns(columns) if columns else None
