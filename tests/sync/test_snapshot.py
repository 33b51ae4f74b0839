"""A new window that begins from a snapshot is the desk it would be had it pulled the whole feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.server import snapshots
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.snapshot_shelf import SnapshotShelf
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.snapshot import SCHEMA
from jinpu_desk.store.snapshot_taking import take
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.snapshot import Download, checked_answer
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire_snapshot import EVERYTHING
from samples.cases import CLERK, REVIEWER, received
from samples.centres import Window, served
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning
from samples.population import bodies
from samples.stores import KEY, PROJECTOR, StoppedClock, open_store, replica

CASES = 120
CALENDAR = "0" * 64


def populate(window: Window, cases: int, series: int) -> None:
    """Write and push ordinary cases; some decide before they may, and the centre sets that aside."""
    random = Random(series)
    said = (
        (CaseId(f"01900000-0000-7000-8{series:03}-{number:012}"), body)
        for number in range(cases)
        for body in bodies(number, random, series)
    )
    while part := list(islice(said, 400)):
        written = [
            window.chain.write(body, case=case, actor=REVIEWER if isinstance(body, b.CaseDecided) else CLERK)
            for case, body in part
        ]
        window.push(window.signed(written))


@pytest.fixture
def shelf(centre: Centre, tmp_path: Path) -> SnapshotShelf:
    assert centre.snapshots is not None
    return centre.snapshots


@pytest.fixture
def centre(centre: Centre, tmp_path: Path) -> Centre:
    return replace(centre, snapshots=SnapshotShelf(tmp_path / "snapshots"))


def session(window: Window, http: HttpCentre, store: SqlDeskStore) -> SyncSession:
    return SyncSession(
        centre=http,
        enrolled=Enrolled(centre_key=window.enrolled.centre_key, epoch=window.enrolled.epoch),
        store=store.sync,
        blobs=MemoryBlobs(),
        shelf=MemoryShelf(),
        ring=MemoryRing(CLERK),
        signing=MemorySigning(window.enrolled.replica.id, window.key),
        clock=StoppedClock(),
    )


def begin(window: Window, http: HttpCentre, folder: Path) -> SqlDeskStore:
    """Set a store up from the snapshot, as ``setup`` does."""
    answer = http.snapshot()
    manifest = checked_answer(
        answer, centre_key=window.enrolled.centre_key, epoch=window.enrolled.epoch, schema=SCHEMA
    )
    incoming = folder / "incoming"
    incoming.mkdir(exist_ok=True)
    with Download(http, manifest, incoming, lambda _have, _size: None) as part:
        take(part.path, answer.key, folder / "desk.db", KEY, reached=manifest.cursor(), ready=part.ready)
    return open_store(folder / "desk.db", replica=replica(id=window.enrolled.replica.id))


def tables(store: SqlDeskStore) -> dict[str, Sequence[Any]]:
    """Return everything that is derived or kept, without the keys that only say in which order it was written."""
    with store._engine.read() as connection:
        return {
            "events": connection.exec_driver_sql(
                "SELECT id, replica, seq, case_id, header, body, salt, outcome, position, reason, resolves, signature"
                " FROM events ORDER BY replica, seq"
            ).all(),
            "cases": connection.exec_driver_sql("SELECT * FROM cases ORDER BY n").all(),
            "heads": connection.exec_driver_sql("SELECT * FROM heads ORDER BY replica").all(),
            "counters": connection.exec_driver_sql("SELECT * FROM counters ORDER BY name").all(),
            "cursor": connection.exec_driver_sql("SELECT * FROM cursor").all(),
            "schema": connection.exec_driver_sql(
                "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
            ).all(),
        }


def test_a_window_from_the_snapshot_equals_one_that_pulled_everything(centre: Centre, tmp_path: Path) -> None:
    here, there = Window(centre, "JP03"), Window(centre, "JP05")
    populate(here, CASES, 1)
    populate(there, CASES, 2)
    assert centre.snapshots is not None
    snapshots.build(centre, centre.snapshots, EVERYTHING, PROJECTOR, CALENDAR)
    populate(here, 20, 3)
    hall, puller = Window(centre, "HALL"), Window(centre, "HALL")
    for name in ("from-snapshot", "pulled"):
        (tmp_path / name).mkdir()
    with served(centre) as url:
        with HttpCentre(url, hall.enrolled.token) as http:
            new = begin(hall, http, tmp_path / "from-snapshot")
            assert session(hall, http, new).pull() > 0
        with HttpCentre(url, puller.enrolled.token) as http:
            old = open_store(tmp_path / "pulled" / "desk.db", replica=replica(id=puller.enrolled.replica.id))
            session(puller, http, old).pull()
    try:
        assert tables(new) == tables(old)
        for text in ("演示", "wl", "139", "2102130300120"):
            assert new.search(text, limit=50) == old.search(text, limit=50)
        report = new.verify()
        assert report.ok, report.problems
        assert report.cases == 2 * CASES + 20
    finally:
        new.close()
        old.close()


def test_a_station_gets_its_own_cases_and_takes_later_facts_of_others_into_the_log(
    centre: Centre, tmp_path: Path
) -> None:
    here, elsewhere = Window(centre, "JP03"), Window(centre, "JP05")
    populate(here, 20, 1)
    foreign = CaseId("01900000-0000-7000-8555-000000000001")
    number = make_case_no("210213", "05", 1, date(2026, 9, 18), 1)
    elsewhere.say(received(case_no=number, station="05"), case=foreign)
    assert centre.snapshots is not None
    snapshots.build(centre, centre.snapshots, "03", PROJECTOR, CALENDAR)
    elsewhere.say(b.CaseNoted(text="演示备注"), case=foreign)
    window, another = Window(centre, "JP03"), Window(centre, "JP05")
    with served(centre) as url:
        with HttpCentre(url, window.enrolled.token) as http:
            store = begin(window, http, tmp_path)
            session(window, http, store).pull()
        with HttpCentre(url, another.enrolled.token) as http:
            with pytest.raises(Refused, match=r"snapshot\.none"):
                http.snapshot()
            answer = centre.snapshots.newest("03")
            assert answer is not None
            with pytest.raises(Refused, match=r"snapshot\.unknown"):
                http.snapshot_piece(answer[0].id, 0, 100)
    try:
        assert store.status().cases == 20
        assert store.case_by_no(number) is None
        assert store.case(foreign) is None
        assert [kept.event.header.type for kept in store.events_of(foreign)] == ["case.noted"]
        report = store.verify()
        assert report.ok, report.problems
    finally:
        store.close()
