"""Issuing papers: which one an outcome calls for, its facts, its number, and reprints (DESIGN §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Paper, Status
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest, EventId
from jinpu_desk.domain.mask import mask_id, mask_name, mask_phone
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick
from jinpu_desk.domain.numbering import render_doc_no
from jinpu_desk.domain.parties import Agent, Applicant

from .desk import Desk
from .labels import ID_TYPES, MEDIUM_LABELS, STATE_LABELS, day_text
from .papers import Family, MaterialLine, PaperFacts, PaperForm, PaperKind, Party, ReprintMark
from .ports import Transaction
from .project import clocks, decision_day
from .subject import Subject, subject_of_case

ABSENT = frozenset({MaterialState.LACKING, MaterialState.TOLERATED})
"""States of materials that no receipt may claim to have been taken in."""
NUMBERED = frozenset({PaperKind.D2, PaperKind.D3, PaperKind.D4, PaperKind.D5, PaperKind.D7})
"""Kinds that carry a 文号 from a leased block."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper as recorded, with the bytes as issued."""

    event: EventId
    kind: PaperKind
    doc_no: str
    data: bytes
    sha256: Digest
    pages: int


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


def default_form(case: Case, kind: PaperKind) -> PaperForm:
    """Return the form of ``kind`` that fits the case as it stands."""
    for wanted, form in papers_after(case):
        if wanted is kind:
            return form
    if kind is PaperKind.D7:
        return PaperForm.CORRECTION if case.corrections else PaperForm.TAKEN_IN
    return PaperForm.PLAIN


def issue(desk: Desk, tx: Transaction, case: Case, kind: PaperKind, form: PaperForm) -> Issued:
    """Number, render, record and keep a paper, all in ``tx``.

    Raises:
        Refused: ``paper.wrong-moment`` when the case has nothing such a paper could say.
    """
    _check_moment(case, kind, form)
    now = desk.now()
    doc_no = _number(desk, tx, kind, now) if kind in NUMBERED else ""
    facts = facts_of(desk, case, kind, form, doc_no=doc_no, at=now, seq=tx.next_seq())
    rendered = desk.papers.render(facts, desk.signing)
    body = b.PaperIssued(
        kind=str(kind),
        variant=str(form),
        doc_no=doc_no,
        sha256=rendered.sha256,
        facts_digest=rendered.facts_digest,
        pages=rendered.pages,
    )
    event = tx.record(case.id, body, actor=desk.clerk.id, at=now, catalogue=case.catalogue)
    tx.keep_paper(rendered.sha256, rendered.data)
    return Issued(
        event=event.header.id,
        kind=kind,
        doc_no=doc_no,
        data=rendered.data,
        sha256=rendered.sha256,
        pages=rendered.pages,
    )


def reprint(desk: Desk, case: Case, paper: Paper, reason: str) -> tuple[Case, bytes]:
    """Record a reprint and return the issued bytes under the overlay 补打第 n 次.

    A paper that said 文号待补 gets its number now, when there is one (DESIGN §5).

    Raises:
        Refused: ``paper.reprint-needs-reason``.
        Unavailable: ``paper.bytes-elsewhere`` when the paper was issued at another window.
    """
    if not reason.strip():
        raise Refused("paper.reprint-needs-reason", "reason")
    data = desk.store.paper(paper.sha256)
    if data is None:
        raise Unavailable("paper.bytes-elsewhere", paper.kind, kind=PaperKind(paper.kind).label)
    now = desk.now()
    with desk.store.transaction() as tx:
        late = PaperKind(paper.kind) in NUMBERED and not (paper.doc_no or paper.later_doc_no)
        given = _number(desk, tx, PaperKind(paper.kind), now) if late else ""
        mark = ReprintMark(
            count=paper.reprints + 1,
            at=now,
            clerk=desk.clerk.display_name,
            doc_no=given or paper.later_doc_no,
        )
        marked = desk.papers.reprint(data, mark)
        body = b.PaperReprinted(paper=paper.id, number=mark.count, reason=reason, doc_no=given)
        tx.record(case.id, body, actor=desk.clerk.id, at=now, catalogue=case.catalogue)
        after = tx.case(case.id)
    if after is None:
        raise AssertionError(case.id)
    return after, marked


def sealed(desk: Desk, issued: Issued) -> bytes:
    """Return the file as kept and exported: the issued bytes with the replica's PAdES signature behind them."""
    return desk.papers.seal(issued.data, desk.signing, desk.now())


def _check_moment(case: Case, kind: PaperKind, form: PaperForm) -> None:
    possible = {
        PaperKind.D1: case.status is not Status.DRAFT,
        PaperKind.D2: case.accepted_on is not None,
        PaperKind.D3: bool(case.corrections),
        PaperKind.D5: bool(case.supplement_by),
        PaperKind.D7: case.terms.family is DocFamily.REGISTRATION and case.status is not Status.DRAFT,
        PaperKind.D13: True,
    }
    if kind not in possible:
        raise Refused("paper.not-made-here", str(kind), kind=kind.label)
    decided = {PaperForm.REGISTERED: True, PaperForm.NOT_REGISTERED: False}
    wrong_decision = form in decided and (
        case.decision is None or case.decision.approved is not decided[form]
    )
    if not possible[kind] or wrong_decision:
        raise Refused("paper.wrong-moment", str(kind), kind=kind.label, case_no=case.case_no)


def _number(desk: Desk, tx: Transaction, kind: PaperKind, now: datetime) -> str:
    year = desk.local(now).year
    taken = tx.next_doc_no(str(kind), year)
    return render_doc_no(taken[0], year, taken[1]) if taken else ""


def facts_of(
    desk: Desk, case: Case, kind: PaperKind, form: PaperForm, *, doc_no: str, at: datetime, seq: int
) -> PaperFacts:
    """Return everything the paper says; what is personal and not the applicant's own name is masked."""
    subject = subject_of_case(desk, case)
    promised, _legal = clocks(case, desk.calendar)
    blanks, lists = _blanks(desk, case, subject, form, kind)
    return PaperFacts(
        kind=kind,
        form=form,
        family=Family(str(case.terms.family)),
        case_no=case.case_no,
        query_code=case.query_code,
        doc_no=doc_no,
        authority=case.terms.authority,
        station=desk.stations.get(case.station, case.station),
        window=desk.replica.window,
        clerk=desk.clerk.display_name,
        applicant=_applicant(case.applicant),
        agent=_agent(case.agent),
        item_key=case.item,
        item_name=case.terms.item_name,
        item_code=case.terms.item_code,
        package="、".join(child.name for child in subject.children),
        issued_at=at,
        received_at=datetime.fromtimestamp(case.received_at / 1000, UTC),
        accepted_on=case.accepted_on,
        replica=desk.replica.id,
        seq=seq,
        progress_url=desk.replica.progress_url,
        materials=_materials(case, subject, kind, form),
        legal_days=case.terms.legal_days,
        promised_days=case.terms.promised_days,
        due=promised.date if promised else None,
        provisional=bool(promised and promised.provisional),
        enquiry_phone=subject.authority.enquiry_phone,
        complaint_phone=subject.authority.complaint_phone,
        blanks=blanks,
        lists=lists,
        training=desk.replica.training,
    )


def _applicant(applicant: Applicant) -> Party:
    if applicant.type == "organisation":
        return Party(
            name=applicant.name,
            id_label="统一社会信用代码",
            id_no=applicant.uscc,
            contact=applicant.contact,
            phone=mask_phone(applicant.phone),
        )
    return Party(
        name=applicant.name,
        stated=mask_name(applicant.name),
        id_label=ID_TYPES.get(applicant.id_type, "证件"),
        id_no=mask_id(applicant.id_no),
        contact=applicant.name,
        phone=mask_phone(applicant.phone),
    )


def _agent(agent: Agent | None) -> Party | None:
    if agent is None:
        return None
    return Party(
        name=agent.name,
        id_label=ID_TYPES.get(agent.id_type, "证件"),
        id_no=mask_id(agent.id_no),
        phone=mask_phone(agent.phone),
    )


def _materials(case: Case, subject: Subject, kind: PaperKind, form: PaperForm) -> tuple[MaterialLine, ...]:
    """Return the lines the paper lists: what was taken, what is faulty, what is tolerated, or what to bring."""
    rules = subject.rules
    ticks = {rule.key: case.materials.get(rule.key, MaterialTick()) for rule in rules}
    if kind is PaperKind.D3 or form is PaperForm.CORRECTION:
        return _faults(case, rules)
    if kind is PaperKind.D5:
        rules = tuple(r for r in rules if r.key in case.supplement_by)
    elif kind is not PaperKind.D13:
        rules = tuple(r for r in rules if ticks[r.key].state not in ABSENT)
    return tuple(_line(rule, ticks[rule.key], kind) for rule in rules)


def _line(rule: MaterialRule, tick: MaterialTick, kind: PaperKind) -> MaterialLine:
    slip = kind is PaperKind.D13
    return MaterialLine(
        key=rule.key,
        name=rule.name,
        source=rule.source,
        medium=_medium(rule, tick) if not slip else MEDIUM_LABELS[rule.original],
        copies=rule.copies if slip else tick.originals + tick.copies,
        pages=0 if slip else tick.pages,
        state="" if slip else STATE_LABELS[tick.state],
        note=tick.note,
        requirement=rule.requirement,
        basis=rule.basis,
    )


def _medium(rule: MaterialRule, tick: MaterialTick) -> str:
    if tick.originals and tick.copies:
        return "原件、复印件"
    if tick.originals:
        return "原件"
    if tick.copies:
        return "复印件"
    if tick.state is MaterialState.SHARED or tick.files:
        return "电子"
    return MEDIUM_LABELS[rule.original] if tick.state is MaterialState.RECEIVED else "—"


def _faults(case: Case, rules: tuple[MaterialRule, ...]) -> tuple[MaterialLine, ...]:
    by_key = {rule.key: rule for rule in rules}
    lines = []
    for fault in case.corrections[-1].faults if case.corrections else ():
        rule = by_key.get(fault.material)
        lines.append(
            MaterialLine(
                key=fault.material,
                name=rule.name if rule else "申请内容",
                source=rule.source if rule else "",
                note=fault.problem,
                requirement=fault.requirement,
                basis=fault.basis,
            )
        )
    return tuple(lines)


def _blanks(
    desk: Desk, case: Case, subject: Subject, form: PaperForm, kind: PaperKind
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the blanks and lists of this paper; what a form does not know it does not get."""
    match kind, form:
        case PaperKind.D2, _:
            untimed = {"untimed": subject.untimed} if subject.untimed else {}
            return {"basis": subject.basis or "行政许可法第三十二条", "pickup": _pickup(case)}, untimed
        case PaperKind.D3, _:
            return _correction(case), {}
        case PaperKind.D5, _:
            return {
                "supplement_by": day_text(min(case.supplement_by.values())),
                "supplement_how": "到窗口当面提交，或邮寄、网上提交；以材料到达时间为准",
                "credit_check": "未发现失信限制",
            }, {}
        case PaperKind.D7, PaperForm.REGISTERED:
            return {
                "category": subject.category,
                "entity_name": _entity(case),
                "pickup": _pickup(case),
                "uscc": case.decision.result_no if case.decision else "",
            }, {}
        case PaperKind.D7, PaperForm.NOT_REGISTERED:
            reason = case.decision.reason if case.decision else ""
            return {
                "category": subject.category,
                "entity_name": _entity(case),
                "review_organ": subject.authority.review_organ,
                "court": subject.authority.court,
            }, {"reasons": (reason,)}
        case PaperKind.D7, PaperForm.TAKEN_IN:
            day = decision_day(case, desk.calendar)
            return {"category": subject.category, "decide_by": day_text(day) if day else "—"}, {}
        case PaperKind.D7, PaperForm.CORRECTION:
            return {"category": subject.category} | _correction(case), {}
        case PaperKind.D13, PaperForm.GUIDE:
            return {"reason": f"本站点不办理“{case.terms.item_name}”", "target": case.guided_to}, {}
        case _:
            return {}, {}


def _correction(case: Case) -> dict[str, str]:
    return {
        "correct_by": day_text(case.corrections[-1].correct_by),
        "correct_how": "到窗口当面提交，或邮寄、网上提交",
    }


def _pickup(case: Case) -> str:
    return {"pick-up": "窗口自取", "post": "邮寄送达", "electronic": "电子证照"}[case.delivery]


def _entity(case: Case) -> str:
    name = case.form.get("name")
    return name if isinstance(name, str) and name else case.applicant.name
