"""The clocks a process can run on: the computer's, or in training one that starts where it is told."""

from __future__ import annotations

import datetime as dt
import os

from jinpu_desk.app.ports import Clock
from jinpu_desk.domain.errors import Refused

VARIABLE = "JINPU_CLOCK"
YEARS = range(2000, 2100)
"""Years a training clock may show."""


class SystemClock:
    """The computer's clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class TrainingClock:
    """A clock that showed ``start`` when it was made and runs from there."""

    def __init__(self, start: dt.datetime) -> None:
        """Start at the aware instant ``start``."""
        self._ahead = start - dt.datetime.now(dt.UTC)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self._ahead


def process_clock(*, training: bool) -> Clock:
    """Return the clock of this process; ``JINPU_CLOCK`` counts in training and nowhere else.

    Raises Refused ``clock.format`` when it is not an ISO 8601 instant with its offset, in this century.
    """
    text = os.environ.get(VARIABLE, "")
    if not training or not text:
        return SystemClock()
    try:
        start = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("clock.format", VARIABLE, value=text) from error
    if start.tzinfo is None or start.year not in YEARS:
        raise Refused("clock.format", VARIABLE, value=text)
    return TrainingClock(start)
