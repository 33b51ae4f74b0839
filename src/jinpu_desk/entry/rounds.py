"""One round with the centre, and what this desk does when the centre no longer takes it for what it was."""

from __future__ import annotations

import logging
from contextlib import suppress

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.marks import Cause
from jinpu_desk.sync.wire_rare import Readmission, readmission_statement

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
        if refused.code == "auth.token" and _readmitted(opened):
            return opened.session.round()
        cause = _DISOWNED.get(refused.code)
        if cause is not None:
            opened.disown(cause)
        raise


def disowned(refused: Refused) -> bool:
    """Tell whether a round ended because this desk needs a new incarnation."""
    return refused.code in _DISOWNED


def _readmitted(opened: OpenDesk) -> bool:
    enrolment, signing = opened.enrolment, opened.signing
    if "trust" not in enrolment.shelf.held():
        return False
    files = enrolment.shelf.files("trust")
    at = int(enrolment.clock.now().timestamp() * 1000)
    request = Readmission(
        trust=files.get("trust.json", b""),
        trust_signature=files.get("trust.sig", b""),
        at=at,
        proof=signing.sign(readmission_statement(signing.replica, at)),
    )
    with suppress(Refused), enrolment.centre("") as centre:
        opened.accept_token(centre.readmit(signing.replica, request).token)
        log.warning("the centre had forgotten this window and took it back")
        return True
    return False
