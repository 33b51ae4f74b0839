"""How long the background loop waits after a failure."""

from __future__ import annotations

from collections.abc import Callable

FIRST_SECONDS = 2.0
LAST_SECONDS = 60.0
"""I7 promises that the outbox drains within a minute after faults stop, so no wait is longer."""


def next_delay(failures: int, random: Callable[[], float]) -> float:
    """Return the seconds to wait after ``failures`` (at least 1) failures in a row.

    The bound doubles up to LAST_SECONDS; within its upper half the wait is random (``random`` gives [0, 1)), so
    that desks which lost the centre together do not come back together.
    """
    bound = min(LAST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 30))
    return bound * (0.5 + random() / 2)
