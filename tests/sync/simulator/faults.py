"""When which fault begins and ends. Rates of the plan work all the time; the others happen at drawn instants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .machine import Machine

if TYPE_CHECKING:
    from .history import History

_YEAR = 365 * 86_400_000
_JUMPS = (-_YEAR, -86_400_000, -7_200_000, -60_000, 60_000, 7_200_000, 86_400_000, _YEAR)


class Faults:
    """The faults of one history; ``end`` stops all of them and mends what an operator would mend."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._plan = history.plan
        self._random = history.random

    def begin(self) -> None:
        """Turn the rates on and put the rest into the calendar."""
        plan = self._plan
        for desk in self._history.desks:
            desk.machine.crash_rate, desk.machine.slow_rate = plan.crash, plan.slow
        centre = self._history.centre.machine
        centre.crash_rate, centre.slow_rate = plan.centre_crash, plan.slow
        for _ in range(plan.full):
            self._some_time(self._fill)
        for _ in range(plan.partition):
            self._some_time(self._cut)
        for _ in range(plan.jump):
            self._some_time(self._jump)

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

    def _machines(self) -> list[Machine]:
        return [self._history.centre.machine, *(desk.machine for desk in self._history.desks)]

    def _some_time(self, action: object) -> None:
        assert callable(action)
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
