"""Key slots of the store, in one file outside the database (DESIGN §6).

A slot seals the store's random data key under Argon2id of a clerk's password, so logging in without a network *is*
unlocking the store. One more slot is the centre's: an online login opens it with a secret the centre hands out.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import ClerkId, ReplicaId
from jinpu_desk.domain.instants import millis

from .checked import DamagedFile, read_checked, write_checked
from .lockout import Failures
from .sealing import BrokenSeal, Sealed, derive, seal, unseal

SALT_BYTES = 16
ATTEMPTS = 200
"""Most failed logins kept until the next good one; whoever tries longer has filled the log with it."""
_ESCROW = "jinpu-escrow-v1"


class Cost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one guess costs: Argon2id parameters, kept per slot so that they may grow (RFC 9106 §4)."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 2


class Slot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clerk's way in."""

    clerk: ClerkId
    cost: Cost
    salt: bytes
    key: Sealed
    grant: Grant

    def header(self) -> bytes:
        """What the sealed key is bound to: a slot cannot be made another clerk's or cheaper."""
        return _header(self.clerk, self.cost, self.salt)


class Attempt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A login that failed before the store could be opened; ``clerk`` is empty for a name that has no slot here."""

    clerk: ClerkId
    at: int  # UTC ms
    kind: Literal["login-failed", "login-locked"]


class _Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int = 1
    slots: dict[ClerkId, Slot] = {}
    escrow: Sealed | None = None
    failures: dict[ClerkId, Failures] = {}
    attempts: tuple[Attempt, ...] = ()  # not yet in the audit log, oldest first
    latest: int = 0  # latest instant seen, UTC ms: a clock set back does not bring a grant to life


class FileKeyRing:
    """Implements ``KeyRing`` in one file, written atomically."""

    def __init__(
        self, path: Path, *, centre_key: bytes, replica: ReplicaId, cost: Cost | None = None
    ) -> None:
        """Use the file at ``path``, which need not exist. ``centre_key`` is the centre's raw Ed25519 public key."""
        self._path = path
        self._centre = Ed25519PublicKey.from_public_bytes(centre_key)
        self._replica = replica
        self._cost = cost or Cost()
        self._lock = threading.Lock()

    def unlock(self, clerk: ClerkId, password: str, now: datetime) -> tuple[bytes, Grant]:
        """Return the 32-byte data key and the clerk's grant.

        Raises:
            Refused: ``login.no-slot``, ``login.wrong`` (``left`` tries before the slot shuts), ``login.locked``
                (for ``minutes``), ``login.grant-expired``, ``login.grant-forged``.
        """
        at = millis(now)
        with self._lock:
            ring = self._read()
            slot = ring.slots.get(clerk)
            if slot is None:
                # As slow as a real try, so that the time taken does not tell who works here.
                _derived(password, os.urandom(SALT_BYTES), self._cost)
                # Not the name: a password typed into the wrong field would stand in the open.
                self._write(_with_attempt(ring, ClerkId(""), at, locked=False))
                raise Refused("login.no-slot", clerk)
            ring = self._counted(ring, clerk, at)
            try:
                data_key = unseal(_derived(password, slot.salt, slot.cost), slot.key, slot.header())
            except BrokenSeal as error:
                failures = ring.failures[clerk]
                self._write(_with_attempt(ring, clerk, at, locked=failures.locked(at)))
                raise _turned_away(clerk, failures, at) from error
            cleared = {name: failures for name, failures in ring.failures.items() if name != clerk}
            self._write(replace(ring, failures=cleared, latest=max(ring.latest, at)))
        self._check(slot.grant, clerk)
        if max(ring.latest, at) >= slot.grant.expires:
            raise Refused("login.grant-expired", clerk)
        return data_key, slot.grant

    def add(self, clerk: ClerkId, password: str, data_key: bytes, grant: Grant) -> None:
        """Make or replace the slot of ``clerk``. Raises Refused ``login.grant-forged``."""
        self._check(grant, clerk)
        salt = os.urandom(SALT_BYTES)
        header = _header(clerk, self._cost, salt)
        sealed = seal(_derived(password, salt, self._cost), data_key, header)
        slot = Slot(clerk=clerk, cost=self._cost, salt=salt, key=sealed, grant=grant)
        with self._lock:
            ring = self._read()
            cleared = {name: failures for name, failures in ring.failures.items() if name != clerk}
            # Somebody new here is turned away by the slots first and let in by the centre: that was no failure.
            tried = ring.attempts[:-1] if ring.attempts and not ring.attempts[-1].clerk else ring.attempts
            self._write(replace(_holding(ring, slot), failures=cleared, attempts=tried))

    def remove(self, clerk: ClerkId) -> None:
        """Take a clerk's slot away; nothing happens when there is none."""
        with self._lock:
            ring = self._read()
            if clerk in ring.slots:
                kept = {name: slot for name, slot in ring.slots.items() if name != clerk}
                self._write(replace(ring, slots=kept))

    def add_escrow(self, secret: bytes, data_key: bytes) -> None:
        """Make or replace the centre's slot with its 32-byte ``secret``."""
        with self._lock:
            sealed = seal(derive(secret, _ESCROW), data_key, _ESCROW.encode())
            self._write(replace(self._read(), escrow=sealed))

    def unlock_escrow(self, secret: bytes) -> bytes:
        """Return the data key from the centre's slot. Raises Refused ``login.escrow``."""
        with self._lock:
            sealed = self._read().escrow
        if sealed is None:
            raise Refused("login.escrow")
        try:
            return unseal(derive(secret, _ESCROW), sealed, _ESCROW.encode())
        except BrokenSeal as error:
            raise Refused("login.escrow") from error

    def renew(self, grant: Grant) -> None:
        """Put a newer grant into the clerk's slot. Raises Refused ``login.no-slot``, ``login.grant-forged``."""
        clerk = grant.clerk.id
        self._check(grant, clerk)
        with self._lock:
            ring = self._read()
            if clerk not in ring.slots:
                raise Refused("login.no-slot", clerk)
            self._write(_holding(ring, replace(ring.slots[clerk], grant=grant)))

    def grant(self, clerk: ClerkId) -> Grant:
        """Return the grant in a clerk's slot. Raises Refused ``login.no-slot``."""
        with self._lock:
            slot = self._read().slots.get(clerk)
        if slot is None:
            raise Refused("login.no-slot", clerk)
        return slot.grant

    def hand_on(
        self, path: Path, replica: ReplicaId, grants: Sequence[Grant], escrow: bytes, data_key: bytes
    ) -> None:
        """Write to ``path`` what this file is for the next incarnation: slots of clerks with a grant, a new escrow.

        Raises Refused ``login.grant-forged``.
        """
        successor = FileKeyRing(
            path, centre_key=self._centre.public_bytes_raw(), replica=replica, cost=self._cost
        )
        for grant in grants:
            successor._check(grant, grant.clerk.id)
        fresh = {grant.clerk.id: grant for grant in grants}
        with self._lock:
            ring = self._read()
        slots = {
            clerk: replace(slot, grant=fresh[clerk]) for clerk, slot in ring.slots.items() if clerk in fresh
        }
        successor._write(replace(ring, slots=slots, escrow=None))
        successor.add_escrow(escrow, data_key)

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the failed logins nobody has written to the audit log yet, oldest first."""
        with self._lock:
            return self._read().attempts

    def forget_attempts(self, written: tuple[Attempt, ...]) -> None:
        """Forget failed logins that stand in the audit log now."""
        with self._lock:
            ring = self._read()
            self._write(replace(ring, attempts=tuple(a for a in ring.attempts if a not in written)))

    def clerks(self) -> tuple[ClerkId, ...]:
        """Return who has a slot here, in order of name."""
        with self._lock:
            return tuple(sorted(self._read().slots))

    def _counted(self, ring: _Ring, clerk: ClerkId, at: int) -> _Ring:
        """Count a try before it is made: pulling the plug during one does not give it back."""
        failures = ring.failures.get(clerk, Failures())
        failures = failures.rebased(at)
        if failures.locked(at):
            shut = replace(ring, failures=ring.failures | {clerk: failures})
            self._write(_with_attempt(shut, clerk, at, locked=True))
            raise _turned_away(clerk, failures, at)
        ring = replace(ring, failures=ring.failures | {clerk: failures.again(at)})
        self._write(ring)
        return ring

    def _check(self, grant: Grant, clerk: ClerkId) -> None:
        if grant.clerk.id != clerk or grant.replica != self._replica:
            raise Refused("login.grant-forged", clerk)
        try:
            self._centre.verify(grant.signature, grant.statement())
        except InvalidSignature as error:
            raise Refused("login.grant-forged", clerk) from error

    def _read(self) -> _Ring:
        try:
            return msgspec.json.decode(read_checked(self._path), type=_Ring)
        except FileNotFoundError:
            return _Ring()
        except (OSError, DamagedFile, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable("keys.unreadable", self._path.name) from error

    def _write(self, ring: _Ring) -> None:
        write_checked(self._path, msgspec.json.encode(ring))


def _holding(ring: _Ring, slot: Slot) -> _Ring:
    """Return the ring with ``slot`` in it.

    A grant newer than every other here was signed just now, so it tells what time it is: a clock that was once a year
    ahead does not shut this window for a year. An old grant put back tells nothing.
    """
    issued = slot.grant.issued
    newest = max((held.grant.issued for held in ring.slots.values()), default=0)
    latest = issued if issued > newest else ring.latest
    return replace(ring, slots=ring.slots | {slot.clerk: slot}, latest=latest)


def _with_attempt(ring: _Ring, clerk: ClerkId, at: int, *, locked: bool) -> _Ring:
    attempt = Attempt(clerk=clerk, at=at, kind="login-locked" if locked else "login-failed")
    return replace(ring, attempts=(*ring.attempts, attempt)[-ATTEMPTS:])


def _turned_away(clerk: ClerkId, failures: Failures, at: int) -> Refused:
    if failures.locked(at):
        return Refused("login.locked", clerk, minutes=failures.minutes_left(at))
    return Refused("login.wrong", clerk, left=failures.left)


def _header(clerk: ClerkId, cost: Cost, salt: bytes) -> bytes:
    return canonical({"purpose": "jinpu-slot-v1", "clerk": clerk, "cost": cost, "salt": salt})


def _derived(password: str, salt: bytes, cost: Cost) -> bytes:
    return hash_secret_raw(
        unicodedata.normalize("NFC", password).encode(),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )
