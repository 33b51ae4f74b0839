"""Ledgers of what leaves the desk: document numbers, results on their way, uses of seals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jinpu_desk.domain.bodies import CaseReceived, decode_body, type_named
from jinpu_desk.domain.case import Case, DeliverState, Flag, Paper
from jinpu_desk.domain.errors import Refused

from ..papers import PaperKind
from ..ports import CaseQuery
from ..rows import CaseRow
from . import marks
from .ledgers import APPLICANT, CASE_NO, ITEM, told, who
from .model import Chart, Column, Kind, Line, Period, Ratio, Series, number, table
from .source import LONGEST_LIST, Content, ReportSource

METHODS: dict[str, str] = {"pick-up": "自取", "post": "邮寄", "electronic": "电子证照"}
DELIVERY_STATES = {
    DeliverState.WAITING: "待领取",
    DeliverState.POSTED: "已寄出，未签收",
    DeliverState.SERVED: "已送达",
}


def numbers(source: ReportSource, period: Period) -> Content:
    """List the blocks of document numbers leased to this window, papers still without one, and voided numbers."""
    leases = sorted(source.leases, key=lambda lease: (lease.kind, lease.year, lease.first))
    blocks: list[Line] = [
        (
            PaperKind(lease.kind).label,
            lease.template.replace("{yyyy}", str(lease.year)).replace("{n}", "…"),
            lease.first,
            lease.last,
            lease.last - lease.first + 1,
            lease.next - lease.first,
            lease.last - lease.next + 1,
        )
        for lease in leases
    ]
    columns = (
        Column("kind", "文书", "Paper", width=1.4),
        Column("template", "文号", "Template", width=2.2),
        Column("first", "起号", "First", Kind.INTEGER, width=0.7),
        Column("last", "止号", "Last", Kind.INTEGER, width=0.7),
        number("leased", "领用", "Leased"),
        number("used", "已用", "Used"),
        number("left", "剩余", "Left"),
    )
    voided = [*_voided(source, period), *_refused(source, period)]
    used = sum(lease.next - lease.first for lease in leases)
    leased = sum(lease.last - lease.first + 1 for lease in leases)
    return Content(
        tables=(
            table("blocks", "本窗口领用的号段", "Blocks leased to this window", columns, blocks),
            table(
                "unnumbered",
                "文号待补",
                "Papers without a number yet",
                _PAPER_COLUMNS,
                list(_unnumbered(source)),
            ),
            table("voided", "作废的编号", "Voided numbers", _VOID_COLUMNS, voided),
        ),
        notes=(
            f"本窗口已用 {Ratio(used, leased)}。号段为本窗口从中心领用的；作废的编号永不再用。",
            "文号待补的文书取得文号后应补打送达。",
        ),
    )


_PAPER_COLUMNS = (
    Column("kind", "文书", "Paper", width=1.4),
    CASE_NO,
    ITEM,
    Column("issued_at", "出具时间", "Issued", Kind.TIME, width=1.2),
    Column("clerk", "出具人", "Clerk"),
)
_VOID_COLUMNS = (
    CASE_NO,
    Column("doc_nos", "随之作废的文号", "Document numbers", width=2),
    ITEM,
    Column("voided_on", "作废日期", "Voided", Kind.DATE),
    Column("clerk", "作废人", "By"),
    Column("reason", "原因", "Reason", width=2),
)


def _unnumbered(source: ReportSource) -> Iterator[Line]:
    for row, case in source.reader.cases(CaseQuery(mark=marks.UNNUMBERED), limit=LONGEST_LIST):
        for paper in case.papers:
            if marks.waits_for_number(paper):
                yield (
                    PaperKind(paper.kind).label,
                    row.case_no,
                    source.item_name(row.item),
                    source.local(paper.issued_at),
                    source.clerk_name(paper.issued_by),
                )


def _voided(source: ReportSource, period: Period) -> Iterator[Line]:
    """By the day of the voiding, which may lie long after the case."""
    for row, case in source.reader.cases(
        CaseQuery(flag=str(Flag.VOIDED), changed_from=period.first, arrived_to=period.last)
    ):
        voiding = next((moment for moment in case.timeline if moment.type == "case.voided"), None)
        day = source.local_day(voiding.at) if voiding is not None else None
        if voiding is None or day not in period:
            continue
        doc_nos = [paper.later_doc_no or paper.doc_no for paper in case.papers]
        yield (
            row.case_no,
            "、".join(filter(None, doc_nos)),
            source.item_name(row.item),
            day,
            source.clerk_name(voiding.actor),
            case.end_reason,
        )


def _refused(source: ReportSource, period: Period) -> Iterator[Line]:
    """Numbers of receipts the centre did not take: burned all the same, and given to nobody again."""
    for stored in source.set_aside:
        header, body = stored.event.header, stored.event.body
        if stored.outcome != "dead" or header.type != type_named(CaseReceived) or body is None:
            continue
        try:
            taken = decode_body(header.type, header.version, body)
        except Refused:
            continue
        day = source.local_day(header.at)
        if isinstance(taken, CaseReceived) and day in period:
            who = source.clerk_name(header.actor)
            yield (taken.case_no, "", source.item_name(taken.item), day, who, "收件未被中心接受")


def deliveries(source: ReportSource, period: Period) -> Content:
    """Tell where the results are: waiting, posted, served within the period, and for how long (DOMAIN C12)."""
    reader = source.reader
    rows: list[Line] = []
    found: Counter[tuple[str, DeliverState]] = Counter()
    for state in (DeliverState.WAITING, DeliverState.POSTED):
        for row, case in reader.cases(CaseQuery(deliver_state=str(state))):
            method = case.deliveries[-1].method if case.deliveries else case.delivery
            found[method, state] += 1
            rows.append(_waiting(source, row, case, state, method))
    for (held,), cases in reader.tally(CaseQuery(served_from=period.first, served_to=period.last), "marks"):
        served: str = next((m for m in METHODS if marks.served_by(m) in held), "pick-up")
        found[served, DeliverState.SERVED] += cases
    rows.sort(key=lambda line: (-int(str(line[7] or 0)), str(line[0])))
    states = tuple(DELIVERY_STATES)
    summary: list[Line] = [
        (label, *(found[method, state] for state in states))
        for method, label in METHODS.items()
        if any(found[method, state] for state in states)
    ]
    columns = (
        Column("method", "方式", "Method"),
        number("waiting", "待领取", "Waiting"),
        number("posted", "在途", "On its way"),
        number("served", "期内送达", "Served"),
    )
    return Content(
        tables=(
            table("methods", "按送达方式", "By method", columns, summary),
            table("waiting", "尚未送达", "Not served yet", _WAITING_COLUMNS, rows, at_most=LONGEST_LIST),
        ),
        charts=(
            Chart(
                kind="column",
                title="出件送达",
                labels=tuple(str(line[0]) for line in summary),
                series=tuple(
                    Series(
                        DELIVERY_STATES[state],
                        tuple(found[method, state] for method in METHODS if _any(found, method)),
                    )
                    for state in states
                ),
                tones=("warn", "info", "good"),
            ),
        ),
        notes=("待领取和在途为生成时的情况；已送达按送达日期归期。等待为决定之后的工作日。",),
    )


def _any(found: Counter[tuple[str, DeliverState]], method: str) -> bool:
    return any(found[method, state] for state in DELIVERY_STATES)


_WAITING_COLUMNS = (
    CASE_NO,
    ITEM,
    APPLICANT,
    Column("decided_on", "决定日期", "Decided", Kind.DATE),
    Column("method", "方式", "Method", width=0.8),
    Column("state", "情况", "State", width=1.2),
    Column("tracking_no", "邮件号", "Tracking", width=1.4),
    Column("days", "等待工作日", "Days waiting", Kind.INTEGER, width=0.8),
)


def _waiting(source: ReportSource, row: CaseRow, case: Case, state: DeliverState, method: str) -> Line:
    since = case.decision.decided_on if case.decision else row.closed_on
    return (
        row.case_no,
        source.item_name(row.item),
        who(source, row),
        since,
        METHODS[method],
        DELIVERY_STATES[state],
        case.deliveries[-1].tracking_no if case.deliveries else "",
        source.workdays(since, source.today) if since else None,
    )


def seals(source: ReportSource, period: Period) -> Content:
    """Log each use of a seal within the period (DOMAIN U3); of a long period, the cases that came first."""
    uses: list[tuple[Paper, CaseRow]] = []
    sealed = CaseQuery(mark=marks.SEALED, changed_from=period.first, arrived_to=period.last)
    for row, case in source.reader.cases(sealed, limit=LONGEST_LIST):
        uses += [(p, row) for p in case.papers if p.seal and source.local_day(p.issued_at) in period]
    among = sum(cases for _, cases in source.reader.tally(sealed))
    cut = (
        f"用过章的办件共 {among} 件，只列出最早收件的 {LONGEST_LIST} 件，请缩短日期。"
        if among > LONGEST_LIST
        else ""
    )
    uses.sort(key=lambda use: (use[0].issued_at, use[0].seq))
    rows: list[Line] = [
        (
            source.local(paper.issued_at),
            source.seal_name(paper.seal),
            PaperKind(paper.kind).label,
            paper.later_doc_no or paper.doc_no,
            row.case_no,
            source.clerk_name(paper.issued_by),
            paper.reprints or None,
        )
        for paper, row in uses
    ]
    columns = (
        Column("issued_at", "时间", "Time", Kind.TIME, width=1.2),
        Column("seal", "印章", "Seal", width=1.4),
        Column("kind", "文书", "Paper", width=1.4),
        Column("doc_no", "文号", "Number", width=1.8),
        CASE_NO,
        Column("clerk", "用章人", "By"),
        Column("reprints", "补打", "Reprints", Kind.INTEGER, width=0.6),
    )
    found = Counter(source.seal_name(paper.seal) for paper, _ in uses)
    return Content(
        tables=(table("seals", "用章记录", "Uses of seals", columns, rows, at_most=LONGEST_LIST),),
        notes=tuple(
            filter(None, (cut, "每出具一份加盖印章的文书记一次；补打用原件，不另计用章。", told(found)))
        ),
    )
