"""Builders of plainly fictitious (演示) cases for the tests of every room."""

from __future__ import annotations

from datetime import date
from typing import Any

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import Event, Head, Header, body_digest, canonical, first_head, header_hash
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, Digest, EventId, ReplicaId
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.parties import Applicant

REPLICA = ReplicaId("01900000-0000-7000-8000-000000000001")
CASE = CaseId("01900000-0000-7000-8000-00000000c001")
CLERK = ClerkId("demo")
REVIEWER = ClerkId("demo-reviewer")
CATALOGUE = Digest("c" * 64)
NOON = 1_789_700_000_000  # UTC ms, in September 2026


def received(**changes: Any) -> b.CaseReceived:
    """A received licence case with one material taken and one lacking."""
    fields: dict[str, Any] = {
        "case_no": CaseNo("210213030022026112300011"),
        "query_code": "123456",
        "item": "small-catering",
        "applicant": Applicant(
            type="person", name="演示甲", id_type="111", id_no="210213199003070016", phone="13900000000"
        ),
        "materials": {
            "application": MaterialTick(state=MaterialState.RECEIVED, originals=1, pages=2),
            "layout": MaterialTick(state=MaterialState.TOLERATED),
        },
        "form": {"name": "演示小馆", "address": "演示路1号"},
        "terms": b.Terms(item_name="小餐饮经营许可", legal_days=20, promised_days=5),
        "station": "03",
        "received_on": date(2026, 9, 18),
    }
    return b.CaseReceived(**(fields | changes))


class Chain:
    """One replica's pen: writes events that continue its chain."""

    def __init__(self, replica: ReplicaId = REPLICA) -> None:
        self.head: Head = first_head(replica)

    def write(
        self,
        body: b.Body,
        *,
        case: CaseId = CASE,
        actor: ClerkId = CLERK,
        at: int = NOON,
        base: dict[str, int] | None = None,
    ) -> Event:
        """Return the next event with ``body``."""
        seq = self.head.seq + 1
        raw = canonical(body)
        salt = seq.to_bytes(16, "big")
        header = Header(
            id=EventId(f"{self.head.replica[:24]}{seq:012x}"),
            replica=self.head.replica,
            seq=seq,
            prev=self.head.hash,
            type=b.type_name(body),
            version=body.version,
            case=case,
            base=base or {},
            actor=actor,
            at=at + seq,
            clock_offset=None,
            catalogue=CATALOGUE,
            body_digest=body_digest(raw, salt),
        )
        self.head = Head(replica=self.head.replica, seq=seq, hash=header_hash(header))
        return Event(header=header, body=raw, salt=salt)
