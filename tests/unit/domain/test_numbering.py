"""Numbers that are final at the counter."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import (
    DEFAULT_TEMPLATE,
    luhn_digit,
    make_case_no,
    next_serial,
    parse_case_no,
    render_doc_no,
    scanned_case_no,
)

DAY = dt.date(2026, 11, 23)
EXAMPLE = "210213030022026112300011"


@pytest.mark.parametrize(
    "read",
    [
        EXAMPLE,
        f" {EXAMPLE}\r",
        f"http://127.0.0.1:8700/p/{EXAMPLE}#J1.a-_b.c",
        f"https://jinpu.example.invalid/p/city/p/{EXAMPLE}",
    ],
)
def test_a_gun_reads_the_number_off_either_code(read: str) -> None:
    assert scanned_case_no(read).text == EXAMPLE


def test_the_example_of_the_domain_page() -> None:
    assert make_case_no("210213", "03", 2, DAY, 1) == EXAMPLE
    number = parse_case_no(EXAMPLE)
    assert (number.division, number.station, number.series, number.day, number.serial, number.check) == (
        "210213",
        "03",
        "002",
        DAY,
        1,
        "1",
    )
    assert number.text == EXAMPLE
    assert number.spaced == "210213 03 002 20261123 0001 1"
    assert parse_case_no(number.spaced) == number


CASE_NUMBERS = st.builds(
    make_case_no,
    st.from_regex(r"\A[0-9]{6}\Z"),
    st.from_regex(r"\A[0-9]{2}\Z"),
    st.integers(0, 999),
    st.dates(dt.date(2000, 1, 1), dt.date(2069, 12, 31)),
    st.integers(1, 9999),
)


@given(CASE_NUMBERS)
def test_what_is_made_can_be_read(text: str) -> None:
    assert len(text) == 24
    assert parse_case_no(text).text == text


@given(st.from_regex(r"\A[0-9]{1,30}\Z"))
def test_the_check_digit_agrees_with_an_independent_library(digits: str) -> None:
    assert luhn_digit(digits) == luhn.calc_check_digit(digits)


@given(CASE_NUMBERS, st.integers(0, 23), st.integers(1, 9))
def test_any_single_wrong_digit_is_seen(text: str, place: int, shift: int) -> None:
    wrong = str((int(text[place]) + shift) % 10)
    with pytest.raises(Refused, match=r"numbering\.case-no\.check-digit"):
        parse_case_no(text[:place] + wrong + text[place + 1 :])


@given(CASE_NUMBERS, st.integers(0, 22))
def test_swapped_neighbours_are_seen_except_0_and_9(text: str, place: int) -> None:
    first, second = text[place], text[place + 1]
    swapped = text[:place] + second + first + text[place + 2 :]
    holds = luhn_digit(swapped[:23]) == swapped[23]
    assert holds == (first == second or {first, second} == {"0", "9"})


def _with_check(body: str) -> str:
    return body + luhn_digit(body)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "numbering.case-no.format"),
        (EXAMPLE[:-1], "numbering.case-no.format"),
        (EXAMPLE[:-1] + "x", "numbering.case-no.format"),
        (EXAMPLE[:-1] + "2", "numbering.case-no.check-digit"),
        (_with_check("21021303002202613230001"), "numbering.case-no.date"),
        (_with_check("21021303002202611230000"), "numbering.case-no.serial"),
    ],
)
def test_a_number_that_does_not_hold_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_case_no(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("division", "station", "series", "serial", "code"),
    [
        ("21021", "03", 2, 1, "numbering.division"),
        ("２１０２１３", "03", 2, 1, "numbering.division"),
        ("210213", "3", 2, 1, "numbering.station"),
        ("210213", "03", 1000, 1, "numbering.series"),
        ("210213", "03", -1, 1, "numbering.series"),
        ("210213", "03", 2, 0, "numbering.serial"),
        ("210213", "03", 2, 10000, "numbering.serial"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    division: str, station: str, series: int, serial: int, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        make_case_no(division, station, series, DAY, serial)
    assert refusal.value.code == code


def test_serials_go_up_by_one_and_end() -> None:
    assert next_serial(0) == 1
    assert next_serial(9998) == 9999
    with pytest.raises(Refused, match=r"numbering\.serial-exhausted"):
        next_serial(9999)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (DEFAULT_TEMPLATE, "金普市监受字〔2026〕123号"),
        ("金普市监受字〔{yyyy}〕{n}号", "金普市监受字〔2026〕123号"),
        ("金普市监受字〔{yyyy}〕第{n:06}号", "金普市监受字〔2026〕第000123号"),
    ],
)
def test_document_numbers(template: str, expected: str) -> None:
    assert render_doc_no(template, 2026, 123, "金普市监") == expected


@pytest.mark.parametrize(
    ("template", "blank"),
    [
        ("受字〔{yyyy}〕号", "n"),
        ("受字{n}号", "yyyy"),
        ("受字〔{yyyy}〕{n}{m}号", "m"),
        ("受字〔{yyyy}〕{n.__class__}号", "n.__class__"),
        ("受字〔{yyyy}〕{n!r}号", "n"),
        ("受字〔{yyyy}〕{n:>6}号", "n"),
        ("受字〔{yyyy:06}〕{n}号", "yyyy"),
        ("{代字}受字〔{yyyy}〕{n}号", "代字"),
        ("受字〔{}〕{n}{yyyy}号", ""),
    ],
)
def test_a_template_that_cannot_number_is_refused(template: str, blank: str) -> None:
    with pytest.raises(Refused) as refusal:
        render_doc_no(template, 2026, 1)
    assert refusal.value.code == "numbering.template"
    assert refusal.value.params["blank"] == blank


def test_an_unbalanced_template_is_refused() -> None:
    with pytest.raises(Refused, match=r"numbering\.template"):
        render_doc_no("受字〔{yyyy}〕{n号", 2026, 1)
