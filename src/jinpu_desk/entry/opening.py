"""Enrolling a desk, unlocking it with or without a network, and joining its rooms: the composition root."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jinpu_desk.app.calendars import CalendarChange, compared, refuse_older
from jinpu_desk.app.desk import Desk
from jinpu_desk.app.intake.subject import HALL
from jinpu_desk.app.papers import PaperShop, Trust
from jinpu_desk.app.ports import Clock, Grant, Replica
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.store.checked import DamagedFile, read_checked, write_checked
from jinpu_desk.store.dates import millis
from jinpu_desk.store.home import Home
from jinpu_desk.store.keys import FileKeyRing
from jinpu_desk.store.marks import Cause, Marks
from jinpu_desk.store.shelf import FileShelf
from jinpu_desk.store.signing import ReplicaSigner, load_signer, save_signer
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.supplies import refresh_reference
from jinpu_desk.sync.wire import EnrolRequest, TrustDirectory, reference_digest

from . import authority
from .clocks import process_clock
from .exports import tidy
from .far_files import FarFiles
from .identity import load_token, save_token, self_signed
from .late_papers import LatePapers
from .login_log import note
from .parts import (
    OWN_CALENDARS,
    Parts,
    calendar_of,
    catalogue_of,
    directory_of,
    past_catalogues,
    registers_of,
    trust_of,
)
from .reborn import Rebirth

if TYPE_CHECKING:
    from jinpu_desk.store.desk import SqlDeskStore
    from jinpu_desk.sync.transport import HttpCentre
    from jinpu_desk.sync.wire_house import ReconciliationAnswer, ReconciliationRequest

DATA_KEY_BYTES = 32
_WRONG_AT_CENTRE = frozenset({"login.no-slot", "login.grant-expired"})


log = logging.getLogger(__name__)


class Pinned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What enrolment fixed for ever: whose word counts as the centre's. ``clerk`` logs in when none is named."""

    centre_key: bytes
    epoch: str
    clerk: ClerkId
    ca: str = ""  # file of the pinned authority for TLS, beside this one


Beginning = Callable[["Enrolment", "HttpCentre", bytes], object]
"""What may happen between enrolling and opening: see ``beginning``. Gets the store's data key."""


class Enrolment:
    """A home that was set up: what can be read of it without a password."""

    def __init__(self, home: Home, parts: Parts) -> None:
        """Read who this desk is.

        Raises:
            Unavailable: ``home.not-enrolled`` or ``home.replica``.
        """
        self.home = home
        self.parts = parts
        self.pinned = _read_pinned(home)
        self.shelf = FileShelf(home.folder("shelf"))
        self.marks = Marks(home.path)
        self.rebirth = Rebirth(home)
        self.rebirth.settle()
        self.read_replica()
        self.clock: Clock = process_clock(training=self.replica.training)

    def read_replica(self) -> None:
        """Read who this desk is, now that it may be another."""
        self.replica: Replica = self.home.load_replica()
        self.ring = FileKeyRing(self.home.keys, centre_key=self.pinned.centre_key, replica=self.replica.id)

    def directory(self) -> TrustDirectory | None:
        """Return the signed directory of windows."""
        return directory_of(self.shelf, self.pinned.centre_key)

    def trust(self) -> Trust:
        """Return whose papers this desk believes; needs no password and no network."""
        return trust_of(self.directory())

    def centre(self, token: str) -> HttpCentre:
        """Return the way to the centre."""
        ca = self.home.folder("trust") / self.pinned.ca if self.pinned.ca else None
        return _http(self.replica.server_url, token, ca)


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
            stations=_stations(self.enrolment.replica, self.enrolment.directory()),
            registers=registers_of(shelf),
            windows=_windows(self.enrolment.directory()),
        )
        if _versions(fresh) == _versions(self.desk):
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

    def reopened(self) -> OpenDesk:
        """Close this desk and open it again for the same clerk, as another replica where one is needed."""
        self.close()
        return open_desk(self.enrolment, self.data_key, self.enrolment.ring.grant(self.desk.clerk.id))

    def accept_token(self, token: str) -> None:
        """Show the centre another bearer token from now on."""
        save_token(_token_path(self.enrolment.home), self.data_key, token)
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


def enrol(
    home: Home,
    parts: Parts,
    *,
    url: str,
    code: str,
    clerk: str,
    password: str,
    window: str,
    ca: Path | None = None,
    begin: Beginning | None = None,
) -> OpenDesk:
    """Enrol the home at the centre and log its first clerk in. ``ca`` is the PEM file of the only authority believed.

    ``begin`` may make the store before it is opened; when it breaks off, ``setup`` once more goes on.

    Raises:
        Refused: ``home.enrolled-already``, ``setup.ca``, ``enrol.…``, ``login.…`` as the centre says.
        Unavailable: ``sync.offline`` …; the home can be tried again with a new code.
    """
    if home.enrolled:
        raise Refused("home.enrolled-already", home.path.name)
    key = Ed25519PrivateKey.generate()
    certificate = self_signed(key)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    believed = authority.pin(ca, home.folder("trust")) if ca is not None else None
    with _http(url, ca=believed) as centre:
        answer = centre.enrol(
            EnrolRequest(code=code, window=window, public_key=public, certificate=certificate)
        )
    with _http(url, ca=believed) as centre:
        login = centre.login(answer.replica.id, ClerkId(clerk), password)
    data_key = os.urandom(DATA_KEY_BYTES)
    pinned = Pinned(
        centre_key=answer.centre_key,
        epoch=answer.epoch,
        clerk=ClerkId(clerk),
        ca=believed.name if believed else "",
    )
    ring = FileKeyRing(home.keys, centre_key=answer.centre_key, replica=answer.replica.id)
    ring.add_escrow(answer.escrow, data_key)
    ring.add(ClerkId(clerk), password, data_key, login.grant)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    save_signer(home.signing_key, data_key, answer.replica.id, private, certificate)
    save_token(_token_path(home), data_key, answer.token)
    write_checked(_pinned_path(home), msgspec.json.encode(pinned))
    Marks(home.path).claim(answer.replica.id)
    home.save_replica(answer.replica)  # last: from here on the home counts as enrolled
    enrolment = Enrolment(home, parts)
    if begin is not None:
        with enrolment.centre(answer.token) as centre:
            begin(enrolment, centre, data_key)
    opened = open_desk(enrolment, data_key, login.grant)
    opened.session.supply()
    opened.refreshed()
    return opened


def _http(url: str, token: str = "", ca: Path | None = None) -> HttpCentre:
    """Return a centre at an address. The HTTP library is loaded here, because work without a network needs none."""
    from jinpu_desk.sync.transport import HttpCentre

    return HttpCentre(url, token, ca=ca)


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


def open_desk(
    enrolment: Enrolment, data_key: bytes, grant: Grant, papers: PaperShop | None = None
) -> OpenDesk:
    """Join the rooms of an unlocked home.

    Raises:
        Unavailable: ``store.…``, ``replica.key`` when the home is damaged.
    """
    try:
        opened = _joined(enrolment, data_key, grant, papers)
    except Unavailable as error:
        if error.code != "shelf.damaged" or not _mended(enrolment, data_key):
            raise
        opened = _joined(enrolment, data_key, grant, papers)
    cause = opened.store.recognised(enrolment.marks)
    if cause is None:
        enrolment.marks.claim_if_new(enrolment.replica.id)
    elif _reborn(opened, cause):
        opened.close()
        enrolment.read_replica()
        opened = _joined(enrolment, data_key, enrolment.ring.grant(grant.clerk.id), papers)
        note(opened.desk, "incarnation", cause)
    else:
        opened.store.freeze(cause)
    _tell_time(opened, grant)
    opened.follow_calendar()
    tidy(enrolment.home.folder("out"))
    return opened


def _mended(enrolment: Enrolment, data_key: bytes) -> bool:
    """Fetch reference data that is damaged here anew; without a network it stays, and the desk stays shut."""
    try:
        with enrolment.centre(load_token(_token_path(enrolment.home), data_key)) as centre:
            refresh_reference(centre, enrolment.shelf, enrolment.pinned.centre_key)
    except DeskError as error:
        log.warning("reference data not mended: %s", error.code)
        return False
    return True


def _tell_time(opened: OpenDesk, grant: Grant) -> None:
    """Measure this clock by a grant that is over on it: it opened the door, so the centre signed it a moment ago."""
    now = millis(opened.enrolment.clock.now())
    if now >= grant.expires:
        opened.store.sync.contact(now, now - grant.issued, opened.store.sync.horizon())


def _reborn(opened: OpenDesk, cause: Cause) -> bool:
    """Try to take a new incarnation; without a network, or a centre that gives one, the desk only reads."""
    enrolment = opened.enrolment

    def proven(token: str) -> None:
        with enrolment.centre(token) as centre:
            refresh_reference(centre, enrolment.shelf, enrolment.pinned.centre_key)

    try:
        opened.store.sign_off(opened.signing)  # before the former key may be gone
        with enrolment.centre(opened.token) as centre:
            enrolment.rebirth.prepare(centre, opened.signing, enrolment.ring, opened.data_key, cause, proven)
    except DeskError as error:
        log.warning("no new incarnation yet: %s", error.code)
        return False
    enrolment.rebirth.settle()
    return True


def _joined(enrolment: Enrolment, data_key: bytes, grant: Grant, papers: PaperShop | None) -> OpenDesk:
    """Join the rooms; a store whose window got a new incarnation takes over what its former one left unsent."""
    from jinpu_desk.store.desk import SqlDeskStore  # the door opens before SQL is loaded

    home, parts, clock = enrolment.home, enrolment.parts, enrolment.clock
    signing = load_signer(home.signing_key, data_key)
    blobs = FileBlobs(home.folder("blobs"), data_key)
    projector = CaseProjector(calendar_of(parts, enrolment.shelf))
    store = SqlDeskStore(
        home.database,
        data_key,
        replica=enrolment.replica,
        projector=projector,
        clock=clock,
        blobs=blobs,
        marks=enrolment.marks,
    )
    try:
        if enrolment.rebirth.ready:
            store.sync.forget_leases()
            enrolment.rebirth.done()
        papers = papers or LatePapers(parts)
        return OpenDesk(
            enrolment=enrolment,
            desk=_desk(enrolment, grant, store, projector.calendar, blobs, signing, papers),
            store=store,
            projector=projector,
            signing=signing,
            token=load_token(_token_path(home), data_key),
            data_key=data_key,
        )
    except BaseException:
        store.close()
        raise


def _desk(
    enrolment: Enrolment,
    grant: Grant,
    store: SqlDeskStore,
    calendar: WorkCalendar,
    blobs: FileBlobs,
    signing: ReplicaSigner,
    papers: PaperShop,
) -> Desk:
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
        stations=_stations(enrolment.replica, enrolment.directory()),
        clerks={grant.clerk.id: grant.clerk.display_name},
        windows=_windows(enrolment.directory()),
        registers=registers_of(shelf),
        offices=parts.offices,
    )


def _versions(desk: Desk) -> tuple[object, ...]:
    return (
        desk.calendar.digest,
        desk.catalogue.digest,
        desk.stations,
        desk.registers.version,
        desk.windows,
    )


def _windows(directory: TrustDirectory | None) -> dict[str, str]:
    """Return what every enrolled window is called: its station and its own name."""
    entries = directory.replicas if directory else []
    return {entry.id: f"{entry.station_name} {entry.window}".strip() for entry in entries}


def _stations(replica: Replica, directory: TrustDirectory | None) -> dict[str, str]:
    known = {HALL: "政务服务大厅"}
    if directory is not None:
        known |= {entry.station: entry.station_name for entry in directory.replicas}
    return known | {replica.station: replica.station_name}


def _token_path(home: Home) -> Path:
    return home.folder("trust") / "token.sealed"


def _pinned_path(home: Home) -> Path:
    return home.folder("trust") / "centre.json"


def _read_pinned(home: Home) -> Pinned:
    try:
        return msgspec.json.decode(read_checked(_pinned_path(home)), type=Pinned)
    except (OSError, DamagedFile, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unavailable("home.replica", "trust/centre.json") from error
