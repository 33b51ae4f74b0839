"""The log of one home, for whoever looks after the PC; nothing of it is for the clerk, who gets sentences."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from jinpu_desk.store.home import Home

LOG_BYTES = 1_000_000
_KEPT = 3


@contextmanager
def logged(home: Home) -> Iterator[None]:
    """Write warnings and worse to ``logs/desk.log`` of ``home`` for the length of the block.

    Without it Python prints them on stderr, where a command says one thing and that to a clerk (CONTRACT).
    """
    root, handler = logging.getLogger(), Logbook(home.folder("logs") / "desk.log")
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class Logbook(RotatingFileHandler):
    """A file that is made at the first entry. A disk that takes none is told of by what fails on it, not by its log."""

    def __init__(self, path: Path) -> None:
        """Log to ``path``."""
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
        self.setLevel(logging.WARNING)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (the base's name)
        """Leave an entry out that cannot be written."""

    def close(self) -> None:
        """Close the file; what it would not take before it may refuse once more."""
        with contextlib.suppress(OSError):
            super().close()
