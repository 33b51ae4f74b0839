"""The seven packages of DOMAIN §G join their items, ask each thing once and take as long as their longest branch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.check_conditions import choices
from jinpu_desk.catalogue.checklist import checklist
from jinpu_desk.catalogue.forms import form_fields
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.catalogue.packages import MergedIntake, merge, package_questions, split_answers

CHILDREN: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "open-pharmacy",
        {},
        ["llc-one-person-setup", "drug-retail", "device2-filing", "prepackaged-food-filing"],
    ),
    ("open-pharmacy", {"device_sale": False, "food_sale": False}, ["llc-one-person-setup", "drug-retail"]),
    (
        "start-company",
        {},
        ["llc-one-person-setup", "seal-filing", "tax-registration", "insurance-registration", "fund-account"],
    ),
    ("start-company", {"hires_staff": False}, ["llc-one-person-setup", "seal-filing", "tax-registration"]),
    (
        "close-company",
        {"cancel_way": "simple"},
        [
            "simple-cancel",
            "tax-cancellation",
            "insurance-cancellation",
            "fund-cancellation",
            "seal-cancellation",
        ],
    ),
    (
        "close-company",
        {"cancel_way": "ordinary", "had_staff": False, "had_seals": False},
        ["company-cancel", "tax-cancellation"],
    ),
    (
        "open-hotel",
        {},
        ["llc-one-person-setup", "hotel-licence", "public-place-hygiene", "fire-safety-check"],
    ),
    ("open-salon", {}, ["individual-setup", "public-place-hygiene", "outdoor-sign"]),
    ("open-salon", {"has_sign": False}, ["individual-setup", "public-place-hygiene"]),
    ("utilities", {}, ["power-connection", "water-gas-connection"]),
]
FIGURES = {
    "open-pharmacy": (13, 9, 7),
    "start-company": (12, 6, 0),
    "open-hotel": (20, 11, 6),
    "open-salon": (11, 6, 5),
    "utilities": (6, 4, 11),
}
"""Papers asked one by one, papers of the package, and its promised term, with the answers that come first."""


def merged(catalogue: Catalogue, key: str, answers: dict[str, Any], *, agent: bool = False) -> MergedIntake:
    return merge(catalogue, catalogue.packages[key], answers, agent=agent)


@pytest.mark.parametrize(("key", "answers", "children"), CHILDREN)
def test_the_answers_choose_the_branches(
    catalogue: Catalogue, key: str, answers: dict[str, Any], children: list[str]
) -> None:
    assert [child.item.key for child in merged(catalogue, key, answers).children] == children


@pytest.mark.parametrize("key", FIGURES)
def test_papers_are_saved(catalogue: Catalogue, key: str) -> None:
    intake = merged(catalogue, key, {})
    assert (intake.raw_materials, len(intake.rules), intake.promised_days) == FIGURES[key]
    assert intake.saved_materials == FIGURES[key][0] - FIGURES[key][1]


def test_one_application_serves_the_whole_package(catalogue: Catalogue) -> None:
    for key in catalogue.packages:
        for way in ("simple", "ordinary"):
            rules = {rule.key: rule for rule in merged(catalogue, key, {"cancel_way": way}).rules}
            assert "联合申请表" in rules["application"].name, key


def test_what_set_up_will_give_is_asked_of_nobody(catalogue: Catalogue) -> None:
    for key, package in catalogue.packages.items():
        fields = {field.key: field for field in merged(catalogue, key, {}).fields}
        assert all(not fields[code].required for code in package.produced_fields), key


def test_the_inspection_of_a_hotel_sets_its_term(catalogue: Catalogue) -> None:
    inspected = {"fire_route": "inspection", "hygiene_route": "inspection"}
    assert merged(catalogue, "open-hotel", inspected).promised_days == 10
    assert merged(catalogue, "open-hotel", {}).legal_days == 20
    assert merged(catalogue, "utilities", {}).legal_days is None


def draw_answers(data: st.DataObject, catalogue: Catalogue, key: str) -> dict[str, Any]:
    """Draw answers as a clerk gives them: first the package's own, then those of the chosen items; some stay open."""
    package = catalogue.packages[key]
    answers: dict[str, Any] = {}
    for _ in range(2):
        for question in package_questions(catalogue, package, answers):
            if question.key not in answers and data.draw(st.booleans(), label=f"{question.key}?"):
                answers[question.key] = data.draw(st.sampled_from(choices(question)), label=question.key)
    return answers


@given(data=st.data(), agent=st.booleans())
def test_each_thing_is_asked_once_and_nothing_is_lost(
    catalogue: Catalogue, data: st.DataObject, agent: bool
) -> None:
    key = data.draw(st.sampled_from(sorted(catalogue.packages)))
    answers = draw_answers(data, catalogue, key)
    intake = merged(catalogue, key, answers, agent=agent)
    for keys in (
        [field.key for field in intake.fields],
        [rule.key for rule in intake.rules],
        [question.key for question in intake.questions],
    ):
        assert len(set(keys)) == len(keys)
    fields = {field.key: field for field in intake.fields}
    rules = {rule.key: rule for rule in intake.rules}
    used: set[str] = set()
    for child in intake.children:
        own = split_answers(child, answers)
        for field in form_fields(child.item, own, agent=agent):
            joined = fields[child.fields[field.key]]
            assert (joined.kind, joined.options) == (field.kind, field.options)
            assert joined.required or not field.required or joined.key in intake.package.produced_fields
            used.add(joined.key)
        for rule in checklist(child.item, own, agent=agent):
            paper = rules[child.materials[rule.key]]
            assert paper.required >= rule.required
            assert paper.tolerable <= rule.tolerable
            assert paper.pledgeable <= rule.pledgeable
            assert rule.requirement in paper.requirement
            used.add(paper.key)
    assert used == fields.keys() | rules.keys()
    promised = [child.item.promised_days for child in intake.children]
    assert intake.promised_days == min(max(promised, default=0), intake.package.cap_days)
    assert intake.package.cap_days <= 45


def test_four_trades_end_in_one_comprehensive_licence(catalogue: Catalogue) -> None:
    ends = {key for key, package in catalogue.packages.items() if package.result}
    assert ends == {"open-restaurant", "open-pharmacy", "open-hotel", "open-salon"}
