"""Counts a window's day at the centre and signs what came of it (DESIGN §1.8)."""

from __future__ import annotations

import hashlib

from jinpu_desk.app.duty.reconciliation import Account, Statement, account_of, compared, digest_of
from jinpu_desk.app.papers import PaperKind, StatedFacts
from jinpu_desk.documents.statement import state
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseNo, Digest, ReplicaId
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.store.centre import events as store
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.days import events_after
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync.wire import read
from jinpu_desk.sync.wire_house import ReconciliationAnswer, ReconciliationRequest

from ..centre import Centre
from .own import enrol_self

LOOKED_AT = 20_000
"""Most events read for one day of one window."""
TITLE = "窗口日对账单"


def reconcile(
    centre: Centre, replica: ReplicaRow, asked: ReconciliationRequest, url: str
) -> ReconciliationAnswer:
    """Return the centre's signed word about a day of a window; ``url`` is where the centre answers.

    Raises:
        Refused: ``reconcile.replica`` for another window's account, ``reconcile.number`` for a number that is not of
            its series, ``server.no-hall`` while the centre has no name to sign with.
    """
    account = asked.account
    if account.replica != replica.id:
        raise Refused("reconcile.replica", "account.replica")
    _require_own(replica, asked.number)
    with centre.engine.connect() as connection:
        head = store.feed_head(connection)
        rows = events_after(connection, replica.id, asked.after, LOOKED_AT)
        events = [read(row.header, row.body, row.salt).event for row in rows]
    held = _held(centre, account, events)
    differences = compared(account, held)
    statement = Statement(
        replica=ReplicaId(replica.id),
        day=account.day,
        number=asked.number,
        at=centre.now(),
        epoch=head.epoch,
        position=head.position,
        account=digest_of(account),
        events=held.events,
        cases=len(held.cases),
        differences=differences,
    )
    signature = centre.key.sign(statement.signed())
    return ReconciliationAnswer(
        statement=statement, signature=signature, stated=_stated(centre, replica, statement, url)
    )


def _held(centre: Centre, account: Account, events: list[Event]) -> Account:
    plain = account_of(account.replica, account.day, events, ())
    arrived = [sha256 for sha256 in plain.attachments if centre.blobs.size(sha256) is not None]
    return account_of(account.replica, account.day, events, arrived)


def _require_own(replica: ReplicaRow, number: CaseNo) -> None:
    """Let nobody have another window's number stated."""
    try:
        parsed = parse_case_no(number)
    except Refused as refused:
        raise Refused("reconcile.number", "number") from refused
    if (parsed.text, parsed.station, int(parsed.series)) != (number, replica.station.number, replica.series):
        raise Refused("reconcile.number", "number")


def _stated(centre: Centre, replica: ReplicaRow, statement: Statement, url: str) -> str:
    """Return the QR's text, written by the centre's own replica, so that any desk can check it offline."""
    now = centre.clock.now()
    with centre.engine.begin() as connection:
        own = registry.own_replica(connection) or enrol_self(connection, centre.key, now, centre.entropy)
    differing = len(statement.differences)
    facts = StatedFacts(
        case_no=statement.number,
        kind=PaperKind.D15,
        item=f"{TITLE}：{'一致' if statement.agreed else f'{differing} 项不一致'}",
        applicant=replica.window,
        date=statement.day,
        facts_digest=Digest(hashlib.sha256(statement.signed()).hexdigest()),
        replica=ReplicaId(own.id),
        seq=statement.position,
    )
    return state(facts, url, centre.key.pen(own.id).sign)
