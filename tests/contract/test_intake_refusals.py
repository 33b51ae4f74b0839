"""Broken intake files: each is refused with code, sentence and place, and nothing is written (CONTRACT)."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.entry.demo_cases import one_person_company, person, restaurant, small_catering, sole_prop
from samples.applications import application
from samples.programs import Desk, TrainingCentre

RESOURCES = Path(__file__).parents[2] / "resources"
GOOD = sole_prop(20)
WRONG_DIGIT = GOOD["applicant"]["id_no"][:-1] + ("0" if GOOD["applicant"]["id_no"][-1] != "0" else "1")
DROP = object()


def changed(path: str, value: Any, file: dict[str, Any] = GOOD) -> dict[str, Any]:
    """Return a copy of a good file with one value put in its place, or dropped."""
    tree: dict[str, Any] = json.loads(json.dumps(file))
    *parents, last = path.split("/")
    holder = tree
    for key in parents:
        holder = holder.setdefault(key, {})
    if value is DROP:
        del holder[last]
    else:
        holder[last] = value
    return tree


def pasted(needle: str, text: str) -> bytes:
    """Return the good file with one piece of its text replaced, for what a dict cannot hold."""
    whole = json.dumps(GOOD, ensure_ascii=False)
    assert needle in whole
    return whole.replace(needle, text, 1).encode()


class Broken(NamedTuple):
    name: str
    content: Any
    code: str
    where: str


MATERIAL = "materials/application"
COMPANY = {"type": "organisation", "name": "大连演示商贸有限公司", "uscc": "92210213MA10WXYT7M"}
LATE = {"received_at": "2026-01-05T09:30:00+08:00", "reason": "系统故障（演示）"}
CANCEL = application(
    load(read_dir(RESOURCES / "catalogue")), "simple-cancel", answers={"entity_kind": "company"}
) | {"action": "receive"}
CANCEL["form"]["notice_from"] = "2026-09-10"
"""Its notice runs to 30 September, while the training centre is at the 18th."""
FILES = [
    # The file itself
    Broken("empty", b"", "intake.not-json", ""),
    Broken("not JSON", b"{'item': 1}", "intake.not-json", ""),
    Broken("cut off", json.dumps(GOOD).encode()[:-20], "intake.not-json", ""),
    Broken("not an object", b"[]", "intake.not-object", ""),
    Broken("GBK", json.dumps(GOOD, ensure_ascii=False).encode("gb18030"), "intake.encoding", ""),
    Broken("UTF-16", json.dumps(GOOD).encode("utf-16"), "intake.encoding", ""),
    Broken("half a character", pasted('"action"', r'"note": "\ud800", "action"'), "intake.encoding", "note"),
    Broken("huge", changed("note", "长" * 500_000), "intake.too-large", ""),
    Broken("NaN", pasted('"employees": 3', '"employees": NaN'), "intake.number", ""),
    Broken("Infinity", pasted('"employees": 3', '"employees": -Infinity'), "intake.number", ""),
    Broken("endless digits", pasted('"employees": 3', '"employees": ' + "9" * 5000), "intake.number", ""),
    Broken("large number", changed("form/employees", 10**13), "intake.number", "form.employees"),
    Broken("repeated key", pasted('"item"', '"item": "x", "item"'), "intake.repeated-key", "item"),
    Broken("deep", pasted('"answers": {', '"answers": {"x": ' + "[" * 40 + "]" * 40 + ", "), "intake.too-deep",
           "answers.x" + "[0]" * 31),
    Broken("bottomless", b"[" * 200_000, "intake.too-deep", ""),
    Broken("control character", changed("form/name", "演示\u0007店"), "intake.control-character", "form.name"),
    Broken("turned writing", changed("applicant/name", "演\u202e示"), "intake.control-character", "applicant.name"),
    Broken("long text", changed("form/business_scope", "长" * 4001), "intake.text-too-long", "form.business_scope"),
    Broken("many entries", changed("answers", {f"k{n}": 1 for n in range(501)}), "intake.too-many", "answers"),
    # Its keys
    Broken("unknown key", changed("colour", "red"), "intake.unknown-key", "colour"),
    Broken("unknown key of applicant", changed("applicant/age", 30), "intake.unknown-key", "applicant.age"),
    Broken("unknown key of agent", changed("agent", person(21) | {"x": 1}), "intake.unknown-key", "agent.type"),
    Broken("unknown key of material", changed(f"{MATERIAL}/colour", 1), "intake.unknown-key",
           "materials.application.colour"),
    Broken("unknown answer", changed("answers/weather", "fine"), "intake.unknown-key", "answers.weather"),
    Broken("unknown field", changed("form/weather", "fine"), "intake.unknown-key", "form.weather"),
    Broken("no applicant", changed("applicant", DROP), "intake.missing", "applicant"),
    Broken("no action", changed("action", DROP), "intake.missing", "action"),
    Broken("no name", changed("applicant/name", ""), "intake.missing", "applicant.name"),
    Broken("no number", changed("applicant/id_no", DROP), "intake.missing", "applicant.id_no"),
    Broken("no field", changed("form/address", DROP), "intake.missing", "form.address"),
    Broken("no answer", changed("answers/address_mode", DROP), "intake.missing", "answers.address_mode"),
    Broken("neither item nor package", changed("item", DROP), "intake.item-or-package", "item"),
    Broken("item and package", changed("package", "open-restaurant"), "intake.item-or-package", "item"),
    # Its values
    Broken("wrong type", changed("form", []), "intake.wrong-type", "form"),
    Broken("text for a number", changed(f"{MATERIAL}/pages", "四"), "intake.wrong-type", "materials.application.pages"),
    Broken("null applicant", changed("applicant", None), "intake.wrong-type", "applicant"),
    Broken("negative copies", changed(f"{MATERIAL}/copies", -1), "intake.number", "materials.application.copies"),
    Broken("float money", changed("form/capital", 10.5), "intake.number", "form.capital"),
    Broken("number for money", changed("form/capital", 10), "intake.wrong-type", "form.capital"),
    Broken("money with commas", changed("form/capital", "10,000"), "form.money", "form.capital"),
    Broken("impossible date", changed("form/contribution_due", "2029-02-30", one_person_company(20)), "form.date",
           "form.contribution_due"),
    Broken("unknown action", changed("action", "approve"), "intake.unknown-value", "action"),
    Broken("unknown state", changed(f"{MATERIAL}/state", "lost"), "intake.unknown-value", "materials.application.state"),
    Broken("unknown answer value", changed("answers/address_mode", "moon"), "intake.unknown-value",
           "answers.address_mode"),
    Broken("unknown id type", changed("applicant/id_type", "999"), "intake.unknown-value", "applicant.id_type"),
    Broken("unknown party type", changed("applicant/type", "ghost"), "intake.unknown-value", "applicant.type"),
    Broken("wrong check digit", changed("applicant/id_no", WRONG_DIGIT), "code.resident-id.check-digit",
           "applicant.id_no"),
    Broken("born never", changed("applicant/id_no", "210213199002300012"), "code.resident-id.date", "applicant.id_no"),
    Broken("born tomorrow", changed("applicant/id_no", "210213209903070016"), "code.resident-id.future",
           "applicant.id_no"),
    Broken("wrong uscc digit", changed("applicant", COMPANY | {"uscc": "92210213MA10WXYT7A"}),
           "code.uscc.check-digit", "applicant.uscc"),
    Broken("a person's uscc", changed("applicant/uscc", "92210213MA10WXYT7M"), "party.person-has-no-uscc",
           "applicant.uscc"),
    Broken("wrong phone", changed("applicant/phone", "call me"), "party.phone", "applicant.phone"),
    # Overrides
    Broken("override without reason", changed("overrides", {"applicant.id_no": " "}), "intake.override-needs-reason",
           "overrides.applicant.id_no"),
    Broken("override of something else", changed("overrides", {"form.capital": "急"}), "intake.cannot-override",
           "overrides.form.capital"),
    Broken("override for nothing", changed("overrides", {"applicant.id_no": "核对过"}), "intake.override-unused",
           "overrides.applicant.id_no"),
    Broken("override of an impossible date", changed("overrides", {"applicant.id_no": "核对过"},
           changed("applicant/id_no", "210213199002300012")), "code.resident-id.date", "applicant.id_no"),
    # Item and materials
    Broken("unknown item", changed("item", "moon-landing"), "intake.unknown-item", "item"),
    Broken("unknown package", changed("package", "moon-landing", changed("item", DROP)), "intake.unknown-item",
           "package"),
    Broken("a package named as item", changed("item", "open-restaurant"), "intake.unknown-item", "item"),
    Broken("unknown material", changed("materials/treasure-map", {"state": "received"}), "intake.unknown-material",
           "materials.treasure-map"),
    Broken("absent material", changed("materials/investor-id", DROP), "intake.material-absent",
           "materials.investor-id"),
    Broken("material never tolerated", changed(f"{MATERIAL}/state", "tolerated"), "intake.material-state",
           "materials.application"),
    Broken("material never shared", changed("materials/layout/state", "shared", small_catering(20)),
           "intake.material-state", "materials.layout"),
    Broken("agent without a paper", changed("agent", {"name": "演示甲", "id_type": "111",
           "id_no": person(21)["id_no"]}), "intake.material-absent", "materials.agent-id"),
    # What the law bars
    Broken("accept a registration", changed("action", "accept"), "decision.registration-family", "action"),
    Broken("register a licence", changed("action", "register", small_catering(20)), "decision.not-registration",
           "action"),
    Broken("accept with a gap", changed("materials/application/state", "lacking", small_catering(20)),
           "decision.lacking", "action"),
    Broken("accept a defect", changed("materials/application/state", "defective", small_catering(20)),
           "decision.defective", "action"),
    Broken("nothing to correct", changed("action", "correct", small_catering(20)), "decision.nothing-to-correct",
           "action"),
    Broken("guide from the hall", changed("action", "guide", small_catering(20)), "decision.may-take-here", "action"),
    Broken("no licence needed", changed("action", "not-needed", small_catering(20)), "decision.licence-needed",
           "action"),
    Broken("refuse without a word", changed("action", "refuse", small_catering(20)),
           "intake.refusal-needs-reason", "note"),
    Broken("refuse without an organ", changed("note", "不属本机关", changed("action", "refuse", small_catering(20))),
           "intake.refusal-needs-organ", "competent_organ"),
    Broken("a name the law bars", changed("form/name", "演示有限公司"), "form.rule", "form.name"),
    # How it came
    Broken("long ticket", changed("ticket", "A" * 21), "intake.text-too-long", "ticket"),
    Broken("number for a ticket", changed("ticket", 18), "intake.wrong-type", "ticket"),
    Broken("unknown channel", changed("channel", "pigeon"), "intake.unknown-value", "channel"),
    Broken("green without words", changed("green", True), "intake.wrong-type", "green"),
    Broken("backfill in one word", changed("backfill", "昨天"), "intake.wrong-type", "backfill"),
    Broken("unknown key of backfill", changed("backfill", LATE | {"colour": 1}), "intake.unknown-key",
           "backfill.colour"),
    Broken("backfill without a time", changed("backfill", {"reason": "演示"}), "intake.missing",
           "backfill.received_at"),
    Broken("backfill without a reason", changed("backfill", LATE | {"reason": " "}), "intake.missing",
           "backfill.reason"),
    Broken("backfill at no time", changed("backfill", LATE | {"received_at": "2026-13-01"}), "intake.backfill-time",
           "backfill.received_at"),
    Broken("backfill from the future", changed("backfill", LATE | {"received_at": "2068-01-05T09:00:00"}),
           "intake.backfill-future", "backfill.received_at"),
    Broken("accepted before it came", changed("backfill", LATE | {"accepted_on": "2026-01-04"}),
           "intake.backfill-order", "backfill.accepted_on"),
    Broken("accepted elsewhere, registered here", changed("backfill", LATE | {"accepted_on": "2026-01-06"}),
           "intake.backfill-not-accepted", "backfill.accepted_on"),
    # Special procedures
    Broken("decide where nobody may", changed("action", "decide", small_catering(20)), "decision.not-decided-here",
           "action"),
    Broken("decide a registration", changed("action", "decide"), "decision.registration-family", "action"),
    Broken("a place that is none", changed("form/cluster_place", "nowhere", changed("answers/address_mode",
           "cluster")), "intake.not-in-register", "form.cluster_place"),
    Broken("a place nobody asked for", changed("form/cluster_place", "place-01"), "intake.unknown-key",
           "form.cluster_place"),
    Broken("not eligible", changed("answers/unsettled", True, CANCEL), "intake.not-eligible", "answers.unsettled"),
    Broken("notice still running", CANCEL, "intake.notice-running", "form.notice_from"),
    Broken("notice long over", changed("form/notice_from", "2026-01-05", CANCEL), "intake.notice-over",
           "form.notice_from"),
    Broken("notice of another age", changed("form/notice_from", "1926-01-05", CANCEL), "calendar.out-of-range",
           "form.notice_from"),
    # Files
    Broken("outside the folder", changed(f"{MATERIAL}/files", ["../secret.pdf"]), "intake.file-outside",
           "materials.application.files[0]"),
    Broken("missing page", changed(f"{MATERIAL}/files", ["nowhere.jpg"]), "intake.file-missing",
           "materials.application.files[0]"),
]  # fmt: skip


@pytest.fixture(scope="module")
def empty(training: TrainingCentre) -> Desk:
    """A desk that only ever refuses, and so stays empty."""
    return training.desk()


@pytest.mark.parametrize("broken", FILES, ids=lambda broken: broken.name.replace(" ", "-"))
def test_a_broken_file_is_refused_by_code_sentence_and_place(empty: Desk, broken: Broken) -> None:
    file = str(empty.file(broken.content))
    error = empty.refused("intake", file)
    assert (error["code"], error["where"]) == (broken.code, broken.where or file)
    assert empty.events() == (0, 0)


def png(width: int, height: int) -> bytes:
    """Return a PNG that says it is this large; its pixels are all black and take next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 20_000)), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PAGES = {
    "bomb.png": (png(60_000, 60_000), "device.scan.too-large"),
    "text.jpg": (b"\xff\xd8\xff\xe0 no picture at all", "device.scan.damaged"),
    "program.exe": (b"MZ\x90\x00", "device.scan.unknown-type"),
    "empty.pdf": (b"", "device.scan.empty"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_none_is_refused_with_its_place(hall: Desk, name: str) -> None:
    data, code = PAGES[name]
    before = hall.events()
    hall.file(data, name)
    file = changed(f"{MATERIAL}/files", [name])
    error = hall.refused("intake", str(hall.file(file)))
    assert (error["code"], error["where"]) == (code, "materials.application.files[0]")
    assert hall.events() == before


def test_a_refusal_keeps_none_of_the_pages(hall: Desk) -> None:
    hall.file(png(200, 301), "kept.png")
    file = changed(f"{MATERIAL}/files", ["kept.png"], changed("materials/investor-id/state", "defective"))
    before = kept(hall)
    hall.refused("intake", str(hall.file(file)))
    assert kept(hall) == before
    hall.take(changed(f"{MATERIAL}/files", ["kept.png"]))
    assert len(kept(hall)) == len(before) + 1


def kept(hall: Desk) -> set[Path]:
    """Return the files of scans, stored and waiting."""
    return {path for name in ("blobs", "spool") for path in (hall.home / name).rglob("*") if path.is_file()}


def test_a_page_named_by_its_whole_path_is_taken(hall: Desk, tmp_path: Path) -> None:
    page = tmp_path / "页.png"
    page.write_bytes(png(200, 300))
    taken = hall.take(changed(f"{MATERIAL}/files", [str(page)]))
    shown = hall.show(taken["case_no"])
    assert len(shown["materials"]["application"]["files"]) == 1
    assert hall.done("verify")["ok"]


def test_a_station_does_not_take_what_only_the_hall_takes(jp03: Desk) -> None:
    before = jp03.events()
    sign = changed("item", "outdoor-sign", small_catering(20))
    for file in (restaurant(20), sign):
        error = jp03.refused("intake", str(jp03.file(file)))
        assert jp03.events() == before
        assert error["code"] in {"decision.station", "intake.missing"}
    error = jp03.refused("intake", str(jp03.file(restaurant(20))))
    assert (error["code"], error["where"]) == ("decision.station", "action")


def test_a_batch_takes_the_good_lines_and_names_the_bad_ones(hall: Desk) -> None:
    _, cases = hall.events()
    bad = [broken for broken in FILES if isinstance(broken.content, dict)][:6]
    lines = [GOOD, *(broken.content for broken in bad), b"not json at all", b"   ", small_catering(21)]
    finished = hall.run("intake", "--batch", str(hall.batch(lines)), "--no-documents")
    assert finished.code == 2
    first, *refused, last = finished.lines
    assert [line["item"] for line in (first, last)] == ["sole-prop-setup", "small-catering"]
    assert [line["error"]["code"] for line in refused] == [
        *(broken.code for broken in bad),
        "intake.not-json",
    ]
    assert [line["line"] for line in refused] == list(range(2, 2 + len(refused)))
    assert hall.events()[1] == cases + 2


def test_a_batch_of_good_lines_ends_well(hall: Desk) -> None:
    finished = hall.run("intake", "--batch", str(hall.batch([GOOD, GOOD])), "--no-documents")
    assert (finished.code, finished.err) == (0, "")
    assert len({line["case_no"] for line in finished.lines}) == 2
