"""What keeping house asks of the store: giving up what the centre keeps for good (DESIGN §3, §4)."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

from jinpu_desk.domain.ids import CaseNo


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
