"""A machine that can lose its power at every storage step, and disks that keep what was synced.

A disk holds one value and replaces it whole, as SQLite and PostgreSQL make a transaction whole by their logs: what
``write`` put down may survive a crash or not; what ``sync`` waited for does.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Generic, TypeVar

from jinpu_desk.domain.errors import Unavailable

from .schedule import Killed, Process, Schedule

T = TypeVar("T")


class Disk(Generic[T]):
    """What programs see (``seen``) and which of the values written last would be found after a crash."""

    __slots__ = ("_left", "seen")

    def __init__(self, value: T) -> None:
        self.seen = value
        self._left: list[T] = [value]

    @property
    def durable(self) -> T:
        """What a crash cannot take any more."""
        return self._left[0]

    @property
    def newest(self) -> T:
        """What was written last, synced or not."""
        return self._left[-1]

    def write(self, value: T) -> None:
        """Put a value into the caches."""
        self._left.append(value)

    def sync(self) -> None:
        """Make the value written last the one that is found for ever."""
        del self._left[:-1]

    def replace(self, value: T) -> None:
        """Put another disk's content here, durably: what an operator does."""
        self.seen = value
        self._left = [value]

    def crash(self, random: Random) -> None:
        """Lose the power: one of the values since the last sync is found."""
        self.replace(self._left[0] if len(self._left) == 1 else random.choice(self._left))


class Machine:
    """Power, disk space, a clock and a version of the program. ``spawn`` starts processes that end with the power."""

    def __init__(self, name: str, schedule: Schedule, random: Random, note: Callable[[str], None]) -> None:
        self.name = name
        self.schedule = schedule
        self.random = random
        self.note = note
        self.up = False
        self.full = False
        self.newer = True
        self.crash_rate = 0.0
        self.slow_rate = 0.0
        self.skew = 0
        self.crashes = 0
        self._processes: list[Process] = []
        self._disks: list[Disk[object]] = []
        self.booting: Callable[[], None] = lambda: None

    def attach(self, disk: Disk[T]) -> Disk[T]:
        """Have the machine's crashes hit this disk, too."""
        self._disks.append(disk)  # type: ignore[arg-type]  # only crashed here, never written
        return disk

    def spawn(self, name: str, work: Callable[[], object], delay: int = 0) -> Process:
        """Start a process on this machine."""
        process = self.schedule.spawn(name, work, delay)
        process.owner = self
        self._processes = [one for one in self._processes if not one.ended]
        self._processes.append(process)
        return process

    def boot(self) -> None:
        """Turn the power on."""
        if not self.up:
            self.up = True
            self.booting()

    def step(self, what: str, *, writes: bool = False) -> None:
        """Pass a storage step: it may be slow, fail for want of space, or be the last before the power goes.

        Raises:
            Unavailable: ``store.disk-full``.
            Killed: the machine is off.
        """
        if not self.up:
            raise Killed
        if writes and self.full:
            raise Unavailable("store.disk-full")
        if self.crash_rate and self.random.random() < self.crash_rate:
            self.note(f"{self.name} crashes at {what}")
            self.crash()
            raise Killed
        if self.slow_rate and self.random.random() < self.slow_rate:
            self.schedule.sleep(self.random.randint(1, 400))

    def crash(self) -> None:
        """Lose the power, and come back some seconds later."""
        if not self.up:
            return
        self._stop()
        for disk in self._disks:
            disk.crash(self.random)
        self.crashes += 1
        self.schedule.after(self.random.randint(200, 15_000), self.boot)

    def halt(self) -> None:
        """End every program; what they had written is found, synced or not."""
        self._stop()
        for disk in self._disks:
            disk.replace(disk.newest)

    def _stop(self) -> None:
        self.up = False
        for process in self._processes:
            self.schedule.kill(process)
        self._processes = []

    def now(self) -> int:
        """The machine's own clock: ms since the start of simulated time."""
        return self.schedule.now + self.skew
