"""Scans and papers of other windows, brought here when somebody asks for them.

What comes is checked by its hash and kept: a scan encrypted among the attachments, a paper in the store, where
preview and reprint look for it. A download that broke off goes on where it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.papers import PaperKind
from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain.case import Attachment, Flag, Status
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.domain.ids import Digest

LARGEST = 64 * 1024 * 1024
"""Larger files stay at the centre."""
_LOCKS = 16
log = logging.getLogger(__name__)


class Files(Protocol):
    """The centre, as far as files are concerned."""

    def blob_from(self, sha256: Digest, offset: int) -> Iterator[bytes]:
        """Yield a file from ``offset`` on. Raises Unavailable ``blob.missing`` when it is not there (yet)."""
        ...


class FarFiles:
    """Brings files. Calls may come from several threads; a file comes once."""

    def __init__(self, desk: Callable[[], Desk], centre: Callable[[], Files]) -> None:
        """``desk`` and ``centre`` give those that count at the moment."""
        self._desk = desk
        self._centre = centre
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))

    def scan(self, sha256: Digest) -> bytes:
        """Return an attachment, from the centre when it is not here.

        Raises:
            Unavailable: ``blob.elsewhere`` without a network, ``blob.not-sent`` while its own window has not sent it,
                ``blob.damaged-there`` when what it has is not what was sent, ``blob.too-large-here``, ``blob.damaged``.
        """
        blobs = self._desk().blobs
        if not blobs.has(sha256):
            self._bring(sha256)
        return blobs.get(sha256)

    def paper(self, kind: str, sha256: Digest) -> bytes:
        """Return the bytes of an issued paper, from the centre when another window issued it.

        Raises:
            Unavailable: ``paper.bytes-elsewhere`` without a network, or while its window has not sent it.
        """
        desk = self._desk()
        held = desk.store.paper(sha256)
        if held is not None:
            return held
        try:
            self._bring(sha256)
        except DeskError as error:
            raise Unavailable("paper.bytes-elsewhere", kind, kind=PaperKind(kind).label) from error
        data = desk.blobs.get(sha256)
        with desk.store.transaction() as tx:
            tx.hold_paper(sha256, data)
        desk.blobs.remove(sha256)
        return data

    def pages_of_pre_applications(self) -> int:
        """Bring the pages of pre-applications that wait for this station, so that they can be judged offline.

        Returns how many files came; what cannot be had now is tried again next time.
        """
        came = 0
        for page in _waiting(self._desk()):
            try:
                self._bring(page.sha256, page.size)
            except Unavailable as error:
                if error.code == "blob.elsewhere":
                    break
                log.info("attachment: %s", error.code)
            except DeskError as error:
                log.warning("attachment: %s", error.code)
            else:
                came += 1
        return came

    def _bring(self, sha256: Digest, size: int = LARGEST) -> None:
        with self._locks[int(sha256[:2], 16) % _LOCKS]:
            try:
                self._desk().blobs.receive(sha256, lambda offset: self._limited(sha256, offset, size))
            except Unavailable as error:
                if error.code == "blob.missing":
                    raise Unavailable("blob.not-sent", sha256) from error
                if error.code == "blob.damaged":  # what came is not what its name says
                    raise Unavailable("blob.damaged-there", sha256) from error
                if error.code.startswith("sync."):
                    raise Unavailable("blob.elsewhere", sha256) from error
                raise

    def _limited(self, sha256: Digest, offset: int, size: int) -> Iterator[bytes]:
        """Yield what the centre has from ``offset`` on, and stop believing it past ``size`` bytes."""
        for piece in self._centre().blob_from(sha256, offset):
            offset += len(piece)
            if offset > size:
                raise Unavailable("blob.too-large-here", sha256, limit=size)
            yield piece


def _waiting(desk: Desk) -> Iterator[Attachment]:
    here = CaseQuery(status=int(Status.DRAFT), flag=str(Flag.ONLINE), station=desk.replica.station)
    after: str | None = None
    while True:
        page = desk.store.page(here, after=after)
        for row in page.rows:
            case = desk.store.case(row.case_id)
            for attached in case.attachments if case else ():
                if attached.size <= LARGEST and not desk.blobs.has(attached.sha256):
                    yield attached
        after = page.after
        if after is None:
            return
