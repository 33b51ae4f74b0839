"""The barcode that ticks a material: short, and understood only for the material it was printed for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.papers import MAX_TICK_CODE, parse_tick_code, tick_code

KEYS = st.from_regex(r"[a-z][a-z0-9-]{0,40}", fullmatch=True)


@given(KEYS, KEYS)
def test_a_code_means_its_material(item: str, material: str) -> None:
    text = tick_code(item, material)
    assert len(text) <= MAX_TICK_CODE
    assert text == text.upper()
    code = parse_tick_code(f" {text.lower()}\r\n")
    assert code is not None
    assert code.means(item, material)


def test_a_code_means_no_other_material_or_item() -> None:
    code = parse_tick_code(tick_code("sole-prop-setup", "application"))
    assert code is not None
    assert not code.means("sole-prop-setup", "lease")
    assert not code.means("small-catering", "application")


@pytest.mark.parametrize(
    "text",
    ["", "210213030022026112300011", "M-", "M-ABCDE", "M-ABCDE-GHIJ1", "X-ABCDE-GHIJK", "m-a-b", "𬬻"],
)
def test_other_texts_are_no_tick_codes(text: str) -> None:
    assert parse_tick_code(text) is None
