"""The item menu answers to what a clerk types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.catalogue.search import ItemIndex, find_items


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("gtgs", "individual-setup"),
        ("GT GS", "individual-setup"),
        ("ｇｔｇｓ", "individual-setup"),
        ("getigongshanghu", "individual-setup"),
        ("grdzqy", "sole-prop-setup"),
        ("个独", "sole-prop-setup"),
        ("食品经营", "food-business-new"),
        ("xcy", "small-catering"),
        ("招牌", "outdoor-sign"),
        ("00013112700401", "llc-one-person-setup"),
        ("wykcg", "open-restaurant"),
        ("fire-safety", "fire-safety-check"),
    ],
)
def test_the_first_hit_is_what_was_meant(catalogue: Catalogue, text: str, key: str) -> None:
    assert find_items(catalogue, text)[0].key == key


def test_an_exact_name_comes_before_a_part(catalogue: Catalogue) -> None:
    ranks = [hit.rank for hit in find_items(catalogue, "个独")]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0


def test_a_station_sees_what_it_may_take_first_and_the_rest_as_guidance(catalogue: Catalogue) -> None:
    hits = find_items(catalogue, "", hall=False)
    assert {hit.key for hit in hits if hit.allowed} == {"sole-prop-setup", "llc-one-person-setup"}
    assert [hit.allowed for hit in hits] == sorted((hit.allowed for hit in hits), reverse=True)
    assert len(hits) == len(catalogue.items) + len(catalogue.packages)


def test_nothing_fits_nonsense_and_the_limit_holds(catalogue: Catalogue) -> None:
    assert find_items(catalogue, "没有这个事项") == ()
    assert len(find_items(catalogue, "", limit=3)) == 3


@given(st.text(max_size=200))
def test_any_text_may_be_typed(catalogue: Catalogue, text: str) -> None:
    known = catalogue.items.keys() | catalogue.packages.keys()
    assert {hit.key for hit in ItemIndex(catalogue).find(text)} <= known
