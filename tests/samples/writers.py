"""Writers that push into one centre at once from several processes and threads, past HTTP.

Each push also takes a number from a sequence, in the same transaction and before anything else: what a cursor over a
``bigserial`` would follow.
"""

from __future__ import annotations

import multiprocessing as mp
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId, ReplicaId
from jinpu_desk.server.events.receive import Intake
from jinpu_desk.store.centre.engine import connect
from jinpu_desk.store.centre.log import SqlLog
from jinpu_desk.sync.wire import read, to_wire

from .cases import NOON, Chain, received
from .centres import Window

EACH = 5
"""Events of a push."""


class Pen(msgspec.Struct, frozen=True):
    """What a process needs to write as an enrolled window."""

    replica: ReplicaId
    seed: bytes
    number: int


def pen_of(window: Window, number: int) -> Pen:
    """Return the pen of a window."""
    return Pen(window.enrolled.replica.id, window.key.private_bytes_raw(), number)


def _write(url: str, pen: Pen, seconds: float) -> int:
    """Push for so long; return how many events."""
    engine = connect(url, 2)
    chain, key = Chain(pen.replica), Ed25519PrivateKey.from_private_bytes(pen.seed)
    end = time.monotonic() + seconds
    pushes = 0
    while time.monotonic() < end:
        case = CaseId(f"01900000-0000-7000-8000-{pen.number:04x}{pushes:08x}")
        said = [received(), *(b.CaseNoted(text=f"演示{n}") for n in range(EACH - 1))]
        sent = [to_wire(chain.write(body, case=case)) for body in said]
        opened = [read(each.header, each.body, each.salt) for each in sent]
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO scratch DEFAULT VALUES")
            Intake(SqlLog(connection), pen.replica, NOON).run(opened, key.sign(chain.head.statement()))
        pushes += 1
    engine.dispose()
    return pushes * EACH


def _process(url: str, pens: list[Pen], seconds: float, told: mp.SimpleQueue[int]) -> None:
    with ThreadPoolExecutor(len(pens)) as pool:
        told.put(sum(pool.map(lambda pen: _write(url, pen, seconds), pens)))


class Load(msgspec.Struct):
    """A load under way; ``written`` is known once it is over."""

    processes: list[mp.process.BaseProcess]
    written: int = 0

    @property
    def running(self) -> bool:
        return any(each.is_alive() for each in self.processes)


@contextmanager
def load(url: str, pens: list[Pen], processes: int, seconds: float) -> Iterator[Load]:
    """Let the pens write for so long, spread over so many processes, while the block runs."""
    context = mp.get_context("spawn")
    told: mp.SimpleQueue[int] = context.SimpleQueue()
    shares = [pens[at::processes] for at in range(processes)]
    started: list[mp.process.BaseProcess] = [
        context.Process(target=_process, args=(url, share, seconds, told)) for share in shares
    ]
    for each in started:
        each.start()
    under_way = Load(started)
    yield under_way
    for each in started:
        each.join()
        assert each.exitcode == 0
    under_way.written = sum(told.get() for _ in started)
