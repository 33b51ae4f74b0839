"""What every request meets before its handler: rates, slow callers, headers, logs and metrics that name nobody."""

from __future__ import annotations

import io
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import ClerkId, ReplicaId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.server import people
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.http.door import Patience
from jinpu_desk.server.http.logs import REQUESTS, JsonLines
from jinpu_desk.server.http.metrics_gate import Gate, network
from jinpu_desk.server.http.protocol import PatientProtocol
from jinpu_desk.server.http.serving import Place
from jinpu_desk.sync.wire import LoginRequest
from samples.cases import CLERK, received
from samples.centres import PASSWORD, Window, connected, served

NUMBER = make_case_no("210213", "03", 2, date(2026, 9, 18), 1)
PROXY = Place(proxies=("127.0.0.0/8",))


@pytest.fixture
def window(centre: Centre) -> Window:
    return Window(centre)


def limited(centre: Centre, **limits: Any) -> Centre:
    """Return the centre with other limits."""
    changed = msgspec.structs.replace(centre.settings.limits, **limits)
    return msgspec.structs.replace(centre, settings=msgspec.structs.replace(centre.settings, limits=changed))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_every_answer_is_guarded_and_numbered(address: str) -> None:
    seen = set()
    for path in ("/healthz", "/nowhere", "/api/v1/me/grants", f"/p/{NUMBER}", "/schema/openapi.json"):
        answer = httpx.get(address + path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers
        assert not [name for name in answer.headers if name.startswith("access-control")]
        seen.add(answer.headers["x-request-id"])
    assert len(seen) == 5


def test_methods_are_as_http_says(address: str) -> None:
    got = httpx.get(f"{address}/healthz")
    head = httpx.head(f"{address}/healthz")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    asked = httpx.options(f"{address}/healthz")
    assert asked.status_code == 204
    assert set(asked.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    wrong = httpx.delete(f"{address}/healthz")
    assert code_of(wrong) == (405, "http.method")
    assert "GET" in wrong.headers["allow"]
    assert code_of(httpx.request("BREW", f"{address}/healthz")) == (405, "http.method")
    origin = {"Origin": "https://example.invalid", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in httpx.options(f"{address}/healthz", headers=origin).headers


def test_who_comes_too_often_waits_and_the_windows_beside_them_do_not(centre: Centre, window: Window) -> None:
    slow = limited(centre, open_per_second=0.01, open_burst=3, requests_per_second=0.01, requests_burst=4)
    with served(slow) as url, connected(window, url) as desk:
        desk.grants()  # from now on the window is known
        strangers = [httpx.get(f"{url}/healthz") for _ in range(4)]
        assert [each.status_code for each in strangers] == [200, 200, 429, 429]
        assert int(strangers[-1].headers["retry-after"]) > 50
        assert code_of(strangers[-1]) == (429, "http.too-many")
        page = httpx.get(f"{url}/p/{NUMBER}")
        assert page.status_code == 429
        assert "请稍后再查" in page.text
        for _ in range(4):
            desk.grants()
        with pytest.raises(Unavailable, match=r"http\.too-many") as caught:
            desk.grants()
        assert isinstance(caught.value.params["retry_after"], int)


def test_a_forwarded_address_counts_from_a_trusted_proxy_only(centre: Centre) -> None:
    slow = limited(centre, open_per_second=0.01, open_burst=2)

    def statuses(url: str) -> list[int]:
        headers = [{"X-Forwarded-For": f"203.0.113.{n}"} for n in range(4)]
        return [httpx.get(f"{url}/healthz", headers=each).status_code for each in headers]

    with served(slow) as url:
        assert statuses(url) == [200, 200, 429, 429]
    with served(slow, place=PROXY) as url:
        assert statuses(url) == [200] * 4
        same = {"X-Forwarded-For": "203.0.113.9"}
        lies = {
            "X-Forwarded-For": "198.51.100.1, 203.0.113.9"
        }  # the proxy appends; what comes before is hearsay
        sent = [httpx.get(f"{url}/healthz", headers=each).status_code for each in (same, lies, lies)]
        assert sent == [200, 200, 429]


def test_nobody_locks_a_colleague_out_from_elsewhere(centre: Centre, window: Window) -> None:
    strict = limited(centre, attempts=2, attempts_per_address=4, attempts_per_secret=6)

    def attempt(caller: str, password: str, clerk: str = CLERK) -> str:
        asked = LoginRequest(replica=ReplicaId(window.id), clerk=ClerkId(clerk), password=password)
        try:
            people.login(strict, asked, caller)
        except Refused as refused:
            return refused.code
        return "in"

    assert attempt("10.0.0.1", PASSWORD) == "in"
    guesses = [attempt("10.0.0.66", "falsch") for _ in range(3)]
    assert guesses == ["login.wrong"] * 2 + ["login.locked"]
    assert attempt("10.0.0.66", PASSWORD) == "login.locked"  # that address learns no more
    assert attempt("10.0.0.2", PASSWORD) == "in"
    for other in (3, 4):
        assert [attempt(f"10.0.1.{other}", "falsch") for _ in range(2)] == ["login.wrong"] * 2
    assert attempt("10.0.2.1", PASSWORD) == "login.locked"  # a new address, while many guess from everywhere
    assert attempt("10.0.0.1", PASSWORD) == "in"  # where the clerk works, only guesses from there count
    spread = [attempt("10.0.3.1", "falsch", f"niemand{n}") for n in range(5)]
    assert spread == ["login.wrong"] * 4 + ["login.locked"]


def test_a_body_that_comes_too_slowly_is_not_waited_for(centre: Centre) -> None:
    with served(centre, patience=Patience(grace=0.05)) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as caller:
            head = b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            caller.sendall(head)
            answer = bytearray()
            while piece := caller.recv(4096):  # until the centre closes
                answer += piece
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"http.slow"' in answer


def test_a_head_that_never_ends_is_not_waited_for(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PatientProtocol, "head_seconds", 0.05)
    with served(centre) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        for begun in (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: "):
            with socket.create_connection((host, int(port)), timeout=30) as caller:
                caller.sendall(begun)
                assert caller.recv(1) == b""


@pytest.mark.parametrize("headers", [[("X-Long", "x" * 40_000)], [("X-Many", "x")] * 101])
def test_a_head_is_not_larger_than_any_caller_needs(address: str, headers: list[tuple[str, str]]) -> None:
    assert code_of(httpx.get(f"{address}/healthz", headers=headers)) == (431, "http.head")


def test_nobody_unknown_sends_a_large_body(address: str, window: Window) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as caller:
        caller.sendall(
            f"POST /api/v1/replicas/{window.id}/events HTTP/1.1\r\nHost: x\r\n"
            "Authorization: Bearer wrong\r\nContent-Length: 60000000\r\n\r\n".encode()
        )
        assert caller.recv(4096).startswith(b"HTTP/1.1 401 ")


def test_metrics_are_for_this_machine_or_a_token(centre: Centre, address: str) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert httpx.get(f"{address}/metrics").status_code == 200
    assert code_of(httpx.get(f"{address}/metrics", headers=forwarded)) == (403, "metrics.closed")
    gate = Gate([network("198.51.100.0/24", "--metrics-from")], "geheim", behind_proxy=True)
    with served(centre, gate, place=PROXY) as url:
        assert httpx.get(f"{url}/metrics", headers=forwarded).status_code == 403
        token = forwarded | {"Authorization": "Bearer geheim"}
        assert httpx.get(f"{url}/metrics", headers=token).status_code == 200
        assert httpx.get(f"{url}/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 200
    with pytest.raises(Refused, match=r"server\.option"):
        network("nonsense", "--metrics-from")


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Give what the centre logs during the block, formatted as it is in earnest."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    before = REQUESTS.level
    REQUESTS.setLevel(logging.INFO)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        REQUESTS.setLevel(before)


def test_logs_and_metrics_name_nobody(
    centre: Centre, window: Window, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("演示甲", "210213199003070016", NUMBER, "654321", "13900000000", "演示小馆", PASSWORD, "绝密")
    said = [received(case_no=NUMBER, query_code="654321"), b.CaseNoted(text="绝密")]
    with logged() as log, connected(window, address) as desk, httpx.Client(base_url=address) as http:
        desk.push(window.enrolled.replica.id, window.signed(window.write(*said)))
        desk.login(window.enrolled.replica.id, CLERK, PASSWORD)
        assert http.post(f"/p/{NUMBER}", data={"code": "654321"}).status_code == 200
        http.post(f"/p/{NUMBER}", data={"code": "111111"})
        http.get(f"/p/{NUMBER}?name=演示甲")
        http.get(f"/演示甲/{NUMBER}?q=210213199003070016")
        http.get(f"/api/v1/cases/{NUMBER}")
        http.post("/api/v1/login", json={"replica": window.id, "clerk": "演示甲", "password": "绝密"})

        def broken(*_arguments: object) -> None:
            raise RuntimeError(f"演示甲 {NUMBER}")

        monkeypatch.setattr(people, "grants", broken)
        failed = http.get("/api/v1/me/grants", headers={"Authorization": f"Bearer {window.enrolled.token}"})
        metrics = http.get("/metrics").text
    for text in (log.getvalue(), metrics):
        assert not [secret for secret in secrets if secret in text]
        assert json.dumps("演示甲")[1:-1] not in text
        assert window.enrolled.token not in text
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    answered = [line for line in lines if "route" in line]
    assert {(line["route"], line["status"]) for line in answered} >= {
        ("/api/v1/replicas/{replica_id}/events", 200),
        ("/p/{case_no}", 200),
        ("/p/{case_no}", 404),
        ("unknown", 404),
        ("/api/v1/login", 401),
    }
    assert {line["replica"] for line in answered if line["route"].endswith("events")} == {window.id}
    assert code_of(failed) == (500, "server.bug")
    request = failed.headers["x-request-id"]
    assert failed.json()["error"]["params"] == {"request": request}
    (trace,) = [line for line in lines if "exception" in line]
    assert trace["request"] == request
    assert trace["exception"]["type"] == "RuntimeError"
    assert 'jinpu_pushed_events_total{outcome="applied"} 2.0' in metrics
    assert 'jinpu_requests_total{method="POST",route="/p/{case_no}",status="404"} 1.0' in metrics
