"""The units and the nginx example say what the program takes and allows; the tools' own checks are run by hand."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest

from jinpu_desk.entry.server import _parser
from jinpu_desk.sync.wire import CHUNK, PUSH_BYTES

FOLDER = Path(__file__).parents[3] / "installer" / "server"
SERVICES = sorted(FOLDER.glob("*.service"))
UNITS = {"k": 1024, "m": 1024**2}


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_each_unit_runs_a_command_the_program_takes_and_may_do_little_else(path: Path) -> None:
    service = unit(path)["Service"]
    words = shlex.split(service["ExecStart"].replace("${JINPU_BLOBS}", "file:///srv"))
    assert words[0].endswith("/bin/jinpu-server")
    arguments = _parser().parse_args(words[1:])
    assert (arguments.data, arguments.blobs) == (Path("/var/lib/jinpu"), "file:///srv")
    assert service["User"] == "jinpu"
    for promise in (
        "NoNewPrivileges",
        "PrivateDevices",
        "ProtectHome",
        "ProtectKernelModules",
        "RestrictSUIDSGID",
    ):
        assert service[promise] == "yes"
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    # All reach one PostgreSQL: its socket lies where each of them may go.
    assert service["Environment"] == "TMPDIR=/run/jinpu"


def test_each_timer_starts_a_unit_that_is_there() -> None:
    timers = sorted(FOLDER.glob("*.timer"))
    assert {path.stem for path in timers} <= {path.stem for path in SERVICES}
    assert [unit(path)["Timer"]["Persistent"] for path in timers] == ["yes", "yes"]


def test_nginx_lets_through_what_the_centre_takes_and_bounds_who_guesses() -> None:
    text = (FOLDER / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    blocks = dict(re.findall(r"location (\S+(?: \S+)?) \{(.*?)\}", text, re.DOTALL))
    limits = {
        where: int(found[1]) * UNITS.get(found[2], 1)
        for where, body in blocks.items()
        if (found := re.search(r"client_max_body_size (\d+)(\w?);", body))
    }
    assert limits["~ ^/api/v1/replicas/[^/]+/(events|offers)$"] == PUSH_BYTES
    general = re.search(r"^    client_max_body_size (\d+)(\w);", text, re.MULTILINE)
    assert general is not None
    assert int(general[1]) * UNITS[general[2]] >= CHUNK
    limited = {where for where, body in blocks.items() if "limit_req " in body}
    assert limited == {"/p/", "~ ^/api/v1/(login|enrol)$"}
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "deny all;" in blocks["= /metrics"]
