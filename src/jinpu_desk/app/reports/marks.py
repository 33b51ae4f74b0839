"""Marks: what happened to a case that its status no longer tells, kept beside its row so that reports can count it
without folding every case of a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jinpu_desk.domain.case import Case, Paper, Status
from jinpu_desk.domain.instants import local_date
from jinpu_desk.domain.materials import MaterialState

NUMBERED = frozenset({"D2", "D3", "D4", "D5", "D7", "D8", "D11", "D12"})
"""Kinds of paper that carry a document number, most forms of them."""
WITHOUT = frozenset({("D7", "taken-in"), ("D12", "withdrawn"), ("D12", "returned")})
"""Forms of those that carry none. A test holds both against the papers' own rules."""

CORRECTED = "corrected"
CORRECTED_AGAIN = "corrected-again"
TOLERATED = "tolerated"
SUPPLEMENTED = "supplemented"
LAPSED = "lapsed"
UNREASONED = "unreasoned"
UNNUMBERED = "unnumbered"
SEALED = "sealed"
BY_POST = "by-post"
BY_NETWORK = "by-network"
TO_POST = "to-post"


def marks_of(case: Case) -> tuple[str, ...]:
    """Return the marks of a case, sorted."""
    return tuple(sorted(_marks(case)))


def _marks(case: Case) -> Iterator[str]:
    held = {
        CORRECTED: bool(case.corrections),
        CORRECTED_AGAIN: len(case.corrections) > 1,
        TOLERATED: bool(case.tolerated),
        SUPPLEMENTED: bool(case.supplemented),
        LAPSED: case.end_reason in ("tolerance", "correction") and not case.voided,
        UNREASONED: unreasoned(case),
        UNNUMBERED: any(map(waits_for_number, case.papers)),
        SEALED: any(paper.seal for paper in case.papers),
        BY_POST: case.channel == "post",
        TO_POST: case.delivery == "post",
        BY_NETWORK: case.channel == "online" or case.online,
    }
    yield from (mark for mark, is_held in held.items() if is_held)
    yield from {
        rating.occasion: rated(rating.occasion, rating.satisfaction) for rating in case.ratings
    }.values()
    if case.deliveries:
        yield served_by(case.deliveries[-1].method)


def carries_number(kind: str, form: str) -> bool:
    """Tell whether a paper of this form carries a document number."""
    return kind in NUMBERED and (kind, form) not in WITHOUT


def waits_for_number(paper: Paper) -> bool:
    """Tell whether a paper went out saying 文号待补 and still does."""
    return carries_number(paper.kind, paper.variant) and not (paper.doc_no or paper.later_doc_no)


def rated(occasion: str, satisfaction: int) -> str:
    """Return the mark of a rating; the last one of an occasion counts."""
    return f"rated-{occasion}-{satisfaction}"


def served_by(method: str) -> str:
    """Return the mark of the last way the result went."""
    return f"served-{method}"


def unreasoned(case: Case) -> bool:
    """Tell whether somebody was refused without being told why (行政许可法 art. 38, 55)."""
    if case.status is Status.REFUSED and not case.not_needed:
        return not case.refusal_reason.strip()
    return case.decision is not None and not case.decision.approved and not case.decision.reason.strip()


def arrived_on(case: Case) -> date:
    """Return the local day the case came to a counter: of a case entered later (补录), the true one."""
    at = case.backfill.received_at if case.backfill is not None else case.received_at
    return local_date(at)


def served_on(case: Case) -> date | None:
    """Return the day the last result was served, None while it is waiting or on its way."""
    return case.deliveries[-1].served_on if case.deliveries else None


def saved(case: Case) -> tuple[int, int]:
    """Return how many materials nobody had to bring: shared data, and papers of an earlier case."""
    states = [tick.state for tick in case.materials.values()]
    return states.count(MaterialState.SHARED), states.count(MaterialState.REUSED)
