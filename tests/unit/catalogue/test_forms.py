"""Every field is read or refused by its path."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.catalogue.forms import form_fields, read_form
from jinpu_desk.catalogue.model import Catalogue, Field, FormRule, Item

TODAY = date(2026, 9, 18)
SOLE: dict[str, Any] = {
    "name": "大连演示一号工作室（个人独资）",
    "address": "大连市金州区演示路 1 号",
    "business_scope": "软件开发",
    "capital": "10.00",
    "capital_source": "personal",
    "employees": 2,
    "phone": "13900000000",
}
LLC: dict[str, Any] = {
    "name": "大连演示有限公司",
    "address": "大连市金州区演示路 1 号",
    "business_scope": "软件开发",
    "registered_capital": "10.00",
    "shareholder": {"name": "王䶮", "id_type": "111", "id_no": "210213199003070016"},
    "contribution_due": "2031-09-18",
    "legal_representative_role": "director",
    "supervisor": None,
    "phone": "13900000000",
}


def read(item: Item, form: dict[str, Any]) -> tuple[dict[str, Any], list[Complaint]]:
    return read_form(item.fields, item.questions, item.rules, {"address_mode": "lease"}, form, TODAY)


def faults(catalogue: Catalogue, item: str, form: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c.where, c.code) for c in read(catalogue.items[item], form)[1]]


@pytest.mark.parametrize(("item", "form"), [("sole-prop-setup", SOLE), ("llc-one-person-setup", LLC)])
def test_the_contract_form_is_read(catalogue: Catalogue, item: str, form: dict[str, Any]) -> None:
    stored, complaints = read(catalogue.items[item], form)
    assert complaints == []
    assert {key: stored[key] for key in form} == form
    assert set(form) <= {field.key for field in form_fields(catalogue.items[item], {})}


def test_a_manager_may_represent_the_company(catalogue: Catalogue) -> None:
    assert faults(catalogue, "llc-one-person-setup", LLC | {"legal_representative_role": "manager"}) == []


@pytest.mark.parametrize("key", SOLE)
def test_a_required_field_left_out_is_named(catalogue: Catalogue, key: str) -> None:
    form = {k: v for k, v in SOLE.items() if k != key}
    assert faults(catalogue, "sole-prop-setup", form) == [(f"form.{key}", "intake.missing")]


@pytest.mark.parametrize(
    ("item", "form", "where", "code"),
    [
        ("sole-prop-setup", SOLE | {"wat": 1}, "form.wat", "intake.unknown-key"),
        ("sole-prop-setup", SOLE | {"name": ""}, "form.name", "intake.missing"),
        ("sole-prop-setup", SOLE | {"name": ["a"]}, "form.name", "intake.wrong-type"),
        ("sole-prop-setup", SOLE | {"name": "长" * 100_000}, "form.name", "intake.text-too-long"),
        ("sole-prop-setup", SOLE | {"name": "演示有限公司"}, "form.name", "form.rule"),
        ("sole-prop-setup", SOLE | {"capital": 10}, "form.capital", "intake.wrong-type"),
        ("sole-prop-setup", SOLE | {"capital": "1e5"}, "form.capital", "form.money"),
        ("sole-prop-setup", SOLE | {"capital": "-1"}, "form.capital", "form.money"),
        ("sole-prop-setup", SOLE | {"capital": "NaN"}, "form.capital", "form.money"),
        ("sole-prop-setup", SOLE | {"capital": "1,000"}, "form.capital", "form.money"),
        ("sole-prop-setup", SOLE | {"capital": "0"}, "form.capital", "form.range"),
        ("sole-prop-setup", SOLE | {"capital_source": "gold"}, "form.capital_source", "intake.unknown-value"),
        ("sole-prop-setup", SOLE | {"employees": "many"}, "form.employees", "form.integer"),
        ("sole-prop-setup", SOLE | {"employees": True}, "form.employees", "form.integer"),
        ("sole-prop-setup", SOLE | {"employees": 10**30}, "form.employees", "form.integer"),
        ("sole-prop-setup", SOLE | {"phone": "abc"}, "form.phone", "party.phone"),
        ("llc-one-person-setup", LLC | {"registered_capital": "10.005"}, "form.registered_capital", "form.money"),
        ("llc-one-person-setup", LLC | {"contribution_due": "2027-02-30"}, "form.contribution_due", "form.date"),
        ("llc-one-person-setup", LLC | {"contribution_due": "20270201"}, "form.contribution_due", "form.date"),
        ("llc-one-person-setup", LLC | {"contribution_due": "2031-09-19"}, "form.contribution_due", "form.date-far"),
        ("llc-one-person-setup", LLC | {"shareholder": "王"}, "form.shareholder", "intake.wrong-type"),
        ("llc-one-person-setup", LLC | {"shareholder": {"name": "王", "id_type": "111"}}, "form.shareholder.id_no", "intake.missing"),
        ("sole-prop-setup", SOLE | {"name": " \t　"}, "form.name", "intake.missing"),
        ("sole-prop-setup", SOLE | {"name": "演示工作室公司"}, "form.name", "form.rule"),
        ("sole-prop-setup", SOLE | {"name": "演示\x00工作室"}, "form.name", "intake.control-character"),
        ("sole-prop-setup", SOLE | {"address": "演示\ud842路"}, "form.address", "intake.control-character"),
        ("sole-prop-setup", SOLE | {"employees": 0}, "form.employees", "form.range"),
        ("sole-prop-setup", SOLE | {"employees": -5}, "form.employees", "form.integer"),
        ("sole-prop-setup", SOLE | {"employees": 2.0}, "form.employees", "form.integer"),
        ("sole-prop-setup", SOLE | {"capital": "1.0000001"}, "form.capital", "form.money"),
        ("sole-prop-setup", SOLE | {"capital": "１"}, "form.capital", "form.money"),
        ("llc-one-person-setup", LLC | {"name": "演示商行"}, "form.name", "form.rule"),
        ("llc-one-person-setup", LLC | {"contribution_due": "2027-W01-1"}, "form.contribution_due", "form.date"),
        ("llc-one-person-setup", LLC | {"legal_representative_role": "supervisor"}, "form.legal_representative_role", "intake.unknown-value"),
        ("llc-one-person-setup", LLC | {"legal_representative_role": "manager", "director": "李", "supervisor": "王䶮"}, "form.supervisor", "form.rule"),
        ("llc-one-person-setup", LLC | {"supervisor": "王䶮"}, "form.supervisor", "form.rule"),
        ("llc-one-person-setup", LLC | {"supervisor": "李", "director": "李"}, "form.supervisor", "form.rule"),
        ("llc-one-person-setup", LLC | {"supervisor": "李", "manager": "李"}, "form.supervisor", "form.rule"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    catalogue: Catalogue, item: str, form: dict[str, Any], where: str, code: str
) -> None:
    assert faults(catalogue, item, form) == [(where, code)]


def test_a_passport_number_has_no_check_digit(catalogue: Catalogue) -> None:
    shareholder = {"name": "Demo", "id_type": "414", "id_no": "E00000000"}
    assert faults(catalogue, "llc-one-person-setup", LLC | {"shareholder": shareholder}) == []


def test_a_wrong_resident_id_is_named_in_its_group(catalogue: Catalogue) -> None:
    shareholder = {"name": "王", "id_type": "111", "id_no": "210213199003070017"}
    found = faults(catalogue, "llc-one-person-setup", LLC | {"shareholder": shareholder})
    assert [where for where, _ in found] == ["form.shareholder.id_no"]


@pytest.mark.parametrize("form", [LLC | {"supervisor": "李"}, {k: LLC[k] for k in LLC if k != "supervisor"}])
def test_a_supervisor_may_be_named_or_not(catalogue: Catalogue, form: dict[str, Any]) -> None:
    stored, complaints = read(catalogue.items["llc-one-person-setup"], form)
    assert complaints == []
    assert stored["supervisor"] == form.get("supervisor")


@pytest.mark.parametrize(
    ("today", "last"), [(date(2026, 9, 18), "2031-09-18"), (date(2028, 2, 29), "2033-02-28")]
)
def test_the_last_day_to_contribute_is_five_years_off(catalogue: Catalogue, today: date, last: str) -> None:
    item = catalogue.items["llc-one-person-setup"]
    late = date.fromisoformat(last) + timedelta(days=1)
    for day, expected in ((last, []), (late.isoformat(), ["form.date-far"])):
        form = LLC | {"contribution_due": day}
        _, found = read_form(item.fields, item.questions, item.rules, {}, form, today)
        assert [c.code for c in found] == expected


@pytest.mark.parametrize("id_no", ["", "x", "E" * 31, "E#1", "\n"])
def test_even_a_passport_number_has_a_form(catalogue: Catalogue, id_no: str) -> None:
    shareholder = {"name": "Demo", "id_type": "414", "id_no": id_no}
    found = faults(catalogue, "llc-one-person-setup", LLC | {"shareholder": shareholder})
    assert [where for where, _ in found] == ["form.shareholder.id_no"]


def test_a_temporary_card_carries_a_resident_number(catalogue: Catalogue) -> None:
    shareholder = {"name": "王", "id_type": "112", "id_no": "210213199003070017"}
    found = faults(catalogue, "llc-one-person-setup", LLC | {"shareholder": shareholder})
    assert [where for where, _ in found] == ["form.shareholder.id_no"]


def test_only_long_texts_keep_their_lines(catalogue: Catalogue) -> None:
    form = SOLE | {"address": "演示路\n 1 号", "business_scope": "软件开发\n餐饮服务 "}
    stored, _ = read(catalogue.items["sole-prop-setup"], form)
    assert (stored["address"], stored["business_scope"]) == ("演示路 1 号", "软件开发\n餐饮服务")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(LLC)), value=JSON)
def test_whatever_is_typed_the_form_answers(catalogue: Catalogue, key: str, value: Any) -> None:
    stored, complaints = read(catalogue.items["llc-one-person-setup"], LLC | {key: value})
    assert all(c.where == f"form.{key}" or c.where.startswith("form.") for c in complaints)
    if not complaints:
        again, still = read(catalogue.items["llc-one-person-setup"], stored)
        assert (again, still) == (stored, [])


@given(form=st.dictionaries(st.sampled_from(sorted(SOLE)) | st.text(max_size=8), JSON, max_size=6))
def test_a_random_form_is_sound_or_says_why(catalogue: Catalogue, form: dict[str, Any]) -> None:
    for item in catalogue.items.values():
        stored, complaints = read(item, form)
        shown = form_fields(item, {"address_mode": "lease"})
        missing = {f.key for f in shown if f.required and not f.nullable} - stored.keys()
        assert {f"form.{key}" for key in missing} <= {c.where for c in complaints}


def test_a_rule_meets_null_where_its_field_is_not_shown() -> None:
    rules = (FormRule(holds="form.b == null || form.b != form.a", where="form.b", message="演示"),)
    fields = (Field(key="a", label="甲"), Field(key="b", label="乙", when="agent"))
    for agent, shown, codes in ((False, fields[:1], []), (True, fields, ["form.rule"])):
        form = {"a": "x"} | ({"b": "x"} if agent else {})
        _, found = read_form(shown, (), rules, {}, form, TODAY, agent=agent)
        assert [complaint.code for complaint in found] == codes
