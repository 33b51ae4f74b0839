"""What travels when a new window begins from a snapshot in place of the whole feed (DESIGN §4)."""

from __future__ import annotations

import msgspec

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import Digest

from .wire import Checkpoint

EVERYTHING = "everything"
"""The scope of a window of the hall; that of a window of a station is the station's two digits."""
PIECE = 8 * 1024 * 1024
"""Largest piece of a snapshot in one answer."""


class SnapshotManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is. ``size`` and ``sha256`` are of the file as it travels, encrypted."""

    id: str
    scope: str
    epoch: str
    position: int
    hash: Digest
    schema: str  # revision of the desk's schema
    calendar: str  # digest of the calendar its terms were counted by
    built_at: int  # UTC ms
    size: int
    sha256: Digest
    events: int
    cases: int

    def checkpoint(self) -> Checkpoint:
        """The place of the feed it stands at."""
        return Checkpoint(epoch=self.epoch, position=self.position, hash=self.hash)

    def cursor(self) -> Cursor:
        """Where pulling goes on."""
        return Cursor(epoch=self.epoch, position=self.position, hash=self.hash)

    def statement(self) -> bytes:
        """The bytes the centre's signature covers."""
        return b"jinpu-snapshot-v1\n" + canonical(self)


class SnapshotAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot the asking replica may have, and the key it is under."""

    manifest: SnapshotManifest
    signature: bytes
    key: bytes  # 32 bytes
