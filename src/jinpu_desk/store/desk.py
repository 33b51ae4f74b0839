"""The desk's encrypted store: the ``DeskStore`` port over one file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from msgspec.structs import replace

from jinpu_desk.app.ports import (
    ApplicantFile,
    Blobs,
    CaseQuery,
    CaseReader,
    Clock,
    Lease,
    Page,
    PrintJob,
    Replica,
    SavedDraft,
    Signing,
    StoredEvent,
    StoreStatus,
    Transaction,
    VerifyReport,
)
from jinpu_desk.app.ports.audit import AuditEntry
from jinpu_desk.app.ports.duty import DutyEntry, DutyKind
from jinpu_desk.app.ports.house import Pruned
from jinpu_desk.app.rows import CaseRow, Projector
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, Entropy
from jinpu_desk.domain.instants import local_date, millis

from . import audit, days, duty, lists, tally, verifying
from .calendars import SqlCalendarBook
from .caserows import from_columns
from .engine import Engine
from .eventlog import COLUMNS, fold_case, folding_key, from_row, hash_of, head_of, of_cases
from .incarnation import adopt_unsent, sign_off
from .kinds import catch_up
from .marks import Cause, Marks
from .migrate import migrate
from .projection import read_row
from .pruning import Pruning
from .reading import SqlCaseReader
from .records import from_values
from .schema import cases, drafts, events, jobs, papers
from .syncing import SqlSyncStore
from .writing import DeskTransaction

_PENDING_AMONG = (
    sa.select(events.c.case_id)
    .distinct()
    .where(
        events.c.case_id.in_(sa.bindparam("among", expanding=True)),
        events.c.outcome == sa.literal_column("'pending'"),
    )
)


class SqlDeskStore:
    """Implements ``DeskStore``; ``sync`` is the same file as ``SyncStore``. Any thread may call any method."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        replica: Replica,
        projector: Projector,
        clock: Clock,
        entropy: Entropy = os.urandom,
        blobs: Blobs | None = None,
        synchronous: Literal["FULL", "NORMAL", "OFF"] = "FULL",
        marks: Marks | None = None,
    ) -> None:
        """Open the file at ``path``, made and migrated when needed.

        Events that a former replica of this window left unsent are taken over by ``replica``.

        Raises:
            Unavailable: ``store.wrong-key``, ``store.corrupt``, ``store.disk-full``, ``store.newer`` …
        """
        self._engine = Engine(path, key, synchronous=synchronous)
        self._replica = replica.id
        self._training = replica.training
        self._projector = projector
        self._clock = clock
        self._entropy = entropy
        self._blobs = blobs
        self._marks = marks
        self._frozen: Cause | None = None
        try:
            migrate(self._engine, lambda connection: verifying.rebuild(connection, projector))
            with self._engine.write() as connection:
                adopt_unsent(connection, replica.id, projector)
                catch_up(connection, projector)
        except BaseException:
            self.close()
            raise
        self.sync = SqlSyncStore(self._engine, replica.id, projector)
        self._pruning = Pruning(self._engine, projector, blobs)
        self.calendars = SqlCalendarBook(self._engine, projector)

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._engine.close()

    def back_up(self, target: Path) -> None:
        """Copy the store, encrypted as it is, to ``target``; work goes on meanwhile.

        Raises:
            Unavailable: ``store.disk-full`` or ``store.io``; then there is no half copy.
        """
        self._engine.copy_to(target)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Lend a write transaction: durable when the block ends, nothing of it kept when it raises.

        Raises Unavailable ``incarnation.needed`` on a copy that only reads.
        """
        self.require_own()
        with self._engine.write() as connection:
            work = DeskTransaction(
                connection, self._replica, self._projector, self._entropy, chosen_clock=self._training
            )
            yield work
            written = work.finish()
        if written is not None and self._marks is not None:
            self._marks.note(written)

    def recognised(self, marks: Marks) -> Cause | None:
        """Tell whether this file is a copy, or older than what the desk had written; None when it is neither."""
        with self._engine.read() as connection:
            own = self._replica
            return marks.recognise(
                own, head_of(connection, own).seq, lambda seq: hash_of(connection, own, seq)
            )

    def freeze(self, cause: Cause) -> None:
        """Only read from now on."""
        self._frozen = cause

    def sign_off(self, signing: Signing) -> None:
        """Leave behind a replica that will not write again; what the centre had of it can then be offered by anybody."""
        with self._engine.write() as connection:
            sign_off(connection, signing)

    def require_own(self) -> None:
        """Raise Unavailable ``incarnation.needed`` where only reading is allowed."""
        if self._frozen is not None:
            raise Unavailable("incarnation.needed", cause=self._frozen)

    def case(self, case_id: CaseId) -> Case | None:
        """Return the case, folded from its events."""
        with self._engine.read() as connection:
            return fold_case(connection, case_id)

    def case_by_no(self, case_no: CaseNo) -> Case | None:
        """Return the case with this number."""
        asked = sa.select(cases.c.case_id).where(cases.c.case_no == case_no).order_by(cases.c.n.desc())
        with self._engine.read() as connection:
            case_id = connection.execute(asked).scalar()
            return None if case_id is None else fold_case(connection, CaseId(case_id))

    def row(self, case_id: CaseId) -> CaseRow | None:
        """Return the row of a case."""
        with self._engine.read() as connection:
            return read_row(connection, case_id)

    def page(self, query: CaseQuery, *, after: str | None = None, limit: int = 100) -> Page:
        """Return up to ``limit`` rows after the key of the page before."""
        with self._engine.read() as connection:
            return lists.page(connection, query, after, limit)

    def count(self, query: CaseQuery, *, at_most: int | None = None) -> int:
        """Return how many rows the pages of ``query`` hold; counting stops at ``at_most``."""
        with self._engine.read() as connection:
            return lists.count(connection, query, at_most)

    def search(self, text: str, *, limit: int = 20) -> tuple[CaseRow, ...]:
        """Return the cases that hold every word of ``text``: exact hits first, then newest."""
        with self._engine.read() as connection:
            return lists.search(connection, text, limit)

    def applicant_file(self, identity_type: str, identity_no: str) -> ApplicantFile:
        """Return what this store holds of one applicant; nothing for an empty number."""
        asked = (
            sa.select(cases)
            .where(cases.c.identity_no == identity_no, cases.c.identity_type == identity_type)
            .order_by(cases.c.received_at.desc(), cases.c.n.desc())
        )
        if not identity_no:
            return ApplicantFile(cases=(), latest=None)
        with self._engine.read() as connection:
            rows = tuple(map(from_columns, connection.execute(asked).mappings()))
            latest = fold_case(connection, rows[0].case_id) if rows else None
        return ApplicantFile(cases=rows, latest=latest)

    def events_of(self, case_id: CaseId) -> tuple[StoredEvent, ...]:
        """Return every event of a case, set-aside ones too, in folding order."""
        with self._engine.read() as connection:
            return tuple(sorted(of_cases(connection, [case_id]).get(case_id, ()), key=folding_key))

    def paper(self, sha256: Digest) -> bytes | None:
        """Return the bytes of an issued paper."""
        with self._engine.read() as connection:
            return connection.execute(sa.select(papers.c.data).where(papers.c.sha256 == sha256)).scalar()

    def jobs(self, *, limit: int = 50, case_id: CaseId | None = None) -> tuple[PrintJob, ...]:
        """Return the newest lines of the print ledger."""
        asked = sa.select(jobs).order_by(jobs.c.at.desc(), jobs.c.id.desc()).limit(limit)
        if case_id is not None:
            asked = asked.where(jobs.c.case_id == case_id)
        with self._engine.read() as connection:
            return from_values(PrintJob, connection.execute(asked))

    def drafts(self) -> tuple[SavedDraft, ...]:
        """Return every draft, newest first."""
        with self._engine.read() as connection:
            return from_values(
                SavedDraft, connection.execute(sa.select(drafts).order_by(drafts.c.saved_at.desc()))
            )

    def draft(self, draft_id: str) -> SavedDraft | None:
        """Return a draft."""
        with self._engine.read() as connection:
            found = from_values(
                SavedDraft, connection.execute(sa.select(drafts).where(drafts.c.id == draft_id))
            )
        return found[0] if found else None

    def leases(self) -> tuple[Lease, ...]:
        """Return every block of document numbers, used-up ones too."""
        return self.sync.leases()

    def status(self) -> StoreStatus:
        """Return the counts of the status line."""
        today = local_date(millis(self._clock.now()))
        with self._engine.read() as connection:
            return tally.status(connection, self._replica, today)

    def tally(self, day: date) -> dict[str, Any]:
        """Return the counts of a local day."""
        with self._engine.read() as connection:
            return tally.tally(connection, day)

    @contextmanager
    def reading(self) -> Iterator[CaseReader]:
        """Lend a reader of one moment of the store."""
        with self._engine.read() as connection:
            yield SqlCaseReader(connection)

    def parked(self) -> tuple[StoredEvent, ...]:
        """Return set-aside events nobody has resolved yet, newest first."""
        set_aside = events.c.outcome.in_((sa.literal_column("'parked'"), sa.literal_column("'dead'")))
        asked = sa.select(*COLUMNS).where(set_aside, tally.waiting()).order_by(events.c.n.desc())
        with self._engine.read() as connection:
            return tuple(map(from_row, connection.execute(asked)))

    def pending_case_ids(self, among: Sequence[CaseId]) -> frozenset[CaseId]:
        """Return which of these cases have events the centre has not acknowledged."""
        with self._engine.read() as connection:
            return frozenset(connection.execute(_PENDING_AMONG, {"among": list(among)}).scalars())

    def verify(self) -> VerifyReport:
        """Walk every chain, compare a rebuild with the tables, check pages, papers and attachments by hash."""
        with self._engine.read() as connection:
            report = verifying.verify(connection, self._replica, self._projector, self._blobs)
        pages = tuple(f"数据文件第 {page} 页已损坏" for page in self._engine.damaged()[: verifying.LIMIT])
        return replace(report, ok=report.ok and not pages, problems=(*report.problems, *pages))

    def duty(self, *kinds: DutyKind, day: date | None = None, limit: int = 50) -> tuple[DutyEntry, ...]:
        """Return rows of the duty book, newest first."""
        with self._engine.read() as connection:
            return duty.entries(connection, kinds, day, limit)

    def audit(self, start: datetime, end: datetime, *, limit: int = 5000) -> tuple[AuditEntry, ...]:
        """Return what was logged, printed and done to cases from ``start`` to before ``end``, newest first."""
        with self._engine.read() as connection:
            return audit.entries(connection, start, end, limit)

    def duty_entry(self, duty_id: str) -> DutyEntry | None:
        """Return one row of the duty book."""
        with self._engine.read() as connection:
            return duty.entry(connection, duty_id)

    def prune(self, before: date, today: date, *, dry_run: bool = False) -> Pruned:
        """Erase what the centre keeps for good of cases that ended before a local day; see the port."""
        if dry_run:
            return self._pruning.dry(before)
        self.require_own()
        return self._pruning.run(before, today)

    def pruned_on(self, case_no: CaseNo) -> date | None:
        """Return the day a case was pruned here, None when it was not."""
        return self._pruning.pruned_on(case_no)

    def events_of_day(self, day: date) -> tuple[int, tuple[Event, ...]]:
        """Return own events of a local day in order, and the seq before the first of them."""
        with self._engine.read() as connection:
            return days.events_of_day(connection, self._replica, day)

    def unsent(self) -> frozenset[Digest]:
        """Return the attachments the centre does not have yet."""
        with self._engine.read() as connection:
            return days.unsent(connection)

    def rebuild(self) -> None:
        """Derive every projection anew from the events."""
        with self._engine.write() as connection:
            verifying.rebuild(connection, self._projector)
