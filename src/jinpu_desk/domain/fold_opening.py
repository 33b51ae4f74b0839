"""The fold's first steps: a case taken in, a visit guided on, an application sent in."""

from __future__ import annotations

from msgspec.structs import replace

from . import bodies as b
from .case import Case, Status
from .events import Header
from .fold_after import visited


def received(case: Case | None, header: Header, body: b.CaseReceived) -> Case:
    """Open a case that was taken in, or go on with the visit or pre-application ``case`` under its number."""
    opened = Case(
        id=header.case,
        case_no=body.case_no,
        query_code=body.query_code,
        item=body.item,
        terms=body.terms,
        applicant=body.applicant,
        station=body.station,
        window=body.window,
        status=Status.RECEIVED,
        opened_by=header.actor,
        replica=header.replica,
        received_at=header.at,
        catalogue=header.catalogue,
        package=body.package,
        parent=body.parent,
        children=body.children,
        agent=body.agent,
        answers=body.answers,
        form=body.form,
        materials=body.materials,
        received_on=body.received_on,
        delivery=body.delivery,
        overrides=body.overrides,
        external_no=body.external_no,
        channel=body.channel,
        ticket=body.ticket,
        green=body.green,
        backfill=body.backfill,
    )
    if body.parent is None:
        # A branch costs no visit beside its package's, and what was taken in elsewhere was visited there.
        opened = visited(opened, body.received_on, body.channel)
    if case is None:
        return opened
    # A guided visit or a pre-application that is taken in keeps its number, its slip and its history.
    return replace(
        opened,
        online=case.online,
        applied_on=case.applied_on,
        visits=tuple(dict.fromkeys((*case.visits, *opened.visits))),
        case_no=case.case_no,
        query_code=case.query_code,
        guided_to=case.guided_to,
        papers=case.papers,
        attachments=case.attachments,
        timeline=case.timeline,
        seen=case.seen,
    )


def guided(header: Header, body: b.CaseGuided) -> Case:
    """Open the visit of somebody whom a station sent to the hall."""
    return Case(
        id=header.case,
        case_no=body.case_no,
        query_code=body.query_code,
        item=body.item,
        package=body.package,
        terms=body.terms,
        applicant=body.applicant,
        station=body.station,
        status=Status.DRAFT,
        opened_by=header.actor,
        replica=header.replica,
        received_at=header.at,
        catalogue=header.catalogue,
        answers=body.answers,
        guided_to=body.guided_to,
    )


def pre_applied(header: Header, body: b.CasePreApplied) -> Case:
    """Open a pre-application that came in through the centre."""
    return Case(
        id=header.case,
        case_no=body.case_no,
        query_code=body.query_code,
        item=body.item,
        package=body.package,
        terms=body.terms,
        applicant=body.applicant,
        agent=body.agent,
        station=body.station,
        status=Status.DRAFT,
        opened_by=header.actor,
        replica=header.replica,
        received_at=header.at,
        catalogue=header.catalogue,
        answers=body.answers,
        form=body.form,
        materials=body.materials,
        external_no=body.external_no,
        channel="online",
        online=True,
        applied_on=body.applied_on,
    )
