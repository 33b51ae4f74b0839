"""一人一档 · 一企一档: what the desk already holds of an applicant, so that nothing is keyed or asked twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.case import TERMINAL, Case
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick, NoSubmit
from jinpu_desk.domain.parties import Applicant

from ..desk import Desk
from ..ports import ApplicantFile
from .drafts import Draft
from .subject import Subject, subject_of_case


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The applicant's file as far as this subject can use it."""

    cases: int
    reusable: dict[str, date]  # material key of the subject -> day it was taken in
    phone: str
    address: str
    form: dict[str, Any]
    same_item_open: str  # number of an open case of the same item, empty when there is none


LOOK_BACK = 4
"""How many of the applicant's newest cases are searched for papers."""
REUSE_DAYS = 365
"""How long a paper may be used again where the item sets no term of its own."""


def look_up(desk: Desk, applicant: Applicant, subject: Subject) -> Archive | None:
    """Return the file of an applicant whose number is complete; None while it is not."""
    id_type, id_no = applicant.identity
    if len(id_no) < 5:
        return None
    file = desk.store.applicant_file(id_type, id_no)
    latest = file.latest
    terminal = {int(status) for status in TERMINAL}
    same = next((r.case_no for r in file.cases if r.item == subject.key and r.status not in terminal), "")
    return Archive(
        cases=len(file.cases),
        reusable=_reusable(desk, file, subject.rules),
        phone=latest.applicant.phone if latest else "",
        address=latest.applicant.address if latest else "",
        form=_shared_values(latest, subject) if latest else {},
        same_item_open=same,
    )


def _reusable(desk: Desk, file: ApplicantFile, rules: tuple[MaterialRule, ...]) -> dict[str, date]:
    """Return the papers asked for again, with the day each was last handed in, while they are valid.

    Only what was handed in counts: a paper that was itself taken from the archive gets no younger by it.
    """
    wanted = {rule.code: rule for rule in rules if NoSubmit.REUSED in rule.no_submit}
    found: dict[str, date] = {}
    for row in file.cases[:LOOK_BACK]:
        if not wanted:
            break
        case = file.latest if file.latest and file.latest.id == row.case_id else desk.store.case(row.case_id)
        if case is None or case.received_on is None:
            continue
        for old in subject_of_case(desk, case).rules:
            tick = case.materials.get(old.key)
            if old.code not in wanted or tick is None or tick.state is not MaterialState.RECEIVED:
                continue
            rule = wanted.pop(old.code)
            expires = case.received_on + timedelta(days=rule.valid_days or REUSE_DAYS)
            if desk.today() <= expires:
                found[rule.key] = case.received_on
    return found


def _shared_values(latest: Case, subject: Subject) -> dict[str, Any]:
    """Form values of the last case for fields this subject asks for under the same key."""
    wanted = {field.key for field in subject.fields if field.kind in {"text", "longtext", "phone"}}
    return {key: value for key, value in latest.form.items() if key in wanted and isinstance(value, str)}


def with_reused(draft: Draft, archive: Archive, rules: tuple[MaterialRule, ...]) -> Draft:
    """Return the draft filled from the archive: contact, form values left empty, materials still valid."""
    applicant = draft.applicant
    if not applicant.phone:
        applicant = replace(applicant, phone=archive.phone)
    if not applicant.address:
        applicant = replace(applicant, address=archive.address)
    form = {key: value for key, value in archive.form.items() if not draft.form.get(key)} | {
        key: value for key, value in draft.form.items() if value
    }
    materials = dict(draft.materials)
    for rule in rules:
        tick = materials.get(rule.key, MaterialTick())
        if rule.key in archive.reusable and tick.state is MaterialState.LACKING:
            note = f"{archive.reusable[rule.key].isoformat()} 档案"
            materials[rule.key] = MaterialTick(state=MaterialState.REUSED, note=note)
    return replace(draft, applicant=applicant, form=form, materials=materials)
