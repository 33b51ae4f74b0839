"""Attachments at the desk, piece by piece: reading a part, and going on with a download."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.blobs import CHUNK, FileBlobs
from samples.stores import KEY

DATA = os.urandom(3 * CHUNK + 5)
NAME = Digest(hashlib.sha256(DATA).hexdigest())


def file_of(folder: Path) -> Path:
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    return file


def source(
    data: bytes, asked: list[int], breaks_after: int | None = None
) -> Callable[[int], Iterator[bytes]]:
    """Give ``data`` from an offset on, by odd pieces; the line goes after ``breaks_after`` bytes."""

    def pieces(offset: int) -> Iterator[bytes]:
        asked.append(offset)
        end = len(data) if breaks_after is None else min(offset + breaks_after, len(data))
        for start in range(offset, end, 70_001):
            yield data[start : min(start + 70_001, end)]
        if breaks_after is not None:
            raise Unavailable("sync.offline")

    return pieces


@settings(max_examples=40, deadline=None)
@given(start=st.integers(0, 3 * CHUNK + 9), length=st.integers(0, 2 * CHUNK))
def test_any_part_reads_as_in_the_whole(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int
) -> None:
    blobs = FileBlobs(tmp_path_factory.getbasetemp() / "shared", KEY)
    blobs.put(DATA)
    assert blobs.read(NAME, start, start + length) == DATA[start : start + length]
    assert blobs.size(NAME) == len(DATA)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_pieces_and_size_at_the_edges(tmp_path: Path, size: int) -> None:
    blobs, data = FileBlobs(tmp_path, KEY), DATA[:size]
    sha256 = blobs.put(data)
    pieces = list(blobs.pieces(sha256))
    assert (blobs.size(sha256), b"".join(pieces)) == (size, data)
    assert all(len(piece) <= CHUNK for piece in pieces)


def test_a_part_of_a_large_scan_takes_little_memory(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path, KEY)
    large = bytes(40 * CHUNK)
    sha256 = blobs.put(large)
    del large
    tracemalloc.start()
    for _piece in blobs.pieces(sha256):
        pass
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * CHUNK


def test_a_part_of_an_altered_or_absent_blob_is_refused(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path, KEY)
    with pytest.raises(Unavailable, match=r"blob\.missing"):
        blobs.size(NAME)
    with pytest.raises(Unavailable, match=r"blob\.missing"):
        blobs.read(NAME, 0, 1)
    blobs.put(DATA)
    file = file_of(tmp_path)
    raw = file.read_bytes()
    file.write_bytes(raw[:500] + bytes([raw[500] ^ 1]) + raw[501:])
    assert blobs.read(NAME, CHUNK, 2 * CHUNK) == DATA[CHUNK : 2 * CHUNK]  # its own chunk is sound
    with pytest.raises(Unavailable, match=r"blob\.damaged"):
        blobs.read(NAME, 0, 1)
    file.write_bytes(raw[: -CHUNK // 2])
    with pytest.raises(Unavailable, match=r"blob\.damaged"):
        blobs.read(NAME, 2 * CHUNK, 3 * CHUNK)


@pytest.mark.parametrize("size", [0, 5, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_a_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path, size: int) -> None:
    blobs, data, asked = FileBlobs(tmp_path, KEY), DATA[:size], list[int]()
    sha256 = Digest(hashlib.sha256(data).hexdigest())
    for breaks_after in (10, CHUNK + 10, CHUNK + CHUNK // 2):
        with pytest.raises(Unavailable, match=r"sync\.offline"):
            blobs.receive(sha256, source(data, asked, breaks_after))
        assert not blobs.has(sha256)
    blobs.receive(sha256, source(data, asked))
    assert asked == sorted(asked)
    assert asked[-1] == max(0, min(2, (size - 1) // CHUNK)) * CHUNK  # whole chunks were not asked for again
    assert blobs.get(sha256) == data
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    blobs.receive(sha256, source(b"not asked", asked))
    assert blobs.get(sha256) == data


def test_what_arrives_is_sealed_from_the_first_byte(tmp_path: Path) -> None:
    text = "演示身份证".encode() * 100_000
    with pytest.raises(Unavailable):
        FileBlobs(tmp_path, KEY).receive(NAME, source(text, [], CHUNK + 9))
    assert "演示".encode() not in file_of(tmp_path).read_bytes()


def test_other_bytes_than_the_name_says_are_thrown_away(tmp_path: Path) -> None:
    blobs, asked = FileBlobs(tmp_path, KEY), list[int]()
    with pytest.raises(Unavailable, match=r"blob\.damaged"):
        blobs.receive(NAME, source(DATA[:-1] + b"?", asked))
    blobs.receive(NAME, source(DATA, asked))
    assert asked == [0, 0]
    assert blobs.get(NAME) == DATA


@pytest.mark.parametrize("harm", ["torn", "flipped", "emptied"])
def test_a_damaged_beginning_is_begun_again(tmp_path: Path, harm: str) -> None:
    blobs, asked = FileBlobs(tmp_path, KEY), list[int]()
    with pytest.raises(Unavailable):
        blobs.receive(NAME, source(DATA, asked, 2 * CHUNK + 10))
    part = file_of(tmp_path)
    raw = part.read_bytes()
    harmed = {"torn": raw[:-7], "flipped": raw[:99] + bytes([raw[99] ^ 1]) + raw[100:], "emptied": b""}
    part.write_bytes(harmed[harm])
    blobs.receive(NAME, source(DATA, asked))
    assert asked == [0, 0]
    assert blobs.get(NAME) == DATA
