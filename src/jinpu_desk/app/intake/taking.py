"""Taking cases in: from a looked-over application to numbered, durable facts and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId, uuid7
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick

from ..desk import Desk
from ..numbers import next_number
from ..papers import PaperForm, PaperKind
from ..papers.paperwork import Issued, issue, papers_after, papers_beside
from ..papers.result import papers_of_decision
from ..ports import Transaction
from ..roles import require
from .acceptance import acceptance, joint_acceptance
from .application import Application
from .assess import Assessment, assess
from .backfill import came_at
from .barrier import SENT_AWAY, barrier, unsaid
from .changes import has_place, value_at
from .subject import ChildSubject, Subject

CORRECTION_DAYS = 30
"""Calendar days to bring a correction; the law sets none (DOMAIN C1), so items may say otherwise."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking in gave: the case, its children, and its papers as issued."""

    case: Case
    children: tuple[Case, ...]
    papers: tuple[Issued, ...]


def take_in(desk: Desk, application: Application, *, documents: bool = True) -> Taken:
    """Take the application in: numbers burned, events written, papers issued; all durable on return.

    Raises:
        Refused: the first problem found, or the verdict that bars the outcome; nothing was written.
        Unavailable: ``paper.not-issued`` when the case is in but its papers could not be made.
    """
    seen = check(desk, application)
    with desk.store.transaction() as tx:
        case_id = _record(desk, tx, seen)
        if application.draft:
            tx.drop_draft(application.draft)
        case = _known(tx, case_id)
        children = tuple(_known(tx, child) for child in case.children)
    papers = (*issue_due(desk, case), *issue_for_branches(desk, case)) if documents else ()
    return Taken(case=_stored(desk, case_id) if papers else case, children=children, papers=papers)


def check(desk: Desk, application: Application) -> Assessment:
    """Return the assessment of an application that may be taken in; nothing is written.

    Raises:
        Refused: the first problem found, or the verdict that bars the outcome.
    """
    require(desk.roles, desk.clerk.roles, str(application.outcome))
    if application.outcome is Outcome.DECIDE:
        require(desk.roles, desk.clerk.roles, str(Outcome.ACCEPT))
    if application.backfill is not None:
        require(desk.roles, desk.clerk.roles, "backfill")
    seen = assess(desk, application)
    _refuse_problems(seen)
    return seen


def check_draft(desk: Desk, application: Application) -> None:
    """Let an application be kept as a draft: it may lack anything, but hold nothing that its item does not know.

    Raises:
        Refused: ``role.may-not``, ``intake.unknown-item``, ``intake.unknown-key`` or ``intake.unknown-material``.
    """
    require(desk.roles, desk.clerk.roles, "receive")
    for problem in assess(desk, application).problems:
        if problem.code in {"intake.unknown-key", "intake.unknown-material"}:
            raise Refused(problem.code, problem.where, article="", **problem.params)


def issue_due(desk: Desk, case: Case) -> tuple[Issued, ...]:
    """Issue the papers the last step at the counter calls for. Raises what ``issue_all`` raises."""
    called_for = papers_after(case)
    result = tuple(paper for paper in papers_of_decision(case) if paper not in called_for)
    return issue_all(desk, case, (*called_for, *result))


def issue_for_branches(desk: Desk, package: Case) -> tuple[Issued, ...]:
    """Issue what the branches of a package call for beside its papers. Raises what ``issue_all`` raises."""
    papers: tuple[Issued, ...] = ()
    for child_id in package.children:
        child = desk.store.case(child_id)
        if child is not None:
            papers += issue_all(desk, child, papers_beside(child))
    return papers


def issue_all(desk: Desk, case: Case, due_now: tuple[tuple[PaperKind, PaperForm], ...]) -> tuple[Issued, ...]:
    """Issue papers in one transaction of their own.

    Raises:
        Unavailable: ``paper.not-issued``, whether a rule or the disk stood in the way. What went before stays: a
            clerk who heard only of the failure would do it again.
    """
    if not due_now:
        return ()
    try:
        with desk.store.transaction() as tx:
            # Each is told of those before it: a proof of service names the decision it serves, number and all.
            return tuple(issue(desk, tx, tx.case(case.id) or case, kind, form) for kind, form in due_now)
    except DeskError as error:
        problem, _hint = desk.sentences.of(error)
        raise Unavailable("paper.not-issued", case_no=case.case_no, problem=problem) from error


def _refuse_problems(seen: Assessment) -> None:
    outcome = seen.application.outcome
    refused = barrier(seen, outcome) or unsaid(seen, outcome)
    if refused is not None:
        raise refused


def _record(desk: Desk, tx: Transaction, seen: Assessment) -> CaseId:
    """Write the opening event and the one the outcome asks for, for the case and its children."""
    application, subject = seen.application, seen.subject
    if application.outcome is Outcome.GUIDE:
        case_id = _new_id(desk)
        _write(desk, tx, case_id, _guided(desk, tx, application, subject))
        return case_id
    # Who was guided here by another station is taken in under the number of that slip.
    visit = _known(tx, CaseId(application.guided_case)) if application.guided_case else None
    case_id = visit.id if visit else _new_id(desk)
    children = [(child, _new_id(desk)) for child in subject.children]
    opening = _received(desk, tx, seen, visit, tuple(child_id for _, child_id in children))
    rules.check(visit, desk.clerk.id, opening)
    _write(desk, tx, case_id, opening)
    for child, child_id in children:
        _write(desk, tx, child_id, _received_child(desk, tx, seen, child, case_id, opening.channel))
    _attach(desk, tx, case_id, application)
    corrected = _corrections(application)
    if corrected:
        _write(desk, tx, case_id, b.CorrectedOnTheSpot(changes=corrected))
    if children and application.outcome is Outcome.ACCEPT:
        branches = [(_known(tx, child_id), child) for child, child_id in children]
        whole = joint_acceptance(desk, _known(tx, case_id), subject, branches, _accepted_on(desk, seen))
        for accepted, body in whole.items():
            _write(desk, tx, accepted, body)
        return case_id
    _conclude(desk, tx, case_id, seen, subject)
    if application.outcome in SENT_AWAY:
        for child, child_id in children:
            _conclude(desk, tx, child_id, seen, child.subject)
    return case_id


def _accepted_on(desk: Desk, seen: Assessment) -> date:
    return (seen.times.accepted_on if seen.times else None) or desk.today()


def _corrections(application: Application) -> dict[str, tuple[Any, Any]]:
    """Return what was put right at the counter, as (old, new) in the spelling that is stored."""
    found = {
        path: (old, value_at(application, path))
        for path, old in application.corrected.items()
        if has_place(application, path)  # an agent may have left, an entry may not be asked for any more
    }
    return {path: (old, new) for path, (old, new) in found.items() if new != old}


def _conclude(desk: Desk, tx: Transaction, case_id: CaseId, seen: Assessment, subject: Subject) -> None:
    """Record what follows the receipt in the same breath."""
    application, today = seen.application, desk.today()
    match application.outcome:
        case Outcome.ACCEPT | Outcome.DECIDE:
            case = _known(tx, case_id)
            _write(desk, tx, case_id, acceptance(desk, case, subject.rules, _accepted_on(desk, seen)))
            if application.outcome is Outcome.DECIDE:
                decided = b.CaseDecided(approved=True, decided_on=today, result_name=subject.result_name)
                _write(desk, tx, case_id, decided)
                _write(desk, tx, case_id, b.CaseClosed(closed_on=today))
        case Outcome.REGISTER:
            _write(desk, tx, case_id, b.CaseDecided(approved=True, decided_on=today))
            _write(desk, tx, case_id, b.CaseClosed(closed_on=today))
        case Outcome.CORRECT:
            case = _known(tx, case_id)
            _write(desk, tx, case_id, correction(case, subject, application.problems, today))
        case Outcome.REFUSE | Outcome.NOT_NEEDED:
            body = b.CaseRefused(
                reason=application.reason or "依法不需要取得许可",
                competent_organ=application.competent_organ,
                not_needed=application.outcome is Outcome.NOT_NEEDED,
            )
            _write(desk, tx, case_id, body)
        case _:
            pass


def correction(
    case: Case, subject: Subject, problems: dict[str, str], today: date, override: str = ""
) -> b.CorrectionNoticed:
    """Return the notice that lists all that lacks or is defective, once (行政许可法 art. 32(1)(4))."""
    faults = []
    for rule in subject.rules:
        state = _state(case, rule)
        named = problems.get(rule.key, "")
        if not named and not (rule.required and state in {MaterialState.LACKING, MaterialState.DEFECTIVE}):
            continue
        tick = case.materials.get(rule.key, MaterialTick())
        default = "材料有瑕疵，不符合法定形式" if state is MaterialState.DEFECTIVE else "未提交"
        faults.append(
            b.Fault(
                material=rule.key,
                problem=named or tick.note or default,
                requirement=rule.requirement,
                basis=rule.basis,
            )
        )
    days = subject.correction_days or CORRECTION_DAYS
    return b.CorrectionNoticed(
        faults=tuple(faults), correct_by=today + timedelta(days=days), override_reason=override
    )


def _state(case: Case, rule: MaterialRule) -> MaterialState:
    return case.materials.get(rule.key, MaterialTick()).state


def _received(
    desk: Desk,
    tx: Transaction,
    seen: Assessment,
    visit: Case | None,
    children: tuple[CaseId, ...],
) -> b.CaseReceived:
    application, subject = seen.application, seen.subject
    case_no, query_code = (visit.case_no, visit.query_code) if visit else _new_number(desk, tx)
    return b.CaseReceived(
        case_no=case_no,
        query_code=query_code,
        item=application.target,
        package=application.package,
        children=children,
        applicant=application.applicant,
        agent=application.agent,
        answers=application.answers,
        form=application.form,
        materials={rule.key: application.materials.get(rule.key, MaterialTick()) for rule in subject.rules},
        terms=subject.terms,
        station=desk.replica.station,
        window=desk.replica.window,
        received_on=seen.received_on,
        overrides=application.overrides,
        note=application.note,
        external_no=application.external_no or (visit.external_no if visit else ""),
        channel="online" if visit is not None and visit.online else application.channel,
        delivery=application.delivery,
        ticket=application.ticket,
        green=application.green.strip(),
        backfill=seen.times.body() if seen.times else None,
    )


def _received_child(
    desk: Desk, tx: Transaction, seen: Assessment, child: ChildSubject, parent: CaseId, channel: b.Channel
) -> b.CaseReceived:
    application = seen.application
    case_no, query_code = _new_number(desk, tx)
    return b.CaseReceived(
        case_no=case_no,
        query_code=query_code,
        item=child.subject.key,
        parent=parent,
        applicant=application.applicant,
        agent=application.agent,
        answers=child.answers_of(application.answers),
        form=child.form_of(application.form),
        materials=child.materials_of(application.materials),
        terms=child.subject.terms,
        station=desk.replica.station,
        window=desk.replica.window,
        received_on=seen.received_on,
        overrides=application.overrides,
        channel=channel,
        delivery=application.delivery,
        green=application.green.strip(),
        backfill=seen.times.body() if seen.times else None,
    )


def _guided(desk: Desk, tx: Transaction, application: Application, subject: Subject) -> b.CaseGuided:
    case_no, query_code = _new_number(desk, tx)
    return b.CaseGuided(
        case_no=case_no,
        query_code=query_code,
        item=application.target,
        package=application.package,
        applicant=application.applicant,
        answers=application.answers,
        terms=subject.terms,
        station=desk.replica.station,
        guided_to=subject.guided_to,
    )


def _attach(desk: Desk, tx: Transaction, case_id: CaseId, application: Application) -> None:
    """Attach the pages of each material; what came with a pre-application is attached already."""
    there = {(page.material, str(page.sha256)) for page in _known(tx, case_id).attachments}
    for key, tick in application.materials.items():
        for sha256 in tick.files:
            if (key, sha256) in there:
                continue
            info = application.files[sha256]
            body = b.PagesAttached(
                material=key,
                sha256=Digest(sha256),
                media_type=info.media_type,
                size=info.size,
                pages=info.pages,
            )
            _write(desk, tx, case_id, body)


def _write(desk: Desk, tx: Transaction, case_id: CaseId, body: b.Body) -> None:
    tx.record(case_id, body, actor=desk.clerk.id, at=desk.now(), catalogue=Digest(desk.catalogue.digest))


def _new_id(desk: Desk) -> CaseId:
    return CaseId(uuid7(desk.now(), desk.entropy))


def _new_number(desk: Desk, tx: Transaction) -> tuple[CaseNo, str]:
    """Burn the next case number and draw a query code (DESIGN §5)."""
    return next_number(desk, tx), query_code(desk)


def query_code(desk: Desk) -> str:
    """Return six random digits for the public progress page; 2**40 values make the bias negligible."""
    return f"{int.from_bytes(desk.entropy(5), 'big') % 1_000_000:06d}"


def _known(tx: Transaction, case_id: CaseId) -> Case:
    case = tx.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    return case


def _stored(desk: Desk, case_id: CaseId) -> Case:
    case = desk.store.case(case_id)
    if case is None:
        raise AssertionError(case_id)
    return case


def result_of(desk: Desk, taken: Taken, paths: Mapping[EventId, str]) -> dict[str, Any]:
    """Return the intake result of CONTRACT.md; ``paths`` maps a paper's event id to the file written for it."""
    case = taken.case
    row = desk.store.row(case.id)
    supplement = min(case.supplement_by.values(), default=None)
    return {
        "case_no": case.case_no,
        "case_id": case.id,
        "query_code": case.query_code,
        "item": case.item,
        "status": int(case.status),
        "flags": [str(flag) for flag in case.flags],
        "received_at": _iso(desk.local_ms(came_at(case))),
        "accepted_at": _iso(desk.local_ms(case.accepted_at)) if case.accepted_at else None,
        "due": row.due.isoformat() if row and row.due else None,
        "due_provisional": bool(row and row.due_provisional),
        "supplement_by": supplement.isoformat() if supplement else None,
        "children": [child.case_no for child in taken.children],
        "documents": [
            {
                "kind": str(paper.kind),
                "doc_no": paper.doc_no,
                "path": paths.get(paper.event),
                "sha256": paper.sha256,
                "pages": paper.pages,
            }
            for paper in taken.papers
        ],
    }


def _iso(local: datetime) -> str:
    return local.isoformat(timespec="seconds")
