"""The real programs: a training centre that serves in a process of its own, and desks enrolled at it.

Commands run in this process where only their answer matters, because a start costs more than the command; what is
about processes (locks, kills, exit codes) runs them as such.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .thrift import spare

PASSWORD = "演示口令"
CLOCK = "2026-09-18T10:00:00+08:00"
"""A Friday; where the programs' clocks start unless a test says otherwise."""
CLERK, LEAD, REVIEWER = "demo", "demo-lead", "demo-reviewer"
ROLES = {CLERK: "clerk", LEAD: "supervisor", REVIEWER: "reviewer", "demo-two": "clerk"}
START_SECONDS = 120
DESK = [sys.executable, "-m", "jinpu_desk.entry.desk"]
SERVER = [sys.executable, "-m", "jinpu_desk.entry.server"]


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one object a command that went well prints, and nothing for people."""
        assert (self.code, self.err) == (0, "")
        (line,) = self.out.splitlines()
        return dict(json.loads(line))

    def refusal(self, code: int = 2) -> dict[str, str]:
        """The one error line of a command that was refused; it wrote nothing else."""
        assert (self.code, self.out) == (code, ""), self
        return self.complaint

    @property
    def complaint(self) -> dict[str, str]:
        """The one error line, whatever was printed before it."""
        (line,) = self.err.splitlines()
        told = json.loads(line)
        assert list(told) == ["error"]
        error: dict[str, str] = told["error"]
        assert list(error) == ["code", "message", "where"]
        assert is_sentence(error["message"]), error
        return error

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The objects of a batch."""
        return [json.loads(line) for line in self.out.splitlines()]


def is_sentence(text: str) -> bool:
    """Tell whether a clerk would take ``text`` for a sentence: Chinese, ended, with no blank left and no code."""
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in text)
    return (
        chinese >= 4
        and text.endswith(("。", "！", "？", "）"))
        and "{" not in text
        and "没有说明" not in text
    )


def run(main: Any, *arguments: str, **environment: str) -> Finished:
    """Run a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
        Path(os.devnull).open() as nothing,
    ):
        patch.setattr(sys, "stdin", nothing)
        spare(patch)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
    return Finished(code, out.getvalue(), err.getvalue())


class TrainingCentre:
    """A centre in its folder, with users of every role; it serves until stopped and comes back at its address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "centre"
        self.clock = CLOCK
        self.options: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = "0"
        self._names = itertools.count(1)
        self.url = ""

    def admin(self, *arguments: str) -> dict[str, Any]:
        """Run ``jinpu-server``; return what it says."""
        from jinpu_desk.entry.server import main

        environment = {"JINPU_PASSWORD": PASSWORD, "JINPU_CLOCK": self.clock}
        return run(main, "--data", str(self.data), *arguments, **environment).answer

    def make(self) -> None:
        """Make it, with its users, and serve."""
        self.admin("init", "--training")
        self.start()
        for name, role in ROLES.items():
            self.admin("user", "add", name, "--role", role, "--display-name", f"演示{name}")

    def start(self) -> None:
        """Serve."""
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        places = ("--port", self._port, "--ready-file", str(ready), "--log", str(self.log))
        self._process = self._begun("--data", str(self.data), "serve", *places, *self.options)
        end = time.monotonic() + START_SECONDS
        while not ready.exists() or not ready.read_text():
            assert self._process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.02)
        self.url = ready.read_text().strip()
        self._port = self.url.rsplit(":", 1)[1]

    def _begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*SERVER, *arguments], env=os.environ | {"JINPU_CLOCK": self.clock})

    @property
    def log(self) -> Path:
        """What it logs while it serves."""
        return self.folder / "centre.log"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that serves, or that looks after those that do."""
        assert self._process is not None
        return self._process

    def stop(self) -> None:
        """Stop serving; the desks find nobody."""
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(60) == 0
            self._process = None

    def move(self, clock: str = CLOCK) -> None:
        """Serve at another address from now on."""
        self.stop()
        self.clock, self._port = clock, "0"
        self.start()

    def desk(
        self, station: str = "HALL", clerk: str = CLERK, clock: str = CLOCK, home: Path | None = None
    ) -> Desk:
        """Enrol a new desk, in the folder ``home`` when it must lie somewhere."""
        number = next(self._names)
        desk = Desk(home or self.folder / f"desk-{number}", clock)
        code = self.admin("enroll", "--station", station)["code"]
        desk.enrolled = desk.done(
            "setup",
            "--server",
            self.url,
            "--code",
            code,
            "--clerk",
            clerk,
            "--window",
            f"综合窗口{number:02}",
        )
        return desk


@dataclass
class Desk:
    """A desk's home and the commands run on it."""

    home: Path
    clock: str = CLOCK
    enrolled: dict[str, Any] = field(default_factory=dict)

    def run(
        self, *arguments: str, clerk: str = "", clock: str = "", password: str = PASSWORD, **environment: str
    ) -> Finished:
        """Run ``jinpu-desk``."""
        from jinpu_desk.entry.desk import main

        who = ("--clerk", clerk) if clerk else ()
        environment |= {"JINPU_PASSWORD": password, "JINPU_CLOCK": clock or self.clock}
        return run(main, "--home", str(self.home), *who, *arguments, **environment)

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this desk finds in its environment."""
        return {"JINPU_PASSWORD": PASSWORD, "JINPU_CLOCK": self.clock}

    def done(self, *arguments: str, clerk: str = "", clock: str = "") -> dict[str, Any]:
        """Run a command that goes well; return its answer."""
        return self.run(*arguments, clerk=clerk, clock=clock).answer

    def refused(self, *arguments: str, code: int = 2, clerk: str = "", clock: str = "") -> dict[str, str]:
        """Run a command that is refused; return the error."""
        return self.run(*arguments, clerk=clerk, clock=clock).refusal(code)

    def process(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start ``jinpu-desk`` as a process."""
        return subprocess.Popen(
            [*DESK, "--home", str(self.home), *arguments],
            env=os.environ | self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def file(self, content: object, name: str = "case.json") -> Path:
        """Write an intake file beside the home; return its path."""
        folder = self.home.with_name(self.home.name + "-files")
        folder.mkdir(exist_ok=True)
        path = folder / name
        raw = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        path.write_bytes(raw)
        return path

    def batch(self, contents: list[Any]) -> Path:
        """Write a batch; return its path."""
        lines = [c if isinstance(c, bytes) else json.dumps(c, ensure_ascii=False).encode() for c in contents]
        return self.file(b"\n".join(lines) + b"\n", "batch.jsonl")

    def take(
        self, content: object, *more: str, clerk: str = "", clock: str = "", papers: bool = False
    ) -> dict[str, Any]:
        """Take a case in; return the result."""
        quiet = () if papers else ("--no-documents",)
        return self.done("intake", str(self.file(content)), *quiet, *more, clerk=clerk, clock=clock)

    def act(
        self, number: str, verb: str, data: object = None, clerk: str = "", clock: str = ""
    ) -> dict[str, Any]:
        """Do a later verb; return the result."""
        told = json.dumps(data or {}, ensure_ascii=False)
        return self.done("act", number, verb, "--data", told, clerk=clerk, clock=clock)

    def act_refused(
        self, number: str, verb: str, data: object = None, clerk: str = "", clock: str = ""
    ) -> dict[str, str]:
        """Do a later verb that is refused, and see that nothing was written; return the error."""
        before = self.events()
        told = json.dumps(data or {}, ensure_ascii=False)
        error = self.refused("act", number, verb, "--data", told, clerk=clerk, clock=clock)
        assert self.events() == before
        return error

    def events(self) -> tuple[int, int]:
        """Return how many events and cases the store holds."""
        status = self.done("status")
        return status["events"], status["cases"]

    def numbers(self) -> list[str]:
        """Return every case number in the store, drafts aside."""
        import argparse

        from jinpu_desk.app.ports import CaseQuery
        from jinpu_desk.entry.commands.casework import opened
        from jinpu_desk.entry.parts import load_parts

        found: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JINPU_PASSWORD", PASSWORD)
            patch.setenv("JINPU_CLOCK", self.clock)
            with opened(load_parts(), argparse.Namespace(home=self.home, clerk="")) as desk:
                page = desk.store.page(CaseQuery(), limit=500)
                found += [row.case_no for row in page.rows]
                while page.after is not None:
                    page = desk.store.page(CaseQuery(), limit=500, after=page.after)
                    found += [row.case_no for row in page.rows]
        return found

    def show(self, number: str) -> dict[str, Any]:
        """Return a case whole."""
        return self.done("show", number)


@contextmanager
def training_centre(clock: str = CLOCK) -> Iterator[TrainingCentre]:
    """Make a centre that serves until the block ends, and leave nothing of it."""
    folder = Path(tempfile.mkdtemp(prefix="jinpu-programs-"))
    centre = TrainingCentre(folder)
    centre.clock = clock
    try:
        centre.make()
        yield centre
    finally:
        centre.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def training() -> Iterator[TrainingCentre]:
    """One training centre for the whole run; a test that stops it starts it again."""
    with training_centre() as centre:
        yield centre


@pytest.fixture
def own_centre() -> Iterator[TrainingCentre]:
    """A training centre for one test, which may do to it what others must not meet."""
    with training_centre() as centre:
        yield centre


@pytest.fixture(scope="session")
def hall(training: TrainingCentre) -> Desk:
    """A desk of the service hall, shared: tests count differences, not totals."""
    return training.desk()


@pytest.fixture(scope="session")
def hall_two(training: TrainingCentre) -> Desk:
    """A second desk of the hall."""
    return training.desk()


@pytest.fixture(scope="session")
def jp03(training: TrainingCentre) -> Desk:
    """A desk of a district station."""
    return training.desk("JP03")
