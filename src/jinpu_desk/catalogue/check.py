"""Looks a whole catalogue over before it is published: every fault at once, each with file and key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.codes import item_code_kind

from .check_conditions import check_rule, check_when
from .check_guide import check_guide, check_question_bar, check_register, check_result, check_seals
from .check_packages import check_package
from .load import ROOT, Fault, read
from .model import Authority, Catalogue, Field, Item, Material, Package, Question, Seal, TermVariant

KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Keys of items, packages, branches and materials."""
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""Keys of questions and fields: conditions name them, so they are identifiers of CEL."""
BOUND = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")
NEVER_LEFT_OUT = frozenset({"application", "identity", "safety"})
"""Roles of materials that neither 容缺 nor 告知承诺 covers (DOMAIN §G)."""
CODE_KINDS = {
    "basic_code": {"basic"},
    "business_code": {"business"},
    "implementation_code": {"implementation", "implementation-business"},
}


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A value that still wants a source before real use: file:key, the name of what it belongs to, and the value."""

    where: str
    name: str
    value: Any


def check(files: Mapping[str, bytes]) -> list[Fault]:
    """Return everything wrong with the files, in file order; an empty list means they may be published."""
    catalogue, faults = read(files)
    return faults if catalogue is None else faults + list(check_catalogue(catalogue))


def check_catalogue(catalogue: Catalogue) -> Iterator[Fault]:
    """Give every fault that the form of single files does not show: terms, codes, conditions, references."""
    for key, authority in catalogue.authorities.items():
        yield from _marks(f"{ROOT}:authorities.{key}.", authority)
    yield from check_seals(catalogue)
    for item in catalogue.items.values():
        yield from _item(catalogue, f"items/{item.key}.toml:", item)
    for package in catalogue.packages.values():
        at = f"packages/{package.key}.toml:"
        yield from _key(at, package.key, KEY)
        yield from _authority(at, catalogue, package.authority)
        yield from _marks(at, package)
        yield from _dates(at, package.effective_from, package.effective_to)
        yield from _questions(at, package.questions)
        yield from check_result(f"{at}result", package.result)
        yield from check_package(at, catalogue, package)


def low_confidence(catalogue: Catalogue) -> list[Doubt]:
    """Return every value that still wants a source, in file order."""
    doubts = [
        doubt
        for key, authority in catalogue.authorities.items()
        for doubt in _doubts(f"{ROOT}:authorities.{key}.", authority)
    ]
    for key, seal in catalogue.seals.items():
        doubts += _doubts(f"{ROOT}:seals.{key}.", seal)
    for item in catalogue.items.values():
        at = f"items/{item.key}.toml:"
        doubts += _doubts(at, item)
        doubts += [
            Doubt(where=f"{at}materials.{m.key}", name=item.name, value=m.name)
            for m in item.materials
            if m.confidence == "low"
        ]
    for package in catalogue.packages.values():
        doubts += _doubts(f"packages/{package.key}.toml:", package)
    return doubts


def _doubts(at: str, source: Authority | Seal | Item | Package) -> Iterator[Doubt]:
    """Give what ``source`` marks; of a list that has keys, the keys are value enough."""
    for mark in source.low_confidence:
        yield Doubt(where=f"{at}{mark}", name=source.name, value=_plain(marked(source, mark)))


def marked(source: msgspec.Struct, mark: str) -> Any:
    """Return the value a mark points at: a key, or ``guide.hours`` inside a part.

    Raises:
        KeyError: there is no such key.
    """
    value: Any = source
    for step in mark.split("."):
        if step not in getattr(value, "__struct_fields__", ()):
            raise KeyError(mark)
        value = getattr(value, step)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and value and hasattr(value[0], "key"):
        return [one.key for one in value]
    return msgspec.to_builtins(value)


def _item(catalogue: Catalogue, at: str, item: Item) -> Iterator[Fault]:
    yield from _key(at, item.key, KEY)
    yield from _authority(at, catalogue, item.authority)
    yield from _marks(at, item)
    yield from _dates(at, item.effective_from, item.effective_to)
    yield from _terms(at, item)
    yield from _term_variants(at, item)
    yield from _codes(at, item)
    yield from check_guide(at, catalogue, item)
    if not item.entered and not item.not_entered_reason:
        yield Fault(where=f"{at}not_entered_reason", code="catalogue.no-reason")
    yield from _questions(at, item.questions)
    yield from _repeated(f"{at}materials", [m.key for m in item.materials])
    yield from _one_paper_each(at, item)
    for material in item.materials:
        yield from _material(f"{at}materials.{material.key}", material, item.questions)
    yield from _fields(f"{at}fields", item.fields, item.questions)
    yield from _repeated(f"{at}fields", [f.code for f in item.fields if f.code])
    for n, rule in enumerate(item.rules):
        yield from check_rule(f"{at}rules[{n}]", rule, item.fields, item.questions)


def _key(at: str, key: str, shape: re.Pattern[str]) -> Iterator[Fault]:
    if not shape.fullmatch(key):
        yield Fault(where=f"{at}key", code="catalogue.bad-key", params={"key": key})


def _authority(at: str, catalogue: Catalogue, key: str) -> Iterator[Fault]:
    if key not in catalogue.authorities:
        yield Fault(where=f"{at}authority", code="catalogue.unknown-authority", params={"key": key})


def _marks(at: str, source: Authority | Item | Package) -> Iterator[Fault]:
    for key in source.low_confidence:
        try:
            marked(source, key)
        except KeyError:
            yield Fault(where=f"{at}low_confidence", code="catalogue.unknown-mark", params={"key": key})


def _dates(at: str, start: date | None, end: date | None) -> Iterator[Fault]:
    if start is not None and end is not None and end < start:
        yield Fault(where=f"{at}effective_to", code="catalogue.ends-before-start")


def _terms(at: str, item: Item) -> Iterator[Fault]:
    counts = {"promised_days": 0, "legal_days": 0, "extension_days": 0, "visits": 0, "correction_days": 1}
    for key, least in counts.items():
        days = getattr(item, key)
        if days is not None and days < least:
            yield Fault(where=f"{at}{key}", code="catalogue.too-few", params={"least": least})
    if item.legal_days is not None and item.promised_days > item.legal_days:
        params: dict[str, object] = {"promised": item.promised_days, "legal": item.legal_days}
        yield Fault(where=f"{at}promised_days", code="catalogue.promise-over-legal", params=params)
    if item.project_type == 1 and item.promised_days != 0:
        yield Fault(where=f"{at}project_type", code="catalogue.project-type")
    if item.window_authorised and item.project_type != 1:
        yield Fault(where=f"{at}window_authorised", code="catalogue.not-at-once")


def _term_variants(at: str, item: Item) -> Iterator[Fault]:
    for n, variant in enumerate(item.term_variants):
        place = f"{at}term_variants[{n}]."
        yield from _variant_when(f"{place}when", variant.when, item.questions)
        said = {
            k: v
            for k in TermVariant.__struct_fields__
            if k != "when" and (v := getattr(variant, k)) is not None
        }
        yield from _terms(place, replace(item, **said))


def _codes(at: str, item: Item) -> Iterator[Fault]:
    for key, kinds in CODE_KINDS.items():
        code = getattr(item, key)
        if code is not None and item_code_kind(code) not in kinds:
            yield Fault(where=f"{at}{key}", code="catalogue.bad-code", params={"value": code})


def _questions(at: str, questions: tuple[Question, ...]) -> Iterator[Fault]:
    yield from _repeated(f"{at}questions", [q.key for q in questions])
    for n, question in enumerate(questions):
        place = f"{at}questions.{question.key}"
        values = [o.value for o in question.options]
        yield from _key(f"{place}.", question.key, NAME)
        # Only earlier questions: the clerk answers from top to bottom.
        yield from check_when(f"{place}.when", question.when, questions[:n])
        yield from _repeated(f"{place}.options", values)
        if (question.kind == "bool") == bool(values):
            yield Fault(where=f"{place}.options", code="catalogue.options", params={"key": question.key})
        yield from check_question_bar(place, question)
        if question.default is not None and not _is_default(question, values):
            params: dict[str, object] = {"value": str(question.default)}
            yield Fault(where=f"{place}.default", code="catalogue.unknown-option", params=params)


def _is_default(question: Question, values: list[str]) -> bool:
    if isinstance(question.default, bool):
        return question.kind == "bool"
    return question.kind == "choice" and question.default in values


def _material(at: str, material: Material, questions: tuple[Question, ...]) -> Iterator[Fault]:
    yield from _key(f"{at}.", material.key, KEY)
    yield from check_when(f"{at}.when", material.when, questions)
    for n, variant in enumerate(material.variants):
        place = f"{at}.variants[{n}]"
        yield from _variant_when(f"{place}.when", variant.when, questions)
        if variant.pledgeable and material.role in NEVER_LEFT_OUT:
            yield _never(f"{place}.pledgeable", material)
    for key in ("tolerable", "pledgeable"):
        if getattr(material, key) and material.role in NEVER_LEFT_OUT:
            yield _never(f"{at}.{key}", material)
    if material.tolerance_days is not None and (material.tolerance_days < 1 or not material.tolerable):
        yield Fault(where=f"{at}.tolerance_days", code="catalogue.tolerance-days")
    if material.copies < 1:
        yield Fault(where=f"{at}.copies", code="catalogue.too-few", params={"least": 1})
    if material.valid_days is not None and material.valid_days < 1:
        yield Fault(where=f"{at}.valid_days", code="catalogue.too-few", params={"least": 1})


def _variant_when(at: str, source: str, questions: tuple[Question, ...]) -> Iterator[Fault]:
    if not source:
        yield Fault(where=at, code="catalogue.condition-constant")
    yield from check_when(at, source, questions)


def _never(at: str, material: Material) -> Fault:
    return Fault(where=at, code="catalogue.never-left-out", params={"material": material.name})


def _one_paper_each(at: str, item: Item) -> Iterator[Fault]:
    """Two rows of one item with one code would become one row in a package, and one tick would hide a gap."""
    for code, times in Counter(m.code or m.key for m in item.materials).items():
        if times > 1:
            yield Fault(where=f"{at}materials", code="catalogue.repeated-code", params={"key": code})


def _fields(at: str, fields: tuple[Field, ...], questions: tuple[Question, ...]) -> Iterator[Fault]:
    yield from _repeated(at, [f.key for f in fields])
    for field in fields:
        place = f"{at}.{field.key}"
        values = [o.value for o in field.options]
        yield from _key(f"{place}.", field.key, NAME)
        yield from check_when(f"{place}.when", field.when, questions)
        yield from _repeated(f"{place}.options", values)
        if (field.kind == "choice") != bool(values):
            yield Fault(where=f"{place}.options", code="catalogue.options", params={"key": field.key})
        yield from check_register(place, field)
        if (field.kind == "group") != bool(field.fields):
            yield Fault(where=f"{place}.fields", code="catalogue.group", params={"key": field.key})
        if field.kind == "choice" and field.default is not None and field.default not in values:
            params: dict[str, object] = {"value": field.default}
            yield Fault(where=f"{place}.default", code="catalogue.unknown-option", params=params)
        yield from _bounds(place, field)
        yield from _fields(f"{place}.fields", field.fields, questions)


def _bounds(at: str, field: Field) -> Iterator[Fault]:
    given = {key: getattr(field, key) for key in ("minimum", "maximum") if getattr(field, key) is not None}
    bad = [key for key, bound in given.items() if not BOUND.fullmatch(bound)]
    yield from (
        Fault(where=f"{at}.{key}", code="catalogue.bound", params={"value": given[key]}) for key in bad
    )
    if len(given) == 2 and not bad and Decimal(given["minimum"]) > Decimal(given["maximum"]):
        yield Fault(where=f"{at}.maximum", code="catalogue.bound-order")
    for key, least, most in (("max_length", 1, 4000), ("scale", 0, 6), ("within_years", 0, 1000)):
        number = getattr(field, key)
        if number is not None and not least <= number <= most:
            params: dict[str, object] = {"least": least, "most": most}
            yield Fault(where=f"{at}.{key}", code="catalogue.number", params=params)


def _repeated(at: str, keys: Iterable[str]) -> Iterator[Fault]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield Fault(where=f"{at}.{key}", code="catalogue.repeated-key", params={"key": key})
