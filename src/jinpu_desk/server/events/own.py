"""The centre as a replica of its own, so that what comes from outside becomes signed, chained facts like any other.

It has a series at the hall (station 00), a key derived from the centre's, and a place in the directory of windows.
What it writes goes the way of every push: opened, judged, chained, fed.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy.engine import Connection

from jinpu_desk.app.ports.sync import Settled
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import (
    GENESIS,
    SALT_BYTES,
    Event,
    Head,
    Header,
    body_digest,
    canonical,
    header_hash,
)
from jinpu_desk.domain.fold import apply_body
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, Digest, Entropy, EventId, ReplicaId, uuid7
from jinpu_desk.domain.instants import CHINA, millis
from jinpu_desk.domain.numbering import LAST_SERIES, make_case_no, next_serial
from jinpu_desk.store.centre import epochs, ledgers, registry
from jinpu_desk.store.centre import events as store
from jinpu_desk.store.centre.log import SqlLog
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync.wire import Push, to_wire

from ..centre import Centre
from ..epochs import require_whole
from ..keys import CentreKey
from ..people import token_hash
from .judge import CaseState
from .receive import STATES, Intake, open_push

HALL = "00"
WINDOW = "中心"
"""Its name in the directory of windows."""
_YEARS = 20
_DAY = dt.timedelta(days=1)


def enrol_self(connection: Connection, key: CentreKey, now: dt.datetime, entropy: Entropy) -> ReplicaRow:
    """Return the replica the centre writes as; the first call makes it, and no two processes make two.

    Raises:
        Refused: ``server.no-hall`` while there is no station 00, ``enrol.series-exhausted``.
        Unavailable: ``server.restored``: what the replica wrote last may be among what was lost.
    """
    held = registry.own_replica(connection, lock=True)
    require_whole(connection)
    if held is not None:
        return held
    hall = registry.station_numbered(connection, HALL)
    if hall is None:
        raise Refused("server.no-hall")
    series = registry.take_series(connection, hall.code)
    if series > LAST_SERIES:
        raise Refused("enrol.series-exhausted", station=hall.code)
    replica_id = uuid7(now, entropy)
    pen = key.pen(replica_id)
    row = ReplicaRow(
        id=replica_id,
        station=hall,
        series=series,
        window=WINDOW,
        public_key=pen.public_key().public_bytes_raw(),
        certificate=_certificate(pen, replica_id, now),
        enrolled_at=millis(now),
        revoked_at=None,
        seq=0,
    )
    # Nobody is told the token, so nobody can push in its name over HTTP.
    registry.add_replica(connection, row, token_hash(secrets.token_urlsafe(32)), bytes.fromhex(GENESIS))
    registry.set_own_replica(connection, replica_id)
    return row


def enrol_self_if_hall(connection: Connection, key: CentreKey, now: dt.datetime, entropy: Entropy) -> None:
    """Make the centre's replica as soon as there is a hall and the centre is whole; before, it writes nothing."""
    if registry.station_numbered(connection, HALL) is not None and epochs.restored_at(connection) is None:
        enrol_self(connection, key, now, entropy)


def _certificate(key: Ed25519PrivateKey, replica_id: str, now: dt.datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"replica-{replica_id}")])
    start = now.replace(microsecond=0)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=start - _DAY,
        not_valid_after=start + 366 * _YEARS * _DAY,
    )
    return builder.sign(key, None).public_bytes(Encoding.DER)


class Pen:
    """The centre's pen inside one transaction. It locks the centre's chain first, so that facts come one by one."""

    def __init__(self, centre: Centre, connection: Connection, actor: str) -> None:
        """Take the pen in the name of ``actor``.

        Raises Refused ``server.no-hall`` while there is no station 00, Unavailable ``server.restored``.
        """
        self._centre = centre
        self._connection = connection
        self._actor = ClerkId(actor)
        self._now = centre.clock.now()
        self.replica = enrol_self(connection, centre.key, self._now, centre.entropy)
        held = store.lock_replica(connection, self.replica.id)
        self._head = Head(replica=ReplicaId(self.replica.id), seq=held.seq, hash=Digest(held.hash.hex()))

    def new_case(self) -> tuple[CaseId, CaseNo, str]:
        """Burn a case number of today; return it with a new id and a query code (DESIGN §5)."""
        today = self._now.astimezone(CHINA).date()
        taken = ledgers.take_serial(self._connection, self.replica.id, today)
        number = make_case_no(
            self._centre.row.division,
            self.replica.station.number,
            self.replica.series,
            today,
            next_serial(taken - 1),
        )
        code = f"{int.from_bytes(self._centre.entropy(5), 'big') % 1_000_000:06d}"
        return CaseId(uuid7(self._now, self._centre.entropy)), number, code

    def state(self, case_id: str) -> CaseState:
        """Return a case as it stands, locked until the transaction ends."""
        raw = store.lock_cases(self._connection, [case_id]).get(case_id)
        return STATES.decode(raw) if raw is not None else CaseState()

    def write(self, case_id: CaseId, case: Case | None, catalogue: Digest, *said: b.Body) -> Case:
        """Record lawful facts on a case that stands as ``case``, and return it after them.

        Raises:
            Refused: what the rules say; nothing is written then.
            Unavailable: ``server.set-aside`` when the centre's own judgement took one for a conflict.
        """
        written = []
        for body in said:
            rules.check(case, self._actor, body)
            event = self._event(case_id, case, catalogue, body)
            case = apply_body(case, event.header, body)
            written.append(event)
        push = Push(events=[to_wire(event) for event in written], head=self._head, signature=self._sign())
        intake = Intake(
            SqlLog(self._connection), self.replica.id, millis(self._now), known_actors={self._actor}
        )
        _require_counted(intake.run(open_push(self.replica, push), push.signature).outcomes)
        if case is None:
            raise AssertionError(case_id)
        return case

    def _event(self, case_id: CaseId, case: Case | None, catalogue: Digest, body: b.Body) -> Event:
        raw, salt = canonical(body), self._centre.entropy(SALT_BYTES)
        seen = case.seen if case else {}
        header = Header(
            id=EventId(uuid7(self._now, self._centre.entropy)),
            replica=self._head.replica,
            seq=self._head.seq + 1,
            prev=self._head.hash,
            type=b.type_name(body),
            version=body.version,
            case=case_id,
            base={replica: seq for replica, seq in seen.items() if replica != self._head.replica},
            actor=self._actor,
            at=millis(self._now),
            clock_offset=0,
            catalogue=catalogue,
            body_digest=body_digest(raw, salt),
        )
        self._head = Head(replica=header.replica, seq=header.seq, hash=header_hash(header))
        return Event(header=header, body=raw, salt=salt)

    def _sign(self) -> bytes:
        return self._centre.key.pen(self.replica.id).sign(self._head.statement())


def _require_counted(outcomes: Iterable[Settled]) -> None:
    """The case was locked and the rules were asked, so anything else is a contradiction: keep none of it."""
    for settled in outcomes:
        if settled.outcome not in {"applied", "merged"}:
            raise Unavailable("server.set-aside", reason=settled.reason)
