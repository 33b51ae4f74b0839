"""The duty book: what happens at a window beside its cases – slips written, shifts handed over, days closed.

Rows are only ever added, and each is chained to the one before, so that ``verify`` finds what was altered.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from jinpu_desk.domain.ids import ClerkId, Digest

DutyKind = Literal["slip", "shift", "day-end", "reconciliation"]
"""流转单、交接班、日结、对账."""


class DutyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One row. ``data`` is JSON of the kind's own struct (``app.duty``), ``at`` is UTC ms, ``day`` is local."""

    n: int
    id: str
    kind: DutyKind
    day: date
    at: int
    clerk: ClerkId
    data: bytes
    prev: str  # digest of the row before, empty for the first
    digest: Digest


class DutyWriter(Protocol):
    """The part of a transaction that writes the duty book."""

    def keep_duty(
        self, kind: DutyKind, *, duty_id: str, day: date, at: datetime, clerk: ClerkId, data: bytes
    ) -> DutyEntry:
        """Append a row, chained to the last one."""
        ...


class DutyReader(Protocol):
    """The part of the store that reads the duty book."""

    def duty(self, *kinds: DutyKind, day: date | None = None, limit: int = 50) -> tuple[DutyEntry, ...]:
        """Return rows of these kinds (all by default), newest first."""
        ...

    def duty_entry(self, duty_id: str) -> DutyEntry | None:
        """Return one row."""
        ...
