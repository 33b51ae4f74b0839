"""How fast anybody may ask: token buckets in the memory of each process.

These are not shared over processes, on purpose. A secret must not be guessed N times as often because there are N
processes, so failures are counted in the database (``limits``). A rate only keeps one caller from taking a process's
threads from everybody else, and each process has threads of its own; a round trip to the database for each request
would cost more than most requests do. With N processes one caller gets at most N times the rate.

A caller whose credential is known here has a bucket of its own. Everybody else shares one with the others at the same
address: whoever invents credentials empties that one, and the windows behind the same address go on.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from ..settings import Limits

_HELD = 20_000
"""Buckets kept of each kind; the one that was not used for longest goes first. About 4 MB."""


class Buckets:
    """Buckets of one size, by key. Each holds ``burst`` tokens and gains ``rate`` a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        """Read the time in seconds from ``clock``, which never goes back."""
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._held: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __contains__(self, key: bytes) -> bool:
        return key in self._held

    def open(self, key: bytes) -> None:
        """Hold a full bucket for ``key`` unless there is one."""
        if key not in self._held:
            self._keep(key, self._burst, self._clock())

    def take(self, key: bytes) -> float:
        """Take a token; return 0, or the seconds until there is one, taking none."""
        now = self._clock()
        tokens, before = self._held.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - before) * self._rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._keep(key, tokens if wait else tokens - 1, now)
        return wait

    def _keep(self, key: bytes, tokens: float, now: float) -> None:
        self._held[key] = tokens, now
        self._held.move_to_end(key)
        if len(self._held) > _HELD:
            self._held.popitem(last=False)


class Rates:
    """The rates of one process. Not for several threads."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        """Use the rates of ``limits``."""
        self._known = Buckets(limits.requests_per_second, limits.requests_burst, clock)
        self._open = Buckets(limits.open_per_second, limits.open_burst, clock)

    def wait(self, caller: str, token: str) -> float:
        """Return the seconds the caller must wait before this request; 0 when it is taken now."""
        key = _key(token)
        if token and key in self._known:
            return self._known.take(key)
        return self._open.take(caller.encode())

    def know(self, token: str) -> None:
        """Give a credential that was found genuine a bucket of its own."""
        self._known.open(_key(token))


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
