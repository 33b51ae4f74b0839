"""One write transaction of the desk: event, projection, outbox state and number together (DESIGN §3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from jinpu_desk.app.ports import PrintJob, SavedDraft, StoredEvent
from jinpu_desk.app.ports.audit import AuditKind
from jinpu_desk.app.ports.duty import DutyEntry, DutyKind
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain import fold
from jinpu_desk.domain.bodies import Body, ConflictResolved, PagesAttached, type_name
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import (
    SALT_BYTES,
    Event,
    Head,
    Header,
    body_digest,
    canonical,
    header_hash,
    verify_body,
)
from jinpu_desk.domain.ids import CaseId, ClerkId, Digest, Entropy, EventId, ReplicaId, uuid7
from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.numbering import next_serial

from . import audit, duty
from .eventlog import fold_case, head_of, of_cases, set_aside, to_row
from .projection import project
from .records import to_values
from .schema import blobs, contact, drafts, events, heads, jobs, leases, numbers, papers

_ADD_EVENT = events.insert()
_insert_head = insert(heads)
_PUT_HEAD = _insert_head.on_conflict_do_update(
    index_elements=[heads.c.replica],
    set_={"seq": _insert_head.excluded.seq, "hash": _insert_head.excluded.hash},
)
_insert_number = insert(numbers)
_PUT_NUMBER = _insert_number.on_conflict_do_update(
    index_elements=[numbers.c.replica, numbers.c.day], set_={"last": _insert_number.excluded.last}
)
_USED = sa.select(numbers.c.last).where(
    numbers.c.replica == sa.bindparam("replica"), numbers.c.day == sa.bindparam("day")
)
_OPEN_LEASE = (
    sa.select(leases)
    .where(
        leases.c.kind == sa.bindparam("kind"),
        leases.c.year == sa.bindparam("year"),
        leases.c.next <= leases.c.last,
    )
    .order_by(leases.c.first)
    .limit(1)
)
_BURN = leases.update().where(leases.c.id == sa.bindparam("lease")).values(next=leases.c.next + 1)
_CONTACT = sa.select(contact.c.at, contact.c.clock_offset)
CLOCK_TOLERANCE_MS = 3_600_000
"""How far a desk's clock may be off before nothing can be recorded: an hour can mean another working day."""
_ADD_BLOB = insert(blobs).on_conflict_do_nothing()
_KEEP_PAPER = insert(papers).on_conflict_do_nothing()


def put_heads(connection: sa.Connection, changed: list[Head]) -> None:
    """Write how far chains have come."""
    if changed:
        rows = [{"replica": head.replica, "seq": head.seq, "hash": head.hash} for head in changed]
        connection.execute(_PUT_HEAD, rows)


class DeskTransaction:
    """The ``Transaction`` port on the writer's connection. Rows of touched cases are written by ``finish``."""

    def __init__(
        self,
        connection: sa.Connection,
        replica: ReplicaId,
        projector: Projector,
        entropy: Entropy,
        *,
        chosen_clock: bool = False,
    ) -> None:
        """Write as ``replica``. A ``chosen_clock`` is set for training, and may be ahead of the centre's."""
        self._connection = connection
        self._replica = replica
        self._projector = projector
        self._entropy = entropy
        self._chosen_clock = chosen_clock
        self._head = head_of(connection, replica)
        self._written = self._head
        self._cases: dict[CaseId, Case | None] = {}
        self._touched: dict[CaseId, Case | None] = {}
        self._contact = connection.execute(_CONTACT).first()

    def case(self, case_id: CaseId) -> Case | None:
        """Return the case as this transaction sees it."""
        if case_id not in self._cases:
            self._cases[case_id] = fold_case(self._connection, case_id)
        return self._cases[case_id]

    def record(
        self, case_id: CaseId, body: Body, *, actor: ClerkId, at: datetime, catalogue: Digest
    ) -> Event:
        """Append an own event, chained and salted, and fold it.

        Raises:
            Refused: ``fold.…`` when it does not follow on the case, ``chain.body-too-large``, ``clock.behind`` or
                ``clock.ahead`` when the desk's clock is not to be believed.
        """
        self._check_clock(millis(at))
        before = self.case(case_id)
        event = self._event(case_id, before, body, actor, at, catalogue)
        verify_body(event)
        # Folded from the bytes that are kept, not from ``body``: a rebuild sees the very same values.
        after = fold.apply(before, event, self._set_aside(case_id, body))
        self._connection.execute(
            _ADD_EVENT, to_row(StoredEvent(event=event, outcome="pending", position=None))
        )
        if isinstance(body, PagesAttached):
            self._connection.execute(_ADD_BLOB, {"sha256": body.sha256, "size": body.size, "sent": 0})
        header = event.header
        self._head = Head(replica=header.replica, seq=header.seq, hash=header_hash(header))
        self._cases[case_id] = self._touched[case_id] = after
        return event

    def _set_aside(self, case_id: CaseId, body: Body) -> dict[EventId, Event]:
        """What a resolution may keep; other events are folded without."""
        if not isinstance(body, ConflictResolved):
            return {}
        return set_aside(of_cases(self._connection, [case_id]).get(case_id, ()))

    def _event(
        self,
        case_id: CaseId,
        before: Case | None,
        body: Body,
        actor: ClerkId,
        at: datetime,
        catalogue: Digest,
    ) -> Event:
        raw = canonical(body)
        salt = self._entropy(SALT_BYTES)
        seen = before.seen if before else {}
        header = Header(
            id=EventId(uuid7(at, self._entropy)),
            replica=self._replica,
            seq=self.next_seq(),
            prev=self._head.hash,
            type=type_name(body),
            version=body.version,
            case=case_id,
            base={replica: seq for replica, seq in seen.items() if replica != self._replica},
            actor=actor,
            at=millis(at),
            clock_offset=self._contact.clock_offset if self._contact else None,
            catalogue=catalogue,
            body_digest=body_digest(raw, salt),
        )
        return Event(header=header, body=raw, salt=salt)

    def _check_clock(self, now: int) -> None:
        """Refuse what would bear a wrong day: before the centre's last word, or by a clock known to be ahead."""
        if self._contact is None:
            return
        then, offset = self._contact.at, self._contact.clock_offset
        if now < then - offset - CLOCK_TOLERANCE_MS:
            raise Refused("clock.behind", minutes=(then - offset - now) // 60_000)
        # Set back since the measurement, it is before that moment again.
        if offset > CLOCK_TOLERANCE_MS and now >= then and not self._chosen_clock:
            raise Refused("clock.ahead", minutes=offset // 60_000)

    def next_seq(self) -> int:
        """Return the seq the next recorded event will carry."""
        return self._head.seq + 1

    def next_serial(self, day: date) -> int:
        """Burn and return the next serial of ``day``. Raises Refused ``numbering.serial-exhausted``."""
        key = {"replica": self._replica, "day": day.isoformat()}
        used = self._connection.execute(_USED, key).scalar() or 0
        serial = next_serial(used)
        self._connection.execute(_PUT_NUMBER, {**key, "last": serial})
        return serial

    def next_doc_no(self, kind: str, year: int) -> tuple[str, int] | None:
        """Burn the next leased number of ``kind``; None when there is none left."""
        lease = self._connection.execute(_OPEN_LEASE, {"kind": kind, "year": year}).first()
        if lease is None:
            return None
        self._connection.execute(_BURN, {"lease": lease.id})
        return lease.template, lease.next

    def keep_paper(self, sha256: Digest, data: bytes) -> None:
        """Store the bytes of a paper issued here; they wait to be sent, after the scans."""
        self.hold_paper(sha256, data)
        self._connection.execute(_ADD_BLOB, {"sha256": sha256, "size": len(data), "sent": 0})

    def hold_paper(self, sha256: Digest, data: bytes) -> None:
        """Store the bytes of a paper another window issued."""
        self._connection.execute(_KEEP_PAPER, {"sha256": sha256, "data": data})

    def keep_job(self, job: PrintJob) -> None:
        """Insert or replace a line of the print ledger."""
        self._replace(jobs, to_values(job))

    def keep_draft(self, draft: SavedDraft) -> None:
        """Insert or replace a draft."""
        self._replace(drafts, to_values(draft))

    def drop_draft(self, draft_id: str) -> None:
        """Remove a draft; nothing happens when there is none."""
        self._connection.execute(drafts.delete().where(drafts.c.id == draft_id))

    def keep_duty(
        self, kind: DutyKind, *, duty_id: str, day: date, at: datetime, clerk: ClerkId, data: bytes
    ) -> DutyEntry:
        """Append a row of the duty book."""
        return duty.append(self._connection, kind, duty_id=duty_id, day=day, at=at, clerk=clerk, data=data)

    def log(
        self,
        kind: AuditKind,
        what: str,
        *,
        actor: ClerkId,
        at: datetime,
        case_id: CaseId | None = None,
        detail: str = "",
    ) -> None:
        """Append a row of the audit log."""
        audit.append(self._connection, kind, what, actor=actor, at=at, case_id=case_id, detail=detail)

    def log_reveal(self, actor: ClerkId, what: str, case_id: CaseId | None, at: datetime) -> None:
        """Append to the audit log that personal data was shown."""
        self.log("reveal", what, actor=actor, at=at, case_id=case_id)

    def finish(self) -> Head | None:
        """Write the head and the rows of the cases this transaction touched, before it commits; return a new head."""
        if self._head == self._written:
            return None
        put_heads(self._connection, [self._head])
        project(self._connection, self._projector, self._touched)
        return self._head

    def _replace(self, table: sa.Table, values: dict[str, Any]) -> None:
        self._connection.execute(insert(table).prefix_with("OR REPLACE"), values)
