"""``jinpu-server`` as people and scripts use it: real processes, one JSON object each, the promised exit codes."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import pytest

from jinpu_desk.entry.server import main
from samples.centres import RESOURCES

COMMAND = [sys.executable, "-m", "jinpu_desk.entry.server"]


class Server:
    """One data folder and the commands run on it: those that end, in this process; those that stay, in their own."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.MonkeyPatch.context() as patch,
            Path(os.devnull).open() as nothing,
        ):
            patch.setattr(sys, "stdin", nothing)
            for name, value in environment.items():
                patch.setenv(name, value)
            try:
                code = main(["--data", str(self.data), *arguments])
            except SystemExit as end:
                code = int(end.code or 0)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def done(self, *arguments: str, **environment: str) -> dict[str, Any]:
        finished = self.run(*arguments, **environment)
        assert (finished.returncode, finished.stderr) == (0, "")
        (line,) = finished.stdout.splitlines()
        return dict(json.loads(line))

    def refused(self, *arguments: str, code: int = 2, **environment: str) -> str:
        finished = self.run(*arguments, **environment)
        assert (finished.returncode, finished.stdout) == (code, ""), finished.stderr
        (line,) = finished.stderr.splitlines()
        error = json.loads(line)["error"]
        assert "没有说明" not in error["message"]
        return str(error["code"])

    def serve(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, **environment: str
    ) -> tuple[subprocess.Popen[bytes], str]:
        ready = self.data / "ready"
        ready.unlink(missing_ok=True)
        process = subprocess.Popen(
            [*COMMAND, "--data", str(self.data), "serve", "--ready-file", str(ready), *arguments],
            stdin=stdin,
            env=os.environ | environment,
        )
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        return process, ready.read_text().strip()

    def postgres(self) -> list[int]:
        """Return the postmasters that run on this folder."""
        wanted = str(self.data / "pg").encode()
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit() and _is_postmaster(folder, wanted)
        ]


def _is_postmaster(folder: Path, wanted: bytes) -> bool:
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"/postgres") and wanted in words


@pytest.fixture(scope="module")
def made() -> Iterator[Server]:
    """A training centre, made once. Its folder is closed to others, as a home is."""
    folder = Path(tempfile.mkdtemp(prefix="jinpu-centre-"))
    server = Server(folder / "centre")
    told = server.done("init", "--training")
    assert told["training"] is True
    assert len(told["centre_key"]) == 64
    yield server
    shutil.rmtree(folder)


def test_a_training_centre_has_its_stations_and_no_users(made: Server) -> None:
    code = made.done("enroll", "--station", "HALL")
    assert set(code) >= {"code"}
    for number in range(1, 13):
        assert made.refused("station", "add", f"JP{number:02}", "演示") == "station.taken"
        break  # one process is enough: the unit tests name them all
    assert made.refused("user", "revoke", "demo") == "user.unknown"


def test_a_second_init_changes_nothing(made: Server) -> None:
    assert made.refused("init", "--training") == "server.already-initialised"


def test_administration_says_what_is_wrong(made: Server, tmp_path: Path) -> None:
    secret = "演示口令"
    assert (
        made.done("user", "add", "zhang", "--role", "clerk", "--station", "JP01", JINPU_PASSWORD=secret)[
            "user"
        ]
        == "zhang"
    )
    assert made.refused("user", "add", "zhang", "--role", "clerk", JINPU_PASSWORD=secret) == "user.taken"
    assert made.refused("user", "add", "li", "--role", "king", JINPU_PASSWORD=secret) == "user.role"
    assert made.refused("user", "add", "li", "--role", "clerk") == "user.password"
    assert made.refused("enroll", "--station", "XX") == "station.unknown"
    assert made.refused("replica", "revoke", "x") == "replica.unknown"
    assert made.refused("catalogue", "publish", str(tmp_path)) == "catalogue.no-folder"
    assert made.refused("calendar", "publish", str(tmp_path / "none.json")) == "calendar.unreadable"
    assert made.done("user", "revoke", "zhang") == {"user": "zhang", "revoked": True}


def test_an_office_gets_a_token_once(made: Server) -> None:
    told = made.done("office", "add", "演示审批局", "--authority", "market", "--item", "outdoor-sign")
    assert len(told["token"]) >= 40
    assert made.refused("office", "add", "演示审批局") == "office.taken"
    assert made.refused("office", "add", "-") == "office.name"
    assert made.refused("office", "add", "别处", "--authority", "none") == "office.unknown-key"
    listed = made.run("office", "list").stdout
    assert told["token"] not in listed
    (row,) = json.loads(listed)["offices"]
    assert (row["name"], row["authorities"], row["items"]) == ("演示审批局", ["market"], ["outdoor-sign"])
    assert made.done("office", "revoke", "演示审批局") == {"office": "演示审批局", "revoked": True}
    assert made.refused("office", "revoke", "别处") == "office.unknown"
    assert json.loads(made.run("office", "list").stdout)["offices"][0]["revoked_at"]


def test_a_register_is_published_and_its_faults_are_named(made: Server, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    head = "key,name,custodian,custodian_uscc,address,capacity\n"
    file.write_text(head + "a,演示场所,演示托管,91210213MAD0010119,演示路1号,20\n")
    told = made.done("register", "publish", "cluster-places", str(file))
    assert (told["register"], told["entries"], told["new"]) == ("cluster-places", 1, True)
    file.write_text(head + "a,演示场所,演示托管,91210213MAD0010119,演示路1号,many\n")
    finished = made.run("register", "publish", "cluster-places", str(file))
    assert finished.returncode == 2
    assert "第 2 行 capacity" in json.loads(finished.stderr)["error"]["message"]
    assert made.refused("register", "publish", "nonsense", str(file)) == "register.unknown"
    assert made.refused("register", "publish", "credit", str(tmp_path / "none")) == "register.no-file"


def test_a_backup_is_restored_in_an_empty_place_only(made: Server, tmp_path: Path) -> None:
    told = made.done("backup", str(tmp_path), "--keep", "2", JINPU_BACKUP_PASSWORD="演示口令")
    assert (told["position"], told["key"], told["dropped"]) == (0, "sealed", [])
    assert made.refused("restore", str(tmp_path), JINPU_BACKUP_PASSWORD="演示口令") == "restore.not-empty"
    assert made.refused("restore", str(tmp_path / "nowhere")) == "backup.none"
    assert made.refused("backup", str(tmp_path), "--keep", "-1") == "cli.argument-value"
    other = Server(Path(tempfile.mkdtemp(prefix="jinpu-centre-")) / "centre")
    try:
        assert other.refused("restore", str(tmp_path)) == "backup.password"
        assert not other.data.exists()
        back = other.done("restore", str(tmp_path), JINPU_BACKUP_PASSWORD="演示口令")
        assert (back["position"], back["hash"], back["blobs_missing"]) == (0, told["hash"], 0)
        assert (other.data / "centre.key").read_bytes() == (made.data / "centre.key").read_bytes()
        assert other.done("verify")["ok"] is True
    finally:
        shutil.rmtree(other.data.parent)


def test_no_centre_is_unavailable(tmp_path: Path) -> None:
    assert Server(tmp_path).refused("verify", code=3) == "server.not-initialised"
    assert Server(tmp_path).refused("init") == "user.password"
    assert Server(tmp_path).refused("--database-url", "sqlite://", "verify") == "server.database-url"


def test_it_serves_is_administered_meanwhile_and_leaves_nothing_behind(made: Server) -> None:
    process, url = made.serve(JINPU_CLOCK="2026-09-18T10:00:00+08:00")
    try:
        assert httpx.get(f"{url}/readyz").json() == {"status": "ready"}
        assert made.done("enroll", "--station", "JP02")["station"] == "JP02"
        published = made.done("calendar", "publish", str(RESOURCES / "calendars" / "2026.json"))
        assert published["new"] is False
        assert made.done("verify")["ok"] is True
        assert len(made.postgres()) == 1
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert made.postgres() == []


def test_a_server_can_be_tied_to_whoever_started_it(made: Server) -> None:
    for ending in ("stdin", "signal"):
        process, _url = made.serve("--stop-with-stdin", stdin=subprocess.PIPE)
        assert process.stdin is not None
        with process.stdin:
            if ending == "signal":
                process.terminate()
                assert process.wait(30) == 0
        assert process.wait(30) == 0
    assert made.postgres() == []


def test_a_killed_server_leaves_no_database_running_and_comes_back(made: Server) -> None:
    process, _url = made.serve()
    (postmaster,) = made.postgres()
    process.kill()
    process.wait()
    while Path(f"/proc/{postmaster}").exists() and made.postgres():
        time.sleep(0.02)
    process, url = made.serve()
    try:
        assert httpx.get(f"{url}/readyz").status_code == 200
    finally:
        process.terminate()
        process.wait()


def test_a_killed_database_and_server_are_recovered(made: Server) -> None:
    process, _url = made.serve()
    (postmaster,) = made.postgres()
    os.kill(postmaster, signal.SIGKILL)
    process.kill()
    process.wait()
    assert (made.data / "pg" / "postmaster.pid").exists()
    assert made.done("verify")["ok"] is True
    assert made.postgres() == []


def test_a_taken_port_is_unavailable(made: Server) -> None:
    process, url = made.serve()
    try:
        assert made.refused("serve", "--port", url.rpartition(":")[2], code=3) == "server.address"
        assert made.refused("serve", "--tls-cert", "none.pem") == "server.tls"
    finally:
        process.terminate()
        process.wait()
