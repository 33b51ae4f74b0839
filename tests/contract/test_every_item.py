"""Every item and package from the command line: each lawful outcome leaves its papers and its clock (DOMAIN §B4, C, D).

Applications are made from the catalogue's own data (``samples.applications``): a new item is tried with no new line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

import pytest

from jinpu_desk.catalogue.checklist import checklist, in_situation
from jinpu_desk.catalogue.model import Item
from jinpu_desk.catalogue.packages import merge
from jinpu_desk.domain.body import DocFamily
from jinpu_desk.domain.case import Status
from jinpu_desk.entry.demo_cases import PEOPLE, person_id
from samples.applications import TODAY, answered, application
from samples.counter import calendar, catalogue
from samples.programs import LEAD, REVIEWER, Desk

QUICK = {"sole-prop-setup", "company-change", "food-business-new", "seal-filing", "fund-withdrawal"}
"""One item of each way of ending; the others run with ``-m slow``."""
ITEMS = [key for key, item in catalogue().items.items() if item.role != "branch"]
REGISTRATION = DocFamily.REGISTRATION
ORGAN = {"note": "不属于本机关职权（演示）", "competent_organ": "大连市演示局"}
APPROVE = {"approved": True, "result_name": "演示证照", "result_no": "演示0001"}
DENY = {"approved": False, "reason": "不符合条件（演示）", "article": "演示条款"}


@pytest.fixture(scope="module", autouse=True)
def everybody(hall: Desk) -> None:
    """The lead and the reviewer log in at this desk once, through the centre."""
    for clerk in (LEAD, REVIEWER):
        hall.done("status", clerk=clerk)


def item(key: str) -> Item:
    return catalogue().items[key]


def take(desk: Desk, key: str, action: str, clock: str = "", **more: Any) -> dict[str, Any]:
    """Take a complete application in; return the result."""
    states = more.pop("states", {})
    file = application(catalogue(), key, answers=more.pop("answers", None), **states)
    return desk.take(file | {"action": action} | more, papers=True, clock=clock)


def each(pairs: Sequence[Any], key: Callable[[Any], str] = str) -> list[Any]:
    """Return test parameters, slow but for the quick items."""
    return [
        pytest.param(
            *(p if isinstance(p, tuple) else (p,)), marks=() if key(p) in QUICK else pytest.mark.slow
        )
        for p in pairs
    ]


def kinds(result: Mapping[str, Any]) -> list[str]:
    return [paper["kind"] for paper in result["documents"]]


def taken_over(result: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a hand-out to the applicant, or to the agent of an organisation."""
    party = file["applicant"]
    if party["type"] == "person":
        return {"method": "pick-up", "recipient": party["name"], "id_no": party["id_no"], "relation": "self"}
    return {
        "method": "pick-up",
        "recipient": PEOPLE[3],
        "id_no": person_id(3),
        "relation": "staff",
        "authorised": True,
    }


def by_hand(start: date, days: int) -> str:
    """Count working days one by one, as a clerk would on a calendar."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= calendar().kind(day).works
    return day.isoformat()


def counter_end(key: str) -> str:
    """The outcome that ends a complete application's stay at the counter."""
    return "receive" if item(key).family is REGISTRATION else "accept"


def there(key: str, answers: Mapping[str, Any] | None = None) -> Item:
    """Return the item in the situation the sample application is in."""
    return in_situation(item(key), answered(item(key).questions, answers or {}))


RECEIPT = {
    REGISTRATION: ["D7"],
    DocFamily.LICENCE: ["D1"],
    DocFamily.FILING: ["D1"],
    DocFamily.SERVICE: ["D1"],
}
"""What receiving prints: 登记 has a 材料接收凭证 of its own (DOMAIN §0.3)."""


def of_acceptance(key: str, item_: Item, *, pledged: bool = False) -> list[str]:
    """What accepting prints: 受理通知书 where there is a term to run, 承诺书 where something was promised."""
    promised = ["D6"] if pledged or item_.licence_mode == "pledge" else []
    told = [] if item_.family is DocFamily.FILING or at_once_service(item_) else ["D2"]
    return sorted(["D1", *promised, *told])


def at_once_service(item_: Item) -> bool:
    return item_.family is DocFamily.SERVICE and item_.promised_days == 0 and item_.window_authorised


@pytest.mark.parametrize("key", each(ITEMS))
def test_the_happy_path(hall: Desk, key: str) -> None:
    """From the counter to the result in the applicant's hands, decided by those who may."""
    file = application(catalogue(), key)
    kind = there(key)
    taken = hall.take(file | {"action": counter_end(key)}, papers=True)
    number = taken["case_no"]
    if kind.family is REGISTRATION:
        assert (taken["status"], sorted(kinds(taken))) == (Status.RECEIVED, ["D7"])
    else:
        assert (taken["status"], sorted(kinds(taken))) == (Status.ACCEPTED, of_acceptance(key, kind))
        assert taken["due"] == by_hand(TODAY, kind.promised_days)
    if not (kind.window_authorised or kind.project_type == 1):
        assert hall.act_refused(number, "decide", APPROVE)["code"] == "case.same-hands"
    decided = hall.act(number, "decide", APPROVE, clerk=REVIEWER)
    assert kinds(decided) == (["D7"] if kind.family is REGISTRATION else ["D8"])
    if decided["status"] == Status.APPROVED:
        hall.act(number, "close", clerk=REVIEWER)
    given = hall.act(number, "hand-out", taken_over(taken, file))
    assert given["status"] == Status.CLOSED
    assert kinds(given) == ["D9", "D10"]
    shown = hall.show(number)
    assert (shown["deliver_state"], shown["visits"]) == ("served", ["2026-09-18"])


@pytest.mark.parametrize("key", each([key for key in ITEMS if there(key).window_authorised]))
def test_at_the_window_at_once(hall: Desk, key: str) -> None:
    """授权即办 and 当场登记: one command, the result with it."""
    kind = there(key)
    action = "register" if kind.family is REGISTRATION else "decide"
    taken = take(hall, key, action)
    assert taken["status"] == Status.CLOSED
    result = ["D7"] if kind.family is REGISTRATION else [*of_acceptance(key, kind), "D8"]
    assert sorted(kinds(taken)) == sorted(result)


@pytest.mark.parametrize("key", each(ITEMS))
def test_a_denial_says_why(hall: Desk, key: str) -> None:
    number = take(hall, key, counter_end(key))["case_no"]
    bare = hall.run("act", number, "decide", "--data", '{"approved": false}', clerk=REVIEWER).refusal()
    assert bare["code"] == "case.denial-needs-reason"
    denied = hall.act(number, "decide", DENY, clerk=REVIEWER)
    assert denied["status"] == Status.DENIED
    assert kinds(denied) == (["D7"] if there(key).family is REGISTRATION else ["D8"])


@pytest.mark.parametrize("key", each(ITEMS))
def test_what_lacks_is_told_once_and_brought_or_lost(hall: Desk, key: str) -> None:
    rules = checklist(item(key), answered(item(key).questions, {}), agent=False)
    needed = next((rule for rule in rules if rule.required), None)
    if needed is None:  # a request needs no papers
        assert item(key).role == "request"
        return
    lacking = {needed.key.replace("-", "_"): "lacking"}
    told = take(hall, key, "correct", states=lacking)
    number = told["case_no"]
    registration = item(key).family is REGISTRATION
    assert (told["status"], kinds(told)) == (Status.CORRECTING, ["D7" if registration else "D3"])
    brought = {"materials": {needed.key: {"state": "received", "copies": 1, "pages": 1}}}
    assert hall.act(number, "resubmit", brought)["status"] == Status.RECEIVED
    again = hall.act_refused(number, "correct", {"problems": {needed.key: "演示"}})
    assert again["code"] in {"case.second-correction", "decision.second-correction"}
    lost = take(hall, key, "correct", states=lacking)["case_no"]
    assert hall.act_refused(lost, "lapse")["code"] == "act.lapse-too-early"
    late = hall.act(lost, "lapse", clock="2026-12-01T10:00:00+08:00")
    assert (late["status"], kinds(late)) == (Status.WITHDRAWN, ["D12"])


TOLERABLE = [
    (key, rule.key)
    for key in ITEMS
    for rule in checklist(item(key), answered(item(key).questions, {}), agent=False)
    if rule.tolerable and item(key).family is not REGISTRATION
]
PLEDGEABLE = [
    (key, rule.key)
    for key in ITEMS
    for rule in checklist(item(key), answered(item(key).questions, {}), agent=False)
    if rule.pledgeable
]


@pytest.mark.parametrize(("key", "material"), each(TOLERABLE, itemgetter(0)))
def test_what_is_tolerated_comes_later_or_ends_the_case(hall: Desk, key: str, material: str) -> None:
    states = {material.replace("-", "_"): "tolerated"}
    taken = take(hall, key, "accept", states=states)
    number = taken["case_no"]
    assert (taken["status"], taken["flags"]) == (Status.ACCEPTED, ["tolerated"])
    assert "D5" in kinds(taken)
    assert taken["supplement_by"] <= taken["due"]
    early = hall.run("act", number, "decide", "--data", '{"approved": true}', clerk=REVIEWER).refusal()
    assert early["code"] == "case.tolerance-open"
    brought = {"materials": {material: {"state": "received", "copies": 1, "pages": 1}}}
    assert hall.act(number, "supplement", brought)["flags"] == []
    assert hall.act(number, "decide", APPROVE, clerk=REVIEWER)["status"] == Status.APPROVED
    lost = take(hall, key, "accept", states=states)["case_no"]
    late = hall.act(lost, "lapse", clock="2026-12-01T10:00:00+08:00")
    assert (late["status"], kinds(late)) == (Status.TERMINATED, ["D12"])


@pytest.mark.parametrize(("key", "material"), each(PLEDGEABLE, itemgetter(0)))
def test_a_promise_stands_for_a_proof_and_is_looked_into(hall: Desk, key: str, material: str) -> None:
    taken = take(hall, key, counter_end(key), states={material.replace("-", "_"): "pledged"})
    assert "pledged" in taken["flags"]
    assert "D6" in kinds(taken)
    number = taken["case_no"]
    hall.act(number, "decide", APPROVE, clerk=REVIEWER)
    looked = hall.act(number, "check-pledge", {"materials": [material], "kept": True}, clerk=REVIEWER)
    assert "false-pledge" not in looked["flags"]


@pytest.mark.parametrize("key", each(ITEMS))
def test_not_here_and_no_more(hall: Desk, jp03: Desk, key: str) -> None:
    """Refusal, withdrawal, voiding; and a station that may not take it guides."""
    refused = take(hall, key, "refuse", **ORGAN)
    registration = item(key).family is REGISTRATION
    assert (refused["status"], kinds(refused)) == (Status.REFUSED, ["D7" if registration else "D4"])
    left = take(hall, key, counter_end(key))["case_no"]
    gone = hall.act(left, "withdraw", {"reason": "不再办理（演示）"})
    assert (gone["status"], kinds(gone)) == (Status.WITHDRAWN, ["D12"])
    wrong = take(hall, key, counter_end(key))["case_no"]
    assert hall.act_refused(wrong, "void", {"reason": "重复收件（演示）"})["code"] == "role.may-not"
    voided = hall.act(wrong, "void", {"reason": "重复收件（演示）"}, clerk=LEAD)
    assert (voided["status"], voided["flags"][-1]) == (Status.TERMINATED, "voided")
    if not item(key).stations:
        slip = take(jp03, key, "guide")
        assert (slip["status"], kinds(slip), slip["flags"]) == (Status.DRAFT, ["D13"], ["guided"])


@pytest.mark.parametrize("key", each(ITEMS))
def test_the_clock_stops_and_is_extended_once(hall: Desk, key: str) -> None:
    taken = take(hall, key, counter_end(key))
    number, kind = taken["case_no"], there(key)
    if kind.family is not REGISTRATION:
        paused = hall.act(number, "pause", {"reason": "testing", "approver": "演示负责人"}, clerk=LEAD)
        # 即办 is due on the day itself: a pause comes too late to stop that clock.
        assert paused["due"] == (None if kind.promised_days else taken["due"])
        assert kinds(paused) == ["D11"]
        assert hall.act(number, "resume", clerk=LEAD)["due"] == taken["due"]
    more = {"days": 3, "reason": "情形复杂（演示）", "approver": "演示负责人"}
    if kind.extension_days:
        longer = hall.act(number, "extend", more, clerk=LEAD)
        assert "extended" in longer["flags"]
        assert kinds(longer) == ["D11"]
        again = hall.run("act", number, "extend", "--data", json.dumps(more), clerk=LEAD).refusal()
        assert again["code"] == "case.already-extended"
    else:
        short = hall.run("act", number, "extend", "--data", json.dumps(more), clerk=LEAD).refusal()
        assert short["code"] in {"act.no-extension", "act.extension-days"}


PACKAGES = list(catalogue().packages)


def branches(desk: Desk, package: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the branches by item, as their own cases stand."""
    shown = [desk.show(number) for number in package["children"]]
    return {case["item"]: case for case in shown}


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
@pytest.mark.parametrize(
    "key", [pytest.param(k, marks=() if k == "open-restaurant" else pytest.mark.slow) for k in PACKAGES]
)
def test_a_package_is_one_for_the_applicant_and_many_behind(hall: Desk, key: str, backwards: bool) -> None:
    """One receipt, one acceptance, the longest branch's day; its branches are decided in any order, then it closes."""
    taken = take(hall, key, "accept")
    assert taken["status"] == Status.ACCEPTED
    assert [kind for kind in kinds(taken) if kind != "D6"] == ["D1", "D2"]
    parts = branches(hall, taken)
    longest = max(there(name).promised_days for name in parts)
    assert taken["due"] == by_hand(TODAY, longest)
    names = list(parts)[:: -1 if backwards else 1]
    for name in names:
        assert hall.show(taken["case_no"])["status"] == Status.ACCEPTED
        registration = item(name).family is REGISTRATION
        number = parts[name]["case_no"]
        assert parts[name]["status"] == (Status.RECEIVED if registration else Status.ACCEPTED)
        decided = hall.act(number, "decide", APPROVE, clerk=REVIEWER)
        assert kinds(decided) == (["D7"] if registration else ["D8"])
        if decided["status"] == Status.APPROVED:
            hall.act(number, "close", clerk=REVIEWER)
    assert hall.show(taken["case_no"])["status"] == Status.CLOSED


@pytest.mark.parametrize(
    "key", [pytest.param(k, marks=() if k == "open-restaurant" else pytest.mark.slow) for k in PACKAGES]
)
def test_a_package_asks_each_thing_once(key: str) -> None:
    """Of the forms and materials its items ask for, the merged one has no two of one code, and spares some."""
    package, told = catalogue().packages[key], application(catalogue(), key)["answers"]
    merged = merge(catalogue(), package, told, agent=False)
    for asked_once in (
        [field.code or field.key for field in merged.fields],
        [rule.code for rule in merged.rules],
    ):
        assert len(asked_once) == len(set(asked_once))
    assert len(merged.fields) < merged.raw_fields
    assert len(merged.rules) < merged.raw_materials
