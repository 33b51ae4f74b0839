"""冲突与退回: their part of the window's backend."""

from __future__ import annotations

from typing import Any

from jinpu_desk.app.screens import conflict_view
from jinpu_desk.app.screens.conflict_view import ConflictPage
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.app.verbs.conflict import waiting
from jinpu_desk.domain.errors import Refused

from .base import OpenHome


class ConflictCalls(OpenHome):
    """Implements ``ui.backend_conflicts.ConflictDesk``."""

    def conflict_page(self, event: str, reveal: bool = False) -> ConflictPage:
        """Return one event that waits."""
        return conflict_view.page(self._desk, event, reveal=reveal)

    def resolve(self, event: str, take: str, theirs: tuple[str, ...], reason: str) -> None:
        """Settle a conflict."""
        self._settle(event, "resolve", {"take": take, "theirs": theirs, "reason": reason})

    def retry(self, event: str, reason: str) -> None:
        """Do the deed of a dead letter anew."""
        self._settle(event, "retry", {"reason": reason})

    def _settle(self, event: str, verb: str, data: dict[str, Any]) -> None:
        stored = waiting(self._desk, event)
        case = self._desk.store.case(stored.event.header.case)
        if case is None:
            raise Refused("case.unknown")
        verbs.act(self._desk, case.case_no, verb, data | {"event": event})
        if self._messenger is not None:
            self._messenger.nudge()
