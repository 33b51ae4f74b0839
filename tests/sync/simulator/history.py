"""One history: machines, network, clerks and faults put together, played, brought to rest and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any
from unittest.mock import patch

from jinpu_desk.app.ports import Replica
from jinpu_desk.domain.ids import Digest, EventId, ReplicaId
from jinpu_desk.server import people
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync import session

from . import checks
from .centre import CentreHost, in_memory
from .centre_store import STATIONS, Storage, Tables
from .clerk import Counter, Told
from .desk import Desk
from .desk_store import DeskStore, Folds
from .faults import Faults
from .home import Home, Identity, folders, key_of
from .machine import Machine
from .network import PATIENCE, Network
from .plan import Plan, draw
from .programs import two_programs
from .schedule import Schedule

DRAINED = 60_000
"""I7: the outbox is empty so long (ms) after the last fault and the last call that met one."""
_GLANCE = 2_000
QUIET = 105_000
"""A back-off and two rounds of a quiet desk later everybody has heard of everything."""


class Unsafe:
    """What a history is built of; a variant takes one safety out."""

    breaks: frozenset[str] = frozenset()
    desk_store: type[DeskStore] = DeskStore
    storage: type[Storage] = Storage
    chained = True
    """Whether the feed is a chain at all."""

    def shaped(self, plan: Plan) -> Plan:
        """Return the plan with the faults that matter here."""
        return plan

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Hold for the length of one history."""
        yield


class History:
    """Everything of one run. ``trace`` has a line for whatever happened."""

    def __init__(self, plan: Plan, variant: Unsafe) -> None:
        self.plan = plan
        self.variant = variant
        self.pictures: dict[str, list[tuple[Any, ...]]] = {}
        self._folders = self._keys = 0
        self.random = Random(plan.seed)
        self.schedule = Schedule()
        self.trace: list[str] = []
        self.told = Told()
        self.folds = Folds(self.newer)
        self.era = 0
        self.answers: dict[tuple[str, int, str], tuple[int, int, str]] = {}
        self.moved: list[str] = []
        self.centre = CentreHost(
            Machine("centre", self.schedule, self.random, self.note),
            self.random,
            self._enrolled(),
            variant.storage,
        )
        self.centre.answered = self.answered
        self.network = Network(plan, self.centre)
        self.counter = Counter(self.random, plan.cases, self.told, skew=plan.skew)
        self.desks = [self._desk(number) for number in range(plan.desks)]
        self.faults = Faults(self)

    def newer(self) -> bool:
        """Tell whether the newer program runs: on the machine whose process is running, or outside of all."""
        owner = self.schedule.owner
        return not isinstance(owner, Machine) or owner.newer

    def note(self, text: str) -> None:
        """Add a line to the trace."""
        self.trace.append(f"{self.schedule.now} {text}")

    def play(self) -> None:
        """Run to rest and check; raises ``checks.Violation``."""
        try:
            self.centre.machine.boot()
            for desk in self.desks:
                desk.machine.boot()
            self.faults.begin()
            self.schedule.run(self.plan.length)
            self.faults.end()
            self._until(checks.is_drained, PATIENCE + DRAINED)
            checks.drained(self)
            self._until(checks.is_level, QUIET)
            checks.at_rest(self)
        finally:
            self.schedule.close()

    def _until(self, rest: Callable[[History], bool], patience: int) -> None:
        """Let time pass until there is rest, and every late message has come; at most ``patience`` ms."""
        last = self.schedule.now + patience
        while self.schedule.now < last and not (self.schedule.now >= self.network.last and rest(self)):
            self.schedule.run(self.schedule.now + _GLANCE)
            if self.faults.watch():
                last = self.schedule.now + patience

    @property
    def digest(self) -> str:
        """SHA-256 of the whole trace."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()

    def answered(self, replica: str, event: EventId, seq: int, position: int, outcome: str) -> None:
        """The centre said what became of an event: for ever, unless somebody puts the centre back (I6)."""
        said = (self.era, position, outcome)
        before = self.answers.get((replica, seq, event))
        if before is not None and before[0] == self.era and before != said:
            self.moved.append(f"{replica} {seq}: {before} became {said}")
        self.answers[replica, seq, event] = said

    def _enrolled(self) -> Tables:
        tables = Tables(f"00000000-0000-7000-8000-{self.random.getrandbits(48):012x}")
        for number in range(self.plan.desks):
            station = STATIONS[f"{number + 1:02}"]
            row = ReplicaRow(
                id=f"01900000-0000-7000-9000-{number:012x}",
                station=station,
                series=0,
                window="演示窗口",
                public_key=key_of(number).public,
                certificate=key_of(number).certificate,
                enrolled_at=0,
                revoked_at=None,
                seq=0,
            )
            tables.replicas[row.id] = row
            tables.tokens[people.token_hash(f"token {number}")] = row.id
            tables.series[station.code] = 1
        return tables

    def _desk(self, number: int) -> Desk:
        machine = Machine(f"desk{number}", self.schedule, self.random, self.note)
        tables = self.centre.tables
        row = tables.replicas[f"01900000-0000-7000-9000-{number:012x}"]
        replica = Replica(
            id=ReplicaId(row.id),
            division="210213",
            station=row.station.number,
            station_name=row.station.name,
            series=f"{row.series:03}",
            window=row.window,
            authority="*",
            server_url="",
            progress_url="",
            training=True,
        )
        identity = Identity(replica=replica, key=number, token=f"token {number}")
        desk = self._at_home(Home(machine, self.new_folder(), identity), machine)
        desk.epoch = tables.head.epoch
        return desk

    def _at_home(self, home: Home, machine: Machine) -> Desk:
        desk = Desk(
            machine,
            home,
            self.network,
            self.folds,
            self.variant.desk_store,
            self.plan.feed_limit,
            self._new_key,
        )
        desk.live = lambda: self._live(desk)
        self.pictures[desk.name] = []
        return desk

    def copied(self, desk: Desk) -> Desk:
        """Return a second desk that runs on a copy of the first one's home."""
        machine = Machine(f"desk{len(self.desks)}", self.schedule, self.random, self.note)
        machine.newer = desk.machine.newer
        home = Home(machine, self.new_folder(), desk.home.identity.seen)
        home.put(desk.home.picture())
        home.shelf.kept, home.shelf.current = dict(desk.home.shelf.kept), dict(desk.home.shelf.current)
        copy = self._at_home(home, machine)
        copy.epoch = desk.epoch
        self.desks.append(copy)
        return copy

    def new_folder(self) -> int:
        """Return the number of a folder that never was."""
        self._folders += 1
        return self._folders

    def _new_key(self) -> int:
        self._keys += 1
        return 100 + self._keys

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Destroy in the block what an operator destroys: what existed nowhere else is nobody's fault (I1)."""
        before, scans = self.held(), self.scans()
        yield
        self.told.forgone |= before - self.held()
        self.told.forgone_scans |= scans - self.scans()

    def held(self) -> set[EventId]:
        """Return the ids of all events that a disk somewhere holds for good."""
        held = {EventId(row.id) for row in self.centre.disk.durable.events.values()}
        return held.union(*(desk.home.book.durable.ids() for desk in self.desks))

    def scans(self) -> set[Digest]:
        """Return the scans that the centre has, or a desk holds and knows of."""
        found = set(self.centre.disk.durable.blobs)
        return found.union(*(d.home.blobs.durable.keys() & d.home.book.durable.blobs for d in self.desks))

    def _live(self, desk: Desk) -> None:
        """The clerk works while there is work, with pauses."""
        mean = self.plan.length * self.plan.desks // (self.plan.acts + 1)
        while True:
            self.schedule.sleep(self.random.randint(1, mean * 2))
            if self.schedule.now >= self.plan.length:
                return
            if self.plan.restore and self.random.random() < 0.5:
                self.pictures[desk.name].append(desk.home.picture())
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self.counter.act(desk)


def play(seed: int, variant: Unsafe | None = None) -> History:
    """Play the history of ``seed``, check it, and return it; raises ``checks.Violation``."""
    variant = variant or Unsafe()
    return made(variant.shaped(draw(seed)), variant)


def made(plan: Plan, variant: Unsafe) -> History:
    """Play the history of a plan."""
    with stage(plan, variant) as history:
        history.play()
    return history


@contextmanager
def stage(plan: Plan, variant: Unsafe) -> Iterator[History]:
    """Lend the history of a plan, ready to be played."""
    with variant.applied(), in_memory(), folders(), patch.object(session, "PUSH_LIMIT", plan.push_limit):
        history = History(plan, variant)
        with two_programs(history.newer) if plan.skew else nullcontext():
            yield history
