"""The write-ahead log is folded back by a thread of its own, whole or bounded, and never in a writer's way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jinpu_desk.store import checkpointing
from jinpu_desk.store.checkpointing import BOUND_PAGES, PAGES, fold_back
from jinpu_desk.store.engine import Engine
from samples.stores import KEY


def fill(engine: Engine, pages: int) -> None:
    with engine.write() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS filled (n INTEGER PRIMARY KEY, data BLOB)")
        connection.exec_driver_sql("INSERT INTO filled (data) VALUES (zeroblob(?))", (pages * 4_096,))


def waiting(engine: Engine) -> int:
    connection = engine._connect(engine.path, 100)
    try:
        return fold_back(connection, 1 << 40)
    finally:
        connection.close()


def test_a_commit_leaves_the_log_to_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folded = threading.Event()

    def noted(connection: object, pages: int) -> int:
        found = fold_back(connection, pages)
        if found >= PAGES:
            folded.set()
        return found

    engine = Engine(tmp_path / "desk.db", KEY)
    try:
        engine._checkpointer.close()  # nobody folds back: a commit past the old bound must not either
        fill(engine, PAGES + 500)
        assert waiting(engine) > PAGES
    finally:
        engine.close()
    monkeypatch.setattr(checkpointing, "fold_back", noted)
    engine = Engine(tmp_path / "desk.db", KEY)
    try:
        fill(engine, PAGES + 500)
        assert folded.wait(30)
        assert waiting(engine) < PAGES
        with engine.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM filled").scalar() == 2
    finally:
        engine.close()


def test_the_log_is_bounded_when_the_thread_is_not_there(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "desk.db", KEY)
    engine._checkpointer.close()
    try:
        for _ in range(6):
            fill(engine, BOUND_PAGES // 4)
        assert waiting(engine) < BOUND_PAGES + BOUND_PAGES // 2
    finally:
        engine.close()


def test_no_thread_outlives_the_file(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "desk.db", KEY)
    fill(engine, PAGES + 500)
    assert "checkpoints" in {thread.name for thread in threading.enumerate()}
    engine.close()
    assert "checkpoints" not in {thread.name for thread in threading.enumerate()}
