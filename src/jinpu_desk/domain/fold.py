"""A case is the fold of its events (DESIGN §3). Folding never judges: what was recorded happened; ``rules`` judges
before recording, and the centre once more on arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from . import bodies as b
from .case import (
    Attachment,
    Case,
    Correction,
    Decision,
    DeliverState,
    Extension,
    Moment,
    Paper,
    PauseSpan,
    Resolution,
    Status,
)
from .edits import apply_changes
from .errors import Refused
from .events import Event, Header
from .fold_after import STEPS_AFTER, visited
from .fold_opening import guided, pre_applied, received
from .ids import EventId
from .instants import local_date
from .materials import MaterialState, MaterialTick
from .resolving import MATERIALS, counted, narrowed, said, ticks_of

SetAside = Mapping[EventId, Event]
"""Parked events of a case by id: a resolution that keeps one is folded with it."""
NONE_SET_ASIDE: SetAside = MappingProxyType({})


def fold(events: Iterable[Event], set_aside: SetAside = NONE_SET_ASIDE) -> Case | None:
    """Return the case that ``events`` (one case, in order, set-aside ones left out) make; None for none."""
    case: Case | None = None
    for event in events:
        case = apply(case, event, set_aside)
    return case


def apply(case: Case | None, event: Event, set_aside: SetAside = NONE_SET_ASIDE) -> Case:
    """Return the case after ``event``; ``set_aside`` holds what a resolution may have kept.

    Raises:
        Refused: ``fold.no-case`` when the first event does not open a case, or what ``decode_body`` raises.
    """
    header = event.header
    if event.body is None:
        return _erased(case, header)
    body = b.decode_body(header.type, header.version, event.body)
    return apply_body(case, header, body, set_aside)


def apply_body(case: Case | None, header: Header, body: b.Body, set_aside: SetAside = NONE_SET_ASIDE) -> Case:
    """Return the case after a body that is already decoded."""
    if isinstance(body, b.CaseReceived):
        changed = received(case, header, body)
    elif isinstance(body, b.CaseGuided):
        changed = guided(header, body)
    elif isinstance(body, b.CasePreApplied):
        changed = pre_applied(header, body)
    elif case is None:
        raise Refused("fold.no-case", header.id, type=header.type)
    elif isinstance(body, b.ConflictResolved):
        changed = _resolved(case, header, body, set_aside)
    else:
        changed = _STEPS[type(body)](case, header, body)
    return _stamp(changed, header, _remark(body))


def _stamp(case: Case, header: Header, note: str) -> Case:
    moment = Moment(
        event=header.id,
        type=header.type,
        at=header.at,
        actor=header.actor,
        replica=header.replica,
        note=note,
    )
    # A parked event that a person let count comes after later ones of its own chain.
    seen = case.seen | {header.replica: max(header.seq, case.seen.get(header.replica, 0))}
    return replace(case, timeline=(*case.timeline, moment), seen=seen)


def _erased(case: Case | None, header: Header) -> Case:
    if case is None:
        raise Refused("fold.no-case", header.id, type=header.type)
    return _stamp(case, header, "")


def _remark(body: b.Body) -> str:
    """The words of the timeline line that come from the event itself."""
    match body:
        case b.CaseNoted(text=text):
            return text
        case b.PaperIssued(kind=kind, doc_no=doc_no):
            return f"{kind} {doc_no}".strip()
        case b.PaperReprinted(number=number, reason=reason):
            return f"{number} {reason}"
        case b.CaseRefused(reason=reason) | b.CaseWithdrawn(reason=reason) | b.CaseVoided(reason=reason):
            return reason
        case b.ClockPaused(reason=reason) | b.TermExtended(reason=reason) | b.CaseDecided(reason=reason):
            return reason
        case b.CaseReceived(note=note):
            return note
        case b.CaseRated(text=text) | b.RatingAnswered(text=text):
            return text
        case b.HandedOn(slip=slip, target=target):
            return f"{target} {slip}"
        case b.CaseVisited(purpose=purpose):
            return purpose
        case b.MaterialsTicked(ticks=ticks) | b.CaseSupplemented(ticks=ticks):
            return "、".join(ticks)
        case b.FieldsEdited(changes=changes) | b.CorrectedOnTheSpot(changes=changes):
            return "、".join(changes)
        case b.ConflictResolved(reason=reason):
            return reason
        case _:
            return ""


def _accepted(case: Case, header: Header, body: b.CaseAccepted) -> Case:
    return replace(
        case,
        status=Status.ACCEPTED,
        accepted_on=body.accepted_on,
        accepted_at=header.at,
        accepted_by=None if body.deemed else header.actor,
        deemed=body.deemed,
        supplement_by=body.supplement_by,
        tolerated=body.supplement_by,
        pledged=body.pledged,
    )


def _correction(case: Case, header: Header, body: b.CorrectionNoticed) -> Case:
    notice = Correction(
        faults=body.faults,
        noticed_at=header.at,
        correct_by=body.correct_by,
        override_reason=body.override_reason,
    )
    return replace(case, status=Status.CORRECTING, corrections=(*case.corrections, notice))


def _resubmitted(case: Case, _header: Header, body: b.CaseResubmitted) -> Case:
    if case.parent is None:
        case = visited(case, body.received_on, body.channel)
    return replace(
        case,
        status=Status.RECEIVED,
        received_on=body.received_on,
        materials=case.materials | body.materials,
    )


def _refused(case: Case, _header: Header, body: b.CaseRefused) -> Case:
    return replace(
        case,
        status=Status.REFUSED,
        refusal_reason=body.reason,
        refusal_article=body.article,
        competent_organ=body.competent_organ,
        not_needed=body.not_needed,
    )


def _edited(case: Case, _header: Header, body: b.FieldsEdited | b.CorrectedOnTheSpot) -> Case:
    return apply_changes(case, {path: new for path, (_old, new) in body.changes.items()})


def _ticked(case: Case, header: Header, body: b.MaterialsTicked | b.CaseSupplemented) -> Case:
    said_on = body.arrived_on if isinstance(body, b.CaseSupplemented) else _day(header)
    return _with_ticks(case, body.ticks, said_on)


def _with_ticks(case: Case, ticks: dict[str, MaterialTick], day: date) -> Case:
    materials = case.materials | ticks
    still_open = {
        key: last
        for key, last in case.supplement_by.items()
        if materials.get(key, MaterialTick()).state
        in {MaterialState.TOLERATED, MaterialState.LACKING, MaterialState.DEFECTIVE}
    }
    arrived = dict.fromkeys(case.supplement_by.keys() - still_open.keys(), day)
    return replace(
        case,
        materials=materials,
        supplement_by=still_open,
        supplemented=case.supplemented | arrived,
    )


def _day(header: Header) -> date:
    return local_date(header.at)


def _supplemented(case: Case, header: Header, body: b.CaseSupplemented) -> Case:
    if case.parent is None:
        case = visited(case, body.arrived_on, body.channel)
    return _ticked(case, header, body)


def _lapsed(case: Case, _header: Header, body: b.CaseLapsed) -> Case:
    if body.goes_on:
        return replace(case, supplement_by={})
    status = Status.TERMINATED if body.cause == "tolerance" else Status.WITHDRAWN
    return replace(case, status=status, closed_on=body.lapsed_on, end_reason=body.cause)


def _paused(case: Case, _header: Header, body: b.ClockPaused) -> Case:
    span = PauseSpan(
        start=body.start, end=None, reason=body.reason, approver=body.approver, notice_no=body.notice_no
    )
    return replace(case, pauses=(*case.pauses, span))


def _resumed(case: Case, _header: Header, body: b.ClockResumed) -> Case:
    if not case.pauses:
        return case
    return replace(case, pauses=(*case.pauses[:-1], replace(case.pauses[-1], end=body.end)))


def _extended(case: Case, _header: Header, body: b.TermExtended) -> Case:
    extension = Extension(
        days=body.days, reason=body.reason, approver=body.approver, extended_on=body.extended_on
    )
    return replace(case, extension=extension)


def _decided(case: Case, header: Header, body: b.CaseDecided) -> Case:
    decision = Decision(
        approved=body.approved,
        decided_on=body.decided_on,
        by=header.actor,
        reason=body.reason,
        article=body.article,
        result_name=body.result_name,
        result_no=body.result_no,
        valid_to=body.valid_to,
        office=body.office,
    )
    status = Status.APPROVED if body.approved else Status.DENIED
    # A package has no result of its own; what its branches were given is handed out branch by branch.
    waiting = DeliverState.NONE if case.package else DeliverState.WAITING
    still_open = {} if case.package else case.supplement_by
    return replace(case, status=status, decision=decision, deliver_state=waiting, supplement_by=still_open)


def _closed(case: Case, _header: Header, body: b.CaseClosed) -> Case:
    return replace(case, status=Status.CLOSED, closed_on=body.closed_on)


def _withdrawn(case: Case, header: Header, body: b.CaseWithdrawn) -> Case:
    return replace(case, status=Status.WITHDRAWN, end_reason=body.reason)


def _voided(case: Case, _header: Header, body: b.CaseVoided) -> Case:
    # There is no result to hand out any more; one that was served stays served.
    waiting = case.deliver_state is DeliverState.WAITING
    return replace(
        case,
        status=Status.TERMINATED,
        voided=True,
        end_reason=body.reason,
        deliver_state=DeliverState.NONE if waiting else case.deliver_state,
    )


def _noted(case: Case, _header: Header, _body: b.CaseNoted) -> Case:
    return case


def _attached(case: Case, _header: Header, body: b.PagesAttached) -> Case:
    attachment = Attachment(
        sha256=body.sha256,
        material=body.material,
        media_type=body.media_type,
        size=body.size,
        pages=body.pages,
    )
    return replace(case, attachments=(*case.attachments, attachment))


def _paper_issued(case: Case, header: Header, body: b.PaperIssued) -> Case:
    paper = Paper(
        id=header.id,
        kind=body.kind,
        variant=body.variant,
        doc_no=body.doc_no,
        sha256=body.sha256,
        facts_digest=body.facts_digest,
        pages=body.pages,
        issued_at=header.at,
        issued_by=header.actor,
        replica=header.replica,
        seq=header.seq,
        seal=body.seal,
    )
    return replace(case, papers=(*case.papers, paper))


def _paper_reprinted(case: Case, _header: Header, body: b.PaperReprinted) -> Case:
    papers = tuple(
        replace(p, reprints=max(p.reprints, body.number), later_doc_no=body.doc_no or p.later_doc_no)
        if p.id == body.paper
        else p
        for p in case.papers
    )
    return replace(case, papers=papers)


def _resolved(case: Case, header: Header, body: b.ConflictResolved, set_aside: SetAside) -> Case:
    """Let a kept event count from here on as its author said it, but for the fields chosen otherwise."""
    chosen = said(body)
    parked = set_aside.get(body.parked)
    if body.keep and parked is not None and not counted(case, body.parked):
        case = _kept(case, parked, chosen, set_aside)
    case = with_values(case, chosen, _day(header))
    resolution = Resolution(keep=body.keep, values=chosen, by=header.actor, at=header.at)
    return replace(case, resolutions=case.resolutions | {body.parked: resolution})


def _kept(case: Case, parked: Event, chosen: dict[str, Any], set_aside: SetAside) -> Case:
    header = parked.header
    if parked.body is None:
        return _erased(case, header)
    body = narrowed(b.decode_body(header.type, header.version, parked.body), chosen)
    others = {key: event for key, event in set_aside.items() if key != header.id}
    return apply_body(case, header, body, others)


def with_values(case: Case, values: dict[str, Any], day: date) -> Case:
    """Return the case with fields and ticks as a person chose them. Raises Refused ``case.…``."""
    case = apply_changes(case, {path: v for path, v in values.items() if not path.startswith(MATERIALS)})
    try:
        ticks = ticks_of(values)
    except msgspec.ValidationError as error:
        raise Refused("case.bad-value", "materials", problem=str(error)) from error
    return _with_ticks(case, ticks, day) if ticks else case


_STEPS: dict[type[b.Body], Callable[[Case, Header, Any], Case]] = {
    b.CaseAccepted: _accepted,
    b.CorrectionNoticed: _correction,
    b.CaseResubmitted: _resubmitted,
    b.CaseRefused: _refused,
    b.CorrectedOnTheSpot: _edited,
    b.FieldsEdited: _edited,
    b.MaterialsTicked: _ticked,
    b.CaseSupplemented: _supplemented,
    b.CaseLapsed: _lapsed,
    b.ClockPaused: _paused,
    b.ClockResumed: _resumed,
    b.TermExtended: _extended,
    b.CaseDecided: _decided,
    b.CaseClosed: _closed,
    b.CaseWithdrawn: _withdrawn,
    b.CaseVoided: _voided,
    b.CaseNoted: _noted,
    b.PagesAttached: _attached,
    b.PaperIssued: _paper_issued,
    b.PaperReprinted: _paper_reprinted,
    **STEPS_AFTER,
}
