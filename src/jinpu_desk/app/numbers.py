"""Numbers of this window's series: cases, slips and sheets share it (DESIGN §5)."""

from __future__ import annotations

from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.domain.numbering import make_case_no

from .desk import Desk
from .ports import Transaction


def next_number(desk: Desk, tx: Transaction) -> CaseNo:
    """Burn and return the next 24-digit number of the window's series today."""
    today, replica = desk.today(), desk.replica
    serial = tx.next_serial(today)
    return make_case_no(replica.division, replica.station, int(replica.series), today, serial)
