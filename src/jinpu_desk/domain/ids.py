"""Names for the identifiers that travel between rooms, and how a new one is made."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import NewType

from .instants import millis

CaseId = NewType("CaseId", str)
"""UUIDv7 of a case, lower-case hyphenated."""
CaseNo = NewType("CaseNo", str)
"""办件编号, 24 digits with a Luhn check digit (DESIGN §5)."""
EventId = NewType("EventId", str)
"""UUIDv7 of an event."""
ReplicaId = NewType("ReplicaId", str)
"""UUIDv7 of one enrolled window PC in one incarnation."""
ClerkId = NewType("ClerkId", str)
"""Login name of a user, unique at the centre."""
Digest = NewType("Digest", str)
"""Lower-case hex digest, 64 characters for SHA-256."""

Entropy = Callable[[int], bytes]
"""Gives n random bytes; ``os.urandom`` in production, seeded in the simulator."""


def uuid7(now: datetime, entropy: Entropy) -> str:
    """Return a UUIDv7 (RFC 9562 §5.7) for the aware instant ``now`` with 74 bits from ``entropy``."""
    random = int.from_bytes(entropy(10), "big")
    value = (millis(now) & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & ((1 << 62) - 1)
    return str(uuid.UUID(int=value))
