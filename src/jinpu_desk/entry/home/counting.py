"""The centre as the one who counts a day with this window; what it says is believed only when it signed it."""

from __future__ import annotations

from jinpu_desk.app.duty.reconciliation import Account
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.sync.pull import signed
from jinpu_desk.sync.wire_house import ReconciliationAnswer, ReconciliationRequest

from .unlocked import OpenDesk


class CentreCount:
    """Implements ``app.ports.house.Counting`` over the network."""

    def __init__(self, opened: OpenDesk) -> None:
        """Ask for an open desk."""
        self._opened = opened

    def count(self, account: Account, number: CaseNo, after: int) -> ReconciliationAnswer:
        """Have a day counted. Raises as ``HttpCentre.reconcile``, and Refused ``sync.checkpoint`` for a forged answer."""
        asked = ReconciliationRequest(account=account, number=number, after=after)
        told = self._opened.reconcile(asked)
        if not signed(self._opened.enrolment.pinned.centre_key, told.statement.signed(), told.signature):
            raise Refused("sync.checkpoint")
        return told
