"""Electronic licences from a folder and over HTTP: found, newest first; whatever goes wrong is said, never guessed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jinpu_desk.devices import licences
from jinpu_desk.devices.licences import FolderLicences, HttpLicences
from jinpu_desk.domain.errors import Unavailable

HOLDER = ("111", "210213199003070016")
TOKEN = "演示令牌".encode().hex()


def licence(mark: str, issued: str, **changes: Any) -> dict[str, Any]:
    return {
        "mark": mark,
        "kind": "business-licence",
        "name": "营业执照（演示）",
        "number": "演示",
        "holder_type": HOLDER[0],
        "holder_no": HOLDER[1],
        "holder_name": "演示甲",
        "issuer": "演示机关",
        "issued_on": issued,
        "platform_extra": "passed over",
    } | changes


OLD, NEW = licence("旧", "2020-01-02"), licence("新", "2026-03-04")
OTHER = licence("他人", "2026-05-06", holder_no="210213199003080011")


def write(folder: Path, name: str, *held: dict[str, Any]) -> Path:
    path = folder / name
    path.write_text(json.dumps({"licences": held}), "utf-8")
    return path


class TestFolder:
    def test_finds_the_holders_own_newest_first(self, tmp_path: Path) -> None:
        write(tmp_path, "a.json", OLD, OTHER)
        write(tmp_path, "b.json", NEW)
        found = FolderLicences(tmp_path).find(*HOLDER)
        assert [one.mark for one in found] == ["新", "旧"]

    def test_sees_a_file_that_changed(self, tmp_path: Path) -> None:
        path = write(tmp_path, "a.json", OLD)
        held = FolderLicences(tmp_path)
        assert len(held.find(*HOLDER)) == 1
        write(tmp_path, "a.json", OLD, NEW)
        os.utime(path, ns=(1, 1))
        assert len(held.find(*HOLDER)) == 2

    def test_a_file_it_cannot_read_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, "good.json", OLD)
        (tmp_path / "cut.json").write_text('{"licences": [{"mark"')
        with pytest.raises(Unavailable) as refused:
            FolderLicences(tmp_path).find(*HOLDER)
        assert (refused.value.code, refused.value.where) == ("licence.bad-file", "cut.json")

    def test_a_folder_that_is_gone_is_told_apart_from_nobody_found(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="folder"):
            FolderLicences(tmp_path / "gone").find(*HOLDER)
        assert FolderLicences(tmp_path).find(*HOLDER) == ()

    def test_a_file_too_large_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, "a.json", OLD)
        monkeypatch.setattr(licences, "LARGEST_FILE", 10)
        with pytest.raises(Unavailable, match="bad-file"):
            FolderLicences(tmp_path).find(*HOLDER)


class Platform(ThreadingHTTPServer):
    """A platform on loopback that answers as it is told and remembers what it was asked."""

    answer: bytes = b""
    status: int = 200
    asked: tuple[str, str, Any] = ("", "", None)


class Handler(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked = (self.path, self.headers["Authorization"], json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def running() -> Iterator[Platform]:
    with Platform(("127.0.0.1", 0), Handler) as platform:
        thread = threading.Thread(target=platform.serve_forever)
        thread.start()
        try:
            yield platform
        finally:
            platform.shutdown()
            thread.join()


@pytest.fixture(name="platform")
def _platform() -> Iterator[Platform]:
    with running() as platform:
        yield platform


def over_http(platform: Platform) -> HttpLicences:
    return HttpLicences(f"http://127.0.0.1:{platform.server_port}/api/", TOKEN)


class TestHttp:
    def test_asks_in_the_body_with_its_token_and_never_in_the_address(self, platform: Platform) -> None:
        platform.answer = json.dumps({"licences": [OLD, NEW]}).encode()
        found = over_http(platform).find(*HOLDER)
        assert [one.mark for one in found] == ["新", "旧"]
        path, authorization, body = platform.asked
        assert (path, authorization) == ("/api/licences/search", f"Bearer {TOKEN}")
        assert body == {"holder_type": HOLDER[0], "holder_no": HOLDER[1]}

    def test_somebody_elses_licence_is_left_out(self, platform: Platform) -> None:
        platform.answer = json.dumps({"licences": [OTHER, NEW]}).encode()
        assert [one.mark for one in over_http(platform).find(*HOLDER)] == ["新"]

    @pytest.mark.parametrize(
        ("status", "answer", "code"),
        [
            (401, b"", "licence.denied"),
            (403, b"", "licence.denied"),
            (500, b"", "licence.unreachable"),
            (200, b"<html>", "licence.bad-answer"),
            (200, b'{"licences": [{}]}', "licence.bad-answer"),
            (200, b"\xff\xfe", "licence.bad-answer"),
        ],
    )
    def test_what_goes_wrong_is_said(self, platform: Platform, status: int, answer: bytes, code: str) -> None:
        platform.status, platform.answer = status, answer
        with pytest.raises(Unavailable) as refused:
            over_http(platform).find(*HOLDER)
        assert refused.value.code == code
        assert HOLDER[1] not in repr(refused.value)

    def test_an_endless_answer_is_cut(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(licences, "LARGEST_ANSWER", 1000)
        platform.answer = b" " * 5000
        with pytest.raises(Unavailable, match="bad-answer"):
            over_http(platform).find(*HOLDER)

    def test_nobody_there_is_told(self) -> None:
        with running() as platform:
            gone = over_http(platform)
        with pytest.raises(Unavailable, match="unreachable"):
            gone.find(*HOLDER)
