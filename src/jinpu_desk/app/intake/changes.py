"""Changes to a recorded application: held to the same checks as one on the counter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.edits import apply_changes
from jinpu_desk.domain.errors import Refused

from .parties import check_agent, check_applicant, normalised_agent, normalised_applicant
from .subject import Subject


def sound_changes(
    case: Case, subject: Subject, changes: Mapping[str, Any], today: date
) -> dict[str, tuple[Any, Any]]:
    """Return path → (old, new) in the spelling that is stored.

    Raises:
        Refused: what is wrong with the application after the changes, or ``case.no-such-field``.
    """
    changed = apply_changes(case, dict(changes))
    applicant = normalised_applicant(changed.applicant)
    agent = normalised_agent(changed.agent) if changed.agent else None
    form, complaints = subject.normalised_form(changed.answers, changed.form, today)
    found: list[Complaint] = [*subject.answer_problems(changed.answers), *complaints]
    # What a party was let through with stays so; only what is touched now is looked at.
    if _touches(changes, "applicant"):
        found = [*check_applicant(applicant, today, case.overrides).problems, *found]
    if agent is not None and _touches(changes, "agent"):
        found = [*check_agent(agent, today, case.overrides).problems, *found]
    for complaint in found:
        raise Refused(complaint.code, complaint.where, article="", **complaint.params)
    after = msgspec.structs.replace(changed, applicant=applicant, agent=agent, form=form)
    return {path: (value_at(case, path), value_at(after, path)) for path in changes}


def _touches(changes: Mapping[str, Any], part: str) -> bool:
    return any(path.partition(".")[0] == part for path in changes)


def value_at(holder: object, path: str) -> Any:
    """Return the value at a path like ``form.name`` of a case or application; None where there is none."""
    part, _, key = path.partition(".")
    found = getattr(holder, part, None)
    if key:
        found = found.get(key) if isinstance(found, Mapping) else getattr(found, key, None)
    return msgspec.to_builtins(found)


def has_place(holder: object, path: str) -> bool:
    """Tell whether a case or application has the place ``path`` names, filled or not."""
    part, _, key = path.partition(".")
    found = getattr(holder, part, None)
    return key in found if isinstance(found, Mapping) else hasattr(found, key)
