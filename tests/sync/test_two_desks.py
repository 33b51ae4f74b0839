"""Two real encrypted stores and a real centre over loopback: what one window saves, the other shows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from jinpu_desk.domain import bodies as b
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.transport import HttpCentre
from samples.cases import CASE, CLERK, received
from samples.centres import Window, connected
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning
from samples.stores import StoppedClock, open_store, record, replica


class Desk:
    """A window with its store on disk."""

    def __init__(self, window: Window, http: HttpCentre, store: SqlDeskStore) -> None:
        self.store = store
        self.session = SyncSession(
            centre=http,
            enrolled=Enrolled(centre_key=window.enrolled.centre_key, epoch=window.enrolled.epoch),
            store=store.sync,
            blobs=MemoryBlobs(),
            shelf=MemoryShelf(),
            ring=MemoryRing(CLERK),
            signing=MemorySigning(window.enrolled.replica.id, window.key),
            clock=StoppedClock(),
        )


def opened(centre: Centre, url: str, folder: Path, station: str) -> Iterator[Desk]:
    window = Window(centre, station)
    identity = replica(id=window.enrolled.replica.id)
    store = open_store(folder / f"{station}.db", replica=identity, entropy=os.urandom)
    with connected(window, url) as http:
        yield Desk(window, http, store)
    store.close()


@pytest.fixture
def one(centre: Centre, address: str, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(centre, address, tmp_path, "JP03")


@pytest.fixture
def two(centre: Centre, address: str, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(centre, address, tmp_path, "JP05")


def name(value: str) -> b.FieldsEdited:
    return b.FieldsEdited(changes={"form.name": ("演示小馆", value)})


def agree(centre: Centre, *desks: Desk) -> None:
    """Let everybody hear of everything, then compare."""
    for _ in range(2):
        for desk in desks:
            desk.session.round()
    assert len({repr(desk.store.case(CASE)) for desk in desks}) == 1
    for desk in desks:
        report = desk.store.verify()
        assert report.ok, report.problems
        assert desk.store.status().pending == 0
    assert verify(centre.engine).ok


def test_a_case_taken_in_here_goes_on_there(one: Desk, two: Desk, centre: Centre) -> None:
    record(one.store, received())
    assert one.session.round().pushed == 1
    assert two.session.round().pulled == 1
    record(two.store, b.CaseAccepted(accepted_on=date(2026, 9, 18)))
    agree(centre, one, two)
    case = one.store.case(CASE)
    assert case is not None
    assert case.accepted_on == date(2026, 9, 18)


def test_a_conflict_is_parked_at_both_and_resolved_by_one(one: Desk, two: Desk, centre: Centre) -> None:
    record(one.store, received())
    one.session.round()
    two.session.round()
    record(one.store, name("甲记"))
    (theirs,) = record(two.store, name("乙记"))
    assert one.session.round().parked == 0
    assert two.session.round().parked == 1
    agree(centre, one, two)
    assert [s.reason for s in one.store.parked()] == ["sync.same-field form.name"]
    case = two.store.case(CASE)
    assert case is not None
    assert case.form["name"] == "甲记"
    keep = b.ConflictResolved(
        parked=theirs.header.id, keep=True, changes={"form.name": ("甲记", "乙记")}, reason="演示"
    )
    record(one.store, keep)
    agree(centre, one, two)
    case = two.store.case(CASE)
    assert case is not None
    assert case.form["name"] == "乙记"


def test_a_new_window_catches_up_and_numbers_arrive(
    one: Desk, centre: Centre, address: str, tmp_path: Path
) -> None:
    record(one.store, received(), *[b.CaseNoted(text="演示")] * 600)
    one.session.round()
    assert {lease.kind for lease in one.store.leases()} >= {"D2", "D7"}
    for late in opened(centre, address, tmp_path, "JP07"):
        assert late.session.round().pulled == 601
        agree(centre, one, late)
