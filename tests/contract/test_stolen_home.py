"""A stolen home without a password: no name, number, scan, paper or key in any byte of any file (DESIGN §6).

What a clerk exports lies open in ``out/`` by intent, for a day (``tests/unit/entry/test_exports.py``).
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path

import pytest
from PIL import Image

from jinpu_desk.domain.ids import Digest
from jinpu_desk.entry.commands.casework import opened
from jinpu_desk.entry.demo_cases import sole_prop
from jinpu_desk.entry.home.inbox import scan_inbox
from jinpu_desk.entry.parts import load_parts
from samples.programs import CLERK, PASSWORD, Desk, TrainingCentre

NAME, IDENTITY, PHONE = "演示䶮某", "210213199003070016", "13911112222"
ADDRESS = "演示区演示路四百零七号"


@pytest.fixture(scope="module")
def secrets_of(training: TrainingCentre) -> tuple[Desk, dict[str, bytes]]:
    """A desk that did everything that leaves traces, and what must not be found of it."""
    desk = training.desk()
    scan = desk.home.with_name("scan.jpg")
    Image.effect_noise((600, 800), 90).save(scan, "JPEG")
    content = sole_prop(1)
    content["applicant"] |= {"name": NAME, "id_no": IDENTITY, "phone": PHONE}
    content["form"]["address"] = ADDRESS
    content["materials"]["application"]["files"] = [str(scan)]
    result = desk.take(content, "--out", str(desk.home.with_name("papers")), papers=True)
    desk.take(content | {"action": "draft"})
    desk.done("sync")
    desk.refused("intake", str(desk.file({"item": "sole-prop-setup", "applicant": {"name": NAME}})))
    found: dict[str, bytes] = {"case number": result["case_no"].encode(), "scan": scan.read_bytes()[200:264]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_PASSWORD", PASSWORD)
        patch.setenv("JINPU_CLOCK", desk.clock)
        with opened(load_parts(), argparse.Namespace(home=desk.home, clerk="")) as open_desk:
            waiting = scan_inbox(open_desk).import_file(scan)
            case = open_desk.store.case_by_no(result["case_no"])
            assert case is not None
            paper = open_desk.store.paper(Digest(case.papers[0].sha256))
            assert paper is not None
            found |= {
                "data key": open_desk.data_key,
                "token": open_desk.token.encode(),
                "paper": paper[-64:],
                "digest of a scan": waiting.sha256.encode(),
            }
    return (
        desk,
        found
        | {
            "name": NAME.encode(),
            "identity": IDENTITY.encode(),
            "phone": PHONE.encode(),
            "address": ADDRESS.encode(),
            "password": PASSWORD.encode(),
            "query code with its case": result["case_no"][-12:].encode(),
        },
    )


def spellings(secret: bytes) -> set[bytes]:
    """Return how a secret might stand in a file: as it is, in other encodings, in hex, in base64 at any offset."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    try:
        text = secret.decode()
        found |= {text.encode("utf-16-le"), text.encode("gb18030"), json.dumps(text)[1:-1].encode()}
    except UnicodeDecodeError:
        pass
    for shift in range(3):
        packed = base64.b64encode(bytes(shift) + secret)
        found.add(packed[4:-4] if shift else packed[:-4])
    return {spelling for spelling in found if len(spelling) >= 8}


def files_of(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_no_byte_of_any_file_tells_anything(secrets_of: tuple[Desk, dict[str, bytes]]) -> None:
    desk, wanted = secrets_of
    held = files_of(desk.home)
    assert {path.name for path in held} >= {"desk.db", "keys.json", "replica.key", "token.sealed"}
    assert {path.suffix for path in held} >= {".scan", ".page"}
    told = [
        (what, path.relative_to(desk.home).as_posix())
        for path in held
        for what, secret in wanted.items()
        if any(spelling in path.read_bytes() for spelling in spellings(secret))
    ]
    assert told == []


def test_no_name_of_any_file_tells_anything(secrets_of: tuple[Desk, dict[str, bytes]]) -> None:
    desk, wanted = secrets_of
    names = "\n".join(path.relative_to(desk.home).as_posix() for path in desk.home.rglob("*")).encode()
    assert [what for what, secret in wanted.items() if any(s in names for s in spellings(secret))] == []


def test_the_search_finds_what_lies_open(secrets_of: tuple[Desk, dict[str, bytes]]) -> None:
    """The same search over plain files finds every secret, in every spelling."""
    _, wanted = secrets_of
    for secret in wanted.values():
        for shift in range(3):
            assert any(s in base64.b64encode(bytes(shift) + secret + b"...") for s in spellings(secret))
        assert any(s in b"..." + secret + b"..." for s in spellings(secret))


def test_only_the_right_password_opens(secrets_of: tuple[Desk, dict[str, bytes]]) -> None:
    desk, _ = secrets_of
    assert desk.run("status", password="猜的口令", clerk=CLERK).refusal()["code"] == "login.wrong"
    assert desk.run("status", clerk=CLERK).code == 0
