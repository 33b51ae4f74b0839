"""From answers to one form, and from what was typed to values that can be stored (money and dates stay strings)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from jinpu_desk.domain.codes import check_resident_id, check_uscc
from jinpu_desk.domain.names import normalise_code, normalise_name

from .checklist import Answers, Complaint, known_answers, unknown_key
from .conditions import holds
from .model import Field, FormRule, Item, Question

_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}[0-9]")
_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.(?P<places>[0-9]{1,6}))?")
_BREAKS = re.compile(r"\s*[\r\n\t]\s*")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of surrogate pairs: no paper can show them."""
_INTEGER = re.compile(r"[0-9]{1,12}")
_ID_NO = re.compile(r"[0-9A-Z()（）字第号一-鿿-]{4,30}")
RESIDENT_ID_TYPES = frozenset({"111", "112", "113"})
"""Documents that carry a 公民身份号码 (GA/T 2000.156); other numbers have no check digit."""
INTEGER_LIMIT = 10**12
NAME_FIELDS = frozenset({"name"})
_NAMED = re.compile(r"\bform\.([A-Za-z_]\w*)")


class FormReader:
    """Reads one form against its fields; complaints collect, nothing is raised."""

    def __init__(self, fields: tuple[Field, ...], context: Mapping[str, Any], today: date) -> None:
        self._fields = fields
        self._context = context
        self._today = today
        self.complaints: list[Complaint] = []

    def read(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form as it is stored: known keys only, trimmed and normalised."""
        return self._group(self._fields, form, "form")

    def _group(self, fields: tuple[Field, ...], values: Mapping[str, Any], where: str) -> dict[str, Any]:
        shown = {f.key: f for f in fields if holds(f.when, self._context)}
        self.complaints += [unknown_key(where, key) for key in values if key not in shown]
        read: dict[str, Any] = {}
        for key, field in shown.items():
            path = f"{where}.{key}"
            value = values.get(key, field.default)
            if value is None or (isinstance(value, str) and not value.strip()):
                if field.required and not (field.nullable and key in values):
                    self._complain(path, "intake.missing", label=field.label)
                if field.nullable:
                    read[key] = None
                continue
            if field.kind == "id_no":
                read[key] = self._id_no(field, value, path, values.get("id_type"))
            else:
                read[key] = self._value(field, value, path)
        return read

    def _value(self, field: Field, value: Any, path: str) -> Any:
        if field.kind == "group":
            if not isinstance(value, Mapping):
                self._complain(path, "intake.wrong-type", label=field.label)
                return {}
            return self._group(field.fields, value, path)
        if field.kind == "bool":
            if not isinstance(value, bool):
                self._complain(path, "intake.wrong-type", label=field.label)
            return value
        if field.kind == "integer":
            return self._integer(field, value, path)
        text = self._string(field, value, path)
        return value if text is None else self._text(field, text, path)

    def _string(self, field: Field, value: Any, path: str) -> str | None:
        if not isinstance(value, str):
            self._complain(path, "intake.wrong-type", label=field.label)
            return None
        if len(value) > field.max_length:
            self._complain(path, "intake.text-too-long", limit=field.max_length)
            return None
        if _UNPRINTABLE.search(value):
            self._complain(path, "intake.control-character")
            return None
        return value.strip() if field.kind == "longtext" else _BREAKS.sub(" ", value.strip())

    def _id_no(self, field: Field, value: Any, path: str, id_type: object) -> Any:
        """Check a number by the document beside it; where none is named, it is a resident's."""
        text = self._string(field, value, path)
        if text is None:
            return value
        if isinstance(id_type, str) and id_type not in RESIDENT_ID_TYPES:
            text = normalise_code(text)
            if not _ID_NO.fullmatch(text):
                self._complain(path, "party.id-format")
            return text
        checked = check_resident_id(text, self._today)
        if not checked.ok and checked.warning:
            self._complain(path, checked.warning)
        return checked.value

    def _text(self, field: Field, text: str, path: str) -> str:
        match field.kind:
            case "choice":
                if text not in {option.value for option in field.options}:
                    self._complain(path, "intake.unknown-value", label=field.label)
            case "money":
                self._money(field, text, path)
            case "date":
                self._date(field, text, path)
            case "phone":
                if not _PHONE.fullmatch(text):
                    self._complain(path, "party.phone")
            case "uscc":
                code = check_uscc(text)
                if not code.ok and code.warning:
                    self._complain(path, code.warning)
                return normalise_code(text)
            case "text" if field.key in NAME_FIELDS:
                return normalise_name(text)
        return text

    def _integer(self, field: Field, value: Any, path: str) -> Any:
        if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < INTEGER_LIMIT:
            self._complain(path, "form.integer", label=field.label)
            return value
        self._range(field, Decimal(value), path)
        return value

    def _money(self, field: Field, text: str, path: str) -> None:
        amount = _DECIMAL.fullmatch(text)
        if amount is None or len(amount["places"] or "") > field.scale:
            self._complain(path, "form.money", label=field.label, scale=field.scale)
            return
        self._range(field, Decimal(text), path)

    def _range(self, field: Field, amount: Decimal, path: str) -> None:
        low = field.minimum is not None and amount < Decimal(field.minimum)
        high = field.maximum is not None and amount > Decimal(field.maximum)
        if low or high:
            self._complain(
                path, "form.range", label=field.label, low=field.minimum or "0", high=field.maximum or "不限"
            )

    def _date(self, field: Field, text: str, path: str) -> None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self._complain(path, "form.date", label=field.label)
            return
        if text != day.isoformat():  # a week date, or digits without hyphens
            self._complain(path, "form.date", label=field.label)
        elif field.not_past and day < self._today:
            self._complain(path, "form.date-past", label=field.label)
        elif field.within_years is not None and day > years_after(self._today, field.within_years):
            self._complain(path, "form.date-far", label=field.label, years=field.within_years)

    def _complain(self, where: str, code: str, **params: object) -> None:
        self.complaints.append(Complaint(where=where, code=code, params=params))


def years_after(day: date, years: int) -> date:
    """Return the same day ``years`` later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def form_fields(item: Item, answers: Answers, *, agent: bool = False) -> tuple[Field, ...]:
    """Return the fields of ``item`` in this situation, in order."""
    return shown_fields(item.fields, item.questions, answers, agent=agent)


def shown_fields(
    fields: tuple[Field, ...], questions: tuple[Question, ...], answers: Answers, *, agent: bool
) -> tuple[Field, ...]:
    """Return the fields whose condition holds."""
    context = {"answers": known_answers(questions, answers), "agent": agent, "form": {}}
    return tuple(f for f in fields if holds(f.when, context))


def read_form(
    fields: tuple[Field, ...],
    questions: tuple[Question, ...],
    rules: tuple[FormRule, ...],
    answers: Answers,
    form: Mapping[str, Any],
    today: date,
    *,
    agent: bool = False,
) -> tuple[dict[str, Any], list[Complaint]]:
    """Return the form as stored and everything wrong with it.

    Rules across fields are asked only when the fields themselves are sound.
    """
    context = {"answers": known_answers(questions, answers), "agent": agent, "form": {}}
    reader = FormReader(fields, context, today)
    read = reader.read(form)
    if reader.complaints:
        return read, reader.complaints
    return read, broken_rules(fields, questions, rules, answers, read, agent=agent)


def broken_rules(
    fields: tuple[Field, ...],
    questions: tuple[Question, ...],
    rules: tuple[FormRule, ...],
    answers: Answers,
    read: Mapping[str, Any],
    *,
    agent: bool = False,
) -> list[Complaint]:
    """Return the rules across fields that a form, sound field by field, breaks; what it leaves out is null."""
    known = known_answers(questions, answers)
    form = with_blanks(fields, read)
    return [
        Complaint(where=rule.where, code="form.rule", params={"message": rule.message})
        for rule in rules
        if not holds(rule.holds, rule_context(rule, known, form, agent=agent))
    ]


def rule_context(rule: FormRule, known: Answers, form: Mapping[str, Any], *, agent: bool) -> dict[str, Any]:
    """Return what a rule is asked with: fields not shown in this situation are null, like those left out."""
    return {"answers": known, "agent": agent, "form": {**dict.fromkeys(named_fields(rule)), **form}}


def named_fields(rule: FormRule) -> list[str]:
    """Return the keys of the fields a rule names, groups by their own key."""
    return _NAMED.findall(rule.holds)


def with_blanks(fields: tuple[Field, ...], form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form with null for each field it leaves out, groups opened."""
    return {
        f.key: with_blanks(f.fields, form.get(f.key) or {}) if f.kind == "group" else form.get(f.key)
        for f in fields
    }
