"""Who holds a credential can do what it is for and nothing else; who was revoked can do nothing at the next contact."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.entry.demo_cases import sole_prop
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.store.home import Home
from jinpu_desk.store.keys import FileKeyRing
from jinpu_desk.sync.wire import LeaseRequest, LoginRequest
from jinpu_desk.sync.wire_rare import IncarnationRequest
from samples.cases import CLERK, received
from samples.centres import CENTRE_KEY, PASSWORD, Window, certificate, connected
from samples.programs import CLOCK, Desk, TrainingCentre

LEAVER = "demo-leaver"
DATA = b"a scan of somebody's papers"
SHA = Digest(hashlib.sha256(DATA).hexdigest())


def sent(http: httpx.Client, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
    """Send a request; return its status and the code of its error."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body) if body is not None else None
    answer = http.request(method, f"/api/v1{path}", content=content, **more)
    if answer.status_code < 400 or not answer.content:
        return answer.status_code, ""
    return answer.status_code, answer.json()["error"]["code"]


def client(address: str, window: Window) -> httpx.Client:
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {window.enrolled.token}"})


def incarnation(window: Window) -> IncarnationRequest:
    key = window.key
    public = key.public_key().public_bytes_raw()
    asked = IncarnationRequest(public_key=public, certificate=certificate(key), cause="copied", proof=b"")
    return msgspec.structs.replace(asked, proof=key.sign(asked.statement()))


def test_the_token_of_one_window_is_useless_to_another(centre: Centre, address: str) -> None:
    mine, theirs = Window(centre), Window(centre)
    push = theirs.signed(theirs.write(received()))
    with client(address, mine) as http:
        for path, body in (
            ("events", push),
            ("leases", LeaseRequest(left={})),
            ("incarnations", incarnation(theirs)),
        ):
            refused = sent(http, "POST", f"/replicas/{theirs.id}/{path}", body)
            assert refused == (403, "sync.wrong-replica"), path
        forged = mine.key.sign(push.head.statement())
        stolen = msgspec.structs.replace(push, signature=forged)
        # Anybody may hand another's events in, but only as their writer signed them.
        assert sent(http, "POST", f"/replicas/{theirs.id}/offers", stolen) == (422, "sync.bad-signature")
        own = mine.signed(mine.write(received()))
        assert sent(http, "POST", f"/replicas/{theirs.id}/offers", own)[0] == 422
        assert sent(http, "POST", f"/replicas/{theirs.id}/offers", push)[0] == 200
        assert sent(http, "POST", f"/replicas/{mine.id}/events", own)[0] == 200


def test_what_one_window_began_to_upload_is_not_another_s_to_go_on_with(centre: Centre, address: str) -> None:
    mine, theirs = Window(centre), Window(centre)
    with client(address, theirs) as http:
        assert sent(http, "PATCH", f"/blobs/{SHA}", DATA[:10], headers={"Upload-Offset": "0"})[0] == 200
    with client(address, mine) as http:
        assert http.head(f"/api/v1/blobs/{SHA}").headers["upload-offset"] == "0"
        refused = sent(http, "PATCH", f"/blobs/{SHA}", DATA[10:], headers={"Upload-Offset": "10"})
        assert refused == (409, "blob.offset")
        assert sent(http, "GET", f"/blobs/{SHA}") == (404, "blob.missing")
    with connected(theirs, address) as desk:
        assert desk.blob_offset(SHA) == 10


def test_grants_are_for_the_window_and_its_own_clerks(centre: Centre, address: str) -> None:
    mine, theirs = Window(centre), Window(centre)
    with connected(theirs, address) as desk:
        desk.login(theirs.enrolled.replica.id, CLERK, PASSWORD)
        (grant,) = desk.grants().grants
        assert grant.replica == theirs.id
    with connected(mine, address) as desk:
        assert desk.grants().grants == []
        assert desk.login(mine.enrolled.replica.id, CLERK, PASSWORD).grant.replica == mine.id
    moved = msgspec.structs.replace(grant, replica=mine.enrolled.replica.id)
    assert moved.statement() != grant.statement()  # the centre's signature is of the window, too


def test_a_revoked_window_is_turned_away_everywhere(centre: Centre, address: str) -> None:
    window = Window(centre)
    asked = LoginRequest(replica=window.enrolled.replica.id, clerk=CLERK, password=PASSWORD)
    admin.revoke_replica(centre.engine, window.id, centre.now())
    feed = f"/feed?epoch={window.enrolled.epoch}&after=0&hash_at_after={'0' * 64}"
    with client(address, window) as http:
        for method, path, body in (
            ("GET", "/me/grants", None),
            ("GET", feed, None),
            ("GET", "/reference", None),
            ("GET", "/snapshot", None),
            ("GET", f"/blobs/{SHA}", None),
            ("POST", f"/blobs/{SHA}", None),
            ("POST", f"/replicas/{window.id}/events", window.signed(window.write(received()))),
            ("POST", f"/replicas/{window.id}/leases", LeaseRequest(left={})),
            ("POST", f"/replicas/{window.id}/incarnations", incarnation(window)),
            ("POST", "/bundles", b"x"),
            ("POST", "/login", asked),
        ):
            assert sent(http, method, path, body) == (403, "sync.replica-revoked"), path
        assert sent(http, "PATCH", f"/blobs/{SHA}", DATA, headers={"Upload-Offset": "0"})[0] == 403


def test_a_revoked_clerk_gets_no_grant(centre: Centre, address: str) -> None:
    window = Window(centre)
    with connected(window, address) as desk:
        desk.login(window.enrolled.replica.id, CLERK, PASSWORD)
        admin.revoke_user(centre.engine, CLERK, centre.now())
        answer = desk.grants()
        assert (answer.grants, answer.revoked) == ([], [CLERK])
        with pytest.raises(Refused, match=r"login\.revoked"):
            desk.login(window.enrolled.replica.id, CLERK, PASSWORD)
    late = window.say(received())
    assert [each.outcome for each in late] == ["applied"]


def leaver(training: TrainingCentre, desk: Desk, name: str) -> Desk:
    """Let somebody new log in at a desk online; return the desk as they use it."""
    training.admin("user", "add", name, "--role", "clerk", "--display-name", "演示离职人员")
    desk.done("status", clerk=name)
    return desk


def flags(training: TrainingCentre) -> dict[str, int]:
    """Return how many events the centre flagged, by flag."""
    with Cluster(training.data).running() as url, psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT flag, count(*) FROM event GROUP BY flag").fetchall())


def slots(desk: Desk) -> tuple[str, ...]:
    """Return who could log in at a desk without a network."""
    with Home(desk.home) as home:
        return FileKeyRing(home.keys, centre_key=CENTRE_KEY.public, replica=ReplicaId("")).clerks()


def test_a_revoked_clerk_is_out_at_the_next_contact_or_when_the_grant_ends(
    training: TrainingCentre, tmp_path: Path
) -> None:
    desk = leaver(training, training.desk(), LEAVER)
    late = desk.take(sole_prop(701), clerk=LEAVER)["case_no"]  # not sent yet
    away = replace(desk, home=tmp_path / "desk")
    shutil.copytree(desk.home, away.home)
    training.admin("user", "revoke", LEAVER)
    start = datetime.fromisoformat(CLOCK)
    inside, outside = ((start + timedelta(hours=hours)).isoformat() for hours in (71, 73))
    training.stop()
    try:  # a desk that hears of nothing
        assert away.done("status", clerk=LEAVER, clock=inside)["cases"] >= 1
        assert away.refused("status", clerk=LEAVER, clock=outside)["code"] == "login.grant-expired"
        back = away.refused("status", clerk=LEAVER, clock=inside)
        assert back["code"] == "login.grant-expired"  # it was seen that the hour had passed
    finally:
        training.start()
    assert away.refused("status", clerk=LEAVER, clock=inside)["code"] == "login.revoked"
    before = flags(training).get("sync.revoked-clerk", 0)
    assert slots(desk) == ("demo", LEAVER)
    assert desk.done("sync", clerk=LEAVER)["pending"] == 0
    assert slots(desk) == ("demo",)  # the slot went with this contact, and what they wrote is kept
    assert flags(training)["sync.revoked-clerk"] > before
    assert desk.done("show", late)["case_no"] == late
    assert desk.refused("status", clerk=LEAVER)["code"] == "login.revoked"
