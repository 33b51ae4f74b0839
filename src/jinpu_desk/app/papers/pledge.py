"""Refusals, pledges and notices about the term: when each may be issued, and what fills it (DOMAIN C1-C3, C6, §D)."""

from __future__ import annotations

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.materials import MaterialState

from ..desk import Desk
from ..intake.credit import credit_of
from ..intake.subject import Subject
from ..labels import day_text
from ..project import told_before_extension
from ..verbs.asks import PAUSE_LABELS
from ..verbs.extension import extension_article
from . import PaperForm
from . import PaperKind as K
from .lines import pledged, taken
from .rule import Fill, PaperRule

REFUSAL_ARTICLE = "行政许可法第三十二条第一款第（二）项"
NOT_NEEDED_ARTICLE = "行政许可法第三十二条第一款第（一）项"
PAUSE_ARTICLE = "行政许可法第四十五条"
CHECKS = {
    "": "数据共享核验、行政协助核查或者现场核查",
    "on-site": "现场核查",
    "remote": "远程视频查验",
    "pledge": "作出决定后核查",
}
"""How a pledge is looked into, by the item's check mode (国办发〔2020〕42号)."""


def pledges_licence(case: Case) -> bool:
    """Tell whether the licence itself is asked for on a pledge (证照分离: 实行告知承诺)."""
    granted = case.terms.family in {DocFamily.LICENCE, DocFamily.FILING}
    return granted and case.terms.licence_mode == "pledge"


def pledge_papers(case: Case) -> tuple[tuple[K, PaperForm], ...]:
    """Return the 告知承诺书 the applicant still has to sign: one for the proofs, one for the licence.

    The branches of a package share their papers, so the proofs are pledged once, with the package. The licence is
    asked for with papers in hand: while all of them lack, its pledge waits for them.
    """
    called_for = []
    if case.parent is None and _pledged_proofs(case):
        called_for.append((K.D6, PaperForm.PROOF))
    if pledges_licence(case) and len(case.lacking) < len(case.materials):
        called_for.append((K.D6, PaperForm.LICENCE))
    had = {(paper.kind, paper.variant) for paper in case.papers}
    return tuple((kind, form) for kind, form in called_for if (str(kind), str(form)) not in had)


def _pledged_proofs(case: Case) -> bool:
    return any(tick.state is MaterialState.PLEDGED for tick in case.materials.values())


def _refusal(_desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    reason = case.refusal_reason.rstrip("。")
    if form is PaperForm.NOT_NEEDED:
        basis = subject.basis or NOT_NEEDED_ARTICLE
        return Fill(blanks={"reason": reason, "article": case.refusal_article or basis})
    return Fill(
        blanks={
            "reason": reason,
            "article": case.refusal_article or REFUSAL_ARTICLE,
            "organ": case.competent_organ,
            "review_organ": subject.authority.review_organ,
            "court": subject.authority.court,
        }
    )


def _pledge(desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    blanks = {
        "check_how": CHECKS.get(subject.check_mode, CHECKS[""]),
        "credit_check": credit_of(desk, case.applicant).as_printed(),
    }
    if form is PaperForm.PROOF:
        return Fill(blanks=blanks, materials=pledged(case, subject))
    return Fill(
        blanks=blanks | {"basis": subject.basis or "行政许可法第三十二条"},
        lists={"conditions": _conditions(subject)},
        materials=taken(case, subject),
    )


def _conditions(subject: Subject) -> tuple[str, ...]:
    """Return what must be true to be licensed: as the guide tells it, else as each material must show it."""
    told = tuple(part.strip() for part in subject.condition.split("；") if part.strip())
    asked = tuple(
        f"{rule.name}：{rule.requirement.rstrip('。')}" for rule in subject.rules if rule.requirement
    )
    return told or asked or (f"符合{subject.basis}规定的条件",)


def _term_notice(desk: Desk, case: Case, _subject: Subject, form: PaperForm) -> Fill:
    if form is PaperForm.PAUSE:
        return Fill(blanks=_pause_blanks(case))
    given = case.extension
    if given is None:
        raise AssertionError(case.id)
    before = told_before_extension(case, desk.calendar)
    return Fill(
        blanks={
            "reason": given.reason.rstrip("。"),
            "extra": f"{given.days}个工作日",
            "approver": given.approver,
            "basis": extension_article(case),
        }
        | ({"old_due": day_text(before)} if before else {})
    )


def _pause_blanks(case: Case) -> dict[str, str]:
    span = case.pauses[-1]
    labels = {str(reason): label for reason, label in PAUSE_LABELS.items()}
    return {
        "reason": labels.get(span.reason, span.reason),
        "since": day_text(span.start),
        "approver": span.approver,
        "basis": PAUSE_ARTICLE,
    }


def _refused(case: Case, form: PaperForm) -> bool:
    if case.status is not Status.REFUSED or case.terms.family is DocFamily.REGISTRATION:
        return False
    return case.not_needed is (form is PaperForm.NOT_NEEDED)


def _may_pledge(case: Case, form: PaperForm) -> bool:
    if case.status is Status.DRAFT:
        return False
    return pledges_licence(case) if form is PaperForm.LICENCE else _pledged_proofs(case)


def _may_tell_term(case: Case, form: PaperForm) -> bool:
    return bool(case.pauses) if form is PaperForm.PAUSE else case.extension is not None


def _term_form(case: Case) -> PaperForm:
    return PaperForm.PAUSE if case.paused or case.extension is None else PaperForm.EXTENSION


def _refusal_form(case: Case) -> PaperForm:
    return PaperForm.NOT_NEEDED if case.not_needed else PaperForm.PLAIN


def _pledge_form(case: Case) -> PaperForm:
    return PaperForm.LICENCE if pledges_licence(case) and not _pledged_proofs(case) else PaperForm.PROOF


PAPERS: dict[K, PaperRule] = {
    K.D4: PaperRule(_refused, _refusal, _refusal_form, numbered=True, seal="acceptance"),
    K.D6: PaperRule(_may_pledge, _pledge, _pledge_form),
    K.D11: PaperRule(_may_tell_term, _term_notice, _term_form, numbered=True, seal="approval"),
}
