"""The 37 items and 7 packages of DOMAIN §G: each is there, and each situation of each makes a checklist that holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from jinpu_desk.catalogue.check_conditions import choices
from jinpu_desk.catalogue.checklist import check_answers, checklist, in_situation
from jinpu_desk.catalogue.forms import form_fields
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.catalogue.model import Catalogue, Item, Question
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.materials import MaterialRule

from .conftest import FOLDER

ITEMS = [
    "sole-prop-setup", "llc-one-person-setup", "individual-setup", "company-change",
    "sole-prop-change-cancel", "company-cancel", "simple-cancel", "licence-reissue", "food-business-new",
    "food-business-change", "prepackaged-food-filing", "small-catering", "food-workshop", "drug-retail",
    "device2-filing", "device3-licence", "special-equipment-registration", "public-place-hygiene",
    "clinic-filing", "nurse-registration", "fire-safety-check", "hotel-licence", "seal-filing",
    "labour-dispatch", "hr-service", "unemployment-benefit", "construction-permit", "road-occupation",
    "outdoor-sign", "realty-mortgage", "realty-transfer", "fund-withdrawal", "fund-transfer",
    "power-connection", "water-gas-connection", "freight-licence", "animal-clinic",
]  # fmt: skip
PACKAGES = [
    "open-restaurant",
    "open-pharmacy",
    "start-company",
    "close-company",
    "open-hotel",
    "open-salon",
    "utilities",
]
TERMS: dict[str, tuple[int | None, int]] = {
    "sole-prop-setup": (3, 0), "llc-one-person-setup": (3, 0), "individual-setup": (3, 0),
    "company-change": (3, 1), "sole-prop-change-cancel": (3, 1), "company-cancel": (3, 1),
    "simple-cancel": (3, 1), "licence-reissue": (3, 0), "food-business-new": (10, 4),
    "food-business-change": (10, 2), "prepackaged-food-filing": (None, 0), "small-catering": (20, 5),
    "food-workshop": (20, 8), "drug-retail": (20, 7), "device2-filing": (None, 0), "device3-licence": (20, 8),
    "special-equipment-registration": (15, 3), "public-place-hygiene": (20, 6), "clinic-filing": (None, 0),
    "nurse-registration": (20, 3), "fire-safety-check": (10, 10), "hotel-licence": (20, 6),
    "seal-filing": (None, 0), "labour-dispatch": (20, 6), "hr-service": (20, 6),
    "unemployment-benefit": (10, 0), "construction-permit": (7, 2), "road-occupation": (20, 5),
    "outdoor-sign": (20, 5), "realty-mortgage": (30, 1), "realty-transfer": (30, 3),
    "fund-withdrawal": (3, 0), "fund-transfer": (None, 0), "power-connection": (None, 5),
    "water-gas-connection": (None, 11), "freight-licence": (20, 3), "animal-clinic": (15, 5),
}  # fmt: skip
"""法定 and 承诺 of DOMAIN §G; an item with a pledge route stands here without it."""
TOLERABLE = {
    "company-change": {"business-licence"}, "sole-prop-change-cancel": {"business-licence"},
    "company-cancel": {"business-licence"}, "food-business-new": {"policies"}, "small-catering": {"layout"},
    "food-workshop": {"policies"}, "drug-retail": {"quality-policies"}, "device3-licence": {"quality-policies"},
    "special-equipment-registration": {"supervision-duplicate"}, "hotel-licence": {"hotel-policies"},
    "labour-dispatch": {"dispatch-policies"}, "construction-permit": {"award-notice"},
    "road-occupation": {"traffic-plan"}, "outdoor-sign": {"rendering"}, "power-connection": {"owner-proof"},
    "water-gas-connection": {"pipe-plan"}, "freight-licence": {"freight-policies"},
    "animal-clinic": {"clinic-policies"},
}  # fmt: skip
"""RQ of DOMAIN §G."""
PLEDGED_AT_ONCE = {"public-place-hygiene": "hygiene_route", "fire-safety-check": "fire_route"}


def situations(questions: tuple[Question, ...]) -> Iterator[dict[str, Any]]:
    """Give every set of answers that may change anything; what bars changes no paper."""
    asked = [question for question in questions if not question.bars]
    for values in product(*(choices(question) for question in asked)):
        yield {question.key: value for question, value in zip(asked, values, strict=True)}


def checklists(item: Item) -> Iterator[tuple[dict[str, Any], bool, tuple[MaterialRule, ...]]]:
    for answers in situations(item.questions):
        for agent in (False, True):
            yield answers, agent, checklist(item, answers, agent=agent)


def test_the_items_and_packages_stand_in_order(catalogue: Catalogue) -> None:
    assert [item.key for item in catalogue.by_role("item")] == ITEMS
    assert list(catalogue.packages) == PACKAGES
    assert [item.key for item in catalogue.by_role("request")] == ["hotline-request", "enterprise-request"]


@pytest.mark.parametrize("key", ITEMS)
def test_terms_are_those_of_the_list(catalogue: Catalogue, key: str) -> None:
    item = catalogue.items[key]
    assert (item.legal_days, item.promised_days) == TERMS[key]
    assert (item.project_type == 1) == (item.promised_days == 0) == item.window_authorised


@pytest.mark.parametrize(("key", "question"), PLEDGED_AT_ONCE.items())
def test_a_pledge_turns_the_item_into_one_decided_at_once(
    catalogue: Catalogue, key: str, question: str
) -> None:
    item = catalogue.items[key]
    pledged = in_situation(item, {question: "pledge"})
    assert (pledged.promised_days, pledged.project_type, pledged.window_authorised) == (0, 1, True)
    inspected = in_situation(item, {question: "inspection"})
    assert (inspected.promised_days, inspected.project_type, inspected.window_authorised) == (
        TERMS[key][1],
        2,
        False,
    )


@pytest.mark.parametrize(
    ("key", "question", "ordinary"),
    [
        ("public-place-hygiene", "hygiene_route", "inspection"),
        ("fire-safety-check", "fire_route", "inspection"),
        ("labour-dispatch", "dispatch_route", "review"),
        ("hr-service", "hr_route", "review"),
    ],
)
def test_who_does_not_pledge_takes_the_ordinary_way(
    catalogue: Catalogue, key: str, question: str, ordinary: str
) -> None:
    item = catalogue.items[key]
    pledged, checked = (in_situation(item, {question: route}) for route in ("pledge", ordinary))
    assert (pledged.licence_mode, pledged.check_mode) == ("pledge", "pledge")
    assert (checked.licence_mode, checked.check_mode) == ("optimised", "on-site")


@pytest.mark.parametrize("key", ITEMS)
def test_only_what_the_list_names_may_follow_later(catalogue: Catalogue, key: str) -> None:
    tolerable = {
        rule.key for _, _, rules in checklists(catalogue.items[key]) for rule in rules if rule.tolerable
    }
    assert tolerable == TOLERABLE.get(key, set())


def test_every_situation_makes_a_checklist_that_holds(catalogue: Catalogue) -> None:
    for item in catalogue.items.values():
        roles = {material.key: material.role for material in item.materials}
        for answers, agent, rules in checklists(item):
            at = (item.key, answers, agent)
            assert rules, at
            assert len({rule.key for rule in rules}) == len({rule.code for rule in rules}) == len(rules), at
            assert all(rule.name and rule.requirement for rule in rules), at
            never = {"application", "identity", "safety"}
            assert not any((r.tolerable or r.pledgeable) and roles[r.key] in never for r in rules), at
            assert form_fields(item, answers, agent=agent), at
            timed = in_situation(item, answers)
            assert timed.legal_days is None or timed.promised_days <= timed.legal_days, at


TOLD_ONLY = {"seals_wanted", "request_kind", "enterprise_need"}
"""Answers that say what is wanted and change no paper."""


def test_each_question_changes_papers_fields_or_terms(catalogue: Catalogue) -> None:
    for item in catalogue.items.values():
        for question in item.questions:
            if not question.bars and question.key not in TOLD_ONLY:
                assert matters(item, question.key), (item.key, question.key)


def matters(item: Item, key: str) -> bool:
    """Tell whether any two answers to one question, the others being equal, make a difference."""
    seen: dict[str, set[Any]] = {}
    for answers in situations(item.questions):
        others = repr({other: value for other, value in answers.items() if other != key})
        fields = tuple(field.key for field in form_fields(item, answers))
        terms = in_situation(item, answers).licence_mode, in_situation(item, answers).promised_days
        seen.setdefault(others, set()).add((checklist(item, answers, agent=False), fields, terms))
    return any(len(outcomes) > 1 for outcomes in seen.values())


def test_stations_take_the_two_setups_and_nothing_else(catalogue: Catalogue) -> None:
    takes = {item.key for item in catalogue.items.values() if item.stations}
    assert takes == {"sole-prop-setup", "llc-one-person-setup"}


def test_filings_are_filings_and_registrations_have_their_category(catalogue: Catalogue) -> None:
    by_family: dict[str, set[str]] = {}
    for item in catalogue.by_role("item"):
        by_family.setdefault(item.family, set()).add(item.key)
        assert bool(item.category) == (item.family is DocFamily.REGISTRATION)
        assert (item.licence_mode == "filing") == (item.family is DocFamily.FILING)
        assert item.result is not None
        assert item.guide.condition
        assert item.guide.steps
        assert item.guide.serves
    assert by_family["filing"] == {
        "prepackaged-food-filing",
        "device2-filing",
        "clinic-filing",
        "seal-filing",
    }
    assert by_family["registration"] == set(ITEMS[:8])


def test_only_printed_codes_stand_in_the_catalogue(catalogue: Catalogue) -> None:
    codes = {
        code
        for item in catalogue.items.values()
        for code in (item.basic_code, item.business_code, item.implementation_code, item.catalog_code)
        if code
    }
    assert codes == {
        "000131127004",
        "000131128000",
        "00013112700401",
        "00013112700402",
        "00013112700403",
        "00013112800001",
    }


def test_food_catering_and_drugs_are_checked_from_afar(catalogue: Catalogue) -> None:
    remote = {item.key for item in catalogue.items.values() if item.check_mode == "remote"}
    assert remote == {"food-business-new", "food-business-change", "small-catering", "drug-retail"}


def test_simple_cancellation_asks_what_rules_it_out(catalogue: Catalogue) -> None:
    item = catalogue.items["simple-cancel"]
    bars = [question for question in item.questions if question.bars]
    assert len(bars) == 9
    company = {"entity_kind": "company"} | {question.key: False for question in bars}
    assert check_answers(item.questions, company) == []
    assert {c.code for c in check_answers(item.questions, {"entity_kind": "company"})} == {"intake.missing"}
    assert item.notice is not None
    assert (item.notice.days, item.notice.filing_days) == (20, 20)
    for kind, noticed in (("company", True), ("individual", False)):
        shown = {field.key for field in form_fields(item, {"entity_kind": kind})}
        assert (item.notice.field in shown) is noticed


def test_simple_cancellation_never_asks_for_the_tax_clearance(catalogue: Catalogue) -> None:
    for _, _, rules in checklists(catalogue.items["simple-cancel"]):
        assert not any(rule.code == "tax-clearance" for rule in rules)


def test_no_item_asks_on_paper_for_what_can_be_looked_up(catalogue: Catalogue) -> None:
    for item in catalogue.items.values():
        for _, _, rules in checklists(item):
            for rule in rules:
                if rule.code in {"id-card", "tax-clearance", "business-licence-copy"}:
                    assert "shared" in rule.no_submit, (item.key, rule.key)


def test_changes_may_be_combined(catalogue: Catalogue) -> None:
    item = catalogue.items["company-change"]
    both = {"changes": ["address", "representative"], "address_mode": "lease"}
    keys = [rule.key for rule in checklist(item, both, agent=False)]
    assert {"address-proof", "appointments"} <= set(keys)
    assert {"new_address", "new_representative"} <= {field.key for field in form_fields(item, both)}
    assert "new_scope" not in {field.key for field in form_fields(item, both)}


def test_requests_run_without_a_legal_term(catalogue: Catalogue) -> None:
    for item in catalogue.by_role("request"):
        assert item.family is DocFamily.SERVICE
        assert item.legal_days is None
        assert not any(rule.required for rule in checklist(item, {}, agent=False))


def test_fees_stand_where_the_report_speaks_of_them(catalogue: Catalogue) -> None:
    charged = {item.key for item in catalogue.items.values() if item.fees}
    assert charged == {"realty-mortgage", "realty-transfer"}


def test_the_order_of_the_menu_is_data() -> None:
    files = read_dir(FOLDER)
    root = files["catalogue.toml"].decode()
    swapped = root.replace('    "sole-prop-setup",\n', "", 1)
    items = list(load(files | {"catalogue.toml": swapped.encode()}).items)
    assert items[0] == "llc-one-person-setup"
    assert "sole-prop-setup" in items[len(ITEMS) :]
