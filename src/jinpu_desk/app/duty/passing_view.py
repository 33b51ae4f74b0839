"""流转 on the screen: the slip being made, those on their way, and one slip whole; where a case's papers are."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jinpu_desk.domain.case import Case, Flag, Passage, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.numbering import scanned_case_no

from .. import labels
from ..desk import Desk
from ..ports import CaseQuery
from ..rows import CaseRow
from ..screens.views import Chip, OptionView, Pair
from . import handing_on
from .handing_on import SlipRecord, load_of, total_text
from .offices import WINDOW

RECENT = 30
"""Most slips a list shows."""


class PassingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case on a slip, made or being made."""

    case_id: CaseId
    case_no: CaseNo
    item: str
    entity: str
    items: int
    pages: int
    originals: int
    chip: Chip
    note: str = ""  # who signed, or why it does not fit


class SlipLine(msgspec.Struct, frozen=True, kw_only=True):
    """A slip in a list."""

    slip: CaseNo
    way: str  # 政务服务大厅 综合窗口 07 → 市监审批
    cases: int
    taken: int
    at: str
    chip: Chip


class SlipPage(msgspec.Struct, frozen=True, kw_only=True):
    """One slip whole. ``paper`` is empty where the slip was written at another window that has not synced."""

    slip: CaseNo
    origin: str
    target: str
    at: str
    by: str
    total: str
    lines: tuple[PassingLine, ...]
    waiting: int  # cases nobody signed for
    own: bool  # handed on by who is logged in
    paper: EventId | None = None


class PassingPage(msgspec.Struct, frozen=True, kw_only=True):
    """流转: the slip being made at the left, slips on their way and those written here at the right."""

    targets: tuple[OptionView, ...]
    target: str
    lines: tuple[PassingLine, ...]
    total: str
    problem: str  # why it cannot be written as it stands; empty when it can
    waiting: tuple[SlipLine, ...]
    written: tuple[SlipLine, ...]


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a number read at 流转 means: a case for the slip, or a slip to sign for."""

    case_no: CaseNo | None = None
    slip: CaseNo | None = None


def passing_page(desk: Desk, numbers: Sequence[CaseNo], target: str) -> PassingPage:
    """Return 流转 with a slip of ``numbers`` to ``target``; without one, where such papers usually go."""
    cases = [case for number in numbers if (case := desk.store.case_by_no(number)) is not None]
    usual = target or (handing_on.usual_target(desk, cases[0]) if cases else "")
    options = [OptionView(value=d.key, label=d.name) for d in desk.offices.departments]
    return PassingPage(
        targets=(*options, OptionView(value=WINDOW, label="退回窗口")),
        target=usual,
        lines=tuple(_line(desk, case, _fit(desk, case, usual)) for case in cases),
        total=total_text([load_of(case) for case in cases]),
        problem=_problem(desk, cases, usual) if cases and usual else "",
        waiting=on_the_way(desk),
        written=written(desk),
    )


def scanned(desk: Desk, text: str) -> Scanned:
    """Tell what a number means here.

    Raises:
        Refused: ``numbering.case-no.…``, or ``passing.unknown-number`` when no case and no slip has it.
    """
    number = scanned_case_no(text).text
    if desk.store.case_by_no(number) is not None:
        return Scanned(case_no=number)
    if desk.store.count(CaseQuery(slip=number), at_most=1):
        return Scanned(slip=number)
    raise Refused("passing.unknown-number", number, number=number)


def slip_page(desk: Desk, slip: CaseNo) -> SlipPage:
    """Return one slip whole. Raises Refused ``passing.unknown-slip``."""
    record = next((kept for kept, _ in _records(desk) if kept.slip == slip), None)
    if record is None:
        cases = handing_on.on_slip(desk, slip)
    else:
        cases = tuple(case for case_id in record.cases if (case := desk.store.case(case_id)) is not None)
    passages = [_passage(case, slip) for case in cases]
    first = passages[0]
    issued = (p for p in cases[0].papers if p.kind == "D14" and desk.store.paper(p.sha256) is not None)
    paper = record.paper if record else next((p.id for p in reversed(tuple(issued))), None)
    loads = [handing_on.Load(p.materials, p.items, p.pages) for p in passages]
    return SlipPage(
        slip=slip,
        origin=first.origin,
        target=first.target,
        at=labels.short_day(first.handed_on, desk.today()),
        by=desk.clerks.get(first.by, first.by),
        total=total_text(loads),
        lines=tuple(_signed(desk, case, p) for case, p in zip(cases, passages, strict=True)),
        waiting=sum(p.taken_on is None for p in passages),
        own=first.by == desk.clerk.id,
        paper=paper,
    )


def number_of_paper(desk: Desk, sha256: Digest) -> CaseNo | None:
    """Return the number of the slip a paper is; None for any other paper, and for slips of other windows."""
    return next((record.slip for record, _ in _records(desk) if record.sha256 == sha256), None)


def on_the_way(desk: Desk) -> tuple[SlipLine, ...]:
    """Return slips somebody has yet to sign for, whoever wrote them."""
    rows = desk.store.page(CaseQuery(flag=str(Flag.ON_THE_WAY)), limit=500).rows
    by_slip: dict[str, list[CaseRow]] = {}
    for row in rows:
        by_slip.setdefault(row.slip, []).append(row)
    lines = []
    for slip, waiting in list(by_slip.items())[:RECENT]:
        case = desk.store.case(waiting[0].case_id)
        if case is not None:
            count = desk.store.count(CaseQuery(slip=slip))
            lines.append(_slip_line(desk, _passage(case, slip), count, count - len(waiting)))
    return tuple(lines)


def written(desk: Desk) -> tuple[SlipLine, ...]:
    """Return the slips written at this window, newest first."""
    lines = []
    for record, at in _records(desk, RECENT):
        cases = [case for case_id in record.cases if (case := desk.store.case(case_id)) is not None]
        if cases:
            passages = [_passage(case, record.slip) for case in cases]
            line = _slip_line(desk, passages[0], len(passages), sum(p.taken_on is not None for p in passages))
            lines.append(msgspec.structs.replace(line, at=labels.short_time(desk.local_ms(at), desk.today())))
    return tuple(lines)


def movement_facts(desk: Desk, case: Case) -> tuple[Pair, ...]:
    """Return what a case's page says of papers and people: where the papers are, visits, ticket, ratings."""
    days = "、".join(labels.short_day(day, desk.today()) for day in case.visits)
    voices = "；".join(
        f"{'收件' if rating.occasion == 'receipt' else '办结'} {rating.satisfaction} 分"
        + ("（已回访）" if rating.answer else "")
        for rating in case.ratings
    )
    return (
        Pair("材料所在", _whereabouts(desk, case)),
        Pair("排队号", case.ticket),
        Pair("到场", f"{len(case.visits)} 次（{days}）" if case.visits else "0 次"),
        Pair("好差评", voices or "未评价"),
    )


def holder_chip(desk: Desk, holder: str) -> tuple[Chip, ...]:
    """Return the chip of a list line whose papers are not where they were taken in."""
    short = desk.offices.short(holder)
    return (Chip(f"在{short}", "info"),) if holder and short != holder else ()


def _whereabouts(desk: Desk, case: Case) -> str:
    if case.status is Status.DRAFT:
        return ""
    holder = handing_on.holder_of(desk, case)
    if not case.on_the_way:
        return holder
    last = case.passages[-1]
    way = f"{_short(desk, last.origin)} → {_short(desk, last.target)}"
    return f"{way}，{labels.short_day(last.handed_on, desk.today())} 移交，未签收"


def _records(desk: Desk, limit: int = 500) -> list[tuple[SlipRecord, int]]:
    return [
        (msgspec.json.decode(entry.data, type=SlipRecord), entry.at)
        for entry in desk.store.duty("slip", limit=limit)
    ]


def _passage(case: Case, slip: str) -> Passage:
    return next(p for p in reversed(case.passages) if p.slip == slip)


def _slip_line(desk: Desk, passage: Passage, cases: int, taken: int) -> SlipLine:
    if taken == cases:
        chip = Chip("已签收", "good")
    else:
        chip = Chip("部分签收", "warn") if taken else Chip("未签收", "warn")
    return SlipLine(
        slip=passage.slip,
        way=f"{_short(desk, passage.origin)} → {_short(desk, passage.target)}",
        cases=cases,
        taken=taken,
        at=labels.short_day(passage.handed_on, desk.today()),
        chip=chip,
    )


def _short(desk: Desk, holder: str) -> str:
    return "本窗口" if holder == handing_on.here(desk) else desk.offices.short(holder)


def _fit(desk: Desk, case: Case, target: str) -> tuple[Chip, str]:
    try:
        handing_on.check_movable(desk, case)
    except Refused as refused:
        return Chip("不能移交", "bad"), desk.sentences.of(refused)[0]
    usual = handing_on.usual_target(desk, case)
    elsewhere = usual not in ("", WINDOW, target) and target not in ("", WINDOW)
    note = f"通常送{desk.offices.named(usual).short}" if elsewhere else ""
    return Chip(labels.STATUS_LABELS[case.status], "info"), note


def _signed(desk: Desk, case: Case, passage: Passage) -> PassingLine:
    if passage.taken_on is None:
        chip, note = Chip("未签收", "warn"), _turned_down(case)
    elif passage.returned:
        chip, note = Chip("已收回", "neutral"), passage.receiver
    else:
        chip, note = Chip("已签收", "good"), passage.receiver
    line = _line(desk, case, (chip, note))
    return msgspec.structs.replace(
        line, items=passage.items, pages=passage.pages, originals=sum(passage.materials.values())
    )


def _turned_down(case: Case) -> str:
    last = case.timeline[-1]
    return last.note if last.type == "case.noted" else ""


def _line(desk: Desk, case: Case, fit: tuple[Chip, str]) -> PassingLine:
    load = load_of(case)
    name = case.form.get("name")
    return PassingLine(
        case_id=case.id,
        case_no=CaseNo(case.case_no),
        item=_item(desk, case),
        entity=name if isinstance(name, str) else "",
        items=load.items,
        pages=load.pages,
        originals=load.originals,
        chip=fit[0],
        note=fit[1],
    )


def _item(desk: Desk, case: Case) -> str:
    """Return what a clerk calls the item, so that lists need not cut it."""
    found = (desk.catalogue.packages if case.package else desk.catalogue.items).get(case.item)
    return (found.short_name if found else "") or case.terms.item_name


def _problem(desk: Desk, cases: Sequence[Case], target: str) -> str:
    try:
        handing_on.check(desk, cases, target)
    except Refused as refused:
        return desk.sentences.of(refused)[0]
    return ""
