"""The chain: what is written verifies, and any change to it shows."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event, canonical, first_head, header_hash, verify_chain
from samples.cases import CASE, Chain, received


def history(texts: list[str]) -> tuple[Chain, list[Event]]:
    pen = Chain()
    return pen, [pen.write(received()), *(pen.write(b.CaseNoted(text=text)) for text in texts)]


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_written_chain_verifies_to_its_head(texts: list[str]) -> None:
    pen, events = history(texts)
    assert verify_chain(events, first_head(pen.head.replica)) == pen.head


@given(st.lists(st.text(max_size=5), min_size=1, max_size=6), st.data())
def test_any_changed_header_field_breaks_the_chain_or_the_head(texts: list[str], data: st.DataObject) -> None:
    pen, events = history(texts)
    index = data.draw(st.integers(0, len(events) - 1))
    header = events[index].header
    changed = data.draw(
        st.sampled_from(
            [
                msgspec.structs.replace(header, actor="somebody"),
                msgspec.structs.replace(header, at=header.at + 1),
                msgspec.structs.replace(header, seq=header.seq + 1),
                msgspec.structs.replace(
                    header, type="case.noted" if header.type != "case.noted" else "case.closed"
                ),
                msgspec.structs.replace(header, base={"x": 1}),
                msgspec.structs.replace(header, catalogue="d" * 64),
                msgspec.structs.replace(header, body_digest="e" * 64),
            ]
        )
    )
    events[index] = msgspec.structs.replace(events[index], header=changed)
    try:
        head = verify_chain(events, first_head(pen.head.replica))
    except Refused:
        return
    assert head != pen.head


def test_a_changed_body_is_refused_and_an_erased_one_passes() -> None:
    pen, events = history(["演示备注"])
    forged = msgspec.structs.replace(events[1], body=canonical(b.CaseNoted(text="改过")))
    with pytest.raises(Refused, match=r"chain\.body"):
        verify_chain([events[0], forged], first_head(pen.head.replica))
    erased = msgspec.structs.replace(events[1], body=None, salt=None)
    assert verify_chain([events[0], erased], first_head(pen.head.replica)) == pen.head


def test_a_missing_event_is_a_gap() -> None:
    pen, events = history(["a", "b"])
    with pytest.raises(Refused) as refused:
        verify_chain([events[0], events[2]], first_head(pen.head.replica))
    assert (refused.value.code, refused.value.params["expected"]) == ("chain.gap", 2)


def test_the_hash_of_a_known_header_is_fixed_for_ever() -> None:
    event = Chain().write(received(), case=CASE)
    assert header_hash(event.header) == "0fc2feba8b505238ec0d1ca19c8e37cacc4bb423ca8081e556ff0ab797182ce5"


def test_every_type_round_trips_and_unknown_ones_are_refused() -> None:
    body = b.CaseNoted(text="𬬻")
    assert b.decode_body("case.noted", 1, canonical(body)) == body
    with pytest.raises(Refused, match=r"event\.unknown-type"):
        b.decode_body("case.noted", 99, canonical(body))
    with pytest.raises(Refused, match=r"event\.body"):
        b.decode_body("case.noted", 1, b'{"text": 1}')
    assert len(set(b.TYPES.values())) == len(b.TYPES)
