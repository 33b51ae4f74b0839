"""Used wrongly, by a newcomer or on a machine that lacks something: one sentence that names what and where, no bug."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jinpu_desk.entry.desk import main as desk_main
from jinpu_desk.entry.server import main as server_main
from samples.programs import SERVER, Desk, Finished, TrainingCentre, run

NOWHERE = ("--code", "AAAA-BBBB-CCCC", "--clerk", "demo")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that is neither text nor picture nor ours; nothing can be made below it, not even by root."""
    path = tmp_path / "somefile"
    path.write_bytes(b"\xff\xfe\x00\x80")
    return path


def server(centre: TrainingCentre, *arguments: str) -> Finished:
    return run(server_main, "--data", str(centre.data), *arguments)


@pytest.mark.parametrize("command", [("intake",), ("check-receipt",), ("bundle", "import")], ids="-".join)
def test_a_file_that_is_none_of_ours_is_named(hall: Desk, file: Path, command: tuple[str, ...]) -> None:
    error = hall.refused(*command, str(file))
    assert error["where"] == str(file)
    assert error["message"][0] not in "的，。"


def test_a_line_of_a_batch_that_is_no_text_is_named(hall: Desk, file: Path) -> None:
    done = hall.run("intake", "--batch", str(file), "--no-documents")
    (line,) = done.lines
    assert (done.code, line["line"], line["error"]["where"]) == (2, 1, file.name)
    assert line["error"]["message"].startswith(file.name)


def test_a_number_that_is_none_is_named(hall: Desk) -> None:
    assert hall.refused("show", "123")["where"] == "123"


def test_a_backup_is_no_stick_and_a_stick_no_backup(hall: Desk, tmp_path: Path) -> None:
    hall.done("backup", str(tmp_path / "kept"))
    error = hall.refused("bundle", "import", str(tmp_path / "kept"))
    assert (error["code"], error["where"]) == ("bundle.kind", str(tmp_path / "kept"))
    assert "backup" not in error["message"]
    hall.done("bundle", "export", str(tmp_path / "stick"))
    new = Desk(tmp_path / "new")
    assert new.refused("restore", str(tmp_path / "stick"))["code"] == "bundle.kind"
    assert not new.home.exists()


def test_a_clerk_is_told_in_chinese_what_is_not_hers(hall: Desk) -> None:
    error = hall.refused("prune")
    assert error["code"] == "role.may-not"
    assert "prune" not in error["message"]


def test_a_setup_that_fails_leaves_no_half_home(training: TrainingCentre, tmp_path: Path) -> None:
    new = Desk(tmp_path / "new")
    assert new.refused("setup", "--server", training.url, *NOWHERE)["code"] == "enrol.code"
    error = new.refused("setup", "--server", "http://127.0.0.1:1", *NOWHERE, code=3)
    assert (error["code"], error["where"]) == ("sync.offline", "http://127.0.0.1:1")
    assert not new.home.exists()
    new.home.mkdir()
    assert new.refused("setup", "--server", training.url, *NOWHERE)["code"] == "enrol.code"
    assert new.home.exists()


def test_a_demonstration_has_a_place_for_its_papers_before_it_starts(file: Path) -> None:
    error = run(desk_main, "demo", "--headless", "--out", str(file / "out")).refusal(3)
    assert (error["code"], error["where"]) == ("cli.unwritable", str(file / "out"))


@pytest.mark.parametrize("main", [desk_main, server_main], ids=["desk", "server"])
def test_without_the_resources_there_still_is_a_sentence(main: object, tmp_path: Path) -> None:
    error = run(main, "status", JINPU_RESOURCES=str(tmp_path)).refusal(3)
    assert (error["code"], error["where"]) == ("resources.missing", "JINPU_RESOURCES")


def test_a_centre_wants_a_folder(file: Path) -> None:
    error = run(server_main, "--data", str(file / "centre"), "init", "--training").refusal(3)
    assert (error["code"], error["where"]) == ("cli.unwritable", str(file / "centre"))


def test_a_backup_of_the_centre_wants_a_folder(training: TrainingCentre, file: Path) -> None:
    for place in (file, file / "backups"):
        error = server(training, "backup", str(place)).refusal(3)
        assert (error["code"], error["where"]) == ("cli.unwritable", str(place))


def test_a_centre_that_cannot_say_where_it_is_does_not_serve(training: TrainingCentre, file: Path) -> None:
    ready = file / "url"
    done = subprocess.run(
        [*SERVER, "--data", str(training.data), "serve", "--ready-file", str(ready)],
        env=os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    error = Finished(done.returncode, done.stdout, done.stderr).refusal(3)
    assert (error["code"], error["where"]) == ("cli.unwritable", str(ready))
