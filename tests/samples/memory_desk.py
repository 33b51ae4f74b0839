"""A window whose store is a few dictionaries: the app's verbs at their own speed, for long tables and histories.

Events are folded as they come, without chains or files; what a store does with them is tested elsewhere. Papers are not
drawn, but everything they would say is filled in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NoReturn

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.papers import (
    Checked,
    PaperFacts,
    RenderedPaper,
    ReprintMark,
    Signer,
    Trust,
    facts_digest,
)
from jinpu_desk.app.ports import ApplicantFile, CaseQuery, Lease, Page, PrintJob, SavedDraft, StoredEvent
from jinpu_desk.app.ports.audit import AuditEntry, AuditKind
from jinpu_desk.app.ports.duty import DutyEntry, DutyKind
from jinpu_desk.app.ports.entering import Clerk
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.app.rows import CaseRow, Projector
from jinpu_desk.domain import fold
from jinpu_desk.domain.bodies import Body, type_name
from jinpu_desk.domain.case import TERMINAL, Case
from jinpu_desk.domain.events import Event, Header
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, Digest, EventId, ReplicaId
from jinpu_desk.domain.instants import millis

from .cases import REPLICA
from .counter import CLERKS, MORNING, STATIONS, calendar, catalogue, offices, roles, sentences, signer
from .memory import MemoryBlobs
from .stores import StoppedClock, replica

NOTHING = Digest("0" * 64)
NEVER = "9999-12-31"


class MemoryDesk:
    """Implements what the verbs use of ``DeskStore`` and ``Transaction``; a transaction that raises leaves nothing."""

    def __init__(self, projector: Projector, own: ReplicaId = REPLICA) -> None:
        self.projector = projector
        self.own = own
        self.cases: dict[CaseId, Case] = {}
        self.events: list[tuple[Case | None, Case, Body]] = []  # each with its case before and after
        self.serials: dict[date, int] = {}
        self.seq = 0

    def memory(self) -> tuple[Any, ...]:
        """Return everything as it stands, to come back to with ``remember``."""
        return dict(self.cases), list(self.events), dict(self.serials), self.seq

    def remember(self, memory: tuple[Any, ...]) -> None:
        """Be again as ``memory`` says."""
        cases, events, serials, self.seq = memory
        self.cases, self.events, self.serials = dict(cases), list(events), dict(serials)

    @contextmanager
    def transaction(self) -> Iterator[MemoryDesk]:
        before = self.memory()
        try:
            yield self
        except BaseException:
            self.remember(before)
            raise

    def record(
        self, case_id: CaseId, body: Body, *, actor: ClerkId, at: datetime, catalogue: Digest
    ) -> Event:
        self.seq += 1
        header = Header(
            id=EventId(f"{self.own[:24]}{self.seq:012x}"),
            replica=self.own,
            seq=self.seq,
            prev=NOTHING,
            type=type_name(body),
            version=body.version,
            case=case_id,
            base={},
            actor=actor,
            at=millis(at),
            clock_offset=None,
            catalogue=catalogue,
            body_digest=NOTHING,
        )
        before = self.cases.get(case_id)
        after = self.cases[case_id] = fold.apply_body(before, header, body)
        self.events.append((before, after, body))
        return Event(header=header, body=b"", salt=b"")

    def next_seq(self) -> int:
        return self.seq + 1

    def next_serial(self, day: date) -> int:
        self.serials[day] = self.serials.get(day, 0) + 1
        return self.serials[day]

    def next_doc_no(self, kind: str, year: int) -> tuple[str, int] | None:
        return None

    def keep_paper(self, sha256: Digest, data: bytes) -> None: ...

    def hold_paper(self, sha256: Digest, data: bytes) -> None: ...

    def keep_job(self, job: PrintJob) -> None: ...

    def keep_draft(self, draft: SavedDraft) -> None: ...

    def drop_draft(self, draft_id: str) -> None: ...

    def keep_duty(
        self, kind: DutyKind, *, duty_id: str, day: date, at: datetime, clerk: ClerkId, data: bytes
    ) -> DutyEntry:
        return DutyEntry(
            n=1, id=duty_id, kind=kind, day=day, at=0, clerk=clerk, data=data, prev="", digest=NOTHING
        )

    def audit(self, start: datetime, end: datetime, *, limit: int = 5000) -> tuple[AuditEntry, ...]:
        return ()

    def duty_entry(self, duty_id: str) -> DutyEntry | None:
        return None

    def paper(self, sha256: Digest) -> bytes | None:
        return b""

    def log(self, kind: AuditKind, what: str, **said: Any) -> None: ...

    def log_reveal(self, actor: ClerkId, what: str, case_id: CaseId | None, at: datetime) -> None: ...

    def case(self, case_id: CaseId) -> Case | None:
        return self.cases.get(case_id)

    def case_by_no(self, case_no: CaseNo) -> Case | None:
        return next((case for case in self.cases.values() if case.case_no == case_no), None)

    def row(self, case_id: CaseId) -> CaseRow | None:
        case = self.cases.get(case_id)
        return self.projector(case) if case else None

    def page(self, query: CaseQuery, *, after: str | None = None, limit: int = 100) -> Page:
        rows = [row for row in map(self.projector, self.cases.values()) if _meets(query, row)]
        key = _term if query.order == "due" else lambda row: -row.last_at
        return Page(tuple(sorted(rows, key=key)[:limit]), None)

    def count(self, query: CaseQuery, *, at_most: int | None = None) -> int:
        return sum(_meets(query, self.projector(case)) for case in self.cases.values())

    def applicant_file(self, identity_type: str, identity_no: str) -> ApplicantFile:
        found = self.page(CaseQuery(identity=(identity_type, identity_no))).rows
        return ApplicantFile(cases=found, latest=self.case(found[0].case_id) if found else None)

    def events_of(self, case_id: CaseId) -> tuple[StoredEvent, ...]:
        return ()

    def leases(self) -> tuple[Lease, ...]:
        return ()

    def parked(self) -> tuple[StoredEvent, ...]:
        return ()

    def unsent(self) -> frozenset[Digest]:
        return frozenset()

    def pending_case_ids(self, among: Sequence[CaseId]) -> frozenset[CaseId]:
        return frozenset()


def _meets(query: CaseQuery, row: CaseRow) -> bool:
    open_ = row.status not in {int(status) for status in TERMINAL}
    return all(
        (
            query.status is None or row.status == query.status,
            query.flag is None or query.flag in row.flags,
            query.identity is None or (row.identity_type, row.identity_no) == query.identity,
            query.parent is None or row.parent == query.parent,
            query.item is None or row.item == query.item,
            open_ or not query.open_only,
            row.parent is None or not query.top_only,
            query.due_to is None or _term(row) <= query.due_to.isoformat(),
            query.lapsed_by is None
            or any(day is not None and day <= query.lapsed_by for day in (row.correct_by, row.supplement_by)),
        )
    )


def _term(row: CaseRow) -> str:
    days = (row.decide_by, row.due, row.supplement_by, row.correct_by)
    return min((day.isoformat() for day in days if day is not None), default=NEVER)


class NoPrinter:
    """Implements ``PaperShop`` without drawing: the facts are the paper."""

    def render_stated(self, facts: PaperFacts, statement: str) -> RenderedPaper:
        raise NotImplementedError

    def render(self, facts: PaperFacts, signer: Signer) -> RenderedPaper:
        digest = facts_digest(facts)
        return RenderedPaper(data=digest.encode(), sha256=digest, pages=1, statement="", facts_digest=digest)

    def unprintable(self, text: str) -> str:
        return ""

    def seal(self, data: bytes, signer: Signer, at: datetime) -> bytes:
        return data

    def reprint(self, data: bytes, mark: ReprintMark) -> bytes:
        return data

    def check(self, data: bytes, trust: Trust) -> Checked:
        return self._nothing()

    def check_text(self, text: str, trust: Trust) -> Checked:
        return self._nothing()

    def page_count(self, data: bytes) -> int:
        return 1

    def page_png(self, data: bytes, number: int, dpi: int) -> bytes:
        return self._nothing()

    def thumbnail(self, data: bytes, width: int) -> bytes:
        return self._nothing()

    def _nothing(self) -> NoReturn:
        raise NotImplementedError


@dataclass(slots=True)
class Window:
    """A window in memory with somebody at it."""

    desk: Desk
    store: MemoryDesk
    clock: StoppedClock

    def sit(self, login: str, *held: str) -> None:
        """Put somebody at the window; without roles, those the login is named after."""
        name = CLERKS.get(login, login)
        clerk = Clerk(id=ClerkId(login), display_name=name, roles=held or (login,), station="00")
        self.desk = replace(self.desk, clerk=clerk)

    def wait(self, days: int) -> None:
        """Let days pass."""
        self.clock.advance(timedelta(days=days))


def open_window() -> Window:
    """Open a window of the hall in memory, with a clerk at it."""
    clock = StoppedClock(millis(MORNING))
    store = MemoryDesk(CaseProjector(calendar()))
    desk = Desk(
        store=store,  # type: ignore[arg-type]  # reports, sync and drafts are not asked for here
        blobs=MemoryBlobs(),
        papers=NoPrinter(),
        signing=signer(),
        clock=clock,
        entropy=Random(1).randbytes,
        replica=replica(station="00", station_name=STATIONS["00"]),
        clerk=Clerk(id=ClerkId("clerk"), display_name=CLERKS["clerk"], roles=("clerk",), station="00"),
        catalogue=catalogue(),
        past_catalogue=lambda _digest: None,
        calendar=calendar(),
        roles=roles(),
        sentences=sentences(),
        stations=dict(STATIONS),
        clerks=dict(CLERKS),
        offices=offices(),
    )
    return Window(desk=desk, store=store, clock=clock)


def at(when: date) -> datetime:
    """Return ten o'clock at the counter."""
    return datetime(when.year, when.month, when.day, 2, tzinfo=UTC)


def sha(text: str) -> Digest:
    """Return a digest that stands for ``text``."""
    return Digest(hashlib.sha256(text.encode()).hexdigest())
