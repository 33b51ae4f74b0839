"""The act of acceptance, with a term for each tolerated material; a package is accepted with its branches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from msgspec.structs import replace

from jinpu_desk.domain.bodies import CaseAccepted, DocFamily
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.decision import tolerance_ends
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick

from ..desk import Desk
from ..project import workdays_after
from .subject import ChildSubject, Subject


def acceptance(desk: Desk, case: Case, rules: Sequence[MaterialRule], today: date) -> CaseAccepted:
    """Return the acceptance of ``case`` today, with a term for each tolerated material (DOMAIN C6)."""
    add_workdays = partial(workdays_after, calendar=desk.calendar)
    tolerated = [rule for rule in rules if _state(case, rule) is MaterialState.TOLERATED]
    return CaseAccepted(
        accepted_on=today,
        supplement_by={
            rule.key: tolerance_ends(today, rule, case.terms.promised_days, add_workdays)
            for rule in tolerated
        },
        pledged=tuple(rule.key for rule in rules if _state(case, rule) is MaterialState.PLEDGED),
    )


def joint_acceptance(
    desk: Desk,
    case: Case,
    subject: Subject,
    branches: Sequence[tuple[Case, ChildSubject]],
    today: date,
) -> dict[CaseId, CaseAccepted]:
    """Return the acceptance of a package and of its branches, by case; registrations have none (条例 art. 19).

    One paper has one term, that of the branch that can wait least: the applicant is told of it once.
    """
    joint = acceptance(desk, case, subject.rules, today)
    accepted = [
        (child, part, acceptance(desk, child, part.subject.rules, today))
        for child, part in branches
        if child.terms.family is not DocFamily.REGISTRATION
    ]
    terms = dict(joint.supplement_by)
    for _child, part, own in accepted:
        for key, day in own.supplement_by.items():
            merged = part.part.materials[key]
            terms[merged] = min(day, terms.get(merged, day))
    bodies = {case.id: replace(joint, supplement_by=terms)}
    for child, part, own in accepted:
        shared = {key: terms[part.part.materials[key]] for key in own.supplement_by}
        bodies[child.id] = replace(own, supplement_by=shared)
    return bodies


def _state(case: Case, rule: MaterialRule) -> MaterialState:
    return case.materials.get(rule.key, MaterialTick()).state
