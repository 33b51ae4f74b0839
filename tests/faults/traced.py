"""Real runs of the desk under ``strace``: counted, and with a fault at one call."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any

from samples.programs import PASSWORD, Finished

WRITING = (
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
    "open",
    "openat",
    "creat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
)
"""System calls that change what a disk holds (``open`` and ``openat`` only where they create or truncate)."""
_OPENING = {"open", "openat"}
_LINE = re.compile(r"^(?P<call>[a-z0-9_]+)\((?P<rest>.*)$")


@dataclass(frozen=True)
class Call:
    """The ``nth`` use of a system call in a run (as strace counts them), and what it was about."""

    name: str
    nth: int
    about: str


@dataclass(frozen=True)
class Fault:
    """What happens at a call: ``error=EIO`` or ``signal=KILL``; ``sticky`` faults stay from there on."""

    call: Call
    what: str
    sticky: bool = False

    def __str__(self) -> str:
        return (
            f"{self.what}{'+' if self.sticky else ''} at {self.call.name} {self.call.nth} ({self.call.about})"
        )

    @property
    def expression(self) -> str:
        """The argument of ``strace -e``."""
        return f"inject={self.call.name}:{self.what}:when={self.call.nth}{'+' if self.sticky else ''}"


@dataclass(frozen=True)
class Ended:
    """A run that ended by itself (``code``) or was killed (``killed``)."""

    finished: Finished
    killed: bool
    struck: str = ""  # what the call was about that the fault hit; nothing when it hit none

    @property
    def results(self) -> list[dict[str, Any]]:
        """The result lines that were printed whole."""
        whole = (line for line in self.finished.out.splitlines(keepends=True) if line.endswith("}\n"))
        return [json.loads(line) for line in whole]


class WarmDesk:
    """Forks runs of ``jinpu-desk`` from a process that has it loaded (``faults.warm``)."""

    def __init__(self, folder: Path) -> None:
        """Start the process; ``folder`` takes what the runs print."""
        self._folder = folder
        self._numbers = itertools.count(1)
        self.last_output = folder
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": paths, "JINPU_PASSWORD": PASSWORD},
        )
        assert self._answer()["ready"]

    def __enter__(self) -> WarmDesk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0

    def learn(self, home: Path, *arguments: str, **environment: str) -> None:
        """Run once without a fork, so that every later run loads nothing more."""
        order, out, err = self._order(home, arguments, environment)
        self._send(order | {"learn": True})
        ended = self._answer()
        assert ended["status"] == 0, (out.read_text(), err.read_text())

    def run(
        self,
        home: Path,
        *arguments: str,
        trace: Sequence[str] = (),
        synchronous: str = "",
        **environment: str,
    ) -> Ended:
        """Run the program on ``home``, under ``strace`` with the options ``trace`` unless there are none."""
        order, out, err = self._order(home, arguments, environment)
        self.last_output = out
        return self._forked(order | {"synchronous": synchronous}, out, err, trace)

    def _forked(self, order: dict[str, Any], out: Path, err: Path, trace: Sequence[str]) -> Ended:
        self._send(order)
        pid = self._answer()["pid"]
        with _traced(pid, trace):
            os.kill(pid, signal.SIGCONT)
            status = self._answer()["status"]
        killed = os.WIFSIGNALED(status)
        code = -os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
        return Ended(Finished(code, out.read_text("utf-8", "replace"), err.read_text()), killed)

    def count(self, home: Path, *arguments: str, within: Path, **environment: str) -> list[Call]:
        """Run without a fault and return the calls it made that write below ``within``."""
        log = self._folder / "count.log"
        options = ("-y", "-o", str(log), "-e", f"trace={','.join(WRITING)}")
        ended = self.run(home, *arguments, trace=options, **environment)
        assert ended.finished.code == 0, ended.finished
        return list(writes(log.read_text(errors="replace").splitlines(), within))

    def run_with(self, fault: Fault, home: Path, *arguments: str, **environment: str) -> Ended:
        """Run with one fault, and see what it struck."""
        log = self._folder / "fault.log"
        options = ("-y", "-o", str(log), "-e", f"trace={fault.call.name}", "-e", fault.expression)
        ended = self.run(home, *arguments, trace=options, **environment)
        lines = log.read_text(errors="replace").splitlines()
        return replace(ended, struck=_struck(lines, fault, within=home.parent))

    def inspect(self, home: Path, next_file: Path, **environment: str) -> Ended:
        """Open the home without any fault, look at everything in it and take the next case in."""
        order, out, err = self._order(home, (str(next_file),), environment)
        return self._forked(order | {"inspect": True}, out, err, ())

    def _order(
        self, home: Path, arguments: Sequence[str], environment: dict[str, str]
    ) -> tuple[dict[str, Any], Path, Path]:
        number = next(self._numbers)
        out, err = (self._folder / f"{number}.{name}" for name in ("out", "err"))
        order = {
            "arguments": ["--home", str(home), *arguments],
            "environment": environment,
            "out": str(out),
            "err": str(err),
        }
        return order, out, err

    def _send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the warm process is gone"
        answer: dict[str, int] = json.loads(line)
        return answer


@contextmanager
def _traced(pid: int, options: Sequence[str]) -> Iterator[None]:
    """Trace a process that stands still for the length of the block, which ends with the process."""
    if not options:
        yield
        return
    tracer = subprocess.Popen(
        ["strace", *options, "-p", str(pid)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert tracer.stderr is not None
    first = tracer.stderr.readline()
    assert "attached" in first, first
    yield
    tracer.communicate(timeout=60)


def writes(lines: Sequence[str], within: Path) -> Iterator[Call]:
    """Yield the calls of a log (``strace -y``) that change something below ``within``."""
    seen: Counter[str] = Counter()
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        name, rest = found["call"], found["rest"]
        seen[name] += 1
        if str(within) not in rest or (name in _OPENING and not re.search("O_CREAT|O_TRUNC", rest)):
            continue
        yield Call(name, seen[name], _about(rest, within))


def _struck(lines: Sequence[str], fault: Fault, within: Path) -> str:
    """Name what the first call was about that the fault hit, as ``writes`` does."""
    if "signal=" in fault.what:
        hit = next((before for before, line in pairwise(lines) if line.startswith("+++ killed by")), "")
    else:
        hit = next((line for line in lines if line.endswith("(INJECTED)")), "")
    found = _LINE.match(hit)
    return _about(found["rest"], within) if found and str(within) in hit else ""


def _about(rest: str, within: Path) -> str:
    """Name the file a call is about by its kind: ``desk.db-wal``, ``keys.json``, ``blobs``."""
    path = re.search(re.escape(str(within)) + r"/?(?:home\b/?)?([^\s>\",]*)", rest)
    first = path[1].split("/")[0] if path else ""
    return re.sub(r"\.\d+\.new$", "", first).lstrip(".") or "."


def put_back(pristine: Path, folder: Path) -> None:
    """Make ``folder`` hold what ``pristine`` holds. The folder itself stays, for a home knows its folder."""
    emptied(folder)
    shutil.copytree(pristine, folder, dirs_exist_ok=True)


def emptied(folder: Path) -> Path:
    """Take everything out of a folder."""
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink()
    return folder
