"""How often a secret may be guessed: failures counted in the database, so that all processes count together.

Each secret has three bounds. Few failures are allowed for one secret from one address: that stops a guesser, and
locks nobody out who works elsewhere. More are allowed for all secrets from one address, because a hall of windows may
share one. The slow bound for one secret from everywhere stops a guesser with many addresses. Where its owner got in
lately only the first bound counts, so that nobody can be locked out of their own window from somewhere else.
"""

from __future__ import annotations

import ipaddress

import msgspec
from sqlalchemy.engine import Connection

from jinpu_desk.store.centre import throttles

from .settings import Limits

_NETWORK_BITS = 64
"""One caller with IPv6 commonly holds a whole network of this length (RFC 6177)."""
_AT_HOME_MS = 90 * 86_400_000
"""How long an address counts as one where the owner of a secret works."""


class Bound(msgspec.Struct, frozen=True):
    """At most so many failures under a key within so many ms."""

    key: str
    most: int
    window_ms: int


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a guess is taken: ``wait`` seconds until one is (0: now), and how many more are taken after it."""

    wait: int
    left: int


class Guesses(msgspec.Struct, frozen=True, kw_only=True):
    """Guesses at one secret from one address: what bounds them, and under which key success is remembered.

    ``what`` is the kind of secret (``login``), ``secret`` names it (the clerk); it is not the secret itself. Secrets
    that have no name, and are too long to be guessed from everywhere, have the first bound alone.
    """

    limits: Limits
    what: str
    caller: str
    secret: str

    def begin(self, connection: Connection, now: int) -> Turn:
        """Take a turn, which counts as failed until ``succeeded`` takes it back.

        Counting comes first and holds the counters' rows, so that many guesses at once are counted one by one.
        """
        at_home = throttles.failures(connection, self._home, now, _AT_HOME_MS).count > 0
        bounds = self._bounds[:1] if at_home else self._bounds
        waiting = max(_wait(connection, bound, now) for bound in bounds)
        if waiting:
            return Turn(wait=waiting, left=0)
        counts = [throttles.count_failure(connection, b.key, now, b.window_ms) for b in self._bounds]
        over = [b for b, count in zip(self._bounds, counts, strict=True) if b in bounds and count > b.most]
        if over:
            return Turn(wait=max(seconds(bound.window_ms) for bound in over), left=0)
        return Turn(wait=0, left=max(self.limits.attempts - counts[0], 0))

    def failed(self, connection: Connection, now: int) -> None:
        """Leave the turn counted; what was counted long ago is forgotten."""
        throttles.forget_old_failures(connection, now - _AT_HOME_MS)

    def succeeded(self, connection: Connection, now: int) -> None:
        """Take the turn back, start from nothing for this secret and address, and remember its owner works there."""
        near, *others = self._bounds
        throttles.forget_failures(connection, near.key)
        for bound in others:
            throttles.uncount_failure(connection, bound.key)
        throttles.forget_failures(connection, self._home)
        throttles.count_failure(connection, self._home, now, _AT_HOME_MS)

    @property
    def _bounds(self) -> tuple[Bound, ...]:
        limits = self.limits
        near = Bound(f"{self.what} {self.caller} {self.secret}", limits.attempts, limits.window_ms)
        if not self.secret:
            return (near,)
        return (
            near,
            Bound(f"{self.what}-from {self.caller}", limits.attempts_per_address, limits.window_ms),
            Bound(f"{self.what}-at {self.secret}", limits.attempts_per_secret, limits.day_ms),
        )

    @property
    def _home(self) -> str:
        return f"{self.what}-home {self.caller} {self.secret}"


def _wait(connection: Connection, bound: Bound, now: int) -> int:
    found = throttles.failures(connection, bound.key, now, bound.window_ms)
    if found.count < bound.most:
        return 0
    return seconds(found.since + bound.window_ms - now)


def seconds(ms: int) -> int:
    """Return whole seconds, at least one, that are not shorter than ``ms``."""
    return max(-(-ms // 1000), 1)


def minutes(waiting: int) -> int:
    """Return whole minutes that are not shorter than so many seconds."""
    return -(-waiting // 60)


def caller_of(client: tuple[str, int] | None) -> str:
    """Return under which name a caller's address is counted: IPv4 whole, IPv6 by its network."""
    host = client[0] if client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), _NETWORK_BITS), strict=False))
    return str(address)
