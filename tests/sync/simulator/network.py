"""The network between desks and centre: requests and answers that are lost, come twice, late or out of order."""

from __future__ import annotations

from typing import Any

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.sync.wire import (
    FeedPage,
    GrantsAnswer,
    LeaseAnswer,
    LeaseRequest,
    Push,
    PushAnswer,
    ReferenceIndex,
)
from jinpu_desk.sync.wire_rare import (
    CommonAnswer,
    CommonRequest,
    IncarnationAnswer,
    IncarnationRequest,
    Readmission,
    ReadmissionAnswer,
)

from .centre import CentreHost
from .machine import Machine
from .plan import Plan
from .schedule import Ticket

PATIENCE = 30_000
"""How long a desk waits for an answer, as ``sync/transport.py`` does (ms)."""


class Network:
    """Carries calls. ``cut`` names the machines that cannot be reached; ``bad`` is whether faults happen."""

    def __init__(self, plan: Plan, centre: CentreHost) -> None:
        self._plan = plan
        self._centre = centre
        self._schedule = centre.machine.schedule
        self._random = centre.machine.random
        self.cut: set[str] = set()
        self.bad = True
        self.last = 0
        self._line = 0

    def call(self, machine: Machine, method: str, token: str, given: tuple[Any, ...]) -> Any:
        """Send a request and wait for its answer.

        Raises:
            Unavailable: ``sync.offline`` when there was none in time.
            Refused, Unavailable: what the centre answered.
        """
        ticket = self._schedule.ticket()
        plan, chance = self._plan, self._random.random
        delay = self._random.randint(1, 40)
        if machine.name in self.cut or (self.bad and chance() < plan.drop):
            machine.note(f"{machine.name} {method} is dropped")
            self._schedule.sleep(PATIENCE if chance() < 0.3 else delay)
            raise Unavailable("sync.offline")
        if self.bad:
            if chance() < plan.late:
                delay += self._random.randint(1_000, 20_000)
            if chance() < plan.repeat:
                again = self._random.randint(1, 60_000 if chance() < plan.late else 200)
                self.last = max(self.last, self._schedule.now + again)
                self._schedule.after(again, self._arrive, None, machine, method, token, given)
        self._schedule.after(delay, self._arrive, ticket, machine, method, token, given)
        answer = self._schedule.wait(PATIENCE)
        if answer is None:
            raise Unavailable("sync.offline")
        value, error = answer
        if error is not None:
            raise error
        return value

    def _arrive(
        self, ticket: Ticket | None, machine: Machine, method: str, token: str, given: tuple[Any, ...]
    ) -> None:
        """Let the centre work on a request; nobody waits for the answer of a repeated one."""
        if not self._centre.machine.up:
            if ticket:
                self._schedule.wake(ticket, (None, Unavailable("sync.offline")))
            return

        def work() -> None:
            value, error = None, None
            try:
                value = self._centre.answer(method, token, *given)
            except DeskError as raised:
                error = raised
            if ticket is None or machine.name in self.cut:
                return
            if self.bad and self._random.random() < self._plan.lose:
                machine.note(f"{machine.name} {method}: the answer is lost")
                return
            delay = self._random.randint(1, 40)
            self._schedule.after(delay, self._deliver, self._line, ticket, (value, error))

        self._centre.machine.spawn(f"centre {method}", work)

    def break_off(self) -> None:
        """Lose every answer that is under way: whoever was asked is not there any more."""
        self._line += 1

    def _deliver(self, line: int, ticket: Ticket, answer: tuple[Any, Any]) -> None:
        if line == self._line:
            self._schedule.wake(ticket, answer)


class Wire:
    """Implements ``sync.centre.Centre`` for one desk."""

    def __init__(self, network: Network, machine: Machine, token: str, feed_limit: int) -> None:
        self._network = network
        self._machine = machine
        self._token = token
        self._feed_limit = feed_limit

    def _call(self, method: str, *given: Any) -> Any:
        return self._network.call(self._machine, method, self._token, given)

    def push(self, replica: ReplicaId, push: Push) -> PushAnswer:
        return self._call("push", replica, push)  # type: ignore[no-any-return]

    def feed(self, cursor: Cursor, limit: int) -> FeedPage:
        return self._call("feed", cursor, min(limit, self._feed_limit))  # type: ignore[no-any-return]

    def common(self, request: CommonRequest) -> CommonAnswer:
        return self._call("common", request)  # type: ignore[no-any-return]

    def offer(self, replica: ReplicaId, push: Push) -> PushAnswer:
        return self._call("offer", replica, push)  # type: ignore[no-any-return]

    def incarnate(self, replica: ReplicaId, request: IncarnationRequest) -> IncarnationAnswer:
        return self._call("incarnate", replica, request)  # type: ignore[no-any-return]

    def readmit(self, replica: ReplicaId, request: Readmission) -> ReadmissionAnswer:
        return self._call("readmit", replica, request)  # type: ignore[no-any-return]

    def grants(self) -> GrantsAnswer:
        return self._call("grants")  # type: ignore[no-any-return]

    def lease(self, replica: ReplicaId, request: LeaseRequest) -> LeaseAnswer:
        return self._call("lease", replica, request)  # type: ignore[no-any-return]

    def reference(self) -> ReferenceIndex:
        return self._call("reference")  # type: ignore[no-any-return]

    def files(self, kind: str, digest: Digest) -> dict[str, bytes]:
        return self._call("files", kind, digest)  # type: ignore[no-any-return]

    def blob_offset(self, sha256: Digest) -> int | None:
        return self._call("blob_offset", sha256)  # type: ignore[no-any-return]

    def blob_add(self, sha256: Digest, offset: int, data: bytes) -> None:
        self._call("blob_add", sha256, offset, data)

    def blob_finish(self, sha256: Digest) -> None:
        self._call("blob_finish", sha256)
