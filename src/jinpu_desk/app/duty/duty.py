"""交接班: who sits at the window now, what goes with the chair, and that both signed (DOMAIN F12, §D D15).

The receiver signs with the own password, which whoever calls has checked. What was handed over is a row of the duty
book and a sheet of paper; nothing of it is a fact about a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from jinpu_desk.domain.case import Case, Flag, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo, ClerkId, Digest, uuid7
from jinpu_desk.domain.instants import millis

from .. import labels
from ..desk import Desk
from ..numbers import next_number
from ..papers import PaperForm, PaperKind
from ..papers.desk_papers import DeskPaper, Rows, make_paper, minute_text
from ..ports import CaseQuery, Transaction
from ..ports.duty import DutyEntry, DutyKind
from ..ports.entering import Clerk
from ..roles import may, require
from .concerns import Concern, concerns
from .handing_on import here, load_of
from .offices import StockItem

NOON = 12
SORTS = {"seal": "印章", "form": "空白文书", "numbers": "文号段"}
AT_THE_WINDOW = "receive"
"""Shifts and days are closed by those who may take cases in."""


class ShiftRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A shift handover as the duty book keeps it; counts by key, ``stock`` as counted by both."""

    number: CaseNo
    sha256: Digest
    giver: ClerkId
    taker: ClerkId
    taker_name: str
    since: int  # UTC ms
    counts: dict[str, int]
    open: dict[str, int]
    held: tuple[CaseNo, ...]
    originals: int
    stock: dict[str, int] = {}
    note: str = ""


@dataclass(frozen=True, slots=True)
class StockLine:
    """Something to be counted: ``known`` is what was counted last, None when nobody ever did."""

    item: StockItem
    known: int | None
    counted: int | None = None

    @property
    def differs(self) -> bool:
        """Whether what was counted is not what was known."""
        return self.counted is not None and self.known is not None and self.counted != self.known


@dataclass(frozen=True, slots=True)
class Holding:
    """An open case whose papers lie at this window."""

    case_no: CaseNo
    item: str
    status: str
    originals: int


@dataclass(frozen=True, slots=True)
class Handover:
    """What goes with the chair."""

    since: datetime  # local
    counts: dict[Status, int]  # open cases of this window
    concerns: tuple[Concern, ...]
    held: tuple[Holding, ...]
    stock: tuple[StockLine, ...]

    @property
    def originals(self) -> int:
        """How many originals lie at the window."""
        return sum(holding.originals for holding in self.held)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet just written: its row in the duty book and its paper."""

    entry: DutyEntry
    paper: DeskPaper


def handover(desk: Desk) -> Handover:
    """Return what a shift handover at this window would say now."""
    counts, held = _at_the_window(desk)
    return Handover(
        since=_since(desk),
        counts=counts,
        concerns=concerns(desk),
        held=held,
        stock=stock(desk),
    )


def hand_over(desk: Desk, taker: Clerk, counted: Mapping[str, int], note: str = "") -> Sheet:
    """Hand the window over to ``taker``, who has just confirmed with the own password.

    Raises:
        Refused: ``role.may-not``, ``duty.same-person``, ``duty.not-at-the-window``, ``duty.…`` about the stock.
    """
    require(desk.roles, desk.clerk.roles, AT_THE_WINDOW)
    if taker.id == desk.clerk.id:
        raise Refused("duty.same-person", "to", clerk=taker.display_name)
    if not may(desk.roles, taker.roles, AT_THE_WINDOW):
        raise Refused("duty.not-at-the-window", "to", clerk=taker.display_name)
    lines = checked_stock(desk, counted, note)
    now = handover(desk)
    with desk.store.transaction() as tx:
        number = next_number(desk, tx)
        paper = _shift_paper(desk, tx, number, now, taker, lines, note)
        record = ShiftRecord(
            number=number,
            sha256=paper.sha256,
            giver=desk.clerk.id,
            taker=taker.id,
            taker_name=taker.display_name,
            since=millis(now.since),
            counts={str(int(status)): count for status, count in now.counts.items()},
            open={str(concern.matter): concern.count for concern in now.concerns if concern.count},
            held=tuple(holding.case_no for holding in now.held),
            originals=now.originals,
            stock=counted_now(lines),
            note=note,
        )
        return Sheet(keep(desk, tx, "shift", msgspec.json.encode(record)), paper)


def keep(desk: Desk, tx: Transaction, kind: DutyKind, data: bytes) -> DutyEntry:
    """Append a row to the duty book in the name of who is logged in."""
    return tx.keep_duty(
        kind,
        duty_id=uuid7(desk.now(), desk.entropy),
        day=desk.today(),
        at=desk.now(),
        clerk=desk.clerk.id,
        data=data,
    )


class _Counted(msgspec.Struct):
    stock: dict[str, int] = {}


def stock(desk: Desk) -> tuple[StockLine, ...]:
    """Return what is to be counted, with what was counted last."""
    known: dict[str, int] = {}
    for entry in reversed(desk.store.duty("shift", "day-end", limit=100)):
        known |= msgspec.json.decode(entry.data, type=_Counted).stock
    return tuple(StockLine(item, known.get(item.key)) for item in desk.offices.stock)


def checked_stock(desk: Desk, counted: Mapping[str, int], note: str) -> tuple[StockLine, ...]:
    """Return the stock with what was counted now.

    Raises:
        Refused: ``duty.unknown-stock``, ``duty.stock-count``, ``duty.seals-differ`` when the number of a seal
            changed and nobody says why.
    """
    lines = {line.item.key: line for line in stock(desk)}
    for key, count in counted.items():
        if key not in lines:
            raise Refused("duty.unknown-stock", f"stock.{key}", key=key)
        if count < 0:
            raise Refused("duty.stock-count", f"stock.{key}", name=lines[key].item.name)
        line = lines[key] = StockLine(lines[key].item, lines[key].known, count)
        if line.item.sort == "seal" and line.differs and not note.strip():
            raise Refused(
                "duty.seals-differ", f"stock.{key}", name=line.item.name, known=line.known, counted=count
            )
    return tuple(lines.values())


def counted_now(lines: Sequence[StockLine]) -> dict[str, int]:
    """Return what the duty book keeps of a count: what was counted now."""
    return {line.item.key: line.counted for line in lines if line.counted is not None}


def stock_rows(desk: Desk, lines: Sequence[StockLine]) -> Rows:
    """Return the rows of a sheet: 名称、类别、数量、说明; blocks of document numbers count themselves."""
    rows = [(line.item.name, SORTS[line.item.sort], _count(line), _difference(line)) for line in lines]
    left: dict[str, int] = {}
    for lease in desk.store.leases():
        left[lease.kind] = left.get(lease.kind, 0) + max(lease.last - lease.next + 1, 0)
    rows += [
        (f"{PaperKind(kind).label}文号", SORTS["numbers"], str(count), "本机未用")
        for kind, count in sorted(left.items())
    ]
    return tuple(rows)


def _count(line: StockLine) -> str:
    count = line.known if line.counted is None else line.counted
    return "—" if count is None else str(count)


def _difference(line: StockLine) -> str:
    if line.counted is None:
        return "未清点" if line.known is None else "未清点，上次数"
    if not line.differs or line.known is None:
        return ""
    return f"上次 {line.known}，{line.counted - line.known:+d}"


def pending_rows(found: Sequence[Concern], reasons: Mapping[str, str]) -> Rows:
    """Return the rows of a sheet about what stays open: 项目、件数、说明."""
    return tuple(
        (concern.matter.label, str(concern.count), reasons.get(concern.matter, ""))
        for concern in found
        if concern.count
    )


def count_rows(counts: Mapping[Status, int]) -> Rows:
    """Return 状态、件数 in the order of the statuses; one line says so when there is none."""
    rows = tuple((labels.STATUS_LABELS[status], str(counts[status])) for status in sorted(counts))
    return rows or (("没有办件", "0"),)


def _shift_paper(
    desk: Desk,
    tx: Transaction,
    number: CaseNo,
    now: Handover,
    taker: Clerk,
    lines: Sequence[StockLine],
    note: str,
) -> DeskPaper:
    local = desk.local(desk.now())
    return make_paper(
        desk,
        tx,
        PaperKind.D15,
        PaperForm.SHIFT,
        number,
        blanks={
            "shift": "上午班" if local.hour < NOON else "下午班",
            "giver": desk.clerk.display_name,
            "taker": taker.display_name,
            "period": f"{minute_text(now.since)} 至 {minute_text(local)}",
            "note": note,
        },
        tables={
            "counts": count_rows(now.counts),
            "pending": pending_rows(now.concerns, {}),
            "held": tuple((h.case_no, h.item, h.status, str(h.originals)) for h in now.held),
            "stock": stock_rows(desk, lines),
        },
    )


def _at_the_window(desk: Desk) -> tuple[dict[Status, int], tuple[Holding, ...]]:
    """Return this window's open cases by status, and those of them whose papers are here."""
    query = CaseQuery(open_only=True, station=desk.replica.station)
    with desk.store.reading() as reader:
        rows = [row for row in reader.rows(query) if row.window == desk.replica.window]
    counts = Counter(Status(row.status) for row in rows)
    ours = (row for row in rows if row.holder in ("", here(desk)) and str(Flag.ON_THE_WAY) not in row.flags)
    cases = (case for row in ours if (case := desk.store.case(row.case_id)) is not None)
    return counts, tuple(_holding(case) for case in cases if load_of(case).originals)


def _holding(case: Case) -> Holding:
    return Holding(
        case_no=CaseNo(case.case_no),
        item=case.terms.item_name,
        status=labels.STATUS_LABELS[case.status],
        originals=load_of(case).originals,
    )


def _since(desk: Desk) -> datetime:
    """Return when this shift began: with the last sheet of today, else with the day."""
    last = next(iter(desk.store.duty("shift", "day-end", day=desk.today(), limit=1)), None)
    if last is not None:
        return desk.local_ms(last.at)
    return desk.local(desk.now()).replace(hour=0, minute=0, second=0, microsecond=0)
