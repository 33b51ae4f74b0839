"""Windows that push over the network with no store of their own, and one that follows; all note what they were told."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from faults.witness import Place, Witness
from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.events import header_hash
from jinpu_desk.domain.ids import CaseId, ClerkId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import FEED_LIMIT, EnrolRequest, Push, start_of, to_wire
from samples.cases import Chain, received
from samples.centres import certificate
from samples.programs import CLERK, TrainingCentre

DIVISION = "210213"
EACH = 5
"""Events of a push."""


class Writer:
    """Writes a case after the other; what got no answer is pushed again, as it was."""

    def __init__(self, centre: TrainingCentre, number: int) -> None:
        """Enrol."""
        self._url = centre.url
        self._key = Ed25519PrivateKey.generate()
        asked = EnrolRequest(
            code=centre.admin("enroll", "--station", "JP03")["code"],
            window=f"综合窗口{number:02}",
            public_key=self._key.public_key().public_bytes_raw(),
            certificate=certificate(self._key),
        )
        with HttpCentre(self._url) as http:
            self.enrolled = http.enrol(asked)
        self._chain = Chain(self.enrolled.replica.id)
        self._number = number
        self._cases = 0
        self._unanswered: Push | None = None

    def run(self, witness: Witness, told: threading.Semaphore, stop: threading.Event) -> int:
        """Push until ``stop``; release ``told`` at each answer; return how many pushes got none."""
        failed = 0
        with HttpCentre(self._url, self.enrolled.token) as http:
            while not stop.is_set():
                self._unanswered = self._unanswered or self._next(witness)
                try:
                    self._push(http, self._unanswered, witness)
                except Unavailable:
                    failed += 1
                    stop.wait(0.05)
                else:
                    told.release()
        return failed

    def finish(self, witness: Witness) -> None:
        """Push what got no answer."""
        if self._unanswered is not None:
            with HttpCentre(self._url, self.enrolled.token) as http:
                self._push(http, self._unanswered, witness)

    def _push(self, http: HttpCentre, push: Push, witness: Witness) -> None:
        """Push once; note what was told. Known events must be where they were said to be."""
        answer = http.push(self.enrolled.replica.id, push)
        for one in answer.outcomes:
            place = (self.enrolled.replica.id, one.seq)
            assert witness.acknowledged.setdefault(place, one.position) == one.position
        self._unanswered = None

    def _next(self, witness: Witness) -> Push:
        self._cases += 1
        case = CaseId(f"01900000-0000-7000-8000-{self._number:04x}{self._cases:08x}")
        window = self.enrolled.replica
        number = make_case_no(DIVISION, "03", int(window.series), date(2026, 9, 18), self._cases)
        said: list[b.Body] = [
            received(case_no=number),
            *(b.CaseNoted(text=f"演示{n}") for n in range(EACH - 1)),
        ]
        events = [self._chain.write(body, case=case, actor=ClerkId(CLERK)) for body in said]
        for event in events:
            witness.written[event.header.replica, event.header.seq] = header_hash(event.header)
        head = self._chain.head
        signature = self._key.sign(head.statement())
        return Push(events=[to_wire(event) for event in events], head=head, signature=signature)


class Follower:
    """Follows the feed; a gap, a repetition or a broken chain raises."""

    def __init__(self, centre: TrainingCentre, writer: Writer) -> None:
        """Follow in a writer's name."""
        self._url, self._enrolled = centre.url, writer.enrolled
        self._cursor: Cursor = start_of(writer.enrolled.epoch)
        self.seen: list[Place] = []

    def run(self, stop: threading.Event) -> None:
        """Read on until ``stop``, and then to the end of what there is."""
        with HttpCentre(self._url, self._enrolled.token) as http:
            while not stop.is_set():
                with suppress(Unavailable):
                    self._look(http)
                stop.wait(0.01)

    def catch_up(self) -> None:
        """Read to the end."""
        with HttpCentre(self._url, self._enrolled.token) as http:
            while self._look(http):
                pass

    def _look(self, http: HttpCentre) -> int:
        page = http.feed(self._cursor, FEED_LIMIT)
        items, self._cursor = checked(page, self._cursor, self._enrolled.centre_key)
        self.seen += [(each.event.header.replica, each.event.header.seq) for each in items]
        return len(items)


class Office:
    """Several writers and a follower at work together."""

    def __init__(self, centre: TrainingCentre, writers: int) -> None:
        """Enrol them."""
        self._writers = [Writer(centre, 40 + number) for number in range(writers)]
        self.follower = Follower(centre, self._writers[0])
        self.told = threading.Semaphore(0)
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(writers + 1)
        self._running: list[Future[int] | Future[None]] = []
        self.failed = 0

    def begin(self, witness: Witness) -> None:
        """Let them work."""
        self._stop.clear()
        self._running = [self._pool.submit(one.run, witness, self.told, self._stop) for one in self._writers]
        self._running.append(self._pool.submit(self.follower.run, self._stop))

    def rest(self) -> None:
        """Let them finish what they are at."""
        self._stop.set()
        self.failed += sum(done.result() or 0 for done in self._running)

    def finish(self, witness: Witness) -> None:
        """Let everybody get an answer to all they wrote, and the follower read to the end."""
        for writer in self._writers:
            writer.finish(witness)
        self.follower.catch_up()
        assert witness.acknowledged.keys() == witness.written.keys()
