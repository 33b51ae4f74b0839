"""Writes the audit log of the desk as a whole: logins, good and failed, locks, imports, exports, backups."""

from __future__ import annotations

import logging
from typing import Literal

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.ports.audit import AuditKind
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.keys import FileKeyRing

Door = Literal["window", "command", "unlock"]
"""Where somebody came in: at the window, by a command, or back at a locked window."""
log = logging.getLogger(__name__)


def note(desk: Desk, kind: AuditKind, what: str, detail: str = "") -> None:
    """Write to the audit log what somebody did with the desk besides its cases."""
    with desk.store.transaction() as tx:
        tx.log(kind, what, actor=desk.clerk.id, at=desk.now(), detail=detail)


def note_reveal(desk: Desk, what: str, case_id: CaseId | None = None) -> None:
    """Write to the audit log that a command told of people whole, where the store takes anything."""
    try:
        with desk.store.transaction() as tx:
            tx.log_reveal(desk.clerk.id, what, case_id, desk.now())
    except DeskError as error:
        log.warning("reveal not logged: %s", error.code)


def note_lock(desk: Desk, *, idle: bool) -> None:
    """Write to the audit log that the window was locked, by a key or because nobody touched it."""
    try:
        with desk.store.transaction() as tx:
            tx.log("lock", "idle" if idle else "key", actor=desk.clerk.id, at=desk.now())
    except DeskError as error:
        log.warning("lock not logged: %s", error.code)


def note_login(desk: Desk, ring: FileKeyRing, door: Door) -> None:
    """Write a login to the audit log, with the failed ones before it.

    A store that takes nothing (a copy that only reads, a full disk) lets people in all the same; what failed before
    stays with the keys until it can be written.
    """
    failed = ring.attempts()
    try:
        with desk.store.transaction() as tx:
            for attempt in failed:
                at = utc(attempt.at)
                tx.log(attempt.kind, "window", actor=attempt.clerk, at=at)
            tx.log("login", door, actor=desk.clerk.id, at=desk.now())
    except DeskError as error:
        log.warning("login not logged: %s", error.code)
        return
    if failed:
        ring.forget_attempts(failed)
