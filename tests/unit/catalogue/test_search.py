"""The item menu answers to what a clerk types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.catalogue.search import ItemIndex


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> ItemIndex:
    return ItemIndex(catalogue)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("gtgs", "individual-setup"),
        ("GT GS", "individual-setup"),
        ("ｇｔｇｓ", "individual-setup"),
        ("getigongshanghu", "individual-setup"),
        ("geti gsh", "individual-setup"),
        ("grdz", "sole-prop-setup"),
        ("grdzqy", "sole-prop-setup"),
        ("个独", "sole-prop-setup"),
        ("食品经营", "food-business-new"),
        ("spjyxk", "food-business-new"),
        ("xcy", "small-catering"),
        ("招牌", "outdoor-sign"),
        ("00013112700401", "llc-one-person-setup"),
        ("wykcg", "open-restaurant"),
        ("kaicanguan", "open-restaurant"),
        ("fire-safety", "fire-safety-check"),
    ],
)
def test_the_first_hit_is_what_was_meant(index: ItemIndex, text: str, key: str) -> None:
    assert index.find(text)[0].key == key


def test_a_whole_name_comes_before_a_part(catalogue: Catalogue) -> None:
    items = catalogue.items
    odd = replace(items["individual-setup"], key="a", name="代办小餐饮手续", short_name="", aliases=())
    index = ItemIndex(replace(catalogue, items={"a": odd} | items))
    assert [hit.key for hit in index.find("小餐饮")] == ["small-catering", "a"]


def test_no_text_gives_all_in_catalogue_order(index: ItemIndex, catalogue: Catalogue) -> None:
    hits = index.find("  ", limit=100)
    assert [(hit.key, hit.package) for hit in hits] == [
        *((item.key, False) for item in catalogue.items.values() if item.role != "branch"),
        *((key, True) for key in catalogue.packages),
    ]
    assert [hit.name for hit in hits[:2]] == [item.name for item in list(catalogue.items.values())[:2]]
    assert all(hit.allowed for hit in hits)


def test_a_station_sees_what_it_may_take_first_and_the_rest_as_guidance(
    index: ItemIndex, catalogue: Catalogue
) -> None:
    hits = index.find("", hall=False, limit=100)
    assert {hit.key for hit in hits if hit.allowed} == {"sole-prop-setup", "llc-one-person-setup"}
    assert [hit.allowed for hit in hits] == sorted((hit.allowed for hit in hits), reverse=True)
    assert {hit.key for hit in hits} == {hit.key for hit in index.find("", limit=100)}


def test_an_item_outside_the_hall_is_not_in_the_menu(catalogue: Catalogue) -> None:
    out = replace(catalogue.items["outdoor-sign"], entered=False, not_entered_reason="涉密")
    index = ItemIndex(replace(catalogue, items=catalogue.items | {"outdoor-sign": out}))
    assert "outdoor-sign" not in {hit.key for hit in index.find("招牌")}


def test_nothing_fits_nonsense_and_the_limit_holds(index: ItemIndex) -> None:
    assert index.find("没有这个事项") == ()
    assert index.find("gtgsx") == ()
    assert len(index.find("", 3)) == 3
    assert index.find("", 0) == index.find("", -1) == ()


@given(st.text(max_size=200))
def test_any_text_may_be_typed(index: ItemIndex, catalogue: Catalogue, text: str) -> None:
    keys = [hit.key for hit in index.find(text)]
    assert set(keys) <= catalogue.items.keys() | catalogue.packages.keys()
    assert len(set(keys)) == len(keys)
