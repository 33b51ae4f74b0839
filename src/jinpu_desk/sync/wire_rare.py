"""What travels when something went wrong: a restored centre, a copied or restored desk (DESIGN §3, §4)."""

from __future__ import annotations

from typing import Literal

import msgspec

from jinpu_desk.app.ports import Replica
from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import Digest, ReplicaId

from .wire import Checkpoint

Cause = Literal["copied", "restored", "fork"]
"""Why a window PC needs a new incarnation."""


class SignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The centre's earlier word about its feed."""

    checkpoint: Checkpoint
    signature: bytes


class EpochRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The epoch a centre is in, and every one before it, newest first: whose history it carries on."""

    epoch: str
    line: tuple[str, ...]
    bumped_at: int  # UTC ms; 0 for the first epoch

    def statement(self) -> bytes:
        """The bytes the centre's signature covers."""
        return b"jinpu-epoch-v1\n" + canonical(self)


class CommonRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the centre once said of its feed, newest first, and of its windows.

    The directory lets a centre in a new epoch know windows again that were enrolled after its backup, so that anybody
    can hand in what they wrote, though they never come back themselves.
    """

    checkpoints: list[SignedCheckpoint]
    trust: bytes = b""  # trust.json
    trust_signature: bytes = b""


class CommonAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The newest of these places the centre still knows (position 0 if none), and how far it holds each chain.

    ``restored`` says that the centre lost something and has not begun a new epoch yet.
    """

    epoch: EpochRecord
    signature: bytes
    position: int
    hash: Digest
    heads: dict[ReplicaId, int]
    restored: bool


class IncarnationRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window PC that may no longer write as it did. Asking again with the same key gives the same replica."""

    public_key: bytes  # raw Ed25519, 32 bytes
    certificate: bytes  # DER, self-signed by that key
    cause: Cause
    proof: bytes  # by the former key, over ``statement``

    def statement(self) -> bytes:
        """The bytes the former key signs."""
        return incarnation_statement(self.public_key, self.cause)


class IncarnationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who the window PC is from now on. ``grants`` are for the clerks who had a slot at the former replica."""

    replica: Replica
    token: str
    escrow: bytes
    grants: list[Grant]


class Readmission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A replica the centre forgot, with the directory of windows the centre itself once signed."""

    trust: bytes  # trust.json
    trust_signature: bytes
    at: int  # UTC ms, of the desk's clock
    proof: bytes  # by the replica's key, over ``readmission_statement``


class ReadmissionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A new bearer token; the former one is of no use any more."""

    token: str


def incarnation_statement(public_key: bytes, cause: Cause) -> bytes:
    """The bytes by which a former key hands over to a new one."""
    return f"jinpu-incarnation-v1\n{public_key.hex()}\n{cause}".encode()


def readmission_statement(replica: ReplicaId, at: int) -> bytes:
    """The bytes by which a replica's key asks to be known again."""
    return f"jinpu-readmission-v1\n{replica}\n{at}".encode()
