"""``backup``, ``restore``, ``prune``: a desk comes back from one file, and gives up what the centre keeps for good."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from jinpu_desk.entry.demo_cases import small_catering
from jinpu_desk.sync.bundle_cipher import MAGIC
from samples.programs import LEAD, Desk, TrainingCentre

PEOPLE = itertools.count(400)


def test_a_desk_comes_back_from_its_backup_as_another_window(
    training: TrainingCentre, tmp_path: Path
) -> None:
    desk = training.desk()
    sent = desk.take(small_catering(next(PEOPLE)), papers=True)
    desk.done("sync")
    unsent = desk.take(small_catering(next(PEOPLE)), papers=True)
    waiting = [desk.show(each["case_no"])["attachments_pending"] for each in (sent, unsent)]
    assert waiting == [0, len(desk.show(unsent["case_no"])["papers"])]
    file = tmp_path / "备份.jinpu"
    told = desk.done("backup", str(file))
    assert told["bytes"] == file.stat().st_size
    assert told["cases"] == desk.done("status")["cases"] >= 2
    for secret in (sent["case_no"], small_catering(next(PEOPLE))["applicant"]["name"]):
        assert secret.encode() not in file.read_bytes()

    again = Desk(tmp_path / "new")
    wrong = again.run("restore", str(file), password="不对").refusal()
    assert wrong["code"] == "login.wrong"
    assert not (again.home / "replica.json").exists()
    assert not (again.home / ".restoring").exists()
    back = again.done("restore", str(file))
    assert (back["cases"], back["reborn"]) == (told["cases"], True)
    assert back["replica"] != desk.enrolled["replica"]
    assert back["series"] != desk.enrolled["series"]
    assert again.done("verify")["ok"]
    assert again.show(sent["case_no"])["case_no"] == sent["case_no"]
    assert again.done("sync")["pending"] == 0
    more = again.take(small_catering(next(PEOPLE)))
    assert more["case_no"] != unsent["case_no"]
    assert again.refused("restore", str(file))["code"] == "desk-backup.home-taken"
    assert training.admin("verify")["ok"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("empty", "bundle.not-ours"),
        ("other", "bundle.not-ours"),
        ("cut", "bundle.damaged"),
        ("flipped", "bundle.damaged"),
        ("bundle", "bundle.kind"),
        ("envelope", "bundle.damaged"),
    ],
)
def test_a_damaged_or_foreign_file_restores_nothing(
    hall: Desk, tmp_path: Path, backup: bytes, how: str, code: str
) -> None:
    file = tmp_path / "b.jinpu"
    half = len(backup) // 2
    if how == "bundle":
        hall.done("bundle", "export", str(file))
    else:
        file.write_bytes(
            {
                "empty": b"",
                "other": b"PK\x03\x04" + bytes(100),
                "cut": backup[:-5],
                "flipped": backup[:half] + bytes([backup[half] ^ 8]) + backup[half + 1 :],
                "envelope": MAGIC + b"\x00\x00\x00\x01\xc1",
            }[how]
        )
    again = Desk(tmp_path / "new")
    assert again.refused("restore", str(file))["code"] == code
    assert not (again.home / "replica.json").exists()
    assert not (again.home / "desk.db").exists()


@pytest.fixture(scope="module")
def backup(hall: Desk, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("backup") / "b.jinpu"
    hall.done("backup", str(file))
    return file.read_bytes()


def test_what_the_centre_has_backed_up_may_go(
    training: TrainingCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = training.desk(clerk=LEAD)
    old = desk.take(small_catering(next(PEOPLE), action="receive"), papers=True)
    desk.act(old["case_no"], "withdraw", {"reason": "演示"})
    desk.done("sync")
    later = "2027-06-01T10:00:00+08:00"
    assert desk.refused("prune", "--before", "2026-09-17")["code"] == "prune.too-young"
    assert desk.refused("prune", "--before", "tomorrow")["code"] == "cli.date"
    assert desk.done("prune", clock=later)["cases"] == 0  # nobody has backed the centre up yet
    # By then what the windows of other tests still owe the centre is overdue, and holds nothing up.
    with monkeypatch.context() as patch:
        patch.setattr(training, "clock", later)
        training.admin("backup", str(tmp_path / "centre-backup"))
    desk.done("sync")
    told = desk.done("prune", "--dry-run", clock=later)
    assert told["cases"] >= 1
    gone = desk.done("prune", clock=later)
    assert (gone["cases"], gone["events"]) == (told["cases"], told["events"])
    assert desk.refused("show", old["case_no"])["code"] == "case.pruned"
    assert desk.refused("act", old["case_no"], "note", "--data", '{"text": "演示"}')["code"] == "case.pruned"
    assert desk.done("verify")["ok"]
    assert desk.done("sync")["pulled"] == 0


def test_a_clerk_may_not_prune(hall: Desk) -> None:
    assert hall.refused("prune")["code"] == "role.may-not"


def test_a_day_is_counted_with_the_centre_and_printed_under_its_word(
    training: TrainingCentre, hall: Desk, hall_two: Desk, tmp_path: Path
) -> None:
    hall.take(small_catering(next(PEOPLE)), papers=True)
    told = hall.done("reconcile", "--out", str(tmp_path))
    assert (told["day"], told["agreed"], told["differences"]) == ("2026-09-18", True, [])
    assert told["events"] > 0
    (paper,) = told["documents"]
    hall_two.done("sync")  # another window knows the centre's key; it needs no network to check
    checked = hall_two.done("check-receipt", paper["path"])
    assert (checked["ok"], checked["case_no"], checked["kind"]) == (True, told["number"], "D15")
    assert checked["replica"] not in {hall.enrolled["replica"], hall_two.enrolled["replica"]}
    assert checked["facts"]["item"] == "窗口日对账单：一致"
    assert hall.done("verify")["ok"]
    assert hall.refused("reconcile", "--day", "2026-09-19")["code"] == "reconcile.day"


@pytest.mark.slow
def test_without_a_network_the_day_stays_uncounted_and_is_made_good_the_next(
    training: TrainingCentre,
) -> None:
    desk = training.desk()
    desk.take(small_catering(next(PEOPLE)))
    training.stop()
    try:
        assert desk.refused("reconcile", code=3)["code"] == "sync.offline"
    finally:
        training.start()
    next_day = "2026-09-19T09:00:00+08:00"
    assert desk.done("reconcile", "--day", "2026-09-18", clock=next_day)["agreed"]
