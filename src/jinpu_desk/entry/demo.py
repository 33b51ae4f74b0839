"""``demo``: an embedded centre on loopback, two enrolled desks, and real cases taken in through the same verbs.

``--headless`` runs a working day through: cases with the network, cases without it, everything synced, shown on the
second desk, every document checked. It reports what it counted, never what it meant to do.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.papers import paperwork
from jinpu_desk.app.verbs.act import act
from jinpu_desk.devices.id_simulator import IdReaderSimulator
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.store.atomic import write_file
from jinpu_desk.store.home import Home

from . import speech
from .commands.paper_files import out_folder
from .demo_cases import LATER, OFFLINE, ONLINE, card, licence_file
from .home.enrolling import enrol
from .home.unlocked import OpenDesk
from .parts import Parts
from .window import start as window

CLERK = "demo"
PASSWORD = "demo"  # noqa: S105  (the contract's demonstration password)
START_SECONDS = 90
STOP_SECONDS = 30


class Centre:
    """A training centre in a process of its own, on loopback; it can be stopped and started again."""

    def __init__(self, data: Path, log: Path) -> None:
        self._data = data
        self._ready = data.parent / "centre.ready"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self.url = ""

    def make(self) -> None:
        """Make database and users."""
        self._run("init", "--training")
        self._run("user", "add", CLERK, "--role", "clerk", "--display-name", "演示窗口人员")
        self._run("user", "add", "demo-lead", "--role", "supervisor", "--display-name", "演示主管")
        self._run("user", "add", "demo-reviewer", "--role", "reviewer", "--display-name", "演示审批员")

    def start(self) -> None:
        """Serve until ``stop``; always on the same port, because desks know the address.

        Raises:
            Unavailable: ``demo.centre`` when it does not come up.
        """
        self._ready.unlink(missing_ok=True)
        places = ("--port", str(self._port), "--ready-file", str(self._ready))
        # It ends with its input, so that a killed demonstration leaves nothing running.
        command = [*self._command("serve"), *places, "--stop-with-stdin"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=_environment()
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.exists() or not self._ready.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable("demo.centre", str(self._log))
            time.sleep(0.05)
        self.url = self._ready.read_text().strip()
        self._port = int(self.url.rsplit(":", 1)[1])

    def stop(self) -> None:
        """Cut the network: nothing answers at the address any more."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process = None

    def code(self, station: str) -> str:
        """Return an enrolment code for ``station``."""
        answer = msgspec.json.decode(self._run("enroll", "--station", station), type=dict[str, Any])
        return str(answer["code"])

    def _run(self, *arguments: str) -> bytes:
        done = subprocess.run(  # noqa: S603  (our own program)
            self._command(*arguments), capture_output=True, env=_environment(), check=False
        )
        if done.returncode:
            raise Unavailable(
                "demo.centre", arguments[0], problem=done.stderr.decode(errors="replace")[-500:]
            )
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "jinpu_desk.entry.server", "--data", str(self._data), *arguments]


def _environment() -> dict[str, str]:
    return os.environ | {speech.PASSWORD: PASSWORD}


@contextmanager
def _stage(keep: bool) -> Iterator[tuple[Path, Centre]]:
    """Lend a folder with a serving centre; both go when the demonstration ends, unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="jinpu-demo-"))
    centre = Centre(folder / "centre", folder / "centre.log")
    try:
        centre.make()
        centre.start()
        yield folder, centre
    finally:
        centre.stop()
        if keep:
            print(f"数据保留在 {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def run_demo(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any] | int:
    """Run the demonstration: with a window where there is a display, otherwise headless."""
    headless = arguments.headless or not _has_display()
    out = out_folder(arguments.out)
    with _stage(arguments.keep) as (folder, centre):
        if headless:
            return _headless(parts, folder, centre, out or folder / "out")
        return _with_window(parts, folder, centre)


def _has_display() -> bool:
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _enrolled(parts: Parts, home: Home, centre: Centre, station: str, name: str) -> OpenDesk:
    return enrol(
        home,
        parts,
        url=centre.url,
        code=centre.code(station),
        clerk=CLERK,
        password=PASSWORD,
        window=name,
    )


def _headless(parts: Parts, folder: Path, centre: Centre, out: Path) -> dict[str, Any]:
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        home_a, home_b = (held.enter_context(Home(folder / name)) for name in ("desk-a", "desk-b"))
        first = _enrolled(parts, home_a, centre, "HALL", "综合窗口 01")
        held.callback(first.close)
        second = _enrolled(parts, home_b, centre, "HALL", "综合窗口 02")
        held.callback(second.close)
        day = _Day(first, out)
        day.take_in(ONLINE)
        day.act(LATER)
        first.session.round()
        centre.stop()
        offline = day.take_in(OFFLINE)
        day.must_be_offline()
        centre.start()
        done = first.session.round()
        second.session.round()
        here, there = first.store.verify(), second.store.verify()
        shared = {
            replica: digest for replica, digest in here.heads.items() if there.heads.get(replica) == digest
        }
        return {
            "cases": first.store.status().cases,
            "documents": day.documents,
            "offline_cases": offline,
            "synced": done.pending == 0 and first.desk.replica.id in shared,
            "second_desk_cases": second.store.status().cases,
            "pending": first.store.status().pending,
            "chains_ok": here.ok and there.ok,
        }


class _Day:
    """What one desk does in the demonstration, with its documents written and checked."""

    def __init__(self, opened: OpenDesk, out: Path) -> None:
        self._opened = opened
        self._out = out
        self._numbers: dict[str, str] = {}
        self.documents: list[dict[str, Any]] = []

    def take_in(self, files: dict[str, dict[str, Any]]) -> int:
        """Take files in; return how many cases the store holds more, children of packages included."""
        before = self._opened.store.status().cases
        for name, file in files.items():
            read = decode_intake(msgspec.json.encode(file))
            ticks = {key: entry.tick() for key, entry in read.materials.items()}
            taken = intake.take_in(self._opened.desk, from_file(read, ticks, {}))
            self._numbers[name] = taken.case.case_no
            self._keep(taken)
        return self._opened.store.status().cases - before

    def act(self, steps: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
        """Do later verbs on cases taken in before."""
        for name, verb, data in steps:
            number = self._numbers[name]
            self._keep(act(self._opened.desk, CaseNo(number), verb, data))

    def must_be_offline(self) -> None:
        """Make sure that the network really is away.

        Raises:
            AssertionError: when the centre still answers.
        """
        try:
            self._opened.session.round()
        except Unavailable:
            return
        raise AssertionError("the centre still answers")

    def _keep(self, taken: intake.Taken) -> None:
        desk, trust = self._opened.desk, self._opened.enrolment.trust()
        for paper in taken.papers:
            path = self._out / f"{taken.case.case_no}-{paper.kind}-{paper.event[-6:]}.pdf"
            write_file(path, paperwork.sealed(desk, paper))
            entry = {
                "case_no": taken.case.case_no,
                "kind": str(paper.kind),
                "doc_no": paper.doc_no,
                "path": str(path),
                "sha256": paper.sha256,
                "pages": paper.pages,
            }
            try:
                checked = desk.papers.check(path.read_bytes(), trust)
                entry["checked"] = checked.ok and checked.whole_file
            except DeskError as error:
                entry["checked"] = error.code
            self.documents.append(entry)


@contextmanager
def _reader() -> Iterator[IdReaderSimulator]:
    """Lend a bridge that deals one fictitious card again and again."""
    with IdReaderSimulator([card()]) as simulator:
        threading.Thread(target=simulator.serve_forever, name="id-reader", daemon=True).start()
        try:
            yield simulator
        finally:
            simulator.shutdown()


def _with_window(parts: Parts, folder: Path, centre: Centre) -> int:
    """Open the window on the first desk, with some cases in it; the second follows in its own folder."""
    with Home(folder / "desk-b") as home:
        second = _enrolled(parts, home, centre, "HALL", "综合窗口 02")
        try:
            day = _Day(second, folder / "desk-b" / "out")
            day.take_in(ONLINE)
            second.session.round()
        finally:
            second.close()
    with Home(folder / "desk-a") as home, _reader() as reader:
        first = _enrolled(parts, home, centre, "HALL", "综合窗口 01")
        first.session.round()
        first.close()
        settings = f'[devices]\nid_reader_port = {reader.port}\n\n[licences]\nfolder = "licences"\n'
        write_file(home.settings, settings.encode())
        write_file(home.folder("licences") / "demo.json", licence_file())
        print("演示：登录名 demo，密码 demo。", file=sys.stderr)
        return window.show(home, parts)
