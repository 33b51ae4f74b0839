"""A package asks once and gives every child what it needs."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.catalogue.checklist import checklist
from jinpu_desk.catalogue.forms import form_fields, read_form
from jinpu_desk.catalogue.model import Branch, Catalogue, Field, Item, Material, Option, Package, Question
from jinpu_desk.catalogue.packages import (
    MergedIntake,
    merge,
    own_rules_broken,
    package_questions,
    split_answers,
    split_form,
    split_materials,
)
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState, MaterialTick, NoSubmit

TODAY = date(2026, 9, 18)
DEFAULT = {"subject": "individual", "catering": "ordinary", "address_mode": "lease"}
situations = st.fixed_dictionaries(
    {},
    optional={
        "subject": st.sampled_from(["individual", "llc"]),
        "catering": st.sampled_from(["ordinary", "small"]),
        "address_mode": st.sampled_from(["owned", "lease", "hotel", "residence", "pledge"]),
        "pre_approval": st.booleans(),
        "fire_route": st.sampled_from(["pledge", "inspection"]),
        "business_kind": st.sampled_from(["catering", "sales"]),
    },
)


def merged(catalogue: Catalogue, answers: dict[str, Any], *, agent: bool = False) -> MergedIntake:
    return merge(catalogue, catalogue.packages["open-restaurant"], answers, agent=agent)


def test_the_showcase_turns_eighteen_papers_into_nine(catalogue: Catalogue) -> None:
    for answers in ({}, DEFAULT):
        intake = merged(catalogue, answers)
        assert (intake.raw_materials, len(intake.rules), intake.saved_materials) == (18, 9, 9)
        assert intake.raw_fields - len(intake.fields) >= 8
        assert [child.item.key for child in intake.children] == [
            "individual-setup",
            "food-business-new",
            "outdoor-sign",
            "fire-safety-check",
        ]


@pytest.mark.parametrize(
    ("subject", "catering", "setup", "food"),
    [
        ("individual", "small", "individual-setup", "small-catering"),
        ("llc", "ordinary", "llc-one-person-setup", "food-business-new"),
        ("llc", "small", "llc-one-person-setup", "small-catering"),
    ],
)
def test_the_answers_choose_the_items(
    catalogue: Catalogue, subject: str, catering: str, setup: str, food: str
) -> None:
    children = merged(catalogue, {"subject": subject, "catering": catering}).children
    assert [child.item.key for child in children[:2]] == [setup, food]


def test_one_paper_for_several_items_says_so_and_asks_what_each_asks(catalogue: Catalogue) -> None:
    rules = {rule.key: rule for rule in merged(catalogue, DEFAULT).rules}
    assert rules["application"].name == "“我要开餐馆”一件事联合申请表"
    for wanted in ("操作流程", "招牌", "疏散通道"):
        assert wanted in rules["floor-plan"].requirement
    assert rules["address-proof"].name == "住所文件：房屋租赁合同和出租方权属证明"


def test_the_term_is_that_of_the_longest_branch(catalogue: Catalogue) -> None:
    intake = merged(catalogue, DEFAULT)
    assert intake.promised_days == max(child.item.promised_days for child in intake.children) == 5
    assert intake.legal_days == 20
    assert merged(catalogue, DEFAULT | {"fire_route": "inspection"}).promised_days == 10
    capped = replace(intake, package=replace(intake.package, cap_days=3))
    assert (capped.promised_days, capped.legal_days) == (3, 3)


def test_the_code_that_set_up_will_give_is_not_demanded(catalogue: Catalogue) -> None:
    uscc = next(field for field in merged(catalogue, DEFAULT).fields if field.key == "uscc")
    assert not uscc.required


FORM = {
    "name": "演示小馆",
    "address": "大连市金州区演示路 1 号",
    "business_scope": "餐饮服务",
    "composition": "personal",
    "capital": "10",
    "employees": 3,
    "phone": "13900000000",
    "sign_content": "演示小馆",
    "sign_area": "2.50",
    "floor_area": "80",
    "storeys": "地上一层",
}


def test_the_merged_form_is_read_once_and_serves_each_child(catalogue: Catalogue) -> None:
    intake = merged(catalogue, DEFAULT)
    stored, complaints = read_form(intake.fields, intake.questions, (), DEFAULT, FORM, TODAY)
    assert complaints == []
    forms = {child.item.key: split_form(child, stored) for child in intake.children}
    assert forms["food-business-new"] == {k: FORM[k] for k in ("name", "address", "phone")}
    assert forms["outdoor-sign"]["sign_content"] == "演示小馆"
    assert "sign_content" not in forms["individual-setup"]
    for child in intake.children:
        assert own_rules_broken(child, DEFAULT, stored, agent=False) == []


def test_a_rule_of_one_child_is_named_at_the_merged_field(catalogue: Catalogue) -> None:
    package = catalogue.packages["open-restaurant"]
    renamed = replace(package, field_codes={"individual-setup": {"name": "trade_name"}})
    for used, where in ((package, "form.name"), (renamed, "form.trade_name")):
        intake = merge(catalogue, used, DEFAULT, agent=False)
        form = FORM | {"name": "演示有限公司", "trade_name": "演示有限公司"}
        broken = [c for child in intake.children for c in own_rules_broken(child, DEFAULT, form, agent=False)]
        assert [(c.where, c.code) for c in broken] == [(where, "form.rule")]


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
            assert joined.original in {rule.original, "both"}
            assert rule.requirement in joined.requirement


def test_a_material_not_ticked_is_lacking_in_every_child(catalogue: Catalogue) -> None:
    for child in merged(catalogue, DEFAULT).children:
        assert all(t.state is MaterialState.LACKING for t in split_materials(child, {}).values())


def test_a_package_that_names_no_item_there_is_is_refused(catalogue: Catalogue) -> None:
    package = replace(catalogue.packages["open-restaurant"], branches=(Branch(key="b", item="gone"),))
    with pytest.raises(Refused, match=r"catalogue\.unknown-item") as refused:
        merge(catalogue, package, {}, agent=False)
    assert refused.value.where == "packages/open-restaurant.toml:branches"


CODES = st.sampled_from(["", "p", "q", "r"])
ORIGINALS = st.sampled_from(list[Literal["original", "copy", "both"]](["original", "copy", "both"]))


def distinct(rows: list[Any]) -> tuple[Any, ...]:
    """Keep one row per key and per effective code, as a checked catalogue does."""
    by_key = {row.key: row for row in rows}
    return tuple({row.code or row.key: row for row in by_key.values()}.values())


materials = st.builds(
    Material,
    key=st.sampled_from(["a", "b", "c", "d", "p"]),
    name=st.just("材料"),
    code=CODES,
    required=st.booleans(),
    when=st.sampled_from(["", "agent", 'answers.x == "1"', "!agent"]),
    tolerable=st.booleans(),
    pledgeable=st.booleans(),
    no_submit=st.sampled_from([(), (NoSubmit.SHARED,), (NoSubmit.SHARED, NoSubmit.REUSED)]),
    original=ORIGINALS,
    copies=st.integers(1, 3),
    tolerance_days=st.none() | st.integers(1, 9),
)
fields = st.builds(
    Field,
    key=st.sampled_from(["a", "b", "c", "d", "p"]),
    label=st.just("字段"),
    code=CODES,
    required=st.booleans(),
    when=st.sampled_from(["", "agent", 'answers.x == "2"']),
    max_length=st.integers(1, 200),
)
QUESTION = Question(
    key="x", label="问", options=(Option(value="1", label="一"), Option(value="2", label="二"))
)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    items = {
        key: Item(
            key=key,
            name=key,
            authority="a",
            family=DocFamily.LICENCE,
            promised_days=draw(st.integers(0, 60)),
            legal_days=draw(st.none() | st.integers(60, 90)),
            questions=(QUESTION,),
            materials=distinct(draw(st.lists(materials, max_size=5))),
            fields=distinct(draw(st.lists(fields, max_size=5))),
        )
        for key in ("i", "j", "k")
    }
    package = Package(
        key="open-restaurant",
        name="一件事",
        authority="a",
        questions=(QUESTION,),
        branches=(
            Branch(key="one", question="x", items={"1": "i", "2": "j"}),
            Branch(key="two", item="k", when=draw(st.sampled_from(["", 'answers.x == "1"']))),
        ),
        produced_fields=tuple(draw(st.sets(st.sampled_from(["p", "a"])))),
    )
    return Catalogue(
        version="1",
        effective_from=TODAY,
        digest="",
        authorities={},
        items=items,
        packages={package.key: package},
    )


def assert_sound(catalogue: Catalogue, answers: dict[str, Any], agent: bool) -> None:
    """Nothing is asked twice, nothing is lost, and the figures add up."""
    intake = merged(catalogue, answers, agent=agent)
    field_keys = [field.key for field in intake.fields]
    rule_keys = [rule.key for rule in intake.rules]
    questions = [q.key for q in package_questions(catalogue, intake.package, answers)]
    for keys in (field_keys, rule_keys, questions):
        assert len(set(keys)) == len(keys)
    form = {key: f"v-{key}" for key in field_keys}
    ticks = {key: MaterialTick(state=MaterialState.RECEIVED, note=key) for key in rule_keys}
    used_fields: set[str] = set()
    used_rules: set[str] = set()
    raw_fields = raw_rules = 0
    for child in intake.children:
        own_fields = form_fields(child.item, answers, agent=agent)
        own_rules = checklist(child.item, answers, agent=agent)
        raw_fields += len(own_fields)
        raw_rules += len(own_rules)
        assert split_form(child, form) == {f.key: form[child.fields[f.key]] for f in own_fields}
        own_ticks = split_materials(child, ticks)
        assert own_ticks.keys() == {r.key for r in own_rules}
        assert {key: tick.note for key, tick in own_ticks.items()} == child.materials
        assert {q.key for q in child.item.questions} <= set(questions)
        assert split_answers(child, answers).items() <= answers.items()
        asked = {f.key: f for f in intake.fields}
        for field in own_fields:
            code = child.fields[field.key]
            assert asked[code].required >= (field.required and code not in intake.package.produced_fields)
            assert asked[code].max_length <= field.max_length
        used_fields |= set(child.fields.values())
        used_rules |= set(child.materials.values())
    assert used_fields == set(field_keys)
    assert used_rules == set(rule_keys)
    assert (intake.raw_fields, intake.raw_materials) == (raw_fields, raw_rules)
    assert intake.saved_materials == raw_rules - len(rule_keys) >= 0


@given(answers=situations, agent=st.booleans())
def test_in_the_shipped_package_nothing_is_asked_twice_and_nothing_is_lost(
    catalogue: Catalogue, answers: dict[str, Any], agent: bool
) -> None:
    assert_sound(catalogue, answers, agent)


@given(made=catalogues(), x=st.sampled_from(["1", "2", None]), agent=st.booleans())
def test_in_any_package_nothing_is_asked_twice_and_nothing_is_lost(
    made: Catalogue, x: str | None, agent: bool
) -> None:
    assert_sound(made, {} if x is None else {"x": x}, agent)


@given(made=catalogues(), x=st.sampled_from(["1", "2"]), agent=st.booleans())
def test_in_any_package_the_term_is_the_longest_within_the_cap(made: Catalogue, x: str, agent: bool) -> None:
    intake = merged(made, {"x": x}, agent=agent)
    promised = [child.item.promised_days for child in intake.children]
    assert intake.promised_days == min(max(promised), 45)
    legal = [child.item.legal_days for child in intake.children if child.item.legal_days is not None]
    assert intake.legal_days == (45 if legal else None)
