"""A complete, plainly fictitious (演示) application for any item or package in any situation, made from its own data.

Nothing here names an item's fields one by one, so that a new item in the catalogue is tried with no new line of test.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from jinpu_desk.catalogue.checklist import asked, checklist, in_situation
from jinpu_desk.catalogue.forms import form_fields, shown_fields
from jinpu_desk.catalogue.model import Catalogue, Field, Item, Package, Question
from jinpu_desk.catalogue.packages import merge, package_questions
from jinpu_desk.domain.materials import MaterialRule
from jinpu_desk.entry.demo_cases import PEOPLE, person_id

USCC = "91210213MA10ABCD6L"
TODAY = date(2026, 9, 18)
ENTRIES = {"cluster-places": "place-01", "incubators": "incubator-01"}
"""An entry of each register that every training centre knows."""
LONG_AGO, SOON, LATER = timedelta(days=40), timedelta(days=20), timedelta(days=60)


def answered(questions: tuple[Question, ...], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer to every question that is asked: the one wanted, its default, or what bars nothing."""
    answers: dict[str, Any] = {}
    for _ in questions:  # an answer may ask further questions
        for question in asked(questions, answers):
            answers.setdefault(question.key, wanted.get(question.key, _answer(question)))
    return answers


def _answer(question: Question) -> Any:
    if question.default is not None:
        return question.default
    match question.kind:
        case "bool":
            return False
        case "choice":
            return question.options[0].value
        case "many":
            return [question.options[0].value]


def application(
    catalogue: Catalogue,
    target: str,
    *,
    answers: Mapping[str, Any] | None = None,
    today: date = TODAY,
    number: int = 1,
    **states: str,
) -> dict[str, Any]:
    """Return an intake file for an item or package; ``states`` sets materials (``_`` for ``-``), the rest is received."""
    package = catalogue.packages.get(target)
    wanted = answers or {}
    if package is not None:
        told, fields, rules = _package(catalogue, package, wanted)
    else:
        told, fields, rules = _item(catalogue.items[target], wanted)
    company = any(field.kind == "uscc" for field in fields)
    form = {field.key: value(field, fields, target, today, number) for field in fields}
    return {
        "package" if package is not None else "item": target,
        "applicant": _organisation(number) if company else _person(number),
        "answers": told,
        "form": {key: held for key, held in form.items() if held is not None},
        "materials": {
            rule.key: {"state": states.get(rule.key.replace("-", "_"), "received"), "pages": 1}
            for rule in rules
        },
    }


def _item(
    item: Item, wanted: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Field, ...], tuple[MaterialRule, ...]]:
    told = answered(item.questions, wanted)
    there = in_situation(item, told)
    return told, form_fields(there, told), checklist(there, told, agent=False)


def _package(
    catalogue: Catalogue, package: Package, wanted: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Field, ...], tuple[MaterialRule, ...]]:
    told: dict[str, Any] = {}
    for _ in range(3):  # which items there are depends on the answers
        questions = package_questions(catalogue, package, told)
        told = answered(questions, dict(wanted) | told)
    merged = merge(catalogue, package, told, agent=False)
    return told, shown_fields(merged.fields, merged.questions, told, agent=False), merged.rules


def _person(number: int) -> dict[str, Any]:
    return {
        "type": "person",
        "name": PEOPLE[number % len(PEOPLE)],
        "id_type": "111",
        "id_no": person_id(number),
        "phone": f"139{number:08d}",
    }


def _organisation(number: int) -> dict[str, Any]:
    return {"type": "organisation", "name": f"大连演示{number}有限公司", "uscc": USCC, "phone": "13900000000"}


def value(field: Field, fields: tuple[Field, ...], target: str, today: date, number: int) -> Any:
    """Return something right for a field, by its kind and bounds; None for what may be left out."""
    if field.nullable:
        return None
    match field.kind:
        case "group":
            return {inner.key: value(inner, field.fields, target, today, number) for inner in field.fields}
        case "choice":
            return field.options[0].value
        case "bool":
            return True
        case "integer":
            return int(field.minimum or "1") or 1
        case "money":
            return field.minimum if field.minimum and float(field.minimum) > 0 else "10"
        case "date":
            return _day(field, today).isoformat()
        case "phone":
            return "13900000000"
        case "id_no":
            return person_id(number)
        case "uscc":
            return USCC
        case "register":
            return ENTRIES[field.register]
        case _:
            return _text(field, target)[: field.max_length]


def _day(field: Field, today: date) -> date:
    if field.not_past:
        return today + (LATER if field.key.startswith(("to", "ends")) else SOON)
    if field.within_years is not None:
        return today + LATER
    if field.key.startswith(("starts", "from", "performance_from")):
        return today + SOON
    if field.key.startswith(("ends", "to_", "performance_to")):
        return today + LATER
    return today - (timedelta(days=21) if field.key == "notice_from" else LONG_AGO)


COMPANIES = ("llc-one-person-setup", "start-company", "open-pharmacy", "open-hotel")


def _text(field: Field, target: str) -> str:
    if field.key == "name":
        return "大连演示有限责任公司" if target in COMPANIES else "大连演示小馆（演示）"
    return f"演示{field.label}"
