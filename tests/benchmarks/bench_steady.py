"""A working day at the centre: 200 windows, each pushing a few events every few seconds and pulling (DESIGN §4, §9).

python -m pytest tests/benchmarks/bench_steady.py -m bench -s

Real server processes and a real PostgreSQL; the windows are threads that only send, on sockets of their own.
Prints latencies and where the processor time went; asserts only that everything arrived.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import quantiles

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.events import Event
from jinpu_desk.server import admin
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.store.centre import engine
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import EnrolRequest, Push, start_of, to_wire
from samples.cases import CLERK, Chain
from samples.centres import certificate
from samples.population import bodies, case_id

pytestmark = pytest.mark.bench

WINDOWS = int(os.environ.get("JINPU_BENCH_WINDOWS", "200"))
SECONDS = float(os.environ.get("JINPU_BENCH_SECONDS", "60"))
WORKERS = int(os.environ.get("JINPU_BENCH_WORKERS", "1"))
PAUSE = 5.0
"""Seconds between two rounds of a window, on average."""


def _run(data: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "jinpu_desk.entry.server", "--data", str(data), *arguments]
    environment = os.environ | {"JINPU_PASSWORD": "demo"}
    subprocess.run(command, check=True, capture_output=True, env=environment)


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, int]]:
    """Serve the centre of ``data``; give its address and the number of its process."""
    ready = data / "ready"
    command = [sys.executable, "-m", "jinpu_desk.entry.server", "--data", str(data), "serve"]
    with subprocess.Popen(
        [*command, "--ready-file", str(ready), "--workers", str(WORKERS), "--log", str(data / "log")]
    ) as server:
        while not ready.exists():
            assert server.poll() is None
            time.sleep(0.05)
        yield ready.read_text().strip(), server.pid
        server.terminate()


class Desk(threading.Thread):
    """A window that takes a case in now and then."""

    def __init__(self, url: str, code: str, number: int) -> None:
        super().__init__(name=f"window-{number}")
        self._key = Ed25519PrivateKey.generate()
        asked = EnrolRequest(
            code=code,
            window="1",
            public_key=self._key.public_key().public_bytes_raw(),
            certificate=certificate(self._key),
        )
        with HttpCentre(url) as http:
            enrolled = http.enrol(asked)
        self._http = HttpCentre(url, enrolled.token)
        self._chain = Chain(enrolled.replica.id)
        self._random = Random(number)
        self._cursor = start_of(enrolled.epoch)
        self._number = number
        self.end = 0.0
        self.pushes: list[float] = []
        self.pulls: list[float] = []
        self.sent = self.received = 0

    def run(self) -> None:
        turn = 0
        time.sleep(self._random.uniform(0, PAUSE))
        while time.monotonic() < self.end:
            self._push(turn)
            self._pull()
            turn += 1
            time.sleep(self._random.uniform(0.5, 1.5) * PAUSE)
        self._http.close()

    def _push(self, turn: int) -> None:
        case = case_id(self._number * 10_000 + turn, self._random)
        said = bodies(turn, self._random, self._number % 900 + 1)[:3]
        events: list[Event] = [self._chain.write(body, case=case, actor=CLERK) for body in said]
        head = self._chain.head
        push = Push(
            events=[to_wire(e) for e in events], head=head, signature=self._key.sign(head.statement())
        )
        start = time.perf_counter()
        self._http.push(head.replica, push)
        self.pushes.append((time.perf_counter() - start) * 1000)
        self.sent += len(events)

    def _pull(self) -> None:
        start = time.perf_counter()
        page = self._http.feed(self._cursor, 2000)
        self.pulls.append((time.perf_counter() - start) * 1000)
        self.received += len(page.items)
        end = page.checkpoint
        self._cursor = Cursor(epoch=end.epoch, position=end.position, hash=end.hash)


def used(pids: list[int]) -> float:
    """Return the processor seconds of these processes so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))  # with those of children that ended
    return total / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    own = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in own for each in family(int(child)))]


def told(name: str, taken: list[float]) -> None:
    cuts = quantiles(taken, n=100)
    print(f"{name:<6} {len(taken):6,} p50 {cuts[49]:7.1f} ms  p95 {cuts[94]:7.1f}  p99 {cuts[98]:7.1f}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_working_day(tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path_factory.mktemp("centre")
    _run(data, "init", "--training")
    _run(data, "user", "add", "demo", "--role", "clerk")
    with Cluster(data).running() as address, serving(data) as (url, pid):
        codes = engine.connect(address)
        later = int(time.time() * 1000) + 3_600_000
        desks = [
            Desk(url, admin.make_code(codes, f"JP{number % 12 + 1:02}", later), number)
            for number in range(WINDOWS)
        ]
        codes.dispose()
        for desk in desks:
            desk.end = time.monotonic() + SECONDS
            desk.start()
        postgres = int((data / "pg" / "postmaster.pid").read_text().split()[0])
        before = {"server": used(family(pid)), "windows": time.process_time()}
        started = time.monotonic()
        for desk in desks:
            desk.join()
        lasted = time.monotonic() - started
        after = {"server": used(family(pid)), "windows": time.process_time()}
        rest = used([each for each in family(postgres) if Path(f"/proc/{each}").exists()])
    with capsys.disabled():
        sent = sum(desk.sent for desk in desks)
        print(
            f"\n{WINDOWS} windows, {lasted:.0f} s, {sent / lasted:.0f} events/s in,"
            f" {sum(d.received for d in desks) / lasted:,.0f} events/s out; load {os.getloadavg()[0]:.1f}"
        )
        told("push", [each for desk in desks for each in desk.pushes])
        told("feed", [each for desk in desks for each in desk.pulls])
        split = {name: (after[name] - before[name]) / lasted for name in before}
        print(
            f"processors used: server {split['server']:.2f}, windows {split['windows']:.2f},"
            f" PostgreSQL {rest:.1f} s since it started"
        )
        assert sent
