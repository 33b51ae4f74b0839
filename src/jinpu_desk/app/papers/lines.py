"""The lines of a paper's material table: what was taken, what is faulty, what is tolerated, or what to bring."""

from __future__ import annotations

from collections.abc import Mapping

from jinpu_desk.domain.case import Case
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick

from ..intake.subject import Subject
from ..labels import MEDIUM_LABELS, STATE_LABELS
from . import MaterialLine

ABSENT = frozenset({MaterialState.LACKING, MaterialState.TOLERATED})
"""States of materials that no receipt may claim to have been taken in."""
Lines = tuple[MaterialLine, ...]


def taken(case: Case, subject: Subject) -> Lines:
    """Return what was taken in."""
    return tuple(_line(rule, tick) for rule, tick in _ticked(case, subject.rules) if tick.state not in ABSENT)


def tolerated(case: Case, subject: Subject) -> Lines:
    """Return what is still to come under 容缺."""
    rules = tuple(rule for rule in subject.rules if rule.key in case.supplement_by)
    return tuple(_line(rule, tick) for rule, tick in _ticked(case, rules))


def pledged(case: Case, subject: Subject) -> Lines:
    """Return the proofs in whose place the applicant gives a promise (告知承诺)."""
    lines = _ticked(case, subject.rules)
    return tuple(_line(rule, tick) for rule, tick in lines if tick.state is MaterialState.PLEDGED)


def to_bring(case: Case, subject: Subject) -> Lines:
    """Return the whole checklist, as a slip for the way home."""
    return tuple(
        MaterialLine(
            key=rule.key,
            name=rule.name,
            source=rule.source,
            medium=MEDIUM_LABELS[rule.original],
            copies=rule.copies,
            note=tick.note,
            requirement=rule.requirement,
            basis=rule.basis,
        )
        for rule, tick in _ticked(case, subject.rules)
    )


def originals(given: Mapping[str, int], subject: Subject) -> Lines:
    """Return the originals given back and how many of each, in the order of the checklist."""
    by_key = {rule.key: rule for rule in subject.rules}
    return tuple(
        MaterialLine(
            key=key,
            name=by_key[key].name if key in by_key else key,
            source=by_key[key].source if key in by_key else "",
            medium="原件",
            copies=count,
        )
        for key in (*by_key, *(key for key in given if key not in by_key))
        if (count := given.get(key, 0))
    )


def faults(case: Case, subject: Subject) -> Lines:
    """Return what the latest correction notice asks for."""
    by_key = {rule.key: rule for rule in subject.rules}
    lines = []
    for fault in case.corrections[-1].faults if case.corrections else ():
        rule = by_key.get(fault.material)
        lines.append(
            MaterialLine(
                key=fault.material,
                name=rule.name if rule else "申请内容",
                source=rule.source if rule else "",
                note=fault.problem,
                requirement=fault.requirement,
                basis=fault.basis,
            )
        )
    return tuple(lines)


def _ticked(case: Case, rules: tuple[MaterialRule, ...]) -> list[tuple[MaterialRule, MaterialTick]]:
    return [(rule, case.materials.get(rule.key, MaterialTick())) for rule in rules]


def _line(rule: MaterialRule, tick: MaterialTick) -> MaterialLine:
    return MaterialLine(
        key=rule.key,
        name=rule.name,
        source=rule.source,
        medium=_medium(rule, tick),
        copies=tick.originals + tick.copies,
        pages=tick.pages,
        state=STATE_LABELS[tick.state],
        note=tick.note,
        requirement=rule.requirement,
        basis=rule.basis,
    )


def _medium(rule: MaterialRule, tick: MaterialTick) -> str:
    if tick.originals and tick.copies:
        return "原件、复印件"
    if tick.originals:
        return "原件"
    if tick.copies:
        return "复印件"
    if tick.state is MaterialState.SHARED or tick.files:
        return "电子"
    return MEDIUM_LABELS[rule.original] if tick.state is MaterialState.RECEIVED else "—"
