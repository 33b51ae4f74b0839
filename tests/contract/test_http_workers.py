"""Several processes behind one socket: they share nothing, one that is killed is replaced, and all end together."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, ClerkId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import EnrolRequest, Push, to_wire
from samples.cases import Chain, received
from samples.centres import certificate
from samples.programs import CLERK, TrainingCentre

WORKERS = 4
WRITERS = 3
PUSHES = 12
EACH = 10


class Writer:
    """A window that writes and pushes over the network, with no store of its own."""

    def __init__(self, training: TrainingCentre, number: int) -> None:
        self.url = training.url
        self.key = Ed25519PrivateKey.generate()
        self.number = number
        public = self.key.public_key().public_bytes_raw()
        code = training.admin("enroll", "--station", "JP03")["code"]
        asked = EnrolRequest(
            code=code, window="综合窗口07", public_key=public, certificate=certificate(self.key)
        )
        with HttpCentre(self.url) as http:
            self.enrolled = http.enrol(asked)
        self.chain = Chain(self.enrolled.replica.id)
        self.broken = 0

    def batch(self, number: int) -> Push:
        """Write a case and notes in it."""
        case = CaseId(f"01900000-0000-7000-8000-{self.number:04x}{number:08x}")
        own = make_case_no("210213", "03", int(self.enrolled.replica.series), date(2026, 9, 18), number + 1)
        said: list[b.Body] = [received(case_no=own), *(b.CaseNoted(text=f"演示{n}") for n in range(EACH - 1))]
        events = [self.chain.write(body, case=case, actor=ClerkId(CLERK)) for body in said]
        head = self.chain.head
        return Push(
            events=[to_wire(event) for event in events], head=head, signature=self.key.sign(head.statement())
        )

    def push(self, push: Push) -> None:
        """Push as a desk does: what got no answer is sent again."""
        with HttpCentre(self.url, self.enrolled.token) as http:
            while True:
                try:
                    answer = http.push(self.enrolled.replica.id, push)
                except Unavailable:
                    self.broken += 1
                    continue
                assert len(answer.outcomes) == EACH
                return


def children(parent: int) -> list[int]:
    """Return the workers of a serving process: its Python children."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [pid for pid in map(int, path.read_text().split()) if not _is_postgres(pid)]


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return True


def wait_for(found: Callable[[], bool], what: str) -> None:
    """Wait until ``found()`` is true."""
    end = time.monotonic() + 60
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@pytest.fixture(scope="module")
def many(training: TrainingCentre) -> Iterator[TrainingCentre]:
    """The training centre, served by several processes for as long as these tests take."""
    training.stop()
    training.options = ("--workers", str(WORKERS))
    training.start()
    yield training
    training.stop()
    training.options = ()
    training.start()


def test_a_killed_worker_is_replaced_and_nobody_notices(many: TrainingCentre) -> None:
    parent = many.process.pid
    first = children(parent)
    assert len(first) == WORKERS
    writers = [Writer(many, number) for number in range(WRITERS)]
    before = many.admin("verify")["events"]
    pushed = threading.Semaphore(0)

    def write(writer: Writer) -> None:
        for number in range(PUSHES):
            writer.push(writer.batch(number))
            pushed.release()

    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, writer) for writer in writers]
        for victim in first[:2]:
            for _ in range(WRITERS * 4):
                pushed.acquire()  # they are all in the middle of it
            os.kill(victim, signal.SIGKILL)
        for each in running:
            each.result()
    wait_for(lambda: len(children(parent)) == WORKERS, "replaced")
    assert not set(first[:2]) & set(children(parent))
    told = many.admin("verify")
    assert told["ok"]
    assert told["events"] - before == WRITERS * PUSHES * EACH


def test_failures_are_counted_together_and_numbers_are_added_up(many: TrainingCentre) -> None:
    writer = Writer(many, 9)
    codes = []
    for _ in range(8):  # each on a connection of its own, so that they come to different processes
        with HttpCentre(many.url) as http, pytest.raises(Refused) as refused:
            http.login(writer.enrolled.replica.id, ClerkId("demo-nobody"), "falsch")
        codes.append(refused.value.code)
    assert codes == ["login.wrong"] * 5 + ["login.locked"] * 3
    seen = set()
    for _ in range(6):
        lines = httpx.get(f"{many.url}/metrics").text.splitlines()
        seen |= {line for line in lines if line.startswith('jinpu_throttled_total{by="login.locked"}')}
    assert seen == {'jinpu_throttled_total{by="login.locked"} 3.0'}


@pytest.mark.slow
def test_all_end_together_at_a_signal_or_with_a_killed_parent(many: TrainingCentre) -> None:
    everyone = [many.process.pid, *children(many.process.pid)]
    many.stop()
    assert not [pid for pid in everyone if Path(f"/proc/{pid}").exists()]
    many.start()
    workers = children(many.process.pid)
    assert len(workers) == WORKERS
    many.process.kill()
    many.process.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "ended")
    many.start()
