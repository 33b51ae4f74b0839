"""Whatever comes from outside is taken or refused with a sentence; nothing else ever happens."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jinpu_desk.app.intake.pre_application import decode_pre_application
from jinpu_desk.domain.errors import Refused
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.http.problems import status_of
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.server.outside import offices, pre_applications
from jinpu_desk.server.outside.answers import DecisionRequest
from jinpu_desk.server.outside.requests import Caller, read_told
from jinpu_desk.server.reference import Reference
from samples.centres import SENTENCES
from samples.offices import credential, pre_application, publish

odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "00", "111", "lease"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a tree."""
    found = [path] if path else []
    if isinstance(tree, dict | list):
        for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
            found += places(inner, (*path, key))
    return found


def changed(tree: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    whole = copy.deepcopy(tree)
    inner: Any = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return whole


MODEL = pre_application(
    station="00",
    applied_at="2026-09-18T10:00:00+08:00",
    agent={"name": "演示乙", "id_type": "111", "id_no": "210213199003070016", "mandate": "代办"},
    answers={},
)
PLACES = places(MODEL)


@pytest.fixture
def caller(centre: Centre) -> Caller:
    publish(centre)
    token = credential(centre, "演示")
    return Caller(centre, Reference(centre.engine), offices.admitted(centre.engine, token))


def refusal(do: Callable[[], object]) -> Refused | None:
    """Return how something was refused, None when it was done; anything else that is raised is a bug."""
    try:
        do()
    except Refused as refused:
        return refused
    return None


@given(raw=st.binary(max_size=200) | odd.map(msgspec.json.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for refused in (
        refusal(lambda: decode_pre_application(raw)),
        refusal(lambda: read_told(raw, DecisionRequest)),
    ):
        assert refused is None or refused.code in SENTENCES


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PLACES), value=odd, number=st.integers(0, 10**9))
def test_one_odd_value_is_taken_or_refused_by_name(
    caller: Caller, path: tuple[Any, ...], value: Any, number: int
) -> None:
    raw = msgspec.json.encode(changed(MODEL | {"external_no": f"演示-{number}"}, path, value))
    before = verify(caller.centre.engine).events
    refused = refusal(lambda: pre_applications.pre_apply(caller, decode_pre_application(raw)))
    report = verify(caller.centre.engine)
    assert report.ok
    if refused is not None:
        assert refused.code in SENTENCES
        assert 400 <= status_of(refused) < 500
        assert report.events == before
