"""From answers to one checklist: which questions are asked, which materials are wanted (DOMAIN §B3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.materials import MaterialRule

from .conditions import holds
from .model import Item, Material, Question, TermVariant, Variant

Answers = Mapping[str, Any]
_KEY_SHOWN = 60


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with an answer or field: JSON path, code of the sentence and its blanks."""

    where: str
    code: str
    params: dict[str, object] = {}


_BLANK: dict[str, Any] = {"choice": "", "bool": False, "many": []}


def known_answers(questions: tuple[Question, ...], answers: Answers) -> dict[str, Any]:
    """Return an answer for every question, so that conditions never meet a missing key: "" / False / [].

    Questions that are not asked, and answers they cannot have, count as blank: what was answered before the clerk
    changed her mind must not add papers.
    """
    known = {q.key: _BLANK[q.kind] for q in questions}
    for question in questions:
        if not holds(question.when, {"answers": known, "agent": False, "form": {}}):
            continue
        value = answers.get(question.key)
        if value is None:
            value = question.default
        if value is not None and possible(question, value):
            known[question.key] = value
    return known


def asked(questions: tuple[Question, ...], answers: Answers) -> tuple[Question, ...]:
    """Return the questions whose condition holds, in order."""
    context = {"answers": known_answers(questions, answers), "agent": False, "form": {}}
    return tuple(q for q in questions if holds(q.when, context))


def check_answers(questions: tuple[Question, ...], answers: Answers) -> list[Complaint]:
    """Return what is wrong: unknown questions, missing and impossible answers."""
    keys = {q.key for q in questions}
    complaints = [unknown_key("answers", key) for key in answers if key not in keys]
    for question in asked(questions, answers):
        value = answers.get(question.key)
        if value is None and question.default is not None:
            continue
        where, params = f"answers.{question.key}", {"label": question.label}
        if value is None:
            complaints.append(Complaint(where=where, code="intake.missing", params=dict(params)))
        elif not possible(question, value):
            code = "intake.unknown-value" if _right_type(question, value) else "intake.wrong-type"
            complaints.append(Complaint(where=where, code=code, params=dict(params)))
    return complaints


def unknown_key(where: str, key: object) -> Complaint:
    """Return the complaint about a key nobody asked for; a monstrous one is cut short."""
    shown = str(key)[:_KEY_SHOWN]
    return Complaint(where=f"{where}.{shown}", code="intake.unknown-key", params={"key": shown})


def possible(question: Question, value: object) -> bool:
    """Tell whether ``value`` is an answer the question offers."""
    values = {option.value for option in question.options}
    if not _right_type(question, value):
        return False
    match value:
        case bool():
            return True
        case str():
            return value in values
        case list() | tuple():
            return len(set(value)) == len(value) and values.issuperset(value)
    return False


def _right_type(question: Question, value: object) -> bool:
    match question.kind:
        case "bool":
            return isinstance(value, bool)
        case "choice":
            return isinstance(value, str)
        case "many":
            return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def in_situation(item: Item, answers: Answers, *, agent: bool = False) -> Item:
    """Return the item with the terms it has in this situation."""
    context = {"answers": known_answers(item.questions, answers), "agent": agent, "form": {}}
    variant = next((v for v in item.term_variants if holds(v.when, context)), None)
    return item if variant is None else replace(item, **_changed(variant))


def checklist(item: Item, answers: Answers, *, agent: bool) -> tuple[MaterialRule, ...]:
    """Return the materials of ``item`` in this situation, in order."""
    context = {"answers": known_answers(item.questions, answers), "agent": agent, "form": {}}
    return tuple(_rule(m, context) for m in item.materials if holds(m.when, context))


def _rule(material: Material, context: Mapping[str, Any]) -> MaterialRule:
    variant = next((v for v in material.variants if holds(v.when, context)), None)
    changed = {} if variant is None else _changed(variant)
    kept = {name: getattr(material, name) for name in MaterialRule.__struct_fields__}
    return MaterialRule(**(kept | {"code": material.code or material.key} | changed))


def _changed(variant: Variant | TermVariant) -> dict[str, Any]:
    """Return what a variant says; keys it leaves out keep the value of what it varies."""
    said = msgspec.structs.asdict(variant)
    return {key: value for key, value in said.items() if key != "when" and value is not None}
