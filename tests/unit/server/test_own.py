"""The centre as a replica of its own: what it writes is chained, signed, judged and fed like anybody's."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import date

import pytest
from cryptography import x509
from sqlalchemy.engine import Connection

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.server import admin, library
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events import feed, own
from jinpu_desk.server.events.receive import repeated
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre import registry
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.supplies import read_trust
from jinpu_desk.sync.wire import FEED_LIMIT, start_of
from samples.cases import CASE, CATALOGUE, received
from samples.centres import CENTRE_KEY, Window

OFFICE = "office:演示局"


def say(centre: Centre, case_id: CaseId, *said: b.Body) -> Case:
    """Write facts on a case as it stands."""

    def work(connection: Connection) -> Case:
        pen = own.Pen(centre, connection, OFFICE)
        return pen.write(case_id, pen.state(case_id).case, Digest(CATALOGUE), *said)

    return repeated(centre.engine.begin, work)


def me(centre: Centre) -> registry.ReplicaRow:
    with centre.engine.begin() as connection:
        return own.enrol_self(connection, centre.key, centre.clock.now(), centre.entropy)


def test_it_enrols_once_at_the_hall_with_a_series_of_its_own(centre: Centre) -> None:
    row = me(centre)
    assert (row.station.number, row.window, row.series) == ("00", "中心", 0)
    assert me(centre).id == row.id
    assert Window(centre, "HALL").enrolled.replica.series == "001"
    certificate = x509.load_der_x509_certificate(row.certificate)
    certificate.verify_directly_issued_by(certificate)


def test_processes_that_start_together_make_one_replica(centre: Centre) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(me(centre).id)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1


def test_a_centre_without_a_hall_waits_for_one(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM station WHERE number = '00'")
    admin.enrol_centre(centre.engine, centre.key, centre.clock.now(), os.urandom)
    with pytest.raises(Refused, match=r"server\.no-hall"):
        me(centre)
    admin.add_station(centre.engine, "HALL", "演示大厅", None, "演示机关")
    assert me(centre).station.name == "演示大厅"


def test_windows_trust_and_pull_what_it_wrote(centre: Centre) -> None:
    window = Window(centre)
    window.say(received())
    say(centre, CASE, b.CaseNoted(text="演示：中心所记"))
    trusted = read_trust(library.trust_files(centre.engine, centre.key, True), CENTRE_KEY.public)
    assert me(centre).public_key in {entry.public_key for entry in trusted.replicas}
    cursor = start_of(window.enrolled.epoch)
    page = feed.page(centre.ledger, centre.key, cursor, FEED_LIMIT, centre.now())
    items, _end = checked(page, cursor, CENTRE_KEY.public)
    assert [(i.event.header.replica == window.id, i.outcome) for i in items] == [
        (True, "applied"),
        (False, "applied"),
    ]
    assert items[1].event.header.base == {window.id: 1}
    assert items[1].event.header.actor == OFFICE
    assert verify(centre.engine).ok


def test_what_the_rules_forbid_is_not_written(centre: Centre) -> None:
    Window(centre).say(received())
    with pytest.raises(Refused, match=r"case\.wrong-status"):
        say(centre, CASE, b.CaseDecided(approved=True, decided_on=date(2026, 9, 18)))
    assert verify(centre.engine).events == 1
    assert me(centre).seq == 0


def test_it_goes_on_after_a_window_went_on(centre: Centre) -> None:
    window = Window(centre)
    whole = received(materials={"layout": MaterialTick(state=MaterialState.RECEIVED)})
    window.say(whole, b.CaseAccepted(accepted_on=date(2026, 9, 18)))
    case = say(centre, CASE, b.CaseDecided(approved=True, decided_on=date(2026, 9, 21), office="演示局"))
    assert (case.status, case.decision and case.decision.office) == (50, "演示局")
    late = window.say(b.CaseWithdrawn(reason="演示"), base={})
    assert [one.outcome for one in late] == ["parked"]
    assert verify(centre.engine).ok


def test_its_actors_are_known_only_when_it_writes_itself(
    centre: Centre, database: str, flags: Callable[[], list[str]]
) -> None:
    window = Window(centre)
    window.say(received())
    say(centre, CASE, b.CaseNoted(text="演示"))
    window.push(window.signed([window.chain.write(b.CaseNoted(text="演示"), actor=OFFICE)]))  # type: ignore[arg-type]
    assert flags() == ["", "", "sync.unknown-clerk"]


def test_numbers_follow_each_other_by_day(centre: Centre) -> None:
    def numbers(connection: Connection) -> list[str]:
        pen = own.Pen(centre, connection, OFFICE)
        return [pen.new_case()[1] for _ in range(2)]

    first, second = map(parse_case_no, repeated(centre.engine.begin, numbers))
    assert (first.station, first.series, first.serial, second.serial) == ("00", "000", 1, 2)
    assert first.division == centre.row.division


@pytest.fixture
def flags(centre: Centre) -> Callable[[], list[str]]:
    def read() -> list[str]:
        with centre.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT flag FROM event ORDER BY position")
            return [row[0] for row in rows]

    return read
