"""Ledgers of cases that must be followed up: 容缺 and 承诺, one line for each material or pledge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from jinpu_desk.domain.case import Case, Flag
from jinpu_desk.domain.materials import MaterialState

from ..ports import CaseQuery
from ..rows import CaseRow
from . import marks
from .model import Chart, Column, Kind, Line, Period, Series, Tone, table
from .source import LONGEST_LIST, Content, ReportSource, arrived

Found = tuple[CaseRow, Case]

CASE_NO = Column("case_no", "办件编号", "Case", width=2)
ITEM = Column("item", "事项", "Item", width=1.8)
APPLICANT = Column("applicant", "申请人", "Applicant", width=1.3)


def who(source: ReportSource, row: CaseRow) -> str:
    """Return the shop or company of a case, or its applicant."""
    return row.entity_name or source.applicant(row)


def once(*found: Iterable[Found]) -> Iterator[Found]:
    """Yield each case of several questions once, in the order met."""
    seen: set[str] = set()
    for part in found:
        for row, case in part:
            if case.id not in seen:
                seen.add(case.id)
                yield row, case


def tolerance(source: ReportSource, period: Period) -> Content:
    """List every material accepted later (容缺): its term, when it came, and what is overdue (DOMAIN C4)."""
    lines: list[tuple[bool, Line]] = []
    found: Counter[str] = Counter()
    reader = source.reader
    for row, case in once(
        reader.cases(CaseQuery(flag=str(Flag.TOLERATED))), reader.cases(arrived(period, mark=marks.TOLERATED))
    ):
        if row.parent is not None:
            continue  # its package's own line says the same
        for key, term in case.tolerated.items():
            came = case.supplemented.get(key)
            state, late = _tolerated(source, case, key, term, came)
            found[state] += 1
            lines.append(
                (
                    came is None and case.open,
                    (
                        row.case_no,
                        source.item_name(row.item),
                        who(source, row),
                        source.material_name(case, key),
                        case.accepted_on,
                        term,
                        came,
                        state,
                        late or None,
                    ),
                )
            )
    lines.sort(key=lambda held: (not held[0], str(held[1][5]), str(held[1][0])))
    columns = (
        CASE_NO,
        ITEM,
        APPLICANT,
        Column("material", "容缺材料", "Material", width=1.8),
        Column("accepted_on", "受理日期", "Accepted", Kind.DATE),
        Column("term", "补齐期限", "Term", Kind.DATE),
        Column("supplemented_on", "补齐日期", "Supplemented", Kind.DATE),
        Column("state", "情况", "State"),
        Column("late", "逾期工作日", "Days over", Kind.INTEGER, width=0.8),
    )
    return Content(
        tables=(
            table(
                "tolerance",
                "容缺材料",
                "Tolerated materials",
                columns,
                [line for _, line in lines],
                at_most=LONGEST_LIST,
            ),
        ),
        charts=(_shares("容缺材料的情况", found),),
        notes=("列出期内收件的和目前仍未补齐的容缺材料；补齐以材料到达之日为准。", told(found)),
    )


def _tolerated(source: ReportSource, case: Case, key: str, term: date, came: date | None) -> tuple[str, int]:
    """Return how a tolerated material stands, and by how many working days it is or was late."""
    if came is not None:
        late = source.workdays(term, came)
        return ("逾期补齐" if came > term else "按期补齐"), late
    if key not in case.supplement_by:
        return "不再需要", 0
    if not case.open:
        return "未补齐而终止", 0
    if source.today > term:
        return "逾期未补", source.workdays(term, source.today)
    return "待补齐", 0


def told(found: Counter[str]) -> str:
    """Return how many there are of each kind, in words."""
    if not found:
        return "期内没有。"
    return f"共 {found.total()} 项：" + "，".join(f"{state} {n}" for state, n in sorted(found.items())) + "。"


STATE_TONES: dict[str, Tone] = {
    "按期补齐": "good",
    "待补齐": "info",
    "逾期补齐": "warn",
    "逾期未补": "pledged",
    "未补齐而终止": "bad",
    "不再需要": "neutral",
    "属实": "good",
    "待核查": "info",
    "虚假承诺，已修复": "warn",
    "虚假承诺": "bad",
}
"""Every state a ledger knows, in the order and colour of its chart."""


def _shares(title: str, found: Counter[str]) -> Chart:
    named = [(state, found[state]) for state in STATE_TONES if found[state]]
    return Chart(
        kind="share",
        title=title,
        labels=tuple(name for name, _ in named),
        series=(Series("件数", tuple(count for _, count in named)),),
        tones=tuple(STATE_TONES[name] for name, _ in named),
    )


def pledges(source: ReportSource, period: Period) -> Content:
    """List every case under 告知承诺 with what the later check found (DOMAIN C5)."""
    rows: list[Line] = []
    found: Counter[str] = Counter()
    for row, case in source.reader.cases(arrived(period, flag=str(Flag.PLEDGED))):
        if row.package:
            continue  # its branches carry the pledges
        keys = case.pledged or tuple(k for k, t in case.materials.items() if t.state is MaterialState.PLEDGED)
        state, checked_on, note = _pledge(case)
        found[state] += 1
        rows.append(
            (
                row.case_no,
                source.item_name(row.item),
                who(source, row),
                "、".join(source.material_name(case, key) for key in keys),
                case.accepted_on,
                state,
                checked_on,
                note,
            )
        )
    columns = (
        CASE_NO,
        ITEM,
        APPLICANT,
        Column("materials", "承诺事项", "Pledged", width=2),
        Column("accepted_on", "受理日期", "Accepted", Kind.DATE),
        Column("state", "核查", "Check"),
        Column("checked_on", "核查日期", "Checked", Kind.DATE),
        Column("note", "说明", "Note", width=1.6),
    )
    return Content(
        tables=(table("pledges", "告知承诺", "Pledges", columns, rows, at_most=LONGEST_LIST),),
        charts=(_shares("承诺核查", found),),
        notes=("期内收件的告知承诺办件；“待核查”的应按规定开展事后核查。", told(found)),
    )


def _pledge(case: Case) -> tuple[str, date | None, str]:
    if not case.pledge_checks:
        return "待核查", None, ""
    last = case.pledge_checks[-1]
    if all(check.kept for check in case.pledge_checks):
        return "属实", last.checked_on, last.note
    return ("虚假承诺" if case.false_pledge else "虚假承诺，已修复"), last.checked_on, last.note
