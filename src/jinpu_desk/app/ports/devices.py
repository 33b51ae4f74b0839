"""What the window asks of its devices: typed values and Protocols, implemented in ``devices``.

No port waits for a person. Everything that may take longer than a few milliseconds (opening a scan,
talking to a spooler or a reader) is meant for the I/O pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

K = TypeVar("K")
"""Whatever stands for one key press: a Qt event in the window, a character in a test."""


class MediaType(StrEnum):
    """The kinds of file a scan may come as."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    PDF = "application/pdf"


class PageHint(StrEnum):
    """What looks wrong with a scan; the clerk decides whether to scan it again."""

    BLANK = "blank"
    BLURRED = "blurred"
    COARSE = "coarse"


class IncomingPage(msgspec.Struct, frozen=True):
    """A finished scan, safe in the private spool and known to open as what it says it is.

    It stays there until it is released. A file of several ``pages`` gives the size of its first page. ``dpi`` is 0
    when the file does not say; a PDF's size is counted at 200 dpi. ``taken_ns`` orders scans by when they came.
    """

    sha256: str
    media_type: MediaType
    size: int  # bytes
    taken_ns: int
    width_px: int
    height_px: int
    dpi: int
    pages: int
    hints: tuple[PageHint, ...] = ()


class TurnedAway(msgspec.Struct, frozen=True):
    """A file in the hot folder that was left where it is, with the code of the reason."""

    path: Path
    code: str
    params: dict[str, str] = {}


class ScanInbox(Protocol):
    """Where finished scans come from."""

    def poll(self, now_ms: int) -> Sequence[IncomingPage | TurnedAway]:
        """Takes the files that are complete at the monotonic instant ``now_ms``; reports each once."""

    def import_file(self, path: Path) -> IncomingPage:
        """Takes a copy of a file the clerk picked; raises ``Refused`` when it is not a sound scan."""

    def unreleased(self) -> Sequence[IncomingPage]:
        """Returns what was taken but never released, so that nothing is lost in a crash."""

    def read(self, sha256: str) -> bytes:
        """Returns the bytes of a scan that was taken and not released."""

    def release(self, sha256: str) -> None:
        """Forgets a scan that is now safe in the store."""


class Sealing(Protocol):
    """Makes what is kept on the disk unreadable for whoever has not unlocked the desk."""

    def name(self, sha256: str) -> str:
        """Returns a file name that tells nobody which known document is held."""

    def seal(self, plain: bytes) -> bytes:
        """Returns the bytes to keep."""

    def unseal(self, sealed: bytes) -> bytes:
        """Returns what was sealed. Raises ValueError when it is not as it was, or of another desk."""


class Scan(msgspec.Struct, frozen=True):
    """What a barcode gun read.

    ``passed`` leading characters had already been given to the focused field, which must take them back.
    """

    text: str
    passed: int = 0


class Verdict(msgspec.Struct, Generic[K], frozen=True):
    """What to do now: deliver ``replay`` to the focused field in this order, then act on ``scan``."""

    replay: tuple[K, ...] = ()
    scan: Scan | None = None


class KeyWedge(Protocol[K]):
    """Tells a barcode gun that types from a person who does."""

    @property
    def deadline_ms(self) -> int | None:
        """When ``tick`` must be called if no key comes before; ``None`` while nothing is held."""

    def feed(self, char: str, t_ms: int, key: K) -> Verdict[K]:
        """Takes one key: its character ("" for none), its monotonic time, and whatever stands for it."""

    def tick(self, t_ms: int) -> Verdict[K]:
        """Gives back what was held for too long to be a scan."""


class PrinterState(StrEnum):
    """What the spooler says of a printer."""

    IDLE = "idle"
    PRINTING = "printing"
    STOPPED = "stopped"


class Printer(msgspec.Struct, frozen=True):
    """A printer by the name the spooler knows it by; ``problem`` is a message code, "" when there is none."""

    name: str
    state: PrinterState
    is_default: bool = False
    problem: str = ""


class JobState(StrEnum):
    """How far a print job has come; what left the spooler long ago is ``UNKNOWN``."""

    WAITING = "waiting"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class PrintJob(msgspec.Struct, frozen=True):
    """A job the spooler has accepted, by the spooler's own id."""

    printer: str
    id: str


class JobStatus(msgspec.Struct, frozen=True):
    """State of a job; ``problem`` is the message code of what holds it up, "" when nothing does."""

    state: JobState
    problem: str = ""


class Printing(Protocol):
    """The printers of this computer. Every method raises ``Unavailable`` when the spooler does not answer."""

    def printers(self) -> Sequence[Printer]:
        """Returns the printers, the default first, then by name."""

    def submit(self, printer: str, pdf: bytes, *, title: str, copies: int = 1) -> PrintJob:
        """Hands over a document; it is spooled when this returns. ``title`` must hold no personal data."""

    def status(self, job: PrintJob) -> JobStatus:
        """Returns how far ``job`` has come."""


class CardSource(StrEnum):
    """How the data of an identity card came in."""

    READER = "读卡"
    TYPED = "手输"


class IdCard(msgspec.Struct, frozen=True):
    """What is printed on, and stored in, a resident identity card.

    ``valid_to`` is ``None`` for 长期. ``portrait`` is a JPEG or empty. Fingerprints are never taken over.
    """

    name: str
    sex: str
    ethnicity: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None
    portrait: bytes = b""
    source: CardSource = CardSource.READER

    def __repr__(self) -> str:
        """Tells nothing about the person, so that a log line cannot either."""
        return f"IdCard(source={self.source!s})"


class IdReader(Protocol):
    """A reader of resident identity cards."""

    def read(self) -> IdCard | None:
        """Returns the card lying on the reader, ``None`` when there is none; raises ``Unavailable``."""
