"""What anybody may rely on over HTTP: addresses, statuses, the shape of errors, the limits."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import cast

import httpx
import msgspec
import pytest
import zstandard

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.blobs import BlobStore
from jinpu_desk.server.files.objects import Objects
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import CHUNK, EnrolRequest, FeedPage, Push, start_of
from samples.cases import CLERK, received
from samples.centres import PASSWORD, Window, certificate, connected, served

CASE_NO = "210213030022026112300011"


@pytest.fixture
def window(centre: Centre) -> Window:
    return Window(centre)


@pytest.fixture
def http(address: str, window: Window) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {window.enrolled.token}"}
    with httpx.Client(base_url=address, headers=headers) as client:
        yield client


def code_of(response: httpx.Response) -> tuple[int, str]:
    told = response.json()["error"]
    assert told["message"].endswith(("。", "：")) or told["message"]
    assert "没有说明" not in told["message"]
    assert "where" in told
    return response.status_code, told["code"]


def test_health_readiness_and_description(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ready"}
    described = http.get("/schema/openapi.json").json()
    assert set(described["paths"]) >= {
        "/api/v1/enrol",
        "/api/v1/login",
        "/api/v1/me/grants",
        "/api/v1/replicas/{replica_id}/events",
        "/api/v1/replicas/{replica_id}/leases",
        "/api/v1/feed",
        "/api/v1/reference",
        "/api/v1/reference/{kind}/{digest}",
        "/api/v1/blobs/{sha256}",
    }
    assert {"EnrolAnswer", "PushAnswer", "FeedPage"} <= set(described["components"]["schemas"])


def test_metrics_are_counts_a_machine_reads(http: httpx.Client, window: Window) -> None:
    window.say(received())
    lines = http.get("/metrics").text.splitlines()
    assert {"jinpu_feed_position 1.0", "jinpu_replicas 1.0", "jinpu_events_dead 0.0"} <= set(lines)


def test_a_push_may_be_plain_json(http: httpx.Client, window: Window) -> None:
    push = window.signed(window.write(received()))
    answer = http.post(f"/api/v1/replicas/{window.id}/events", content=msgspec.json.encode(push))
    assert answer.status_code == 200
    assert [o["outcome"] for o in answer.json()["outcomes"]] == ["applied"]
    page = http.get(
        "/api/v1/feed", params={"epoch": window.enrolled.epoch, "after": 0, "hash_at_after": "0" * 64}
    ).json()
    assert base64.b64decode(page["items"][0]["header"]) == push.events[0].header


def test_a_push_may_be_packed(address: str, window: Window) -> None:
    with connected(window, address) as centre:
        answer = centre.push(window.chain.head.replica, window.signed(window.write(received())))
        assert answer.seq == 1
        page = centre.feed(start_of(window.enrolled.epoch), 10)
    assert isinstance(page, FeedPage)
    assert page.head == 1


def test_business_conflicts_are_answers_and_protocol_conflicts_are_409(
    http: httpx.Client, window: Window
) -> None:
    where = f"/api/v1/replicas/{window.id}/events"

    def push(value: Push) -> httpx.Response:
        return http.post(where, content=msgspec.json.encode(value))

    window.write(received())
    assert code_of(push(window.signed(window.write(b.CaseNoted(text="演示"))))) == (409, "sync.gap")
    window.chain = type(window.chain)(window.enrolled.replica.id)
    assert (
        push(window.signed(window.write(b.CaseNoted(text="演示")))).json()["outcomes"][0]["outcome"] == "dead"
    )
    window.chain = type(window.chain)(window.enrolled.replica.id)
    assert code_of(push(window.signed(window.write(received())))) == (409, "sync.fork")
    rewound = {"epoch": window.enrolled.epoch, "after": "9", "hash_at_after": "0" * 64}
    assert code_of(http.get("/api/v1/feed", params=rewound)) == (409, "sync.rewound")


def test_who_may_not_is_told_so(address: str, http: httpx.Client, centre: Centre, window: Window) -> None:
    other = Window(centre)
    assert code_of(httpx.get(f"{address}/api/v1/me/grants")) == (401, "auth.token")
    wrong = {"Authorization": "Bearer wrong"}
    assert code_of(httpx.get(f"{address}/api/v1/me/grants", headers=wrong)) == (401, "auth.token")
    push = msgspec.json.encode(other.signed(other.write(received())))
    assert code_of(http.post(f"/api/v1/replicas/{other.id}/events", content=push)) == (
        403,
        "sync.wrong-replica",
    )
    admin.revoke_replica(centre.engine, window.id, centre.now())
    assert code_of(http.get("/api/v1/me/grants")) == (403, "sync.replica-revoked")


def test_login_over_http(address: str, window: Window, centre: Centre) -> None:
    with connected(window, address) as desk:
        assert desk.login(window.enrolled.replica.id, CLERK, PASSWORD).grant.clerk.id == CLERK
    assert code_of(
        httpx.post(
            f"{address}/api/v1/login",
            json={"replica": window.id, "clerk": "demo", "password": "wrong"},
        )
    ) == (401, "login.wrong")
    nowhere = {"replica": "x", "clerk": "demo", "password": "wrong"}
    assert code_of(httpx.post(f"{address}/api/v1/login", json=nowhere)) == (422, "http.body")
    nameless = {"replica": window.id, "clerk": "d\0", "password": "wrong"}
    assert code_of(httpx.post(f"{address}/api/v1/login", json=nameless)) == (422, "http.body")


def test_enrolment_over_http_names_this_address(address: str, centre: Centre) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    asked = EnrolRequest(
        code=admin.make_code(centre.engine, "HALL", centre.now() + 1000),
        window="1",
        public_key=key.public_key().public_bytes_raw(),
        certificate=certificate(key),
    )
    with HttpCentre(address) as http:
        told = http.enrol(asked)
        assert told.replica.server_url == address
        with pytest.raises(Refused, match=r"enrol\.code"):
            http.enrol(asked)


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"", {}, (422, "http.body")),
        (b"[]", {}, (422, "http.body")),
        (b'{"left": {"x": "y"}}', {}, (422, "http.body")),
        (b'{"left": {}, "more": 1}', {}, (422, "http.body")),
        (b'{"left":' + b"[" * 100_000, {}, (422, "http.body")),
        (b"\xff", {"Content-Type": "application/vnd.msgpack"}, (422, "http.body")),
        (b"{}", {"Content-Encoding": "gzip"}, (422, "http.encoding")),
        (b"junk", {"Content-Encoding": "zstd"}, (422, "http.encoding")),
        (zstandard.compress(bytes(64 * 1024 * 1024)), {"Content-Encoding": "zstd"}, (413, "http.too-large")),
        (bytes(1024 * 1024 + 1), {}, (413, "http.too-large")),
    ],
)
def test_bad_bodies_are_refused_by_name(
    http: httpx.Client, window: Window, content: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = http.post(f"/api/v1/replicas/{window.id}/leases", content=content, headers=headers)
    assert code_of(answer) == expected


def test_bad_questions_are_refused_by_name(http: httpx.Client) -> None:
    good = {"epoch": "x", "after": "0", "hash_at_after": "0" * 64, "limit": "5"}
    for name, value in (("after", "-1"), ("after", "x"), ("hash_at_after", "zz"), ("limit", "999999")):
        assert code_of(http.get("/api/v1/feed", params=good | {name: value})) == (422, "http.body")
    assert code_of(http.get("/nowhere")) == (404, "http.not-found")
    assert code_of(http.delete("/healthz")) == (405, "http.method")


def test_attachments_resume_where_they_stopped(address: str, http: httpx.Client, window: Window) -> None:
    data = bytes(range(256)) * 5000
    sha256 = Digest(hashlib.sha256(data).hexdigest())
    where = f"/api/v1/blobs/{sha256}"
    assert http.head(where).headers["Upload-Offset"] == "0"
    piece = http.patch(where, content=data[:CHUNK], headers={"Upload-Offset": "0"})
    assert piece.json() == {"size": CHUNK}
    assert code_of(http.patch(where, content=b"x", headers={"Upload-Offset": "0"})) == (409, "blob.offset")
    assert http.head(where).headers["Upload-Offset"] == str(CHUNK)
    with connected(window, address) as centre:
        offset = centre.blob_offset(sha256)
        assert offset == CHUNK
        with pytest.raises(Unavailable, match=r"blob\.missing"):
            centre.blob(sha256)
        centre.blob_add(sha256, offset, data[offset:])
        centre.blob_finish(sha256)
        assert centre.blob_offset(sha256) is None
        assert centre.blob(sha256) == data
    assert code_of(http.get(where + "0")) == (422, "blob.name")


def test_a_store_of_attachments_that_is_away_is_named_also_where_an_answer_has_no_body(
    centre: Centre, window: Window
) -> None:
    class Away:
        def held(self, _key: str) -> None:
            raise Unavailable("blob.store")

    broken = msgspec.structs.replace(centre, blobs=BlobStore(cast("Objects", Away())))
    with served(broken) as url, connected(window, url) as http, pytest.raises(Unavailable) as caught:
        http.blob_offset(Digest("5" * 64))
    assert caught.value.code == "blob.store"  # the round goes on without attachments


def test_damage_to_the_database_is_told_from_its_absence_and_from_a_bug(
    centre: Centre, window: Window
) -> None:
    class Damaged:
        def held(self, _key: str) -> None:
            words = "'invalid page in block 0' USING ERRCODE = 'data_corrupted'"
            with centre.engine.connect() as connection:
                connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION {words}; END $$")

    broken = msgspec.structs.replace(centre, blobs=BlobStore(cast("Objects", Damaged())))
    with served(broken) as url, connected(window, url) as http:
        with pytest.raises(Unavailable, match=r"server\.database-damaged"):
            http.blob_offset(Digest("5" * 64))
        with pytest.raises(Unavailable) as caught:
            http.blob(Digest("5" * 64))
    assert caught.value.params["problem"] == "invalid page in block 0"


def test_the_progress_page_needs_the_code_and_names_nobody(address: str, window: Window) -> None:
    from jinpu_desk.domain.numbering import make_case_no

    number = make_case_no("210213", "03", 2, date(2026, 9, 18), 1)
    window.say(received(case_no=number), b.CaseAccepted(accepted_on=date(2026, 9, 18)))
    page = f"{address}/p/{number}"
    asked = httpx.get(page)
    assert asked.status_code == 200
    assert "查询码" in asked.text
    assert "script-src" not in asked.headers["content-security-policy"]
    shown = httpx.post(page, data={"code": "123456"})
    assert shown.status_code == 200
    assert "已受理" in shown.text
    assert "小餐饮经营许可" in shown.text
    for personal in ("演示甲", "13900000000", "210213199003070016", "演示小馆"):
        assert personal not in shown.text
    assert httpx.post(f"{address}/p/<b>", data={"code": "1"}).text.count("<b>") == 0


def test_query_codes_cannot_be_guessed(address: str, window: Window) -> None:
    from jinpu_desk.domain.numbering import make_case_no

    number = make_case_no("210213", "03", 2, date(2026, 9, 18), 1)
    window.say(received(case_no=number))
    page = f"{address}/p/{number}"
    guesses = [httpx.post(page, data={"code": f"{n:06}"}).status_code for n in range(6)]
    assert guesses == [404] * 5 + [429]
    assert httpx.post(page, data={"code": "123456"}).status_code == 429


def test_a_desk_speaks_openly_on_this_machine_only() -> None:
    for address, code in (
        ("http://10.0.0.1", "sync.plain-http"),
        ("ftp://127.0.0.1", "sync.address"),
        ("nonsense", "sync.address"),
    ):
        with pytest.raises(Refused) as caught:
            HttpCentre(address)
        assert caught.value.code == code


def test_no_centre_is_offline() -> None:
    with HttpCentre("http://127.0.0.1:9") as http, pytest.raises(Unavailable, match=r"sync\.offline"):
        http.grants()


def test_every_request_with_a_body_and_every_error_is_described(http: httpx.Client) -> None:
    described = http.get("/schema/openapi.json").json()
    shapes = described["components"]["schemas"]
    operations = {
        (path, method): told
        for path, methods in described["paths"].items()
        if path.startswith("/api/")
        for method, told in methods.items()
    }
    bare = {("/api/v1/blobs/{sha256}", "post")}  # the bytes came before
    for (path, method), told in operations.items():
        open_to_all = path.endswith(("/enrol", "/readmission"))
        always = {"400", "408", "413", "429", "500", "503"} | (set() if open_to_all else {"401"})
        assert always <= set(told["responses"]), path
        for status, response in told["responses"].items():
            if int(status) >= 400 and method != "head":
                shape = response["content"]["application/json"]["schema"]["$ref"]
                assert shape.endswith("/ErrorAnswer"), (path, status)
        if method in {"post", "patch"} and (path, method) not in bare:
            for content in told["requestBody"]["content"].values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                assert name in shapes or content["schema"]["type"] == "string", path
    assert operations["/api/v1/pre-applications", "post"]["security"] == [{"bearer": []}]
    assert "external_no" in shapes["PreApplication"]["required"]
    references = set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(described)))
    assert references <= set(shapes)
