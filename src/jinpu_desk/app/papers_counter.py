"""Which papers the counter calls for, when each may be issued, and what fills its blanks (DOMAIN C1, §D)."""

from __future__ import annotations

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Status

from .desk import Desk
from .labels import day_text
from .paper_lines import faults, taken, to_bring, tolerated
from .paper_rule import Fill, PaperRule
from .papers import PaperForm, PaperKind
from .project import decision_day
from .subject import Subject


def papers_after(case: Case) -> tuple[tuple[PaperKind, PaperForm], ...]:
    """Return the papers the last step at the counter calls for (DOMAIN C1, §D)."""
    registration = case.terms.family is DocFamily.REGISTRATION
    match case.status:
        case Status.DRAFT:
            return ((PaperKind.D13, PaperForm.GUIDE),)
        case Status.RECEIVED if registration:
            return ((PaperKind.D7, PaperForm.TAKEN_IN),)
        case Status.RECEIVED:
            return ((PaperKind.D1, PaperForm.PLAIN),)
        case Status.CORRECTING if registration:
            return ((PaperKind.D7, PaperForm.CORRECTION),)
        case Status.CORRECTING:
            return ((PaperKind.D3, PaperForm.PLAIN),)
        case Status.ACCEPTED:
            receipt = () if _has(case, PaperKind.D1) else ((PaperKind.D1, PaperForm.PLAIN),)
            tolerated = ((PaperKind.D5, PaperForm.PLAIN),) if case.supplement_by else ()
            return (*receipt, (PaperKind.D2, PaperForm.PLAIN), *tolerated)
        case Status.APPROVED | Status.CLOSED if registration and case.decision and case.decision.approved:
            return ((PaperKind.D7, PaperForm.REGISTERED),)
        case Status.DENIED | Status.CLOSED if registration:
            return ((PaperKind.D7, PaperForm.NOT_REGISTERED),)
        case _:
            return ()


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


def _tolerance(_desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    return Fill(
        blanks={
            "supplement_by": day_text(min(case.supplement_by.values())),
            "supplement_how": "到窗口当面提交，或邮寄、网上提交；以材料到达时间为准",
            "credit_check": "未发现失信限制",
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
            reason = case.decision.reason if case.decision else ""
            return Fill(blanks=category | known, lists={"reasons": (reason,)}, materials=taken(case, subject))
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


def _registration_form(case: Case) -> PaperForm:
    if case.decision is not None:
        return PaperForm.REGISTERED if case.decision.approved else PaperForm.NOT_REGISTERED
    return PaperForm.CORRECTION if case.status is Status.CORRECTING else PaperForm.TAKEN_IN


def _registration_possible(case: Case, form: PaperForm) -> bool:
    if case.terms.family is not DocFamily.REGISTRATION or case.status is Status.DRAFT:
        return False
    match form:
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
        _registration_possible, _registration, _registration_form, numbered=True, seal="registration"
    ),
    PaperKind.D13: PaperRule(
        lambda case, form: form is not PaperForm.GUIDE or bool(case.guided_to),
        _advice,
        lambda case: PaperForm.GUIDE if case.guided_to and case.status is Status.DRAFT else PaperForm.PLAIN,
    ),
}
