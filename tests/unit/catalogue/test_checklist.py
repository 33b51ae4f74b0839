"""Each situation asks for its own materials; answers that make no sense are named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.checklist import asked, check_answers, checklist, in_situation, known_answers
from jinpu_desk.catalogue.model import Catalogue, Option, Question

MODES = ("owned", "lease", "hotel", "cluster", "incubator", "same-address", "residence", "pledge")
SETUP = ("sole-prop-setup", "llc-one-person-setup", "individual-setup")
CONTRACT = {
    "sole-prop-setup": ["application", "investor-id", "address-proof"],
    "llc-one-person-setup": ["application", "articles", "shareholder-id", "appointments", "address-proof"],
    "food-business-new": ["application", "layout-and-equipment", "policies"],
    "small-catering": ["application", "id-card", "layout"],
}


def keys(catalogue: Catalogue, item: str, answers: dict[str, Any], *, agent: bool = False) -> list[str]:
    return [rule.key for rule in checklist(catalogue.items[item], answers, agent=agent)]


@pytest.mark.parametrize("item", CONTRACT)
def test_the_contract_names_the_materials(catalogue: Catalogue, item: str) -> None:
    assert keys(catalogue, item, {"address_mode": "owned"}) == CONTRACT[item]


@pytest.mark.parametrize("item", SETUP)
def test_pre_approval_and_agent_add_their_papers(catalogue: Catalogue, item: str) -> None:
    plain = keys(catalogue, item, {"address_mode": "owned"})
    more = keys(catalogue, item, {"address_mode": "owned", "pre_approval": True}, agent=True)
    assert set(more) - set(plain) == {"pre-approval", "agent-id"}


@pytest.mark.parametrize("item", SETUP)
def test_each_of_the_eight_address_modes_asks_for_something_else(catalogue: Catalogue, item: str) -> None:
    proofs = [
        next(
            r
            for r in checklist(catalogue.items[item], {"address_mode": mode}, agent=False)
            if "address" in r.key
        )
        for mode in MODES
    ]
    assert len({proof.name for proof in proofs}) == len(MODES)
    assert len({proof.requirement for proof in proofs}) == len(MODES)
    question = next(q for q in catalogue.items[item].questions if q.key == "address_mode")
    assert tuple(option.value for option in question.options) == MODES


def test_a_hotel_room_needs_no_title_deed_and_a_flat_needs_the_neighbours(catalogue: Catalogue) -> None:
    def proof(mode: str) -> str:
        rules = checklist(catalogue.items["sole-prop-setup"], {"address_mode": mode}, agent=False)
        return next(r.name + r.requirement for r in rules if r.key == "address-proof")

    assert "营业执照" in proof("hotel")
    assert "一致同意" in proof("residence")
    assert "承诺" in proof("pledge")


@pytest.mark.parametrize(
    ("item", "material"), [("food-business-new", "policies"), ("small-catering", "layout")]
)
def test_only_the_marked_material_may_follow_later(catalogue: Catalogue, item: str, material: str) -> None:
    rules = checklist(catalogue.items[item], {}, agent=False)
    assert [rule.key for rule in rules if rule.tolerable] == [material]


@pytest.mark.parametrize(
    ("answers", "where", "code"),
    [
        ({}, "answers.address_mode", "intake.missing"),
        ({"address_mode": None}, "answers.address_mode", "intake.missing"),
        ({"address_mode": "castle"}, "answers.address_mode", "intake.unknown-value"),
        ({"address_mode": 7}, "answers.address_mode", "intake.wrong-type"),
        ({"address_mode": ["lease"]}, "answers.address_mode", "intake.wrong-type"),
        ({"address_mode": {"a": {}}}, "answers.address_mode", "intake.wrong-type"),
        ({"address_mode": "x" * 100_000}, "answers.address_mode", "intake.unknown-value"),
        ({"address_mode": "lease", "pre_approval": "yes"}, "answers.pre_approval", "intake.wrong-type"),
        ({"address_mode": "lease", "wat": 1}, "answers.wat", "intake.unknown-key"),
    ],
)
def test_a_wrong_answer_is_named(
    catalogue: Catalogue, answers: dict[str, Any], where: str, code: str
) -> None:
    item = catalogue.items["sole-prop-setup"]
    assert [(c.where, c.code) for c in check_answers(item.questions, answers)] == [(where, code)]
    checklist(item, answers, agent=True)  # the page shows a list whatever was typed


def test_pre_approval_may_be_left_out(catalogue: Catalogue) -> None:
    item = catalogue.items["sole-prop-setup"]
    assert check_answers(item.questions, {"address_mode": "lease"}) == []
    assert [q.key for q in asked(item.questions, {})] == ["address_mode", "pre_approval"]


def test_the_terms_follow_the_route(catalogue: Catalogue) -> None:
    fire = catalogue.items["fire-safety-check"]
    assert in_situation(fire, {}).promised_days == 0
    inspected = in_situation(fire, {"fire_route": "inspection"})
    assert (inspected.promised_days, inspected.legal_days, inspected.name) == (10, 10, fire.name)


def test_an_answer_to_a_question_no_longer_asked_adds_nothing() -> None:
    options = (Option(value="a", label="甲"), Option(value="b", label="乙"))
    questions = (
        Question(key="first", label="一", options=options),
        Question(key="second", label="二", kind="many", options=options, when='answers.first == "a"'),
    )
    answers = {"first": "a", "second": ["b"]}
    assert known_answers(questions, answers) == answers
    changed = answers | {"first": "b"}
    assert known_answers(questions, changed) == {"first": "b", "second": []}
    assert [q.key for q in asked(questions, changed)] == ["first"]
    assert check_answers(questions, changed) == []
    assert [c.code for c in check_answers(questions, answers | {"second": ["b", "b"]})] == [
        "intake.unknown-value"
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["address_mode", "pre_approval", "business_kind", "fire_route"]) | st.text(max_size=8)


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_whatever_is_answered_a_list_comes_and_each_wrong_answer_is_named(
    catalogue: Catalogue, answers: dict[str, Any]
) -> None:
    for item in catalogue.items.values():
        named = {c.where for c in check_answers(item.questions, answers)}
        known = known_answers(item.questions, answers)
        idle = known.keys() - {q.key for q in asked(item.questions, answers)}  # answered, but not asked
        wrong = {k for k, value in answers.items() if value is not None and known.get(k) != value} - idle
        assert named >= {f"answers.{key}" for key in wrong}
        assert checklist(item, answers, agent=True)
        assert in_situation(item, answers).key == item.key


def test_endless_nesting_in_an_answer_is_only_a_wrong_type(catalogue: Catalogue) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    item = catalogue.items["sole-prop-setup"]
    found = check_answers(item.questions, {"address_mode": deep, "k" * 10_000: 1})
    assert {c.code for c in found} == {"intake.wrong-type", "intake.unknown-key"}
    assert all(len(c.where) < 100 for c in found)
    while deep:  # taken apart by hand: freeing it at once would recurse as deeply
        deep = deep[0]
