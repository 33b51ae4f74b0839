"""What the window asks about conflicts and dead letters."""

from __future__ import annotations

from typing import Protocol

from jinpu_desk.app.screens.conflict_view import ConflictPage


class ConflictDesk(Protocol):
    """Events the centre set aside, until a person settles them."""

    def conflict_page(self, event: str, reveal: bool = False) -> ConflictPage:
        """Return one of them; ``reveal`` shows personal data and is logged. Raises Refused ``conflict.settled``."""
        ...

    def resolve(self, event: str, take: str, theirs: tuple[str, ...], reason: str) -> None:
        """Settle a conflict: ``ours``, ``theirs``, or ``fields`` with the paths taken from the parked step."""
        ...

    def retry(self, event: str, reason: str) -> None:
        """Do the deed of a dead letter anew and put it aside."""
        ...
