"""A process that has the desk program loaded and forks a real run of it for each order.

A cold start costs a second and a half, a fork a millisecond: that is what makes a sweep over every system call
possible. The forked process is the program as it is: it opens the home, asks for the password, writes and is killed.

An order is one JSON line on stdin; the answers on stdout are ``{"pid": n}`` when the process stands still, ready to
be traced, and ``{"status": n}`` when it has ended (a wait status).
"""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib
import json
import os
import pickle
import signal
import sys
import tomllib
from collections.abc import Callable
from typing import Any

_ANY_TRACER = -1
_SET_TRACER = 0x59616D61  # PR_SET_PTRACER: without it Yama lets only an ancestor trace us


def main() -> None:
    """Load the program, then serve orders until stdin ends."""
    desk, inspection = map(importlib.import_module, ("jinpu_desk.entry.desk", "faults.inspection"))
    _remember()
    prctl = ctypes.CDLL(None).prctl
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order.get("learn"):  # one run in this process loads whatever is loaded late
            _answer(status=_learn(desk, order))
            continue
        gc.freeze()
        child = os.fork()
        if child == 0:
            prctl(_SET_TRACER, _ANY_TRACER, 0, 0, 0)
            _run(inspection if order.get("inspect") else desk, order)
        os.waitpid(child, os.WUNTRACED)
        _answer(pid=child)
        _, status = os.waitpid(child, 0)
        _answer(status=status)


def _remember() -> None:
    """Keep what only costs time and writes nothing: parsed texts of the catalogue, the tables of the fonts."""
    fonts: Any = importlib.import_module("jinpu_desk.documents.fonts")
    fonts.PaperFont = functools.cache(fonts.PaperFont)  # safe to share, as it says
    parse = tomllib.loads

    @functools.cache
    def parsed(text: str) -> bytes:
        return pickle.dumps(parse(text))

    def loads(text: str, /, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
        copy: dict[str, Any] = pickle.loads(parsed(text))  # every caller gets its own
        return copy

    tomllib.loads = loads


def _learn(desk: Any, order: dict[str, Any]) -> int:
    kept = os.dup(1), os.dup(2)
    environment = dict(os.environ)
    _redirect(order)
    try:
        return int(desk.main(order["arguments"]) or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        os.environ.clear()
        os.environ.update(environment)


def _run(program: Any, order: dict[str, Any]) -> None:
    """Be the program; never returns."""
    code = 1
    try:
        _redirect(order)
        if order.get("synchronous"):
            _unsafe(order["synchronous"])
        os.kill(os.getpid(), signal.SIGSTOP)
        code = program.main(order["arguments"])
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(order: dict[str, Any]) -> None:
    os.environ.update(order["environment"])
    for number, name in ((1, "out"), (2, "err")):
        descriptor = os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)


def _unsafe(synchronous: str) -> None:
    """Open stores as no office does, to show what that loses."""
    store = importlib.import_module("jinpu_desk.store.desk").SqlDeskStore
    store.__init__.__kwdefaults__["synchronous"] = synchronous


def _answer(**said: int) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
