"""The questions of the page 出件: which results wait, and how one of them may go (DOMAIN §A C12, §D D9, D10)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import TERMINAL, Case, DeliverState, Paper
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.mask import mask_id, mask_name, mask_phone
from jinpu_desk.domain.rules_after import originals_here

from .. import labels
from ..desk import Desk
from ..intake.subject import Subject, subject_of_case
from ..papers import PaperKind
from ..papers.result import SERVICES, served_rows
from ..ports import CaseQuery
from ..ports.devices import IdCard
from ..project import workdays_after
from ..roles import require
from ..rows import CaseRow
from ..verbs import act as verbs
from ..verbs.recipients import AGENT, RESIDENT_CARD, SELF, parcel_of
from ..verbs.results import decision_title
from .case_view import applicant_of, paper_line, short_name
from .delivery_views import HandedOut, Person, ResultFilter, ResultList, ResultPage
from .delivery_ways import LABELS, VERB_OF, shown_address, shown_name, ways_of
from .views import Chip, OptionView, Pair, PaperLine, Tone, WorkLine

MOST = 200
"""Most lines of a list; what lies behind is searched for."""
COUNTED = 1000
SERVE_WITHIN = 10
"""Working days from the decision to its service (行政许可法 art. 44)."""
STATES = {
    ResultFilter.WAITING: DeliverState.WAITING,
    ResultFilter.POSTED: DeliverState.POSTED,
    ResultFilter.SERVED: DeliverState.SERVED,
}
STATE_CHIPS = {
    DeliverState.WAITING: Chip("待交付", "info"),
    DeliverState.POSTED: Chip("已寄未签收", "warn"),
    DeliverState.SERVED: Chip("已送达", "good"),
    DeliverState.NONE: Chip("没有结果", "neutral"),
}
WAYS = {
    "pick-up": Chip("自取", "info"),
    "post": Chip("邮寄", "tolerated"),
    "electronic": Chip("电子", "good"),
}


def results(desk: Desk, only: ResultFilter, text: str = "") -> ResultList:
    """Return the results of a filter, longest waiting first, or those of any filter that ``text`` finds."""
    today = _served_today(desk)
    counts = {
        one: len(today) if one is ResultFilter.SERVED else desk.store.count(_query(one), at_most=COUNTED)
        for one in ResultFilter
    }
    found = today
    if text.strip():
        found = _found(desk, text.strip())
    elif only is not ResultFilter.SERVED:
        with desk.store.reading() as reader:
            found = tuple(reader.cases(_query(only), limit=MOST))
    ordered = sorted(found, key=lambda one: one[0].closed_on or desk.today())
    return ResultList(
        lines=tuple(_line(desk, row, case, state=bool(text.strip())) for row, case in ordered),
        counts=counts,
        more=not text.strip() and counts[only] > len(found),
    )


def _query(only: ResultFilter) -> CaseQuery:
    return CaseQuery(deliver_state=str(STATES[only]))


Found = tuple[tuple[CaseRow, Case], ...]


def _served_today(desk: Desk) -> Found:
    today = desk.today()
    query = CaseQuery(deliver_state=str(DeliverState.SERVED), changed_from=today)
    with desk.store.reading() as reader:
        return tuple(
            (row, case)
            for row, case in reader.cases(query, limit=COUNTED)
            if case.deliveries and case.deliveries[-1].served_on == today
        )


def _found(desk: Desk, text: str) -> Found:
    states = {str(state) for state in STATES.values()}
    rows = [row for row in desk.store.search(text, limit=50) if row.deliver_state in states]
    return tuple((row, case) for row in rows if (case := desk.store.case(row.case_id)) is not None)


def _line(desk: Desk, row: CaseRow, case: Case, *, state: bool) -> WorkLine:
    names = " · ".join(part for part in (applicant_of(row), row.entity_name) if part)
    if row.entity_name == row.applicant_name:
        names = row.entity_name
    posted = case.deliver_state is DeliverState.POSTED
    number = case.deliveries[-1].tracking_no if posted else f"…{row.case_no[-5:]}"
    about = (short_name(desk, row), number, _waited(desk, case))
    return WorkLine(
        chip=STATE_CHIPS[case.deliver_state] if state else _chip(desk, case),
        text=names,
        right=" · ".join(part for part in about if part),
        case_id=row.case_id,
    )


def _chip(desk: Desk, case: Case) -> Chip:
    """Say how a result that waits is to go, or what is pressing about it."""
    decision = case.decision
    if case.deliver_state is DeliverState.SERVED or decision is None:
        return STATE_CHIPS[case.deliver_state]
    late = desk.today() > workdays_after(decision.decided_on, SERVE_WITHIN, desk.calendar)
    if case.deliver_state is DeliverState.POSTED:
        return Chip("在途", "warn" if late else "info")
    if late:
        return Chip("超期", "bad")
    return WAYS[case.delivery] if decision.approved else Chip("不予", "pledged")


def _waited(desk: Desk, case: Case) -> str:
    if case.decision is None or case.deliver_state is DeliverState.SERVED:
        return ""
    if case.deliver_state is DeliverState.POSTED:
        days = (desk.today() - case.deliveries[-1].handed_on).days
        return "今天寄出" if days <= 0 else f"寄出 {days} 天"
    days = (desk.today() - case.decision.decided_on).days
    return "今天决定" if days <= 0 else f"已等 {days} 天"


def result_page(desk: Desk, case_id: CaseId, *, reveal: bool = False) -> ResultPage:
    """Return one result. ``reveal`` shows personal data and writes so to the audit log.

    Raises:
        Refused: ``case.unknown``.
    """
    case = desk.store.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    if reveal:
        with desk.store.transaction() as tx:
            tx.log_reveal(desk.clerk.id, "result", case_id, desk.now())
    subject = subject_of_case(desk, case)
    ways, usual = ways_of(case, desk.today())
    decided = case.decision is not None and not case.voided
    return ResultPage(
        case_id=case.id,
        case_no=case.case_no,
        title=case.terms.item_name,
        chips=_chips(case),
        facts=_facts(desk, case, reveal=reveal),
        contents=tuple(Pair(row[0], row[1]) for row in served_rows(case, subject)) if decided else (),
        ways=ways,
        way=usual,
        originals=_originals(case, subject),
        papers=tuple(_paper(desk, case, paper) for paper in case.papers),
        verdict=_verdict(desk, case),
        revealed=reveal,
    )


def _paper(desk: Desk, case: Case, paper: Paper) -> PaperLine:
    """Return a paper as listed; the decision is called what it is in the family of the case."""
    line = paper_line(desk, paper)
    return replace(line, title=decision_title(case)) if paper.kind == PaperKind.D8 else line


def _chips(case: Case) -> tuple[Chip, ...]:
    state = Chip("作废", "bad") if case.voided else STATE_CHIPS[case.deliver_state]
    if case.decision is None:
        return (state,)
    registration = case.terms.family is DocFamily.REGISTRATION
    yes, no = ("准予登记", "不予登记") if registration else ("准予", "不予")
    tone: Tone = "good" if case.decision.approved else "bad"
    return (Chip(yes if case.decision.approved else no, tone), state)


def _facts(desk: Desk, case: Case, *, reveal: bool) -> tuple[Pair, ...]:
    party, decision = case.applicant, case.decision
    person = party.type == "person"
    agent = case.agent
    pairs = [
        Pair("申请人", party.name if reveal or not person else mask_name(party.name)),
        Pair(
            labels.ID_TYPES.get(party.id_type, "证件") if person else "信用代码",
            party.uscc if not person else party.id_no if reveal else mask_id(party.id_no),
        ),
        Pair("电话", party.phone if reveal else mask_phone(party.phone)),
        Pair("代理人", "" if agent is None else agent.name if reveal else mask_name(agent.name)),
        Pair("决定日期", decision.decided_on.isoformat() if decision else ""),
        Pair("有效期至", decision.valid_to.isoformat() if decision and decision.valid_to else ""),
        Pair("申请时选择", LABELS[case.delivery]),
        *_last_delivery(case, reveal=reveal),
    ]
    return tuple(pair for pair in pairs if pair.value)


def _last_delivery(case: Case, *, reveal: bool) -> tuple[Pair, ...]:
    if not case.deliveries:
        return (
            (Pair("寄往", _place(case, parcel_of(case).address, reveal=reveal)),)
            if case.delivery == "post"
            else ()
        )
    last = case.deliveries[-1]
    name = last.recipient if reveal else shown_name(case, last.recipient)
    when = f"{last.handed_on.isoformat()} · {SERVICES[last.service]}"
    signed = last.served_on.isoformat() if last.served_on else "未签收"
    return (
        Pair("已交付", f"{when} · {name}"),
        Pair("邮件号", last.tracking_no),
        Pair("地址", _place(case, last.place, reveal=reveal) if last.service == "post" else ""),
        Pair("签收", signed if last.service != "direct" else ""),
    )


def _place(case: Case, address: str, *, reveal: bool) -> str:
    return address if reveal else shown_address(case, address)


def _originals(case: Case, subject: Subject) -> tuple[OptionView, ...]:
    """Return the originals held, in the order of the checklist."""
    held, names = originals_here(case), {rule.key: rule.name for rule in subject.rules}
    ordered = [*(key for key in names if key in held), *(key for key in held if key not in names)]
    return tuple(OptionView(value=key, label=f"{names.get(key, key)} {held[key]} 份") for key in ordered)


def _verdict(desk: Desk, case: Case) -> str:
    """Return why nothing can be handed out, empty when something can."""
    try:
        require(desk.roles, desk.clerk.roles, "hand-out")
    except Refused as refused:
        return desk.sentences.of(refused)[0]
    if case.voided:
        return "办件已作废，没有可交付的结果。"
    if case.decision is None:
        yet = "没有" if case.status in TERMINAL else "还没有"
        return f"办件{labels.STATUS_LABELS[case.status]}，{yet}可交付的结果。"
    return ""


def hand_out(desk: Desk, case_id: CaseId, way: str, typed: dict[str, Any]) -> HandedOut:
    """Do one of the ways of the page with what was typed; ``originals`` are keys of materials.

    Raises:
        Refused: ``case.unknown``, or what the verb says; nothing was written.
    """
    case = desk.store.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    verb, fixed = VERB_OF[way]
    held = originals_here(case)
    chosen = {key: held[key] for key in typed.get("originals", ()) if key in held}
    rest = {key: value for key, value in typed.items() if key != "originals"}
    data = fixed | verbs.from_strip(verb, rest)
    if chosen and verb != "delivered":
        data["originals" if verb == "hand-out" else "materials"] = chosen
    done = verbs.act(desk, case.case_no, verb, data)
    issued = {paper.event for paper in done.papers}
    page = result_page(desk, case_id)
    return HandedOut(
        page=page,
        headline=_headline(done.case, way),
        papers=tuple(paper for paper in page.papers if paper.id in issued),
    )


def _headline(case: Case, way: str) -> str:
    if way == "return":
        return f"原件已退还 · {case.terms.item_name}"
    last = case.deliveries[-1]
    who = (
        shown_name(case, last.signed_by or last.recipient) if way in ("pick-up", "post", "delivered") else ""
    )
    what = {"pick-up": "已交付", "delivered": "已登记签收"}.get(way, f"已登记{SERVICES[last.service]}")
    return " · ".join(part for part in (what, who, case.terms.item_name, last.tracking_no) if part)


def person_of(desk: Desk, case_id: CaseId, card: IdCard) -> Person:
    """Return whose card this is, and what they are to the case where the case knows them."""
    case = desk.store.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    relation = ""
    if case.applicant.type == "person" and case.applicant.id_no == card.number:
        relation = SELF
    elif case.agent is not None and case.agent.id_no == card.number:
        relation = AGENT
    return Person(name=card.name, id_type=RESIDENT_CARD, id_no=card.number, relation=relation)
