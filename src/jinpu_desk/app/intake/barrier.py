"""What stands in the way of an outcome: one answer for the decision bar and for taking in."""

from __future__ import annotations

from collections.abc import Iterable

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState

from .assess import Assessment
from .notice import UNLAWFUL_NOW

CLOSED = frozenset(
    {
        "decision.station",
        "decision.licence-cancelled",
        "decision.licence-needed",
        "decision.may-take-here",
        "decision.registration-family",
        "decision.not-registration",
        "decision.not-authorised",
        "decision.not-decided-here",
    }
)
"""Verdicts that nothing typed could change: they are told before any gap in the form."""
SENT_AWAY = frozenset({Outcome.REFUSE, Outcome.NOT_NEEDED})
FINISHING = frozenset({Outcome.ACCEPT, Outcome.REGISTER, Outcome.DECIDE})
ACCEPTING = frozenset({Outcome.ACCEPT, Outcome.DECIDE})
LISTED = ("applicant.", "agent.")


def barrier(seen: Assessment, outcome: Outcome) -> Refused | None:
    """Return what bars the button ``outcome`` as things stand, None when it works."""
    verdict = seen.verdicts[outcome]
    barred = Refused(verdict.code, "action", article=verdict.article, **verdict.params)
    if not verdict.allowed and verdict.code in CLOSED:
        return barred
    problem = next(iter(_in_the_way(seen, outcome)), None)
    if problem is not None:
        article = seen.subject.basis if problem.code in UNLAWFUL_NOW else ""
        return Refused(problem.code, problem.where, article=article, **problem.params)
    if not verdict.allowed:
        return barred
    if outcome is not Outcome.ON_THE_SPOT and not seen.application.corrections_signed:
        return Refused("intake.correction-unsigned", "action", article="行政许可法第三十二条第一款第（三）项")
    return None


def unsaid(seen: Assessment, outcome: Outcome) -> Refused | None:
    """Return what the clerk still has to say or to have signed before an outcome that is open is done."""
    application = seen.application
    if outcome is Outcome.ON_THE_SPOT:
        return Refused("intake.on-the-spot-goes-on", "action")
    if outcome is Outcome.REFUSE and not application.reason.strip():
        return Refused("intake.refusal-needs-reason", "note", article="行政许可法第三十二条")
    if outcome is Outcome.REFUSE and not application.competent_organ.strip():
        article = "行政许可法第三十二条第一款第（二）项"
        return Refused("intake.refusal-needs-organ", "competent_organ", article=article)
    if outcome in FINISHING and needs_tolerance_signature(seen) and not application.tolerance_signed:
        return Refused("intake.tolerance-unsigned", "action")
    times = seen.times
    if times is not None and times.accepted_on is not None and outcome not in ACCEPTING:
        return Refused("intake.backfill-not-accepted", "backfill.accepted_on")
    return None


def needs_tolerance_signature(seen: Assessment) -> bool:
    """Tell whether 受理 means that the applicant signs a 容缺承诺书 first (DOMAIN C6)."""
    return any(tick.state is MaterialState.TOLERATED for tick in seen.application.materials.values())


def _in_the_way(seen: Assessment, outcome: Outcome) -> Iterable[Complaint]:
    """Problems that matter to the outcome. Who is sent away need not bring a complete file first; an intake file
    is still held to what it says."""
    if outcome is Outcome.ON_THE_SPOT:
        return ()
    if outcome is Outcome.GUIDE:
        return (p for p in seen.problems if p.where == "applicant.name")
    if outcome in SENT_AWAY and seen.application.from_page:
        return (p for p in seen.problems if p.where.startswith(LISTED))
    if outcome in SENT_AWAY:
        return (p for p in seen.problems if p.code not in UNLAWFUL_NOW)
    return seen.problems
