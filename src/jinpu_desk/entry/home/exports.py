"""What a clerk exports or prints to a file lies open in ``out/`` of the home, and not for longer than a day."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

KEEP_SECONDS = 24 * 60 * 60


def tidy(folder: Path, now: float | None = None) -> int:
    """Remove exports older than a day by the file system's clock (``now`` in seconds); return how many there were.

    A file that another program holds open stays until the next time.
    """
    limit = (time.time() if now is None else now) - KEEP_SECONDS
    gone = 0
    with contextlib.suppress(OSError):
        held = [path for path in folder.rglob("*") if path.is_file()]
        for path in held:
            gone += _removed(path, limit)
    return gone


def _removed(path: Path, limit: float) -> bool:
    try:
        if path.stat().st_mtime >= limit:
            return False
        path.unlink()
    except OSError:
        return False
    return True
