"""Looks a whole catalogue over before it is published: every fault at once, each with file and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinpu_desk.domain.errors import Refused

from .checklist import known_answers
from .conditions import compile_condition, holds
from .load import Fault, read
from .model import Catalogue, Field, Item, Material, Package, Question

CODE_SHAPES = {
    "basic_code": re.compile(r"[0-9]{4}[0-9A-Z]{8}"),
    "business_code": re.compile(r"[0-9]{4}[0-9A-Z]{8}[0-9]{2}"),
    "implementation_code": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[0-9][0-9A-Z]{12}([0-9]{2})?"),
}
"""基本编码, 业务办理项编码 and 实施编码 (DOMAIN §B2); a code that is not known is left out."""
KEY = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
NEVER_TOLERABLE = frozenset({"application", "identity", "safety"})
"""Roles of materials that 容缺 never covers (DOMAIN §G)."""
_ANSWER = re.compile(r"answers\.(\w+)")
_COMPARED = re.compile(r"answers\.(\w+)\s*(?:==|!=)\s*'([^']*)'")
_LISTED = re.compile(r"answers\.(\w+)\s+in\s+\[([^\]]*)\]")


def check(files: Mapping[str, bytes]) -> list[Fault]:
    """Return everything wrong with the files, in file order; an empty list means they may be published."""
    catalogue, faults = read(files)
    return faults if catalogue is None else faults + list(check_catalogue(catalogue))


def check_catalogue(catalogue: Catalogue) -> Iterator[Fault]:
    """Give every fault that single files cannot show: terms, codes, conditions and references."""
    for item in catalogue.items.values():
        yield from _item(catalogue, item)
    for package in catalogue.packages.values():
        yield from _package(catalogue, package)


def low_confidence(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return (file, key) of every value that still wants a source before real use."""
    return tuple(
        (f"items/{item.key}.toml", key)
        for item in catalogue.items.values()
        for key in (
            *item.low_confidence,
            *(f"materials.{m.key}" for m in item.materials if m.confidence == "low"),
        )
    )


def _item(catalogue: Catalogue, item: Item) -> Iterator[Fault]:
    at = f"items/{item.key}.toml:"
    if not KEY.fullmatch(item.key):
        yield Fault(where=f"{at}key", code="catalogue.bad-key", params={"key": item.key})
    if item.authority not in catalogue.authorities:
        yield Fault(
            where=f"{at}authority", code="catalogue.unknown-authority", params={"key": item.authority}
        )
    yield from _terms(at, item)
    yield from _codes(at, item)
    if item.effective_from and item.effective_to and item.effective_to < item.effective_from:
        yield Fault(where=f"{at}effective_to", code="catalogue.ends-before-start")
    if not item.entered and not item.not_entered_reason:
        yield Fault(where=f"{at}not_entered_reason", code="catalogue.no-reason")
    for key in item.low_confidence:
        if key not in item.__struct_fields__:
            yield Fault(where=f"{at}low_confidence", code="catalogue.unknown-mark", params={"key": key})
    yield from _questions(at, item.questions)
    yield from _fields(f"{at}fields", item.fields, item.questions)
    yield from _repeated(f"{at}materials", [m.key for m in item.materials])
    for n, material in enumerate(item.materials):
        yield from _material(f"{at}materials[{n}]", material, item.questions)
    for n, rule in enumerate(item.rules):
        yield from _condition(f"{at}rules[{n}].holds", rule.holds, item.questions)
        yield from _target(f"{at}rules[{n}].where", rule.where, item.fields)


def _terms(at: str, item: Item) -> Iterator[Fault]:
    if item.promised_days < 0 or (item.legal_days is not None and item.legal_days < 0):
        yield Fault(where=f"{at}promised_days", code="catalogue.negative-days")
    elif item.legal_days is not None and item.promised_days > item.legal_days:
        params: dict[str, object] = {"promised": item.promised_days, "legal": item.legal_days}
        yield Fault(where=f"{at}promised_days", code="catalogue.promise-over-legal", params=params)
    if item.project_type == 1 and item.promised_days > 0:
        yield Fault(where=f"{at}project_type", code="catalogue.project-type")
    if item.extension_days < 0:
        yield Fault(where=f"{at}extension_days", code="catalogue.negative-days")
    if item.window_authorised and item.project_type != 1:
        yield Fault(where=f"{at}window_authorised", code="catalogue.not-at-once")


def _codes(at: str, item: Item) -> Iterator[Fault]:
    for key, shape in CODE_SHAPES.items():
        code = getattr(item, key)
        if code is not None and not shape.fullmatch(code):
            yield Fault(where=f"{at}{key}", code="catalogue.bad-code", params={"value": code})


def _questions(at: str, questions: tuple[Question, ...]) -> Iterator[Fault]:
    yield from _repeated(f"{at}questions", [q.key for q in questions])
    for n, question in enumerate(questions):
        place = f"{at}questions[{n}]"
        values = [o.value for o in question.options]
        yield from _condition(f"{place}.when", question.when, questions)
        yield from _repeated(f"{place}.options", values)
        if (question.kind == "bool") == bool(values):
            yield Fault(where=f"{place}.options", code="catalogue.options", params={"key": question.key})
        if isinstance(question.default, str) and question.default not in values:
            yield Fault(
                where=f"{place}.default", code="catalogue.unknown-option", params={"value": question.default}
            )


def _fields(at: str, fields: tuple[Field, ...], questions: tuple[Question, ...]) -> Iterator[Fault]:
    yield from _repeated(at, [f.key for f in fields])
    for n, field in enumerate(fields):
        place = f"{at}[{n}]"
        values = [o.value for o in field.options]
        yield from _condition(f"{place}.when", field.when, questions)
        yield from _repeated(f"{place}.options", values)
        if (field.kind == "choice") != bool(values):
            yield Fault(where=f"{place}.options", code="catalogue.options", params={"key": field.key})
        if (field.kind == "group") != bool(field.fields):
            yield Fault(where=f"{place}.fields", code="catalogue.group", params={"key": field.key})
        if field.kind == "choice" and field.default is not None and field.default not in values:
            yield Fault(
                where=f"{place}.default", code="catalogue.unknown-option", params={"value": field.default}
            )
        for bound in ("minimum", "maximum"):
            value = getattr(field, bound)
            if value is not None and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
                yield Fault(where=f"{place}.{bound}", code="catalogue.bound", params={"value": value})
        yield from _fields(f"{place}.fields", field.fields, questions)


def _material(at: str, material: Material, questions: tuple[Question, ...]) -> Iterator[Fault]:
    yield from _condition(f"{at}.when", material.when, questions)
    for n, variant in enumerate(material.variants):
        yield from _condition(f"{at}.variants[{n}].when", variant.when, questions)
    if material.tolerable and material.role in NEVER_TOLERABLE:
        yield Fault(
            where=f"{at}.tolerable", code="catalogue.never-tolerable", params={"material": material.name}
        )
    if material.tolerance_days is not None and (material.tolerance_days < 1 or not material.tolerable):
        yield Fault(where=f"{at}.tolerance_days", code="catalogue.tolerance-days")
    if material.copies < 0:
        yield Fault(where=f"{at}.copies", code="catalogue.negative-copies")


def _package(catalogue: Catalogue, package: Package) -> Iterator[Fault]:
    at = f"packages/{package.key}.toml:"
    if package.authority not in catalogue.authorities:
        yield Fault(
            where=f"{at}authority", code="catalogue.unknown-authority", params={"key": package.authority}
        )
    if package.key in catalogue.items:
        yield Fault(where=f"{at}key", code="catalogue.repeated-key", params={"key": package.key})
    yield from _questions(at, package.questions)
    yield from _repeated(f"{at}branches", [b.key for b in package.branches])
    asked = {q.key: q for q in package.questions}
    for n, branch in enumerate(package.branches):
        place = f"{at}branches[{n}]"
        yield from _condition(f"{place}.when", branch.when, package.questions)
        if bool(branch.item) == bool(branch.items) or bool(branch.items) != bool(branch.question):
            yield Fault(where=place, code="catalogue.branch", params={"key": branch.key})
        for key in filter(None, (branch.item, *branch.items.values())):
            if key not in catalogue.items:
                yield Fault(where=place, code="catalogue.unknown-item", params={"key": key})
        if branch.question and branch.question not in asked:
            yield Fault(
                where=f"{place}.question", code="catalogue.unknown-question", params={"key": branch.question}
            )
        elif branch.question:
            known = {o.value for o in asked[branch.question].options}
            yield from _unknown_options(f"{place}.items", branch.items, known)
    yield from _field_codes(at, catalogue, package)


def _field_codes(at: str, catalogue: Catalogue, package: Package) -> Iterator[Fault]:
    for item_key, codes in package.field_codes.items():
        item = catalogue.items.get(item_key)
        if item is None:
            yield Fault(
                where=f"{at}field_codes.{item_key}", code="catalogue.unknown-item", params={"key": item_key}
            )
            continue
        for key in codes.keys() - {f.key for f in item.fields}:
            yield Fault(
                where=f"{at}field_codes.{item_key}.{key}",
                code="catalogue.unknown-field",
                params={"key": key},
            )


def _condition(at: str, source: str, questions: tuple[Question, ...]) -> Iterator[Fault]:
    if not source:
        return
    try:
        compile_condition(source)
    except Refused as error:
        yield Fault(where=at, code=error.code, params=error.params)
        return
    known = {q.key: {o.value for o in q.options} for q in questions}
    unknown = set(_ANSWER.findall(source)) - known.keys()
    for key in sorted(unknown):
        yield Fault(where=at, code="catalogue.unknown-question", params={"key": key})
    for key, value in _COMPARED.findall(source):
        if key in known:
            yield from _unknown_options(at, [value], known[key])
    for key, values in _LISTED.findall(source):
        if key in known:
            yield from _unknown_options(at, re.findall(r"'([^']*)'", values), known[key])
    if not unknown and "form." not in source:
        yield from _unevaluable(at, source, questions)


def _unevaluable(at: str, source: str, questions: tuple[Question, ...]) -> Iterator[Fault]:
    context: dict[str, Any] = {"answers": known_answers(questions, {}), "agent": False, "form": {}}
    try:
        holds(source, context)
    except Refused as error:
        yield Fault(where=at, code=error.code, params=error.params)


def _unknown_options(at: str, values: Iterable[str], known: set[str]) -> Iterator[Fault]:
    for value in values:
        if value not in known:
            yield Fault(where=at, code="catalogue.unknown-option", params={"value": value})


def _target(at: str, path: str, fields: tuple[Field, ...]) -> Iterator[Fault]:
    key = path.removeprefix("form.").partition(".")[0]
    if not path.startswith("form.") or key not in {f.key for f in fields}:
        yield Fault(where=at, code="catalogue.unknown-field", params={"key": path})


def _repeated(at: str, keys: list[str]) -> Iterator[Fault]:
    for n, key in enumerate(keys):
        if key in keys[:n]:
            yield Fault(where=f"{at}[{n}]", code="catalogue.repeated-key", params={"key": key})
