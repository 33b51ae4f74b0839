"""The background messenger of the window: syncs when there is something to do, backs off when there is no network."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens.sync_view import Link
from jinpu_desk.app.verbs.timers import let_time_pass
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.instants import millis
from jinpu_desk.sync.backoff import next_delay, told_by

from ..home.rounds import run_round
from ..home.unlocked import OpenDesk

FIRST_SECONDS = 1.0
"""The workbench comes first; a round that begins with it would slow it down."""
IDLE_SECONDS = 20.0
"""How often a quiet desk asks the centre for news."""
log = logging.getLogger(__name__)


class Messenger:
    """Runs rounds one at a time, on its own thread or when asked. ``changed`` is called after each attempt."""

    def __init__(self, opened: OpenDesk, changed: Callable[[], None] = lambda: None) -> None:
        self._opened = opened
        self._changed = changed
        self._round = threading.Lock()
        self._wake = threading.Event()
        self._stop = False
        self._failures = 0
        self._told = 0.0  # seconds the centre asked us to wait
        self._thread = threading.Thread(target=self._work, name="messenger", daemon=True)
        self.link = Link(online=False)

    def start(self) -> None:
        """Begin soon."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round under way, at the next piece of an attachment, and end the thread."""
        self._stop = True
        self._wake.set()
        self._opened.stop_sending()
        if self._thread.is_alive():
            self._thread.join()

    def nudge(self) -> None:
        """Something was written: go now, unless the network is known to be away."""
        if not self._failures:
            self._wake.set()

    @contextmanager
    def between_rounds(self) -> Iterator[None]:
        """Hold rounds up while something else settles events."""
        with self._round:
            yield

    def sync_now(self) -> SyncRound:
        """Run one full round.

        Raises:
            Unavailable, Refused: as ``SyncSession.round``.
        """
        with self._round:
            moved = self._opened.moved  # a bad line that carried something is worth another try soon
            try:
                let_time_pass(self._opened.desk)
                done = run_round(self._opened)
                self._opened.refreshed()
                self._opened.files.pages_of_pre_applications()
            except Refused as refused:
                # The centre was reached; what it will not take stands on the sync page.
                self.link = Link(online=True, code=refused.code, where=refused.where, params=refused.params)
                raise
            except Unavailable as error:
                self._failures = 1 if self._opened.moved > moved else self._failures + 1
                self._told = told_by(error)
                since = None if self.link.online else self.link.since
                self.link = Link(
                    online=False,
                    since=since or self._now(),
                    code=error.code,
                    where=error.where,
                    params=error.params,
                )
                raise
            self._failures = 0
            self.link = Link(online=True)
            return done

    def _work(self) -> None:
        self._wake.wait(FIRST_SECONDS)
        self._wake.clear()
        while not self._stop:
            try:
                self.sync_now()
            except DeskError as error:
                log.warning("sync: %s", error.code)
            self._changed()
            delay = next_delay(self._failures, random.random, self._told) if self._failures else IDLE_SECONDS
            self._wake.wait(delay)
            self._wake.clear()

    def _now(self) -> int:
        return millis(self._opened.desk.now())
