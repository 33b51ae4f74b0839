"""What time alone decides at this desk: silence for five working days is acceptance (行政许可法 art. 32(4)).

Each window does so for its own cases only, with a network or without one, so that one silence is one fact. Nothing is
printed: what an acceptance by silence calls for stands on the workbench until a clerk prints it (``duties``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.case import TERMINAL, Case, Flag, Status
from jinpu_desk.domain.deadline import is_deemed
from jinpu_desk.domain.ids import CaseId

from ..desk import Desk
from ..ports import CaseQuery
from ..rows import CaseRow
from .bars import silence_accepts
from .package import SYSTEM as SYSTEM
from .package import close_if_done

_DONE = {int(status) for status in TERMINAL}


def let_time_pass(desk: Desk) -> tuple[CaseId, ...]:
    """Record whatever time and other windows decided about this window's own cases; return the cases it moved."""
    return (*deem_accepted(desk), *close_packages(desk))


def deem_accepted(desk: Desk) -> tuple[CaseId, ...]:
    """Record the deemed acceptance of this window's own cases whose five working days passed; return them.

    The branches of a package wait with it.
    """
    yesterday = desk.today() - timedelta(days=1)
    late = CaseQuery(status=int(Status.RECEIVED), top_only=True, order="due", due_to=yesterday)
    return tuple(row.case_id for row in _own(desk, late) if _deem(desk, row.case_id))


def deem(desk: Desk, case: Case) -> bool:
    """Record the deemed acceptance of one case of this window if it is due, before a verb meets it; tell if it was."""
    if case.replica != desk.replica.id or case.parent is not None or not silence_accepts(case):
        return False
    return _deem(desk, case.id)


def close_packages(desk: Desk) -> tuple[CaseId, ...]:
    """Close this window's own packages whose last branch was done elsewhere; return them."""
    accepted = CaseQuery(status=int(Status.ACCEPTED), flag=str(Flag.PACKAGE), top_only=True)
    return tuple(row.case_id for row in _own(desk, accepted) if _close(desk, row.case_id))


def _own(desk: Desk, query: CaseQuery) -> Iterator[CaseRow]:
    after: str | None = None
    while True:
        page = desk.store.page(query, after=after)
        yield from (row for row in page.rows if row.replica == desk.replica.id)
        after = page.after
        if after is None:
            return


def _close(desk: Desk, case_id: CaseId) -> bool:
    branches = desk.store.page(CaseQuery(parent=case_id)).rows
    if any(row.status not in _DONE for row in branches):
        return False
    with desk.store.transaction() as tx:
        case = tx.case(case_id)
        return case is not None and close_if_done(desk, tx, case)


def _deem(desk: Desk, case_id: CaseId) -> bool:
    with desk.store.transaction() as tx:
        case = tx.case(case_id)
        if case is None or case.received_on is None or not silence_accepts(case):
            return False
        if not is_deemed(case.received_on, desk.today(), desk.calendar):
            return False
        body = b.CaseAccepted(accepted_on=case.received_on, deemed=True)
        for one in (case, *filter(None, map(tx.case, case.children))):
            if silence_accepts(one):
                rules.check(one, SYSTEM, body)
                tx.record(one.id, body, actor=SYSTEM, at=desk.now(), catalogue=one.catalogue)
        close_if_done(desk, tx, case)
    return True
