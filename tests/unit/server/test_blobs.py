"""Attachments at the centre: one contract, held by a folder and by a bucket of a real S3 server alike."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.server.files import blobs as module
from jinpu_desk.server.files.blobs import BlobStore, checked_digest, in_folder, open_blobs
from jinpu_desk.server.files.objects import BucketObjects, FolderObjects, open_objects
from jinpu_desk.sync.wire import CHUNK

DATA = bytes(range(251)) * 30_000  # 7.2 MiB: more than one part of an S3 upload
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "bucket"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ``--blobs`` address with nothing behind it yet."""
    return tmp_path.as_uri() if request.param == "folder" else str(request.getfixturevalue("bucket"))


@pytest.fixture
def store(url: str, tmp_path: Path) -> BlobStore:
    return open_blobs(url, tmp_path)


def named(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def whole(store: BlobStore, sha256: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(store.read(sha256, start, end))


def send(store: BlobStore, data: bytes, owner: str = "one") -> int:
    sha256 = named(data)
    for offset in range(store.received(sha256, owner), len(data), CHUNK):
        store.add(sha256, owner, offset, data[offset : offset + CHUNK])
    return store.finish(sha256, owner)


def test_a_large_blob_is_sent_by_pieces_and_read_by_ranges(store: BlobStore) -> None:
    assert send(store, DATA) == len(DATA)
    assert store.size(NAME) == len(DATA)
    assert store.received(NAME, "one") == 0  # nothing is left under way
    pieces = list(store.read(NAME))
    assert b"".join(pieces) == DATA
    assert max(map(len, pieces)) < 4 * CHUNK  # never the whole at once
    assert whole(store, NAME, CHUNK - 1, CHUNK + 1) == DATA[CHUNK - 1 : CHUNK + 1]
    assert whole(store, NAME, len(DATA) - 3) == DATA[-3:]
    assert list(store.complete()) == [(NAME, len(DATA))]
    assert store.finish(NAME, "two") == len(DATA)  # what is here needs no second copy


def test_an_empty_file_is_a_file_too(store: BlobStore) -> None:
    assert send(store, b"") == 0
    assert store.size(named(b"")) == 0
    assert whole(store, named(b"")) == b""


def test_two_senders_never_mix_their_pieces(store: BlobStore) -> None:
    sha256 = named(b"demo")
    store.add(sha256, "one", 0, b"de")
    store.add(sha256, "two", 0, b"d")
    store.add(sha256, "one", 2, b"mo")
    assert store.received(sha256, "two") == 1
    assert store.finish(sha256, "one") == 4
    assert store.received(sha256, "two") == 1


def test_wrong_pieces_are_refused_and_the_right_offset_is_told(store: BlobStore) -> None:
    sha256 = named(b"demo")
    store.add(sha256, "one", 0, b"de")
    for offset in (0, 1, 3):
        with pytest.raises(Refused, match=r"blob\.offset") as caught:
            store.add(sha256, "one", offset, b"o")
        assert caught.value.params["expected"] == 2
    with pytest.raises(Refused, match=r"blob\.too-large"):
        store.add(sha256, "one", 2, bytes(CHUNK + 1))
    assert store.received(sha256, "one") == 2


@pytest.mark.parametrize("wrong", [b"deXX", DATA[:-1] + b"X"])
def test_a_wrong_whole_is_thrown_away_and_can_be_sent_again(store: BlobStore, wrong: bytes) -> None:
    right = b"demo" if len(wrong) == 4 else DATA
    sha256 = named(right)
    for offset in range(0, len(wrong), CHUNK):
        store.add(sha256, "one", offset, wrong[offset : offset + CHUNK])
    with pytest.raises(Refused, match=r"blob\.hash"):
        store.finish(sha256, "one")
    assert (store.size(sha256), store.received(sha256, "one")) == (None, 0)
    with pytest.raises(Unavailable, match=r"blob\.missing"):
        store.read(sha256)
    with pytest.raises(Unavailable, match=r"blob\.missing"):
        store.read(sha256, 0, 1)
    assert send(store, right) == len(right)


def test_a_piece_that_comes_again_after_the_whole_begins_nothing(store: BlobStore) -> None:
    send(store, b"demo")
    with pytest.raises(Refused, match=r"blob\.offset") as caught:
        store.add(named(b"demo"), "one", 0, b"de")
    assert caught.value.params["expected"] == 4
    assert store.received(named(b"demo"), "one") == 0


def test_two_processes_take_pieces_of_the_same_upload(url: str, tmp_path: Path) -> None:
    ways = [open_blobs(url, tmp_path), open_blobs(url, tmp_path)]
    for number, offset in enumerate(range(0, len(DATA), CHUNK)):
        here, there = ways[number % 2], ways[(number + 1) % 2]
        have = here.add(NAME, "one", offset, DATA[offset : offset + CHUNK])
        assert there.received(NAME, "one") == have
    with ThreadPoolExecutor(2) as both:
        assert list(both.map(lambda way: way.finish(NAME, "one"), ways)) == [len(DATA)] * 2
    assert whole(ways[0], NAME) == DATA


def test_many_senders_of_one_content_end_with_one_copy(url: str, tmp_path: Path) -> None:
    data = DATA[: 2 * CHUNK + 5]
    with ThreadPoolExecutor(4) as senders:
        sizes = senders.map(lambda n: send(open_blobs(url, tmp_path), data, f"sender-{n}"), range(4))
        assert list(sizes) == [len(data)] * 4
    store = open_blobs(url, tmp_path)
    assert list(store.complete()) == [(named(data), len(data))]
    assert whole(store, named(data)) == data


_SENDER = """
import os, signal, sys
from pathlib import Path
from jinpu_desk.server.files.blobs import CHUNK, open_blobs
url, name, source, last = sys.argv[1:]
store, data = open_blobs(url, Path()), Path(source).read_bytes()
have = store.received(name, "one")
while have < len(data):
    have = store.add(name, "one", have, data[have : have + CHUNK])
    if have == int(last) * CHUNK:
        os.kill(os.getpid(), signal.SIGKILL)
store.finish(name, "one")
"""


def test_a_process_killed_between_pieces_leaves_whole_pieces(
    url: str, store: BlobStore, tmp_path: Path
) -> None:
    source = tmp_path / "scan"
    source.write_bytes(DATA)
    for last, status in ((2, -9), (5, -9), (0, 0)):
        done = subprocess.run([sys.executable, "-c", _SENDER, url, NAME, str(source), str(last)], check=False)
        assert done.returncode == status
        assert store.received(NAME, "one") == last * CHUNK
    assert whole(store, NAME) == DATA


_FORKED = """
import os, sys
from pathlib import Path
from jinpu_desk.server.files.blobs import open_blobs
url, name = sys.argv[1:]
store = open_blobs(url, Path())
for offset, piece in ((0, b"de"), (2, b"mo")):
    child = os.fork()
    if not child:
        store.add(name, "one", offset, piece)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
print(store.finish(name, "one"))
"""


def test_processes_that_were_forked_after_it_was_opened_use_it(url: str) -> None:
    command = [sys.executable, "-c", _FORKED, url, named(b"demo")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "4\n"


def test_a_sender_has_a_quota_of_unfinished_bytes(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNFINISHED", 3 * 64 * 1024)
    for name in ("a", "b"):
        store.add(named(name.encode()), "one", 0, name.encode())  # tiny ones count as more than they are
    with pytest.raises(Refused, match=r"blob\.quota"):
        store.add(named(b"c"), "one", 0, bytes(64 * 1024 + 1))
    store.add(named(b"c"), "two", 0, bytes(64 * 1024 + 1))
    assert send(store, b"a", "one") == 1  # what is finished counts no more
    store.add(named(b"c"), "one", 0, bytes(64 * 1024))


def test_what_nobody_continues_is_thrown_away(store: BlobStore) -> None:
    store.add(named(b"old"), "one", 0, b"o")
    send(store, b"kept")
    assert store.sweep(timedelta(hours=1)) == 0
    assert store.received(named(b"old"), "one") == 1
    assert store.sweep(timedelta(seconds=-60)) == 1
    assert store.received(named(b"old"), "one") == 0
    assert whole(store, named(b"kept")) == b"kept"


def test_a_folder_sweeps_by_itself_when_an_upload_begins(tmp_path: Path) -> None:
    store = in_folder(tmp_path)
    store.add(named(b"old"), "gone", 0, b"o")
    for file in tmp_path.rglob("*"):
        if file.is_file():
            os.utime(file, (0, 0))
    store.add(named(b"new"), "one", 0, b"n")
    assert store.received(named(b"old"), "gone") == 0
    assert store.received(named(b"new"), "one") == 1


def test_a_blob_from_a_backup_is_checked(store: BlobStore) -> None:
    store.put(NAME, [DATA[:CHUNK], DATA[CHUNK:]])
    assert whole(store, NAME) == DATA
    for wrong in ([b"x"], [DATA, b"x"]):
        with pytest.raises(Refused, match=r"blob\.hash"):
            store.put(named(b"y"), wrong)
    assert store.size(named(b"y")) is None
    assert [name for name, _size in store.complete()] == [NAME]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), cuts=st.lists(st.integers(1, 200), max_size=5))
def test_pieces_make_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]
) -> None:
    store = in_folder(tmp_path_factory.mktemp("blobs"))
    sha256, offset = named(data), 0
    for cut in [*cuts, 400]:
        offset = store.add(sha256, "one", offset, data[offset : offset + cut])
    assert store.size(sha256) is None
    assert store.finish(sha256, "one") == len(data)
    assert whole(store, sha256) == data


def test_a_folder_syncs_the_file_before_it_has_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, place = FolderObjects(tmp_path), tmp_path / "ab" / "cd"
    seen: list[tuple[str, bool]] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        opened = Path(f"/proc/self/fd/{descriptor}").readlink()
        seen.append(("file" if opened.is_file() else opened.name, place.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    objects.write("ab/cd", [b"demo"])
    assert seen == [("file", False), ("ab", True), (tmp_path.name, True)]
    seen.clear()
    objects.write("ab/ef", [b"demo"])
    assert [name for name, _there in seen] == ["file", "ab"]


def test_a_store_that_does_not_answer_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "demo")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "demo")
    monkeypatch.setattr("jinpu_desk.server.files.objects._RETRIES", 0)
    nobody = BlobStore(open_objects("s3://b?endpoint=http://127.0.0.1:9", tmp_path))
    with pytest.raises(Unavailable, match=r"blob\.store"):
        nobody.size(NAME)
    with pytest.raises(Unavailable, match=r"blob\.store"):
        nobody.add(NAME, "one", 0, b"x")


@pytest.mark.parametrize("name", ["", "../x", "A" * 64, "a" * 63, "a" * 64 + "/"])
def test_only_digests_are_names(name: str) -> None:
    with pytest.raises(Refused, match=r"blob\.name"):
        checked_digest(name)


def test_addresses_of_stores(tmp_path: Path) -> None:
    assert isinstance(open_objects("", tmp_path), FolderObjects)
    assert isinstance(open_objects((tmp_path / "件").as_uri(), tmp_path), FolderObjects)
    assert (tmp_path / "件").is_dir()
    assert isinstance(
        open_objects("s3://bucket/prefix?endpoint=https://s3.example&region=x", tmp_path), BucketObjects
    )


@pytest.mark.parametrize(
    "url",
    [
        "file://host/x",
        "relative",
        "s3://",
        "s3:///x",
        "s3://key:secret@bucket",
        "s3://b?secret=x",
        "s3://b?endpoint=ftp://x",
        "gs://b",
    ],
)
def test_other_addresses_are_refused_and_tell_no_secret(url: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"server\.blobs-url") as caught:
        open_objects(url, tmp_path)
    assert "key:secret" not in str(caught.value.params)


def entries(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def test_nothing_half_written_stays_in_a_folder(tmp_path: Path) -> None:
    store = in_folder(tmp_path)
    with pytest.raises(Refused, match=r"blob\.hash"):
        store.put(named(b"y"), [DATA, b"x"])
    send(store, b"demo")
    assert [path.name for path in entries(tmp_path)] == [named(b"demo")]
