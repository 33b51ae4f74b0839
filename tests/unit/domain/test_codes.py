"""Codes are recognised and checked by our own arithmetic, with python-stdnum as oracle for digits only."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from jinpu_desk.domain.codes import (
    USCC_ALPHABET,
    CodeKind,
    Sex,
    check_code,
    check_resident_id,
    check_uscc,
    item_code_kind,
    organisation_check_character,
    parse_resident_id,
    resident_check_character,
    uscc_check_character,
)
from jinpu_desk.domain.errors import Refused

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("value", "kind", "ok", "warning"),
    [
        ("91210213MA10ABCD6L", "uscc", True, None),
        ("92210213MA10WXYT7M", "uscc", True, None),
        ("11210213MB1K00019U", "uscc", True, None),
        ("91110000600037341L", "uscc", True, None),
        ("91350211M0000XUF46", "uscc", False, "code.uscc.check-digit"),  # genuine, and fails
        ("210213199003070016", "resident-id", True, None),
        ("210213200002290039", "resident-id", True, None),
        ("210213199003070017", "resident-id", False, "code.resident-id.check-digit"),
        ("210213203003070019", "resident-id", False, "code.resident-id.future"),
        ("210213900307001", "resident-id", True, "code.resident-id.converted"),
        ("210213030022026112300011", "case-no", True, None),
        ("210213030022026112300012", "case-no", False, "numbering.case-no.check-digit"),
        ("911100007178503000", "uscc", False, "code.uscc.check-digit"),
        ("911100006000373", "unknown", False, "code.unknown"),  # an old 15-digit registration number
        ("91210213MA10ABCD6", "unknown", False, "code.unknown"),
        ("91210213MA10ABCDIL", "unknown", False, "code.unknown"),
        ("", "unknown", False, "code.unknown"),
        ("王小明", "unknown", False, "code.unknown"),
        ("²¹⁰²¹³¹⁹⁹⁰⁰³⁰⁷⁰⁰¹⁶", "unknown", False, "code.unknown"),
    ],
)
def test_what_a_code_is(value: str, kind: str, ok: bool, warning: str | None) -> None:
    found = check_code(value, TODAY)
    assert (found.kind.value, found.ok, found.warning) == (kind, ok, warning)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 210213 19900307 0016 ", "210213199003070016"),
        ("２１０２１３１９９００３０７００１６", "210213199003070016"),
        ("91210213ma10abcd6l", "91210213MA10ABCD6L"),
        ("210213-03-002-20261123-0001-1", "210213030022026112300011"),
        ("210213900307001", "210213199003070016"),
    ],
)
def test_typing_habits_do_not_matter(typed: str, stored: str) -> None:
    found = check_code(typed, TODAY)
    assert found.ok
    assert found.value == stored


def test_letters_in_front_and_old_birth_years_are_no_error() -> None:
    """python-stdnum refuses both: it must never be the validator (DOMAIN B5)."""
    body = "Y1210213MA10ABCD6"
    assert check_uscc(body + uscc_check_character(body)).ok
    born_before_the_district = "21021319850307001"
    assert check_resident_id(
        born_before_the_district + resident_check_character(born_before_the_district), TODAY
    ).ok


def test_an_organisation_code_that_does_not_fit_is_only_mentioned() -> None:
    body = "91210213MA10ABCD7"
    found = check_uscc(body + uscc_check_character(body))
    assert (found.ok, found.warning) == (True, "code.uscc.organisation-digit")


def test_the_x_at_the_end_is_a_digit_of_either_kind() -> None:
    body = next(text for n in range(1000) if resident_check_character(text := f"21021319900307{n:03}") == "X")
    assert check_code(body + "x", TODAY).kind is CodeKind.RESIDENT_ID
    assert check_code(body + "x", TODAY).ok


def test_a_number_of_digits_only_that_fits_an_organisation_is_one() -> None:
    code = next(
        body + uscc_check_character(body)
        for n in range(1000)
        if uscc_check_character(body := f"91210219900307{n:03}").isdigit()
        and resident_check_character(body) != uscc_check_character(body)
    )
    assert check_code(code, TODAY).kind is CodeKind.USCC


def test_what_a_resident_number_says() -> None:
    person = parse_resident_id("210213199003070016", TODAY)
    assert (person.birth, person.sex, person.region, person.converted) == (
        dt.date(1990, 3, 7),
        Sex.MALE,
        "210213",
        False,
    )
    body = "21021319900307002"
    assert parse_resident_id(body + resident_check_character(body), TODAY).sex is Sex.FEMALE
    assert parse_resident_id("210213900307001", TODAY).converted


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2102131990030700", "code.resident-id.format"),
        ("X10213199003070016", "code.resident-id.format"),
        ("210213199902290018", "code.resident-id.date"),
        ("210213019903070016", "code.resident-id.date"),
        ("210213202611230019", "code.resident-id.future"),
        ("210213199003070010", "code.resident-id.check-digit"),
    ],
)
def test_a_bad_resident_number_names_what_is_wrong(value: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_resident_id(value, TODAY)
    assert refusal.value.code == code


def test_a_person_may_be_born_today() -> None:
    body = "21021320261122001"
    assert check_resident_id(body + resident_check_character(body), TODAY).ok


@given(st.text("0123456789", min_size=17, max_size=17))
def test_resident_check_digits_agree_with_an_independent_library(body: str) -> None:
    assert resident_check_character(body) == ric.calc_check_digit(body + "0")


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_credit_code_check_digits_agree_with_an_independent_library(body: str) -> None:
    assert uscc_check_character(body) == uscc.calc_check_digit(body + "0")


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_one_wrong_character_in_a_credit_code_is_seen(body: str, place: int, wrong: str) -> None:
    code = body + uscc_check_character(body)
    if code[place] != wrong:
        assert not check_uscc(code[:place] + wrong + code[place + 1 :]).ok


@pytest.mark.parametrize(("body", "digit"), [("60003734", "1"), ("MA10ABCD", "6"), ("MB1K0001", "9")])
def test_organisation_check_characters(body: str, digit: str) -> None:
    assert organisation_check_character(body) == digit


def test_organisation_check_character_ten_is_x() -> None:
    # Σ = 3·4 = 12, 11 − 12 mod 11 = 10.
    assert organisation_check_character("40000000") == "X"
    assert organisation_check_character("00000000") == "0"


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(1999, 12, 31)),
    st.integers(0, 999),
    st.from_regex(r"\A[1-6][0-9]{5}\Z"),
)
def test_converting_fifteen_digits_gives_a_number_that_holds(day: dt.date, order: int, region: str) -> None:
    found = check_code(f"{region}{day:%y%m%d}{order:03}", TODAY)
    assert found.kind is CodeKind.RESIDENT_ID
    assert check_resident_id(found.value, TODAY).warning is None
    assert parse_resident_id(found.value, TODAY).birth == day


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_the_check(text: str) -> None:
    found = check_code(text, TODAY)
    assert found.ok or found.warning is not None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("00013112700Y", "basic"),
        ("000131127004", "basic"),
        ("00013112700401", "business"),
        ("11440113MB2C92966P4000131004000", "implementation"),
        ("11440113MB2C92966P400013100400001", "implementation-business"),
        ("11440113MB2C92966I4000131004000", None),
        ("00013112700y", None),
        ("0001311270", None),
    ],
)
def test_catalogue_codes_are_told_by_their_form(code: str, kind: str | None) -> None:
    assert item_code_kind(code) == kind
