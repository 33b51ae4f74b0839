"""Sends attachments to the centre piece by piece; events never wait for them (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Callable

from jinpu_desk.app.ports import Blobs
from jinpu_desk.app.ports.sync import SyncStore
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest

from .centre import Centre
from .wire import CHUNK


class Attachments:
    """The attachments of one desk on their way to the centre."""

    def __init__(self, centre: Centre, store: SyncStore, blobs: Blobs) -> None:
        """Join the parts; nothing is sent yet."""
        self._centre = centre
        self._store = store
        self._blobs = blobs

    def send(self, between: Callable[[], object]) -> int:
        """Send the attachments of own events the centre lacks; return how many are there now.

        ``between`` is called before each piece, so that what is more urgent goes first. An attachment that
        cannot be read or is not taken stays behind and does not hold up the others.
        """
        sent = 0
        for sha256, _size in list(self._store.blobs_to_send()):
            try:
                self._send(sha256, between)
            except Unavailable as error:
                if error.code != "blob.missing":
                    raise
                continue
            except Refused as error:
                if not error.code.startswith("blob."):
                    raise
                continue
            self._store.blob_sent(sha256)
            sent += 1
        return sent

    def _send(self, sha256: Digest, between: Callable[[], object]) -> None:
        offset = self._centre.blob_offset(sha256)
        if offset is None:
            return
        data = self._blobs.get(sha256)
        while offset < len(data):
            between()
            piece = data[offset : offset + CHUNK]
            self._centre.blob_add(sha256, offset, piece)
            offset += len(piece)
        self._centre.blob_finish(sha256)
