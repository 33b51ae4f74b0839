"""What keeping house asks of the store: giving up what the centre keeps for good (DESIGN §3, §4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

import msgspec

from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseNo, Digest

if TYPE_CHECKING:
    from ..duty.reconciliation import Account, Statement


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased here, or would be: headers, chains and numbers stay."""

    before: date
    cases: int
    events: int
    papers: int
    blobs: int
    horizon: int  # position of the feed up to which the centre is backed up
    more: bool = False  # there is more to erase: ask again


class PruningStore(Protocol):
    """The part of the store that forgets."""

    def prune(self, before: date, today: date, *, dry_run: bool = False) -> Pruned:
        """Erase bodies, salts, papers and scans of cases that ended before a local day and that the centre has
        acknowledged and backed up; nothing of the people in them stays in the file or beside it."""
        ...

    def pruned_on(self, case_no: CaseNo) -> date | None:
        """Return the day a case was pruned here, None when it was not."""
        ...


class DayLog(Protocol):
    """The part of the store that gives account of a day."""

    def events_of_day(self, day: date) -> tuple[int, tuple[Event, ...]]:
        """Return this window's own events of a local day in order, and the seq before the first of them."""
        ...

    def unsent(self) -> frozenset[Digest]:
        """Return the attachments the centre does not have yet."""
        ...


class Counted(Protocol):
    """The centre's statement, checked to be its own, and the same said briefly for a QR."""

    @property
    def statement(self) -> Statement: ...

    @property
    def signature(self) -> bytes: ...

    @property
    def stated(self) -> str: ...


class Counting(Protocol):
    """Who counts with us: the centre over the network."""

    def count(self, account: Account, number: CaseNo, after: int) -> Counted:
        """Have a day counted. Raises Unavailable ``sync.offline`` …, Refused ``sync.checkpoint`` for a forged one."""
        ...
