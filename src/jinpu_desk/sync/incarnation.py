"""How a window PC that may no longer write as it did goes on as a new replica (DESIGN §3)."""

from __future__ import annotations

from typing import Protocol

from jinpu_desk.app.ports import Signing
from jinpu_desk.domain.ids import ReplicaId

from .wire_rare import Cause, IncarnationAnswer, IncarnationRequest, incarnation_statement


class Registry(Protocol):
    """The part of a centre that knows window PCs."""

    def incarnate(self, replica: ReplicaId, request: IncarnationRequest) -> IncarnationAnswer:
        """Make the replica that a window PC goes on as; the same key gives the same replica."""
        ...


def ask_for_another(
    registry: Registry, former: Signing, public_key: bytes, certificate: bytes, cause: Cause
) -> IncarnationAnswer:
    """Ask for a new incarnation of ``former`` with a new key.

    Raises:
        Unavailable: ``sync.offline`` …; ``server.restored`` while the centre hands out nothing.
        Refused: ``auth.token``, ``sync.replica-revoked``, ``incarnation.proof``, ``enrol.series-exhausted``.
    """
    request = IncarnationRequest(
        public_key=public_key,
        certificate=certificate,
        cause=cause,
        proof=former.sign(incarnation_statement(public_key, cause)),
    )
    return registry.incarnate(former.replica, request)
