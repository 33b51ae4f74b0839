"""Opens an unlocked home: joins its rooms, and makes it another window where it was copied or restored."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jinpu_desk.app.papers import PaperShop
from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.instants import millis
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.store.marks import Cause
from jinpu_desk.store.signing import load_signer
from jinpu_desk.sync.supplies import refresh_reference

from ..parts import calendar_of
from .enrolment import Enrolment, token_path
from .exports import tidy
from .identity import load_token
from .late_papers import LatePapers
from .login_log import note
from .readmission import readmitted
from .unlocked import OpenDesk, desk_of

if TYPE_CHECKING:
    pass


log = logging.getLogger(__name__)


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
        with enrolment.centre(load_token(token_path(enrolment.home), data_key)) as centre:
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

    # Before anything else is tried: the mark that told of it may not have reached the disk.
    enrolment.marks.want(enrolment.replica.id, cause)

    def prepare() -> None:
        with enrolment.centre(opened.token) as centre:
            enrolment.rebirth.prepare(centre, opened.signing, enrolment.ring, opened.data_key, cause, proven)

    try:
        opened.store.sign_off(opened.signing)  # before the former key may be gone
        try:
            prepare()
        except Refused as refused:
            if refused.code != "auth.token" or not readmitted(opened):
                raise
            prepare()
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
            desk=desk_of(enrolment, grant, store, projector.calendar, blobs, signing, papers),
            store=store,
            projector=projector,
            signing=signing,
            token=load_token(token_path(home), data_key),
            data_key=data_key,
        )
    except BaseException:
        store.close()
        raise


def reopened(desk: OpenDesk) -> OpenDesk:
    """Close a desk and open it again for the same clerk, as another replica where one is needed."""
    desk.close()
    return open_desk(desk.enrolment, desk.data_key, desk.enrolment.ring.grant(desk.desk.clerk.id))
