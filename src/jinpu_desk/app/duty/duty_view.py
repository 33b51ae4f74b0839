"""日结 on the screen: what is open and why, the figures of the day, the stock, and the sheets written."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from jinpu_desk.domain.ids import CaseNo, Digest

from .. import labels
from ..desk import Desk
from ..ports.duty import DutyEntry, DutyKind
from ..screens.views import Chip, Pair, WorkLine
from . import day_end
from .day_end import DayRecord
from .duty import SORTS, ShiftRecord
from .reconciling import ReconciledRecord, current, last_of, outcome_text, record_of, uncounted

SHEETS = 12
"""Most sheets the page lists."""
SHEETED: tuple[DutyKind, ...] = ("shift", "day-end", "reconciliation")
"""Kinds of rows that have a sheet of this window."""


class ConcernView(msgspec.Struct, frozen=True, kw_only=True):
    """A matter of the checklist: how many, the first of them, and the reason they stay open as given before."""

    key: str
    label: str
    count: int
    chip: Chip
    lines: tuple[WorkLine, ...]
    reason: str = ""


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be counted."""

    key: str
    name: str
    sort: str
    known: str  # 上次 40, or nothing


class SheetLine(msgspec.Struct, frozen=True, kw_only=True):
    """A shift or day sheet of this window; ``id`` opens its paper."""

    id: str
    kind: DutyKind
    number: CaseNo
    title: str
    who: str
    at: str
    chip: Chip


class DayPage(msgspec.Struct, frozen=True, kw_only=True):
    """日结."""

    day: str
    closed: str  # 18:02 由李敏日结; empty while the day is open
    missed: str  # 09-17、09-18, days of the last week nobody closed
    done: tuple[Pair, ...]
    counts: tuple[Pair, ...]
    concerns: tuple[ConcernView, ...]
    stock: tuple[StockView, ...]
    sheets: tuple[SheetLine, ...]
    counted: Chip = Chip("未对账", "warn")  # whether the day was counted with the centre, and how that ended


class SheetDone(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet just written, and the page after it."""

    sheet: SheetLine
    page: DayPage


def day_page(desk: Desk) -> DayPage:
    """Return 日结 as things stand now."""
    now = day_end.day_of(desk)
    said: Mapping[str, str] = now.closed.record.reasons if now.closed else {}
    return DayPage(
        day=labels.day_text(now.day),
        closed=_closed(desk, now.closed),
        missed="、".join(labels.short_day(day, now.day) for day in day_end.missed(desk)),
        done=tuple(Pair(what, str(count)) for what, count in now.done),
        counts=tuple(
            Pair(labels.STATUS_LABELS[status], str(count)) for status, count in sorted(now.counts.items())
        ),
        concerns=tuple(
            ConcernView(
                key=str(concern.matter),
                label=concern.matter.label,
                count=concern.count,
                chip=Chip(str(concern.count) if concern.count else "无", concern.tone),
                lines=concern.lines,
                reason=said.get(concern.matter, ""),
            )
            for concern in now.concerns
        ),
        stock=tuple(
            StockView(
                key=line.item.key,
                name=line.item.name,
                sort=SORTS[line.item.sort],
                known="" if line.known is None else str(line.known),
            )
            for line in now.stock
        ),
        sheets=tuple(sheet_line(desk, entry) for entry in desk.store.duty(*SHEETED, limit=SHEETS)),
        counted=counted(desk),
    )


def sheet_line(desk: Desk, entry: DutyEntry) -> SheetLine:
    """Return a sheet of the duty book as listed."""
    giver = desk.clerks.get(entry.clerk, entry.clerk)
    if entry.kind == "shift":
        shift = msgspec.json.decode(entry.data, type=ShiftRecord)
        number, title, who, chip = (
            shift.number,
            "交接班表",
            f"{giver} → {shift.taker_name}",
            Chip("交接班", "info"),
        )
    elif entry.kind == "reconciliation":
        counted = record_of(entry)
        number, title, who = counted.number, "窗口日对账单", giver
        chip = Chip("一致", "good") if counted.statement.agreed else Chip("不一致", "bad")
    else:
        day = msgspec.json.decode(entry.data, type=DayRecord)
        number, title, who = day.number, "日结表", giver
        chip = Chip("更正", "warn") if day.amends else Chip("日结", "good")
    at = labels.short_time(desk.local_ms(entry.at), desk.today())
    return SheetLine(id=entry.id, kind=entry.kind, number=number, title=title, who=who, at=at, chip=chip)


def sheet_digest(entry: DutyEntry) -> Digest:
    """Return the digest of a sheet's bytes."""
    kinds = {"shift": ShiftRecord, "day-end": DayRecord, "reconciliation": ReconciledRecord}
    record: ShiftRecord | DayRecord | ReconciledRecord = msgspec.json.decode(
        entry.data, type=kinds[entry.kind]
    )
    return record.sha256


def _closed(desk: Desk, closed: day_end.Closed | None) -> str:
    if closed is None:
        return ""
    return f"{labels.short_time(desk.local_ms(closed.at), desk.today())} 由{closed.clerk}日结"


def counted(desk: Desk) -> Chip:
    """Say honestly how the day stands with the centre: green only where it counted all there is, and agreed.

    Of a day that nobody counted yet it says when the last one was, and how that ended.
    """
    found = last_of(desk, desk.today())
    earlier = [labels.short_day(day, desk.today()) for day in uncounted(desk) if day != desk.today()]
    also = f"（还有 {'、'.join(earlier)}）" if earlier else ""
    if found is None:
        return Chip(f"今天未对账{also}；{_last_count(desk)}", "warn")
    if not current(desk, found):
        return Chip(f"对账后又有新记录{also}", "warn")
    at = labels.short_time(desk.local_ms(found.entry.at), desk.today())
    outcome = outcome_text(found.record.statement.differences)
    return Chip(f"{at} 与中心对账：{outcome}{also}", "good" if found.agreed and not also else "bad")


def _last_count(desk: Desk) -> str:
    entry = next(iter(desk.store.duty("reconciliation", limit=1)), None)
    if entry is None:
        return "还没有对过账"
    record = record_of(entry)
    at = labels.short_time(desk.local_ms(entry.at), desk.today())
    of = labels.short_day(record.day, desk.today())
    return f"上次 {at} 对 {of} 的账：{outcome_text(record.statement.differences)}"
