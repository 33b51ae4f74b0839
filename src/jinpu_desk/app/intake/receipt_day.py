"""The day an application counts as received: T0 of the five-day check (DOMAIN C3)."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from jinpu_desk.domain.deadline import Channel, effective_receipt_date
from jinpu_desk.domain.ids import CaseId

if TYPE_CHECKING:
    from ..desk import Desk
    from .application import Application

CLOSING = time(17, 0)
"""When the counter closes: what is sent online later came in on the next working day."""


def receipt_day(desk: Desk, application: Application) -> date:
    """Return T0 of an application taken in now: a pre-application keeps the day it was sent in."""
    visit = desk.store.case(CaseId(application.guided_case)) if application.guided_case else None
    if visit is not None and visit.online and visit.applied_on is not None:
        return visit.applied_on
    return effective_receipt_date(desk.now(), Channel(application.channel), CLOSING, desk.calendar)
