"""Simulated time and the processes that live in it: one at a time, each until it waits.

A process is a greenlet, so that the production code, which knows nothing of all this, can be stopped in the middle
of a call and go on when simulated time has come that far. Nothing here reads a real clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import Any

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """The machine of this process lost its power. No ``except Exception`` may hold it up."""


class Process:
    """One line of execution; ``turn`` tells a wake-up that is still wanted from one that came too late."""

    __slots__ = ("ended", "line", "name", "owner", "turn", "waiting")

    line: greenlet

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner: object = None
        self.turn = 0
        self.ended = False
        self.waiting: list[Ticket] = []


class Ticket:
    """Lets somebody else end one particular wait of a process."""

    __slots__ = ("process", "turn")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.turn = process.turn


class Schedule:
    """The clock (``now`` in ms since the start) and the queue of what happens next."""

    def __init__(self) -> None:
        self.now = 0
        self._queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._hub = getcurrent()
        self._processes: dict[greenlet, Process] = {}
        self.fault: Exception | None = None

    @property
    def current(self) -> Process:
        """The process that is running."""
        return self._processes[getcurrent()]

    @property
    def owner(self) -> object:
        """Whose process is running; None outside of all processes."""
        process = self._processes.get(getcurrent())
        return None if process is None else process.owner

    def after(self, delay: int, action: Callable[..., None], *given: Any) -> None:
        """Have ``action`` done ``delay`` ms from now. It must not wait."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + delay, self._count, action, given))

    def spawn(self, name: str, work: Callable[[], object], delay: int = 0) -> Process:
        """Start a process ``delay`` ms from now."""
        process = Process(name)
        line = process.line = greenlet(lambda: self._live(process, work), self._hub)
        self._processes[line] = process
        self.after(delay, self._resume, process, process.turn, None)
        return process

    def sleep(self, delay: int) -> None:
        """Let the running process wait ``delay`` ms."""
        process = self.current
        self.after(delay, self._resume, process, process.turn, None)
        self._hub.switch()

    def ticket(self) -> Ticket:
        """Return a ticket for the next wait of the running process."""
        return Ticket(self.current)

    def wait(self, delay: int) -> Any:
        """Wait until the ticket is used, and return what it was used with; None after ``delay`` ms."""
        process = self.current
        self.after(delay, self._resume, process, process.turn, None)
        return self._hub.switch()

    def wake(self, ticket: Ticket, value: Any, delay: int = 0) -> None:
        """End a wait; nothing happens when it has ended already."""
        self.after(delay, self._resume, ticket.process, ticket.turn, value)

    def join(self, process: Process) -> None:
        """Wait for the end of another process."""
        while not process.ended:
            process.waiting.append(self.ticket())
            self.wait(3_600_000)

    def kill(self, process: Process) -> None:
        """End a process where it stands. The running one must raise ``Killed`` itself."""
        if process.line is getcurrent():
            return
        process.turn += 1  # what would have woken it in this very instant finds it dead
        self.after(0, self._throw, process)

    def run(self, until: int) -> None:
        """Let time pass up to the instant ``until``; raise what a process died of."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, action, given = heapq.heappop(queue)
            action(*given)
            if self.fault is not None:
                raise self.fault
        self.now = max(self.now, until)

    def close(self) -> None:
        """End every process that is left."""
        for process in list(self._processes.values()):
            self._throw(process)
        self._queue.clear()

    def _live(self, process: Process, work: Callable[[], object]) -> None:
        try:
            work()
        except Killed:
            pass
        except Exception as error:  # reported by ``run``: a process that dies of a bug ends the history
            self.fault = error
        process.ended = True
        for ticket in process.waiting:
            self.wake(ticket, True)
        del self._processes[process.line]

    def _resume(self, process: Process, turn: int, value: Any) -> None:
        if process.turn == turn and not process.ended:
            process.turn += 1
            process.line.switch(value) if process.line else process.line.switch()

    def _throw(self, process: Process) -> None:
        if process.ended:
            return
        if not process.line:
            process.ended = True
            self._processes.pop(process.line, None)
        while not process.ended:
            process.turn += 1
            process.line.throw(Killed)


class Lock:
    """A lock whose waiters are served in order."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._holder: Process | None = None
        self._queue: list[Ticket] = []

    def take(self, patience: int = 3_600_000) -> bool:
        """Take the lock; False when it was not free for ``patience`` ms. Taking it twice is once."""
        me = self._schedule.current
        if self._holder is None or self._holder.ended:
            self._holder = me
        if self._holder is me:
            return True
        ticket = self._schedule.ticket()
        self._queue.append(ticket)
        return self._schedule.wait(patience) is not None

    def give(self) -> None:
        """Give it to the next who waits."""
        self._holder = None
        while self._queue:
            ticket = self._queue.pop(0)
            if ticket.process.turn == ticket.turn and not ticket.process.ended:
                self._holder = ticket.process
                self._schedule.wake(ticket, True)
                return


class Line(Executor):
    """Carries one call while the caller does something else, like the thread it stands for."""

    def __init__(self, schedule: Schedule, spawn: Callable[[str, Callable[[], object]], Process]) -> None:
        self._schedule = schedule
        self._spawn = spawn
        self._under_way: list[Process] = []

    def submit(self, call: Callable[..., Any], /, *args: Any, **given: Any) -> Future[Any]:
        result = _Result(self._schedule)

        def work() -> None:
            try:
                result.value = call(*args, **given)
            except Exception as error:  # handed to whoever asks for the result
                result.error = error

        result.process = self._spawn("line", work)
        self._under_way.append(result.process)
        return result

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A line whose owner was killed waits for nobody."""
        if kind is None or issubclass(kind, Exception):
            self.shutdown()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for process in self._under_way:
            if wait and not process.ended:
                self._schedule.join(process)


class _Result(Future[Any]):
    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self.process: Process | None = None
        self.value: Any = None
        self.error: Exception | None = None

    def result(self, timeout: float | None = None) -> Any:
        assert self.process is not None
        self._schedule.join(self.process)
        if self.error is not None:
            raise self.error
        return self.value
