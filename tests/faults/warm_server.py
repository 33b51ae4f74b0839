"""A process that has the server program loaded and forks a real run of it for each order.

A cold start costs three seconds of a processor, most of them for imports, and a sweep kills hundreds of servers. The
forked process is the program as it is. It may not be one with ``--workers``: their metrics must be named before they
are imported.

Orders are JSON lines on stdin: ``{"run": [ARGUMENT…]}`` is answered ``{"pid": n}``, ``{"wait": pid}`` with
``{"code": n}`` as ``subprocess`` counts.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_LOADED = (
    "server.http.serving",
    "server.http.app",
    "entry.centre.serve",
    "entry.centre.snapshot",
    "store.centre.engine",
)


class WarmServer:
    """Forks servers."""

    def __init__(self) -> None:
        """Start the process that forks them."""
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.warm_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": paths},
        )

    def run(self, *arguments: str) -> Forked:
        """Start ``jinpu-server``."""
        return Forked(self.ask(run=arguments)["pid"], self)

    def ask(self, **order: Any) -> dict[str, int]:
        """Give an order; return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate(timeout=60)


class Forked(subprocess.Popen[bytes]):
    """A forked server; what is asked of it is asked of whoever forked it."""

    def __init__(self, pid: int, warm: WarmServer) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._warm = warm

    def poll(self) -> int | None:
        """Return its exit code once it has ended."""
        if self.returncode is None and self._ended():
            self.returncode = self._warm.ask(wait=self.pid)["code"]
        return self.returncode

    def _ended(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1][0] == "Z"

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        end = time.monotonic() + (timeout or 60)
        while (code := self.poll()) is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        return code

    def __del__(self, *_: Any) -> None:
        """There is nothing of ``Popen`` to let go of."""


def main() -> None:
    """Load the program, then serve orders until stdin ends."""
    server = importlib.import_module("jinpu_desk.entry.server")
    for name in _LOADED:
        importlib.import_module(f"jinpu_desk.{name}")
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            _answer(code=os.waitstatus_to_exitcode(status))
            continue
        gc.freeze()
        child = os.fork()
        if child == 0:
            _be_server(server, order["run"])
        _answer(pid=child)


def _be_server(server: Any, arguments: list[str]) -> None:
    """Be the program; never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        code = int(server.main(arguments) or 0)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _answer(**said: int) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
