"""网上预申请 and guided visits: cases that wait in status 5 and are taken in under their own number (DOMAIN C16)."""

from __future__ import annotations

import msgspec

from jinpu_desk.domain.case import Case, Flag, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.parties import Agent, Applicant

from ..desk import Desk
from ..ports import CaseQuery
from ..rows import CaseRow
from .drafts import Draft, FileInfo, PartyDraft


def waiting(desk: Desk, limit: int) -> tuple[CaseRow, ...]:
    """Return the pre-applications this station has to take in, newest first."""
    return desk.store.page(_query(desk), limit=limit).rows


def waiting_count(desk: Desk, at_most: int) -> int:
    """Return how many pre-applications wait for this station; counting stops at ``at_most``."""
    return desk.store.count(_query(desk), at_most=at_most)


def _query(desk: Desk) -> CaseQuery:
    return CaseQuery(status=int(Status.DRAFT), flag=str(Flag.ONLINE), station=desk.replica.station)


def waits_here(desk: Desk, case: Case) -> bool:
    """Tell whether ``case`` is to be taken in at this desk: applied for online, or guided here by another station."""
    return case.status is Status.DRAFT and (case.online or case.station != desk.replica.station)


def open_page(desk: Desk, case_id: CaseId) -> Draft:
    """Return the intake page on which a waiting case goes on, filled with all it holds; its id is the case's.

    Raises:
        Refused: ``draft.gone`` when there is no such case, or it was taken in already.
    """
    case = desk.store.case(case_id)
    if case is None or case.status is not Status.DRAFT:
        raise Refused("draft.gone")
    return page_of(case)


def page_of(case: Case) -> Draft:
    """Return the intake page of a waiting case."""
    return Draft(
        id=case.id,
        target=case.item,
        package=case.package,
        applicant=_typed(case.applicant),
        agent=_typed(case.agent) if case.agent else None,
        answers=case.answers,
        form=case.form,
        materials=case.materials,
        files={
            page.sha256: FileInfo(media_type=page.media_type, size=page.size, pages=page.pages)
            for page in case.attachments
        },
        delivery=case.delivery,
        external_no=case.external_no,
        guided_case=case.id,
        channel="online" if case.online else "counter",
    )


def _typed(party: Applicant | Agent) -> PartyDraft:
    return msgspec.convert(msgspec.to_builtins(party), PartyDraft)
