"""Names keep their code points; only dots, spaces and invisible marks are made uniform."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.names import (
    NameWarning,
    display_width,
    graphemes,
    name_warnings,
    normalise_code,
    normalise_name,
    truncate,
    truncate_utf16,
)

RARE = "\U0002cb3b\U0002b5af\u4dae\U00030edd"
IVS = "\u845b\U000e0100"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  王 小　明 ", "王小明"),
        ("王\u200b小\ufeff明\u202e", "王小明"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提・艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("买买提 ‧ 艾力", "买买提·艾力"),
        ("买买提.艾力", "买买提·艾力"),
        ("Maimaiti · 艾力", "Maimaiti·艾力"),
        ("John  A.  Smith", "John A. Smith"),
        ("大连 JP 贸易 有限公司", "大连 JP 贸易有限公司"),
        ("王\t䶮\r\n", "王䶮"),
        (RARE, RARE),
        (IVS + " " + IVS, IVS + IVS),
        ("", ""),
    ],
)
def test_a_name_as_it_is_stored(typed: str, stored: str) -> None:
    assert normalise_name(typed) == stored


@pytest.mark.parametrize("character", ["\uf900", "\ufa11", "\U0002f800", "\U0002fa1d"])
def test_compatibility_ideographs_are_left_alone(character: str) -> None:
    assert normalise_name("王" + character) == "王" + character


def test_nfc_would_have_changed_them() -> None:
    """The reason the normal form is not used: it replaces a person's character by another."""
    assert unicodedata.normalize("NFC", "\U0002f800") != "\U0002f800"


WILD = st.text(
    st.one_of(
        st.sampled_from("王小明·•．.・ 　\u200b\u200d\ufeff\u0301A b\n\ue81e\U0002cb3b\U000e0100"),
        st.characters(),
    )
)


@given(WILD)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    once = normalise_name(text)
    assert normalise_name(once) == once


@given(st.text(st.characters(categories=["Lo", "Co"])))
def test_no_letter_is_ever_replaced(text: str) -> None:
    assert normalise_name(text) == text


@given(WILD)
def test_codes_become_stable_and_plain(text: str) -> None:
    once = normalise_code(text)
    assert " " not in once
    assert "-" not in once
    assert normalise_code(once) == once


def test_private_and_broken_characters_are_pointed_out() -> None:
    found = name_warnings("王\ue81e\ue001\ud842", {"\ue81e": "龴"})
    assert found == (
        NameWarning("name.private-use", 1, "\ue81e", "龴"),
        NameWarning("name.private-use", 2, "\ue001"),
        NameWarning("name.broken-character", 3, "\ud842"),
    )
    assert name_warnings("王" + RARE + IVS + "·A") == ()
    assert name_warnings("王\ufffd")[0].code == "name.broken-character"
    assert name_warnings("\U000f0000")[0].code == "name.private-use"


@given(WILD)
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


def test_graphemes_keep_marks_with_their_base() -> None:
    assert list(graphemes("王" + IVS + "e\u0301x")) == ["王", IVS, "e\u0301", "x"]
    assert list(graphemes("\U0001f468\u200d\U0001f469")) == ["\U0001f468\u200d\U0001f469"]


@given(WILD, st.integers(0, 12))
def test_truncation_keeps_whole_characters_within_the_limit(text: str, limit: int) -> None:
    cut = truncate(text, limit)
    assert text.startswith(cut)
    assert len(list(graphemes(cut))) == min(limit, len(list(graphemes(text))))
    units = truncate_utf16(text, limit)
    assert text.startswith(units)
    assert len(units.encode("utf-16-le", "surrogatepass")) <= 2 * limit


def test_truncation_shows_that_something_is_missing() -> None:
    assert truncate("演示有限公司", 4, "…") == "演示有…"
    assert truncate("演示", 4, "…") == "演示"
    assert truncate("演示有限", 0, "…") == "…"
    assert truncate_utf16("王" + RARE, 3) == "王\U0002cb3b"
    assert truncate_utf16("王" + RARE, 2) == "王"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("王小明", 6),
        ("买买提·艾力", 12),
        ("Ab1", 3),
        (RARE, 8),
        (IVS, 2),
        ("\U00031350", 2),
        ("\u200b", 0),
        ("", 0),
    ],
)
def test_columns_on_a_chinese_printer(text: str, columns: int) -> None:
    assert display_width(text) == columns
