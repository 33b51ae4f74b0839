"""网上预申请 at the centre: a sound application from outside becomes a case in status 5 with a number (DOMAIN A-C16)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy.engine import Connection

from jinpu_desk.app.intake.pre_application import PreApplication, SentFile, check_number, look_over
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.deadline import Channel, effective_receipt_date
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.store.centre import offices as store
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.registry import ReplicaRow

from ..events.own import Pen
from ..files.blobs import BlobStore, checked_digest
from ..people import replica_of
from ..reference import CentrePremises
from .answers import PreApplied
from .offices import require_scope
from .requests import Caller, folded, once

KIND = "pre-application"
_SLACK = dt.timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours."""
_OLDEST = dt.timedelta(days=366)
"""What was sent earlier than this is no application of today."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a material as it is kept: ``sent`` with its name and size."""

    material: str
    sent: SentFile
    sha256: Digest
    size: int


def pre_apply(caller: Caller, told: PreApplication) -> PreApplied:
    """Open a case for a pre-application and return its number.

    Raises:
        Refused: ``office.scope``; ``outside.future``, ``outside.unknown-station``, ``outside.file-missing``; what
            ``look_over`` finds, ``outside.too-old``; ``outside.different`` when the office used that number for something else.
    """
    catalogue = caller.reference.catalogue()
    require_scope(caller.office, catalogue, told.target)
    applied_at = _applied_at(caller, told)
    kept = tuple(_kept(caller.centre.blobs, told))

    def open_case(connection: Connection, pen: Pen) -> tuple[CaseId, PreApplied]:
        premises = _premises(caller, connection, pen.replica, told.station)
        ticks = {
            key: material.tick(tuple(file.sha256 for file in kept if file.material == key))
            for key, material in told.materials.items()
        }
        sound = look_over(premises, told, ticks)
        case_id, case_no, query_code = pen.new_case()
        opening = b.CasePreApplied(
            case_no=case_no,
            query_code=query_code,
            item=told.target,
            package=told.package is not None,
            applicant=sound.applicant,
            agent=sound.agent,
            answers=told.answers,
            form=sound.form,
            materials=ticks,
            terms=sound.subject.terms,
            station=told.station,
            applied_on=effective_receipt_date(
                applied_at, Channel.ONLINE, caller.centre.settings.closes, caller.reference.calendar()
            ),
            source=caller.office.name,
            external_no=told.external_no,
        )
        case = pen.write(case_id, None, Digest(catalogue.digest), opening, *map(_attached, kept))
        return case_id, _answer(case, opening.applied_on)

    return once(caller, KIND, told.external_no, told, PreApplied, open_case)


def state_of(caller: Caller, external_no: str) -> Case:
    """Return the case of a pre-application this office sent. Raises Refused ``case.unknown``."""
    check_number(external_no, "external_no")
    with caller.centre.engine.connect() as connection:
        held = store.asked(connection, caller.office.name, KIND, external_no)
        case = folded(connection, held.case_id) if held else None
    if case is None:
        raise Refused("case.unknown", external_no)
    return case


def _answer(case: Case, applied_on: dt.date) -> PreApplied:
    return PreApplied(
        case_no=case.case_no,
        query_code=case.query_code,
        external_no=case.external_no,
        status=int(case.status),
        flags=[str(flag) for flag in case.flags],
        applied_on=applied_on,
    )


def _applied_at(caller: Caller, told: PreApplication) -> dt.datetime:
    now = caller.centre.clock.now()
    if told.applied_at is None:
        return now
    if told.applied_at > now + _SLACK:
        raise Refused("outside.future", "applied_at")
    if told.applied_at < now - _OLDEST:
        raise Refused("outside.too-old", "applied_at", days=_OLDEST.days)
    return told.applied_at


def _premises(caller: Caller, connection: Connection, own: ReplicaRow, number: str) -> CentrePremises:
    station = registry.station_numbered(connection, number)
    if station is None:
        raise Refused("outside.unknown-station", "station", station=number)
    return CentrePremises(
        catalogue=caller.reference.catalogue(),
        stations={each.number: each.name for each in registry.stations(connection)},
        replica=replica_of(caller.centre, replace(own, station=station), ""),
        clock=caller.centre.clock,
    )


def _kept(blobs: BlobStore, told: PreApplication) -> Iterator[Kept]:
    """Yield the files of a pre-application, small ones kept now, large ones found where they were sent before."""
    for key, material in told.materials.items():
        for index, file in enumerate(material.files):
            where = f"materials.{key}.files[{index}]"
            if file.data:
                yield Kept(key, file, _keep(blobs, file.data), len(file.data))
                continue
            size = blobs.size(checked_digest(file.sha256))
            if size is None:
                raise Refused("outside.file-missing", where)
            yield Kept(key, file, Digest(file.sha256), size)


def _keep(blobs: BlobStore, data: bytes) -> Digest:
    sha256 = Digest(hashlib.sha256(data).hexdigest())
    if blobs.size(sha256) is None:
        blobs.put(sha256, [data])  # the same file may come twice at the same moment
    return sha256


def owner_of(office: str) -> str:
    """Return the name under which an office's unfinished files are kept apart; an office's own may hold anything."""
    return "office-" + hashlib.sha256(office.encode()).hexdigest()[:16]


def _attached(kept: Kept) -> b.PagesAttached:
    return b.PagesAttached(
        material=kept.material,
        sha256=kept.sha256,
        media_type=kept.sent.media_type,
        size=kept.size,
        pages=kept.sent.pages,
    )
