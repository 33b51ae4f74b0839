"""A case from its receipt to its end, on the command line: what the law allows, and what it does not."""

from __future__ import annotations

import json
from typing import Any

import pypdfium2
import pytest

from jinpu_desk.entry.demo_cases import food_business, outdoor_sign, restaurant, small_catering, sole_prop
from samples.programs import LEAD, REVIEWER, Desk, TrainingCentre

RECEIVED, CORRECTING, ACCEPTED, DENIED, APPROVED, CLOSED, REFUSED, WITHDRAWN, TERMINATED = (
    26, 28, 30, 40, 50, 90, 97, 98, 99,
)  # fmt: skip
HERE = {"state": "received", "copies": 1, "pages": 1}
APPROVE = {"approved": True, "result_name": "演示许可证", "result_no": "演示0001"}


def status(desk: Desk, number: str) -> int:
    return int(desk.show(number)["status"])


@pytest.fixture(scope="module", autouse=True)
def everybody(hall: Desk) -> None:
    """The lead and the reviewer log in at this desk once, through the centre."""
    for clerk in (LEAD, REVIEWER):
        hall.done("status", clerk=clerk)


def test_a_correction_is_asked_for_once(hall: Desk) -> None:
    taken = hall.take(outdoor_sign(60, "correct", rendering="lacking"), papers=True)
    number = taken["case_no"]
    assert (taken["status"], [paper["kind"] for paper in taken["documents"]]) == (CORRECTING, ["D3"])
    assert hall.act_refused(number, "accept")["code"] == "case.wrong-status"
    back = hall.act(number, "resubmit", {"materials": {"rendering": {"state": "defective", "copies": 1}}})
    assert back["status"] == RECEIVED
    again = hall.act_refused(number, "correct")
    assert again["code"] in {"case.second-correction", "decision.second-correction"}
    assert "行政许可法第三十二条" in again["message"]
    assert "一次性" in again["message"]
    hall.act(number, "tick", {"materials": {"rendering": HERE}})
    accepted = hall.act(number, "accept")
    assert accepted["status"] == ACCEPTED
    assert "D2" in {paper["kind"] for paper in accepted["documents"]}
    types = [event["type"] for event in hall.show(number)["events"]]
    assert types[:4] == ["case.received", "case.correction_noticed", "paper.issued", "case.resubmitted"] or (
        "case.resubmitted" in types
    )


def test_a_supervisor_may_ask_again_with_a_reason(hall: Desk) -> None:
    number = hall.take(outdoor_sign(61, "correct", rendering="lacking"))["case_no"]
    hall.act(number, "resubmit", {"materials": {"rendering": {"state": "defective"}}})
    said = {"problems": {"rendering": "仍无尺寸"}, "override_reason": "演示：申请人书面同意"}
    assert hall.act_refused(number, "correct", said)["code"] in {"role.may-not", "case.second-correction"}
    assert hall.act(number, "correct", said, clerk=LEAD)["status"] == CORRECTING


def test_what_is_tolerated_blocks_the_result_until_it_comes(hall: Desk) -> None:
    taken = hall.take(small_catering(62, layout="tolerated"), papers=True)
    number = taken["case_no"]
    assert taken["flags"] == ["tolerated"]
    assert taken["supplement_by"] is not None
    assert "D5" in {paper["kind"] for paper in taken["documents"]}
    assert hall.done("act", number, "note", "--data", '{"text": "等平面图"}')["status"] == ACCEPTED
    blocked = hall.run("act", number, "decide", "--data", '{"approved": true}', clerk=REVIEWER).refusal()
    assert blocked["code"] == "case.tolerance-open"
    missing = {"materials": {"layout": {"state": "lacking"}}}
    assert hall.act_refused(number, "supplement", missing)["code"] == "act.supplement-state"
    unknown = hall.act_refused(number, "supplement", {"materials": {"map": HERE}})
    assert unknown["code"] == "intake.unknown-material"
    supplemented = hall.act(number, "supplement", {"materials": {"layout": HERE}})
    assert supplemented["flags"] == []
    assert hall.act(number, "decide", APPROVE, clerk=REVIEWER)["status"] == APPROVED


def test_who_accepted_does_not_decide(hall: Desk) -> None:
    number = hall.take(food_business(63))["case_no"]
    assert hall.act_refused(number, "decide", APPROVE)["code"] == "case.same-hands"
    assert hall.act_refused(number, "decide", {"approved": False}, clerk=REVIEWER)["code"] == (
        "case.denial-needs-reason"
    )
    denied = {"approved": False, "reason": "不符合条件（演示）", "article": "食品安全法第三十五条"}
    assert hall.act(number, "decide", denied, clerk=REVIEWER)["status"] == DENIED


@pytest.fixture(scope="module")
def later(training: TrainingCentre) -> Desk:
    """A desk whose days go on: once it has seen a later day, its offline grants are over."""
    return training.desk()


def test_a_clock_that_stands_lets_nobody_decide(later: Desk) -> None:
    number = later.take(food_business(64))["case_no"]
    pause = {"reason": "hearing", "approver": "演示主管"}
    assert later.act_refused(number, "pause", pause)["code"] == "role.may-not"
    assert (
        later.act_refused(number, "pause", pause | {"reason": "lunch"}, clerk=LEAD)["code"]
        == "act.pause-reason"
    )
    paused = later.act(number, "pause", pause, clerk=LEAD)
    assert "paused" in paused["flags"]
    assert paused["due"] is None
    error = later.act_refused(number, "decide", APPROVE, clerk=REVIEWER)
    assert (error["code"], "第四十五条" in error["message"]) == ("case.decide-while-paused", True)
    assert later.act_refused(number, "pause", pause, clerk=LEAD)["code"] == "case.already-paused"
    tuesday = "2026-09-22T09:00:00+08:00"
    resumed = later.act(number, "resume", clerk=LEAD, clock=tuesday)
    assert resumed["due"] > "2026-09-23"
    assert later.act_refused(number, "resume", clerk=LEAD)["code"] == "case.not-paused"


def test_a_term_is_extended_once_and_in_time(later: Desk) -> None:
    number = later.take(food_business(65))["case_no"]
    ask = {"days": 5, "reason": "演示：情况复杂", "approver": "演示主管"}
    too_many = later.act_refused(number, "extend", ask | {"days": 6}, clerk=LEAD)
    assert (too_many["code"], "第四十二条" in too_many["message"]) == ("act.extension-days", True)
    assert (
        later.act_refused(number, "extend", ask | {"approver": " "}, clerk=LEAD)["code"] == "intake.missing"
    )
    assert "extended" in later.act(number, "extend", ask, clerk=LEAD)["flags"]
    assert later.act_refused(number, "extend", ask, clerk=LEAD)["code"] == "case.already-extended"
    late = later.take(food_business(66))["case_no"]
    error = later.refused(
        "act", late, "extend", "--data", '{"days": 1, "reason": "迟", "approver": "演示"}',
        clerk=LEAD, clock="2026-10-30T09:00:00+08:00",
    )  # fmt: skip
    assert error["code"] == "act.extend-too-late"


def test_a_result_is_handed_out_once(hall: Desk) -> None:
    number = hall.take(food_business(67))["case_no"]
    out = {"method": "pick-up", "recipient": "古丽·演示", "relation": "本人"}
    assert hall.act_refused(number, "hand-out", out)["code"] in {"case.no-result-yet", "case.wrong-status"}
    hall.act(number, "decide", APPROVE, clerk=REVIEWER)
    assert hall.act_refused(number, "hand-out", {"method": "post"})["code"] == "intake.missing"
    assert hall.act_refused(number, "hand-out", {"method": "pigeon"})["code"] == "intake.unknown-value"
    hall.act(number, "hand-out", out)
    assert hall.act_refused(number, "hand-out", out)["code"] == "case.already-served"
    assert status(hall, number) in {APPROVED, CLOSED}
    if status(hall, number) == APPROVED:
        assert hall.act(number, "close")["status"] == CLOSED


def test_refused_withdrawn_and_voided_cases_end(hall: Desk) -> None:
    waiting = hall.take(small_catering(68, "receive"))["case_no"]
    no = {"reason": "不属于本机关职权（演示）", "competent_organ": "演示区卫生健康局"}
    assert hall.act_refused(waiting, "refuse", {"reason": "不行"})["code"] == "intake.missing"
    assert hall.act_refused(waiting, "refuse", no | {"competent_organ": " "})["code"] == (
        "intake.refusal-needs-organ"
    )
    assert hall.act(waiting, "refuse", no)["status"] == REFUSED
    assert hall.act_refused(waiting, "withdraw", {"reason": "晚了"})["code"] == "case.wrong-status"
    going = hall.take(small_catering(69))["case_no"]
    assert hall.act_refused(going, "withdraw", {"reason": ""})["code"] == "intake.missing"
    assert hall.act(going, "withdraw", {"reason": "申请人书面撤回（演示）"})["status"] == WITHDRAWN
    wrong = hall.take(small_catering(70))["case_no"]
    assert hall.act_refused(wrong, "void", {"reason": "录入错误"})["code"] == "role.may-not"
    assert "voided" in hall.act(wrong, "void", {"reason": "录入错误（演示）"}, clerk=LEAD)["flags"]
    assert hall.act_refused(wrong, "void", {"reason": "再来"}, clerk=LEAD)["code"] in {
        "case.already-voided",
        "case.wrong-status",
    }


BAD_DATA = [
    ("note", {"text": "x", "colour": 1}, "intake.unknown-key", "data.colour"),
    ("note", {}, "intake.missing", "data.text"),
    ("note", {"text": 7}, "intake.wrong-type", "data.text"),
    ("tick", {"materials": {}}, "act.no-materials", "data.materials"),
    ("tick", {"materials": {"layout": {"state": "gone"}}}, "intake.unknown-value", ""),
    ("dance", {}, "act.unknown-verb", "dance"),
    ("edit", {"changes": {}}, "act.no-changes", "data.changes"),
    ("edit", {"changes": {"form.nothing": 1}}, "", ""),
    ("edit", {"changes": {"form.phone": "x"}}, "", ""),
    ("on-the-spot", {"changes": {"form.name": "演示新名"}, "signed": False}, "act.correction-unsigned", "data.signed"),
]  # fmt: skip


def test_wrong_data_is_named_and_changes_nothing(hall: Desk) -> None:
    number = hall.take(small_catering(71, "receive"))["case_no"]
    for verb, data, code, where in BAD_DATA:
        error = hall.act_refused(number, verb, data)
        if code:
            assert (error["code"], verb) == (code, verb)
        if where:
            assert error["where"] == where
    wrong_digit = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert hall.refused("act", wrong_digit, "note")["code"] == "numbering.case-no.check-digit"


BAD_JSON = [
    ("{text: 1}", "intake.not-json", "--data"),
    ("[]", "intake.not-object", "--data"),
    ('{"text": NaN}', "intake.number", "--data"),
    ('{"text": "一", "text": "二"}', "intake.repeated-key", "text"),
    ('{"text": ' + "[" * 5000, "intake.too-deep", "--data"),
    ('{"text": ' + "[" * 50 + "]" * 50 + "}", "intake.too-deep", "data.text" + "[0]" * 32),
    (r'{"text": "\ud800"}', "intake.encoding", "data.text"),
    (r'{"text": "响\u0007"}', "intake.control-character", "data.text"),
    (r'{"text": "甲\u202e乙"}', "intake.control-character", "data.text"),
    (json.dumps({"text": "长" * 4001}), "intake.text-too-long", "data.text"),
    ('{"text": 1.5}', "intake.number", "data.text"),
]


def test_data_that_is_no_sound_json_changes_nothing(hall: Desk) -> None:
    number = hall.take(small_catering(79, "receive"))["case_no"]
    before = hall.events()
    for text, code, where in BAD_JSON:
        error = hall.refused("act", number, "note", "--data", text)
        assert (error["code"], error["where"]) == (code, where)
    for count in (-1, 10_000):
        ticked = json.dumps({"materials": {"layout": {"state": "received", "copies": count}}})
        error = hall.refused("act", number, "tick", "--data", ticked)
        assert (error["code"], error["where"]) == ("intake.number", "data.materials.layout.copies")
    assert hall.events() == before


def test_a_paper_that_cannot_be_made_leaves_the_case_and_says_so(training: TrainingCentre) -> None:
    desk = training.desk()
    long_ago = "2019-01-02T10:00:00+08:00"  # no layout is that old
    error = desk.refused("intake", str(desk.file(sole_prop(79))), code=3, clock=long_ago)
    (number,) = desk.numbers()
    assert error["code"] == "paper.not-issued"
    assert number in error["message"]
    assert status(desk, number) == CLOSED


def test_a_small_error_is_put_right_at_the_counter(hall: Desk) -> None:
    number = hall.take(small_catering(72, "receive"))["case_no"]
    hall.act(number, "on-the-spot", {"changes": {"form.name": "金普演示新名店"}, "signed": True})
    assert hall.show(number)["form"]["name"] == "金普演示新名店"
    assert hall.act(number, "accept")["status"] == ACCEPTED


def test_a_registration_is_taken_in_first_and_registered_later(hall: Desk) -> None:
    taken = hall.take(sole_prop(73, "receive", address_proof="lacking"))
    number = taken["case_no"]
    assert taken["status"] == RECEIVED
    error = hall.act_refused(number, "register")
    assert error["code"] == "decision.lacking"
    assert hall.act_refused(number, "accept")["code"] == "decision.registration-family"
    hall.act(number, "tick", {"materials": {"address-proof": HERE}})
    done = hall.act(number, "register")
    assert (done["status"], [paper["kind"] for paper in done["documents"]]) == (CLOSED, ["D7"])


def test_a_station_takes_what_is_its_own_and_guides_the_rest_to_the_hall(jp03: Desk, hall: Desk) -> None:
    assert jp03.take(sole_prop(74))["status"] == CLOSED  # the stations register
    file = small_catering(75, "guide")
    guided = jp03.take(file, papers=True)
    assert (guided["status"], guided["flags"]) == (5, ["guided"])
    assert [paper["kind"] for paper in guided["documents"]] == ["D13"]
    not_here = {"action": "refuse", "note": "不在本所办理", "competent_organ": "演示局"}
    error = jp03.refused("intake", str(jp03.file(file | not_here)))
    assert error["code"].startswith("decision.")
    jp03.done("sync")
    hall.done("sync")
    assert hall.show(guided["case_no"])["guided_to"]
    here = file | {"action": "accept", "guided_case": guided["case_no"]}
    taken = hall.take(here)
    assert (taken["case_no"], taken["status"]) == (guided["case_no"], ACCEPTED)
    assert hall.refused("intake", str(hall.file(here)))["code"] == "case.already-received"
    gone = here | {"guided_case": "210213999992026091800017"}
    assert hall.refused("intake", str(hall.file(gone)))["where"] == "guided_case"


def test_the_branches_of_a_package_are_decided_in_any_order(hall: Desk) -> None:
    taken = hall.take(restaurant(76), papers=True)
    children = taken["children"]
    assert len(children) == len(set(children)) == 4
    shown = {number: hall.show(number) for number in children}
    items = {case["item"]: number for number, case in shown.items()}
    assert set(items) == {"individual-setup", "food-business-new", "outdoor-sign", "fire-safety-check"}
    assert all(case["parent"] == taken["case_id"] for case in shown.values())
    for item in ("outdoor-sign", "fire-safety-check"):
        assert hall.act(items[item], "decide", APPROVE, clerk=REVIEWER)["status"] == APPROVED
    assert hall.act(items["individual-setup"], "register")["status"] == CLOSED
    assert hall.act_refused(items["food-business-new"], "decide", APPROVE, clerk=REVIEWER)["code"] == (
        "case.tolerance-open"
    )


def test_silence_for_five_working_days_is_acceptance(training: TrainingCentre) -> None:
    desk = training.desk()
    silent = desk.take(small_catering(77, "receive"))["case_no"]
    registration = desk.take(sole_prop(78, "receive"))["case_no"]
    desk.done("sync", clock="2026-09-23T17:00:00+08:00")  # Sunday the 20th is worked: the fourth day
    assert status(desk, silent) == RECEIVED
    desk.done("sync", clock="2026-09-29T09:00:00+08:00")
    shown = desk.show(silent)
    assert (shown["status"], shown["deemed"], shown["accepted_on"]) == (ACCEPTED, True, "2026-09-18")
    assert "deemed" in shown["flags"]
    assert status(desk, registration) == RECEIVED
    assert [event["type"] for event in shown["events"]].count("case.accepted") == 1


def test_document_numbers_run_out_offline_and_come_later(training: TrainingCentre) -> None:
    desk = training.desk()
    left = correction_numbers(training)
    files = [outdoor_sign_like(n) for n in range(left + 2)]
    training.stop()
    try:
        finished = desk.run("intake", "--batch", str(desk.batch(files)))
        assert finished.code == 0
        papers = [paper for line in finished.lines for paper in line["documents"]]
        numbered = [paper["doc_no"] for paper in papers if paper["doc_no"]]
        assert len(numbered) == len(set(numbered)) == left
        without = [line["case_no"] for line in finished.lines if not line["documents"][0]["doc_no"]]
        assert len(without) == 2
    finally:
        training.start()
    desk.done("sync")
    later = desk.done("print", without[0], "D3", "--reason", "补文号")
    assert later["doc_no"]
    assert later["doc_no"] not in numbered
    assert later["doc_no"] in text_of(later["path"])
    again = desk.done("print", without[0], "D3", "--reason", "再补一份")
    assert (again["doc_no"], again["reprint"]) == (later["doc_no"], 2)
    assert desk.done("verify")["ok"]


def text_of(path: str) -> str:
    """Return the text of a file's first page."""
    document = pypdfium2.PdfDocument(path)
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    return str(text)


def correction_numbers(training: TrainingCentre) -> int:
    """Return how many numbers of D3 a window is leased: three working days' worth (resources/centre.toml)."""
    from samples.centres import SETTINGS

    return next(entry.block for entry in SETTINGS.templates if entry.kind == "D3")


def outdoor_sign_like(number: int) -> dict[str, Any]:
    return small_catering(number, "correct", layout="lacking")


def test_document_numbers_of_two_desks_differ(hall: Desk, hall_two: Desk) -> None:
    numbers = [
        paper["doc_no"]
        for desk in (hall, hall_two)
        for n in range(3)
        for paper in desk.take(small_catering(80 + n), papers=True)["documents"]
        if paper["doc_no"]
    ]
    assert len(numbers) == len(set(numbers)) == 6
