"""The duty book: appended, chained, carried over from the released schema, and part of a backup."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.store.desk import SqlDeskStore
from samples.stores import open_store

from .conftest import Opener

GOLDEN = Path(__file__).parents[2] / "golden" / "store"
AT = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)


def wrote(store: SqlDeskStore, *notes: str, day: date = date(2026, 9, 18)) -> None:
    for note in notes:
        with store.transaction() as tx:
            tx.keep_duty(
                "shift", duty_id=f"duty-{note}", day=day, at=AT, clerk=ClerkId("演示"), data=note.encode()
            )


def altered(store: SqlDeskStore, statement: str) -> tuple[str, ...]:
    with store._engine.write() as connection:
        connection.execute(sa.text(statement))
    return store.verify().problems


def test_rows_come_back_newest_first(store: SqlDeskStore) -> None:
    wrote(store, "一", "二")
    wrote(store, "三", day=date(2026, 9, 19))
    assert [entry.data.decode() for entry in store.duty()] == ["三", "二", "一"]
    assert [entry.id for entry in store.duty("shift", day=date(2026, 9, 18), limit=1)] == ["duty-二"]
    assert store.duty("day-end") == ()
    first = store.duty_entry("duty-一")
    assert first is not None
    assert (first.n, first.prev, first.day, first.at) == (1, "", date(2026, 9, 18), 1789696800000)
    assert store.duty_entry("nothing") is None
    assert store.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE duty SET data = x'00' WHERE n = 2",
        "UPDATE duty SET clerk = 'somebody' WHERE n = 1",
        "UPDATE duty SET day = '2026-09-01' WHERE n = 3",
        "DELETE FROM duty WHERE n = 2",
        "DELETE FROM duty WHERE n = 1",
        "UPDATE duty SET kind = 'slip' WHERE n = 3",
    ],
)
def test_what_was_altered_is_found(store: SqlDeskStore, statement: str) -> None:
    wrote(store, "一", "二", "三")
    problems = altered(store, statement)
    assert problems
    assert all("值班簿" in problem for problem in problems)


def test_nothing_is_kept_of_a_transaction_that_failed(store: SqlDeskStore) -> None:
    with suppress(RuntimeError), store.transaction() as tx:
        tx.keep_duty("slip", duty_id="x", day=date(2026, 9, 18), at=AT, clerk=ClerkId("演示"), data=b"")
        raise RuntimeError
    assert store.duty() == ()


def test_a_backup_holds_the_book(opened: Opener, tmp_path: Path) -> None:
    store = opened()
    wrote(store, "一")
    store.back_up(tmp_path / "copy.db")
    assert [entry.id for entry in opened("copy.db").duty()] == ["duty-一"]


@pytest.mark.parametrize("version", sorted(path.name for path in GOLDEN.glob("*.db")))
def test_a_store_of_every_released_schema_takes_the_book_up(tmp_path: Path, version: str) -> None:
    shutil.copy(GOLDEN / version, tmp_path / "desk.db")
    store = open_store(tmp_path / "desk.db")
    assert store.duty() == ()
    wrote(store, "一")
    row = store.page(CaseQuery()).rows[0]
    assert (row.slip, row.holder) == ("", "")
    assert store.verify().problems == ()
    store.close()
