"""The centre counts a window's day from what it holds, and signs what came of it so that any desk can check it."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from jinpu_desk.app.duty.reconciliation import Sort, account_of
from jinpu_desk.app.papers import TrustedReplica
from jinpu_desk.documents.statement import check_statement
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseNo, Digest, ReplicaId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.server import library
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events.reconciliation import reconcile
from jinpu_desk.server.keys import signed_by
from jinpu_desk.sync.supplies import read_trust
from jinpu_desk.sync.wire_house import ReconciliationAnswer, ReconciliationRequest
from samples.cases import received
from samples.centres import Window

DAY = date(2026, 9, 18)
SCAN = Digest("a" * 64)


def number(window: Window, serial: int = 99) -> CaseNo:
    mine = window.enrolled.replica
    return make_case_no(mine.division, mine.station, int(mine.series), DAY, serial)


def asked(window: Window, events: list[Event], arrived: tuple[str, ...] = ()) -> ReconciliationAnswer:
    account = account_of(ReplicaId(window.id), DAY, events, arrived)
    request = ReconciliationRequest(account=account, number=number(window), after=0)
    return reconcile(window.centre, window.row(), request, "http://127.0.0.1:1")


def test_a_whole_day_agrees_and_any_desk_can_check_it(centre: Centre) -> None:
    window = Window(centre)
    events = window.write(received(case_no=number(window, 1)), b.CaseNoted(text="演示"))
    window.push(window.signed(events))
    told = asked(window, events)
    assert told.statement.agreed
    assert (told.statement.events, told.statement.cases) == (2, 1)
    assert signed_by(centre.key.public, told.statement.signed(), told.signature)
    directory = read_trust(
        library.trust_files(centre.engine, centre.key, centre.row.training), centre.key.public
    )
    trust = {entry.id: TrustedReplica(entry.public_key) for entry in directory.replicas}
    checked = check_statement(told.stated, trust)
    assert (checked.case_no, checked.facts.date) == (number(window), DAY)
    assert checked.replica != window.id
    with pytest.raises(Refused, match=r"documents\.check"):
        check_statement(told.stated.replace(f"/p/{number(window)}", f"/p/{number(window, 98)}"), trust)


def test_what_did_not_arrive_is_named(centre: Centre) -> None:
    window = Window(centre)
    sent = window.write(received(case_no=number(window, 1)))
    window.push(window.signed(sent))
    scan = b.PagesAttached(material="application", sha256=SCAN, media_type="image/png", size=3)
    waiting = window.write(scan, b.CaseNoted(text="演示"))
    told = asked(window, [*sent, *waiting]).statement
    found = {difference.sort: (difference.here, difference.there) for difference in told.differences}
    assert found[Sort.EVENTS] == (3, 1)
    assert found[Sort.ATTACHMENTS] == found[Sort.ARRIVED] == (1, 0)
    window.push(window.signed(waiting))
    (left,) = asked(window, [*sent, *waiting]).statement.differences
    assert (left.sort, left.only_here) == (Sort.ARRIVED, (SCAN,))


def test_nobody_has_another_windows_day_or_number_stated(centre: Centre) -> None:
    window, other = Window(centre), Window(centre)
    mine = account_of(ReplicaId(window.id), DAY, [], ())
    request = ReconciliationRequest(account=mine, number=number(window), after=0)
    for wrong, code in (
        (replace(request, account=replace(mine, replica=ReplicaId(other.id))), "reconcile.replica"),
        (replace(request, number=number(other)), "reconcile.number"),
        (replace(request, number=CaseNo("1" * 24)), "reconcile.number"),
        (replace(request, number=CaseNo(f" {number(window)}")), "reconcile.number"),
    ):
        with pytest.raises(Refused) as refused:
            reconcile(centre, window.row(), wrong, "http://127.0.0.1:1")
        assert refused.value.code == code
