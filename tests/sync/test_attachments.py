"""Attachments on their way to the centre: resumed, deduplicated, by pieces the line can carry, behind events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.server.files.blobs import BlobStore, in_folder
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.sync.attachments import FIRST_PIECE, LEAST_PIECE, Attachments, Sent
from jinpu_desk.sync.centre import Centre
from jinpu_desk.sync.wire import CHUNK
from samples.memory import MemoryStore
from samples.stores import KEY, StoppedClock

OWNER = "window"
SCAN = bytes(range(251)) * 12_000  # 2.9 MiB


class Line:
    """The blob half of ``Centre``, without a network: ``speed`` bytes a second, and faults on demand."""

    def __init__(self, centre: BlobStore, clock: StoppedClock, speed: int) -> None:
        self.centre = centre
        self.clock = clock
        self.speed = speed
        self.pieces: list[tuple[int, int]] = []
        self.fault: Callable[[int], DeskError | None] = lambda _piece: None
        self.loses_answers = False

    def blob_offset(self, sha256: Digest) -> int | None:
        return None if self.centre.size(sha256) is not None else self.centre.received(sha256, OWNER)

    def blob_add(self, sha256: Digest, offset: int, data: bytes) -> None:
        self.clock.advance(timedelta(seconds=len(data) / self.speed))
        error = self.fault(len(self.pieces))
        if error is not None and not self.loses_answers:
            raise error
        self.pieces.append((offset, len(data)))
        self.centre.add(sha256, OWNER, offset, data)
        if error is not None:
            raise error

    def blob_finish(self, sha256: Digest) -> None:
        self.centre.finish(sha256, OWNER)


class Sender:
    """A desk with attachments and the line to its centre."""

    def __init__(self, folder: Path, speed: int = 1 << 30) -> None:
        self.clock = StoppedClock()
        self.store = MemoryStore(ReplicaId(OWNER))
        self.blobs = FileBlobs(folder / "desk", KEY)
        self.centre = in_folder(folder / "centre")
        self.line = Line(self.centre, self.clock, speed)
        centre: Centre = self.line  # type: ignore[assignment]  # the other half is never called
        self.attachments = Attachments(centre, self.store, self.blobs, self.clock)
        self.between: Callable[[], object] = lambda: None
        self.stopped: Callable[[], bool] = lambda: False

    def scan(self, data: bytes) -> Digest:
        sha256 = self.blobs.put(data)
        self.store.blobs[sha256] = len(data)
        return sha256

    def send(self) -> Sent:
        return self.attachments.send(self.between, self.stopped)

    def there(self, sha256: Digest) -> bytes:
        return b"".join(self.centre.read(sha256))


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(tmp_path)


def test_a_scan_arrives_by_growing_pieces_without_being_whole_in_memory(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = sender.scan(SCAN)

    def whole(_sha256: Digest) -> bytes:
        raise AssertionError("read whole")

    monkeypatch.setattr(sender.blobs, "get", whole)
    assert sender.send() == Sent(1, 0)
    assert sender.there(sha256) == SCAN
    assert [size for _offset, size in sender.line.pieces][:4] == [
        FIRST_PIECE,
        2 * FIRST_PIECE,
        4 * FIRST_PIECE,
        CHUNK,
    ]
    assert sender.send() == Sent(0, 0)


def test_a_slow_line_is_given_small_pieces(tmp_path: Path) -> None:
    sender = Sender(tmp_path, speed=8 * 1024)
    sender.scan(SCAN[:600_000])
    assert sender.send() == Sent(1, 0)
    sizes = [size for _offset, size in sender.line.pieces]
    assert sizes[0] == FIRST_PIECE
    assert sizes[-2] <= 3 * 8 * 1024  # no event waits longer than three seconds behind a piece


def test_what_the_centre_has_is_not_sent_again(sender: Sender) -> None:
    sha256 = sender.scan(SCAN)
    sender.centre.put(sha256, [SCAN])
    assert sender.send() == Sent(1, 0)
    assert sender.line.pieces == []


def test_a_cut_is_resumed_at_the_centres_offset(sender: Sender) -> None:
    sha256 = sender.scan(SCAN)
    sender.line.fault = lambda piece: Unavailable("sync.offline") if piece == 2 else None
    with pytest.raises(Unavailable, match=r"sync\.offline"):
        sender.send()
    sent = sum(size for _offset, size in sender.line.pieces)
    assert 0 < sent == sender.centre.received(sha256, OWNER)
    sender.line.fault = lambda _piece: None
    sender.line.pieces.clear()
    assert sender.send() == Sent(1, 0)
    assert sender.line.pieces[0] == (sent, 2 * FIRST_PIECE)  # half of what the line did not carry
    assert sender.there(sha256) == SCAN


def test_a_lost_answer_costs_no_second_piece(sender: Sender) -> None:
    sha256 = sender.scan(SCAN)
    sender.line.loses_answers = True
    sender.line.fault = lambda piece: Unavailable("sync.offline") if piece % 2 else None
    for _attempt in range(20):
        try:
            sender.send()
        except Unavailable:
            continue
        break
    assert sender.there(sha256) == SCAN
    assert sum(size for _offset, size in sender.line.pieces) == len(SCAN)


def test_another_offset_than_thought_is_followed(sender: Sender) -> None:
    sha256 = sender.scan(SCAN)
    add = sender.line.blob_add

    def twice(name: Digest, offset: int, data: bytes) -> None:
        if offset == FIRST_PIECE:
            sender.centre.add(name, OWNER, offset, data)  # the same piece came by another way first
        add(name, offset, data)

    sender.line.blob_add = twice  # type: ignore[method-assign, assignment]
    assert sender.send() == Sent(1, 0)
    assert sender.there(sha256) == SCAN


def test_a_centre_that_always_wants_another_offset_does_not_hold_a_round(sender: Sender) -> None:
    sender.scan(SCAN)
    sender.line.fault = lambda _piece: Refused("blob.offset", expected=7)
    assert sender.send() == Sent(0, 1)


@pytest.mark.parametrize("harm", ["missing", "damaged", "cut"])
def test_one_that_cannot_be_read_stays_behind_and_is_counted(
    sender: Sender, tmp_path: Path, harm: str
) -> None:
    bad = sender.scan(SCAN)
    (file,) = (path for path in (tmp_path / "desk").rglob("*") if path.is_file())
    good = sender.scan(b"demo")
    raw = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(raw[:-9] if harm == "cut" else raw[:99] + bytes([raw[99] ^ 1]) + raw[100:])
    assert sender.send() == Sent(1, 1)
    assert set(sender.store.blobs) == {bad}
    assert sender.there(good) == b"demo"


@pytest.mark.parametrize(
    ("error", "tried"),
    [(Refused("blob.quota"), 2), (Refused("blob.hash"), 2), (Unavailable("blob.store"), 1)],
)
def test_one_that_is_not_taken_stays_behind(sender: Sender, error: DeskError, tried: int) -> None:
    sender.scan(b"one"), sender.scan(b"two")
    count = iter(range(9))

    def fault(_piece: int) -> DeskError:
        next(count)
        return error

    sender.line.fault = fault
    assert sender.send() == Sent(0, 2)
    assert next(count) == tried


def test_other_refusals_end_the_round(sender: Sender) -> None:
    sender.scan(b"one")
    sender.line.fault = lambda _piece: Refused("auth.token")
    with pytest.raises(Refused, match=r"auth\.token"):
        sender.send()


def test_events_are_looked_for_before_each_piece(sender: Sender) -> None:
    sender.scan(SCAN)
    seen: list[int] = []
    sender.between = lambda: seen.append(len(sender.line.pieces))
    sender.send()
    assert seen == list(range(len(sender.line.pieces) + 1))


def test_it_stops_between_two_pieces_when_asked(sender: Sender) -> None:
    sha256 = sender.scan(SCAN)
    sender.scan(b"another")
    sender.stopped = lambda: len(sender.line.pieces) == 2
    assert sender.send() == Sent(0, 2)
    assert sender.centre.received(sha256, OWNER) == 3 * FIRST_PIECE
    sender.stopped = lambda: False
    assert sender.send() == Sent(2, 0)


def test_papers_issued_here_go_too(sender: Sender) -> None:
    data = b"%PDF demo"
    sha256 = Digest(hashlib.sha256(data).hexdigest())
    sender.store.papers[sha256] = data
    sender.store.blobs[sha256] = len(data)
    assert sender.send() == Sent(1, 0)
    assert sender.there(sha256) == data
    assert LEAST_PIECE < FIRST_PIECE < CHUNK
