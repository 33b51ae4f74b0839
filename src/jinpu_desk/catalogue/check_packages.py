"""Looks packages over: every answer leads to an item, and what is joined under one code may be joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from .check_conditions import check_when
from .load import Fault
from .model import Branch, Catalogue, Field, Item, Package, Question
from .packages import answer_key


def check_package(at: str, catalogue: Catalogue, package: Package) -> Iterator[Fault]:
    """Give what is wrong with a package beyond its own questions."""
    if package.key in catalogue.items:
        yield Fault(where=f"{at}key", code="catalogue.repeated-key", params={"key": package.key})
    if not package.branches:
        yield Fault(where=f"{at}branches", code="catalogue.no-branch")
    if package.cap_days < 1:
        yield Fault(where=f"{at}cap_days", code="catalogue.too-few", params={"least": 1})
    for key, times in Counter(b.key for b in package.branches).items():
        if times > 1:
            yield Fault(where=f"{at}branches.{key}", code="catalogue.repeated-key", params={"key": key})
    for branch in package.branches:
        yield from _branch(f"{at}branches.{branch.key}", catalogue, package, branch)
    yield from _once(at, package)
    items = _items(catalogue, package)
    yield from _shared_codes(at, package, items)
    yield from _joined(at, package, items)


def _once(at: str, package: Package) -> Iterator[Fault]:
    """Two branches with one item would open two cases of the same thing."""
    counted = Counter(key for b in package.branches for key in {b.item, *b.items.values()} if key)
    for key, times in counted.items():
        if times > 1:
            yield Fault(where=f"{at}branches", code="catalogue.repeated-item", params={"key": key})


def _items(catalogue: Catalogue, package: Package) -> list[Item]:
    """Return the known items of the package, each once."""
    keys = dict.fromkeys(key for b in package.branches for key in (b.item, *b.items.values()) if key)
    return [catalogue.items[key] for key in keys if key in catalogue.items]


def _branch(at: str, catalogue: Catalogue, package: Package, branch: Branch) -> Iterator[Fault]:
    yield from check_when(f"{at}.when", branch.when, package.questions)
    if bool(branch.item) == bool(branch.items) or bool(branch.items) != bool(branch.question):
        yield Fault(where=at, code="catalogue.branch", params={"key": branch.key})
        return
    for place, key in (
        (f"{at}.item", branch.item),
        *((f"{at}.items.{a}", k) for a, k in branch.items.items()),
    ):
        if key and key not in catalogue.items:
            yield Fault(where=place, code="catalogue.unknown-item", params={"key": key})
    if branch.question:
        yield from _mapping(at, package, branch)


def _mapping(at: str, package: Package, branch: Branch) -> Iterator[Fault]:
    question = next((q for q in package.questions if q.key == branch.question), None)
    if question is None:
        params: dict[str, object] = {"key": branch.question}
        yield Fault(where=f"{at}.question", code="catalogue.unknown-question", params=params)
        return
    answers = _answers(question)
    for answer in branch.items:
        if answer not in answers:
            yield Fault(where=f"{at}.items", code="catalogue.unknown-option", params={"value": answer})
    for answer in answers:
        if answer not in branch.items:
            yield Fault(where=f"{at}.items", code="catalogue.answer-unmapped", params={"value": answer})


def _answers(question: Question) -> list[str]:
    if question.kind == "bool":
        return [answer_key(False), answer_key(True)]
    return [option.value for option in question.options] if question.kind == "choice" else []


def _shared_codes(at: str, package: Package, items: list[Item]) -> Iterator[Fault]:
    by_key = {item.key: item for item in items}
    for item_key, codes in package.field_codes.items():
        place = f"{at}field_codes.{item_key}"
        if item_key not in by_key:
            yield Fault(where=place, code="catalogue.unknown-item", params={"key": item_key})
            continue
        for key in codes:
            if key not in {f.key for f in by_key[item_key].fields}:
                yield Fault(where=f"{place}.{key}", code="catalogue.unknown-field", params={"key": key})
    fields = {_field_code(package, item, f) for item in items for f in item.fields}
    for code in package.produced_fields:
        if code not in fields:
            yield Fault(where=f"{at}produced_fields", code="catalogue.unknown-field", params={"key": code})
    papers = {m.code or m.key for item in items for m in item.materials}
    for code in package.material_names:
        if code not in papers:
            yield Fault(
                where=f"{at}material_names.{code}", code="catalogue.unknown-material", params={"key": code}
            )


def _field_code(package: Package, item: Item, field: Field) -> str:
    return package.field_codes.get(item.key, {}).get(field.key) or field.code or field.key


def _joined(at: str, package: Package, items: list[Item]) -> Iterator[Fault]:
    """Give what two share under one name although it is not the same thing."""
    for item in items:
        yield from _unlike_questions(at, package, item)
    for one, two in combinations(items, 2):
        yield from _unlike_questions(at, one, two)
        yield from _unlike_fields(at, package, one, two)
        yield from _unlike_papers(at, one, two)


def _unlike_fields(at: str, package: Package, one: Item, two: Item) -> Iterator[Fault]:
    held = {_field_code(package, one, field): field for field in one.fields}
    for field in two.fields:
        code = _field_code(package, two, field)
        if code in held and _unlike(held[code], field):
            yield _clash(f"{at}field_codes", code, one, two)


def _unlike_papers(at: str, one: Item, two: Item) -> Iterator[Fault]:
    """An identity document or an application never doubles as another paper."""
    roles = {m.code or m.key: m.role for m in one.materials}
    for material in two.materials:
        code = material.code or material.key
        pair = {roles.get(code, material.role), material.role}
        if len(pair) > 1 and pair & {"identity", "application"}:
            yield _clash(f"{at}branches", code, one, two)


def _unlike(first: Field, second: Field) -> bool:
    return first.kind != second.kind or first.options != second.options or first.fields != second.fields


def _unlike_questions(at: str, one: Item | Package, two: Item) -> Iterator[Fault]:
    held = {q.key: q for q in one.questions}
    for question in two.questions:
        other = held.get(question.key, question)
        if (other.kind, other.options) != (question.kind, question.options):
            yield _clash(f"{at}questions.{question.key}", question.key, one, two)


def _clash(at: str, code: str, one: Item | Package, two: Item) -> Fault:
    params: dict[str, object] = {"key": code, "one": one.name, "two": two.name}
    return Fault(where=at, code="catalogue.code-clash", params=params)
