"""What goes to the log is no message to a clerk, and a disk that takes no log is no second fault."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from jinpu_desk.entry.home.logbook import Logbook, logged
from jinpu_desk.store.home import Home

log = logging.getLogger("jinpu_desk.entry.test")


def test_a_warning_goes_to_the_log_of_the_home_and_not_to_the_clerk(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of the test run would hear it too
    with Home(tmp_path) as home, logged(home):
        log.warning("login not logged: %s", "store.io")
    assert capfd.readouterr().err == ""
    (line,) = (tmp_path / "logs" / "desk.log").read_text("utf-8").splitlines()
    assert line.endswith("WARNING jinpu_desk.entry.test login not logged: store.io")


def test_no_log_is_made_where_nothing_is_said(tmp_path: Path) -> None:
    with Home(tmp_path) as home, logged(home):
        log.info("nothing of note")
    assert not list((tmp_path / "logs").iterdir())


def test_a_full_disk_takes_no_log_and_nobody_hears_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    handler = Logbook(Path("/dev/full"))
    handler.handle(logging.makeLogRecord({"levelno": logging.WARNING, "msg": "login not logged"}))
    handler.close()
    assert capfd.readouterr().err == ""
