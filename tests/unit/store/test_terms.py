"""Whatever part of a name or number a clerk types, its words are among the words of the case."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.fold import fold
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.store.terms import match_expression, words_of
from samples.cases import Chain, received
from samples.stores import PROJECTOR

HAN = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x323AF),
)
NAMES = st.text(HAN, min_size=1, max_size=20)
DIGITS = st.text("0123456789", min_size=18, max_size=24)


def row_of(name: str, number: str = "210213199003070016", phone: str = "13900000000") -> CaseRow:
    who = Applicant(type="person", name=name, id_type="111", id_no=number, phone=phone)
    case = fold([Chain().write(received(applicant=who, form={}, case_no=CaseNo("9" * 24)))])
    assert case is not None
    return PROJECTOR(case)


def found(row: CaseRow, text: str) -> bool:
    """Plays the full-text table: every AND-ed part, any of its OR-ed words, a star for a beginning."""
    words = words_of(row).split()
    asked = match_expression(text)
    assert asked is not None

    def holds(word: str) -> bool:
        return any(w.startswith(word[:-1]) for w in words) if word.endswith("*") else word in words

    return all(any(map(holds, part.strip("()").split(" OR "))) for part in asked.split(" AND "))


@given(NAMES, st.data())
def test_any_part_of_a_name_is_found(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert found(row_of(name), name[start:end])


@given(NAMES, NAMES)
def test_characters_that_are_not_there_are_not_found(name: str, other: str) -> None:
    if not set(other) & set(name):
        assert not found(row_of(name), other)


@given(DIGITS, st.integers(2, 24))
def test_beginning_and_tail_of_a_number_are_found(number: str, length: int) -> None:
    row = row_of("演示", number)
    assert found(row, number[:length])
    assert found(row, number[-length:])
    assert found(row, f"{number[:6]} {number[6:10]}-{number[10:]}"[:6])


def test_initials_are_found_from_any_character_on() -> None:
    row = row_of("大连银行重庆长春分店")
    for typed in ("dlyh", "yhcq", "CCFD", "fd", "dlyhcqccfd", "ccf"):
        assert found(row, typed), typed
    assert not found(row, "dly hx zz")


def test_a_west_of_latin_name_is_found_by_its_words() -> None:
    row = row_of("Ольга Smith·王")
    for typed in ("Smith", "smi", "王", "Ольга"):
        assert found(row, typed), typed


def test_code_with_letters_is_found() -> None:
    row = row_of("演示", "91210213MA0XXXXX1Y")
    for typed in ("91210213ma", "XX1Y", "９１２１０２１３ＭＡ０ＸＸＸＸＸ１Ｙ"):
        assert found(row, typed), typed


def test_typing_is_bounded() -> None:
    assert len(match_expression("演" * 10_000) or "") < 2_000
    assert (match_expression("1234 " * 1_000) or "").count("AND") < 8
