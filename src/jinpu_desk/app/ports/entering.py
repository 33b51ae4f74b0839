"""Who may enter a desk: the clerk as the centre signed them, until when, and the keys that let them in (DESIGN §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from jinpu_desk.domain.ids import ClerkId, ReplicaId


class Clerk(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in, by the grant the centre signed."""

    id: ClerkId
    display_name: str
    roles: tuple[str, ...]
    station: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Offline grant: what a clerk may do at this desk until ``expires`` (UTC ms), signed by the centre."""

    clerk: Clerk
    replica: ReplicaId
    issued: int
    expires: int
    signature: bytes

    def statement(self) -> bytes:
        """The bytes the centre's Ed25519 signature covers."""
        unsigned = {
            "clerk": self.clerk,
            "replica": self.replica,
            "issued": self.issued,
            "expires": self.expires,
        }
        return b"jinpu-grant-v1\n" + msgspec.json.encode(unsigned, order="sorted")


class KeyRing(Protocol):
    """Key slots of the store (DESIGN §6), kept outside the database file."""

    def unlock(self, clerk: ClerkId, password: str, now: datetime) -> tuple[bytes, Grant]:
        """Return the 32-byte data key and the clerk's grant.

        Raises:
            Refused: ``login.wrong`` (counts towards the lock-out), ``login.locked``, ``login.grant-expired``,
                ``login.no-slot`` when this clerk never logged in here.
        """
        ...

    def add(self, clerk: ClerkId, password: str, data_key: bytes, grant: Grant) -> None: ...

    def remove(self, clerk: ClerkId) -> None: ...

    def unlock_escrow(self, secret: bytes) -> bytes:
        """Return the data key from the centre's slot, with the secret the centre hands out at an online login."""
        ...

    def renew(self, grant: Grant) -> None: ...

    def clerks(self) -> tuple[ClerkId, ...]: ...
