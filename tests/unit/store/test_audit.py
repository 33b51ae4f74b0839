"""The audit log: appended, chained, joined with prints and events by time, and carried over from before."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CASE, CLERK, NOON, received
from samples.stores import open_store, record

GOLDEN = Path(__file__).parents[2] / "golden" / "store"
AT = utc(NOON)
DAY = timedelta(days=1)


def logged(store: SqlDeskStore, *whats: str) -> None:
    for what in whats:
        with store.transaction() as tx:
            tx.log("export", what, actor=CLERK, at=AT, detail="演示")


def test_log_prints_and_events_are_one_list(store: SqlDeskStore) -> None:
    record(store, received())
    logged(store, "export-report items csv")
    with store.transaction() as tx:
        tx.log_reveal(ClerkId("auditor"), "case", CASE, AT + timedelta(seconds=1))
    newest, *rest = store.audit(AT - DAY, AT + DAY)
    assert (newest.kind, newest.what, newest.actor, newest.case_no) == (
        "reveal",
        "case",
        "auditor",
        received().case_no,
    )
    assert {(entry.kind, entry.what) for entry in rest} == {
        ("export", "export-report items csv"),
        ("case", "case.received"),
    }
    assert store.audit(AT + DAY, AT + 2 * DAY) == ()
    assert store.audit(AT - DAY, AT + DAY, limit=1) == (newest,)
    assert store.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE n = 2",
        "DELETE FROM audit WHERE n = 1",
        "UPDATE audit SET actor = 'somebody' WHERE n = 2",
        "UPDATE audit SET at = at + 1 WHERE n = 3",
        "UPDATE audit SET kind = 'login' WHERE n = 1",
        "UPDATE audit SET case_id = 'other' WHERE n = 3",
    ],
)
def test_what_was_altered_or_removed_inside_is_noticed(store: SqlDeskStore, statement: str) -> None:
    logged(store, "一", "二", "三")
    assert store.verify().ok
    with store._engine.write() as connection:
        connection.execute(sa.text(statement))
    found = store.verify()
    assert not found.ok
    assert all("审计记录" in problem for problem in found.problems)


def test_rows_of_before_are_chained(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "0001.db", tmp_path / "desk.db")
    store = open_store(tmp_path / "desk.db")
    assert store.verify().ok
    before = store.audit(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    logged(store, "一")
    assert store.verify().ok
    after = store.audit(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    assert len(after) == len(before) + 1
    store.close()
