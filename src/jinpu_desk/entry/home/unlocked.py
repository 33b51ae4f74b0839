"""An unlocked desk: its rooms joined, and what it may ask of the centre."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from jinpu_desk.app.calendars import CalendarChange, compared, refuse_older
from jinpu_desk.app.desk import Desk
from jinpu_desk.app.intake.subject import HALL
from jinpu_desk.app.papers import PaperShop
from jinpu_desk.app.ports import Replica
from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.store.marks import Cause
from jinpu_desk.store.signing import ReplicaSigner
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.wire import TrustDirectory, reference_digest

from ..parts import OWN_CALENDARS, calendar_of, catalogue_of, past_catalogues, registers_of
from .enrolment import Enrolment, token_path
from .far_files import FarFiles
from .identity import save_token

if TYPE_CHECKING:
    from jinpu_desk.store.desk import SqlDeskStore
    from jinpu_desk.sync.transport import HttpCentre
    from jinpu_desk.sync.wire_house import ReconciliationAnswer, ReconciliationRequest


@dataclass
class OpenDesk:
    """An unlocked desk with everything that must be closed again."""

    enrolment: Enrolment
    desk: Desk
    store: SqlDeskStore
    projector: CaseProjector
    signing: ReplicaSigner
    token: str
    data_key: bytes = field(repr=False)

    @cached_property
    def session(self) -> SyncSession:
        """The messenger to the centre, made when it is first needed: most commands send nothing.

        Raises Unavailable ``incarnation.needed`` on a copy that only reads.
        """
        self.store.require_own()
        enrolment = self.enrolment
        return SyncSession(
            centre=self._centre,
            enrolled=Enrolled(centre_key=enrolment.pinned.centre_key, epoch=enrolment.pinned.epoch),
            store=self.store.sync,
            blobs=self.desk.blobs,
            shelf=enrolment.shelf,
            ring=enrolment.ring,
            signing=self.signing,
            clock=enrolment.clock,
        )

    @property
    def moved(self) -> int:
        """How much the session has moved so far."""
        return self.session.moved if "session" in self.__dict__ else 0

    def stop_sending(self) -> None:
        """Let a round that is under way end at the next piece of an attachment."""
        if "session" in self.__dict__:
            self.session.stop()

    @cached_property
    def _centre(self) -> HttpCentre:
        return self.enrolment.centre(self.token)

    def refreshed(self) -> bool:
        """Take over reference data that a sync brought; tell whether anything changed.

        A new calendar moves provisional dates, so the projections are derived anew.
        """
        parts, shelf = self.enrolment.parts, self.enrolment.shelf
        fresh = replace(
            self.desk,
            calendar=calendar_of(parts, shelf),
            catalogue=catalogue_of(parts, shelf, self.desk.now()),
            stations=stations_of(self.enrolment.replica, self.enrolment.directory()),
            registers=registers_of(shelf),
            windows=windows_of(self.enrolment.directory()),
        )
        if versions_of(fresh) == versions_of(self.desk):
            return False
        if fresh.calendar.digest != self.desk.calendar.digest:
            self._recount(fresh.calendar)
        self.desk = fresh
        return True

    def reconcile(self, asked: ReconciliationRequest) -> ReconciliationAnswer:
        """Have a day of this window counted by the centre."""
        return self._centre.reconcile(self.enrolment.replica.id, asked)

    def carry(self, bundle: BinaryIO, answer: BinaryIO) -> bytes:
        """Hand any desk's bundle to the centre and write its answer; return what it brought, as JSON."""
        return self._centre.carry(bundle, answer)

    @cached_property
    def files(self) -> FarFiles:
        """What brings scans and papers of other windows here."""
        return FarFiles(lambda: self.desk, lambda: self._centre)

    def import_year(self, raw: bytes) -> CalendarChange:
        """Take a year's calendar from a file and return what it moved; the same file again moves nothing.

        Raises:
            Refused: ``calendar.…`` with what is wrong in the file, ``calendar.downgrade``, ``calendar.not-newer``.
        """
        year = decode_year(raw)
        refuse_older(year, self.desk.calendar.years.get(year.year))
        shelf = self.enrolment.shelf
        own = shelf.files(OWN_CALENDARS) if OWN_CALENDARS in shelf.held() else {}
        files = own | {f"{year.year}.json": raw}
        shelf.keep(OWN_CALENDARS, reference_digest(files), files)
        calendar = calendar_of(self.enrolment.parts, shelf)
        change = self._recount(calendar)
        self.desk = replace(self.desk, calendar=calendar)
        return change

    def follow_calendar(self) -> None:
        """Make up for a calendar that came when the program ended before its cases were counted anew."""
        book, calendar = self.store.calendars, self.desk.calendar
        held = book.derived_by()
        if held is None:
            book.note(calendar.digest, self.desk.now())
        elif held != calendar.digest:
            self._recount(calendar)

    def _recount(self, calendar: WorkCalendar) -> CalendarChange:
        self.projector.calendar = calendar
        return self.store.calendars.rederive(calendar.digest, self.desk.now(), compared)

    def disown(self, cause: Cause) -> None:
        """Only read from now on: the centre knows that this desk is not the one that last wrote."""
        self.enrolment.marks.want(self.enrolment.replica.id, cause)
        self.store.freeze(cause)

    def may_go_on(self, clerk: ClerkId) -> bool:
        """Tell whether this clerk may go on here without opening anew: it is their desk, and it still writes."""
        try:
            self.store.require_own()
        except Unavailable:
            return False
        return self.desk.clerk.id == clerk

    def accept_token(self, token: str) -> None:
        """Show the centre another bearer token from now on."""
        save_token(token_path(self.enrolment.home), self.data_key, token)
        self.token = token
        if "_centre" in self.__dict__:
            self._centre.close()
        for cached in ("_centre", "session"):
            self.__dict__.pop(cached, None)

    def close(self) -> None:
        """Close store and connections; the home stays held by whoever opened it."""
        if "_centre" in self.__dict__:
            self._centre.close()
        self.store.close()


def desk_of(
    enrolment: Enrolment,
    grant: Grant,
    store: SqlDeskStore,
    calendar: WorkCalendar,
    blobs: FileBlobs,
    signing: ReplicaSigner,
    papers: PaperShop,
) -> Desk:
    """Return the desk of an unlocked home as the app sees it."""
    parts, shelf = enrolment.parts, enrolment.shelf
    return Desk(
        store=store,
        blobs=blobs,
        papers=papers,
        signing=signing,
        clock=enrolment.clock,
        entropy=os.urandom,
        replica=enrolment.replica,
        clerk=grant.clerk,
        catalogue=catalogue_of(parts, shelf, enrolment.clock.now()),
        past_catalogue=past_catalogues(shelf),
        calendar=calendar,
        roles=parts.roles,
        sentences=parts.sentences,
        stations=stations_of(enrolment.replica, enrolment.directory()),
        clerks={grant.clerk.id: grant.clerk.display_name},
        windows=windows_of(enrolment.directory()),
        registers=registers_of(shelf),
        offices=parts.offices,
    )


def versions_of(desk: Desk) -> tuple[object, ...]:
    """Return what tells one set of reference data from another."""
    return (
        desk.calendar.digest,
        desk.catalogue.digest,
        desk.stations,
        desk.registers.version,
        desk.windows,
    )


def windows_of(directory: TrustDirectory | None) -> dict[str, str]:
    """Return what every enrolled window is called: its station and its own name."""
    entries = directory.replicas if directory else []
    return {entry.id: f"{entry.station_name} {entry.window}".strip() for entry in entries}


def stations_of(replica: Replica, directory: TrustDirectory | None) -> dict[str, str]:
    """Return the stations that are known, by number."""
    known = {HALL: "政务服务大厅"}
    if directory is not None:
        known |= {entry.station: entry.station_name for entry in directory.replicas}
    return known | {replica.station: replica.station_name}
