"""Which papers the counter calls for, when each may be issued, and what fills its blanks (DOMAIN C1, §D)."""

from __future__ import annotations

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Status

from ..desk import Desk
from ..intake.credit import credit_of
from ..intake.subject import Subject
from ..labels import day_text
from ..project import decision_day
from . import PaperForm, PaperKind
from .lines import faults, taken, to_bring, tolerated
from .pledge import pledge_papers
from .rule import Fill, PaperRule


def papers_after(case: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """Return the papers the last step at the counter calls for and that were not issued yet (DOMAIN C1, §D).

    A package carries the papers of its branches (DOMAIN C3): a branch has of its own only what is said to it alone.
    """
    if case.terms.family is DocFamily.REGISTRATION:
        return _for_registration(case)
    receipt = () if case.parent or _has(case, PaperKind.D1) else ((PaperKind.D1, PaperForm.PLAIN),)
    match case.status:
        case Status.DRAFT:
            return ((PaperKind.D13, PaperForm.GUIDE),)
        case Status.RECEIVED:
            return (*_receipt_of(case), *pledge_papers(case))
        case Status.CORRECTING:
            return ((PaperKind.D3, PaperForm.PLAIN),)
        case Status.ACCEPTED | Status.APPROVED | Status.DENIED | Status.CLOSED:
            return (*receipt, *pledge_papers(case), *_acceptance_of(case))
        case Status.REFUSED:
            return ((PaperKind.D4, PaperForm.NOT_NEEDED if case.not_needed else PaperForm.PLAIN),)
        case _:
            return ()


def _receipt_of(case: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """A new receipt for each set of papers that came in; a branch's came in with its package."""
    return () if case.parent else ((PaperKind.D1, PaperForm.PLAIN),)


def _acceptance_of(case: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """受理通知书, and 容缺受理通知书 with it. What is filed is done at once and has no 受理 (DOMAIN C6); nor is a
    service done on the spot accepted in writing first."""
    if case.parent:
        return ()
    family, on_the_spot = case.terms.family, case.terms.on_the_spot
    accepted = family is DocFamily.LICENCE or (family is DocFamily.SERVICE and not on_the_spot)
    # Silence made the receipt the acceptance; once it is decided no notice of it is written after the fact.
    silent = case.deemed and case.status is not Status.ACCEPTED
    told = accepted and not silent and not _has(case, PaperKind.D2)
    notice = ((PaperKind.D2, PaperForm.PLAIN),) if told else ()
    tolerated = case.supplement_by and not _has(case, PaperKind.D5)
    return (*notice, (PaperKind.D5, PaperForm.PLAIN)) if tolerated else notice


def _for_registration(case: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """The registration family has no 受理 and says everything with D7 (条例 art. 19)."""
    match case.status:
        case Status.DRAFT:
            return ((PaperKind.D13, PaperForm.GUIDE),)
        case Status.RECEIVED if case.parent is None:
            return ((PaperKind.D7, PaperForm.TAKEN_IN), *pledge_papers(case))
        case Status.CORRECTING:
            return ((PaperKind.D7, PaperForm.CORRECTION),)
        case Status.APPROVED | Status.CLOSED if case.decision and case.decision.approved:
            return (*pledge_papers(case), (PaperKind.D7, PaperForm.REGISTERED))
        case Status.DENIED | Status.CLOSED | Status.REFUSED:
            return ((PaperKind.D7, PaperForm.NOT_REGISTERED),)
        case _:
            return ()


def papers_beside(child: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """Return what a branch calls for beside the papers of its package: the pledge its own licence is granted on."""
    waiting = child.status in {Status.RECEIVED, Status.ACCEPTED}
    return pledge_papers(child) if waiting else ()


def to_print(case: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """Return what the case as it stands calls for and nobody printed, as after a deemed acceptance."""
    had = {(paper.kind, paper.variant or str(PaperForm.PLAIN)) for paper in case.papers}
    return tuple((kind, form) for kind, form in papers_after(case) if (str(kind), str(form)) not in had)


def _has(case: Case, kind: PaperKind) -> bool:
    return any(paper.kind == kind for paper in case.papers)


def _receipt(_desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    return Fill(materials=taken(case, subject))


def _acceptance(_desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    return Fill(
        blanks={"basis": subject.basis or "行政许可法第三十二条", "pickup": _pickup(case)},
        lists={"untimed": subject.untimed} if subject.untimed else {},
        materials=taken(case, subject),
    )


def _correction(_desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    return Fill(blanks=_told(case), materials=faults(case, subject))


def _tolerance(desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    return Fill(
        blanks={
            "supplement_by": day_text(min(case.supplement_by.values())),
            "supplement_how": "到窗口当面提交，或邮寄、网上提交；以材料到达时间为准",
            "credit_check": credit_of(desk, case.applicant).as_printed(),
        },
        materials=tolerated(case, subject),
    )


def _registration(desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    category = {"category": subject.category}
    match form:
        case PaperForm.REGISTERED:
            known = {
                "entity_name": entity_name(case),
                "pickup": _pickup(case),
                "uscc": case.decision.result_no if case.decision else "",
            }
            return Fill(blanks=category | known, materials=taken(case, subject))
        case PaperForm.NOT_REGISTERED:
            known = {
                "entity_name": entity_name(case),
                "review_organ": subject.authority.review_organ,
                "court": subject.authority.court,
            }
            return Fill(
                blanks=category | known, lists={"reasons": _reasons(case)}, materials=taken(case, subject)
            )
        case PaperForm.CORRECTION:
            return Fill(blanks=category | _told(case), materials=faults(case, subject))
        case _:
            day = decision_day(case, desk.calendar)
            decide_by = {"decide_by": day_text(day) if day else "—"}
            return Fill(blanks=category | decide_by, materials=taken(case, subject))


def _advice(_desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    guided = {"reason": f"本站点不办理“{case.terms.item_name}”", "target": case.guided_to}
    return Fill(blanks=guided if form is PaperForm.GUIDE else {}, materials=to_bring(case, subject))


def _told(case: Case) -> dict[str, str]:
    return {
        "correct_by": day_text(case.corrections[-1].correct_by),
        "correct_how": "到窗口当面提交，或邮寄、网上提交",
    }


def _pickup(case: Case) -> str:
    return {"pick-up": "窗口自取", "post": "邮寄送达", "electronic": "电子证照"}[case.delivery]


def entity_name(case: Case) -> str:
    """Return the name on the form, or the applicant's."""
    name = case.form.get("name")
    return name if isinstance(name, str) and name else case.applicant.name


def _reasons(case: Case) -> tuple[str, ...]:
    """Why it is not registered: as decided, or as refused with who is competent instead."""
    if case.decision is not None:
        return (case.decision.reason,)
    elsewhere = f"请向{case.competent_organ}提出申请" if case.competent_organ else ""
    return tuple(filter(None, (case.refusal_reason, elsewhere)))


def _registration_form(case: Case) -> PaperForm:
    if case.status is Status.REFUSED:
        return PaperForm.NOT_REGISTERED
    if case.decision is not None:
        return PaperForm.REGISTERED if case.decision.approved else PaperForm.NOT_REGISTERED
    return PaperForm.CORRECTION if case.status is Status.CORRECTING else PaperForm.TAKEN_IN


def _registration_possible(case: Case, form: PaperForm) -> bool:
    if case.terms.family is not DocFamily.REGISTRATION or case.status is Status.DRAFT:
        return False
    match form:
        case PaperForm.NOT_REGISTERED if case.status is Status.REFUSED:
            return True
        case PaperForm.REGISTERED | PaperForm.NOT_REGISTERED:
            approved = form is PaperForm.REGISTERED
            return case.decision is not None and case.decision.approved is approved
        case PaperForm.CORRECTION:
            return bool(case.corrections)
        case _:
            return True


PAPERS: dict[PaperKind, PaperRule] = {
    PaperKind.D1: PaperRule(lambda case, _form: case.status is not Status.DRAFT, _receipt, seal="acceptance"),
    PaperKind.D2: PaperRule(
        lambda case, _form: case.accepted_on is not None, _acceptance, numbered=True, seal="acceptance"
    ),
    PaperKind.D3: PaperRule(
        lambda case, _form: bool(case.corrections), _correction, numbered=True, seal="acceptance"
    ),
    PaperKind.D5: PaperRule(
        lambda case, _form: bool(case.supplement_by), _tolerance, numbered=True, seal="acceptance"
    ),
    PaperKind.D7: PaperRule(
        _registration_possible,
        _registration,
        _registration_form,
        numbered=True,
        unnumbered=frozenset({PaperForm.TAKEN_IN}),
        seal="registration",
    ),
    PaperKind.D13: PaperRule(
        lambda case, form: form is not PaperForm.GUIDE or bool(case.guided_to),
        _advice,
        lambda case: PaperForm.GUIDE if case.guided_to and case.status is Status.DRAFT else PaperForm.PLAIN,
    ),
}
