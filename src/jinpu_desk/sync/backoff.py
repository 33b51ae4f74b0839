"""How long the background loop waits after a failure."""

from __future__ import annotations

from collections.abc import Callable

from jinpu_desk.domain.errors import DeskError

FIRST_SECONDS = 2.0
LAST_SECONDS = 60.0
"""I7 promises that the outbox drains within a minute after faults stop, so no wait of our own choosing is longer."""
TOLD_SECONDS = 900.0
"""The longest wait a centre can ask for."""


def next_delay(failures: int, random: Callable[[], float], told: float = 0.0) -> float:
    """Return the seconds to wait after ``failures`` (at least 1) failures in a row.

    The bound doubles up to LAST_SECONDS; within its upper half the wait is random (``random`` gives [0, 1)), so
    that desks which lost the centre together do not come back together. ``told`` is what the centre asked for
    (Retry-After): the wait is never shorter, up to TOLD_SECONDS.
    """
    bound = min(LAST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 30))
    return min(max(told, 0.0), TOLD_SECONDS) + bound * (0.5 + random() / 2)


def told_by(error: DeskError) -> float:
    """Return the seconds an error asks to wait, 0 when it asks for nothing."""
    wait = error.params.get("retry_after", 0)
    return float(wait) if isinstance(wait, int | float) else 0.0
