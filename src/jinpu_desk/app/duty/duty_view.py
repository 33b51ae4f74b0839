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

SHEETS = 12
"""Most sheets the page lists."""


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
        sheets=tuple(sheet_line(desk, entry) for entry in desk.store.duty("shift", "day-end", limit=SHEETS)),
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
    else:
        day = msgspec.json.decode(entry.data, type=DayRecord)
        number, title, who = day.number, "日结表", giver
        chip = Chip("更正", "warn") if day.amends else Chip("日结", "good")
    at = labels.short_time(desk.local_ms(entry.at), desk.today())
    return SheetLine(id=entry.id, kind=entry.kind, number=number, title=title, who=who, at=at, chip=chip)


def sheet_digest(entry: DutyEntry) -> Digest:
    """Return the digest of a sheet's bytes."""
    kinds = {"shift": ShiftRecord, "day-end": DayRecord}
    record: ShiftRecord | DayRecord = msgspec.json.decode(entry.data, type=kinds[entry.kind])
    return record.sha256


def _closed(desk: Desk, closed: day_end.Closed | None) -> str:
    if closed is None:
        return ""
    return f"{labels.short_time(desk.local_ms(closed.at), desk.today())} 由{closed.clerk}日结"
