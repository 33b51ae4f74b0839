"""When which fault begins and ends. Rates of the plan work all the time; the others happen at drawn instants."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from jinpu_desk.domain.errors import Unavailable

from .machine import Machine

if TYPE_CHECKING:
    from .history import History

_PROOFS = 4
"""New epochs at most once the faults have stopped: each is a proof that an earlier one was forgotten."""
_YEAR = 365 * 86_400_000
_JUMPS = (-_YEAR, -86_400_000, -7_200_000, -60_000, 60_000, 7_200_000, 86_400_000, _YEAR)


class Faults:
    """The faults of one history; ``end`` stops all of them and mends what an operator would mend."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._plan = history.plan
        self._random = history.random
        self.owed = False
        self._proofs = 0

    def begin(self) -> None:
        """Turn the rates on and put the rest into the calendar."""
        plan = self._plan
        for desk in self._history.desks:
            self.afflict(desk.machine)
        centre = self._history.centre.machine
        centre.crash_rate, centre.slow_rate = plan.centre_crash, plan.slow
        for times, fault in (
            (plan.full, self._fill),
            (plan.partition, self._cut),
            (plan.jump, self._jump),
            (plan.rewind, self._rewind),
            (plan.clone, self._clone),
            (plan.restore, self._restore),
        ):
            for _ in range(times):
                self._some_time(fault)
        if plan.skew:
            self._age()

    def afflict(self, machine: Machine) -> None:
        """Let a desk's machine crash and be slow as the plan says."""
        machine.crash_rate, machine.slow_rate = self._plan.crash, self._plan.slow

    def end(self) -> None:
        """Stop every fault: disks have space, clocks are right, everybody is up and reached."""
        self._history.note("faults stop")
        self._history.network.bad = False
        self._history.network.cut.clear()
        for machine in self._machines():
            machine.crash_rate = machine.slow_rate = 0.0
            machine.full = False
            machine.skew = 0
            machine.boot()
        if self.owed:
            self._bump()

    def _machines(self) -> list[Machine]:
        return [self._history.centre.machine, *(desk.machine for desk in self._history.desks)]

    def _some_time(self, action: Callable[[], None]) -> None:
        self._history.schedule.after(self._random.randrange(self._plan.length), action)

    def _fill(self) -> None:
        machine = self._random.choice(self._machines())
        machine.full = True
        self._history.note(f"{machine.name} has no space left")

        def clear() -> None:
            machine.full = False

        self._history.schedule.after(self._random.randint(1_000, 30_000), clear)

    def _cut(self) -> None:
        machine = self._random.choice(self._history.desks).machine
        cut = self._history.network.cut
        cut.add(machine.name)
        self._history.note(f"{machine.name} is cut off")
        self._history.schedule.after(self._random.randint(1_000, 60_000), lambda: cut.discard(machine.name))

    def _jump(self) -> None:
        machine = self._random.choice(self._machines())
        machine.skew += self._random.choice(_JUMPS)
        self._history.note(f"{machine.name} sets its clock to {machine.skew}")

    def _rewind(self) -> None:
        """Restore the centre from a backup of some instant before; the operator begins a new epoch later."""
        centre, schedule = self._history.centre, self._history.schedule
        back = self._random.randint(1, min(12, len(centre.past)))
        self._history.note(f"the centre is put back by {back} commits")
        with self._history.put_back():
            centre.rewind(centre.past[-back], told=True)
        self._history.era += 1
        self._history.network.break_off()
        self.owed = True
        schedule.after(self._random.randint(1_000, 10_000), centre.machine.boot)
        schedule.after(self._random.randint(2_000, 40_000), self._bump)

    def watch(self) -> bool:
        """Let the operator begin a new epoch when a desk proved that the centre lacks something; tell whether so."""
        restored = self._history.centre.tables.restored_at is not None
        found = restored and not self.owed and self._proofs < _PROOFS
        if found:
            self._proofs += 1
            self.owed = True
            self._bump()
        return found

    def _bump(self) -> None:
        """Run the command until it has worked."""
        centre = self._history.centre

        def work() -> None:
            with suppress(Unavailable):
                centre.bump()
                self.owed = False
                self._history.note(f"the centre begins epoch {centre.tables.head.epoch[-4:]}")

        if centre.machine.up and self.owed:
            centre.machine.spawn("bump", work)
            self._history.schedule.after(3_000, self._bump)
        elif self.owed:
            self._history.schedule.after(1_000, self._bump)

    def _age(self) -> None:
        """Let some machines run an older program, and upgrade most of these some time."""
        for machine in self._machines():
            machine.newer = self._random.random() < 0.5
            if not machine.newer and self._random.random() < 0.8:
                self._some_time(partial(self._upgrade, machine))

    def _upgrade(self, machine: Machine) -> None:
        """Stop the older program and start the newer one on what it left."""
        self._history.note(f"{machine.name} is upgraded")
        machine.halt()
        machine.newer = True
        self._history.schedule.after(self._random.randint(200, 10_000), machine.boot)

    def _clone(self) -> None:
        desk = self._random.choice(self._history.desks)
        if len(self._history.desks) < 12:
            copy = self._history.copied(desk)
            self._history.note(f"the home of {desk.name} is copied to {copy.name}")
            self.afflict(copy.machine)
            copy.machine.boot()

    def _restore(self) -> None:
        """Put a desk back: its database alone, or its whole folder in a new place."""
        desk = self._random.choice(self._history.desks)
        pictures = self._history.pictures[desk.name]
        if not pictures:
            return
        older = self._random.choice(pictures)
        # The mark follows the database without waiting for the disk. A power cut may take the newest marks with it;
        # who then puts back a database from just before is recognised by the centre only, not by the desk.
        home = desk.home
        marked = home.mark.seen == home.book.seen.head(home.identity.seen.replica.id)
        whole = self._random.random() < 0.5 or not marked
        self._history.note(f"{desk.name} is put back to {'all' if whole else 'the database'} it was")
        desk.machine.halt()
        with self._history.put_back():
            if whole:
                desk.home.put(older)
                desk.home.folder = self._history.new_folder()
            else:
                desk.home.mark.sync()  # nobody puts a database back sooner than the disk takes what was written
                desk.home.book.replace(older[0])
        self._history.schedule.after(self._random.randint(200, 10_000), desk.machine.boot)
