"""An application as it lies on the counter, whoever typed it: from an intake file or from the page."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from jinpu_desk.domain.bodies import Channel
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialTick
from jinpu_desk.domain.parties import Agent, Applicant

from . import spot
from .backfill import BackfillEntry
from .drafts import Draft, FileInfo, PartyDraft
from .file import DRAFT_ACTION, IntakeFile


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What the clerk wants to take in; nothing in it is believed yet. ``target`` is an item or package key."""

    target: str
    package: bool
    applicant: Applicant
    outcome: Outcome
    agent: Agent | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, MaterialTick] = {}
    files: dict[str, FileInfo] = {}
    overrides: dict[str, str] = {}
    delivery: Literal["pick-up", "post", "electronic"] = "pick-up"
    note: str = ""
    external_no: str = ""
    problems: dict[str, str] = {}  # correction notice: material key -> what is wrong
    reason: str = ""  # refusal
    competent_organ: str = ""
    corrected: dict[str, Any] = {}  # 当场更正: path -> the value that stood there first
    corrections_signed: bool = True
    tolerance_signed: bool = True  # an intake file states what was signed at the counter
    guided_case: str = ""
    ticket: str = ""
    green: str = ""
    channel: Channel = "counter"
    backfill: BackfillEntry | None = None
    draft: str = ""  # id of the draft this came from

    @property
    def from_page(self) -> bool:
        """Whether it was put together on a page, where a row left alone is seen to lack."""
        return bool(self.draft)


def from_file(
    file: IntakeFile, ticks: dict[str, MaterialTick], files: dict[str, FileInfo], guided_case: str = ""
) -> Application:
    """Return the application of an intake file whose named files were already read into ``ticks``.

    ``guided_case`` is the id of the case whose number the file names. What is to stay a draft counts as received.
    """
    return Application(
        target=file.item or file.package or "",
        package=file.package is not None,
        applicant=file.applicant,
        outcome=Outcome.RECEIVE if file.action == DRAFT_ACTION else Outcome(file.action),
        agent=file.agent,
        answers=file.answers,
        form=file.form,
        materials=ticks,
        files=files,
        overrides=file.overrides,
        delivery=file.delivery,
        note=file.note,
        external_no=file.external_no or (file.backfill.external_no if file.backfill else ""),
        reason=file.note,
        competent_organ=file.competent_organ,
        guided_case=guided_case,
        ticket=file.ticket,
        green=file.green,
        channel=file.channel,
        backfill=file.backfill,
    )


def draft_of(application: Application, draft_id: str) -> Draft:
    """Return the intake page on which an application goes on; ``from_draft`` gives it back."""
    return Draft(
        id=draft_id,
        target=application.target,
        package=application.package,
        applicant=_typed(application.applicant),
        agent=_typed(application.agent) if application.agent else None,
        answers=application.answers,
        form=application.form,
        materials=application.materials,
        files=application.files,
        delivery=application.delivery,
        overrides=application.overrides,
        note=application.note,
        external_no=application.external_no,
        refusal_reason=application.reason,
        competent_organ=application.competent_organ,
        guided_case=application.guided_case,
        ticket=application.ticket,
        green=application.green,
        channel=application.channel,
        backfill=application.backfill,
    )


def _typed(party: Applicant | Agent) -> PartyDraft:
    return msgspec.convert(msgspec.to_builtins(party), PartyDraft)


def from_draft(draft: Draft, outcome: Outcome) -> Application:
    """Return the application of an intake page."""
    return Application(
        target=draft.target,
        package=draft.package,
        applicant=applicant_of(draft.applicant),
        outcome=outcome,
        agent=agent_of(draft.agent) if draft.agent else None,
        answers=draft.answers,
        form=draft.form,
        materials=draft.materials,
        files=draft.files,
        overrides=draft.overrides,
        delivery=draft.delivery,
        note=draft.note,
        external_no=draft.external_no,
        problems={fault.material: fault.problem for fault in draft.correction},
        reason=draft.refusal_reason,
        competent_organ=draft.competent_organ,
        corrected={path: old for path, (old, _) in draft.spot.signed.items()},
        corrections_signed=not spot.unsigned(draft),
        tolerance_signed=draft.tolerance_signed,
        guided_case=draft.guided_case,
        ticket=draft.ticket,
        green=draft.green,
        channel=draft.channel,
        backfill=draft.backfill,
        draft=draft.id,
    )


def applicant_of(party: PartyDraft) -> Applicant:
    """Return the applicant typed on the page."""
    person = party.type == "person"
    return Applicant(
        type=party.type,
        name=party.name,
        id_type=party.id_type if person else "",
        id_no=party.id_no if person else "",
        uscc="" if person else party.uscc,
        phone=party.phone,
        contact="" if person else party.contact,
        address=party.address,
    )


def agent_of(party: PartyDraft) -> Agent:
    """Return the agent typed on the page."""
    return Agent(
        name=party.name, id_type=party.id_type, id_no=party.id_no, phone=party.phone, mandate=party.mandate
    )
