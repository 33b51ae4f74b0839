"""Logs as JSON, one line each, without anything personal: no names, case numbers, paths, queries or addresses.

What an exception says may quote a value from a case, so of exceptions only their type and the places in our code are
written; the request's id, which its answer carries as well, leads from one to the other.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

REQUESTS = logging.getLogger("jinpu.requests")
"""One line a request, at INFO."""
_FRAMES = 12


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request that was answered. ``route`` is a template; ``replica`` or ``office`` is who asked, if it was known."""

    route: str
    method: str
    status: int
    ms: float
    request: str
    replica: str = ""
    office: str = ""
    code: str = ""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; the fields of a ``Line`` stand in it beside time and level."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.process,
        }
        line = getattr(record, "line", None)
        if isinstance(line, Line):
            said |= msgspec.to_builtins(line)
        else:
            said |= {"logger": record.name, "message": record.getMessage()}
        request = getattr(record, "request", "")
        if request:
            said["request"] = request
        if record.exc_info is not None and record.exc_info[1] is not None:
            said["exception"] = places(record.exc_info[1])
        return msgspec.json.encode(said).decode()


def places(error: BaseException) -> dict[str, Any]:
    """Return an exception's type and where it came from; not what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "type": type(error).__name__,
        "at": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }


def log_to(file: Path | None) -> None:
    """Write logs to ``file``, or to standard error; requests and whatever is a warning or worse.

    A file that is moved away (logrotate) is made anew. Several processes may share it: each line is one write.
    """
    handler: logging.Handler
    if file is None:
        handler = logging.StreamHandler(sys.stderr)
    elif os.name == "posix":
        handler = logging.handlers.WatchedFileHandler(file, encoding="utf-8")
    else:
        handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(JsonLines())
    # A disk that takes no line is told of by what else fails on it; a traceback for every request would fill another.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    REQUESTS.setLevel(logging.INFO)
