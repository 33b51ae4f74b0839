"""What travels when a window and the centre count a day together (``app.duty.reconciliation``)."""

from __future__ import annotations

import msgspec

from jinpu_desk.app.duty.reconciliation import Account, Statement
from jinpu_desk.domain.ids import CaseNo


class ReconciliationRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window's account of a day. ``number`` is that of the sheet the answer is printed on, of its own series."""

    account: Account
    number: CaseNo
    after: int  # seq of the window's last event before that day


class ReconciliationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The centre's statement, its signature, and the same said briefly for a QR."""

    statement: Statement
    signature: bytes
    stated: str
