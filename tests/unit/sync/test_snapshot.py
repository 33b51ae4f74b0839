"""A snapshot comes whole, from the centre that was pinned, or it does not come."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.sync.snapshot import Download, SnapshotSource, Told, checked_answer
from jinpu_desk.sync.wire_snapshot import PIECE, SnapshotAnswer, SnapshotManifest

CENTRE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DATA = bytes(range(256)) * 3 * (PIECE // 256) + b"end"
"""Three whole pieces and a bit."""


def manifest(**changes: Any) -> SnapshotManifest:
    fields: dict[str, Any] = {
        "id": "ab" * 16,
        "scope": "03",
        "epoch": "e1",
        "position": 7,
        "hash": Digest("1" * 64),
        "schema": "0006",
        "calendar": "0" * 64,
        "built_at": 1,
        "size": len(DATA),
        "sha256": Digest(hashlib.sha256(DATA).hexdigest()),
        "events": 7,
        "cases": 2,
    }
    return SnapshotManifest(**(fields | changes))


def answer(said: SnapshotManifest, key: bytes = bytes(32)) -> SnapshotAnswer:
    return SnapshotAnswer(manifest=said, signature=CENTRE.sign(said.statement()), key=key)


def check(given: SnapshotAnswer) -> SnapshotManifest:
    return checked_answer(given, centre_key=CENTRE.public_key().public_bytes_raw(), epoch="e1", schema="0006")


class Source:
    """A centre that breaks off before some pieces."""

    def __init__(self, data: bytes = DATA, *, breaks: int = 0, held_from: int | None = None) -> None:
        self.data = data
        self.breaks = breaks
        self.held_from = held_from
        self.held = Event()
        self.served = 0

    def snapshot(self) -> SnapshotAnswer:
        return answer(manifest())

    def snapshot_piece(self, snapshot_id: str, offset: int, length: int) -> bytes:
        if self.breaks and self.served % 2:
            self.breaks -= 1
            self.served += 1
            raise Unavailable("sync.offline")
        if self.held_from is not None and offset >= self.held_from:
            assert self.held.wait(60)
        self.served += 1
        return self.data[offset : offset + length]


def quiet(_done: int, _size: int) -> None:
    return None


def download(source: SnapshotSource, said: SnapshotManifest, folder: Path, told: Told) -> Path:
    """Fetch the whole."""
    with Download(source, said, folder, told) as part:
        part.ready(said.size)
    return part.path


def test_the_centres_own_word_is_believed() -> None:
    assert check(answer(manifest())) == manifest()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"position": 8}, "snapshot.forged"),
        ({"sha256": Digest("2" * 64)}, "snapshot.forged"),
        ({"scope": "everything"}, "snapshot.forged"),
    ],
)
def test_an_altered_manifest_is_refused(changes: dict[str, Any], code: str) -> None:
    genuine = answer(manifest())
    with pytest.raises(Refused) as refused:
        check(replace(genuine, manifest=manifest(**changes)))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (manifest(epoch="another"), "snapshot.forged"),
        (manifest(id="../../desk"), "snapshot.forged"),
        (manifest(schema="9999"), "snapshot.schema"),
        (manifest(schema="0001"), "snapshot.schema"),
    ],
)
def test_a_genuine_one_that_is_not_for_us_is_refused(said: SnapshotManifest, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check(answer(said))
    assert refused.value.code == code


def test_what_broke_off_is_gone_on_with(tmp_path: Path) -> None:
    source = Source(breaks=3)
    for _ in range(3):
        with pytest.raises(Unavailable):
            download(source, manifest(), tmp_path, quiet)
    told: list[int] = []
    part = download(source, manifest(), tmp_path, lambda done, _size: told.append(done))
    assert part.read_bytes() == DATA
    assert told[0] > 0  # not from the beginning
    assert told[-1] == len(DATA)


def test_leftovers_of_another_snapshot_are_no_part_of_this_one(tmp_path: Path) -> None:
    (tmp_path / f"{'cd' * 16}.part").write_bytes(DATA[:1000])
    (tmp_path / f"{'cd' * 16}.have").write_text("1000")
    assert download(Source(), manifest(), tmp_path, quiet).read_bytes() == DATA
    assert {path.stem for path in tmp_path.iterdir()} == {manifest().id}


@settings(max_examples=10, deadline=None)
@given(place=st.integers(0, len(DATA) - 1))
def test_one_altered_byte_is_found_and_nothing_stays(
    place: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("incoming")
    altered = DATA[:place] + bytes([DATA[place] ^ 1]) + DATA[place + 1 :]
    with pytest.raises(Refused) as refused:
        download(Source(altered), manifest(), folder, quiet)
    assert refused.value.code == "snapshot.corrupt"
    assert not list(folder.iterdir())


def test_a_torn_leftover_is_found_at_the_end_and_the_next_try_is_clean(tmp_path: Path) -> None:
    (tmp_path / f"{manifest().id}.part").write_bytes(bytes(PIECE))
    (tmp_path / f"{manifest().id}.have").write_text(str(PIECE))
    with pytest.raises(Refused):
        download(Source(), manifest(), tmp_path, quiet)
    assert download(Source(), manifest(), tmp_path, quiet).read_bytes() == DATA


@pytest.mark.parametrize("note", ["", "a", "-5", "9" * 30])
def test_a_torn_note_costs_at_most_the_pieces(tmp_path: Path, note: str) -> None:
    (tmp_path / f"{manifest().id}.part").write_bytes(DATA[:PIECE])
    (tmp_path / f"{manifest().id}.have").write_text(note)
    if note.startswith("9"):
        with pytest.raises(Refused):
            download(Source(), manifest(), tmp_path, quiet)
    assert download(Source(), manifest(), tmp_path, quiet).read_bytes() == DATA


def test_what_lies_there_can_be_read_while_the_rest_is_under_way(tmp_path: Path) -> None:
    source = Source(held_from=PIECE)
    with Download(source, manifest(), tmp_path, quiet) as part:
        part.ready(PIECE)
        assert part.path.stat().st_size == len(DATA)
        with part.path.open("rb") as file:
            assert file.read(PIECE) == DATA[:PIECE]
        assert not source.held.is_set()
        source.held.set()
        part.ready(len(DATA))
        assert part.path.read_bytes() == DATA


def test_the_last_byte_is_ready_when_the_whole_is_proven(tmp_path: Path) -> None:
    with Download(Source(), manifest(sha256=Digest("2" * 64)), tmp_path, quiet) as part:
        part.ready(len(DATA) - 1)
        with pytest.raises(Refused, match=r"snapshot\.corrupt"):
            part.ready(len(DATA))


def test_who_leaves_early_finds_the_pieces_again(tmp_path: Path) -> None:
    with Download(Source(), manifest(), tmp_path, quiet) as part:
        part.ready(PIECE)
    again = Source()
    assert download(again, manifest(), tmp_path, quiet).read_bytes() == DATA
    assert again.served < 4


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        download(Source(DATA[: PIECE + 5]), manifest(), tmp_path, quiet)
    assert refused.value.code == "snapshot.corrupt"
