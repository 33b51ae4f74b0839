"""Push and pull rates on loopback, against bare COPY of the same rows into the same PostgreSQL (DESIGN §10).

The centre serves in a process of its own, as in life. Prints ratios; asserts only that everything arrived.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.ports.sync import SyncStore
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import Event, canonical
from jinpu_desk.domain.ids import CaseId, ReplicaId
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import EnrolAnswer, EnrolRequest
from samples.cases import CLERK, REVIEWER, Chain
from samples.centres import certificate
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning, MemoryStore
from samples.population import bodies
from samples.stores import PROJECTOR, StoppedClock, open_store, replica

EVENTS = 20_000


class Desk:
    """An enrolled window and its messenger."""

    def __init__(self, url: str, code: str) -> None:
        self.key = Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes_raw()
        with HttpCentre(url) as http:
            self.enrolled: EnrolAnswer = http.enrol(
                EnrolRequest(code=code, window="1", public_key=public, certificate=certificate(self.key))
            )
        self.http = HttpCentre(url, self.enrolled.token)

    def session(self, store: SyncStore) -> SyncSession:
        return SyncSession(
            centre=self.http,
            enrolled=Enrolled(centre_key=self.enrolled.centre_key, epoch=self.enrolled.epoch),
            store=store,
            blobs=MemoryBlobs(),
            shelf=MemoryShelf(),
            ring=MemoryRing(),
            signing=MemorySigning(self.enrolled.replica.id, self.key),
            clock=StoppedClock(),
        )


def history(replica_id: ReplicaId, count: int, series: int) -> list[Event]:
    """Return ``count`` events of ordinary cases, as one window writes them."""
    chain, random = Chain(replica_id), Random(series)
    written: list[Event] = []
    number = 0
    while len(written) < count:
        case = CaseId(f"01900000-0000-7000-8{series:03}-{number:012}")
        written += [
            chain.write(body, case=case, actor=REVIEWER if isinstance(body, b.CaseDecided) else CLERK)
            for body in bodies(number, random, series)
        ]
        number += 1
    return written[:count]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("centre")


def _run(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "jinpu_desk.entry.server", "--data", str(data), *arguments]
    environment = os.environ | {"JINPU_PASSWORD": "demo"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    _run(data, "init", "--training")
    _run(data, "user", "add", "demo", "--role", "clerk")
    ready = data / "ready"
    command = [sys.executable, "-m", "jinpu_desk.entry.server", "--data", str(data), "serve"]
    with subprocess.Popen([*command, "--ready-file", str(ready)]) as server:
        while not ready.exists():
            assert server.poll() is None
            time.sleep(0.05)
        yield ready.read_text().strip()
        server.terminate()


@pytest.fixture
def enrol(data: Path, url: str) -> Iterator[Callable[[], Desk]]:
    """Enrols desks and hangs up for them at the end."""
    desks: list[Desk] = []

    def one() -> Desk:
        desks.append(Desk(url, json.loads(_run(data, "enroll", "--station", "JP03"))["code"]))
        return desks[-1]

    yield one
    for desk in desks:
        desk.http.close()


def bare_copy(data: Path, events: list[Event]) -> float:
    """Return the rate of COPY of the same bytes, 500 rows in a transaction, into a table with one key."""
    rows = [(e.header.seq, canonical(e.header), e.body, e.salt) for e in events]
    with Cluster(data).running() as address, psycopg.connect(address) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS bare (seq int8 PRIMARY KEY, header bytea, body bytea, salt bytea)"
        )
        connection.execute("TRUNCATE bare")
        connection.commit()
        start = time.perf_counter()
        for at in range(0, len(rows), 500):
            with connection.cursor().copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int8", "bytea", "bytea", "bytea"])
                for row in rows[at : at + 500]:
                    copy.write_row(row)
            connection.commit()
        return len(rows) / (time.perf_counter() - start)


@pytest.mark.bench
def test_push_and_pull(data: Path, enrol: Callable[[], Desk], capsys: pytest.CaptureFixture[str]) -> None:
    writer, reader = enrol(), enrol()
    events = history(writer.enrolled.replica.id, EVENTS, 1)
    sent, received = MemoryStore(writer.enrolled.replica.id), MemoryStore(reader.enrolled.replica.id)
    sent.own = events
    start = time.perf_counter()
    outcomes = writer.session(sent).push()
    pushed = EVENTS / (time.perf_counter() - start)
    start = time.perf_counter()
    assert reader.session(received).pull() == EVENTS
    pulled = EVENTS / (time.perf_counter() - start)
    assert outcomes.total() == EVENTS  # a few decide too early, by the sample's own design, and are dead
    copied = bare_copy(data, events)
    with capsys.disabled():
        print(f"\npush {pushed:,.0f} events/s, {pushed / copied:.2f} of bare COPY ({copied:,.0f} rows/s)")
        print(f"pull {pulled:,.0f} events/s, {pulled / copied:.2f} of bare COPY")


@pytest.mark.bench
def test_pull_into_a_desk(
    enrol: Callable[[], Desk], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two windows, one after the other: the first also reads the dictionaries of readings, once in a process."""
    for number in (1, 2):
        reader = enrol()
        store = open_store(
            tmp_path / f"{number}.db", replica=replica(id=reader.enrolled.replica.id), projector=PROJECTOR
        )
        start, spent = time.perf_counter(), time.process_time()
        new = reader.session(store.sync).pull()
        pulled, spent = new / (time.perf_counter() - start), time.process_time() - spent
        store.close()
        with capsys.disabled():
            print(
                f"\npull and project into an encrypted store {pulled:,.0f} events/s ({new:,} events,"
                f" {spent / new * 1e6:.0f} µs of the desk's processor time each)"
            )
