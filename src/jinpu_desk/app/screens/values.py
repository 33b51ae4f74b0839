"""A single value of a case as it reads on a screen: by the names of its field, masked unless shown in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinpu_desk.catalogue.model import Field
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.mask import mask_address, mask_id, mask_name, mask_phone
from jinpu_desk.domain.materials import MaterialState

from .. import labels
from ..desk import Desk
from ..intake import places
from ..intake.subject import Subject

NOTHING = "（空）"
DELIVERY = {"pick-up": "自取", "post": "邮寄", "electronic": "电子证照"}
PARTY_LABELS = {
    "agent": "代理人",
    "agent.relation": "代理关系",
    "applicant.contact": "联系人",
    "applicant.address": "地址",
    "delivery": "取件方式",
    "external_no": "外部系统办件号",
}


def label_of(subject: Subject, path: str) -> str:
    """Return what a clerk calls a path a body may change."""
    return PARTY_LABELS.get(path) or subject.label(path)


def value_text(desk: Desk, case: Case, subject: Subject, path: str, value: Any, *, reveal: bool) -> str:
    """Return a value as it reads; nothing as （空）."""
    if value is None or value == "" or value == []:
        return NOTHING
    part, _, key = path.partition(".")
    match part:
        case "materials" if isinstance(value, Mapping):
            return tick_text(value)
        case "answers":
            return _answer(subject, key, value)
        case "form":
            return _entry(desk, case, subject, key, value, reveal=reveal)
        case "delivery":
            return DELIVERY.get(str(value), str(value))
        case "agent" if isinstance(value, Mapping):
            name = str(value.get("name", ""))
            return name if reveal else mask_name(name)
        case "applicant" | "agent":
            return _party(case, part, key, value, reveal=reveal)
        case _:
            return str(value)


def tick_text(tick: Mapping[str, Any]) -> str:
    """Return a material's tick: 齐 · 原件 1 · 复印件 2 · 备注."""
    state = labels.STATE_LABELS[MaterialState(tick.get("state", "lacking"))]
    counts = [f"{word} {tick[key]}" for key, word in _COUNTS if tick.get(key)]
    note = str(tick.get("note") or "")
    return " · ".join(part for part in (state, *counts, note) if part)


_COUNTS = (("originals", "原件"), ("copies", "复印件"), ("pages", "页数"))


def _answer(subject: Subject, key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    question = next((q for q in subject.questions if q.key == key), None)
    names = {option.value: option.label for option in question.options} if question else {}
    given = list(value) if isinstance(value, list | tuple) else [value]
    return "、".join(names.get(str(one), str(one)) for one in given)


def _entry(desk: Desk, case: Case, subject: Subject, path: str, value: Any, *, reveal: bool) -> str:
    if isinstance(value, Mapping):  # a group changed whole
        shown = {
            subject.label(f"form.{path}.{key}").rpartition("·")[2]: _entry(
                desk, case, subject, f"{path}.{key}", one, reveal=reveal
            )
            for key, one in value.items()
            if one not in (None, "")
        }
        return "，".join(f"{label} {text}" for label, text in shown.items()) or NOTHING
    field = _field(subject, path)
    if isinstance(value, bool):
        return "是" if value else "否"
    if field is None:
        return str(value)
    if field.kind == "register" and (line := places.line_of(desk, field.register, str(value))):
        return f"{line.name} · {line.address}"
    names = {option.value: option.label for option in field.options}
    text = names.get(str(value), str(value))
    return f"{text if reveal else masked(case, path, field, text)}{field.unit}"


def _field(subject: Subject, path: str) -> Field | None:
    key, _, rest = path.partition(".")
    field = next((f for f in subject.fields if f.key == key), None)
    if field is None or not rest:
        return field
    return next((f for f in field.fields if f.key == rest), None)


def masked(case: Case, path: str, field: Field, text: str) -> str:
    """Mask numbers by their kind, and names of people: those of the parties, and any in a group about a person."""
    if field.kind == "phone":
        return mask_phone(text)
    if field.kind == "id_no":
        return mask_id(text)
    people = {case.applicant.name if case.applicant.type == "person" else "", case.agent and case.agent.name}
    return mask_name(text) if path.endswith(".name") or text in people else text


def _party(case: Case, part: str, key: str, value: Any, *, reveal: bool) -> str:
    text = str(value)
    if key == "id_type":
        return labels.ID_TYPES.get(text, text)
    if reveal:
        return text
    person = part == "agent" or case.applicant.type == "person"
    match key:
        case "name" if person:
            return mask_name(text)
        case "contact":
            return mask_name(text)
        case "id_no":
            return mask_id(text)
        case "phone":
            return mask_phone(text)
        case "address" if person:
            return mask_address(text)
        case _:
            return text
