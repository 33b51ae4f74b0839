"""What time alone decides at this desk: silence for five working days is acceptance (行政许可法 art. 32(4))."""

from __future__ import annotations

from datetime import timedelta

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Status
from jinpu_desk.domain.deadline import is_deemed
from jinpu_desk.domain.ids import CaseId, ClerkId

from .desk import Desk
from .ports import CaseQuery

SYSTEM = ClerkId("system")
"""The actor of what nobody did."""


def deem_accepted(desk: Desk) -> tuple[CaseId, ...]:
    """Record the deemed acceptance of this window's own cases whose five working days passed; return them.

    Other windows record theirs, so that one silence is recorded once.
    """
    yesterday = desk.today() - timedelta(days=1)
    late = CaseQuery(status=int(Status.RECEIVED), order="due", due_to=yesterday)
    done: list[CaseId] = []
    for row in desk.store.page(late, limit=500).rows:
        if row.replica == desk.replica.id and _deem(desk, row.case_id):
            done.append(row.case_id)
    return tuple(done)


def _deem(desk: Desk, case_id: CaseId) -> bool:
    with desk.store.transaction() as tx:
        case = tx.case(case_id)
        if (
            case is None
            or case.status is not Status.RECEIVED
            or case.received_on is None
            or case.terms.family is DocFamily.REGISTRATION
            or not is_deemed(case.received_on, desk.today(), desk.calendar)
        ):
            return False
        body = b.CaseAccepted(accepted_on=case.received_on, deemed=True)
        rules.check(case, SYSTEM, body)
        tx.record(case_id, body, actor=SYSTEM, at=desk.now(), catalogue=case.catalogue)
    return True
