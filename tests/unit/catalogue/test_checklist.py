"""Each situation asks for its own materials; answers that make no sense are named."""

from __future__ import annotations

from typing import Any

import pytest

from jinpu_desk.catalogue.checklist import asked, check_answers, checklist
from jinpu_desk.catalogue.model import Catalogue

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
