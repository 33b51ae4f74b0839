"""From answers to one checklist: which questions are asked, which materials are wanted (DOMAIN §B3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jinpu_desk.domain.materials import MaterialRule

from .conditions import holds
from .model import Item, Material, Question

Answers = Mapping[str, Any]


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with an answer or field: JSON path, code of the sentence and its blanks."""

    where: str
    code: str
    params: dict[str, object] = {}


def known_answers(questions: tuple[Question, ...], answers: Answers) -> dict[str, Any]:
    """Return an answer for every question, so that conditions never meet a missing key: "" / False / []."""
    blank: dict[str, Any] = {"choice": "", "bool": False, "many": []}
    return {
        q.key: answers[q.key]
        if answers.get(q.key) is not None
        else blank[q.kind]
        if q.default is None
        else q.default
        for q in questions
    }


def asked(questions: tuple[Question, ...], answers: Answers) -> tuple[Question, ...]:
    """Return the questions whose condition holds, in order."""
    context = {"answers": known_answers(questions, answers), "agent": False, "form": {}}
    return tuple(q for q in questions if holds(q.when, context))


def check_answers(questions: tuple[Question, ...], answers: Answers) -> list[Complaint]:
    """Return what is wrong: unknown questions, missing and impossible answers."""
    wanted = {q.key: q for q in asked(questions, answers)}
    complaints = [
        Complaint(where=f"answers.{key}", code="intake.unknown-key", params={"key": key})
        for key in answers
        if key not in {q.key for q in questions}
    ]
    for key, question in wanted.items():
        value = answers.get(key)
        if value is None:
            if question.default is None:
                complaints.append(
                    Complaint(where=f"answers.{key}", code="intake.missing", params={"label": question.label})
                )
        elif not _possible(question, value):
            code = "intake.unknown-value" if isinstance(value, str) else "intake.wrong-type"
            complaints.append(Complaint(where=f"answers.{key}", code=code, params={"label": question.label}))
    return complaints


def _possible(question: Question, value: object) -> bool:
    values = {option.value for option in question.options}
    match question.kind:
        case "bool":
            return isinstance(value, bool)
        case "choice":
            return isinstance(value, str) and value in values
        case "many":
            return isinstance(value, list | tuple) and set(map(str, value)) <= values


def checklist(item: Item, answers: Answers, *, agent: bool) -> tuple[MaterialRule, ...]:
    """Return the materials of ``item`` in this situation, in order."""
    context = {"answers": known_answers(item.questions, answers), "agent": agent, "form": {}}
    return tuple(_rule(m, context) for m in item.materials if holds(m.when, context))


def _rule(material: Material, context: Mapping[str, Any]) -> MaterialRule:
    variant = next((v for v in material.variants if holds(v.when, context)), None)
    changed = (
        {k: v for k, v in msgspec.structs.asdict(variant).items() if k != "when" and v is not None}
        if variant
        else {}
    )
    kept = {name: getattr(material, name) for name in MaterialRule.__struct_fields__}
    return MaterialRule(**(kept | {"code": material.code or material.key} | changed))
