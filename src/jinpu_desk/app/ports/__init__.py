"""What the verbs of the window need from the machinery: the ports of the store and of sync.

Devices, sync, the duty book, the audit and who may enter have modules of their own beside this one, papers theirs in
``app.papers``. The composition root in ``entry`` joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Literal, Protocol

import msgspec

from jinpu_desk.domain.bodies import Body
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, Digest, EventId, ReplicaId

from ..papers import Signer
from ..rows import CaseRow
from .audit import AuditReader, AuditWriter
from .duty import DutyReader, DutyWriter
from .house import DayLog, PruningStore

Signing = Signer
"""The replica's key: signs chain heads, statements and papers."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the aware instant now, in UTC."""
        ...


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """This window PC as the centre enrolled it."""

    id: ReplicaId
    division: str  # 区划, 6 digits
    station: str  # 2 digits, 00 is the hall
    station_name: str
    series: str  # 3 digits, never reused
    window: str  # e.g. 综合窗口 07
    authority: str
    server_url: str
    progress_url: str  # what stands before /p/ in the code on a paper
    training: bool


Outcome = Literal["pending", "applied", "merged", "parked", "dead"]


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event with what the centre made of it; ``position`` is its place in the feed, None until then."""

    event: Event
    outcome: Outcome
    position: int | None
    reason: str = ""


class CaseQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases a list shows. ``open_only`` leaves terminal statuses out; dates bound ``received_on``."""

    status: int | None = None
    flag: str | None = None
    station: str | None = None
    clerk: ClerkId | None = None
    item: str | None = None
    identity: tuple[str, str] | None = None  # type and number of the applicant's identity
    open_only: bool = False
    parent: CaseId | None = None
    top_only: bool = False  # leave the children of packages out
    received_from: date | None = None
    received_to: date | None = None
    deliver_state: str | None = None
    due_to: date | None = None  # the nearest term is this day or earlier
    lapsed_by: date | None = (
        None  # the applicant's own term, for a correction or a tolerated paper, ended by then
    )
    conflict: bool = False  # with something that waits for a person: parked, or refused by the centre
    pending: bool = False  # with events the centre has not acknowledged
    arrived_from: date | None = None  # local day it got its number; unlike ``received_on`` it never moves
    arrived_to: date | None = None
    accepted_from: date | None = None
    accepted_to: date | None = None
    decided_from: date | None = None
    decided_to: date | None = None
    late: bool = False  # decided after the promised day
    unserved_by: date | None = None  # results not served ten calendar days after the decision, as of this day
    served_from: date | None = None
    served_to: date | None = None
    changed_from: date | None = None  # local day of the last event, or later
    address: str | None = None  # ``places.address_key`` of the address on the form
    place: str | None = None  # key of the 集中登记场所 or 众创空间 on the form
    slip: str | None = None  # the papers went with this hand-on slip last
    standing: bool = False  # under way or granted: leave refused, denied, withdrawn and ended ones out
    mark: str | None = None  # something that happened to it (``reports.marks``)
    order: Literal["newest", "due"] = "newest"


class Page(msgspec.Struct, frozen=True):
    """Rows and the opaque key the next page starts after; None at the end."""

    rows: tuple[CaseRow, ...]
    after: str | None


class ApplicantFile(msgspec.Struct, frozen=True, kw_only=True):
    """一企一档 / 一人一档: what this store holds of one applicant, newest first."""

    cases: tuple[CaseRow, ...]
    latest: Case | None  # the newest case, whose contact and form values may be reused


class StoreStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Counts for the status line and the command line."""

    pending: int
    acknowledged: int  # own events the centre has acknowledged
    acknowledged_today: int  # own cases acknowledged today
    pending_cases: int
    parked: int
    dead: int
    blobs_pending: int
    last_contact: int | None  # UTC ms
    cases: int
    events: int


class SavedDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An intake page as it stood: ``state`` is JSON of ``drafts.Draft``."""

    id: str
    title: str
    clerk: ClerkId
    saved_at: int
    state: bytes


class PrintJob(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the print ledger."""

    id: str
    case_id: CaseId
    case_no: CaseNo
    paper: EventId
    kind: str
    printer: str
    copies: int
    state: Literal["queued", "spooled", "printed", "failed", "confirmed"]
    at: int
    detail: str = ""
    reason: str = ""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A block of document numbers from the centre: ``first``..``last`` of a template and year."""

    id: str
    kind: str  # paper kind, e.g. D2
    template: str
    year: int
    first: int
    last: int
    next: int  # first number not yet used; last + 1 when used up


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a full re-walk found; ``problems`` are sentences naming what and where."""

    ok: bool
    events: int
    cases: int
    heads: dict[ReplicaId, Digest]
    problems: tuple[str, ...]


class Transaction(DutyWriter, AuditWriter, Protocol):
    """One write transaction: all of it or none of it, durable when the block ends without an exception."""

    def case(self, case_id: CaseId) -> Case | None:
        """Return the case as this transaction sees it."""
        ...

    def record(
        self, case_id: CaseId, body: Body, *, actor: ClerkId, at: datetime, catalogue: Digest
    ) -> Event:
        """Append an own event (next seq, chained, salted), fold it, project it and queue it for the centre."""
        ...

    def next_seq(self) -> int:
        """Return the seq the next recorded event will carry."""
        ...

    def next_serial(self, day: date) -> int:
        """Burn and return the next case serial (from 1) of ``day`` in this replica's series."""
        ...

    def next_doc_no(self, kind: str, year: int) -> tuple[str, int] | None:
        """Burn the next leased number of ``kind``: (template, n); None when the block is used up or absent."""
        ...

    def keep_paper(self, sha256: Digest, data: bytes) -> None:
        """Store the bytes of a paper issued here; they go to the centre, after the scans."""
        ...

    def hold_paper(self, sha256: Digest, data: bytes) -> None:
        """Store the bytes of a paper another window issued."""
        ...

    def keep_job(self, job: PrintJob) -> None:
        """Insert or replace a line of the print ledger."""
        ...

    def keep_draft(self, draft: SavedDraft) -> None:
        """Insert or replace a draft."""
        ...

    def drop_draft(self, draft_id: str) -> None:
        """Remove a draft; nothing happens when there is none."""
        ...

    def log_reveal(self, actor: ClerkId, what: str, case_id: CaseId | None, at: datetime) -> None:
        """Write to the audit log that personal data was shown."""
        ...


Dimension = Literal[
    "item",
    "package",
    "child",
    "station",
    "window",
    "clerk",
    "status",
    "flags",
    "marks",
    "visits",
    "materials",
    "shared",
    "reused",
    "deliver_state",
    "arrived_on",
    "lateness",
]
"""What cases are counted by. ``flags`` and ``marks`` come as tuples, ``package`` and ``child`` as booleans,
``arrived_on`` as a local date, ``lateness`` of a decided case as 0 in time, 1 past the promised term, 2 past the
legal one."""


class CaseReader(Protocol):
    """One moment of the store: whatever is asked while the block lasts agrees with the rest."""

    def tally(self, query: CaseQuery, *by: Dimension) -> tuple[tuple[tuple[Any, ...], int], ...]:
        """Count the cases of ``query`` by every combination of values that occurs, in the order of the values."""
        ...

    def rows(self, query: CaseQuery, *, limit: int | None = None) -> Iterator[CaseRow]:
        """Yield the rows of ``query`` in the order they got their numbers."""
        ...

    def cases(self, query: CaseQuery, *, limit: int | None = None) -> Iterator[tuple[CaseRow, Case]]:
        """Yield rows with their folded cases, about 0.3 ms each, in the order they got their numbers."""
        ...


class DeskStore(DutyReader, AuditReader, PruningStore, DayLog, Protocol):
    """The desk's encrypted store. Every method may be called from any thread; writes are serialised."""

    def transaction(self) -> AbstractContextManager[Transaction]: ...

    def case(self, case_id: CaseId) -> Case | None: ...

    def case_by_no(self, case_no: CaseNo) -> Case | None: ...

    def row(self, case_id: CaseId) -> CaseRow | None: ...

    def page(self, query: CaseQuery, *, after: str | None = None, limit: int = 100) -> Page:
        """Return up to ``limit`` rows after the key of the page before (keyset, never OFFSET)."""
        ...

    def count(self, query: CaseQuery, *, at_most: int | None = None) -> int:
        """Return how many rows the pages of ``query`` hold; counting stops at ``at_most``."""
        ...

    def search(self, text: str, *, limit: int = 20) -> tuple[CaseRow, ...]:
        """Find by name of 2+ characters, pinyin initials, ID tail, phone or its tail, any part of a number's
        tail; best and newest first."""
        ...

    def applicant_file(self, identity_type: str, identity_no: str) -> ApplicantFile: ...

    def events_of(self, case_id: CaseId) -> tuple[StoredEvent, ...]: ...

    def paper(self, sha256: Digest) -> bytes | None: ...

    def jobs(self, *, limit: int = 50, case_id: CaseId | None = None) -> tuple[PrintJob, ...]: ...

    def drafts(self) -> tuple[SavedDraft, ...]: ...

    def draft(self, draft_id: str) -> SavedDraft | None: ...

    def leases(self) -> tuple[Lease, ...]: ...

    def status(self) -> StoreStatus: ...

    def tally(self, day: date) -> dict[str, Any]:
        """Counts of ``day`` for workbench and ``report today``: received, received_by_hour (24 ints), decided,
        by_status {status: n}, by_item {item: n}, by_clerk {clerk: n}, printed, offline."""
        ...

    def reading(self) -> AbstractContextManager[CaseReader]:
        """Lend a reader of one moment of the store; it holds up nobody who writes."""
        ...

    def parked(self) -> tuple[StoredEvent, ...]:
        """Own and foreign events that wait for a person, and dead letters, newest first."""
        ...

    def pending_case_ids(self, among: Sequence[CaseId]) -> frozenset[CaseId]:
        """Return which of these cases have events the centre has not acknowledged."""
        ...

    def verify(self) -> VerifyReport:
        """Walk every chain, compare ``rebuild`` with the tables, check papers and blobs by hash."""
        ...

    def rebuild(self) -> None:
        """Derive every projection anew from the events (after a calendar change, too)."""
        ...


class Blobs(Protocol):
    """Attachments by content, encrypted at rest."""

    def put(self, data: bytes) -> Digest:
        """Keep ``data`` durably (temp, fsync, rename, directory fsync) and return its SHA-256."""
        ...

    def get(self, sha256: Digest) -> bytes:
        """Return the plain bytes. Raises Unavailable ``blob.missing`` when they are not here (yet)."""
        ...

    def has(self, sha256: Digest) -> bool: ...

    def remove(self, sha256: Digest) -> None:
        """Erase the bytes here; nothing happens when they are not."""
        ...

    def size(self, sha256: Digest) -> int:
        """Return how many plain bytes there are. Raises Unavailable ``blob.missing``."""
        ...

    def read(self, sha256: Digest, start: int, end: int) -> bytes:
        """Return plain bytes ``start`` to ``end`` (exclusive, or the last) without opening the rest. Raises as ``get``."""
        ...

    def receive(self, sha256: Digest, source: Callable[[int], Iterator[bytes]]) -> None:
        """Keep what ``source(offset)`` yields from that offset on; one that broke off goes on where it was.

        Raises Unavailable ``blob.damaged`` when the whole is not what its name says, and what ``source`` raises.
        """
        ...


class ReferenceShelf(Protocol):
    """Published reference data at the desk, by kind (``catalogue``, ``calendars``, ``trust``) and digest. Holds
    no personal data, so it can be read before the store is unlocked."""

    def held(self) -> dict[str, Digest]:
        """Return the current digest of each kind."""
        ...

    def sound(self) -> dict[str, Digest]:
        """Return the current digest of each kind whose files are still those of that digest."""
        ...

    def keep(self, kind: str, digest: Digest, files: dict[str, bytes]) -> None:
        """Put a version on the shelf and make it current, atomically; older versions stay."""
        ...

    def versions(self, kind: str) -> tuple[Digest, ...]:
        """Return the digests of all versions held, the current one first, then the newest."""
        ...

    def files(self, kind: str, digest: Digest | None = None) -> dict[str, bytes]:
        """Return the files of a version (the current one by default). Raises Unavailable ``shelf.missing``."""
        ...
