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
from ..verbs.asks import STATES, ask_truth
from ..verbs.bars import nothing_to_correct
from ..verbs.data import Changes, Correction
from ..verbs.verb import Verb
from .views import FieldView, VerbButton

SPELLED = frozenset({"text", "longtext", "money", "date"})
"""Kinds of entry one line of text can put right."""


def buttons(desk: Desk, case: Case, subject: Subject) -> tuple[VerbButton, ...]:
    """Return the verbs that make sense for the case as it stands; a disabled one says why."""
    return tuple(
        VerbButton(
            verb=name,
            label=VERB_LABELS[name],
            allowed=not reason,
            reason=reason,
            asks=(*_entries(case, subject, verb), *(_named(field, subject) for field in verb.asks(case))),
        )
        for name, verb in VERBS.items()
        if verb.button and _fits(case, verb)
        for reason in [_why_not(desk, case, subject, name)]
    )


def _entries(case: Case, subject: Subject, verb: Verb) -> tuple[FieldView, ...]:
    """Return the entries a verb about the content may change: what is left as it stands is left alone.

    Personal data is not shown again; it is typed anew where it was wrong.
    """
    if verb.data not in {Changes, Correction}:
        return ()
    form = {
        f"form.{path}": (label, str(case.form.get(path) or ""))
        for path, (label, field) in subject.form_fields(case.answers).items()
        if field.kind in SPELLED and "." not in path
    }
    party = {"applicant.phone": ("联系电话", ""), "applicant.address": ("联系地址", "")}
    entries = tuple(
        FieldView(path=f"changes.{path}", label=label, kind="text", value=value)
        for path, (label, value) in (form | party).items()
    )
    if verb.data is Changes:
        return entries
    return (*entries, ask_truth("signed", "申请人已在更正处签名", "已签名", "没有签名", default=False))


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
