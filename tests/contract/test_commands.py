"""``jinpu-desk`` as people and scripts use it: one JSON object, the promised exit codes, sentences for a clerk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jinpu_desk.entry.demo_cases import food_business, outdoor_sign, person_id, small_catering, sole_prop
from samples.programs import CLERK, DESK, LEAD, Desk, Finished, TrainingCentre

CATALOGUE = Path(__file__).parents[2] / "resources" / "catalogue"


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A home that was never set up."""
    return Desk(tmp_path_factory.mktemp("new") / "home")


def finished(process: subprocess.Popen[str]) -> Finished:
    out, err = process.communicate(timeout=120)
    return Finished(process.returncode, out, err)


def program(*arguments: str, **environment: str) -> Finished:
    """Run ``jinpu-desk`` as a process, with nobody at a terminal."""
    done = subprocess.run(
        [*DESK, *arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    return Finished(done.returncode, done.stdout, done.stderr)


# What is not there, and what is written wrongly

LATER = [
    ("epoch", "bump"),
]
WRONG = [
    (),
    ("intake",),
    ("intake", "a.json", "--batch", "b.jsonl"),
    ("act", "1"),
    ("deadline",),
    ("catalogue",),
    ("status", "--colour"),
    ("find", "演示", "--limit", "many"),
]


@pytest.mark.parametrize("words", LATER, ids="-".join)
def test_a_command_of_a_later_release_is_unknown(nobody: Desk, words: tuple[str, ...]) -> None:
    assert nobody.refused(*words)["code"] in {
        "cli.unknown-command",
        "cli.unknown-choice",
        "cli.argument-unknown",
    }


@pytest.mark.parametrize("words", WRONG[1:], ids="-".join)
def test_a_command_line_written_wrongly_says_so_in_chinese(nobody: Desk, words: tuple[str, ...]) -> None:
    error = nobody.refused(*words)
    assert error["code"].startswith("cli.")
    assert not any(english in error["message"] for english in ("required", "invalid", "argument", "choose"))


def test_help_needs_nothing() -> None:
    done = program("--help")
    assert (done.code, done.err) == (0, "")
    assert "收件" in done.out


# Without a desk


def test_deadline_counts_working_days_step_by_step(nobody: Desk) -> None:
    answer = nobody.done("deadline", "--from", "2026-09-18", "--days", "5")
    assert (answer["due"], answer["provisional"]) == ("2026-09-24", False)
    assert answer["steps"]
    paused = ("deadline", "--from", "2026-09-01", "--days", "20", "--pause", "2026-09-08:2026-09-15")
    assert nobody.done(*paused)["due"] > nobody.done(*paused[:5])["due"]
    beyond = nobody.done("deadline", "--from", "2027-12-20", "--days", "20")
    assert beyond["provisional"] is True
    assert beyond["due"] in beyond["warning"]["message"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--from", "2026-02-30", "--days", "5"), "cli.date"),
        (("--from", "next week", "--days", "5"), "cli.date"),
        (("--from", "2026-09-01", "--days", "-1"), "cli.days"),
        (("--from", "2026-09-01", "--days", "99999"), "cli.days"),
        (("--from", "2026-09-01", "--days", "5", "--pause", "2026-09-08"), "cli.pause"),
        (("--from", "2026-09-01", "--days", "5", "--pause", "2026-09-08:2026-09-01"), "cli.pause"),
        (("--from", "9999-12-31", "--days", "5"), "calendar.out-of-range"),
    ],
)
def test_deadline_names_what_is_wrong(nobody: Desk, words: tuple[str, ...], code: str) -> None:
    assert nobody.refused("deadline", *words)["code"] == code


def test_check_code_tells_what_a_number_is(nobody: Desk) -> None:
    assert nobody.done("check-code", person_id(1)) == {"kind": "resident-id", "ok": True, "warning": None}
    assert nobody.done("check-code", "91310115591309291F")["kind"] == "uscc"
    wrong = nobody.done("check-code", "210213199003070010")
    assert (wrong["ok"], wrong["warning"]["code"]) == (False, "code.resident-id.check-digit")
    assert nobody.refused("check-code", "hello")["code"] == "code.unknown"


def test_catalogue_check_names_every_fault(nobody: Desk, tmp_path: Path) -> None:
    fine = nobody.done("catalogue", "check", str(CATALOGUE))
    assert (fine["ok"], fine["items"], fine["requests"], fine["packages"]) == (True, 37, 2, 7)
    assert nobody.refused("catalogue", "check", str(tmp_path))["code"].startswith("catalogue.")
    for path in CATALOGUE.rglob("*.toml"):
        copy = tmp_path / path.relative_to(CATALOGUE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text().replace("legal_days = 20", "legal_days = -20"))
    done = nobody.run("catalogue", "check", str(tmp_path))
    (report,) = done.lines
    assert (done.code, report["ok"]) == (2, False)
    named = {problem["where"] for problem in report["problems"]}
    assert {"items/outdoor-sign.toml:legal_days", "items/small-catering.toml:legal_days"} <= named
    assert done.complaint["code"] == report["problems"][0]["code"]


def test_catalogue_diff_tells_what_changes(nobody: Desk, tmp_path: Path) -> None:
    assert nobody.done("catalogue", "diff", str(CATALOGUE), str(CATALOGUE))["same"] is True
    for path in CATALOGUE.rglob("*.toml"):
        copy = tmp_path / path.relative_to(CATALOGUE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text())
    catering = tmp_path / "items" / "small-catering.toml"
    catering.write_text(catering.read_text().replace("promised_days = 5", "promised_days = 3"))
    (tmp_path / "items" / "animal-clinic.toml").unlink()
    root = tmp_path / "catalogue.toml"
    root.write_text(root.read_text().replace('    "animal-clinic",\n', ""))
    found = nobody.done("catalogue", "diff", str(CATALOGUE), str(tmp_path))
    assert found["same"] is False
    assert [entry["name"] for entry in found["items"]["removed"]] == ["动物诊疗许可"]
    (changed,) = found["items"]["changed"]
    assert changed["terms"] == [{"where": "promised_days", "old": 5, "new": 3}]
    catering.write_text(catering.read_text().replace("promised_days = 3", "promised_days = -3"))
    refused = nobody.refused("catalogue", "diff", str(CATALOGUE), str(tmp_path))
    assert refused["where"] == "items/small-catering.toml:promised_days"


# Homes and passwords


@pytest.mark.parametrize(
    "words", [("status",), ("sync",), ("verify",), ("find", "x"), ("show", "1"), ("check-receipt", "x")]
)
def test_a_home_never_set_up_says_so(nobody: Desk, words: tuple[str, ...]) -> None:
    assert nobody.refused(*words, code=3)["code"] == "home.not-enrolled"


def test_the_home_may_come_from_the_environment(hall: Desk) -> None:
    named = program("status", JINPU_DESK_HOME=str(hall.home), JINPU_PASSWORD="演示口令")
    assert named.answer["cases"] == hall.done("status")["cases"]


def test_a_second_process_on_a_home_is_told_to_wait(hall: Desk) -> None:
    slow = hall.batch([sole_prop(30)] * 200)
    first = hall.process("intake", "--batch", str(slow), "--no-documents")
    assert first.stdout is not None
    assert json.loads(first.stdout.readline())["case_no"]
    second = finished(hall.process("status"))
    assert second.refusal(3)["code"] == "home.locked"
    first.kill()
    first.communicate()
    assert hall.done("verify")["ok"]


def test_no_password_is_asked_of_nobody(hall: Desk) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "JINPU_PASSWORD"}
    done = subprocess.run(
        [*DESK, "--home", str(hall.home), "status"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert Finished(done.returncode, done.stdout, done.stderr).refusal(3)["code"] == "cli.no-password"


def test_a_password_is_no_argument(hall: Desk) -> None:
    assert hall.refused("status", "--password", "x")["code"] == "cli.argument-unknown"
    for command in ("status", "setup", "intake", "act", "sync"):
        assert "password" not in program(command, "--help").out


def test_wrong_passwords_lock_the_clerk_out_and_nobody_else(training: TrainingCentre) -> None:
    desk = training.desk()
    desk.done("sync", clerk=LEAD)  # a second clerk logs in through the centre once
    codes = [desk.run("status", password="falsch").refusal()["code"] for _ in range(5)]
    assert set(codes) <= {"login.wrong", "login.locked"}
    assert codes[0] == "login.wrong"
    locked = desk.run("status").refusal()
    assert locked["code"] == "login.locked"
    assert "分钟" in locked["message"]
    assert desk.run("status", clerk=LEAD).code == 0
    assert desk.run("status", clock="2026-09-18T10:30:00+08:00").code == 0


def test_a_clerk_the_centre_does_not_know_stays_outside(hall: Desk) -> None:
    assert hall.refused("status", clerk="stranger")["code"].startswith("login.")


def test_a_home_is_set_up_once(training: TrainingCentre, hall: Desk) -> None:
    words = ("setup", "--server", training.url, "--code", "123456", "--clerk", CLERK)
    assert hall.refused(*words)["code"] == "home.enrolled-already"


@pytest.mark.parametrize(
    ("url", "error", "code"),
    [
        ("", "enrol.code", 2),
        ("ftp://example.invalid", "sync.address", 2),
        ("http://example.invalid", "sync.plain-http", 2),
        ("http://127.0.0.1:9", "sync.offline", 3),
    ],
)
def test_a_set_up_that_fails_can_be_repeated(
    training: TrainingCentre, tmp_path: Path, url: str, error: str, code: int
) -> None:
    desk = Desk(tmp_path / "home")
    words = ("setup", "--server", url or training.url, "--code", "wrong-code", "--clerk", CLERK)
    assert desk.refused(*words, code=code)["code"].startswith(error.rsplit(".", 1)[0])
    assert desk.refused("status", code=3)["code"] == "home.not-enrolled"


# Reading the store


@pytest.fixture(scope="module")
def taken(hall: Desk) -> dict[str, Any]:
    return hall.take(food_business(31, policies="tolerated"))


def test_an_intake_says_what_was_promised(taken: dict[str, Any]) -> None:
    keys = [
        "case_no",
        "case_id",
        "query_code",
        "item",
        "status",
        "flags",
        "received_at",
        "accepted_at",
        "due",
    ]
    keys += ["due_provisional", "supplement_by", "children", "documents"]
    assert list(taken) == keys
    assert len(taken["case_no"]) == 24
    assert len(taken["query_code"]) == 6
    assert (taken["item"], taken["status"], taken["flags"]) == ("food-business-new", 30, ["tolerated"])
    assert taken["due"] == "2026-09-23"  # the Sunday is worked
    assert taken["received_at"].startswith("2026-09-18T10:00:0")


def test_show_gives_a_case_whole(hall: Desk, taken: dict[str, Any]) -> None:
    shown = hall.show(taken["case_no"])
    assert (shown["case_no"], shown["item"], shown["due"]) == (taken["case_no"], taken["item"], taken["due"])
    assert shown["lacking"] == ["policies"]
    assert [event["type"] for event in shown["events"]] == ["case.received", "case.accepted"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("12", "numbering.case-no.format"),
        ("210213000002026091800011", "numbering.case-no.check-digit"),
        ("210213009992026091800016", ""),
    ],
)
def test_a_number_that_is_none_is_refused(hall: Desk, number: str, code: str) -> None:
    error = hall.refused("show", number)
    assert error["code"] == code or error["code"] in {"case.unknown", "numbering.case-no.check-digit"}


def test_find_searches_as_the_window_does(hall: Desk, taken: dict[str, Any]) -> None:
    number = taken["case_no"]
    applicant = food_business(31)["applicant"]
    for text in (applicant["name"], number, applicant["phone"], applicant["id_no"][-4:]):
        rows = hall.done("find", text, "--limit", "1000")["cases"]
        assert number in {row["case_no"] for row in rows}, text
    assert hall.done("find", "没有这个人")["cases"] == []
    assert len(hall.done("find", applicant["name"], "--limit", "1")["cases"]) == 1
    assert hall.refused("find", "x", "--limit", "0")["code"] == "cli.limit"


def test_list_filters_by_status_and_flag(hall: Desk, taken: dict[str, Any]) -> None:
    by_flag = hall.done("list", "--flag", "tolerated")
    assert taken["case_no"] in {row["case_no"] for row in by_flag["cases"]}
    assert all(row["status"] == 30 for row in hall.done("list", "--status", "30")["cases"])
    assert hall.done("list")["count"] == hall.done("status")["cases"]
    assert hall.refused("list", "--status", "7")["code"] == "cli.status"
    assert hall.refused("list", "--flag", "purple")["code"] == "cli.flag"


def test_the_day_is_counted(hall: Desk, taken: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "today.json"
    report = hall.done("report", "today", "--out", str(out))
    assert (report["report"], report["date"]) == ("today", "2026-09-18")
    assert sum(entry["cases"] for entry in report["by_status"].values()) >= 1
    assert json.loads(out.read_text()) == report
    assert hall.refused("report", "today", "--out", str(tmp_path / "no" / "where.json"), code=3)["code"] == (
        "cli.unwritable"
    )


def test_print_issues_once_and_then_reprints_with_a_reason(hall: Desk, tmp_path: Path) -> None:
    number = hall.take(small_catering(32))["case_no"]
    first = hall.done("print", number, "D2", "--out", str(tmp_path))
    assert Path(first["path"]).read_bytes().startswith(b"%PDF")
    assert (first["kind"], first["reprint"]) == ("D2", 0)
    assert hall.refused("print", number, "D2", "--out", str(tmp_path))["code"] == "paper.reprint-needs-reason"
    again = hall.done("print", number, "D2", "--out", str(tmp_path), "--reason", "申请人遗失")
    assert (again["reprint"], again["doc_no"], again["sha256"]) == (1, first["doc_no"], first["sha256"])
    assert Path(again["path"]).read_bytes() != Path(first["path"]).read_bytes()
    assert hall.refused("print", number, "D99")["code"] == "cli.kind"
    assert hall.refused("print", number, "D7")["code"] == "paper.wrong-moment"
    assert hall.refused("print", number, "D9")["code"] == "paper.wrong-moment"
    assert hall.refused("print", number, "D14")["code"] == "paper.not-made-here"


def test_papers_are_written_where_told_and_say_nothing_personal(hall: Desk, tmp_path: Path) -> None:
    file = outdoor_sign(33)
    taken = hall.take(file, "--out", str(tmp_path / "deep" / "out"), papers=True)
    assert [paper["kind"] for paper in taken["documents"]] == ["D1", "D2"]
    for paper in taken["documents"]:
        path = Path(paper["path"])
        assert path.stat().st_size > 0
        assert file["applicant"]["name"] not in path.name
        assert file["applicant"]["id_no"] not in path.name
    blocked = tmp_path / "file"
    blocked.write_text("")
    error = hall.refused("intake", str(hall.file(file)), "--out", str(blocked / "out"), code=3)
    assert error["code"] == "cli.unwritable"
    before = hall.events()
    error = hall.refused(
        "act", taken["case_no"], "withdraw", "--data", '{"reason": "撤回"}', "--out", str(blocked), code=3
    )
    assert (error["code"], hall.events()) == ("cli.unwritable", before)


def test_a_draft_waits_for_the_window(hall: Desk) -> None:
    before = hall.events()
    kept = hall.take(sole_prop(34, "draft"))
    assert (kept["case_no"], kept["status"]) == (None, 5)
    half = {"item": "sole-prop-setup", "applicant": {"type": "person", "name": ""}, "action": "draft"}
    assert hall.take(half)["status"] == 5
    for more, code in (
        ({"item": "moon-landing"}, "intake.unknown-item"),
        ({"answers": {"weather": "fine"}}, "intake.unknown-key"),
        ({"materials": {"treasure-map": {"state": "received"}}}, "intake.unknown-material"),
    ):
        assert hall.refused("intake", str(hall.file(half | more)))["code"] == code
    assert hall.events() == before


def test_pages_of_a_draft_are_kept_with_it(hall: Desk) -> None:
    Image.new("1", (200, 333)).save(hall.file(b"", "draft.png"))
    file = sole_prop(34, "draft")
    file["materials"]["application"]["files"] = ["draft.png"]
    kept = {path for path in (hall.home / "blobs").rglob("*") if path.is_file()}
    hall.take(file)
    assert len({path for path in (hall.home / "blobs").rglob("*") if path.is_file()} - kept) == 1


def test_an_old_code_page_does_not_matter(hall: Desk) -> None:
    name = sole_prop(0)["applicant"]["name"]
    number = hall.take(sole_prop(0))["case_no"]
    told = program("--home", str(hall.home), "show", number, PYTHONIOENCODING="ascii", **hall.environment)
    assert told.answer["applicant"]["name"] == name


@pytest.mark.parametrize("clock", ["yesterday", "2026-09-18T10:00:00", "9999-12-31T23:59:59+00:00"])
def test_a_training_clock_must_show_a_time(hall: Desk, clock: str) -> None:
    assert hall.refused("status", clock=clock)["code"] == "clock.format"


def test_a_file_that_cannot_be_read_is_unavailable(hall: Desk, tmp_path: Path) -> None:
    assert hall.refused("intake", str(tmp_path / "none.json"), code=3)["code"] == "cli.unreadable"
    assert hall.refused("intake", "--batch", str(tmp_path / "none.jsonl"), code=3)["code"] == "cli.unreadable"
    assert hall.refused("intake", str(tmp_path), code=3)["code"] == "cli.unreadable"


def test_status_and_sync_count_the_same(hall: Desk, taken: dict[str, Any]) -> None:
    keys = {"pending", "acknowledged", "parked", "dead", "last_contact", "cases", "events"}
    assert keys <= set(hall.done("status"))
    done = hall.done("sync")
    assert {"pushed", "pulled", "blobs", "parked", "dead", "pending"} <= set(done)
    after = hall.done("status")
    assert (done["pending"], after["pending"], after["dead"]) == (0, 0, 0)
    assert after["last_contact"].endswith("+08:00")
    assert hall.done("sync")["pushed"] == 0


def test_a_catalogue_is_imported_by_who_may(hall: Desk) -> None:
    assert hall.refused("import-catalogue", str(CATALOGUE))["code"] == "role.may-not"
    assert hall.done("import-catalogue", str(CATALOGUE), clerk=LEAD)["items"] == 37


def test_verify_tells_of_a_store_that_was_changed(training: TrainingCentre) -> None:
    desk = training.desk()
    page = desk.file(b"", "page.png")
    Image.new("1", (200, 300)).save(page)
    file = sole_prop(35)
    file["materials"]["application"]["files"] = [page.name]
    desk.take(file, papers=True)
    good = desk.done("verify")
    assert (good["ok"], good["problems"]) == (True, [])
    assert list(good["heads"]) == [desk.enrolled["replica"]]
    blob = next(path for path in (desk.home / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(blob.read_bytes()[:-1] + b"\0")
    done = desk.run("verify")
    (report,) = done.lines
    assert (done.code, report["ok"]) == (2, False)
    assert report["problems"]
    assert done.complaint["code"] == "verify.problems"


# Start-up

HEAVY = {
    "alembic",
    "cel",
    "httpx",
    "PySide6",
    "pyhanko",
    "reportlab",
    "pypdfium2",
    "pypinyin",
    "zxingcpp",
    "litestar",
}


@pytest.fixture(scope="module")
def fresh(training: TrainingCentre) -> Desk:
    """A desk whose clock no other test has moved: its grant holds, so that nobody asks the centre."""
    return training.desk()


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("--help",), {"sqlalchemy"}),
        (("check-code", "1"), {"sqlalchemy"}),
        (("status",), set()),
    ],
    ids=["help", "check-code", "status"],
)
def test_a_plain_command_loads_only_what_it_uses(fresh: Desk, words: tuple[str, ...], more: set[str]) -> None:
    code = (
        "import sys; from jinpu_desk.entry.desk import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--home", str(fresh.home), *words],
        env=os.environ | {"JINPU_PASSWORD": "演示口令", "JINPU_CLOCK": fresh.clock},
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "jinpu_desk" in loaded
    assert loaded & (HEAVY | more) == set()
