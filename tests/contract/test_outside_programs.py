"""The centre, an office and two desks as programs: what comes in from outside, and a year's calendar from a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.entry.commands.casework import opened
from jinpu_desk.entry.demo_cases import outdoor_sign, small_catering
from jinpu_desk.entry.home.unlocked import OpenDesk
from jinpu_desk.entry.parts import OWN_CALENDARS, load_parts
from jinpu_desk.store.shelf import FileShelf
from jinpu_desk.sync.wire import reference_digest
from samples.offices import SCAN, pre_application
from samples.programs import CLERK, LEAD, Desk, TrainingCentre, training_centre

CLOCK = "2026-12-30T10:00:00+08:00"
YEAR = {
    "year": 2027,
    "status": "official",
    "source": "演示",
    "published": "2026-11-10",
    "holidays": [
        {"from": "2027-01-01", "to": "2027-01-03", "name": "元旦"},
        {"from": "2027-01-05", "to": "2027-01-06", "name": "演示"},
    ],
    "workdays": ["2027-01-09"],
}
HERE = {"state": "received", "copies": 1, "pages": 1}


@pytest.fixture(scope="module")
def centre() -> Iterator[TrainingCentre]:
    """A centre on the last days of a year."""
    with training_centre(CLOCK) as made:
        yield made


@pytest.fixture(scope="module")
def desk(centre: TrainingCentre) -> Desk:
    """A desk of the hall where the lead logged in, too."""
    made = replace(centre.desk(clock=CLOCK), clock=CLOCK)
    made.done("status", clerk=LEAD)
    return made


@pytest.fixture(scope="module")
def office(centre: TrainingCentre) -> Iterator[httpx.Client]:
    token = centre.admin("office", "add", "演示审批局", "--authority", "market")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{centre.url}/api/v1", headers=headers) as client:
        yield client


def test_an_application_from_outside_is_taken_in_decided_and_seen(desk: Desk, office: httpx.Client) -> None:
    sent = office.post("/pre-applications", json=pre_application())
    assert sent.status_code == 201, sent.text
    number = sent.json()["case_no"]
    desk.done("sync")
    assert pages(desk, number) == [SCAN]
    waiting = desk.show(number)
    assert (waiting["status"], "online" in waiting["flags"]) == (5, True)
    taken = desk.take(small_catering(3) | {"guided_case": number})
    assert (taken["case_no"], taken["query_code"], taken["status"]) == (number, sent.json()["query_code"], 30)
    assert "online" in taken["flags"]
    desk.done("sync")
    (line,) = office.get("/offices/me/cases").json()["cases"]
    assert line["case_no"] == number
    told = {"approved": True, "officer": "演示审批员", "result_name": "演示许可证", "result_no": "演示0007"}
    key = {"Idempotency-Key": "演示-决定-1".encode().hex()}
    decided = [office.post(f"/cases/{number}/decisions", json=told, headers=key) for _ in range(3)]
    assert {answer.status_code for answer in decided} == {201}
    assert len({answer.text for answer in decided}) == 1
    desk.done("sync")
    seen = desk.show(number)
    assert seen["status"] == 50
    assert json.dumps(seen, ensure_ascii=False).count("演示审批局（演示审批员）") >= 1
    assert desk.done("verify")["ok"] is True


def pages(desk: Desk, number: str) -> list[bytes]:
    """Return the attached files of a case, as they lie at the desk."""
    with at(desk) as held:
        case = held.store.case_by_no(CaseNo(number))
        assert case is not None
        return [held.desk.blobs.get(page.sha256) for page in case.attachments]


@contextmanager
def at(desk: Desk) -> Iterator[OpenDesk]:
    """Open a desk as a command does."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in desk.environment.items():
            patch.setenv(name, value)
        with opened(load_parts(), argparse.Namespace(home=desk.home, clerk="")) as held:
            yield held


def test_registers_and_the_centres_key_come_with_the_sync(desk: Desk) -> None:
    shelf = desk.home / "shelf" / "registers"
    digest = (shelf / "current").read_text()
    assert {path.name for path in (shelf / digest).iterdir()} == {
        "cluster-places.json",
        "credit.json",
        "incubators.json",
    }
    current = (desk.home / "shelf" / "trust" / "current").read_text()
    trust = json.loads((desk.home / "shelf" / "trust" / current / "trust.json").read_text())
    assert ("00", "中心") in {(entry["station"], entry["window"]) for entry in trust["replicas"]}


def test_a_year_from_a_file_moves_provisional_days_and_prints_nothing(desk: Desk) -> None:
    short = desk.take(small_catering(11), papers=True)
    long = desk.take(outdoor_sign(12), papers=True)
    assert short["due_provisional"] is long["due_provisional"] is True
    before = {path: path.read_bytes() for path in (desk.home / "out").rglob("*.pdf")}
    events = desk.events()
    bad = desk.file(json.dumps(YEAR | {"workdays": ["2027-01-04"]}).encode(), "bad.json")
    assert desk.refused("import-calendar", str(bad), clerk=LEAD)["code"] == "calendar.not-weekend"
    file = desk.file(json.dumps(YEAR).encode(), "2027.json")
    assert desk.refused("import-calendar", str(file), clerk=CLERK)["code"] == "role.may-not"
    told = desk.done("import-calendar", str(file), clerk=LEAD)
    assert (told["year"], told["status"]) == (2027, "official")
    moved = {case["case_no"]: case for case in told["moved"]}
    assert (moved[short["case_no"]]["was"], moved[short["case_no"]]["due"]) == (short["due"], "2027-01-09")
    assert moved[long["case_no"]]["due"] > long["due"]
    assert not any(case["provisional"] for case in told["moved"] if case["due"])
    assert desk.events() == events
    assert before == {path: path.read_bytes() for path in (desk.home / "out").rglob("*.pdf")}
    again = desk.done("import-calendar", str(file), clerk=LEAD)
    assert (again["moved"], again["unchanged"]) == ([], told["unchanged"] + len(told["moved"]))
    guess = desk.file(json.dumps(YEAR | {"status": "provisional"}).encode(), "guess.json")
    assert desk.refused("import-calendar", str(guess), clerk=LEAD)["code"] == "calendar.downgrade"
    desk.done("sync")  # the centre does not know the year yet; ours stays
    assert desk.done("verify")["ok"] is True
    assert desk.done("list", "--limit", "100")["cases"] != []
    row = next(c for c in desk.done("list", "--limit", "100")["cases"] if c["case_no"] == short["case_no"])
    assert row["due"] == "2027-01-09"


def test_a_year_from_the_centre_is_followed_and_remembered(centre: TrainingCentre) -> None:
    other = replace(centre.desk(clock=CLOCK), clock=CLOCK)
    taken = other.take(small_catering(21))
    assert taken["due_provisional"] is True
    file = other.file(json.dumps(YEAR).encode(), "2027.json")
    centre.admin("calendar", "publish", str(file))
    other.done("sync")
    assert taken["case_no"] in unseen(other)


def test_a_desk_that_ended_before_it_recounted_does_so_when_it_opens(centre: TrainingCentre) -> None:
    desk = replace(centre.desk(clock=CLOCK), clock=CLOCK)
    taken = desk.take(small_catering(31))
    later = json.dumps(YEAR | {"published": "2026-12-01", "workdays": []}).encode()
    files = {"2027.json": later}
    FileShelf(desk.home / "shelf").keep(OWN_CALENDARS, reference_digest(files), files)
    assert taken["case_no"] in unseen(desk)
    assert desk.done("verify")["ok"] is True


def unseen(desk: Desk) -> list[str]:
    """Return the cases that another calendar moved and nobody took note of."""
    with at(desk) as held:
        (change,) = held.store.calendars.unseen()
        return [case.case_no for case in change.change.moved]


def test_the_sent_file_is_at_the_centre(office: httpx.Client) -> None:
    whole = office.get("/pre-applications/演示-0001").json()
    (attached,) = whole["attachments"][:1]
    number = whole["line"]["case_no"]
    assert office.get(f"/cases/{number}/files/{attached['sha256']}").content == SCAN
