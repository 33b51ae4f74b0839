"""How long a clerk's slot stays shut after wrong passwords."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

FREE_TRIES = 5
WAITS_MIN = (1, 5, 15, 60)
"""Minutes after the fifth wrong try and each one after it; the last repeats."""
_MINUTE_MS = 60_000


class Failures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Wrong tries in a row, and since when (UTC ms) the slot is shut for how long."""

    tries: int = 0
    since: int = 0
    wait: int = 0  # ms

    @property
    def left(self) -> int:
        """Tries before the slot shuts."""
        return max(FREE_TRIES - self.tries, 0)

    def again(self, at: int) -> Failures:
        """Return these after one more try at ``at``."""
        tries = self.tries + 1
        over = tries - FREE_TRIES
        wait = WAITS_MIN[min(over, len(WAITS_MIN) - 1)] * _MINUTE_MS if over >= 0 else 0
        return Failures(tries=tries, since=at, wait=wait)

    def rebased(self, at: int) -> Failures:
        """Return these as a clock that was set back sees them: the whole wait begins anew."""
        return replace(self, since=at) if at < self.since else self

    def locked(self, at: int) -> bool:
        """Whether the slot is shut at ``at``."""
        return at < self.since + self.wait

    def minutes_left(self, at: int) -> int:
        """Whole minutes until it opens, rounded up."""
        return -(-(self.since + self.wait - at) // _MINUTE_MS)
