"""What bars a later verb whatever it is told: asked by the verb before it acts and by its button before it is lit."""

from __future__ import annotations

from jinpu_desk.domain.bodies import CaseDecided, DocFamily
from jinpu_desk.domain.case import Case, DeliverState, Status
from jinpu_desk.domain.deadline import is_deemed
from jinpu_desk.domain.decision import Counter, Outcome, decide
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.rules import check_status

from ..desk import Desk
from ..intake.credit import credit_of
from ..intake.subject import Subject
from ..roles import may
from .extension import JOINT, require_extendable

SILENCE = "行政许可法第三十二条第一款第（四）项"
WANTING = frozenset({MaterialState.LACKING, MaterialState.DEFECTIVE})


def nothing(_desk: Desk, _case: Case, _subject: Subject) -> None:
    """Bar nothing."""


def accept(desk: Desk, case: Case, subject: Subject) -> None:
    """Accept what is complete while that is still open; a branch is accepted with its package (DOMAIN C3: 一次受理)."""
    _package_corrected(desk, case)
    of_the_package(desk, case, subject)
    _silent(desk, case)
    _outcome(desk, case, subject, Outcome.ACCEPT)


def register(desk: Desk, case: Case, subject: Subject) -> None:
    """Register what is complete, where the window may. A licence case is told so in any status."""
    if is_registration(case):
        check_status(case, CaseDecided)
    _package_corrected(desk, case)
    _outcome(desk, case, subject, Outcome.REGISTER)


def registrable(desk: Desk, case: Case, subject: Subject) -> None:
    """Register what is complete; whose hands may do it is for ``decision`` to say: those behind the window, too."""
    _package_corrected(desk, case)
    _outcome(desk, case, subject, Outcome.REGISTER, registers_here=True)


def refuse(desk: Desk, case: Case, _subject: Subject) -> None:
    """Refuse while that is still open."""
    _silent(desk, case)


def _silent(desk: Desk, case: Case) -> None:
    """Leave alone what silence has accepted already; its own window records that (``timers``)."""
    if (
        silence_accepts(case)
        and case.received_on
        and is_deemed(case.received_on, desk.today(), desk.calendar)
    ):
        raise Refused("act.accepted-by-silence", article=SILENCE, case_no=case.case_no)


def whole(case: Case, subject: Subject) -> None:
    """Approve what is whole: papers may have been found wanting since the acceptance, or silence accepted without."""
    missing = [
        rule
        for rule in subject.rules
        if rule.required and case.materials.get(rule.key, MaterialTick()).state in WANTING
    ]
    if missing:
        names = "、".join(rule.name for rule in missing)
        raise Refused("act.approve-incomplete", article="行政许可法第三十八条第一款", materials=names)


def nothing_to_correct(desk: Desk, case: Case, subject: Subject) -> None:
    """Refuse a correction notice that would list nothing, when nobody names a problem either."""
    _outcome(desk, case, subject, Outcome.CORRECT, corrections=0)


def second_correction(desk: Desk, case: Case, _subject: Subject) -> None:
    """Leave a second notice to the supervisor, who gives a reason (DOMAIN C1); a package is told of all at once."""
    of_the_package(desk, case, _subject)
    _silent(desk, case)
    if case.corrections and not may(desk.roles, desk.clerk.roles, "second-correction"):
        raise Refused("case.second-correction", article="行政许可法第三十二条第一款第（四）项")


def of_the_package(desk: Desk, case: Case, _subject: Subject) -> None:
    """Leave to the package what is told once for all of its branches."""
    package = desk.store.case(case.parent) if case.parent else None
    if package is not None:
        raise Refused("act.ask-the-package", case_no=package.case_no)


def of_the_branches(case: Case) -> None:
    """Leave to the branches what each authority does for itself: a package is decided by its branches."""
    if case.package:
        raise Refused("act.ask-the-branches", article=JOINT, case_no=case.case_no)


def _package_corrected(desk: Desk, case: Case) -> None:
    """Let a branch wait while its package is being corrected: the notice was given for all of it."""
    package = desk.store.case(case.parent) if case.parent else None
    if package is not None and package.status is Status.CORRECTING:
        raise Refused("act.package-correcting", case_no=package.case_no)


def _outcome(
    desk: Desk,
    case: Case,
    subject: Subject,
    outcome: Outcome,
    *,
    corrections: int | None = None,
    registers_here: bool | None = None,
) -> None:
    counter = Counter(
        **credit_of(desk, case.applicant).as_counted(subject),
        family=case.terms.family,
        rules=subject.rules,
        ticks=case.materials,
        registers_here=case.terms.window_authorised if registers_here is None else registers_here,
        corrections=len(case.corrections) if corrections is None else corrections,
    )
    verdict = decide(counter)[outcome]
    if not verdict.allowed:
        raise Refused(verdict.code, "", article=verdict.article, **verdict.params)


def supplement(desk: Desk, case: Case, subject: Subject) -> None:
    """Supplement what is tolerated, nothing else; a branch is supplemented with its package, whose paper it is."""
    of_the_package(desk, case, subject)
    if not case.supplement_by:
        raise Refused("act.nothing-to-supplement", case_no=case.case_no)


def pause(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Pause a clock that runs; of a package, the branch it is about."""
    of_the_branches(case)
    if case.paused:
        raise Refused("case.already-paused", article="行政许可法第四十五条")


def resume(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Resume a clock that stands."""
    if not case.paused:
        raise Refused("case.not-paused")


def extend(desk: Desk, case: Case, _subject: Subject) -> None:
    """Extend a running term once, before it is over, where the item's law knows an extension."""
    require_extendable(case, desk.calendar, desk.today())


def decision(desk: Desk, case: Case, _subject: Subject) -> None:
    """Leave the decision on a 承诺件 to other hands than took it in, on no stopped clock, and of a package to its
    branches."""
    of_the_branches(case)
    if case.paused:
        raise Refused("case.decide-while-paused", article="行政许可法第四十五条")
    if case.terms.window_authorised or case.terms.on_the_spot:
        return
    if desk.clerk.id in {case.accepted_by, case.opened_by}:
        raise Refused("case.same-hands", actor=desk.clerk.id)
    if not may(desk.roles, desk.clerk.roles, "approve"):
        raise Refused("act.back-office-decides", case_no=case.case_no)


def hand_out(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Hand out a result there is, once."""
    if case.decision is None or case.voided:
        raise Refused("case.no-result-yet", case_no=case.case_no)
    if case.deliver_state is DeliverState.SERVED:
        raise Refused("case.already-served", case_no=case.case_no)


def delivered(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Confirm what is on its way, nothing else."""
    if case.deliver_state is not DeliverState.POSTED:
        raise Refused("case.nothing-on-the-way", case_no=case.case_no)


def lapse(desk: Desk, case: Case, subject: Subject) -> None:
    """End a case whose applicant let the term pass, not before (DOMAIN C1, C6); a branch with its package."""
    of_the_package(desk, case, subject)
    if case.status is Status.CORRECTING:
        last = case.corrections[-1].correct_by
    elif case.status is Status.ACCEPTED and case.supplement_by:
        last = min(case.supplement_by.values())
    else:
        raise Refused("case.nothing-to-lapse", case_no=case.case_no)
    if desk.today() <= last:
        raise Refused("act.lapse-too-early", last=last.isoformat())


def silence_accepts(case: Case) -> bool:
    """Tell whether silence accepts the case: it waits for a decision, and is no registration (条例 art. 19)."""
    return case.status is Status.RECEIVED and not is_registration(case)


def is_registration(case: Case) -> bool:
    """Tell whether the case is of the 登记 family, which is registered and never accepted."""
    return case.terms.family is DocFamily.REGISTRATION
