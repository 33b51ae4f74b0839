"""Scans and papers of a backup: copied once by content, and read again by turns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest

from ..files.blobs import BlobStore
from .backup_events import NamedFile
from .backup_files import BlobCount
from .verify import OVERDUE

KEPT, PENDING, DAMAGED = "kept", "pending", "damaged"
TURNS = 28
"""Within so many daily backups every copied file was read again."""
_DAY = 86_400_000


class BlobCopies:
    """Brings the scans and papers a centre's cases name into the folder of its backups."""

    def __init__(self, source: BlobStore, copies: BlobStore, now: int) -> None:
        """Copy from ``source`` to ``copies``; ``now`` (UTC ms) says whose turn it is to be read again."""
        self._source = source
        self._copies = copies
        self._now = now
        self._turn = now // _DAY % TURNS
        self._count = {KEPT: 0, PENDING: 0, DAMAGED: 0}
        self.copied = 0
        self.renewed = 0
        self.awaits: int | None = None
        """Position of the first event whose file is not here yet and may still come."""

    def copy(self, named: Iterable[NamedFile]) -> Iterator[bytes]:
        """Copy what is missing; yield one line ``sha256 state`` each. Raises Unavailable ``blob.store``."""
        for file in named:
            state = self._one(file.sha256)
            self._count[state] += 1
            if state == PENDING and self.awaits is None and self._now - file.arrived_at <= OVERDUE:
                self.awaits = file.position
            yield f"{file.sha256} {state}\n".encode()

    @property
    def count(self) -> BlobCount:
        """What became of them."""
        total = sum(self._count.values())
        return BlobCount(named=total, pending=self._count[PENDING], damaged=self._count[DAMAGED])

    def _one(self, sha256: Digest) -> str:
        held = self._copies.size(sha256)
        if held is not None and (not self._has_turn(sha256) or self._is_sound(sha256)):
            return KEPT
        if self._source.size(sha256) is None:
            return PENDING if held is None else DAMAGED
        try:
            self._copies.put(sha256, self._source.read(sha256))
        except Refused:
            return DAMAGED
        self.copied += held is None
        self.renewed += held is not None
        return KEPT

    def _has_turn(self, sha256: Digest) -> bool:
        return int(sha256[:2], 16) % TURNS == self._turn

    def _is_sound(self, sha256: Digest) -> bool:
        whole = hashlib.sha256()
        try:
            for piece in self._copies.read(sha256):
                whole.update(piece)
        except Unavailable:
            return False
        return whole.hexdigest() == sha256
