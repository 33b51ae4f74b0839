"""What a package owes to its branches: it ends when the last of them is done, and shows how far they are (DOMAIN C3)."""

from __future__ import annotations

from collections.abc import Sequence

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.case import TERMINAL, Case, Flag, Status
from jinpu_desk.domain.ids import CaseId, ClerkId

from .. import labels
from ..desk import Desk
from ..ports import Transaction
from ..project import clocks, decision_day
from ..screens.views import Pair
from .asks import PAUSE_LABELS

SYSTEM = ClerkId("system")
"""The actor of what nobody did."""


def close_if_done(desk: Desk, tx: Transaction, case: Case) -> bool:
    """End the package that ``case`` is or belongs to once all its branches are done; tell whether that happened.

    Each window ends the packages it took in, so that one end is one fact. Nobody decides an accepted package: its
    decision says what the branches' were, and there is nothing else to hand out (50 → 90 as DOMAIN §B4 has it). One
    whose branches all ended before it was accepted has nothing left to ask for. Branches that this desk does not know
    yet keep it open.
    """
    package = tx.case(case.parent) if case.parent else tx.case(case.id)
    if package is None or not package.package or package.replica != desk.replica.id:
        return False
    branches = [tx.case(child) for child in package.children]
    done = [branch for branch in branches if branch is not None and branch.status in TERMINAL]
    if not done or len(done) < len(package.children):
        return False
    if package.status is Status.ACCEPTED:
        _record(desk, tx, package.id, _outcome(done, desk))
        _record(desk, tx, package.id, b.CaseClosed(closed_on=desk.today()))
        return True
    if package.status in {Status.RECEIVED, Status.CORRECTING} and not any(map(_granted, done)):
        _record(desk, tx, package.id, b.CaseWithdrawn(reason="子办件均已终结"))
        return True
    return False


def _outcome(done: Sequence[Case], desk: Desk) -> b.CaseDecided:
    granted = [one for one in done if _granted(one)]
    others = [one for one in done if not _granted(one)]
    said = [f"准予 {len(granted)} 项"] if granted else []
    said += [f"未准予 {len(others)} 项：{'、'.join(one.terms.item_name for one in others)}"] if others else []
    return b.CaseDecided(
        approved=bool(granted),
        decided_on=desk.today(),
        reason="；".join(said),
        article="行政许可法第二十六条第二款",
    )


def _granted(case: Case) -> bool:
    return case.decision is not None and case.decision.approved and not case.voided


def _record(desk: Desk, tx: Transaction, case_id: CaseId, body: b.Body) -> None:
    case = tx.case(case_id)
    if case is None:
        raise AssertionError(case_id)
    rules.check(case, SYSTEM, body)
    tx.record(case_id, body, actor=SYSTEM, at=desk.now(), catalogue=case.catalogue)


def package_facts(desk: Desk, case: Case) -> tuple[Pair, ...]:
    """Return how far the branches are, when the last is due, and which of them stand still or were given more time."""
    branches = [found for child in case.children if (found := desk.store.case(child)) is not None]
    if not branches:
        return ()
    decided = sum(branch.decision is not None or branch.status in TERMINAL for branch in branches)
    facts = [Pair("子办件", f"已决定 {decided} / {len(case.children)}")]
    facts += [Pair("整体到期", last)] if (last := _joint_due(desk, branches)) else []
    facts += [Pair("暂停的子办件", held)] if (held := _held(branches)) else []
    facts += [Pair("延期的子办件", given)] if (given := _extended(branches)) else []
    return tuple(facts)


def _joint_due(desk: Desk, branches: Sequence[Case]) -> str:
    """Return the latest day of the open branches by their own clocks: they run beside each other, not in turn."""
    waiting = [branch for branch in branches if branch.decision is None and branch.open]
    if any(branch.paused for branch in waiting):
        return "有子办件暂停计时，未定"
    days = []
    for branch in waiting:
        promised, _legal = clocks(branch, desk.calendar)
        days.append(promised.date if promised else decision_day(branch, desk.calendar))
    known = [day for day in days if day is not None]
    return labels.short_day(max(known), desk.today()) if known else ""


def _held(branches: Sequence[Case]) -> str:
    reasons = {str(reason): label for reason, label in PAUSE_LABELS.items()}
    held = [branch for branch in branches if branch.paused and branch.open]
    return "、".join(
        f"{branch.terms.item_name}（{reasons.get(branch.pauses[-1].reason, branch.pauses[-1].reason)}）"
        for branch in held
    )


def _extended(branches: Sequence[Case]) -> str:
    given = [branch for branch in branches if Flag.EXTENDED in branch.flags]
    return "、".join(f"{branch.terms.item_name}（{branch.extension_days} 个工作日）" for branch in given)
