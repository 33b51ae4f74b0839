"""The 2022 edition where Python's codec is older, and characters of old readers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.gb18030 import decode_gb18030, decode_private_use, encode_gb18030, suggest_standard

FILE = Path(__file__).parents[3] / "resources" / "codes" / "gb18030-private-use.toml"
TABLE = decode_private_use(FILE.read_text("utf-8"))


def test_the_codec_is_still_older_than_the_standard() -> None:
    """When this fails the codec has caught up and the correction can go."""
    assert bytes.fromhex("FE59").decode("gb18030") == "\ue81e"


@pytest.mark.parametrize(
    ("code", "character"),
    [
        ("FE59", "龴"),
        ("FEA0", "龻"),
        ("A6D9", "\ufe10"),
        ("A6F3", "\ufe19"),
        ("A8BC", "\u1e3f"),
        ("CDF5", "王"),
    ],
)
def test_two_byte_codes_of_the_2022_edition(code: str, character: str) -> None:
    assert decode_gb18030(bytes.fromhex(code), TABLE) == character
    assert encode_gb18030(character, TABLE) == bytes.fromhex(code)


def test_the_twenty_four_characters_of_2005_are_all_named() -> None:
    assert len(TABLE.two_byte) == 18 + 1  # and A8BC
    extension_b = {p: s for p, s in TABLE.standard.items() if ord(s) > 0xFFFF}
    assert extension_b == {
        "\ue816": "\U00020087",
        "\ue817": "\U00020089",
        "\ue818": "\U000200cc",
        "\ue831": "\U000215d7",
        "\ue83b": "\U0002298f",
        "\ue855": "\U000241fe",
    }


def test_every_private_character_of_gbk_fe50_to_fea0_is_named() -> None:
    assert {chr(code) for code in range(0xE815, 0xE865)} <= set(TABLE.standard)
    assert all(0xE000 <= ord(private) <= 0xF8FF for private in TABLE.standard)
    assert not any(0xE000 <= ord(standard) <= 0xF8FF for standard in TABLE.standard.values())


def test_old_reader_text_gets_a_suggestion() -> None:
    assert suggest_standard("王\ue81e\ue001", TABLE) == "王龴\ue001"


@given(st.text(st.characters(exclude_categories=["Cs", "Co"])))
def test_whatever_is_written_is_read_back(text: str) -> None:
    assert decode_gb18030(encode_gb18030(text, TABLE), TABLE) == text


def test_what_is_no_text_is_refused_with_its_place() -> None:
    with pytest.raises(Refused) as refusal:
        decode_gb18030(b"ab\xff", TABLE)
    assert (refusal.value.code, refusal.value.params["offset"]) == ("gb18030.bytes", 2)
    with pytest.raises(Refused, match=r"name\.broken-character"):
        encode_gb18030("王\ud842", TABLE)


ROW = '{{ gb18030 = "FE59", private = "{}", standard = "{}", edition = "2022" }}'


@pytest.mark.parametrize(
    "rows",
    [
        "1",
        "[" + ROW.format("E81E", "U+9FB4") + "]",
        "[" + ROW.format("U+E81E", "U+9FB4") + "," + ROW.format("U+E81E", "U+9FB5") + "]",
        "[" + ROW.format("U+E81E", "U+FFFFFF") + "]",
        "[",
    ],
)
def test_a_bad_table_is_refused(rows: str) -> None:
    with pytest.raises(Refused, match=r"gb18030\.table"):
        decode_private_use(f'title = "t"\nsource = "s"\ncharacters = {rows}\n')
