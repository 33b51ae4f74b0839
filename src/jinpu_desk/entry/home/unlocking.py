"""How a clerk gets the data key: from the own slot, or through the centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import ClerkId

from .enrolment import Enrolment

if TYPE_CHECKING:
    pass


_WRONG_AT_CENTRE = frozenset({"login.no-slot", "login.grant-expired"})


def unlock(enrolment: Enrolment, clerk: str, password: str) -> tuple[bytes, Grant]:
    """Return the data key and grant of a clerk: from the slot, or through the centre for one new to this PC.

    Raises:
        Refused: ``login.wrong``, ``login.locked``, ``login.grant-expired``, ``login.no-slot``,
            ``login.revoked`` …
        Unavailable: what kept the centre from being asked, when it had to be.
    """
    now = enrolment.clock.now()
    try:
        return enrolment.ring.unlock(ClerkId(clerk), password, now)
    except Refused as refused:
        if refused.code not in _WRONG_AT_CENTRE:
            raise
        try:
            return _online_login(enrolment, clerk, password)
        except Unavailable as error:
            # Without a network the slot's own answer is the useful one.
            raise refused from error


def _online_login(enrolment: Enrolment, clerk: str, password: str) -> tuple[bytes, Grant]:
    with enrolment.centre("") as centre:
        answer = centre.login(enrolment.replica.id, ClerkId(clerk), password)
    data_key = enrolment.ring.unlock_escrow(answer.escrow)
    enrolment.ring.add(ClerkId(clerk), password, data_key, answer.grant)
    return data_key, answer.grant
