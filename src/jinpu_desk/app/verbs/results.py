"""What the result of a case is called, and which paper tells it."""

from __future__ import annotations

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Paper

from ..intake.subject import Subject
from ..papers import PaperForm, PaperKind

_GRANTED = {
    DocFamily.LICENCE: "准予行政许可决定书",
    DocFamily.REGISTRATION: "登记通知书",
    DocFamily.FILING: "备案回执",
    DocFamily.SERVICE: "办理结果告知书",
}
_DENIED = {
    DocFamily.LICENCE: "不予行政许可决定书",
    DocFamily.REGISTRATION: "不予登记通知书",
    DocFamily.FILING: "不予备案通知书",
    DocFamily.SERVICE: "办理结果告知书",
}
_TELLING = {
    (PaperKind.D7, PaperForm.REGISTERED),
    (PaperKind.D7, PaperForm.NOT_REGISTERED),
    (PaperKind.D8, PaperForm.PLAIN),
    (PaperKind.D8, PaperForm.DENIED),
}


def decision_title(case: Case) -> str:
    """Return what the paper of the decision is called in the words of the case's family."""
    approved = case.decision is None or case.decision.approved
    return (_GRANTED if approved else _DENIED)[case.terms.family]


def result_name(case: Case, subject: Subject) -> str:
    """Return the name of what is handed out: as decided, as the catalogue calls it, or the paper of the decision."""
    decision = case.decision
    if decision is not None and not decision.approved:
        return decision_title(case)
    return (decision.result_name if decision else "") or subject.result_name or decision_title(case)


def office_paper(case: Case) -> Paper | None:
    """Return the latest paper that tells the decision, None while there is none."""
    told = (p for p in reversed(case.papers) if (p.kind, p.variant) in _TELLING)
    return next(told, None)
