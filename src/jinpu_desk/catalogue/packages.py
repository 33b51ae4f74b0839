"""一件事: several items asked as one. Each field once, each paper once, and every child gets what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialRule, MaterialTick

from .checklist import Answers, Complaint, checklist, in_situation, known_answers
from .conditions import holds
from .forms import broken_rules, form_fields
from .model import Branch, Catalogue, Field, Item, Package, Question


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a merged intake, with how its own keys map to the shared ones."""

    branch: str
    item: Item
    fields: dict[str, str]  # own field key -> merged key
    materials: dict[str, str]  # own material key -> merged key


class MergedIntake(msgspec.Struct, frozen=True, kw_only=True):
    """What a package asks in one situation. ``raw_*`` count what the items would ask one by one."""

    package: Package
    children: tuple[Child, ...]
    questions: tuple[Question, ...]
    fields: tuple[Field, ...]
    rules: tuple[MaterialRule, ...]
    raw_fields: int
    raw_materials: int

    @property
    def saved_materials(self) -> int:
        """How many papers the applicant need not bring (减材料 x 份)."""
        return self.raw_materials - len(self.rules)

    @property
    def promised_days(self) -> int:
        """Working days of the longest branch, within the joint cap: branches run in parallel."""
        return min(max((c.item.promised_days for c in self.children), default=0), self.package.cap_days)

    @property
    def legal_days(self) -> int | None:
        """Legal working days of the longest branch, within the joint cap; None when no branch has one."""
        known = [c.item.legal_days for c in self.children if c.item.legal_days is not None]
        return min(max(known), self.package.cap_days) if known else None


def chosen_items(catalogue: Catalogue, package: Package, answers: Answers) -> tuple[tuple[Branch, Item], ...]:
    """Return the items the answers select, branch by branch, with the terms they have in this situation.

    A branch whose question is open has none yet.

    Raises:
        Refused: ``catalogue.unknown-item`` when the package names an item there is not.
    """
    known = known_answers(package.questions, answers)
    context = {"answers": known, "agent": False, "form": {}}
    chosen = []
    for branch in package.branches:
        key = branch.item or branch.items.get(answer_key(known.get(branch.question)), "")
        if not key or not holds(branch.when, context):
            continue
        if key not in catalogue.items:
            raise Refused("catalogue.unknown-item", f"packages/{package.key}.toml:branches", key=key)
        chosen.append((branch, in_situation(catalogue.items[key], answers)))
    return tuple(chosen)


def answer_key(answer: object) -> str:
    """Return how a branch names an answer: the option's value, or "true" and "false"."""
    return str(answer).lower() if isinstance(answer, bool) else answer if isinstance(answer, str) else ""


def package_questions(catalogue: Catalogue, package: Package, answers: Answers) -> tuple[Question, ...]:
    """Return the package's own questions and those of the chosen items, each key once."""
    merged = {q.key: q for q in package.questions}
    for _, item in chosen_items(catalogue, package, answers):
        for question in item.questions:
            merged.setdefault(question.key, question)
    return tuple(merged.values())


def merge(catalogue: Catalogue, package: Package, answers: Answers, *, agent: bool) -> MergedIntake:
    """Return the one form and the one checklist of ``package`` in this situation."""
    fields: dict[str, Field] = {}
    rules: dict[str, MaterialRule] = {}
    children = []
    raw_fields = raw_materials = 0
    for branch, item in chosen_items(catalogue, package, answers):
        own_fields = form_fields(item, answers, agent=agent)
        own_rules = checklist(item, answers, agent=agent)
        raw_fields += len(own_fields)
        raw_materials += len(own_rules)
        field_map = _merge_fields(package, item, own_fields, fields)
        material_map = {rule.key: _merge_rule(package, rules, rule) for rule in own_rules}
        children.append(Child(branch=branch.key, item=item, fields=field_map, materials=material_map))
    return MergedIntake(
        package=package,
        children=tuple(children),
        questions=package_questions(catalogue, package, answers),
        fields=tuple(fields.values()),
        rules=tuple(rules.values()),
        raw_fields=raw_fields,
        raw_materials=raw_materials,
    )


def _merge_fields(
    package: Package, item: Item, own: tuple[Field, ...], merged: dict[str, Field]
) -> dict[str, str]:
    codes = package.field_codes.get(item.key, {})
    mapping = {}
    for asked in own:
        code = codes.get(asked.key) or asked.code or asked.key
        field = replace(asked, required=asked.required and code not in package.produced_fields)
        mapping[field.key] = code
        held = merged.get(code)
        merged[code] = replace(field, key=code) if held is None else _stricter_field(held, field)
    return mapping


def _stricter_field(held: Field, other: Field) -> Field:
    return replace(
        held,
        required=held.required or other.required,
        nullable=held.nullable and other.nullable,
        max_length=min(held.max_length, other.max_length),
        scale=min(held.scale, other.scale),
        minimum=_bound(max, held.minimum, other.minimum),
        maximum=_bound(min, held.maximum, other.maximum),
        within_years=_least(held.within_years, other.within_years),
        not_past=held.not_past or other.not_past,
        same_as=held.same_as or other.same_as,
    )


def _bound(choose: Callable[..., Decimal], one: str | None, two: str | None) -> str | None:
    known = [Decimal(bound) for bound in (one, two) if bound is not None]
    return str(choose(known)) if known else None


def _least(one: int | None, two: int | None) -> int | None:
    return min((number for number in (one, two) if number is not None), default=None)


def _merge_rule(package: Package, merged: dict[str, MaterialRule], rule: MaterialRule) -> str:
    """Join a material to the one with its code and return that code."""
    code = rule.code or rule.key
    held = merged.get(code)
    merged[code] = replace(rule, key=code, code=code) if held is None else _stricter_rule(package, held, rule)
    return code


def _stricter_rule(package: Package, held: MaterialRule, rule: MaterialRule) -> MaterialRule:
    """Return the one paper that serves both: the stricter demand holds, and it must show what each asks for."""
    return replace(
        held,
        name=package.material_names.get(held.code, held.name),
        required=held.required or rule.required,
        tolerable=held.tolerable and rule.tolerable,
        pledgeable=held.pledgeable and rule.pledgeable,
        tolerance_days=_least(held.tolerance_days, rule.tolerance_days),
        no_submit=tuple(way for way in held.no_submit if way in rule.no_submit),
        copies=max(held.copies, rule.copies),
        original=held.original if held.original == rule.original else "both",
        medium=held.medium if rule.medium in {"either", held.medium} else rule.medium,
        valid_days=_least(held.valid_days, rule.valid_days),
        requirement=_both(held.requirement, rule.requirement, ""),
        basis=_both(held.basis, rule.basis, "；"),
    )


def _both(one: str, two: str, between: str) -> str:
    return between.join(filter(None, (one, two))) if two not in one else one


def own_rules_broken(
    child: Child, answers: Answers, form: Mapping[str, Any], *, agent: bool
) -> list[Complaint]:
    """Return the child's rules across fields that the merged form breaks, each at its merged field.

    ``form`` is the merged form as ``read_form`` returned it without complaint.
    """
    own = split_answers(child, answers)
    fields = form_fields(child.item, own, agent=agent)
    complaints = broken_rules(
        fields, child.item.questions, child.item.rules, own, split_form(child, form), agent=agent
    )
    return [replace(complaint, where=_merged_place(child, complaint.where)) for complaint in complaints]


def _merged_place(child: Child, where: str) -> str:
    form, _, path = where.partition(".")
    key, dot, rest = path.partition(".")
    return f"{form}.{child.fields.get(key, key)}{dot}{rest}"


def split_form(child: Child, form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the child's own form out of the merged one."""
    return {own: form[merged] for own, merged in child.fields.items() if merged in form}


def split_materials(child: Child, ticks: Mapping[str, MaterialTick]) -> dict[str, MaterialTick]:
    """Return the child's own ticks out of the merged ones."""
    return {own: ticks.get(merged, MaterialTick()) for own, merged in child.materials.items()}


def split_answers(child: Child, answers: Answers) -> dict[str, Any]:
    """Return the answers to the child's own questions."""
    own = {question.key for question in child.item.questions}
    return {key: value for key, value in answers.items() if key in own}
