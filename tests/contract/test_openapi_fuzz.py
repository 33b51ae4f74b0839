"""Whatever is sent to whichever route, with and without credentials: no 5xx, and no answer that is not described."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from typing import Any

import httpx
import msgspec
import pytest
import requests
import schemathesis
import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema

from jinpu_desk.server import library
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.outside import offices
from jinpu_desk.server.reference import Reference
from jinpu_desk.sync.wire import MSGPACK, EnrolRequest, LeaseRequest, LoginRequest, Push, WireEvent
from samples.cases import received
from samples.centres import RESOURCES, Window, served

NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
NUMBER = "210213030022026112300011"
SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class World:
    """A served centre with a window, an office and a case, and the credentials of both."""

    def __init__(self, centre: Centre, address: str) -> None:
        self.centre = centre
        self.address = address
        self.window = Window(centre)
        self.window.say(received(case_no=NUMBER))
        files = {
            str(path.relative_to(RESOURCES / "catalogue")): path.read_bytes()
            for path in sorted((RESOURCES / "catalogue").rglob("*.toml"))
        }
        library.publish(centre.engine, "catalogue", files, centre.now())
        catalogue = Reference(centre.engine).catalogue()
        self.tokens: Mapping[str, str] = {
            "nobody": "",
            "replica": self.window.enrolled.token,
            "office": offices.add(centre.engine, "演示审批局", (), (), catalogue, centre.now()),
        }
        self.places = {
            "replica_id": self.window.id,
            "sha256": SHA,
            "case_no": NUMBER,
            "kind": "catalogue",
            "external_no": "演示-1",
        }
        self.session = requests.Session()
        load_all_checks()
        self.checks: list[Any] = [check for check in CHECKS.get_all() if check.__name__ in NAMES]
        assert len(self.checks) == len(NAMES)

    def schema(self) -> OpenApiSchema:
        """Return the API as the centre describes it."""
        return schemathesis.openapi.from_dict(httpx.get(f"{self.address}/schema/openapi.json").json())

    def send(self, case: Case[Any], who: str, *, at_home: bool) -> None:
        """Send a generated request and hold the answer to its description. ``at_home`` names things there are."""
        if at_home and case.path_parameters:
            case.path_parameters |= {
                name: self.places[name] for name in case.path_parameters.keys() & self.places.keys()
            }
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if self.tokens[who] else {}
        response = case.call(base_url=self.address, session=self.session, headers=headers)
        case.validate_response(response, checks=self.checks)
        if (
            response.content
            and response.status_code >= 400
            and response.headers["content-type"] == ["application/json"]
        ):
            error = json.loads(response.content)["error"]
            assert "没有说明" not in error["message"], error
        assert "server" not in response.headers
        assert "access-control-allow-origin" not in response.headers


@pytest.fixture
def world(centre: Centre) -> Iterator[World]:
    """A centre whose rates are no hindrance: how often is not the question here."""
    fast = msgspec.structs.replace(
        centre.settings.limits,
        open_per_second=1e6,
        open_burst=10**9,
        requests_per_second=1e6,
        requests_burst=10**9,
    )
    unhurried = msgspec.structs.replace(centre.settings, limits=fast)
    with served(msgspec.structs.replace(centre, settings=unhurried)) as address:
        yield World(centre, address)


def fuzz(world: World, who: str, examples: int) -> int:
    """Send so many requests of each kind to each operation; return how many operations there were."""
    found = list(world.schema().get_all_operations())
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == len(found)
    for operation in operations:
        for mode in GenerationMode:
            strategy = st.tuples(operation.as_strategy(mode), st.booleans())

            @settings(
                max_examples=examples,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                database=None,
            )
            @given(strategy)
            def attempt(drawn: tuple[Case[Any], bool]) -> None:
                world.send(drawn[0], who, at_home=drawn[1])

            with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
                attempt()  # nothing can be wrong with what takes nothing, or any text
    return len(operations)


@pytest.mark.parametrize("who", ["nobody", "replica", "office"])
def test_every_answer_is_a_described_one(world: World, who: str) -> None:
    assert fuzz(world, who, examples=6) > 25


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "replica", "office"])
def test_every_answer_is_a_described_one_for_long(world: World, who: str) -> None:
    assert fuzz(world, who, examples=150) > 25


PACKED = (
    ("/api/v1/replicas/{replica}/events", Push),
    ("/api/v1/replicas/{replica}/leases", LeaseRequest),
    ("/api/v1/enrol", EnrolRequest),
    ("/api/v1/login", LoginRequest),
)


def packed_bodies(kind: type[msgspec.Struct]) -> st.SearchStrategy[bytes]:
    """Bodies of a route: sound in shape, another shape, broken MessagePack, and any bytes; packed once or twice."""
    values = st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**64 - 1)
        | st.text(max_size=8)
        | st.binary(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    )
    shaped = st.fixed_dictionaries({}, optional=dict.fromkeys(kind.__struct_fields__, values))
    sound = (
        st.builds(kind)
        if kind is not Push
        else st.builds(Push, events=st.lists(st.builds(WireEvent), max_size=2))
    )
    whole = st.one_of(sound, shaped, values).map(_packed)
    cut = st.tuples(whole, st.integers(0, 40)).map(lambda pair: pair[0][: pair[1]])
    plain = st.one_of(whole, cut, st.binary(max_size=64))
    return st.one_of(plain, plain.map(zstandard.compress))


def _packed(value: object) -> bytes:
    try:
        return msgspec.msgpack.encode(value)
    except OverflowError:  # MessagePack has no such numbers
        return b"\xc1"


def pack_wrongly(world: World, examples: int) -> None:
    """Send packed bodies to each route that takes them; every answer is an error of ours, or a success."""
    headers = {"Authorization": f"Bearer {world.tokens['replica']}", "Content-Type": MSGPACK}
    with httpx.Client(base_url=world.address, headers=headers) as http:
        for route, kind in PACKED:
            path = route.format(replica=world.window.id)

            @settings(max_examples=examples, phases=[Phase.generate], database=None)
            @given(packed_bodies(kind), st.sampled_from(["", "zstd"]), st.just(path))
            def attempt(body: bytes, encoding: str, path: str) -> None:
                sent = {"Content-Encoding": encoding} if encoding else {}
                answer = http.post(path, content=body, headers=sent)
                assert answer.status_code in {200, 401, 403, 409, 413, 422, 429}, answer.text
                if answer.status_code != 200:
                    assert answer.json()["error"]["code"]

            attempt()


def test_packed_bodies_never_break_it(world: World) -> None:
    pack_wrongly(world, examples=25)


@pytest.mark.slow
def test_packed_bodies_never_break_it_for_long(world: World) -> None:
    pack_wrongly(world, examples=3000)
