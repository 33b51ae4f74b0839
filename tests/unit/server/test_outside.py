"""Requests from outside: however often and in whatever order they come again, each is one fact."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jinpu_desk.app.intake.pre_application import PreApplication, decode_pre_application
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily, Terms
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.server.outside import decisions, offices, pre_applications
from jinpu_desk.server.outside import requests as outside
from jinpu_desk.server.outside.answers import DecisionRequest
from jinpu_desk.server.outside.requests import Caller
from jinpu_desk.server.reference import Reference
from samples.cases import received
from samples.centres import Window
from samples.offices import credential, pre_application, publish

TODAY = date(2026, 9, 18)
_RUNS = itertools.count()
HERE = {"layout": MaterialTick(state=MaterialState.RECEIVED)}


def called(centre: Centre, name: str = "演示审批局", **scope: tuple[str, ...]) -> Caller:
    """Return an office at the centre's counter."""
    token = credential(centre, name, **scope)
    return Caller(centre, Reference(centre.engine), offices.admitted(centre.engine, token))


@pytest.fixture
def caller(centre: Centre) -> Caller:
    publish(centre)
    return called(centre)


def told(**changes: Any) -> PreApplication:
    return decode_pre_application(msgspec.json.encode(pre_application(**changes)))


def accepted(window: Window, number: int, **terms: Any) -> CaseNo:
    case_no = CaseNo(f"演示{number}")
    case = CaseId(f"01900000-0000-7000-8000-{number:012x}")
    opened = received(case_no=case_no, materials=HERE, terms=Terms(item_name="演示", **terms))
    said = () if terms else (b.CaseAccepted(accepted_on=TODAY),)
    outcomes = window.say(opened, *said, case=case)
    assert {one.outcome for one in outcomes} == {"applied"}
    return case_no


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), min_size=1, max_size=8))
def test_repeated_requests_make_one_fact_each(caller: Caller, order: list[tuple[str, int]]) -> None:
    run, before = next(_RUNS), verify(caller.centre.engine).events
    window = Window(caller.centre)
    numbers = [accepted(window, 1000 + run * 3 + n) for n in range(3)]
    written = verify(caller.centre.engine).events
    answers: dict[tuple[str, int], object] = {}
    for kind, n in order:
        if kind == "a":
            answer: object = pre_applications.pre_apply(caller, told(external_no=f"{run}-{n}"))
        else:
            decision = DecisionRequest(approved=True, officer="演示")
            answer = decisions.decide(caller, numbers[n], "k", decision)
        assert answers.setdefault((kind, n), answer) == answer
    facts = sum(2 if kind == "a" else 1 for kind, _n in answers)  # an application comes with its file
    assert verify(caller.centre.engine).events == written + facts
    assert written > before


def test_requests_at_the_same_moment_make_one_fact(caller: Caller) -> None:
    answers = at_once(8, lambda _n: pre_applications.pre_apply(caller, told()))
    assert len({answer.case_no for answer in answers}) == 1
    assert verify(caller.centre.engine).events == 2


def test_applications_at_the_same_moment_get_numbers_of_their_own(caller: Caller) -> None:
    answers = at_once(8, lambda n: pre_applications.pre_apply(caller, told(external_no=f"演示-{n}")))
    assert len({answer.case_no for answer in answers}) == 8
    assert verify(caller.centre.engine).ok


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do something in so many threads."""
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(do(n))) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


def test_two_offices_may_use_the_same_number(caller: Caller) -> None:
    other = called(caller.centre, "另一局")
    first, second = pre_applications.pre_apply(caller, told()), pre_applications.pre_apply(other, told())
    assert first.case_no != second.case_no
    assert pre_applications.state_of(other, "演示-0001").case_no == second.case_no


def test_what_was_refused_may_be_mended_and_sent_under_the_same_number(caller: Caller) -> None:
    with pytest.raises(Refused, match=r"outside\.station"):
        pre_applications.pre_apply(caller, told(station="03"))
    assert parse_case_no(pre_applications.pre_apply(caller, told()).case_no).serial == 1
    assert verify(caller.centre.engine).events == 2


def test_a_registration_is_decided_whole_and_closed_at_once(caller: Caller) -> None:
    window = Window(caller.centre)
    decision = DecisionRequest(approved=True, officer="演示", result_no="演示")
    number = accepted(window, 1, family=DocFamily.REGISTRATION, legal_days=3)
    (line,) = decisions.waiting(caller, None).cases
    assert (line.case_no, line.status) == (number, 26)
    assert decisions.decide(caller, number, "1", decision).status == 90
    lacking = received(
        case_no=CaseNo("演示缺"),
        terms=Terms(item_name="演示", family=DocFamily.REGISTRATION, legal_days=3),
        materials={"layout": MaterialTick(state=MaterialState.LACKING)},
    )
    window.say(lacking, case=CaseId("01900000-0000-7000-8000-00000000ffff"))
    with pytest.raises(Refused, match=r"outside\.incomplete"):
        decisions.decide(caller, "演示缺", "2", decision)


def test_a_package_is_decided_by_its_branches(caller: Caller) -> None:
    opened = received(package=True, item="open-restaurant", materials=HERE)
    Window(caller.centre).say(opened, b.CaseAccepted(accepted_on=TODAY))
    assert decisions.waiting(caller, None).cases == []
    with pytest.raises(Refused, match=r"outside\.package"):
        decisions.decide(caller, opened.case_no, "1", DecisionRequest(approved=True, officer="演示"))


def test_the_scope_is_authorities_and_items(caller: Caller) -> None:
    catalogue = caller.reference.catalogue()
    assert offices.items_of(caller.office, catalogue) is None
    urban = called(caller.centre, "城管", authorities=("urban",), items=("small-catering",)).office
    own = offices.items_of(urban, catalogue)
    assert own is not None
    assert {"outdoor-sign", "small-catering"} <= own
    assert "food-business-new" not in own


def test_a_catalogue_published_meanwhile_is_seen_and_none_is_unavailable(centre: Centre) -> None:
    reference = Reference(centre.engine)
    with pytest.raises(Unavailable, match=r"server\.no-catalogue"):
        reference.catalogue()
    assert not reference.calendar().is_imported(2026)
    publish(centre)
    first = reference.catalogue()
    assert reference.catalogue() is first
    assert reference.calendar().is_imported(2026)


def test_an_unread_case_is_none(centre: Centre) -> None:
    with centre.engine.connect() as connection:
        found: Case | None = outside.folded(connection, "01900000-0000-7000-8000-000000000000")
    assert found is None
