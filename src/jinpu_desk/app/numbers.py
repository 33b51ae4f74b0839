"""Numbers of this window's series: cases, slips and sheets share it (DESIGN §5)."""

from __future__ import annotations

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.domain.numbering import make_case_no

from .desk import Desk
from .ports import DeskStore, Transaction


def next_number(desk: Desk, tx: Transaction) -> CaseNo:
    """Burn and return the next 24-digit number of the window's series today."""
    today, replica = desk.today(), desk.replica
    serial = tx.next_serial(today)
    return make_case_no(replica.division, replica.station, int(replica.series), today, serial)


def unknown(store: DeskStore, number: CaseNo) -> Refused:
    """Return what to tell somebody who looks for a case that is not here: ``case.pruned`` or ``case.unknown``."""
    day = store.pruned_on(number)
    if day is None:
        return Refused("case.unknown", number)
    return Refused("case.pruned", number, day=day.isoformat())
