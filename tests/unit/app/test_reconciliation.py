"""Two accounts of one day agree exactly when the events do, and whatever differs is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.app.duty.reconciliation import (
    Account,
    Sort,
    Statement,
    account_of,
    compared,
    day_of,
    digest_of,
)
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import GENESIS, Event
from jinpu_desk.domain.ids import CaseNo, Digest
from jinpu_desk.domain.numbering import make_case_no
from samples.cases import NOON, REPLICA, Chain, received

DAY = date(2026, 9, 18)
MORE = NOON + 2 * 86_400_000


def digest(text: str) -> Digest:
    return Digest((text * 64)[:64])


def number(serial: int) -> CaseNo:
    return make_case_no("210213", "03", 2, DAY, serial)


SAID: list[b.Body] = [
    received(case_no=number(1)),
    received(case_no=number(7)),
    b.CaseNoted(text="演示"),
    b.CaseVoided(reason="演示"),
    b.PaperIssued(
        kind="D2", doc_no="金普市监受字〔2026〕1号", sha256=digest("a"), facts_digest=digest("b"), pages=1
    ),
    b.PaperIssued(kind="D1", sha256=digest("c"), facts_digest=digest("d"), pages=1),
    b.PaperReprinted(paper="p", number=1, reason="演示", doc_no="金普市监受字〔2026〕2号"),  # type: ignore[arg-type]
    b.PagesAttached(material="application", sha256=digest("e"), media_type="image/png", size=3),
]


def written(said: list[b.Body], at: int = NOON) -> list[Event]:
    chain = Chain()
    return [chain.write(body, at=at) for body in said]


def account(events: list[Event], arrived: tuple[str, ...] = ()) -> Account:
    return account_of(REPLICA, DAY, events, arrived)


def test_an_account_names_what_the_day_holds() -> None:
    told = account(written(SAID), (digest("e"),))
    assert (told.first, told.last, told.events, told.serial) == (1, 8, 8, 7)
    assert told.cases == (number(1), number(7))
    assert told.documents == ("金普市监受字〔2026〕1号", "金普市监受字〔2026〕2号")
    assert told.papers == (digest("a"), digest("c"))
    assert told.attachments == told.arrived == (digest("e"),)
    assert len(told.voided) == 1


def test_other_days_and_erased_bodies() -> None:
    events = written(SAID)
    assert account(written(SAID, at=MORE)) == account([])
    assert account([]).hash == GENESIS
    erased = [replace(event, body=None, salt=None) for event in events]
    told = account(erased)
    assert (told.events, told.hash, told.cases) == (8, account(events).hash, ())
    assert {day_of(event.header) for event in events} == {DAY}


@given(st.lists(st.sampled_from(SAID), max_size=12), st.data())
def test_the_same_events_agree_and_fewer_do_not(said: list[b.Body], data: st.DataObject) -> None:
    events = written(said)
    here = account(events)
    whole = account(events, here.attachments)
    assert compared(replace(here, arrived=here.attachments), whole) == ()
    if events:
        left = data.draw(st.integers(0, len(events) - 1))
        sorts = {difference.sort for difference in compared(here, account(events[:left], here.attachments))}
        assert {Sort.EVENTS, Sort.CHAIN} <= sorts


@pytest.mark.parametrize(
    ("change", "sort"),
    [
        ({"cases": ()}, Sort.CASES),
        ({"serial": 9}, Sort.SERIALS),
        ({"voided": ()}, Sort.VOIDED),
        ({"documents": ("x",)}, Sort.DOCUMENTS),
        ({"papers": ()}, Sort.PAPERS),
        ({"attachments": ()}, Sort.ATTACHMENTS),
        ({"arrived": ()}, Sort.ARRIVED),
        ({"hash": digest("f")}, Sort.CHAIN),
        ({"events": 7}, Sort.EVENTS),
    ],
)
def test_each_difference_is_named(change: dict[str, Any], sort: Sort) -> None:
    here = account(written(SAID), (digest("e"),))
    (found,) = compared(here, replace(here, **change))
    assert found.sort == sort
    assert sort.label


def test_a_difference_names_the_first_of_many() -> None:
    here = account(written([received(case_no=number(n)) for n in range(1, 60)]))
    (cases, *_rest) = (d for d in compared(here, account([])) if d.sort is Sort.CASES)
    assert (cases.here, cases.there, len(cases.only_here), cases.only_there) == (59, 0, 20, ())


def test_a_statement_is_bound_to_every_word_of_it() -> None:
    base = Statement(
        replica=REPLICA,
        day=DAY,
        number=number(3),
        at=1,
        epoch="e",
        position=9,
        account=digest_of(account([])),
        events=0,
        cases=0,
        differences=(),
    )
    assert base.agreed
    for change in (
        {"day": date(2026, 9, 19)},
        {"position": 8},
        {"number": number(4)},
        {"account": digest("1")},
    ):
        assert replace(base, **change).signed() != base.signed()
