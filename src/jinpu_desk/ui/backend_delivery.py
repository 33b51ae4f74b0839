"""What the page 出件 asks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from jinpu_desk.app.screens.delivery_views import (
    HandedOut,
    ParcelLine,
    Person,
    Posted,
    ResultList,
    ResultPage,
)
from jinpu_desk.domain.ids import CaseId, Digest


class DeliveryDesk(Protocol):
    """Results that wait, how they go, and the parcels of the day."""

    def results(self, only: str, text: str) -> ResultList:
        """Return the results of a ``ResultFilter``, or whatever ``text`` finds in any of them."""
        ...

    def result_page(self, case_id: CaseId, reveal: bool = False) -> ResultPage:
        """Return one result; ``reveal`` shows personal data and is logged."""
        ...

    def hand_out(self, case_id: CaseId, way: str, typed: dict[str, Any]) -> HandedOut:
        """Do one of the ways of the page. Raises Refused; then nothing was written."""
        ...

    def read_recipient(self, case_id: CaseId) -> Person:
        """Read the card of whoever came. Raises Unavailable when no reader is there or no card lies on it."""
        ...

    def keep_proof(self, path: Path) -> Digest:
        """Keep a picture the clerk picked. Raises Refused ``device.scan.…``."""
        ...

    def scan_proof(self) -> Digest:
        """Keep the newest picture of the scanner's folder. Raises Unavailable ``scan.nothing``."""
        ...

    def parcels(self) -> tuple[ParcelLine, ...]: ...

    def parcel(self, case_id: CaseId) -> ParcelLine:
        """Return a result as a parcel. Raises Refused when there is none to be posted."""
        ...

    def post_parcels(self, entries: Sequence[tuple[CaseId, str]]) -> Posted:
        """Post (case, tracking number) each; one that is refused stops no other."""
        ...

    def parcel_list(self) -> str:
        """Write today's list for the post office and return the file's name."""
        ...
