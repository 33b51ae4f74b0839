"""One round with the centre, and what this desk does when the centre no longer takes it for what it was."""

from __future__ import annotations

import logging

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.marks import Cause

from .readmission import readmitted
from .unlocked import OpenDesk

log = logging.getLogger(__name__)
_DISOWNED: dict[str, Cause] = {"sync.fork": "fork", "sync.own-event-unknown": "restored"}


def run_round(opened: OpenDesk) -> SyncRound:
    """Run one full round; see ``SyncSession.round``.

    A centre restored to before this desk was enrolled is shown its own signature and takes the desk back. A desk that
    turns out to be a copy, or older than what it once sent, only reads from now on; ``OpenDesk.reopened`` makes it
    another replica.

    Raises:
        Unavailable, Refused: as ``SyncSession.round``; ``incarnation.needed`` on a copy.
    """
    opened.store.require_own()
    try:
        return opened.session.round()
    except Refused as refused:
        if refused.code == "auth.token" and readmitted(opened):
            return opened.session.round()
        cause = _DISOWNED.get(refused.code)
        if cause is not None:
            opened.disown(cause)
        raise


def disowned(refused: Refused) -> bool:
    """Tell whether a round ended because this desk needs a new incarnation."""
    return refused.code in _DISOWNED
