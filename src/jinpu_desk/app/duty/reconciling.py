"""对账 at a window: has a day counted with the centre, keeps its signed word, and prints it (DOMAIN U9, §D D15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo, Digest, uuid7

from ..desk import Desk
from ..labels import day_text
from ..numbers import next_number
from ..papers import PaperForm, PaperKind
from ..papers.desk_papers import DeskPaper, Rows, make_paper, minute_text
from ..ports.duty import DutyEntry
from ..ports.house import Counted, Counting
from ..roles import require
from .reconciliation import Account, Difference, Sort, Statement, account_of, digest_of

MAY = "receive"
LOOK_BACK = 7
"""Days back that a day without reconciliation can be made good on the page."""


class ReconciledRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A reconciliation as the duty book keeps it: the centre's own words with its signature, and the sheet."""

    number: CaseNo
    sha256: Digest
    day: date
    statement: Statement
    signature: bytes


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A day that was counted with the centre."""

    entry: DutyEntry
    record: ReconciledRecord
    paper: DeskPaper | None = None

    @property
    def agreed(self) -> bool:
        """Whether both said the same."""
        return self.record.statement.agreed


def account(desk: Desk, day: date) -> tuple[Account, int]:
    """Return this window's account of a day, and the seq of its last event before that."""
    after, events = desk.store.events_of_day(day)
    waiting = desk.store.unsent()
    plain = account_of(desk.replica.id, day, events, ())
    arrived = frozenset(sha256 for sha256 in plain.attachments if sha256 not in waiting)
    return account_of(desk.replica.id, day, events, arrived), after


def reconcile(desk: Desk, centre: Counting, day: date | None = None) -> Reconciled:
    """Count a day (today's by default) with the centre, keep its statement in the duty book and make the sheet.

    The number is burned first, so that the centre can state it; nothing is held while the network is waited for.

    Raises:
        Refused: ``role.may-not``, ``reconcile.day`` for a day to come, ``reconcile.answer`` when the centre's
            statement is about something else.
        Unavailable: ``sync.offline`` …; then the day stays 未对账 and can be counted tomorrow.
    """
    require(desk.roles, desk.clerk.roles, MAY)
    counted_day = day or desk.today()
    if counted_day > desk.today():
        raise Refused("reconcile.day", "--day", day=counted_day.isoformat())
    own, after = account(desk, counted_day)
    with desk.store.transaction() as tx:
        number = next_number(desk, tx)
    told = centre.count(own, number, after)
    _require_about(told.statement, own, number)
    with desk.store.transaction() as tx:
        paper = make_paper(
            desk,
            tx,
            PaperKind.D15,
            PaperForm.RECONCILED,
            number,
            blanks=_blanks(desk, told),
            tables={"sides": _sides(own, told.statement), "differences": _rows(told.statement.differences)},
            stated=told.stated,
        )
        record = ReconciledRecord(
            number=number,
            sha256=paper.sha256,
            day=counted_day,
            statement=told.statement,
            signature=told.signature,
        )
        entry = tx.keep_duty(
            "reconciliation",
            duty_id=uuid7(desk.now(), desk.entropy),
            day=counted_day,
            at=desk.now(),
            clerk=desk.clerk.id,
            data=msgspec.json.encode(record),
        )
    return Reconciled(entry, record, paper)


def last_of(desk: Desk, day: date) -> Reconciled | None:
    """Return the last reconciliation of a day; None while it is 未对账."""
    entry = next(iter(desk.store.duty("reconciliation", day=day, limit=1)), None)
    return None if entry is None else Reconciled(entry, record_of(entry))


def uncounted(desk: Desk) -> tuple[date, ...]:
    """Return the days of the last week on which this window wrote something that was not counted since; today too."""
    today = desk.today()
    days = [today - timedelta(days=back) for back in range(LOOK_BACK - 1, -1, -1)]
    return tuple(day for day in days if _stands_open(desk, day))


def _stands_open(desk: Desk, day: date) -> bool:
    found = last_of(desk, day)
    if day != desk.today():  # nothing is written on a day that is over
        return not found.agreed if found else bool(desk.store.events_of_day(day)[1])
    return found is None or not found.agreed or not current(desk, found)


def current(desk: Desk, found: Reconciled) -> bool:
    """Tell whether nothing was recorded on that day since it was counted."""
    return digest_of(account(desk, found.record.day)[0]) == found.record.statement.account


def record_of(entry: DutyEntry) -> ReconciledRecord:
    """Return what a row of the duty book says."""
    return msgspec.json.decode(entry.data, type=ReconciledRecord)


def outcome_text(differences: Sequence[Difference]) -> str:
    """Return the outcome in words: 一致, or what differs."""
    if not differences:
        return "一致"
    return f"{len(differences)} 项不一致：" + "、".join(d.sort.label for d in differences)


def _require_about(statement: Statement, own: Account, number: CaseNo) -> None:
    said = (statement.replica, statement.day, statement.number, statement.account)
    if said != (own.replica, own.day, number, digest_of(own)):
        raise Refused("reconcile.answer")


def _blanks(desk: Desk, told: Counted) -> dict[str, str]:
    statement = told.statement
    return {
        "day": day_text(statement.day),
        "outcome": outcome_text(statement.differences),
        "counted_at": minute_text(desk.local_ms(statement.at)),
        "position": str(statement.position),
    }


def _sides(own: Account, statement: Statement) -> Rows:
    """Return what was counted: at the window, and at the centre; where they agree both are the same."""
    there = {difference.sort: difference.there for difference in statement.differences}
    plain = {
        Sort.EVENTS: own.events,
        Sort.CASES: len(own.cases),
        Sort.SERIALS: own.serial,
        Sort.VOIDED: len(own.voided),
        Sort.DOCUMENTS: len(own.documents),
        Sort.PAPERS: len(own.papers),
        Sort.ATTACHMENTS: len(own.attachments),
        Sort.ARRIVED: len(own.attachments),
    }
    return tuple((sort.label, str(count), str(there.get(sort, count))) for sort, count in plain.items())


def _rows(differences: Sequence[Difference]) -> Rows:
    return tuple(
        (
            difference.sort.label,
            "、".join(map(_short, difference.only_here)) or "—",
            "、".join(map(_short, difference.only_there)) or "—",
        )
        for difference in differences
    )


def _short(text: str) -> str:
    """Return a number as it is, and the beginning of a hash."""
    return text if len(text) < 40 else f"{text[:12]}…"
