"""Papers and people on the command line: slips from desk to desk, shifts and days with both signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest

from jinpu_desk.entry.demo_cases import food_business, outdoor_sign
from samples.programs import LEAD, PASSWORD, REVIEWER, Desk

URBAN = "城市管理局行政审批科（演示）"


@pytest.fixture(scope="module", autouse=True)
def everybody(hall: Desk) -> None:
    """The lead and the reviewer log in at this desk once, through the centre."""
    for clerk in (LEAD, REVIEWER):
        hall.done("status", clerk=clerk)


def text_of(path: str) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_slip_goes_to_the_back_office_and_back(hall: Desk, jp03: Desk, tmp_path: Path) -> None:
    numbers = [hall.take(outdoor_sign(n))["case_no"] for n in (301, 302)]
    slip = hall.done("hand-on", "--to", "urban", *numbers, "--out", str(tmp_path))
    assert (slip["to"], slip["cases"], len(slip["slip"])) == (URBAN, numbers, 24)
    (document,) = slip["documents"]
    assert slip["slip"] in text_of(document["path"])
    assert all(number in text_of(document["path"]) for number in numbers)
    held = hall.show(numbers[0])
    assert held["on_the_way"]
    assert held["papers"][-1]["sha256"] == document["sha256"]
    assert numbers[0] in {c["case_no"] for c in hall.done("list", "--flag", "on-the-way")["cases"]}
    for desk in (hall, jp03):
        desk.done("sync")
    taken = jp03.done("take-over", slip["slip"], numbers[1], clerk=REVIEWER)
    assert (taken["taken"], taken["waiting"], taken["holder"]) == ([numbers[1]], [numbers[0]], URBAN)
    for desk in (jp03, hall):
        desk.done("sync")
    assert hall.show(numbers[1])["holder"] == URBAN
    back = jp03.done("hand-on", "--to", "window", numbers[1], clerk=REVIEWER)
    assert back["from"] == URBAN
    assert jp03.run("check-receipt", document["path"]).answer["case_no"] == slip["slip"]


def test_what_is_turned_down_goes_back_to_the_sender(hall: Desk) -> None:
    number = hall.take(food_business(303))["case_no"]
    slip = hall.done("hand-on", "--to", "市监审批", number)["slip"]
    assert hall.refused("take-over", slip)["code"] == "passing.same-hands"
    refused = hall.done("take-over", slip, number, "--refuse", "缺第3页", clerk=REVIEWER)
    assert (refused["refused"], refused["waiting"]) == ([number], [number])
    assert hall.refused("hand-on", "--to", "archive", number)["code"] == "case.already-on-the-way"
    assert hall.done("take-over", slip, "--back")["back"] == [number]
    assert not hall.show(number)["on_the_way"]
    assert hall.refused("take-over", slip)["code"] == "passing.all-taken"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("hand-on", "--to", "urban", "123"), "numbering.case-no.format"),
        (("take-over", "210213000012026112399992"), "passing.unknown-slip"),
        (("hand-on", "--to", "urban"), "cli.argument-missing"),
        (("shift", "--to", "demo-lead", "--stock", "nothing"), "cli.pair"),
        (("day-end", "--stock", "seal-acceptance=many"), "cli.count"),
        (("day-end", "--explain", "weather=雨", "--reason", "演示"), "duty.unknown-matter"),
    ],
)
def test_what_is_typed_wrongly_is_named(hall: Desk, words: tuple[str, ...], code: str) -> None:
    assert hall.refused(*words)["code"] == code


def test_a_shift_is_handed_over_by_two(hall: Desk, tmp_path: Path) -> None:
    hall.take(food_business(304))
    assert (
        hall.run("shift", "--to", LEAD, JINPU_RECEIVER_PASSWORD="wrong").refusal(2)["code"] == "login.wrong"
    )
    done = hall.run(
        "shift", "--to", LEAD, "--stock", "seal-acceptance=1", "--out", str(tmp_path),
        JINPU_RECEIVER_PASSWORD=PASSWORD,
    ).answer  # fmt: skip
    assert done["taker"] == LEAD
    text = text_of(done["documents"][0]["path"])
    assert "交接班表" in text
    assert done["number"] in text
    assert hall.refused("shift", "--to", REVIEWER)["code"] == "duty.not-at-the-window"
    assert hall.refused("shift", "--to", LEAD, "--stock", "seal-acceptance=2")["code"] == "duty.seals-differ"


def test_a_day_is_closed_once_and_then_amended(hall: Desk, tmp_path: Path) -> None:
    hall.take(food_business(305))
    assert hall.refused("day-end")["code"] == "duty.unexplained"
    closed = hall.done("day-end", "--reason", "演示：明日续办", "--out", str(tmp_path))
    assert closed["open"]["unsynced"] >= 1
    assert "明日续办" in text_of(closed["documents"][0]["path"])
    again = hall.done("day-end", "--reason", "漏记一件")
    assert again["amends"] == closed["number"]
    assert hall.done("verify")["ok"]


def test_a_rating_is_kept_and_answered(hall: Desk) -> None:
    number = hall.take(food_business(306))["case_no"]
    poor = hall.act(number, "rate", {"occasion": "receipt", "satisfaction": 1, "text": "演示"})
    assert "poor-rating" in poor["flags"]
    assert (
        hall.act_refused(number, "rate", {"occasion": "receipt", "satisfaction": 6})["code"]
        == "case.rating-range"
    )
    assert hall.act_refused(number, "answer-rating", {"text": "演示"})["code"] == "role.may-not"
    assert "poor-rating" not in hall.act(number, "answer-rating", {"text": "已回访"}, clerk=LEAD)["flags"]
    visits = json.loads(json.dumps(hall.show(number)["visits"]))
    hall.act(number, "visit", {"ticket": "A013"})
    assert hall.show(number)["visits"] == visits, "one day is one visit"
    assert hall.show(number)["ticket"] == "A013"
