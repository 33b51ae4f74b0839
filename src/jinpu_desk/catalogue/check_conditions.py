"""Looks conditions over before they are used: they compile, ask only for what there is, and can go either way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from jinpu_desk.domain.errors import Refused

from .conditions import compile_condition, evaluate
from .forms import named_fields, rule_context, with_blanks
from .load import Fault
from .model import Field, FormRule, Question

COMBINATIONS_LIMIT = 512
"""Most situations a condition is tried in."""
_LITERAL = re.compile(r"\"([^\"\\]*)\"|'([^'\\]*)'")
_ANSWER = re.compile(r"\banswers\.([A-Za-z_]\w*)")


def check_when(at: str, source: str, questions: tuple[Question, ...]) -> Iterator[Fault]:
    """Give what is wrong with a ``when``: it may ask for ``answers`` and ``agent``, tried in every situation."""
    if not source:
        return
    unsound = _compiled(at, source, questions, frozenset({"answers", "agent"}))
    if unsound:
        yield from unsound
        return
    named = set(_ANSWER.findall(_bare(source)))
    asked = tuple(q for q in questions if q.key in named)
    unknown = sorted(literals(source) - {o.value for q in asked for o in q.options})
    if unknown:
        yield from (Fault(where=at, code="catalogue.unknown-option", params={"value": v}) for v in unknown)
        return
    yield from _tried(at, source, questions, asked)


def check_rule(
    at: str, rule: FormRule, fields: tuple[Field, ...], questions: tuple[Question, ...]
) -> Iterator[Fault]:
    """Give what is wrong with a rule across fields: tried with all optional fields given, and with none shown."""
    yield from _place(f"{at}.where", rule.where, fields)
    unsound = _compiled(f"{at}.holds", rule.holds, questions, frozenset({"answers", "agent", "form"}))
    if unsound:
        yield from unsound
        return
    unknown = sorted(set(named_fields(rule)) - {field.key for field in fields})
    if unknown:
        yield from (
            Fault(where=f"{at}.holds", code="catalogue.unknown-field", params={"key": key}) for key in unknown
        )
        return
    answers = {q.key: choices(q)[0] for q in questions}
    always = tuple(field for field in fields if not field.when)
    for shown, optional in ((fields, True), (always, False)):
        form = with_blanks(shown, _sample(shown, optional))
        try:
            outcome = evaluate(rule.holds, rule_context(rule, answers, form, agent=False))
        except Refused as refusal:
            yield Fault(where=f"{at}.holds", code=refusal.code, params=refusal.params)
            return
        if not isinstance(outcome, bool):
            yield Fault(where=f"{at}.holds", code="catalogue.condition-not-bool")
            return


def literals(source: str) -> set[str]:
    """Return the texts a condition compares with."""
    return {double or single for double, single in _LITERAL.findall(source)}


def choices(question: Question) -> list[Any]:
    """Return answers a question may have, the blank one first."""
    values = [option.value for option in question.options]
    match question.kind:
        case "bool":
            return [False, True]
        case "choice":
            return ["", *values]
        case "many":
            return [[], *([value] for value in values), values]


def _bare(source: str) -> str:
    return _LITERAL.sub('""', source)


def _compiled(at: str, source: str, questions: tuple[Question, ...], allowed: frozenset[str]) -> list[Fault]:
    try:
        variables = set(compile_condition(source).variables())
    except Refused as refusal:
        return [Fault(where=at, code=refusal.code, params=refusal.params)]
    if variables - allowed:
        return [Fault(where=at, code="catalogue.condition-form")]
    keys = {question.key for question in questions}
    unknown = sorted(set(_ANSWER.findall(_bare(source))) - keys)
    return [Fault(where=at, code="catalogue.unknown-question", params={"key": key}) for key in unknown]


def _tried(
    at: str, source: str, questions: tuple[Question, ...], asked: tuple[Question, ...]
) -> Iterator[Fault]:
    """Try the condition in every situation it can tell apart; one that never changes is a slip of the pen."""
    blank = {q.key: choices(q)[0] for q in questions}
    situations = product(*(choices(q) for q in asked), (False, True))
    outcomes = set()
    for *values, agent in islice(situations, COMBINATIONS_LIMIT):
        answers = blank | {q.key: value for q, value in zip(asked, values, strict=True)}
        try:
            outcome = evaluate(source, {"answers": answers, "agent": agent, "form": {}})
        except Refused as refusal:
            yield Fault(where=at, code=refusal.code, params=refusal.params)
            return
        if not isinstance(outcome, bool):
            yield Fault(where=at, code="catalogue.condition-not-bool")
            return
        outcomes.add(outcome)
    if len(outcomes) < 2:
        yield Fault(where=at, code="catalogue.condition-constant")


def _place(at: str, path: str, fields: tuple[Field, ...]) -> Iterator[Fault]:
    head, *steps = path.split(".")
    for step in steps:
        field = next((f for f in fields if f.key == step), None)
        if field is None:
            break
        fields = field.fields
    else:
        if head == "form" and steps:
            return
    yield Fault(where=at, code="catalogue.unknown-field", params={"key": path})


_SAMPLES: Mapping[str, Any] = {
    "money": "1.00",
    "date": "2026-01-01",
    "integer": 1,
    "bool": True,
    "phone": "12345",
    "id_no": "210213199003070016",
    "uscc": "91210213MA10ABCD6L",
    "register": "demo-place",
}


def _sample(fields: tuple[Field, ...], optional: bool) -> dict[str, Any]:
    """Return a form as it is stored, with or without the fields that need not be given."""
    form: dict[str, Any] = {}
    for field in fields:
        if not optional and (field.when or not field.required or field.nullable):
            continue
        if field.kind == "group":
            form[field.key] = _sample(field.fields, optional)
        elif field.kind == "choice":
            form[field.key] = field.options[0].value if field.options else ""
        else:
            form[field.key] = _SAMPLES.get(field.kind, "示例")
    return form
