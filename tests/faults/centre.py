"""A centre in processes of its own whose server, PostgreSQL and disk can be made to fail during a push."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psycopg

from jinpu_desk.server.embedded import Cluster
from samples.programs import TrainingCentre

from .traced import Call
from .warm_server import WarmServer

CENTRE_CALLS = (
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "sendto",
    "sendmsg",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
    "openat",
    "rename",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "mkdir",
)
_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>[a-z0-9_]+)\(")
_SECONDS = 60.0
_PATIENCE = 20.0


class FragileCentre(TrainingCentre):
    """A training centre that may be killed, and comes back at its address; soon, where a warm process forks it."""

    def __init__(self, folder: Path, warm: WarmServer | None = None) -> None:
        """Name the centre in ``folder``."""
        super().__init__(folder)
        self._warm = warm

    def _begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._warm.run(*arguments) if self._warm else super()._begun(*arguments)

    @property
    def server(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    @property
    def postmaster(self) -> int:
        """The first process of PostgreSQL."""
        return int((self.data / "pg" / "postmaster.pid").read_text().split("\n", 1)[0])

    def workers(self, kind: str) -> list[int]:
        """The processes of PostgreSQL of a kind: ``walwriter``, ``checkpointer``, or of our own connections."""
        return [pid for pid, title in children(self.postmaster) if kind in title]

    def serving(self) -> list[int]:
        """The processes that serve beside the one that looks after them; also those it left behind."""
        wanted = f"--data\0{self.data}\0serve\0".encode()
        return sorted(pid for pid in processes() if wanted in command_of(pid) and pid != self.server)

    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._process is not None and self._process.poll() is None

    def comes_back(self) -> bool:
        """Whether it gets over a fault by itself, as it does when a backend of PostgreSQL died."""
        end = time.monotonic() + _PATIENCE
        while self.alive() and time.monotonic() < end:
            with contextlib.suppress(OSError), urlopen(f"{self.url}/readyz", timeout=5):
                return True
            time.sleep(0.05)
        return False

    def revive(self) -> None:
        """Bring it back whatever is left of it: what systemd does after a crash, and an operator for a database."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
        until(lambda: not gone_down(self.data) and not self.serving())
        self._process = None
        self.start()

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """Lend a connection of the administrator."""
        with (
            Cluster(self.data).running() as url,
            psycopg.connect(url, autocommit=True, connect_timeout=10) as connection,
        ):
            yield connection


def gone_down(data: Path) -> bool:
    """Whether a PostgreSQL that lost its server is still on its way out."""
    try:
        pid = int((data / "pg" / "postmaster.pid").read_text().split("\n", 1)[0])
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    except (OSError, ValueError, IndexError):
        return False
    return state != "Z"


def until(holds: object, seconds: float = _SECONDS) -> None:
    """Wait until something holds."""
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def children(parent: int) -> list[tuple[int, str]]:
    """The children of a process with their titles."""
    found = []
    for pid in processes():
        with contextlib.suppress(OSError, IndexError):
            if int(Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[1]) == parent:
                found.append((pid, command_of(pid).replace(b"\0", b" ").decode("utf-8", "replace")))
    return found


def processes() -> list[int]:
    """Every process there is."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def command_of(pid: int) -> bytes:
    """The command line of a process, empty when it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@contextmanager
def traced(pids: Sequence[int], *options: str) -> Iterator[None]:
    """Trace running processes, and what they start, for the length of the block."""
    chosen = [part for pid in pids for part in ("-p", str(pid))]
    tracer = subprocess.Popen(
        ["strace", "-f", *options, *chosen], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert tracer.stderr is not None
    waiting = set(pids)
    while waiting:
        line = tracer.stderr.readline()
        assert line, "strace ended"
        found = re.search(r"Process (\d+) attached", line)
        waiting -= {int(found[1])} if found else set()
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        try:
            tracer.communicate(timeout=10)
        except (
            subprocess.TimeoutExpired
        ):  # it missed the death of a thread; what it holds on to must be let go
            tracer.kill()
            tracer.communicate()


def most_calls(log: Path) -> list[Call]:
    """Every call that one process or thread of a log made, each as often as the busiest of them made it."""
    per_thread: Counter[tuple[str, str]] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if found:
            per_thread[found["pid"], found["call"]] += 1
    busiest: dict[str, int] = {}
    for (_pid, name), count in per_thread.items():
        busiest[name] = max(busiest.get(name, 0), count)
    return [Call(name, nth, "") for name, most in sorted(busiest.items()) for nth in range(1, most + 1)]


def kill(pid: int) -> None:
    """``kill -9``."""
    os.kill(pid, signal.SIGKILL)
