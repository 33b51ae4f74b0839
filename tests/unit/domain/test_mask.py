"""What may be shown of personal data by default."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.mask import mask_address, mask_id, mask_identity, mask_name, mask_phone
from jinpu_desk.domain.names import graphemes


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王明", "王*"),
        ("王小明", "王*明"),
        ("欧阳小明", "欧**明"),
        ("买买提·艾力", "买****力"),
        ("王\U0002cb3b", "王*"),
        ("王\U0002cb3b\U0002b5af", "王*\U0002b5af"),
        ("\u845b\U000e0100小明", "\u845b\U000e0100*明"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("210213199003070016", "2102**********0016"),
        ("210213900307001", "210*********001"),
        ("E12345678", "E1*****78"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_identity_numbers(number: str, shown: str) -> None:
    assert mask_id(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13900000000", "139****0000"),
        ("+8613900000000", "+86139****0000"),
        ("87654321", "****4321"),
        ("110", "**0"),
        ("", ""),
    ],
)
def test_telephones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_an_organisation_is_public() -> None:
    assert mask_identity("001", "91210213MA10ABCD6L") == "91210213MA10ABCD6L"
    assert mask_identity("111", "210213199003070016") == "2102**********0016"
    assert mask_identity("099", "210213199003070016") == "2102**********0016"


@given(st.text(st.characters(codec="utf-8", exclude_characters="*")))
def test_the_middle_of_a_name_never_shows(name: str) -> None:
    clusters, shown = list(graphemes(name)), mask_name(name)
    if len(clusters) >= 3:
        assert shown == clusters[0] + "*" * (len(clusters) - 2) + clusters[-1]
    else:
        assert shown == (clusters[0] if len(clusters) == 2 else "") + "*" * min(len(clusters), 1)


@given(st.from_regex(r"\A[0-9A-Z]{0,30}\Z"))
def test_at_most_half_of_a_number_shows_and_its_length_stays(number: str) -> None:
    shown = mask_id(number)
    assert len(shown) == len(number)
    assert shown.count("*") * 2 >= len(number)
    middle = slice(min(4, len(number) // 4), len(number) - min(4, len(number) // 4))
    assert set(shown[middle]) <= {"*"}


@given(st.from_regex(r"\A[0-9]{11}\Z"))
def test_the_middle_of_a_mobile_number_never_shows(phone: str) -> None:
    assert mask_phone(phone) == phone[:3] + "****" + phone[7:]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("大连市金州区演示街道演示路2号", "大连市金州区演示街道****"),
        ("辽宁省大连市金州区演示小区5号楼1单元", "辽宁省大连市金州区****"),
        ("演示小区5号楼", "演示****"),
        ("大连市金州区", "大连市金州区"),
        ("", ""),
    ],
)
def test_addresses(address: str, shown: str) -> None:
    assert mask_address(address) == shown
