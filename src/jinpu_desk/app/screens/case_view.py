"""办件 on the screen: list lines, filters and one case whole."""

from __future__ import annotations

from datetime import date

from jinpu_desk.catalogue.model import Field, Question
from jinpu_desk.domain import deadline
from jinpu_desk.domain.case import DECIDED, TERMINAL, Case, DeliverState, Flag, Paper, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, CaseNo
from jinpu_desk.domain.mask import mask_id, mask_name, mask_phone

from .. import labels
from ..desk import Desk
from ..duty.duties import lapsed_query
from ..duty.passing_view import holder_chip, movement_facts
from ..intake import places
from ..intake.backfill import came_at
from ..intake.subject import Subject, subject_of_case
from ..numbers import unknown
from ..papers import PaperForm, PaperKind
from ..papers.forms import paper_title
from ..ports import CaseQuery
from ..project import clocks
from ..rows import CaseRow
from ..verbs.package import package_facts
from .arrival_view import arrival_facts
from .case_verbs import buttons
from .checklist_view import checklist
from .conflict_view import of_case
from .naming import applicant_of as applicant_of
from .naming import short_name as short_name
from .timeline import timeline
from .values import masked
from .views import CaseFilter, CaseLine, CasePage, Chip, Pair, PaperLine, Tone

PAGE = 100
STATUS_TONES: dict[Status, Tone] = {
    Status.DRAFT: "neutral",
    Status.RECEIVED: "info",
    Status.CORRECTING: "warn",
    Status.ACCEPTED: "info",
    Status.DENIED: "bad",
    Status.APPROVED: "good",
    Status.CLOSED: "good",
    Status.REFUSED: "bad",
    Status.WITHDRAWN: "neutral",
    Status.TERMINATED: "bad",
}
FLAG_TONES: dict[Flag, Tone] = {
    Flag.TOLERATED: "tolerated",
    Flag.PLEDGED: "pledged",
    Flag.PAUSED: "warn",
    Flag.DEEMED: "bad",
    Flag.VOIDED: "bad",
    Flag.PACKAGE: "info",
    Flag.ON_THE_WAY: "warn",
    Flag.POOR_RATING: "pledged",
    Flag.UNCHECKED: "pledged",
    Flag.FALSE_PLEDGE: "bad",
    Flag.UNREAD: "warn",
}

URGENCY_TONES: dict[deadline.Urgency, Tone] = {
    deadline.Urgency.GREEN: "neutral",
    deadline.Urgency.YELLOW: "warn",
    deadline.Urgency.ORANGE: "pledged",
    deadline.Urgency.RED: "bad",
    deadline.Urgency.PAUSED: "warn",
}


def query_of(desk: Desk, only: CaseFilter) -> CaseQuery:
    """Return the store's question for a filter chip."""
    today = desk.today()
    match only:
        case CaseFilter.OPEN:
            return CaseQuery(open_only=True, top_only=True)
        case CaseFilter.TODAY:
            return CaseQuery(received_from=today, received_to=today, top_only=True)
        case CaseFilter.UNDECIDED:
            return CaseQuery(status=int(Status.RECEIVED), order="due")
        case CaseFilter.CORRECTING:
            return CaseQuery(status=int(Status.CORRECTING), order="due")
        case CaseFilter.TOLERATED:
            return CaseQuery(flag=str(Flag.TOLERATED), open_only=True, order="due")
        case CaseFilter.DUE:
            return CaseQuery(open_only=True, order="due", due_to=desk.calendar.next_workday(today))
        case CaseFilter.LAPSED:
            return lapsed_query(desk)
        case CaseFilter.UNCHECKED:
            return CaseQuery(flag=str(Flag.UNCHECKED))
        case CaseFilter.FALSE_PLEDGE:
            return CaseQuery(flag=str(Flag.FALSE_PLEDGE))
        case CaseFilter.HAND_OUT:
            return CaseQuery(deliver_state=str(DeliverState.WAITING))
        case CaseFilter.CONFLICT:
            return CaseQuery(conflict=True)
        case CaseFilter.PENDING:
            return CaseQuery(pending=True)
        case CaseFilter.ON_THE_WAY:
            return CaseQuery(flag=str(Flag.ON_THE_WAY))
        case CaseFilter.POORLY_RATED:
            return CaseQuery(flag=str(Flag.POOR_RATING))
        case CaseFilter.CLOSED:
            return CaseQuery(status=int(Status.CLOSED), top_only=True)
        case CaseFilter.ALL:
            return CaseQuery()


def cases(desk: Desk, only: CaseFilter, after: str | None) -> tuple[tuple[CaseLine, ...], str | None]:
    """Return a page of lines and the key of the next page, None at the end."""
    found = desk.store.page(query_of(desk, only), after=after, limit=PAGE)
    return lines(desk, found.rows), found.after


def count(desk: Desk, only: CaseFilter) -> int:
    """Return how many cases a filter holds."""
    return desk.store.count(query_of(desk, only))


def search(desk: Desk, text: str) -> tuple[CaseLine, ...]:
    """Return the lines of the cases found, best and newest first. Raises Refused ``case.pruned``."""
    found = desk.store.search(text)
    if not found and desk.store.pruned_on(CaseNo(text.strip())):
        raise unknown(desk.store, CaseNo(text.strip()))
    return lines(desk, found)


def lines(desk: Desk, rows: tuple[CaseRow, ...], *, revealed: bool = False) -> tuple[CaseLine, ...]:
    """Return list lines for rows."""
    pending = desk.store.pending_case_ids([row.case_id for row in rows])
    set_aside = frozenset(stored.event.header.case for stored in desk.store.parked())
    chips = {case_id: Chip("待传", "warn") for case_id in pending}
    chips |= {case_id: Chip("冲突", "bad") for case_id in set_aside}
    return tuple(_line(desk, row, chips.get(row.case_id), revealed=revealed) for row in rows)


def _line(desk: Desk, row: CaseRow, sync: Chip | None, *, revealed: bool) -> CaseLine:
    """Return the list line of a row; the applicant's name is masked unless it is an organisation's."""
    status = Status(row.status)
    due_text, due_tone = due_of(desk, row)
    return CaseLine(
        case_id=row.case_id,
        case_no=row.case_no,
        item=short_name(desk, row),
        applicant=row.applicant_name if revealed else applicant_of(row),
        entity=row.entity_name,
        status=Chip(labels.STATUS_LABELS[status], STATUS_TONES[status]),
        flags=tuple(
            Chip(labels.FLAG_LABELS[Flag(flag)], FLAG_TONES.get(Flag(flag), "neutral")) for flag in row.flags
        )
        + holder_chip(desk, row.holder),
        due=due_text,
        due_tone=due_tone,
        received=labels.short_time(desk.local_ms(row.received_at), desk.today()),
        station=desk.stations.get(row.station, row.station),
        clerk=desk.clerks.get(row.clerk, row.clerk),
        sync=sync,
    )


def due_of(desk: Desk, row: CaseRow) -> tuple[str, Tone]:
    """Return the clock of a row in words: the nearest day that matters and how far off it is."""
    today = desk.today()
    status = Status(row.status)
    if status in TERMINAL | DECIDED:
        what = "决定" if status in DECIDED else "办结"
        return (f"{labels.short_day(row.closed_on, today)} {what}" if row.closed_on else ""), "neutral"
    if str(Flag.PAUSED) in row.flags:
        return "暂停计时", "warn"
    if row.supplement_by is not None and (row.due is None or row.supplement_by <= row.due):
        return _left(desk, row.supplement_by, "补齐"), _strict_tone(desk, row.supplement_by)
    if row.correct_by is not None:
        late = today > row.correct_by
        text = f"{labels.short_day(row.correct_by, today)} {'逾期未补正' if late else '前补正'}"
        return text, "bad" if late else "warn"
    if row.decide_by is not None:
        return _left(desk, row.decide_by, "决定"), _strict_tone(desk, row.decide_by)
    if row.due is None:
        return "", "neutral"
    text = _left(desk, row.due, "")
    tone = URGENCY_TONES[deadline.colour(today, row.due, row.legal_due, row.warn_on)]
    return (f"{text}（暂定）" if row.due_provisional else text), tone


def _left(desk: Desk, day: date, what: str) -> str:
    today = desk.today()
    left = deadline.remaining_workdays(today, day, desk.calendar)
    head = f"{labels.short_day(day, today)}{what and ' 前' + what}"
    if left < 0:
        return f"{head} · 超 {-left} 个工作日"
    return f"{head} · 今天到期" if left == 0 else f"{head} · 剩 {left} 个工作日"


def _strict_tone(desk: Desk, day: date) -> Tone:
    """The tone of a last day that no second one follows: past it is red, one working day before it yellow."""
    return URGENCY_TONES[deadline.urgency(desk.today(), day, day, 1, desk.calendar)]


def case_page(desk: Desk, case_id: CaseId, *, reveal: bool = False) -> CasePage:
    """Return one case whole. ``reveal`` shows personal data and writes so to the audit log.

    Raises:
        Refused: ``case.unknown``.
    """
    case, row = desk.store.case(case_id), desk.store.row(case_id)
    if case is None or row is None:
        raise Refused("case.unknown", case_id)
    if reveal:
        with desk.store.transaction() as tx:
            tx.log_reveal(desk.clerk.id, "case", case_id, desk.now())
    subject = subject_of_case(desk, case)
    children = [found for child in case.children if (found := desk.store.row(child)) is not None]
    line, *below = lines(desk, (row, *children), revealed=reveal)
    return CasePage(
        line=line,
        title=case.terms.item_name,
        query_code=case.query_code,
        facts=_facts(desk, case, reveal=reveal),
        form=_form(desk, case, subject, reveal=reveal),
        checklist=checklist(desk, case, subject.rules),
        timeline=timeline(desk, case, subject, desk.store.events_of(case_id), reveal=reveal),
        papers=tuple(paper_line(desk, paper) for paper in case.papers),
        verbs=buttons(desk, case, subject),
        children=tuple(below),
        revealed=reveal,
        conflicts=of_case(desk, case_id),
        files=file_chips(desk, case),
    )


def file_chips(desk: Desk, case: Case) -> tuple[Chip, ...]:
    """Say of how many files of a case the centre has no copy, and how many this desk has not fetched.

    A scan that is nowhere to be had is among the latter, so no reference to a file is silently empty.
    """
    waiting, absent = file_counts(desk, case)
    told = (
        Chip(f"附件待传 {waiting}", "warn") if waiting else None,
        Chip(f"附件未下载 {absent}", "info") if absent else None,
    )
    return tuple(chip for chip in told if chip is not None)


def file_counts(desk: Desk, case: Case) -> tuple[int, int]:
    """Return how many scans and papers of a case the centre does not have yet, and how many scans this desk has not."""
    scans = {page.sha256 for page in case.attachments}
    waiting = len((scans | {paper.sha256 for paper in case.papers}) & desk.store.unsent())
    return waiting, sum(not desk.blobs.has(sha256) for sha256 in scans)


def _facts(desk: Desk, case: Case, *, reveal: bool) -> tuple[Pair, ...]:
    party = case.applicant
    person = party.type == "person"
    promised, legal = clocks(case, desk.calendar)
    pairs = [
        Pair("申请人", party.name if reveal or not person else mask_name(party.name)),
        Pair(
            labels.ID_TYPES.get(party.id_type, "证件") if person else "统一社会信用代码",
            party.uscc if not person else party.id_no if reveal else mask_id(party.id_no),
        ),
        Pair("电话", party.phone if reveal else mask_phone(party.phone)),
        Pair(
            "代理人", "" if case.agent is None else case.agent.name if reveal else mask_name(case.agent.name)
        ),
        Pair("收件", f"{desk.local_ms(came_at(case)):%Y-%m-%d %H:%M}"),
        Pair(
            "受理",
            case.accepted_on.isoformat() + ("（视为受理）" if case.deemed else "")
            if case.accepted_on
            else "",
        ),
        *arrival_facts(case),
        Pair("承诺到期", _term(promised)),
        Pair("法定到期", _term(legal)),
        *package_facts(desk, case),
        Pair("补齐期限", min(case.supplement_by.values()).isoformat() if case.supplement_by else ""),
        Pair("决定", _decision(case)),
        Pair("取件方式", {"pick-up": "自取", "post": "邮寄", "electronic": "电子证照"}[case.delivery]),
        Pair("结果", labels.DELIVER_LABELS[case.deliver_state]),
        Pair("办理机关", case.terms.authority),
        Pair("站点", f"{desk.stations.get(case.station, case.station)} {case.window}".strip()),
        *movement_facts(desk, case),
    ]
    return tuple(pair for pair in pairs if pair.value)


def _term(term: deadline.Due | None) -> str:
    if term is None:
        return ""
    if term.date is None:
        return "暂停计时，未定"
    return term.date.isoformat() + ("（暂定，日历未公布）" if term.provisional else "")


def _decision(case: Case) -> str:
    if case.decision is None:
        return case.refusal_reason
    yes, no = labels.DECISION_WORDS[case.terms.family]
    return f"{yes if case.decision.approved else no} {case.decision.decided_on.isoformat()}"


def _form(desk: Desk, case: Case, subject: Subject, *, reveal: bool) -> tuple[Pair, ...]:
    """Return what was answered and typed, by the names the page gave it."""
    answered = (
        Pair(question.label, _answer(question, case.answers.get(question.key)))
        for question in subject.asked(case.answers)
    )
    typed = (
        Pair(label, _entry(desk, case, path, field, reveal=reveal))
        for path, (label, field) in subject.form_fields(case.answers).items()
    )
    return tuple(pair for pair in (*answered, *typed) if pair.value)


def _answer(question: Question, answer: object) -> str:
    if isinstance(answer, bool):
        return "是" if answer else "否"
    given = [answer] if isinstance(answer, str) else answer if isinstance(answer, list | tuple) else []
    names = {option.value: option.label for option in question.options}
    return "、".join(names.get(str(value), str(value)) for value in given)


def _entry(desk: Desk, case: Case, path: str, field: Field, *, reveal: bool) -> str:
    """Return an entry as it reads; one of a register by its name, where the register still holds it."""
    typed = _typed(case, path, field, reveal=reveal)
    line = places.line_of(desk, field.register, typed) if field.kind == "register" else None
    return f"{line.name} · {line.address}" if line else typed


def _typed(case: Case, path: str, field: Field, *, reveal: bool) -> str:
    value: object = case.form
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    names = {option.value: option.label for option in field.options}
    text = names.get(str(value), str(value))
    return f"{text if reveal else masked(case, path, field, text)}{field.unit}"


def paper_line(desk: Desk, paper: Paper) -> PaperLine:
    """Return an issued paper as listed."""
    kind = PaperKind(paper.kind)
    return PaperLine(
        id=paper.id,
        kind=paper.kind,
        title=title_of(kind, PaperForm(paper.variant or "plain")),
        doc_no=paper.later_doc_no or paper.doc_no,
        at=labels.short_time(desk.local_ms(paper.issued_at), desk.today()),
        pages=paper.pages,
        reprints=paper.reprints,
        sha256=paper.sha256,
    )


def title_of(kind: PaperKind, form: PaperForm) -> str:
    """Return what a clerk calls this paper."""
    return paper_title(kind, form)
