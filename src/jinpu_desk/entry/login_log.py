"""Brings logins into the audit log: the good one, and what failed while the store was shut."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Literal

from jinpu_desk.app.desk import Desk
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.store.keys import FileKeyRing

Door = Literal["window", "command", "unlock"]
"""Where somebody came in: at the window, by a command, or back at a locked window."""
log = logging.getLogger(__name__)


def note_login(desk: Desk, ring: FileKeyRing, door: Door) -> None:
    """Write a login to the audit log, with the failed ones before it.

    A store that takes nothing (a copy that only reads, a full disk) lets people in all the same; what failed before
    stays with the keys until it can be written.
    """
    failed = ring.attempts()
    try:
        with desk.store.transaction() as tx:
            for attempt in failed:
                at = datetime.fromtimestamp(attempt.at / 1000, UTC)
                tx.log(attempt.kind, "window", actor=attempt.clerk, at=at)
            tx.log("login", door, actor=desk.clerk.id, at=desk.now())
    except DeskError as error:
        log.warning("login not logged: %s", error.code)
        return
    if failed:
        ring.forget_attempts(failed)
