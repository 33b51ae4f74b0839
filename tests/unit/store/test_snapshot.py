"""A snapshot becomes a desk's store whole or not at all, under the desk's own key."""

from __future__ import annotations

import shutil
from itertools import groupby
from pathlib import Path

import pytest

from jinpu_desk.app.ports import StoredEvent
from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import header_hash
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store import snapshot_taking
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.engine import Engine
from jinpu_desk.store.snapshot import Shipped, SnapshotMaker
from jinpu_desk.store.snapshot_taking import take
from samples.population import feed
from samples.stores import KEY, PROJECTOR, StoppedClock, open_store

THEIRS = bytes(reversed(range(32)))
CASES = 30
REACHED = Cursor(epoch="demo", position=102, hash=Digest("a" * 64))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "new.db"
    with SnapshotMaker(path, THEIRS, PROJECTOR) as maker:
        for case_id, items in groupby(feed(CASES), key=lambda item: item.event.header.case):
            maker.add(
                case_id,
                [
                    Shipped(
                        StoredEvent(event=i.event, outcome=i.outcome, position=i.position, reason=i.reason),
                        header_hash(i.event.header),
                        None,
                    )
                    for i in items
                ],
            )
        maker.finish(REACHED, b"s" * 64, PROJECTOR.calendar.digest, StoppedClock().now())
    assert maker.cases == CASES
    return path


def whole(_size: int) -> None:
    """Say that all of it is there."""


def taken(made: Path, target: Path, reached: Cursor = REACHED) -> SqlDeskStore:
    take(made, THEIRS, target, KEY, reached=reached, ready=whole)
    return open_store(target)


def test_the_store_is_whole_and_under_the_own_key(made: Path, tmp_path: Path) -> None:
    before = made.read_bytes()
    store = taken(made, tmp_path / "desk.db")
    try:
        report = store.verify()
        assert report.ok, report.problems
        assert report.cases == CASES
        assert store.sync.cursor() == REACHED
        assert [pin.at for pin in store.sync.checkpoints()] == [REACHED]
        assert store.calendars.derived_by() == PROJECTOR.calendar.digest
    finally:
        store.close()
    with pytest.raises(Unavailable) as refused:
        Engine(tmp_path / "desk.db", THEIRS)
    assert refused.value.code == "store.wrong-key"
    assert made.read_bytes() == before


def test_it_is_made_of_no_more_than_has_come(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_taking, "_STEP", 3)
    data, coming = made.read_bytes(), tmp_path / "coming.db"
    coming.write_bytes(bytes(len(data)))
    asked: list[int] = []

    def ready(size: int) -> None:
        asked.append(size)
        with coming.open("r+b") as file:
            file.write(data[:size])

    take(coming, THEIRS, tmp_path / "desk.db", KEY, reached=REACHED, ready=ready)
    assert asked[1:] == sorted(asked[1:])
    assert asked[1] == 3 * 4096
    assert len(asked) > len(data) / 4096 / 3
    store = open_store(tmp_path / "desk.db")
    try:
        assert store.verify().ok
    finally:
        store.close()


def test_one_that_is_never_proven_becomes_nothing(made: Path, tmp_path: Path) -> None:
    def ready(size: int) -> None:
        if size >= made.stat().st_size:
            raise Refused("snapshot.corrupt")

    with pytest.raises(Refused):
        take(made, THEIRS, tmp_path / "desk.db", KEY, reached=REACHED, ready=ready)
    assert not list(tmp_path.iterdir())


def test_nothing_of_it_can_be_read_where_it_lies(made: Path) -> None:
    lying = made.read_bytes()
    assert "演示".encode() not in lying
    assert b"SQLite format" not in lying
    assert b"case.received" not in lying


@pytest.mark.parametrize("place", [0, 20, 5000, 60_000])
def test_a_damaged_one_is_refused_and_leaves_nothing(made: Path, tmp_path: Path, place: int) -> None:
    damaged = bytearray(made.read_bytes())
    damaged[place] ^= 1
    source = tmp_path / "damaged.db"
    source.write_bytes(damaged)
    with pytest.raises(Refused) as refused:
        take(source, THEIRS, tmp_path / "desk.db", KEY, reached=REACHED, ready=whole)
    assert refused.value.code == "snapshot.corrupt"
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.db"]


def test_one_of_another_place_in_the_feed_is_refused(made: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        taken(made, tmp_path / "desk.db", Cursor(epoch="demo", position=103, hash=Digest("a" * 64)))
    assert refused.value.code == "snapshot.corrupt"
    assert not list(tmp_path.iterdir())


def test_a_desk_with_a_store_keeps_it(made: Path, tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"here")
    with pytest.raises(Refused) as refused:
        taken(made, tmp_path / "desk.db")
    assert refused.value.code == "snapshot.store-exists"
    assert (tmp_path / "desk.db").read_bytes() == b"here"


@pytest.mark.parametrize("step", ["_copy", "_check", "sync_folder"])
def test_killed_at_any_step_it_can_be_repeated(
    made: Path, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill leaves what lies there at that instant; ``finally`` does not run, so the folder is copied before it."""
    folder, crashed = tmp_path / "home", tmp_path / "crashed"
    folder.mkdir()
    real = getattr(snapshot_taking, step)

    def killed(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        shutil.copytree(folder, crashed)
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshot_taking, step, killed)
    with pytest.raises(KeyboardInterrupt):
        take(made, THEIRS, folder / "desk.db", KEY, reached=REACHED, ready=whole)
    monkeypatch.undo()
    target = crashed / "desk.db"
    store = open_store(target) if target.exists() else taken(made, target)
    try:
        assert store.verify().ok
        assert store.sync.cursor() == REACHED
    finally:
        store.close()
    assert target.exists() is (step == "sync_folder") or not (crashed / ".desk.db.new").exists()


def test_given_up_in_the_making_it_is_gone(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), SnapshotMaker(tmp_path / "new.db", THEIRS, PROJECTOR):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
