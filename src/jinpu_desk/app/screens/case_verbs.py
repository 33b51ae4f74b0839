"""The verbs a case offers now: which are allowed, why not, and what each asks for."""

from __future__ import annotations

from msgspec.structs import replace

from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.domain.rules import check_status

from ..desk import Desk
from ..intake.assess import may_be
from ..intake.subject import Subject
from ..labels import VERB_LABELS
from ..roles import require
from ..verbs.act import VERBS
from ..verbs.asks import STATES
from ..verbs.bars import nothing_to_correct
from ..verbs.verb import Verb
from .views import FieldView, VerbButton


def buttons(desk: Desk, case: Case, subject: Subject) -> tuple[VerbButton, ...]:
    """Return the verbs that make sense for the case as it stands; a disabled one says why."""
    return tuple(
        VerbButton(
            verb=name,
            label=VERB_LABELS[name],
            allowed=not reason,
            reason=reason,
            asks=tuple(_named(field, subject) for field in verb.asks(case)),
        )
        for name, verb in VERBS.items()
        if verb.button and _fits(case, verb)
        for reason in [_why_not(desk, case, subject, name)]
    )


def _named(field: FieldView, subject: Subject) -> FieldView:
    """Return a question about materials with the names a clerk knows them by, and the states they may be in."""
    names = {rule.key: rule.name for rule in subject.rules}
    if field.path.startswith(STATES):
        return _stated(field, subject)
    if field.path != "materials":
        return field
    options = tuple(replace(option, label=names.get(option.value, option.label)) for option in field.options)
    return replace(field, options=options)


def _stated(field: FieldView, subject: Subject) -> FieldView:
    key = field.path.removeprefix(STATES)
    rule = next((rule for rule in subject.rules if rule.key == key), None)
    if rule is None:
        return field
    options = tuple(o for o in field.options if not o.value or may_be(rule, MaterialState(o.value)))
    return replace(field, label=rule.name, options=options)


def _fits(case: Case, verb: Verb) -> bool:
    """Tell whether the button belongs on the page at all."""
    try:
        if verb.opens is not None:
            check_status(case, verb.opens)
    except Refused:
        return False
    return verb.fits(case)


def _why_not(desk: Desk, case: Case, subject: Subject, verb: str) -> str:
    """Return the sentence that bars the verb, empty when nothing does."""
    try:
        require(desk.roles, desk.clerk.roles, verb)
        VERBS[verb].bars(desk, case, subject)
        if verb == "correct":
            nothing_to_correct(desk, case, subject)
    except Refused as refused:
        return desk.sentences.of(refused)[0]
    return ""
