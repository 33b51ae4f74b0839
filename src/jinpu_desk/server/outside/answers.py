"""What a back office reads of a case, and what it says about one."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.case import Attachment, Case, Decision, PauseSpan
from jinpu_desk.domain.materials import MaterialTick
from jinpu_desk.domain.parties import Agent, Applicant


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case of a list. ``due`` is the promised day, ``due_provisional`` where a year is not published yet."""

    case_no: str
    item: str
    item_name: str
    package: bool
    applicant: str
    station: str
    status: int
    flags: list[str]
    received_on: date | None
    accepted_on: date | None
    due: date | None
    legal_due: date | None
    due_provisional: bool
    external_no: str


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that wait, and the key to ask for the next page with; None at the end."""

    cases: list[CaseLine]
    after: str | None


class CaseWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the centre has folded it, with what the office needs to decide it."""

    line: CaseLine
    applicant: Applicant
    agent: Agent | None
    answers: dict[str, Any]
    form: dict[str, Any]
    materials: dict[str, MaterialTick]
    attachments: tuple[Attachment, ...]
    pauses: tuple[PauseSpan, ...]
    extension_days: int
    decision: Decision | None
    deliver_state: str


class PreApplied(msgspec.Struct, frozen=True, kw_only=True):
    """What a pre-application was given; the same again when it is sent again."""

    case_no: str
    query_code: str
    external_no: str
    status: int
    flags: list[str]
    applied_on: date


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """How a case stands after what the office said of it; the same again when it is sent again."""

    case_no: str
    status: int
    flags: list[str]
    due: date | None
    due_provisional: bool
    decision: Decision | None


class DecisionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision; ``decided_on`` is today when it is left out. A denial needs ``reason`` and should name ``article``."""

    approved: bool
    officer: str
    decided_on: date | None = None
    reason: str = ""
    article: str = ""
    result_name: str = ""  # 证照名称
    result_no: str = ""  # 证照编号 / 统一社会信用代码
    valid_to: date | None = None


class PauseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """特别程序: the clock stops from today on, for one of the lawful reasons (DOMAIN C3)."""

    reason: str
    approver: str
    notice_no: str = ""


class ResumeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clock goes on today."""

    officer: str


class ExtensionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """延期: working days added once, before the term ends (许可法 art. 42)."""

    days: int
    reason: str
    approver: str


def line_of(case: Case, calendar: WorkCalendar) -> CaseLine:
    """Return a case as a list shows it, its terms by ``calendar``."""
    row = CaseProjector(calendar)(case)
    return CaseLine(
        case_no=case.case_no,
        item=case.item,
        item_name=case.terms.item_name,
        package=case.package,
        applicant=case.applicant.name,
        station=case.station,
        status=int(case.status),
        flags=[str(flag) for flag in case.flags],
        received_on=case.received_on,
        accepted_on=case.accepted_on,
        due=row.due,
        legal_due=row.legal_due,
        due_provisional=row.due_provisional,
        external_no=case.external_no,
    )


def whole_of(case: Case, calendar: WorkCalendar) -> CaseWhole:
    """Return a case whole."""
    return CaseWhole(
        line=line_of(case, calendar),
        applicant=case.applicant,
        agent=case.agent,
        answers=case.answers,
        form=case.form,
        materials=case.materials,
        attachments=case.attachments,
        pauses=case.pauses,
        extension_days=case.extension_days,
        decision=case.decision,
        deliver_state=str(case.deliver_state),
    )


def acted_of(case: Case, calendar: WorkCalendar) -> Acted:
    """Return how a case stands."""
    line = line_of(case, calendar)
    return Acted(
        case_no=case.case_no,
        status=line.status,
        flags=line.flags,
        due=line.due,
        due_provisional=line.due_provisional,
        decision=case.decision,
    )
