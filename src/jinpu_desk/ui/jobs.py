"""Work off the UI thread, in one place: one database worker, where calls follow each other, and a small I/O pool.

The answer comes back on the UI thread. It is dropped when the widget that asked is gone, or has asked the same
thing again since (``key``). A ``DeskError`` goes to ``failed``; anything else is a bug and is raised on the UI
thread, where the exception hook sees it.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from jinpu_desk.domain.errors import DeskError

T = TypeVar("T")
Done = Callable[[Any], None]
Failed = Callable[[DeskError], None]


def ignore(_: object) -> None:
    """Take an answer nobody waits for."""


@dataclass(slots=True, eq=False)
class Job:
    """One call on its way. A cancelled job that has not begun is skipped, unless it must run."""

    owner: QObject
    work: Callable[[], Any]
    done: Done
    failed: Failed
    must_run: bool = False
    cancelled: bool = False
    result: Any = None
    error: BaseException | None = None
    key: str = field(default="")

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error


class Lane:
    """Worker threads that take jobs in order."""

    def __init__(self, name: str, threads: int, finished: Callable[[Job], None]) -> None:
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._finished = finished
        self._threads = [
            threading.Thread(target=self._work, name=f"jinpu-{name}-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job: Job) -> None:
        self._queue.put(job)

    def close(self) -> None:
        """Finish what must run, skip the rest, and wait for the threads."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            if not job.cancelled or job.must_run:
                job.run()
            self._finished(job)


class Jobs(QObject):
    """The window's only way to call the backend. ``idle`` is emitted when nothing is under way any more."""

    idle = Signal()
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None, *, io_threads: int = 2) -> None:
        super().__init__(parent)
        self._under_way: dict[int, Job] = {}
        self._numbers = itertools.count()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._database = Lane("database", 1, self._arrived.emit)
        self._io = Lane("io", io_threads, self._arrived.emit)

    def ask(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed | None = None,
        *,
        key: str = "",
    ) -> Job:
        """Call ``work`` on the database worker. With a ``key``, a newer question of this owner replaces this one."""
        return self._start(self._database, Job(owner, work, done, failed or ignore, key=key))

    def write(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None] = ignore,
        failed: Failed | None = None,
    ) -> Job:
        """Call ``work`` on the database worker whatever becomes of ``owner``; writes keep their order."""
        return self._start(self._database, Job(owner, work, done, failed or ignore, must_run=True))

    def io(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed | None = None,
        *,
        key: str = "",
    ) -> Job:
        """Call ``work`` in the I/O pool: scanners, printers, pictures, the network."""
        return self._start(self._io, Job(owner, work, done, failed or ignore, key=key))

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._under_way)

    def waits(self, owner: QObject) -> bool:
        """Whether this owner still waits for an answer."""
        return any(job.owner is owner and not job.cancelled for job in self._under_way.values())

    def cancel(self, owner: QObject) -> None:
        """Drop every answer this owner still waits for."""
        for job in self._under_way.values():
            if job.owner is owner:
                job.cancelled = True

    def close(self) -> None:
        """Finish the writes and stop; no answer is delivered after this."""
        if self._closed:
            return
        self._closed = True
        for job in self._under_way.values():
            job.cancelled = True
        self._database.close()
        self._io.close()
        self._under_way.clear()

    def _start(self, lane: Lane, job: Job) -> Job:
        if self._closed:
            job.cancelled = True
            return job
        if job.key:
            for other in self._under_way.values():
                if other.owner is job.owner and other.key == job.key:
                    other.cancelled = True
        self._under_way[next(self._numbers)] = job
        lane.put(job)
        return job

    def _deliver(self, job: Job) -> None:
        self._under_way = {number: other for number, other in self._under_way.items() if other is not job}
        try:
            self._hand_over(job)
        finally:
            if not self._under_way and not self._closed:
                self.idle.emit()

    def _hand_over(self, job: Job) -> None:
        if isinstance(job.error, DeskError):
            if self._wanted(job):
                job.failed(job.error)
        elif job.error is not None:
            raise job.error
        elif self._wanted(job):
            job.done(job.result)

    def _wanted(self, job: Job) -> bool:
        return not (job.cancelled or self._closed) and isValid(job.owner)
