"""The statement in the QR: believed when a known window signed it, and in one spelling only."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.app.papers import PaperFacts, PaperKind, RenderedPaper, Signer, Trust, facts_digest
from jinpu_desk.documents.statement import MAX_ITEM, check_statement, make_statement
from jinpu_desk.domain.errors import Refused

Reader = Callable[[str], PaperFacts]
B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def code_of(text: str, trust: Trust) -> str:
    with pytest.raises(Refused) as told:
        check_statement(text, trust)
    return told.value.code


def test_a_genuine_statement_says_the_facts(receipt: RenderedPaper, trust: Trust, facts: Reader) -> None:
    said = facts("d1-licence")
    checked = check_statement(f" {receipt.statement}\n", trust)
    assert checked.ok
    assert not checked.whole_file
    assert (checked.case_no, checked.kind, checked.replica) == (said.case_no, PaperKind.D1, said.replica)
    stated = checked.facts
    assert (stated.item, stated.applicant) == (said.item_name, said.applicant.name)
    assert (stated.date, stated.seq) == (date(2026, 11, 23), said.seq)
    assert stated.facts_digest == facts_digest(said) == receipt.facts_digest


def test_it_starts_with_the_progress_address_a_phone_opens(receipt: RenderedPaper, facts: Reader) -> None:
    said = facts("d1-licence")
    assert receipt.statement.startswith(f"{said.progress_url}/p/{said.case_no}#J1.")


def test_the_day_is_chinas(signer: Signer, trust: Trust, facts: Reader) -> None:
    late = facts("d1-licence").issued_at.replace(hour=23, minute=59)
    said = replace(facts("d1-licence"), issued_at=late)
    assert check_statement(make_statement(said, signer), trust).facts.date == date(2026, 11, 23)


def test_long_names_are_cut_so_that_the_code_stays_readable(
    signer: Signer, trust: Trust, facts: Reader
) -> None:
    said = facts("d1-licence")
    long = replace(said, item_name="长" * 200, applicant=replace(said.applicant, name="名" * 200))
    stated = check_statement(make_statement(long, signer), trust).facts
    assert len(stated.item) == MAX_ITEM
    assert stated.item.endswith("…")
    assert stated.applicant.endswith("…")


@given(data=st.data())
def test_any_other_character_anywhere_is_refused(
    data: st.DataObject, receipt: RenderedPaper, trust: Trust
) -> None:
    text = receipt.statement
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(B64 + ".:/#%= ").filter(lambda c: c != text[at]))
    with pytest.raises(Refused):
        check_statement(text[:at] + other + text[at + 1 :], trust)


@given(st.text(max_size=400))
def test_any_text_is_refused_and_nothing_worse(trust: Trust, text: str) -> None:
    assert code_of(text, trust) == "documents.check.not-ours"


def test_the_address_is_signed_too(receipt: RenderedPaper, trust: Trust) -> None:
    elsewhere = receipt.statement.replace("http://127.0.0.1:8080", "http://evil.example:80")
    assert code_of(elsewhere, trust) == "documents.check.forged"


def test_another_case_number_in_the_address_is_an_alteration(receipt: RenderedPaper, trust: Trust) -> None:
    other = receipt.statement.replace("/p/2102", "/p/2103", 1)
    assert code_of(other, trust) == "documents.check.altered"


def test_spare_bits_of_the_last_letter_are_not_free(receipt: RenderedPaper, trust: Trust) -> None:
    text = receipt.statement
    same_bytes = [c for c in B64 if c != text[-1] and B64.index(c) >> 4 == B64.index(text[-1]) >> 4]
    assert same_bytes
    for letter in same_bytes:
        assert base64.urlsafe_b64decode(text[-86:-1] + letter + "==")[:64] == base64.urlsafe_b64decode(
            text[-86:] + "=="
        )
        assert code_of(text[:-1] + letter, trust) == "documents.check.altered"


def test_a_forged_signature_and_an_unknown_window_are_told_apart(
    stranger: Signer, receipt: RenderedPaper, trust: Trust, facts: Reader
) -> None:
    assert code_of(make_statement(facts("d1-licence"), stranger), trust) == "documents.check.forged"
    assert code_of(receipt.statement, {}) == "documents.check.unknown-signer"


def test_a_revoked_window_is_believed_for_earlier_papers_only(
    signer: Signer, receipt: RenderedPaper, trust: Trust
) -> None:
    known = trust[signer.replica]
    later = {signer.replica: replace(known, revoked_on=date(2026, 11, 24))}
    assert check_statement(receipt.statement, later).ok
    that_day = {signer.replica: replace(known, revoked_on=date(2026, 11, 23))}
    assert code_of(receipt.statement, that_day) == "documents.check.revoked"


def test_a_window_states_only_its_own_papers(signer: Signer, facts: Reader) -> None:
    other = replace(facts("d1-licence"), replica="0193f3a0-0000-7000-8000-000000000002")
    with pytest.raises(ValueError, match="cannot be stated"):
        make_statement(other, signer)
