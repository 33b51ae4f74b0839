"""Joins an open desk with what writes its bundles and takes their answers in."""

from __future__ import annotations

from jinpu_desk.store.sealing import derive
from jinpu_desk.sync.bundle import PART_LIMIT, Outgoing
from jinpu_desk.sync.bundle_answer import Incoming
from jinpu_desk.sync.session import Enrolled

from .unlocked import OpenDesk

_ANSWERS = "jinpu-bundle-answers-v1"  # the purpose their keys are derived for


def outgoing(desk: OpenDesk, limit: int = PART_LIMIT) -> Outgoing:
    """Return what writes the desk's bundles. Raises Unavailable ``incarnation.needed`` on a copy that only reads."""
    desk.store.require_own()
    enrolment = desk.enrolment
    directory = enrolment.directory()
    return Outgoing(
        reader=directory.bundle_key if directory else b"",
        epoch=enrolment.pinned.epoch,
        secret=derive(desk.data_key, _ANSWERS),
        store=desk.store.sync,
        blobs=desk.desk.blobs,
        shelf=enrolment.shelf,
        signing=desk.signing,
        clock=enrolment.clock,
        limit=limit,
    )


def incoming(desk: OpenDesk) -> Incoming:
    """Return what takes answers in. Raises Unavailable ``incarnation.needed`` on a copy that only reads."""
    desk.store.require_own()
    enrolment = desk.enrolment
    return Incoming(
        enrolled=Enrolled(centre_key=enrolment.pinned.centre_key, epoch=enrolment.pinned.epoch),
        secret=derive(desk.data_key, _ANSWERS),
        store=desk.store.sync,
        shelf=enrolment.shelf,
        ring=enrolment.ring,
        replica=desk.signing.replica,
        issued=lambda clerk: enrolment.ring.grant(clerk).issued,
    )
