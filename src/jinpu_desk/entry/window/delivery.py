"""出件: its part of the window's backend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinpu_desk.app.ports.devices import TurnedAway
from jinpu_desk.app.screens import delivery, parcels
from jinpu_desk.app.screens.delivery_views import (
    HandedOut,
    ParcelLine,
    Person,
    Posted,
    ResultFilter,
    ResultList,
    ResultPage,
)
from jinpu_desk.app.verbs.proofs import keep_proof
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.store.atomic import write_file

from .base import OpenHome


class DeliveryCalls(OpenHome):
    """Implements ``ui.backend_delivery.DeliveryDesk``."""

    def results(self, only: str, text: str) -> ResultList:
        """Return the list."""
        return delivery.results(self._desk, ResultFilter(only), text)

    def result_page(self, case_id: CaseId, reveal: bool = False) -> ResultPage:
        """Return one result."""
        self._remember_papers(case_id)
        return delivery.result_page(self._desk, case_id, reveal=reveal)

    def hand_out(self, case_id: CaseId, way: str, typed: dict[str, Any]) -> HandedOut:
        """Do one of the ways."""
        done = delivery.hand_out(self._desk, case_id, way, typed)
        self._went_out(case_id)
        return done

    def read_recipient(self, case_id: CaseId) -> Person:
        """Read a card."""
        if self._reader is None:
            raise Unavailable("device.id-reader.none")
        card = self._reader.read()
        if card is None:
            raise Unavailable("device.id-reader.no-card")
        return delivery.person_of(self._desk, case_id, card)

    def keep_proof(self, path: Path) -> Digest:
        """Keep a picture from a file."""
        return keep_proof(self._desk, self._inbox, self._inbox.import_file(path))

    def scan_proof(self) -> Digest:
        """Keep the newest scan; the others stay for whom they belong to."""
        with self._scanning:
            for found in self._settled():
                if isinstance(found, TurnedAway):
                    raise Refused(found.code, found.path.name, article="", **found.params)
            waiting = self._inbox.unreleased()
        if not waiting:
            raise Unavailable("scan.nothing")
        newest = max(waiting, key=lambda page: page.taken_ns)
        return keep_proof(self._desk, self._inbox, newest)

    def parcels(self) -> tuple[ParcelLine, ...]:
        """Return what is to be posted."""
        return parcels.parcels(self._desk)

    def parcel(self, case_id: CaseId) -> ParcelLine:
        """Return one result as a parcel."""
        return parcels.parcel(self._desk, case_id)

    def post_parcels(self, entries: Sequence[tuple[CaseId, str]]) -> Posted:
        """Post them."""
        done = parcels.post(self._desk, entries)
        for case_id in done.sent:
            self._went_out(case_id)
        return done

    def parcel_list(self) -> str:
        """Write the list beside the papers that were printed to files."""
        desk = self._desk
        data = parcels.parcel_list(desk)
        path = self._enrolment.home.folder("out") / f"寄件清单-{desk.local(desk.now()):%Y%m%d-%H%M%S}.csv"
        write_file(path, data)
        return str(path)

    def _went_out(self, case_id: CaseId) -> None:
        self._remember_papers(case_id)
        if self._messenger is not None:
            self._messenger.nudge()

    def _remember_papers(self, case_id: CaseId) -> None:
        case = self._desk.store.case(case_id)
        if case is not None:
            self._remember(case)
