"""A centre that lost its newest past gets it back from the desks: real stores, a real PostgreSQL, HTTP between them.

The longer versions, with real programs and a data directory that is copied back in time, are in
``test_centre_rewound_programs.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import msgspec
import psycopg
import pytest

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.operation import restore
from jinpu_desk.server.operation.backup import Backup
from jinpu_desk.server.operation.bump import Bumped, bump
from jinpu_desk.server.operation.standing import standing
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre import operating
from jinpu_desk.store.centre.engine import connect
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.sync.session import Enrolled, SyncSession
from samples.cases import CLERK, received
from samples.centres import SETTINGS, Window, connected, served
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning
from samples.stores import StoppedClock, open_store, record, replica


class Desk:
    """A window whose store outlives the centre it talks to."""

    def __init__(self, centre: Centre, folder: Path, station: str) -> None:
        self.window = Window(centre, station)
        identity = replica(id=self.window.id)
        self.store: SqlDeskStore = open_store(
            folder / f"{self.window.id}.db", replica=identity, entropy=os.urandom
        )
        self.shelf = MemoryShelf()
        self.taken: list[CaseId] = []

    def take(self, count: int) -> None:
        """Take cases in, and note something in each."""
        for _ in range(count):
            number = len(self.taken) + 1
            case = CaseId(f"{self.window.id[:24]}{number:012x}")
            opening = received(
                case_no=CaseNo(f"21021303{self.window.id[-6:].translate(_DIGITS)}{number:010}")
            )
            record(self.store, opening, b.CaseNoted(text="演示"), case=case)
            self.taken.append(case)

    def round(self, url: str) -> SyncRound:
        """One full round with the centre at that address."""
        with connected(self.window, url) as http:
            return SyncSession(
                centre=http,
                enrolled=Enrolled(
                    centre_key=self.window.enrolled.centre_key, epoch=self.window.enrolled.epoch
                ),
                store=self.store.sync,
                blobs=MemoryBlobs(),
                shelf=self.shelf,
                ring=MemoryRing(CLERK),
                signing=MemorySigning(self.window.enrolled.replica.id, self.window.key),
                clock=StoppedClock(),
            ).round()


_DIGITS = str.maketrans("abcdef", "123456")


@pytest.fixture
def past(centre: Centre, postgres: Callable[[str], str], tmp_path: Path) -> Iterator[Callable[[], Centre]]:
    """Take a backup now; what is returned makes the centre of that moment again, elsewhere."""
    name = f"past{os.urandom(6).hex()}"
    with psycopg.connect(postgres("postgres"), autocommit=True) as plain, ExitStack() as stack:
        plain.execute(f"CREATE DATABASE {name}".encode())
        stack.callback(lambda: plain.execute(f"DROP DATABASE {name} WITH (FORCE)".encode()))

        def again() -> Centre:
            source = restore.open_backup(tmp_path / "backups", "")
            engine = connect(postgres(name))
            stack.callback(engine.dispose)
            restore.load(engine, source, centre.now())
            return msgspec.structs.replace(centre, engine=engine)

        yield again


def back_up(centre: Centre, folder: Path) -> int:
    taken = Backup(centre.engine, centre.key, centre.blobs, folder / "backups", now=centre.now()).take()
    return taken.manifest.position


def begin_again(centre: Centre) -> Bumped:
    return bump(centre.engine, SETTINGS, centre.clock.now(), os.urandom)


def agree(centre: Centre, *desks: Desk) -> None:
    """Compare everything: chains, heads, cases, numbers, blocks."""
    report = verify(centre.engine)
    assert (report.ok, report.problems) == (True, ())
    for desk in desks:
        own = desk.store.verify()
        assert (own.ok, own.problems) == (True, ())
        assert own.heads == report.heads
        assert (own.events, own.cases) == (report.events, report.cases)
        assert desk.store.status().pending == 0
        assert desk.store.status().dead == 0
    held = [lease for desk in desks for lease in desk.store.leases()]
    taken = sorted((lease.template, lease.year, lease.first, lease.last) for lease in held)
    for before, after in pairwise(taken):
        assert before[:2] != after[:2] or before[3] < after[2]


def test_what_was_pushed_counts_in_the_round_that_met_a_new_epoch(centre: Centre, tmp_path: Path) -> None:
    desk = Desk(centre, tmp_path, "JP03")
    with served(centre) as url:
        desk.round(url)
        begin_again(centre)
        desk.take(1)
        waiting = desk.store.status().pending
        told = desk.round(url)
    assert waiting > 0
    assert (told.pushed, told.pending) == (waiting, 0)


def test_a_restored_centre_gets_everything_back(
    centre: Centre, past: Callable[[], Centre], tmp_path: Path
) -> None:
    one, two, gone = (Desk(centre, tmp_path, station) for station in ("JP03", "JP05", "JP07"))
    with served(centre) as url:
        one.take(2)
        one.round(url)
        position = back_up(centre, tmp_path)
        for desk in (one, two, gone):
            desk.take(3)
            desk.round(url)
        for desk in (one, two):
            desk.round(url)
            assert desk.store.sync.horizon() == position
    one.take(1)  # never told the centre that was lost
    lost = standing(centre.engine, centre.blobs).position - position
    after = past()
    with served(after) as url:
        for desk in (one, two):
            before = desk.store.status()
            with pytest.raises(Refused, match=r"sync\.(gap|rewound)"):
                desk.round(url)
            assert desk.store.status().events == before.events
        with pytest.raises(Unavailable, match=r"server\.restored"):
            Desk(after, tmp_path, "JP01")
        told = begin_again(after)
        assert lost == 18
        for desk in (one, two, one, two):
            desk.round(url)
        agree(after, one, two)
        held = {case for desk in (one, two, gone) for case in desk.taken}
        assert {case for case in held if two.store.case(case) is not None} == held
        fresh = Desk(after, tmp_path, "JP01")
        fresh.round(url)
        one.round(url)
        agree(after, one, two, fresh)
        burned = {(row.name, row.year): row.last for row in told.burned}
        assert all(lease.first > burned[lease.template, lease.year] for lease in fresh.store.leases())
    with after.engine.connect() as connection:
        heard = operating.contacts(connection)
    assert set(heard) >= {one.window.id, two.window.id, fresh.window.id}
    assert gone.window.id in {window.id for window in told.silent}


def test_a_window_enrolled_after_the_backup_and_gone_for_ever_loses_nothing(
    centre: Centre, past: Callable[[], Centre], tmp_path: Path
) -> None:
    one = Desk(centre, tmp_path, "JP03")
    with served(centre) as url:
        one.take(1)
        one.round(url)
        back_up(centre, tmp_path)
        gone = Desk(centre, tmp_path, "JP07")
        gone.take(2)
        gone.round(url)
        one.round(url)
    after = past()
    begin_again(after)
    with served(after) as url:
        one.round(url)
        one.round(url)
        agree(after, one)
        assert all(one.store.case(case) is not None for case in gone.taken)
    assert verify(after.engine).cases == 3
