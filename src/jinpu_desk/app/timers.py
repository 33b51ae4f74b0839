"""What time alone decides at this desk: silence for five working days is acceptance (行政许可法 art. 32(4))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.deadline import is_deemed
from jinpu_desk.domain.ids import CaseId, ClerkId

from .desk import Desk
from .ports import CaseQuery
from .rows import CaseRow

SYSTEM = ClerkId("system")
"""The actor of what nobody did."""


def deem_accepted(desk: Desk) -> tuple[CaseId, ...]:
    """Record the deemed acceptance of this window's own cases whose five working days passed; return them.

    Other windows record theirs, so that one silence is recorded once. The branches of a package wait with it.
    """
    return tuple(
        row.case_id for row in _late(desk) if row.replica == desk.replica.id and _deem(desk, row.case_id)
    )


def _late(desk: Desk) -> Iterator[CaseRow]:
    yesterday = desk.today() - timedelta(days=1)
    late = CaseQuery(status=int(Status.RECEIVED), top_only=True, order="due", due_to=yesterday)
    after: str | None = None
    while True:
        page = desk.store.page(late, after=after)
        yield from page.rows
        after = page.after
        if after is None:
            return


def _deem(desk: Desk, case_id: CaseId) -> bool:
    with desk.store.transaction() as tx:
        case = tx.case(case_id)
        if case is None or case.received_on is None or not _silent(case):
            return False
        if not is_deemed(case.received_on, desk.today(), desk.calendar):
            return False
        body = b.CaseAccepted(accepted_on=case.received_on, deemed=True)
        for one in (case, *filter(None, map(tx.case, case.children))):
            if _silent(one):
                rules.check(one, SYSTEM, body)
                tx.record(one.id, body, actor=SYSTEM, at=desk.now(), catalogue=one.catalogue)
    return True


def _silent(case: Case) -> bool:
    """Tell whether silence accepts the case: it waits for a decision, and is no registration (条例 art. 19)."""
    return case.status is Status.RECEIVED and case.terms.family is not DocFamily.REGISTRATION
