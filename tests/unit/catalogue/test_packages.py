"""A package asks once and gives every child what it needs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.checklist import checklist
from jinpu_desk.catalogue.forms import form_fields
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.catalogue.packages import (
    MergedIntake,
    merge,
    package_questions,
    split_answers,
    split_form,
    split_materials,
)
from jinpu_desk.domain.materials import MaterialState, MaterialTick

DEFAULT = {"subject": "individual", "catering": "ordinary", "address_mode": "lease"}
situations = st.fixed_dictionaries(
    {},
    optional={
        "subject": st.sampled_from(["individual", "llc"]),
        "catering": st.sampled_from(["ordinary", "small"]),
        "address_mode": st.sampled_from(["owned", "lease", "hotel", "residence", "pledge"]),
        "pre_approval": st.booleans(),
    },
)


def merged(catalogue: Catalogue, answers: dict[str, Any], *, agent: bool = False) -> MergedIntake:
    return merge(catalogue, catalogue.packages["open-restaurant"], answers, agent=agent)


def test_the_showcase_turns_eighteen_papers_into_nine(catalogue: Catalogue) -> None:
    intake = merged(catalogue, DEFAULT)
    assert (intake.raw_materials, len(intake.rules), intake.saved_materials) == (18, 9, 9)
    assert intake.raw_fields - len(intake.fields) >= 8
    assert [child.item.key for child in intake.children] == [
        "individual-setup",
        "food-business-new",
        "outdoor-sign",
        "fire-safety-check",
    ]


def test_the_term_is_that_of_the_longest_branch(catalogue: Catalogue) -> None:
    intake = merged(catalogue, DEFAULT)
    assert intake.promised_days == max(child.item.promised_days for child in intake.children)
    assert intake.legal_days == 20


def test_the_code_that_set_up_will_give_is_not_demanded(catalogue: Catalogue) -> None:
    uscc = next(field for field in merged(catalogue, DEFAULT).fields if field.key == "uscc")
    assert not uscc.required


@given(answers=situations, agent=st.booleans())
def test_nothing_is_asked_twice_and_nothing_is_lost(
    catalogue: Catalogue, answers: dict[str, Any], agent: bool
) -> None:
    intake = merged(catalogue, answers, agent=agent)
    field_keys = [field.key for field in intake.fields]
    rule_keys = [rule.key for rule in intake.rules]
    asked = [q.key for q in package_questions(catalogue, intake.package, answers)]
    assert len(set(field_keys)) == len(field_keys)
    assert len(set(rule_keys)) == len(rule_keys)
    assert len(set(asked)) == len(asked)
    form = {key: f"v-{key}" for key in field_keys}
    ticks = {key: MaterialTick(state=MaterialState.RECEIVED, note=key) for key in rule_keys}
    used_fields: set[str] = set()
    used_rules: set[str] = set()
    for child in intake.children:
        own_fields = {f.key for f in form_fields(child.item, answers, agent=agent)}
        own_rules = {r.key for r in checklist(child.item, answers, agent=agent)}
        assert split_form(child, form).keys() == own_fields
        assert split_materials(child, ticks).keys() == own_rules
        assert all(t.state is MaterialState.RECEIVED for t in split_materials(child, ticks).values())
        assert {q.key for q in child.item.questions} <= set(asked)
        assert split_answers(child, answers).items() <= answers.items()
        used_fields |= set(child.fields.values())
        used_rules |= set(child.materials.values())
    assert used_fields == set(field_keys)
    assert used_rules == set(rule_keys)


@given(answers=situations, agent=st.booleans())
def test_the_stricter_demand_holds(catalogue: Catalogue, answers: dict[str, Any], agent: bool) -> None:
    intake = merged(catalogue, answers, agent=agent)
    whole = {rule.key: rule for rule in intake.rules}
    for child in intake.children:
        for rule in checklist(child.item, answers, agent=agent):
            joined = whole[child.materials[rule.key]]
            assert joined.required >= rule.required
            assert joined.tolerable <= rule.tolerable
            assert joined.pledgeable <= rule.pledgeable
            assert set(joined.no_submit) <= set(rule.no_submit)
            assert joined.copies >= rule.copies


def test_a_material_not_ticked_is_lacking_in_every_child(catalogue: Catalogue) -> None:
    for child in merged(catalogue, DEFAULT).children:
        assert all(t.state is MaterialState.LACKING for t in split_materials(child, {}).values())
