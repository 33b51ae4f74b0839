"""A window that worked offline for weeks comes back over a thin line that keeps dropping, and goes on working.

The real parts: the centre in a process of its own, the desk's own messenger, store and attachments, TCP at the rate
of the line. Prints what went over the wire against what there is; asserts what must hold at any speed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from jinpu_desk.app.intake import taking
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.entry.home.enrolling import enrol
from jinpu_desk.entry.home.unlocked import OpenDesk
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.entry.window.messenger import Messenger
from jinpu_desk.store.home import Home
from samples.applications import application
from samples.cases import CATALOGUE
from samples.population import bodies, case_id
from samples.programs import CLERK, CLOCK, PASSWORD, TrainingCentre
from samples.proxy import SlowLine
from samples.scans import scans

KBIT = 1000 / 8
"""Bytes a second."""
_BATCH = 250
_SERIES = 990
_PATIENCE = timedelta(minutes=40)


class Plan(msgspec.Struct, frozen=True):
    """How much waits, and over what line it goes."""

    cases: int
    scans: int
    kbit: int
    drop_every: float
    pause: float  # seconds between two cases that are taken in meanwhile
    least: int  # how many cases are taken in meanwhile, at least

    def __str__(self) -> str:
        line = f"{self.kbit} kbit/s that drops every {self.drop_every:g} s"
        return f"{self.cases:,} cases with {self.scans:,} scans over {line}"


class Window:
    """The desk, the line before it, and what a clerk sees meanwhile."""

    def __init__(self, opened: OpenDesk, line: SlowLine) -> None:
        self.opened = opened
        self.line = line
        self.messenger = Messenger(opened)
        self.scan_bytes = 0
        self._random = Random()  # ids of its own: both runs go to one centre
        self._taken = 0

    def fill(self, plan: Plan) -> None:
        """Write the backlog: cases taken in, accepted, with their receipt; the first of them with a scan."""
        desk, store = self.opened.desk, self.opened.store
        pages = scans(plan.scans)
        for start in range(0, plan.cases, _BATCH):
            kept = [self._keep(page) for _, page in zip(range(start, start + _BATCH), pages, strict=False)]
            with store.transaction() as tx:
                for number in range(start, min(start + _BATCH, plan.cases)):
                    said: list[b.Body] = [
                        body
                        for body in bodies(number, self._random, _SERIES)
                        if isinstance(body, b.CaseReceived | b.CaseAccepted | b.PaperIssued)
                    ]
                    if number - start < len(kept):
                        said.append(kept[number - start])
                    case = case_id(number, self._random)
                    for body in said:
                        tx.record(case, body, actor=desk.clerk.id, at=desk.now(), catalogue=CATALOGUE)

    def _keep(self, page: bytes) -> b.PagesAttached:
        self.scan_bytes += len(page)
        sha256 = self.opened.desk.blobs.put(page)
        return b.PagesAttached(material="application", sha256=sha256, media_type="image/jpeg", size=len(page))

    def event_bytes(self) -> int:
        """Return the bytes of the events that wait: headers, bodies and salts."""
        _head, waiting = self.opened.store.sync.outbox(1_000_000)
        return sum(len(canonical(e.header)) + len(e.body or b"") + len(e.salt or b"") for e in waiting)

    def take(self) -> tuple[CaseId, float]:
        """Take a case in; return it and the milliseconds until it was durable."""
        desk = self.opened.desk
        self._taken += 1
        file = application(desk.catalogue, "small-catering", number=self._taken) | {"action": "receive"}
        read = decode_intake(msgspec.json.encode(file))
        ticks = {key: entry.tick() for key, entry in read.materials.items()}
        began = time.perf_counter()
        taken = taking.take_in(desk, from_file(read, ticks, {}), documents=False)
        took = (time.perf_counter() - began) * 1000
        self.messenger.nudge()
        return taken.case.id, took

    def acknowledged(self, case: CaseId) -> bool:
        return not self.opened.store.pending_case_ids([case])

    def left(self) -> tuple[int, int]:
        """Return how many events and attachments wait."""
        status = self.opened.store.status()
        return status.pending, status.blobs_pending


@pytest.fixture
def window(training: TrainingCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    with SlowLine(training.url) as line, Home(tmp_path / "home") as home:
        code = training.admin("enroll", "--station", "HALL")["code"]
        opened = enrol(
            home,
            load_parts(),
            url=line.url,
            code=code,
            clerk=CLERK,
            password=PASSWORD,
            window="演示窗口",
        )
        opened.session.round()
        window = Window(opened, line)
        yield window
        opened.close()


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def carry(window: Window, plan: Plan) -> list[str]:
    """Let the backlog go up while cases are taken in; return what to print."""
    window.fill(plan)
    idle = [window.take()[1] for _ in range(40)][10:]
    events, files = window.event_bytes(), window.scan_bytes
    before = window.line.up, window.line.down
    window.line.rate, window.line.drop_every = plan.kbit * KBIT, plan.drop_every
    busy: list[float] = []
    waits: list[float] = []
    overtook = 0
    began = time.monotonic()
    window.messenger.start()
    try:
        while any(window.left()) or len(busy) < plan.least:
            assert time.monotonic() - began < _PATIENCE.total_seconds()
            case, took = window.take()
            busy.append(took)
            written = time.monotonic()
            if window.left()[0] <= plan.least:  # the backlog of events is up; only scans are still waiting
                while not window.acknowledged(case):
                    assert time.monotonic() - began < _PATIENCE.total_seconds()
                    time.sleep(0.02)
                waits.append(time.monotonic() - written)
                overtook += window.left()[1] > 0
            time.sleep(max(0.0, plan.pause - (time.monotonic() - written)))
    finally:
        window.messenger.stop()
    took_all = time.monotonic() - began
    up, down = window.line.up - before[0], window.line.down - before[1]
    assert overtook > 0  # new events were acknowledged while attachments were still waiting
    there, meanwhile, before_all = events + files, statistics.median(busy), statistics.median(idle)
    return [
        f"{plan}: {took_all:.0f} s, {window.line.drops} drops",
        f"there are {events / 1e6:.2f} MB of events, {files / 1e6:.2f} MB of scans, {files / plan.scans / 1000:.1f} kB each",
        f"on the wire {up / 1e6:.2f} MB up and {down / 1e6:.2f} MB down; up is {up / there:.3f} of what there is",
        f"besides the bytes of the scans {(up - files) / 1e6:.2f} MB went up",
        f"the line was used to {up / (plan.kbit * KBIT * took_all):.0%}",
        f"take-in while idle: {before_all:.1f} ms, p95 {quantile(idle, 0.95):.1f}",
        f"take-in meanwhile: {meanwhile:.1f} ms, p95 {quantile(busy, 0.95):.1f}, {len(busy)} cases",
        f"a case took {meanwhile / before_all:.2f} times as long",
        f"a new case was acknowledged after {statistics.median(waits):.1f} s, p95 {quantile(waits, 0.95):.1f}",
        f"{overtook} of {len(waits)} new cases were acknowledged before the last scan",
    ]


def check(window: Window, training: TrainingCentre) -> None:
    """Everything is at the centre, whole, and known to be."""
    window.line.rate = window.line.drop_every = None
    window.line.drop()
    store, http = window.opened.store, window.opened.enrolment.centre(window.opened.token)
    assert window.left() == (0, 0)
    assert store.status().dead == store.status().parked == 0
    with http:
        for number, page in enumerate(scans(50)):
            if number % 10 == 0:
                assert http.blob(Digest(window.opened.desk.blobs.put(page))) == page
    assert store.verify().problems == ()
    assert training.admin("verify")["problems"] == []


@pytest.mark.slow
def test_a_backlog_goes_up_over_a_line_that_drops(
    window: Window, training: TrainingCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    """A twentieth of the long run, over a line eight times as fast that drops five times as often."""
    plan = Plan(cases=500, scans=100, kbit=4096, drop_every=4.0, pause=0.2, least=20)
    told = carry(window, plan)
    check(window, training)
    with capsys.disabled():
        print("", *told, sep="\n")


@pytest.mark.slow
def test_ten_thousand_cases_over_half_a_megabit(
    window: Window, training: TrainingCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(cases=10_000, scans=2_000, kbit=512, drop_every=20.0, pause=3.0, least=20)
    told = carry(window, plan)
    check(window, training)
    with capsys.disabled():
        print("", *told, sep="\n")
