"""The later verbs of the window: one function each, from typed data to lawful events.

``act`` is the door: it decodes the data of a verb, asks whether role and law allow it, records, and issues the
papers the step calls for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import TERMINAL, Case, PauseSpan, Status
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo

from ..desk import Desk
from ..intake.acceptance import joint_acceptance
from ..intake.changes import sound_changes
from ..intake.file import convert, guard
from ..intake.subject import subject_of_case
from ..intake.taking import Taken, correction, issue_all, issue_for_branches
from ..numbers import unknown
from ..papers import PaperForm, PaperKind
from ..papers.desk_papers import issued_between
from ..papers.paperwork import papers_after
from ..papers.result import papers_of_decision, papers_of_end
from ..roles import require
from . import bars
from .asks import DECISION, EXTENSION, PAUSE, REASON, REFUSAL, TEXT, asks_again
from .conflict import VERBS as CONFLICT
from .data import (
    Changes,
    Correction,
    DecideData,
    ExtendData,
    Faults,
    Nothing,
    PauseData,
    Reason,
    Refusal,
    Text,
    require_text,
)
from .delivery import VERBS as DELIVERY
from .extension import require_days
from .materials import COMING_IN, TICKING, require_known
from .moment import Moment
from .movement import VERBS as MOVEMENT
from .package import close_if_done
from .pledge import VERBS as PLEDGE
from .timers import deem
from .verb import (
    Papers,
    Verb,
    has_term,
    not_decided,
    not_extended,
    not_registration,
    not_voided,
    paused,
    running,
    to_be_registered,
)


def act(desk: Desk, case_no: CaseNo, verb: str, data: object, *, documents: bool = True) -> Taken:
    """Do ``verb`` on a case with ``data`` (decoded JSON).

    Raises:
        Refused: ``act.unknown-verb``, ``intake.…`` naming the key of ``data``, ``role.may-not``, ``case.unknown``,
            or what the verb itself says; nothing was written.
    """
    entry = VERBS.get(verb)
    if entry is None:
        raise Refused("act.unknown-verb", verb, verb=verb)
    require(desk.roles, desk.clerk.roles, verb)
    guard(data, "data")
    told = convert(data, entry.data, "data")
    known = desk.store.case_by_no(case_no)
    if known is None:
        raise unknown(desk.store, case_no)
    deem(desk, known)
    with desk.store.transaction() as tx:
        case = tx.case(known.id)
        if case is None:
            raise Refused("case.unknown", case_no)
        if entry.opens is not None:
            rules.check_status(case, entry.opens)
        subject = subject_of_case(desk, case)
        entry.bars(desk, case, subject)
        entry.do(Moment(desk, tx, case, subject), told)
        close_if_done(desk, tx, case)
    after = desk.store.case(known.id)
    if after is None:
        raise AssertionError(known.id)
    called_for = entry.prints(after) if documents and entry.prints and _moved(known, after) else ()
    papers = (*issued_between(desk, known, after), *issue_all(desk, after, called_for))
    if called_for:
        papers = (*papers, *issue_for_branches(desk, after))
    return Taken(case=desk.store.case(known.id) or after, children=(), papers=papers)


def _moved(before: Case, after: Case) -> bool:
    """Tell whether the verb did something a paper could speak of; a remark on the timeline is no reason to print."""
    return replace(before, timeline=(), seen={}) != replace(after, timeline=(), seen={})


def _accept(now: Moment, _data: Nothing) -> None:
    branches = list(now.branches())
    parts = [(branch.moment.case, branch.part) for branch in branches]
    whole = joint_acceptance(now.desk, now.case, now.subject, parts, now.desk.today())
    now.write(whole[now.case.id])
    for branch in branches:
        if branch.moment.case.id in whole:
            branch.follow(whole[branch.moment.case.id])


def _register(now: Moment, _data: Nothing) -> None:
    today = now.desk.today()
    now.write(b.CaseDecided(approved=True, decided_on=today), b.CaseClosed(closed_on=today))


def _correct(now: Moment, data: Faults) -> None:
    if data.override_reason:
        require(now.desk.roles, now.desk.clerk.roles, "second-correction")
    require_known(now, data.problems)
    if not data.problems:
        bars.nothing_to_correct(now.desk, now.case, now.subject)
    now.write(correction(now.case, now.subject, data.problems, now.desk.today(), data.override_reason))


def _end(now: Moment, body: b.Body) -> None:
    """Record what ends the case, and its branches with it."""
    now.write(body)
    for branch in now.branches():
        branch.follow(body)


def _refuse(now: Moment, data: Refusal) -> None:
    if not data.reason.strip():
        raise Refused("intake.refusal-needs-reason", "data.reason", article="行政许可法第三十二条")
    if not data.competent_organ.strip():
        raise Refused("intake.refusal-needs-organ", "data.competent_organ")
    _end(now, b.CaseRefused(reason=data.reason, article=data.article, competent_organ=data.competent_organ))


def _pause(now: Moment, data: PauseData) -> None:
    if data.reason not in {str(reason) for reason in PauseReason}:
        raise Refused("act.pause-reason", "data.reason", article="行政许可法第四十五条", reason=data.reason)
    require_text(data.approver, "data.approver")
    span = PauseSpan(
        start=now.desk.today(), end=None, reason=data.reason, approver=data.approver, notice_no=data.notice_no
    )
    now.write(
        b.ClockPaused(reason=span.reason, start=span.start, approver=span.approver, notice_no=span.notice_no)
    )


def _resume(now: Moment, _data: Nothing) -> None:
    now.write(b.ClockResumed(end=now.desk.today()))


def _extend(now: Moment, data: ExtendData) -> None:
    require_days(now.case, data.days, "data.days")
    require_text(data.approver, "data.approver")
    require_text(data.reason, "data.reason")
    now.write(
        b.TermExtended(
            days=data.days, reason=data.reason, approver=data.approver, extended_on=now.desk.today()
        )
    )


def _decide(now: Moment, data: DecideData) -> None:
    today = now.desk.today()
    decided = b.CaseDecided(
        approved=data.approved,
        decided_on=today,
        reason=data.reason,
        article=data.article,
        result_name=data.result_name,
        result_no=data.result_no,
        valid_to=data.valid_to,
    )
    if data.approved and now.case.terms.family is DocFamily.REGISTRATION:
        if now.case.status is Status.RECEIVED:
            bars.registrable(now.desk, now.case, now.subject)
        now.write(decided, b.CaseClosed(closed_on=today))
        return
    if data.approved:
        bars.whole(now.case, now.subject)
    now.write(decided)


def _close(now: Moment, _data: Nothing) -> None:
    now.write(b.CaseClosed(closed_on=now.desk.today()))


ENDED_EARLY = TERMINAL - {Status.CLOSED}
"""Statuses of a branch that was ended without a result."""


def _lapse(now: Moment, _data: Nothing) -> None:
    """End a case whose applicant let the term pass: 容缺 not completed, or a correction not brought (DOMAIN C1, C6).

    Of a package, the branches that wanted the paper end; it goes on while another branch has or may have a result.
    """
    today = now.desk.today()
    branches = list(now.branches())
    if now.case.status is Status.CORRECTING:
        now.write(b.CaseLapsed(cause="correction", lapsed_on=today))
        for branch in branches:
            branch.follow(b.CaseWithdrawn(reason="主办件逾期未补正"))
        return
    short = [branch for branch in branches if branch.moment.case.supplement_by]
    rest = [branch for branch in branches if branch not in short and not branch.moment.case.voided]
    goes_on = any(branch.moment.case.status not in ENDED_EARLY for branch in rest)
    now.write(b.CaseLapsed(cause="tolerance", lapsed_on=today, goes_on=goes_on))
    for branch in short:
        branch.follow(b.CaseLapsed(cause="tolerance", lapsed_on=today))


def _withdraw(now: Moment, data: Reason) -> None:
    require_text(data.reason, "data.reason")
    _end(now, b.CaseWithdrawn(reason=data.reason))


def _void(now: Moment, data: Reason) -> None:
    require_text(data.reason, "data.reason")
    _end(now, b.CaseVoided(reason=data.reason))


def _note(now: Moment, data: Text) -> None:
    require_text(data.text, "data.text")
    now.write(b.CaseNoted(text=data.text))


def _edit(now: Moment, data: Changes) -> None:
    now.write(b.FieldsEdited(changes=_pairs(now, data.changes)))


def _on_the_spot(now: Moment, data: Correction) -> None:
    if not data.signed:
        raise Refused(
            "act.correction-unsigned", "data.signed", article="行政许可法第三十二条第一款第（三）项"
        )
    now.write(b.CorrectedOnTheSpot(changes=_pairs(now, data.changes)))


def _pairs(now: Moment, changes: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (old, new) by path, after checking that the changed application is still sound."""
    if not changes:
        raise Refused("act.no-changes", "data.changes")
    found = sound_changes(now.case, now.subject, changes, now.desk.today())
    changed = {path: (old, new) for path, (old, new) in found.items() if old != new}
    if not changed:
        raise Refused("act.no-changes", "data.changes")
    return changed


def printing(form: PaperForm) -> Callable[[Case], Papers]:
    """Print a notice about the term (DOMAIN §D, D11)."""
    return lambda _case: ((PaperKind.D11, form),)


COUNTER: dict[str, Verb] = {
    "accept": Verb(Nothing, _accept, b.CaseAccepted, bars.accept, fits=not_registration, prints=papers_after),
    "register": Verb(Nothing, _register, None, bars.register, fits=to_be_registered, prints=papers_after),
    "correct": Verb(
        Faults, _correct, b.CorrectionNoticed, bars.second_correction, asks=asks_again, prints=papers_after
    ),
    **COMING_IN,
    "refuse": Verb(Refusal, _refuse, b.CaseRefused, bars.refuse, asks=REFUSAL, prints=papers_after),
    "pause": Verb(
        PauseData,
        _pause,
        b.ClockPaused,
        bars.pause,
        asks=PAUSE,
        fits=running,
        prints=printing(PaperForm.PAUSE),
    ),
    "resume": Verb(Nothing, _resume, b.ClockResumed, bars.resume, fits=paused),
    "extend": Verb(
        ExtendData,
        _extend,
        b.TermExtended,
        bars.extend,
        asks=EXTENSION,
        fits=not_extended,
        prints=printing(PaperForm.EXTENSION),
    ),
    "decide": Verb(
        DecideData, _decide, b.CaseDecided, bars.decision, asks=DECISION, prints=papers_of_decision
    ),
    "close": Verb(Nothing, _close, b.CaseClosed),
}
ENDINGS: dict[str, Verb] = {
    "lapse": Verb(Nothing, _lapse, b.CaseLapsed, bars.lapse, fits=has_term, prints=papers_of_end),
    "withdraw": Verb(Reason, _withdraw, b.CaseWithdrawn, asks=REASON, prints=papers_of_end),
    "void": Verb(Reason, _void, b.CaseVoided, asks=REASON, fits=not_voided, prints=papers_of_end),
    "note": Verb(Text, _note, b.CaseNoted, asks=TEXT),
    **TICKING,
    "on-the-spot": Verb(Correction, _on_the_spot, b.CorrectedOnTheSpot),
    "edit": Verb(Changes, _edit, b.FieldsEdited, fits=not_decided),
}

VERBS: dict[str, Verb] = COUNTER | DELIVERY | PLEDGE | MOVEMENT | ENDINGS | CONFLICT
"""Every verb of ``jinpu-desk act`` and of the case page, in the order of its buttons."""


def from_strip(verb: str, typed: dict[str, Any]) -> dict[str, Any]:
    """Return the data of ``verb`` from what the case page's entry strip gives: text becomes numbers and truth, the word
    chosen for a material its state, and what was left empty is left out where it is no text."""
    kind = VERBS[verb].data if verb in VERBS else Nothing
    hints = {field.name: field.type for field in msgspec.structs.fields(kind)}
    data: dict[str, Any] = {}
    for key, value in typed.items():
        if key == "changes" and isinstance(value, dict):
            data[key] = {
                f"{part}.{name}": entry
                for part, entries in value.items()
                for name, entry in entries.items()
                if entry
            }
        elif key == "materials" and isinstance(value, dict):
            data[key] = {name: {"state": state} for name, state in value.items() if state}
        elif hints.get(key) == tuple[str, ...] and isinstance(value, str):
            data[key] = (value,) if value else ()
        elif hints.get(key) is bool and isinstance(value, str):
            data[key] = value == "true"
        elif hints.get(key) is int and isinstance(value, str) and value.strip().isdigit():
            data[key] = int(value)
        elif value != "" or hints.get(key) is str:
            data[key] = value
    return data
