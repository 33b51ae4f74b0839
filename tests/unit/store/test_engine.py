"""The file itself: encrypted everywhere, honest about its faults, at the newest schema."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from jinpu_desk.app.ports import CaseQuery, SavedDraft
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.instants import utc
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.store import schema, verifying
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.engine import Engine
from jinpu_desk.store.migrate import HEAD, SCRIPTS, migrate
from samples.cases import CASE, CATALOGUE, CLERK, NOON, REPLICA, received
from samples.stores import KEY, PROJECTOR, open_store, record

Opener = Callable[..., SqlDeskStore]
GOLDEN = Path(__file__).parents[2] / "golden" / "store"
NOW = utc(NOON)


def test_wrong_key_is_told(opened: Opener) -> None:
    opened().close()
    with pytest.raises(Unavailable, match=r"store\.wrong-key"):
        opened(key=b"x" * 32)
    with pytest.raises(Unavailable, match=r"store\.wrong-key"):
        opened(key=b"short")
    assert opened().verify().ok


def test_damaged_page_is_told(opened: Opener, tmp_path: Path) -> None:
    store = opened()
    record(store, received())
    store.close()
    path = tmp_path / "desk.db"
    raw = bytearray(path.read_bytes())
    for page in range(1, len(raw) // 4096):
        raw[page * 4096 + 100] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Unavailable, match=r"store\.corrupt"):
        opened().page(CaseQuery())


def test_full_disk_is_told_and_nothing_is_half_written(store: SqlDeskStore) -> None:
    record(store, received())
    before = store.events_of(CASE)
    with store._engine.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    notes = [b.CaseNoted(text="演示" * 500 + str(number)) for number in range(200)]
    with pytest.raises(Unavailable, match=r"store\.disk-full"):
        record(store, *notes)
    store.rebuild()
    assert store.verify().ok
    assert store.events_of(CASE) == before
    with store._engine.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    record(store, b.CaseNoted(text="又有空间"))
    assert store.verify().ok


def test_no_personal_data_in_plain_in_any_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "desk.db")
    secrets = ("欧阳演示䶮", "210213199003070016", "13912345678", "演示密记小馆")
    who = Applicant(type="person", name=secrets[0], id_type="111", id_no=secrets[1], phone=secrets[2])
    record(store, received(applicant=who, form={"name": secrets[3]}))
    with store.transaction() as work:
        state = "".join(secrets).encode()
        work.keep_draft(SavedDraft(id="d", title=secrets[0], clerk=CLERK, saved_at=NOON, state=state))
    FileBlobs(tmp_path / "blobs", KEY).put("".join(secrets).encode())
    assert store.search(secrets[0])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"desk.db", "desk.db-wal"} <= {path.name for path in files}
    for path in files:
        assert path.stat().st_mode & 0o077 == 0, path.name
        raw = path.read_bytes()
        for secret in secrets:
            for encoding in ("utf-8", "utf-16-le", "gb18030"):
                assert secret.encode(encoding) not in raw, path.name
        assert b"SQLite format 3" not in raw
    store.close()


def test_metadata_and_migrations_agree(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "desk.db", KEY)
    migrate(engine)
    migrate(engine)
    with engine.read() as connection:
        options = {
            "include_name": lambda name, kind, _: kind != "table" or not name.startswith(schema.SEARCH)
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []
        search = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'search'"
        ).scalar_one()
    assert search == schema.SEARCH_DDL
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == HEAD
    engine.close()


def test_file_of_a_newer_program_is_left_alone(opened: Opener) -> None:
    store = opened()
    with store._engine.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(Unavailable, match=r"store\.newer"):
        opened()


@pytest.mark.parametrize("version", sorted(path.name for path in GOLDEN.glob("*.db")))
def test_stores_of_every_released_schema_open_and_verify(tmp_path: Path, version: str) -> None:
    shutil.copy(GOLDEN / version, tmp_path / "desk.db")
    store = open_store(tmp_path / "desk.db", entropy=Random(8).randbytes)
    report = store.verify()
    assert (report.problems, report.cases, report.events) == ((), 3, 8)
    assert len(store.search("演示")) == 3
    record(store, b.CaseNoted(text="演示"), case=store.page(CaseQuery()).rows[0].case_id)
    assert store.verify().ok
    store.close()


def test_verify_names_what_does_not_hold(store: SqlDeskStore) -> None:
    record(store, received(), b.CaseNoted(text="演示"))
    damage = {
        "UPDATE cases SET phone = '1'": "phone",
        "UPDATE counters SET value = 5": "办件计数",
        "DELETE FROM search": "检索表",
        "UPDATE heads SET seq = 9": "链头",
        "INSERT INTO papers VALUES ('00', x'01')": "文书 00",
        "UPDATE events SET body = x'7b7d' WHERE seq = 2": "chain.body",
        "UPDATE events SET case_id = 'x' WHERE seq = 2": "索引列",
        "DELETE FROM events WHERE seq = 1": "chain.gap",
        "DELETE FROM cases": "事件中有而表中没有",
    }
    for statement, named in damage.items():
        with store._engine._writing.connect() as connection:
            connection.exec_driver_sql(statement)
            report = verifying.verify(connection, REPLICA, PROJECTOR, None)
            connection.rollback()
        assert any(named in problem for problem in report.problems), (statement, report.problems)
    assert store.verify().ok


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cases SET phone = '1'",
        "UPDATE counters SET value = 5",
        "DELETE FROM counters",
        "DELETE FROM search",
        "INSERT INTO search(rowid, terms) VALUES (99, 'p')",
        "DELETE FROM cases",
        "UPDATE cases SET case_id = 'x'",
    ],
)
def test_rebuild_mends_what_is_derived(store: SqlDeskStore, damage: str) -> None:
    record(store, received())
    row = store.row(CASE)
    with store._engine.write() as connection:
        connection.exec_driver_sql(damage)
    assert not store.verify().ok
    store.rebuild()
    assert store.verify().problems == ()
    assert store.search("演示甲") == (row,)


def test_readers_do_not_wait_for_the_writer(store: SqlDeskStore) -> None:
    record(store, received())
    seen: list[int] = []
    with store.transaction() as work:
        work.record(CASE, b.CaseNoted(text="演示"), actor=CLERK, at=NOW, catalogue=CATALOGUE)
        thread = Thread(target=lambda: seen.append(len(store.events_of(CASE))))
        thread.start()
        thread.join()
    assert seen == [1]
    assert len(store.events_of(CASE)) == 2


def test_threads_write_one_after_another(store: SqlDeskStore) -> None:
    def write(number: int) -> None:
        for step in range(5):
            case = CaseId(f"01900000-0000-7000-8000-0000000{number:02}{step:03}")
            record(store, received(case_no=f"{number:012}{step:012}"), case=case)

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = store.verify()
    assert (report.problems, report.events) == ((), 20)


def test_a_failed_statement_does_not_tell_what_was_written(opened: Opener) -> None:
    store = opened()

    def twice() -> None:
        with store.transaction() as work:
            work.keep_duty("slip", duty_id="x", day=NOW.date(), at=NOW, clerk=CLERK, data="演示".encode())

    twice()
    with pytest.raises(IntegrityError) as caught:
        twice()
    assert "演示" not in str(caught.value)
    assert "parameters hidden" in str(caught.value)


def test_backup_is_whole_encrypted_and_opens(opened: Opener, tmp_path: Path) -> None:
    store = opened()
    record(store, received())
    with store.transaction() as work:
        work.record(CASE, b.CaseNoted(text="演示"), actor=CLERK, at=NOW, catalogue=CATALOGUE)
        store.back_up(tmp_path / "copy.db")
    assert "演示".encode() not in (tmp_path / "copy.db").read_bytes()
    copy = opened("copy.db")
    assert (copy.verify().ok, copy.status().events) == (True, 1)
    store.back_up(tmp_path / "copy2.db")
    assert opened("copy2.db").status().events == 2
    with pytest.raises(Unavailable, match=r"store\.io"):
        store.back_up(tmp_path / "nowhere" / "copy.db")
    assert not list(tmp_path.glob(".*"))
