"""A backup holds a home, and lets nothing out of the folder it is restored into."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Refused
from jinpu_desk.store import backup
from jinpu_desk.store.home import Home


class Plain:
    """A file without encryption: what a backup holds is the same."""

    def __init__(self, data: bytes = b"") -> None:
        self.file = io.BytesIO(data)

    def write(self, data: bytes) -> None:
        self.file.write(data)

    def finish(self) -> None:
        pass

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        if len(data) != size:
            raise Refused("bundle.damaged", problem="length")
        return data

    def at_end(self) -> bool:
        place = self.file.tell()
        more = self.file.read(1)
        self.file.seek(place)
        return not more


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with Home(tmp_path / "home") as home:
        for name in (
            "keys.json",
            "replica.json",
            "replica.key",
            "mark",
            "trust/centre.json",
            "trust/token.sealed",
        ):
            (home.path / name).write_bytes(name.encode())
        (home.path / "blobs" / "ab").mkdir()
        (home.path / "blobs" / "ab" / "cd").write_bytes(b"scan" * 700_000)
        (home.path / "logs" / "desk.log").write_bytes(b"log")
        return home


def packed(home: Home) -> bytes:
    out = Plain()

    def copy(path: Path) -> None:
        path.write_bytes(b"database")

    backup.pack(home, copy, out)
    assert list(home.path.glob(".backup*")) == []
    return out.file.getvalue()


def test_what_goes_in_comes_out(home: Home, tmp_path: Path) -> None:
    notes = backup.read_notes(backup.notes_of(home, 1))
    staging = tmp_path / "new" / "staging"
    with Home(tmp_path / "new") as new:
        backup.lay_open(notes, staging)
        told = backup.unpack(Plain(packed(home)), staging)
        assert told.files == 5
        backup.move_in(staging, new)
        assert new.enrolled
        found = {p.relative_to(new.path).as_posix() for p in new.path.rglob("*") if p.is_file()}
    assert found == {
        "keys.json", "replica.json", "replica.key", "mark", "trust/centre.json", "trust/token.sealed",
        "blobs/ab/cd", "desk.db", "lock",
    }  # fmt: skip
    assert (tmp_path / "new/blobs/ab/cd").read_bytes() == b"scan" * 700_000


def entry(name: str, data: bytes = b"x", size: int | None = None) -> bytes:
    raw = msgspec.msgpack.encode({"name": name, "size": len(data) if size is None else size})
    return len(raw).to_bytes(4, "big") + raw + data


@pytest.mark.parametrize(
    "name",
    [
        "../desk.db", "/etc/passwd", "blobs/../../x", "blobs//x", "blobs/./x", "trust/..", "C:\\x", "blobs\\x",
        "keys.json", "replica.json", "trust/centre.json", "lock", "logs/x", "blobs/a\0b", "blobs/ x ", "blobs/" + "x" * 201, "blobs/x.",
        "desk.db-wal",
    ],
)  # fmt: skip
def test_names_that_could_leave_or_take_over_are_refused(name: str, tmp_path: Path) -> None:
    whole = entry("desk.db") + entry("replica.key") + entry(name) + entry("", b"")
    staging = tmp_path / "home" / "staging"
    staging.mkdir(parents=True)
    with pytest.raises(Refused, match=r"desk-backup\.damaged"):
        backup.unpack(Plain(whole), staging)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"desk.db", "replica.key"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x01\xc1",
        entry("desk.db", b"x", 1 << 50),
        entry("desk.db", b"x", -1),
        entry("desk.db") + entry("desk.db") + entry("", b""),
        entry("desk.db") + entry("", b""),
        entry("desk.db") + entry("replica.key") + entry("", b"") + b"more",
        entry("desk.db", b"x", 9),
    ],
)
def test_what_no_program_of_ours_wrote_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"(desk-backup|bundle)\.damaged"):
        backup.unpack(Plain(data), tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        backup.read_notes(data)


def test_a_newer_database_is_named(home: Home) -> None:
    notes = msgspec.msgpack.decode(backup.notes_of(home, 1), type=backup.Notes)
    later = msgspec.structs.replace(notes, schema="9999")
    with pytest.raises(Refused, match=r"desk-backup\.newer"):
        backup.read_notes(msgspec.msgpack.encode(later))
