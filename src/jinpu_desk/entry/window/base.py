"""What every part of the window's backend shares: the home, its devices, and the desk that is open now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.papers import PaperKind
from jinpu_desk.app.ports.devices import IdReader, IncomingPage, Printing, TurnedAway
from jinpu_desk.app.ports.licences import LicenceLookup
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, Digest, EventId

from ..home.enrolment import Enrolment
from ..home.far_files import FarFiles
from ..home.inbox import scan_inbox
from ..home.late_papers import LatePapers
from ..home.unlocked import OpenDesk
from .messenger import Messenger


class OpenHome:
    """An enrolled home with its devices; nobody need be logged in."""

    def __init__(
        self,
        enrolment: Enrolment,
        *,
        printers: Printing,
        reader: IdReader | None,
        scan_folder: Path | None,
        licences: LicenceLookup | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Join an enrolled home with its devices; nobody is logged in yet."""
        self._enrolment = enrolment
        self._printers = printers
        self._reader = reader
        self._licences = licences
        self._changed = changed
        self._scan_folder = scan_folder
        self._watched: tuple[OpenDesk, HotFolder] | None = None
        self._scanning = threading.Lock()  # the spool is tidied when it is read: one at a time
        self._papers = LatePapers(enrolment.parts)
        self._opened: OpenDesk | None = None
        self._messenger: Messenger | None = None
        self._index: tuple[str, ItemIndex] | None = None
        self._locked = False
        self._owner: dict[EventId, CaseId] = {}

    @property
    def _desk(self) -> Desk:
        return self._open.desk

    @property
    def _open(self) -> OpenDesk:
        """The desk that is open, to whoever gave a password since the window was locked."""
        if self._opened is None or self._locked:
            raise Refused("login.needed")
        return self._opened

    @property
    def _inbox(self) -> HotFolder:
        """Where scans of the open desk come in; what it has seen of the folder is remembered until it is closed."""
        opened = self._open
        if self._watched is None or self._watched[0] is not opened:
            self._watched = opened, scan_inbox(opened, self._scan_folder)
        return self._watched[1]

    def _scan(self, sha256: Digest) -> bytes:
        """Return an attachment; one of another window is fetched, unless the network is known to be away.

        Raises Unavailable as ``FarFiles.scan``.
        """
        if self._away and not self._desk.blobs.has(sha256):
            raise Unavailable("blob.elsewhere", sha256)
        return self._files.scan(sha256)

    def _bytes_of(self, kind: str, sha256: Digest) -> bytes:
        """Return an issued paper; one of another window is fetched. Raises Unavailable as ``FarFiles.paper``."""
        if self._away and self._desk.store.paper(sha256) is None:
            raise Unavailable("paper.bytes-elsewhere", kind, kind=PaperKind(kind).label)
        return self._files.paper(kind, sha256)

    @property
    def _files(self) -> FarFiles:
        if self._opened is None:
            raise Refused("login.needed")
        return self._opened.files

    @property
    def _away(self) -> bool:
        link = self._messenger.link if self._messenger is not None else None
        return link is not None and not link.online and link.since is not None

    def _settled(self) -> list[IncomingPage | TurnedAway]:
        """Look twice, the settling time apart, because one look cannot tell whether a file still grows."""
        first = self._inbox.poll(_monotonic_ms())
        time.sleep(1.0)
        return [*first, *self._inbox.poll(_monotonic_ms())]

    def _remember(self, case: Case) -> None:
        """Know whose the papers of ``case`` are when one is asked for by its id."""
        for paper in case.papers:
            self._owner[paper.id] = case.id


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
