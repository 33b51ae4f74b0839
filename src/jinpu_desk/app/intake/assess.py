"""Looks an application over: one answer for the page, the command line and the verbs that take it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.catalogue.model import Field
from jinpu_desk.domain.decision import Counter, Outcome, Verdict, decide
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick, NoSubmit
from jinpu_desk.domain.parties import Applicant

from ..desk import Desk
from ..labels import STATE_LABELS
from . import notice, places
from .application import Application
from .backfill import TrueTimes, read_backfill
from .credit import credit_of
from .likeness import with_same
from .parties import check_agent, check_applicant, normalised_agent, normalised_applicant
from .receipt_day import receipt_day
from .subject import Subject, subject_of


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of an application: its subject, every problem and warning, and a verdict per outcome.

    ``application`` is normalised: names, numbers and form values as they will be stored.
    """

    application: Application
    subject: Subject
    problems: tuple[Complaint, ...]
    warnings: tuple[Complaint, ...]
    counter: Counter
    verdicts: dict[Outcome, Verdict]
    received_on: date  # T0: today, unless it came in elsewhere, or online after closing
    times: TrueTimes | None = None  # 补录


def assess(desk: Desk, application: Application) -> Assessment:
    """Look ``application`` over at this desk, today.

    Raises:
        Refused: ``intake.unknown-item`` when there is no such item or package.
    """
    today = desk.today()
    applicant = normalised_applicant(application.applicant)
    agent = normalised_agent(application.agent) if application.agent else None
    subject = subject_of(
        desk, application.target, application.package, application.answers, agent is not None
    )
    if application.from_page:
        application = _swept(application, subject)
        application = replace(application, form=with_same(subject.fields, application.form, applicant))
    found = check_applicant(applicant, today, application.overrides)
    problems, warnings = list(found.problems), list(found.warnings)
    if agent is not None:
        found = check_agent(agent, today, application.overrides)
        problems += found.problems
        warnings += found.warnings
    problems += subject.answer_problems(application.answers)
    form, form_problems = subject.normalised_form(application.answers, application.form, today)
    problems += form_problems
    times, late = read_backfill(desk, application.backfill) if application.backfill else (None, [])
    problems += late
    received_on = times.received_on if times else receipt_day(desk, application)
    problems = [*_unlawful(desk, subject, application, form, received_on), *problems]
    problems += places.unknown(desk.registers, subject.fields, form)
    warnings += places.full(desk, subject.fields, form) + places.unnamed(desk, subject.fields, form)
    if application.from_page:
        application = replace(application, overrides=_used(application.overrides, warnings))
    problems += _unused_overrides(application, warnings)
    typed = tuple(problems)
    problems += material_problems(subject, application.materials)
    counter = _counter(desk, subject, application, applicant, typed)
    clean = replace(
        application,
        applicant=applicant,
        agent=agent,
        form=form,
        materials=_counted(subject, application.materials),
    )
    return Assessment(
        application=clean,
        subject=subject,
        problems=tuple(problems),
        warnings=tuple(warnings),
        counter=counter,
        verdicts=decide(counter),
        received_on=received_on,
        times=times,
    )


def _unlawful(
    desk: Desk, subject: Subject, application: Application, form: Mapping[str, Any], filed_on: date
) -> list[Complaint]:
    """Return what stands against the matter itself, whatever else is filled in: eligibility and 公示."""
    found = notice.bars(subject.questions, application.answers)
    for demanded in subject.notices:
        late = notice.untimely(demanded, form, filed_on, desk.calendar)
        if late is not None:
            found.append(late)
    return found


def _counter(
    desk: Desk,
    subject: Subject,
    application: Application,
    applicant: Applicant,
    typed: tuple[Complaint, ...],
) -> Counter:
    return Counter(
        **credit_of(desk, applicant).as_counted(subject),
        family=subject.terms.family,
        rules=subject.rules,
        ticks=application.materials,
        station_may_take=subject.may_take,
        form_complete=not typed,
        first_gap=subject.label(typed[0].where) if typed else "",
        registers_here=subject.terms.window_authorised,
        decides_here=subject.decides_here,
        licence_cancelled=subject.licence_cancelled,
    )


def _counted(subject: Subject, ticks: dict[str, MaterialTick]) -> dict[str, MaterialTick]:
    """Return the ticks with the usual number of copies where a paper was taken and nobody counted."""
    rules = {rule.key: rule for rule in subject.rules}
    return {key: counted(rules[key], tick) if key in rules else tick for key, tick in ticks.items()}


def counted(rule: MaterialRule, tick: MaterialTick) -> MaterialTick:
    """Return ``tick`` with the originals and copies the rule asks for, unless some were counted."""
    if tick.state is not MaterialState.RECEIVED or tick.originals or tick.copies:
        return tick
    return replace(
        tick,
        originals=rule.copies if rule.original in {"original", "both"} else 0,
        copies=rule.copies if rule.original in {"copy", "both"} else 0,
    )


def _swept(application: Application, subject: Subject) -> Application:
    """Return what the page shows of the application: entries left over from another answer are out of sight, and
    a row nobody ticked is seen to lack. A file, in contrast, is taken at its word."""
    asked = {question.key for question in subject.questions}
    fields = {field.key: field for field in subject.fields}
    form = {key: _shown(fields[key], value) for key, value in application.form.items() if key in fields}
    return replace(
        application,
        answers={key: value for key, value in application.answers.items() if key in asked},
        form=form,
        materials={rule.key: application.materials.get(rule.key, MaterialTick()) for rule in subject.rules},
    )


def _shown(field: Field, value: Any) -> Any:
    if field.kind != "group" or not isinstance(value, Mapping):
        return value
    inner = {inner.key: inner for inner in field.fields}
    return {key: _shown(inner[key], entry) for key, entry in value.items() if key in inner}


def _used(overrides: dict[str, str], warnings: list[Complaint]) -> dict[str, str]:
    """Return the overrides that still let something through; a number put right since needs none."""
    doubtful = {warning.where for warning in warnings}
    return {path: reason for path, reason in overrides.items() if path in doubtful}


def _unused_overrides(application: Application, warnings: list[Complaint]) -> list[Complaint]:
    """An override that lets nothing through is a mistake: it would look like a check that was waived."""
    used = {warning.where for warning in warnings}
    return [
        Complaint(where=f"overrides.{path}", code="intake.override-unused", params={"path": path})
        for path in application.overrides
        if path not in used
    ]


def material_problems(subject: Subject, ticks: dict[str, MaterialTick]) -> list[Complaint]:
    """Return what is wrong with the materials: unknown, absent, or in a state the catalogue does not let them have."""
    by_key = {rule.key: rule for rule in subject.rules}
    problems = [
        Complaint(where=f"materials.{key}", code="intake.unknown-material", params={"material": key})
        for key in ticks
        if key not in by_key
    ]
    for key, rule in by_key.items():
        tick = ticks.get(key)
        if tick is None:
            if rule.required:
                problems.append(_material("intake.material-absent", rule))
        elif not may_be(rule, tick.state):
            problems.append(_material("intake.material-state", rule, state=STATE_LABELS[tick.state]))
    return problems


def _material(code: str, rule: MaterialRule, **params: Any) -> Complaint:
    return Complaint(where=f"materials.{rule.key}", code=code, params={"material": rule.name} | params)


def may_be(rule: MaterialRule, state: MaterialState) -> bool:
    """Tell whether the catalogue lets a material stand in ``state``."""
    match state:
        case MaterialState.TOLERATED:
            return rule.tolerable
        case MaterialState.PLEDGED:
            return rule.pledgeable
        case MaterialState.SHARED:
            return NoSubmit.SHARED in rule.no_submit
        case MaterialState.REUSED:
            return NoSubmit.REUSED in rule.no_submit
        case _:
            return True
