"""How a window comes back to a centre that was restored to before it was enrolled."""

from __future__ import annotations

import logging
from contextlib import suppress

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import millis
from jinpu_desk.sync.wire_rare import Readmission, readmission_statement

from .unlocked import OpenDesk

log = logging.getLogger(__name__)


def readmitted(opened: OpenDesk) -> bool:
    """Show the centre the directory of windows it once signed; tell whether it knows this desk again.

    Raises Unavailable as the centre is.
    """
    enrolment, signing = opened.enrolment, opened.signing
    if "trust" not in enrolment.shelf.held():
        return False
    files = enrolment.shelf.files("trust")
    at = millis(enrolment.clock.now())
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
