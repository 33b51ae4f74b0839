"""Which fact may follow which: the status machine of DOMAIN §B4 and the separation of duties.

The desk asks before it records, the centre asks again when events of two windows met. Both get the same answer
because only the case and the event are looked at, never the clock, the catalogue or the roles.
"""

from __future__ import annotations

from . import bodies as b
from .bodies import DocFamily
from .case import DECIDED, TERMINAL, Case, DeliverState, Status
from .errors import Refused
from .ids import ClerkId
from .materials import MaterialState
from .rules_after import check_after

ACCEPTANCE_ARTICLE = "行政许可法第三十二条"
FROM: dict[type[b.Body], frozenset[Status]] = {
    b.CaseReceived: frozenset({Status.DRAFT}),
    b.CaseAccepted: frozenset({Status.RECEIVED}),
    b.CorrectionNoticed: frozenset({Status.RECEIVED}),
    b.CaseResubmitted: frozenset({Status.CORRECTING}),
    b.CaseRefused: frozenset({Status.RECEIVED}),
    b.CorrectedOnTheSpot: frozenset({Status.RECEIVED}),
    b.CaseSupplemented: frozenset({Status.ACCEPTED}),
    b.ClockPaused: frozenset({Status.ACCEPTED}),
    b.ClockResumed: frozenset({Status.ACCEPTED}),
    b.TermExtended: frozenset({Status.ACCEPTED}),
    b.CaseDecided: frozenset({Status.ACCEPTED}),
    b.CaseClosed: frozenset(DECIDED),
    b.CaseWithdrawn: frozenset({Status.RECEIVED, Status.CORRECTING, Status.ACCEPTED}),
}
"""Statuses an event may start from; types not named here are judged one by one below."""


def check(case: Case | None, actor: ClerkId, body: b.Body) -> None:
    """Let ``body`` by ``actor`` follow ``case``, or refuse.

    Raises:
        Refused: ``case.…`` with the article where a law forbids it.
    """
    if isinstance(body, b.CaseReceived | b.CaseGuided | b.CasePreApplied):
        _check_opening(case, body)
        return
    if case is None:
        raise Refused("case.unknown")
    check_status(case, type(body))
    match body:
        case b.CaseAccepted():
            _check_acceptance(case)
        case b.CorrectionNoticed():
            _check_single_notice(case, body)
        case b.CaseDecided():
            _check_decision(case, actor, body)
        case b.CaseLapsed():
            _check_lapse(case, body)
        case b.CaseSupplemented():
            _check_supplement(case, body)
        case b.ClockPaused() if case.paused:
            raise Refused("case.already-paused", article="行政许可法第四十五条")
        case b.ClockResumed() if not case.paused:
            raise Refused("case.not-paused")
        case b.TermExtended() if case.extension_days:
            raise Refused("case.already-extended", article="行政许可法第四十二条第一款")
        case b.ResultHandedOut():
            _check_delivery(case, body)
        case _:
            check_after(case, body)


def _check_opening(case: Case | None, body: b.CaseReceived | b.CaseGuided | b.CasePreApplied) -> None:
    if case is None:
        return
    if not isinstance(body, b.CaseReceived) or case.status is not Status.DRAFT:
        raise Refused("case.already-received", case_no=case.case_no)


def check_status(case: Case, kind: type[b.Body]) -> None:
    """Let an event of ``kind`` start from the case's status, or refuse with ``case.wrong-status`` or ``case.ended``."""
    allowed = FROM.get(kind)
    if kind is b.CaseDecided and case.terms.family is DocFamily.REGISTRATION:
        # 当场登记 goes from receipt to decision without a separate acceptance (条例 art. 19).
        allowed = frozenset({Status.RECEIVED, Status.ACCEPTED})
    if kind is b.TermExtended and case.terms.family is DocFamily.REGISTRATION:
        # 情形复杂: three more working days run from the receipt (条例 art. 19).
        allowed = frozenset({Status.RECEIVED})
    if kind is b.CaseResubmitted and case.parent is not None:
        # A branch waits in 26 while its package is corrected; the new T0 is its own, too.
        allowed = frozenset({Status.RECEIVED})
    if allowed is not None and case.status not in allowed:
        raise Refused(
            "case.wrong-status", case_no=case.case_no, status=int(case.status), verb=b.type_named(kind)
        )
    if kind in {b.MaterialsTicked, b.FieldsEdited} and case.status in TERMINAL | DECIDED:
        raise Refused("case.ended", case_no=case.case_no, status=int(case.status))
    if kind is b.CaseVoided and case.voided:
        raise Refused("case.already-voided", case_no=case.case_no)


def _check_acceptance(case: Case) -> None:
    if case.terms.family is DocFamily.REGISTRATION:
        raise Refused("case.registration-has-no-acceptance", article="市场主体登记管理条例第十九条")


def _check_single_notice(case: Case, body: b.CorrectionNoticed) -> None:
    if not body.faults:
        raise Refused("case.correction-empty", article=f"{ACCEPTANCE_ARTICLE}第一款第（四）项")
    if case.corrections and not body.override_reason:
        raise Refused("case.second-correction", article=f"{ACCEPTANCE_ARTICLE}第一款第（四）项")


def _check_decision(case: Case, actor: ClerkId, body: b.CaseDecided) -> None:
    if case.paused:
        raise Refused("case.decide-while-paused", article="行政许可法第四十五条")
    # What silence accepted has no terms for its tolerated papers, but they lack all the same.
    tolerated = case.supplement_by.keys() | {
        key for key, tick in case.materials.items() if tick.state is MaterialState.TOLERATED
    }
    if body.approved and tolerated and not case.package:  # each branch of a package was held to it already
        raise Refused("case.tolerance-open", materials="、".join(sorted(tolerated)))
    if not body.approved and not body.reason:
        raise Refused("case.denial-needs-reason", "reason", article="行政许可法第三十八条第二款")
    own_acceptance = actor in {case.accepted_by, case.opened_by}
    if own_acceptance and not (case.terms.window_authorised or case.terms.on_the_spot):
        raise Refused("case.same-hands", actor=actor)


def _check_lapse(case: Case, body: b.CaseLapsed) -> None:
    if body.cause == "tolerance" and not (case.status is Status.ACCEPTED and case.supplement_by):
        raise Refused("case.nothing-to-lapse", case_no=case.case_no)
    if body.cause == "correction" and case.status is not Status.CORRECTING:
        raise Refused("case.nothing-to-lapse", case_no=case.case_no)
    if body.goes_on and not case.package:
        raise Refused("case.nothing-to-lapse", case_no=case.case_no)


def _check_supplement(case: Case, body: b.CaseSupplemented) -> None:
    for key in body.ticks:
        if key not in case.supplement_by:
            raise Refused("case.not-tolerated", f"materials.{key}", material=key)


def _check_delivery(case: Case, body: b.ResultHandedOut) -> None:
    if case.decision is None or case.voided:
        raise Refused("case.no-result-yet", case_no=case.case_no)
    if case.deliver_state is DeliverState.SERVED:
        raise Refused("case.already-served", case_no=case.case_no)
    if body.service == "left" and not (body.refused_because and body.witness):
        raise Refused("case.left-needs-witness", "witness")
