"""Issuing papers: which one an outcome calls for, its facts, its number, and reprints (DESIGN §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jinpu_desk.catalogue.model import Seal
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.body import DocFamily
from jinpu_desk.domain.case import Case, Paper
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest, EventId
from jinpu_desk.domain.instants import utc
from jinpu_desk.domain.mask import mask_id, mask_name, mask_phone
from jinpu_desk.domain.numbering import render_doc_no
from jinpu_desk.domain.parties import Agent, Applicant

from ..desk import Desk
from ..intake.backfill import came_at
from ..intake.subject import subject_of_case
from ..labels import ID_TYPES
from ..ports import Transaction
from ..project import told_term
from . import Family, PaperFacts, PaperForm, PaperKind, Party, ReprintMark
from .counter import PAPERS as COUNTER
from .counter import papers_after as papers_after
from .counter import papers_beside as papers_beside
from .counter import to_print as to_print
from .pledge import PAPERS as PLEDGE
from .result import PAPERS as RESULT
from .rule import PaperRule

PAPERS: dict[PaperKind, PaperRule] = COUNTER | PLEDGE | RESULT
"""Every kind of paper that is issued for a case."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper as recorded, with the bytes as issued."""

    event: EventId
    kind: PaperKind
    doc_no: str
    data: bytes
    sha256: Digest
    pages: int


def default_form(case: Case, kind: PaperKind) -> PaperForm:
    """Return the form of ``kind`` that fits the case as it stands. Refused ``paper.not-made-here`` for no such kind."""
    return _rule(kind).form(case)


def issue(desk: Desk, tx: Transaction, case: Case, kind: PaperKind, form: PaperForm) -> Issued:
    """Number, render, record and keep a paper, all in ``tx``.

    Raises:
        Refused: ``paper.wrong-moment`` when the case has nothing such a paper could say.
    """
    rule = _rule(kind)
    if not rule.possible(case, form):
        raise Refused("paper.wrong-moment", str(kind), kind=kind.label, case_no=case.case_no)
    now = desk.now()
    doc_no = _number(desk, tx, kind, now) if rule.numbers(form) else ""
    seal = seal_for(desk, case, kind)
    facts = facts_of(desk, case, kind, form, doc_no=doc_no, at=now, seq=tx.next_seq())
    rendered = desk.papers.render(facts, desk.signing)
    body = b.PaperIssued(
        kind=str(kind),
        variant=str(form),
        doc_no=doc_no,
        sha256=rendered.sha256,
        facts_digest=rendered.facts_digest,
        pages=rendered.pages,
        seal=seal.key if seal else "",
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
        rule = PAPERS.get(PaperKind(paper.kind))  # none for papers about many cases
        numbers = rule is not None and rule.numbers(PaperForm(paper.variant or "plain"))
        late = numbers and not (paper.doc_no or paper.later_doc_no)
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


def _rule(kind: PaperKind) -> PaperRule:
    rule = PAPERS.get(kind)
    if rule is None:
        raise Refused("paper.not-made-here", str(kind), kind=kind.label)
    return rule


def seal_for(desk: Desk, case: Case, kind: PaperKind) -> Seal | None:
    """Return the seal this clerk puts under such a paper today: the item's authority's, valid, and hers to apply.

    None where there is no such seal; the paper then shows only where one is to be put by hand.
    """
    use = _rule(kind).seal
    if not use:
        return None
    if case.terms.family is DocFamily.REGISTRATION:
        use = "registration"  # 登记 has no 受理 and no 审批: one seal says all it has to say
    found = (desk.catalogue.packages if case.package else desk.catalogue.items).get(case.item)
    seal = desk.catalogue.seal_for(found.authority, use, desk.today()) if found else None
    return seal if seal and not set(seal.roles).isdisjoint(desk.clerk.roles) else None


def _number(desk: Desk, tx: Transaction, kind: PaperKind, now: datetime) -> str:
    year = desk.local(now).year
    taken = tx.next_doc_no(str(kind), year)
    return render_doc_no(taken[0], year, taken[1]) if taken else ""


def facts_of(
    desk: Desk, case: Case, kind: PaperKind, form: PaperForm, *, doc_no: str, at: datetime, seq: int
) -> PaperFacts:
    """Return everything the paper says; what is personal and not the applicant's own name is masked."""
    subject = subject_of_case(desk, case)
    term = told_term(case, desk.calendar)
    seal = seal_for(desk, case, kind)
    fill = _rule(kind).fill(desk, case, subject, form)
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
        received_at=utc(came_at(case)),
        accepted_on=case.accepted_on,
        replica=desk.replica.id,
        seq=seq,
        progress_url=desk.replica.progress_url,
        materials=fill.materials,
        legal_days=case.terms.legal_days,
        promised_days=case.terms.promised_days,
        due=term.date if term else None,
        provisional=bool(term and term.provisional),
        seal=seal.name if seal else "",
        enquiry_phone=subject.authority.enquiry_phone,
        complaint_phone=subject.authority.complaint_phone,
        blanks=fill.blanks,
        lists=fill.lists,
        tables=fill.tables,
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
