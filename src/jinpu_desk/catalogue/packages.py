"""一件事: several items asked as one. Each field once, each paper once, and every child gets what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialRule, MaterialTick

from .checklist import Answers, checklist, known_answers
from .conditions import holds
from .forms import form_fields
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
    """Return the items the answers select, branch by branch; a branch whose question is open has none yet.

    Raises:
        Refused: ``catalogue.unknown-item`` when the package names an item there is not.
    """
    known = known_answers(package.questions, answers)
    context = {"answers": known, "agent": False, "form": {}}
    chosen = []
    for branch in package.branches:
        key = branch.item or branch.items.get(str(known.get(branch.question, "")), "")
        if not key or not holds(branch.when, context):
            continue
        if key not in catalogue.items:
            raise Refused("catalogue.unknown-item", f"packages/{package.key}.toml:branches", key=key)
        chosen.append((branch, catalogue.items[key]))
    return tuple(chosen)


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
        material_map = {rule.key: _merge_rule(rules, rule) for rule in own_rules}
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
        if held is None:
            merged[code] = replace(field, key=code)
        elif field.required and not held.required:
            merged[code] = replace(held, required=True)
    return mapping


def _merge_rule(merged: dict[str, MaterialRule], rule: MaterialRule) -> str:
    """Join a material to the one with its code; the stricter demand of the two holds."""
    held = merged.get(rule.code)
    if held is None:
        merged[rule.code] = replace(rule, key=rule.code)
        return rule.code
    terms = [d for d in (held.tolerance_days, rule.tolerance_days) if d is not None]
    merged[rule.code] = replace(
        held,
        required=held.required or rule.required,
        tolerable=held.tolerable and rule.tolerable,
        pledgeable=held.pledgeable and rule.pledgeable,
        tolerance_days=min(terms) if terms else None,
        no_submit=tuple(way for way in held.no_submit if way in rule.no_submit),
        copies=max(held.copies, rule.copies),
        original=held.original if held.original == rule.original else "both",
    )
    return rule.code


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
