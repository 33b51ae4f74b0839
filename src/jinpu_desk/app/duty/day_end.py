"""日结: what must be closed or explained today, the figures of the day, and the sheet (DOMAIN U9, F12, §D D15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo, Digest

from ..desk import Desk
from ..labels import day_text
from ..numbers import next_number
from ..papers import PaperForm, PaperKind
from ..papers.desk_papers import DeskPaper, make_paper
from ..ports import CaseQuery, Transaction
from ..roles import require
from .concerns import Concern, Matter, concerns
from .duty import (
    AT_THE_WINDOW,
    Sheet,
    StockLine,
    checked_stock,
    count_rows,
    counted_now,
    keep,
    pending_rows,
    stock,
    stock_rows,
)

LOOK_BACK = 7
"""Days back that a missing 日结 is pointed out."""


class DayRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A closed day as the duty book keeps it; ``amends`` is the id of the closing it corrects, ``reason`` why."""

    number: CaseNo
    sha256: Digest
    day: date
    done: dict[str, int]
    counts: dict[str, int]
    open: dict[str, int]
    reasons: dict[str, str]
    stock: dict[str, int] = {}
    amends: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """That a day is closed: by whom, when, and which closing it is."""

    id: str
    at: int  # UTC ms
    clerk: str
    record: DayRecord


@dataclass(frozen=True, slots=True)
class Day:
    """The day as it stands."""

    day: date
    done: tuple[tuple[str, int], ...]  # 收件, 办结 …
    counts: dict[Status, int]  # today's cases by status, as in ``report today``
    concerns: tuple[Concern, ...]
    stock: tuple[StockLine, ...]
    closed: Closed | None

    @property
    def to_explain(self) -> tuple[Concern, ...]:
        """What is still open."""
        return tuple(concern for concern in self.concerns if concern.count)


def day_of(desk: Desk) -> Day:
    """Return today as it stands."""
    today = desk.today()
    counts = desk.store.tally(today)
    return Day(
        day=today,
        done=(
            ("收件", counts["received"]),
            ("作出决定", counts["decided"]),
            ("打印文书", counts["printed"]),
            ("离线收件待传", counts["offline"]),
        ),
        counts={Status(status): count for status, count in counts["by_status"].items()},
        concerns=concerns(desk),
        stock=stock(desk),
        closed=closed_on(desk, today),
    )


def closed_on(desk: Desk, day: date) -> Closed | None:
    """Return the last closing of a day; None while it is open."""
    last = next(iter(desk.store.duty("day-end", day=day, limit=1)), None)
    if last is None:
        return None
    record = msgspec.json.decode(last.data, type=DayRecord)
    return Closed(id=last.id, at=last.at, clerk=desk.clerks.get(last.clerk, last.clerk), record=record)


def missed(desk: Desk) -> tuple[date, ...]:
    """Return the days of the last week on which cases came to this station and nobody closed the day here."""
    days = [desk.today() - timedelta(days=back) for back in range(LOOK_BACK, 0, -1)]
    return tuple(day for day in days if _worked(desk, day) and closed_on(desk, day) is None)


def _worked(desk: Desk, day: date) -> bool:
    query = CaseQuery(arrived_from=day, arrived_to=day, station=desk.replica.station)
    return desk.store.count(query, at_most=1) > 0


def close_day(
    desk: Desk,
    reasons: Mapping[str, str],
    counted: Mapping[str, int],
    *,
    amending: str = "",
    note: str = "",
) -> Sheet:
    """Close today, or with ``amending`` (the reason) correct its closing.

    ``reasons`` by matter say why something stays open.

    Raises:
        Refused: ``role.may-not``, ``duty.unexplained`` naming the first matter without a reason, ``duty.closed``
            when the day is closed and nobody says why it is closed again, ``duty.…`` about the stock.
    """
    require(desk.roles, desk.clerk.roles, AT_THE_WINDOW)
    now = day_of(desk)
    if now.closed is not None and not amending.strip():
        raise Refused("duty.closed", "reason", day=day_text(now.day), clerk=now.closed.clerk)
    said = {key: text.strip() for key, text in reasons.items() if text.strip()}
    unknown = next((key for key in said if key not in {str(matter) for matter in Matter}), None)
    if unknown is not None:
        raise Refused("duty.unknown-matter", f"reasons.{unknown}", matter=unknown)
    silent = next((concern for concern in now.to_explain if concern.matter not in said), None)
    if silent is not None:
        raise Refused(
            "duty.unexplained",
            f"reasons.{silent.matter}",
            matter=silent.matter.label,
            count=silent.count,
        )
    lines = checked_stock(desk, counted, note)
    with desk.store.transaction() as tx:
        number = next_number(desk, tx)
        paper = _paper(desk, tx, number, now, said, lines, amending, note)
        record = DayRecord(
            number=number,
            sha256=paper.sha256,
            day=now.day,
            done=dict(now.done),
            counts={str(int(status)): count for status, count in now.counts.items()},
            open={str(concern.matter): concern.count for concern in now.to_explain},
            reasons={key: said[key] for key in said if any(c.matter == key for c in now.to_explain)},
            stock=counted_now(lines),
            amends=now.closed.id if now.closed else "",
            reason=amending.strip() if now.closed else "",
            note=note,
        )
        return Sheet(keep(desk, tx, "day-end", msgspec.json.encode(record)), paper)


def _paper(
    desk: Desk,
    tx: Transaction,
    number: CaseNo,
    now: Day,
    reasons: Mapping[str, str],
    lines: tuple[StockLine, ...],
    amending: str,
    note: str,
) -> DeskPaper:
    amended = f"本表更正同日前一日结表（{now.closed.record.number}）：{amending}" if now.closed else ""
    return make_paper(
        desk,
        tx,
        PaperKind.D15,
        PaperForm.DAY,
        number,
        blanks={"day": day_text(now.day), "note": "；".join(part for part in (amended, note) if part)},
        tables={
            "done": tuple((what, str(count)) for what, count in now.done),
            "counts": count_rows(now.counts),
            "pending": pending_rows(now.concerns, reasons),
            "stock": stock_rows(desk, lines),
        },
    )
