"""What is joined in a package under one name must be one thing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jinpu_desk.catalogue.check import check_catalogue
from jinpu_desk.catalogue.model import (
    Authority,
    Branch,
    Catalogue,
    Field,
    Item,
    Material,
    Option,
    Package,
    Question,
)
from jinpu_desk.catalogue.packages import MergedIntake, merge
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.materials import NoSubmit

ONE = (Option(value="1", label="一"),)
TWO = (Option(value="2", label="二"),)
BRANCHES = (Branch(key="a", item="x"), Branch(key="b", item="y"))


def item(key: str, **given: Any) -> Item:
    return Item(key=key, name=key, authority="a", family=DocFamily.LICENCE, **given)


def catalogue_of(x: Item, y: Item, package: Package) -> Catalogue:
    return Catalogue(
        version="1",
        effective_from=date(2026, 1, 1),
        digest="",
        authorities={"a": Authority(name="甲", short="甲")},
        items={x.key: x, y.key: y},
        packages={package.key: package},
    )


def faults(x: dict[str, Any], y: dict[str, Any], **given: Any) -> list[tuple[str, str]]:
    package = Package(**({"key": "k", "name": "k", "authority": "a", "branches": BRANCHES} | given))
    found = check_catalogue(catalogue_of(item("x", **x), item("y", **y), package))
    return [(fault.where, fault.code) for fault in found]


def paper(**given: Any) -> dict[str, Any]:
    return {"materials": (Material(**({"key": "m", "name": "材料"} | given)),)}


def field(**given: Any) -> dict[str, Any]:
    return {"fields": (Field(**({"key": "f", "label": "字段"} | given)),)}


def question(options: tuple[Option, ...], **given: Any) -> dict[str, Any]:
    return {"questions": (Question(key="q", label="问", options=options, **given),)}


def test_like_things_may_share_a_name() -> None:
    assert faults(paper() | field() | question(ONE), paper() | field() | question(ONE)) == []


@pytest.mark.parametrize(
    ("x", "y", "where"),
    [
        (question(ONE), question(TWO), "packages/k.toml:questions.q"),
        (question(ONE), question((), kind="bool"), "packages/k.toml:questions.q"),
        (field(kind="money"), field(), "packages/k.toml:field_codes"),
        (field(kind="choice", options=ONE), field(kind="choice", options=TWO), "packages/k.toml:field_codes"),
        (paper(role="identity"), paper(), "packages/k.toml:branches"),
        (paper(key="p", code="m", role="application"), paper(), "packages/k.toml:branches"),
    ],
)
def test_unlike_things_may_not(x: dict[str, Any], y: dict[str, Any], where: str) -> None:
    assert faults(x, y) == [(where, "catalogue.code-clash")]
    assert faults(y, x) == [(where, "catalogue.code-clash")]


def test_a_shared_code_may_be_parted_by_the_package() -> None:
    assert faults(field(kind="money"), field(), field_codes={"x": {"f": "g"}}) == []


def test_a_drawing_may_serve_as_a_safety_paper() -> None:
    assert faults(paper(role="safety"), paper()) == []


@pytest.mark.parametrize(
    ("given", "where", "code"),
    [
        ({"key": "x"}, "packages/x.toml:key", "repeated-key"),
        ({"branches": ()}, "packages/k.toml:branches", "no-branch"),
        ({"branches": (BRANCHES[0], Branch(key="a", item="y"))}, "packages/k.toml:branches.a", "repeated-key"),
        ({"low_confidence": ("wat",)}, "packages/k.toml:low_confidence", "unknown-mark"),
    ],
)  # fmt: skip
def test_a_package_is_sound_itself(given: dict[str, Any], where: str, code: str) -> None:
    assert faults({}, {}, **given) == [(where, f"catalogue.{code}")]


@pytest.mark.parametrize(
    ("x", "where", "code"),
    [
        (paper(valid_days=0), "materials.m.valid_days", "too-few"),
        ({"fields": (Field(key="f", label="一", code="c"), Field(key="g", label="二", code="c"))}, "fields.c", "repeated-key"),
        (question(ONE, default=True), "questions.q.default", "unknown-option"),
        (question((), kind="bool", default="1"), "questions.q.default", "unknown-option"),
        ({"questions": (Question(key="p", label="一", options=ONE, when='answers.q == "1"'), Question(key="q", label="二", options=ONE))}, "questions.p.when", "unknown-question"),
    ],
)  # fmt: skip
def test_an_item_is_sound_itself(x: dict[str, Any], where: str, code: str) -> None:
    assert faults(x, {}) == [(f"items/x.toml:{where}", f"catalogue.{code}")]


def merged(x: dict[str, Any], y: dict[str, Any], **given: Any) -> MergedIntake:
    package = Package(**({"key": "k", "name": "k", "authority": "a", "branches": BRANCHES} | given))
    return merge(catalogue_of(item("x", **x), item("y", **y), package), package, {}, agent=False)


LOOSE = paper(
    tolerable=True, tolerance_days=9, pledgeable=True, no_submit=(NoSubmit.SHARED, NoSubmit.REUSED), valid_days=90
)  # fmt: skip
TIGHT = paper(
    tolerance_days=3, no_submit=(NoSubmit.REUSED,), valid_days=30, medium="paper", copies=2, original="original"
)  # fmt: skip


@pytest.mark.parametrize(("x", "y"), [(LOOSE, TIGHT), (TIGHT, LOOSE)])
def test_the_stricter_paper_holds_whichever_comes_first(x: dict[str, Any], y: dict[str, Any]) -> None:
    rule = merged(x, y).rules[0]
    assert (rule.tolerable, rule.tolerance_days, rule.pledgeable) == (False, 3, False)
    assert (rule.no_submit, rule.valid_days, rule.medium) == ((NoSubmit.REUSED,), 30, "paper")
    assert (rule.copies, rule.original) == (2, "both")


WIDE = field(kind="money", nullable=True, required=False, minimum="1", maximum="90", max_length=50, scale=6)
NARROW = field(kind="money", minimum="5", maximum="1000", max_length=20, scale=2, same_as="phone")


@pytest.mark.parametrize(("x", "y"), [(WIDE, NARROW), (NARROW, WIDE)])
def test_the_stricter_field_holds_whichever_comes_first(x: dict[str, Any], y: dict[str, Any]) -> None:
    asked = merged(x, y).fields[0]
    assert (asked.required, asked.nullable, asked.same_as) == (True, False, "phone")
    assert (asked.minimum, asked.maximum, asked.max_length, asked.scale) == ("5", "90", 20, 2)


def test_the_stricter_date_holds() -> None:
    plain, narrow = field(kind="date", within_years=9), field(kind="date", within_years=5, not_past=True)
    for x, y in ((plain, narrow), (narrow, plain)):
        asked = merged(x, y).fields[0]
        assert (asked.within_years, asked.not_past) == (5, True)


@pytest.mark.parametrize(("answer", "chosen"), [(True, "x"), (False, "y")])
def test_a_branch_may_hang_on_yes_or_no(answer: bool, chosen: str) -> None:
    package = Package(
        key="k",
        name="k",
        authority="a",
        questions=(Question(key="q", label="问", kind="bool"),),
        branches=(Branch(key="a", question="q", items={"true": "x", "false": "y"}),),
    )
    made = catalogue_of(item("x"), item("y"), package)
    assert list(check_catalogue(made)) == []
    intake = merge(made, package, {"q": answer}, agent=False)
    assert [child.item.key for child in intake.children] == [chosen]
