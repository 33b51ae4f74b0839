"""Sends attachments to the centre piece by piece; events never wait for them (DESIGN §4).

A piece is as large as the line carries in a second or so, at most 1 MiB: on a slow line a new event waits no longer
than that, and a line that drops takes no more with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec

from jinpu_desk.app.ports import Blobs, Clock
from jinpu_desk.app.ports.sync import SyncStore
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import Digest

from .centre import Centre
from .wire import CHUNK

LEAST_PIECE = 16 * 1024
"""What the slowest line is given at once."""
FIRST_PIECE = 128 * 1024
"""What a line is given before anything is known of it."""
_QUICK, _SLOW = timedelta(seconds=1), timedelta(seconds=3)
_JUMPS = 3
"""How often the centre may ask for another offset before an attachment is left for the next round."""


class Sent(msgspec.Struct, frozen=True):
    """``sent`` are at the centre now, ``left`` wait for the next round."""

    sent: int
    left: int


class Attachments:
    """The attachments of one desk on their way to the centre: scans, and after them the papers it issued."""

    def __init__(self, centre: Centre, store: SyncStore, blobs: Blobs, clock: Clock) -> None:
        """Join the parts; nothing is sent yet. ``clock`` tells how fast the line is."""
        self._centre = centre
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._piece = FIRST_PIECE
        self.moved = 0
        """Pieces sent so far."""

    def send(self, between: Callable[[], object], stopped: Callable[[], bool]) -> Sent:
        """Send what the centre lacks, and stop between two pieces when ``stopped`` says so.

        ``between`` is called before each piece, so that what is more urgent goes first. An attachment that cannot
        be read or is not taken stays behind and does not hold up the others.

        Raises what ``between`` raises, and Unavailable ``sync.offline`` and the like.
        """
        waiting = list(self._store.blobs_to_send())
        sent = 0
        for sha256, _size in waiting:
            if stopped():
                break
            try:
                whole = self._send(sha256, between, stopped)
            except (Refused, Unavailable) as error:
                if not error.code.startswith("blob."):
                    raise
                if error.code == "blob.store":
                    break  # the centre's own store is away; it will not have the next one either
                continue
            if whole:
                self._store.blob_sent(sha256)
                sent += 1
        return Sent(sent, len(waiting) - sent)

    def _send(self, sha256: Digest, between: Callable[[], object], stopped: Callable[[], bool]) -> bool:
        """Send one; tell whether the centre has it whole."""
        between()
        offset = self._centre.blob_offset(sha256)
        if offset is None:
            return True
        content = _content(sha256, self._store, self._blobs)
        size = content.size
        jumps = 0
        while offset < size:
            if stopped():
                return False
            try:
                offset += self._add(sha256, offset, content.read(offset, offset + self._piece))
            except Refused as refused:
                expected = refused.params.get("expected")
                jumps += 1
                # The centre has another part than was thought: an answer was lost, or came twice.
                if refused.code != "blob.offset" or not isinstance(expected, int) or jumps > _JUMPS:
                    raise
                offset = expected
            between()
        self._centre.blob_finish(sha256)
        return True

    def _add(self, sha256: Digest, offset: int, data: bytes) -> int:
        began = self._clock.now()
        try:
            self._centre.blob_add(sha256, offset, data)
        except DeskError:
            self._piece = max(LEAST_PIECE, self._piece // 2)
            raise
        self.moved += 1
        self._learn(len(data), self._clock.now() - began)
        return len(data)

    def _learn(self, size: int, took: timedelta) -> None:
        if took < _QUICK and size == self._piece:
            self._piece = min(CHUNK, self._piece * 2)
        elif took > _SLOW:
            self._piece = max(LEAST_PIECE, self._piece // 2)


class _Content(msgspec.Struct, frozen=True):
    """What is to be sent, without holding it whole."""

    size: int
    read: Callable[[int, int], bytes]


def _content(sha256: Digest, store: SyncStore, blobs: Blobs) -> _Content:
    """Find a scan among the attachments, or a paper in the store. Raises Unavailable ``blob.…``."""
    paper = None if blobs.has(sha256) else store.paper(sha256)
    if paper is None:
        return _Content(blobs.size(sha256), lambda start, end: blobs.read(sha256, start, end))
    data = paper
    return _Content(len(data), lambda start, end: data[start:end])


def whole(sha256: Digest, store: SyncStore, blobs: Blobs) -> bytes:
    """Return a scan or a paper that waits to be sent. Raises Unavailable ``blob.…`` when it cannot be read."""
    content = _content(sha256, store, blobs)
    return content.read(0, content.size)
