"""The API of back offices and portals: what they may rely on, and what is refused them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.server.outside import offices
from samples.cases import received
from samples.centres import Window
from samples.offices import SCAN, credential, pre_application, publish
from samples.stores import StoppedClock

CASE_NO = "210213030022026112300011"
TODAY = date(2026, 9, 18)
APPROVAL = {"approved": True, "officer": "演示审批员", "result_no": "演示0001", "valid_to": "2031-09-17"}


@pytest.fixture
def published(centre: Centre) -> Centre:
    publish(centre)
    return centre


@pytest.fixture
def office(published: Centre, address: str) -> Iterator[httpx.Client]:
    token = credential(published, "演示审批局", authorities=("market",))
    with client(address, token) as http:
        yield http


@pytest.fixture
def accepted(published: Centre) -> Window:
    """A window that received and accepted a case."""
    window = Window(published)
    full = {"layout": MaterialTick(state=MaterialState.RECEIVED)}
    window.say(received(materials=full), b.CaseAccepted(accepted_on=TODAY))
    return window


def client(address: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"})


def decide(http: httpx.Client, key: str = "d-1", case_no: str = CASE_NO, **changes: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return http.post(f"/cases/{case_no}/decisions", json=APPROVAL | changes, headers=headers)


def code_of(response: httpx.Response) -> tuple[int, str]:
    told = response.json()["error"]
    assert "没有说明" not in told["message"]
    return response.status_code, told["code"]


def events(centre: Centre) -> int:
    report = verify(centre.engine)
    assert report.ok, report.problems
    return report.events


def test_a_pre_application_gets_a_number(office: httpx.Client, published: Centre) -> None:
    answer = office.post("/pre-applications", json=pre_application())
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["status"], told["flags"], told["applied_on"]) == (5, ["online"], str(TODAY))
    assert told["case_no"].startswith("21021300000")
    assert len(told["query_code"]) == 6
    whole = office.get("/pre-applications/演示-0001").json()
    assert whole["line"]["case_no"] == told["case_no"]
    (attached,) = whole["attachments"]
    assert (attached["sha256"], attached["size"]) == (hashlib.sha256(SCAN).hexdigest(), len(SCAN))
    assert office.get(f"/cases/{told['case_no']}/files/{attached['sha256']}").content == SCAN
    assert events(published) == 2


def test_sent_again_it_is_one_application(office: httpx.Client, published: Centre) -> None:
    first = office.post("/pre-applications", json=pre_application())
    assert [office.post("/pre-applications", json=pre_application()).json() for _ in range(3)] == [
        first.json()
    ] * 3
    other = pre_application(form={**pre_application()["form"], "name": "演示别馆"})
    assert code_of(office.post("/pre-applications", json=other)) == (409, "outside.different")
    assert events(published) == 2


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"surprise": 1}, "intake.unknown-key", "surprise"),
        ({"applicant": {"type": "person", "name": "演示甲"}}, "intake.missing", "applicant.id_type"),
        ({"item": "no-such-item"}, "office.scope", "item"),
        ({"item": "outdoor-sign"}, "office.scope", "item"),
        ({"package": "open-restaurant"}, "intake.item-or-package", "item"),
        ({"form": {"name": "演示小馆"}}, "intake.missing", "form.address"),
        ({"form": {**pre_application()["form"], "colour": "红"}}, "intake.unknown-key", "form.colour"),
        ({"materials": {}}, "intake.material-absent", "materials.application"),
        ({"station": "99"}, "outside.unknown-station", "station"),
        ({"station": "03"}, "outside.station", "station"),
        ({"external_no": ""}, "outside.number", "external_no"),
        ({"external_no": "a/b"}, "outside.number", "external_no"),
        ({"applied_at": "2026-09-18T10:00:00"}, "outside.time-zone", "applied_at"),
        ({"applied_at": "2027-09-18T10:00:00+08:00"}, "outside.future", "applied_at"),
    ],
)
def test_what_is_unsound_is_refused_by_name(
    office: httpx.Client, published: Centre, changes: dict[str, Any], code: str, where: str
) -> None:
    answer = office.post("/pre-applications", json=pre_application(**changes))
    status = 403 if code == "office.scope" else 422
    assert code_of(answer) == (status, code)
    assert answer.json()["error"]["where"] == where
    assert events(published) == 0


def test_files_are_named_or_sent_and_never_both(office: httpx.Client) -> None:
    def with_file(**file: Any) -> httpx.Response:
        materials = pre_application()["materials"]
        materials["application"]["files"] = [{"media_type": "application/pdf", **file}]
        return office.post("/pre-applications", json=pre_application(materials=materials))

    big = b"%PDF-1.7 " + b"x" * 5000
    sha256 = hashlib.sha256(big).hexdigest()
    assert code_of(with_file()) == (422, "outside.file")
    assert code_of(with_file(sha256=sha256, data="aGk=")) == (422, "outside.file")
    assert code_of(with_file(data="***")) == (422, "intake.wrong-type")
    assert code_of(with_file(data="aGk=", media_type="text/html")) == (422, "outside.media-type")
    assert code_of(with_file(sha256="nonsense")) == (422, "blob.name")
    assert code_of(with_file(sha256=sha256)) == (422, "outside.file-missing")
    assert office.patch(f"/blobs/{sha256}", content=big, headers={"Upload-Offset": "0"}).status_code == 200
    assert office.post(f"/blobs/{sha256}").json() == {"size": len(big)}
    assert with_file(sha256=sha256).status_code == 201


def test_what_comes_after_closing_counts_from_the_next_working_day(
    office: httpx.Client, published: Centre
) -> None:
    assert isinstance(published.clock, StoppedClock)
    published.clock.advance(timedelta(days=30))
    days = {
        "2026-09-18T16:59:00+08:00": "2026-09-18",
        "2026-09-18T17:01:00+08:00": "2026-09-20",  # a Sunday that is worked
        "2026-09-19T10:00:00+08:00": "2026-09-20",
        "2026-09-24T22:00:00+08:00": "2026-09-28",  # 中秋
    }
    for number, (at, day) in enumerate(days.items()):
        sent = pre_application(external_no=f"演示-{number}", applied_at=at)
        assert office.post("/pre-applications", json=sent).json()["applied_on"] == day


def test_who_may_not_is_told_so(
    address: str, office: httpx.Client, published: Centre, accepted: Window
) -> None:
    for token in ("wrong", accepted.enrolled.token):
        with client(address, token) as http:
            assert code_of(http.get("/offices/me/cases")) == (401, "office.token")
    assert code_of(httpx.get(f"{address}/api/v1/offices/me/cases")) == (401, "office.token")
    assert code_of(office.get("/me/grants")) == (401, "auth.token")
    assert code_of(office.get(f"/blobs/{'0' * 64}")) == (401, "auth.token")
    with client(address, credential(published, "城管", items=("outdoor-sign",))) as http:
        assert http.get("/offices/me/cases").json() == {"cases": [], "after": None}
        assert code_of(decide(http)) == (403, "office.scope")
        assert code_of(http.get(f"/cases/{CASE_NO}")) == (403, "office.scope")
        assert code_of(http.get("/pre-applications/演示-0001")) == (404, "case.unknown")
    offices.revoke(published.engine, "演示审批局", published.now())
    assert code_of(decide(office)) == (403, "office.revoked")
    assert events(published) == 2


def test_an_office_finds_what_waits_and_decides_it(
    office: httpx.Client, published: Centre, accepted: Window
) -> None:
    (line,) = office.get("/offices/me/cases").json()["cases"]
    assert (line["case_no"], line["status"], line["due"]) == (CASE_NO, 30, "2026-09-24")
    assert office.get(f"/cases/{CASE_NO}").json()["form"]["name"] == "演示小馆"
    answer = decide(office)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["status"], told["decision"]["office"]) == (50, "演示审批局（演示审批员）")
    assert (told["decision"]["result_no"], told["decision"]["valid_to"]) == ("演示0001", "2031-09-17")
    assert office.get("/offices/me/cases").json()["cases"] == []


def test_a_decision_sent_again_is_one_decision(
    office: httpx.Client, published: Centre, accepted: Window
) -> None:
    first = decide(office).json()
    assert [decide(office).json() for _ in range(3)] == [first] * 3
    assert code_of(decide(office, result_no="演示0002")) == (409, "outside.different")
    assert code_of(decide(office, key="d-2")) == (409, "case.wrong-status")
    assert events(published) == 3


def test_the_rules_hold_for_a_back_office(office: httpx.Client, published: Centre) -> None:
    window = Window(published)
    window.say(received())
    assert code_of(decide(office, case_no="2" * 24)) == (404, "case.unknown")
    assert code_of(decide(office)) == (409, "case.wrong-status")
    window.say(b.CaseAccepted(accepted_on=TODAY, supplement_by={"layout": date(2026, 9, 25)}))
    assert code_of(decide(office)) == (409, "case.tolerance-open")
    assert code_of(decide(office, approved=False)) == (409, "case.denial-needs-reason")
    assert code_of(decide(office, officer=" ")) == (422, "outside.officer")
    assert code_of(decide(office, decided_on="2026-09-17")) == (422, "outside.day")
    assert code_of(decide(office, decided_on="2026-09-19")) == (422, "outside.day")
    assert code_of(decide(office, valid_to="2026-09-17")) == (422, "outside.day")
    assert code_of(decide(office, verdict="?")) == (422, "intake.unknown-key")
    assert code_of(office.post(f"/cases/{CASE_NO}/decisions", json=APPROVAL)) == (422, "http.body")
    assert events(published) == 2
    denial = decide(office, approved=False, reason="演示：不符合规划", article="演示条例第一条")
    assert (denial.status_code, denial.json()["status"]) == (201, 40)


def test_a_back_office_stops_the_clock_and_extends_the_term(
    office: httpx.Client, published: Centre, accepted: Window
) -> None:
    assert isinstance(published.clock, StoppedClock)

    def say(what: str, key: str, told: dict[str, Any]) -> httpx.Response:
        return office.post(f"/cases/{CASE_NO}/{what}", json=told, headers={"Idempotency-Key": key})

    assert code_of(say("pauses", "p", {"reason": "holiday", "approver": "演示主管"})) == (
        422,
        "act.pause-reason",
    )
    paused = say("pauses", "p", {"reason": "hearing", "approver": "演示主管", "notice_no": "演示〔2026〕1号"})
    assert (paused.status_code, paused.json()["flags"], paused.json()["due"]) == (201, ["paused"], None)
    assert code_of(decide(office)) == (409, "case.decide-while-paused")
    longer = {"days": 5, "reason": "演示：情况复杂", "approver": "演示主管"}
    assert code_of(say("extensions", "e", longer)) == (422, "act.extend-while-paused")
    published.clock.advance(timedelta(days=10))
    assert say("resumptions", "r", {"officer": "演示审批员"}).json()["due"] == "2026-10-10"
    extended = say("extensions", "e", longer).json()
    assert (extended["due"], extended["flags"]) == ("2026-10-16", ["extended"])
    assert say("extensions", "e", longer).json() == extended
    assert code_of(say("extensions", "e2", longer)) == (409, "case.already-extended")


def test_a_page_ends_with_the_key_of_the_next(
    office: httpx.Client, published: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jinpu_desk.server.outside.decisions.PAGE", 2)
    window = Window(published)
    for n in range(5):
        case = f"01900000-0000-7000-8000-00000000d00{n}"
        window.say(received(case_no=f"演示{n}"), b.CaseAccepted(accepted_on=TODAY), case=case)  # type: ignore[arg-type]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = office.get("/offices/me/cases", params={"after": after} if after else {}).json()
        seen += [line["case_no"] for line in page["cases"]]
        after = page["after"]
        if after is None:
            break
    assert seen == [f"演示{n}" for n in range(5)]
    assert code_of(office.get("/offices/me/cases", params={"after": "x"})) == (422, "http.body")
