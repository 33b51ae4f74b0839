"""Several processes behind one socket: a parent that serves nothing, starts them, replaces one that dies, stops all.

Each accepts from the same listening socket, so what waits to be accepted is lost with none of them. The parent keeps
one thread and holds no connection to the database, which makes forking safe; a child that outlives the parent is sent
SIGTERM by the kernel.
"""

from __future__ import annotations

import ctypes
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from jinpu_desk.domain.errors import Unavailable

_log = logging.getLogger(__name__)
_STOP = (signal.SIGTERM, signal.SIGINT)
_TRIES = 3
_LAST_WAIT = 5.0
"""Longest pause before a process that keeps dying is started again."""


class Workers:
    """The processes of one centre. Linux and other systems that fork."""

    def __init__(
        self,
        count: int,
        work: Callable[[Callable[[], None]], None],
        forget: Callable[[int], None],
        sound: Callable[[], bool],
    ) -> None:
        """Run ``work(ready)`` in ``count`` processes; it calls ``ready`` once it answers and returns after SIGTERM.

        ``forget`` is told the id of each process that ended. All are stopped once ``sound()``, which is asked about
        every second, says that there is nothing left to serve from.
        """
        self._count = count
        self._work = work
        self._forget = forget
        self._sound = sound
        self._alive: set[int] = set()
        self._answering = 0
        self._deaths = 0  # since somebody last began to answer
        self._start_at = 0.0
        self._kill_at = float("inf")

    def run(self, ready: Callable[[], None], stop_with: int | None, grace: float) -> None:
        """Start all, call ``ready`` once when all answer, and return when all have ended after SIGTERM or SIGINT.

        ``stop_with`` is a descriptor whose end stops them as well. Whoever does not end within ``grace`` seconds is
        killed.

        Raises Unavailable ``server.start`` when they die before they ever answered.
        """
        answers, told = os.pipe()
        with _signals() as wakes, selectors.DefaultSelector() as selector:
            selector.register(wakes, selectors.EVENT_READ, "signal")
            selector.register(answers, selectors.EVENT_READ, "ready")
            if stop_with is not None:
                selector.register(stop_with, selectors.EVENT_READ, "input")
            try:
                while self._alive or not self._stopping:
                    self._fill(told)
                    for key, _events in selector.select(self._pause()):
                        raw = os.read(key.fd, 4096)
                        if key.data == "ready":
                            self._answered(len(raw), ready)
                        elif key.data == "input" and not raw:
                            selector.unregister(key.fd)
                            self._stop(grace)
                        elif key.data == "signal" and set(raw) & set(_STOP):
                            self._stop(grace)
                    self._bury()
                    if not self._sound():
                        self._stop(grace)
                    if time.monotonic() > self._kill_at:
                        self._send(signal.SIGKILL)
            finally:
                self._send(signal.SIGKILL)
                os.close(answers)
                os.close(told)

    @property
    def _stopping(self) -> bool:
        return self._kill_at < float("inf")

    def _pause(self) -> float:
        """Return how long nothing needs to be looked at."""
        due = self._kill_at
        if not self._stopping and len(self._alive) < self._count:
            due = self._start_at
        return max(min(due - time.monotonic(), 1.0), 0.05)

    def _answered(self, more: int, ready: Callable[[], None]) -> None:
        before, self._answering, self._deaths = self._answering, self._answering + more, 0
        if before < self._count <= self._answering:
            ready()

    def _stop(self, grace: float) -> None:
        if not self._stopping:
            self._kill_at = time.monotonic() + grace
            self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        for process in self._alive:
            os.kill(process, number)

    def _bury(self) -> None:
        """Note who ended; who keeps dying waits longer to be started again."""
        for process in list(self._alive):
            ended, status = os.waitpid(process, os.WNOHANG)
            if not ended:
                continue
            self._alive.remove(process)
            self._forget(process)
            if not self._stopping:
                _log.error("worker %d ended: %d", process, os.waitstatus_to_exitcode(status))
                self._deaths += 1
                self._start_at = time.monotonic() + min(0.05 * 2**self._deaths, _LAST_WAIT)
        if not self._answering and self._deaths >= self._count * _TRIES:
            raise Unavailable("server.start")

    def _fill(self, told: int) -> None:
        """Start processes until there are enough, when it is time to."""
        if self._stopping or time.monotonic() < self._start_at:
            return
        while len(self._alive) < self._count:
            parent = os.getpid()
            process = os.fork()
            if process == 0:
                self._be_child(parent, told)
            self._alive.add(process)

    def _be_child(self, parent: int, told: int) -> None:
        """Work, and end without returning into what the parent was doing."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _STOP:
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _end_with_parent()
            if os.getppid() == parent:  # else it died before we asked to be told
                self._work(lambda: _tell(told))
                code = 0
        except BaseException:
            _log.exception("worker")
        finally:
            logging.shutdown()
            os._exit(code)


@contextmanager
def _signals() -> Iterator[int]:
    """Give a descriptor on which each signal that matters arrives as its number."""

    def ignore(_number: int, _frame: FrameType | None) -> None:
        return None

    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = {number: signal.signal(number, ignore) for number in (*_STOP, signal.SIGCHLD)}
    old = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield reader.fileno()
    finally:
        signal.set_wakeup_fd(old)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _tell(told: int) -> None:
    os.write(told, b"1")


def _end_with_parent() -> None:
    """Ask Linux for SIGTERM when the parent dies."""
    if sys.platform.startswith("linux"):
        set_death_signal = 1
        ctypes.CDLL(None, use_errno=True).prctl(set_death_signal, signal.SIGTERM, 0, 0, 0)
