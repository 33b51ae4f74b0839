"""``check-receipt``: genuine papers are known anywhere without a network or a password, all others are not."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from jinpu_desk.domain.mask import mask_name
from jinpu_desk.entry.demo_cases import sole_prop
from samples.programs import DESK, Desk, Finished, TrainingCentre

NUMBER = 50


@pytest.fixture(scope="module")
def paper(hall: Desk, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A receipt as exported, with its case."""
    out = tmp_path_factory.mktemp("papers")
    taken = hall.take(sole_prop(NUMBER), "--out", str(out), papers=True)
    (document,) = taken["documents"]
    return {"case_no": taken["case_no"], **document}


def check(desk: Desk, what: object) -> Finished:
    """Check a paper as anybody may: nobody is logged in."""
    from jinpu_desk.entry.desk import main
    from samples.programs import run

    return run(main, "--home", str(desk.home), "check-receipt", str(what))


def picture(paper: dict[str, Any], folder: Path) -> Path:
    """Return the first page as a scanner would give it: 200 dpi, grey."""
    document = pypdfium2.PdfDocument(paper["path"])
    path = folder / "scan.png"
    document[0].render(scale=200 / 72).to_pil().convert("L").save(path)
    document.close()
    return path


def statement(paper: dict[str, Any], folder: Path) -> str:
    """Return the text of the QR."""
    with Image.open(picture(paper, folder)) as image:
        codes = zxingcpp.read_barcodes(image)
    return next(code.text for code in codes if code.format == zxingcpp.BarcodeFormat.QRCode)


def test_the_exported_file_is_known(hall: Desk, paper: dict[str, Any]) -> None:
    answer = check(hall, paper["path"]).answer
    assert list(answer) == ["ok", "case_no", "kind", "replica", "facts", "whole_file"]
    assert (answer["ok"], answer["whole_file"]) == (True, True)
    assert (answer["case_no"], answer["kind"]) == (paper["case_no"], "D7")
    assert answer["replica"] == hall.enrolled["replica"]


def test_the_code_leads_to_the_progress_page(
    training: TrainingCentre, paper: dict[str, Any], tmp_path: Path
) -> None:
    address = statement(paper, tmp_path).partition("#")[0]
    assert address == f"{training.url}/p/{paper['case_no']}"
    page = httpx.get(address)
    assert (page.status_code, "查询码" in page.text) == (200, True)


def test_any_changed_byte_is_noticed(hall: Desk, paper: dict[str, Any], tmp_path: Path) -> None:
    data = Path(paper["path"]).read_bytes()
    rng = Random(1)
    places = {0, len(data) - 1, len(data) // 2, *(rng.randrange(len(data)) for _ in range(40))}
    forged = tmp_path / "forged.pdf"
    for place in sorted(places):
        forged.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert check(hall, forged).refusal()["code"].startswith("documents.check."), place
    for other in (data[:-1], data + b"\n", data[: len(data) // 2], b"", b"%PDF-1.7\n"):
        forged.write_bytes(other)
        assert check(hall, forged).refusal()["code"].startswith("documents.check.")


def test_a_scan_gives_the_signed_facts_to_compare(hall: Desk, paper: dict[str, Any], tmp_path: Path) -> None:
    answer = check(hall, picture(paper, tmp_path)).answer
    assert (answer["ok"], answer["whole_file"]) == (True, False)
    assert (answer["case_no"], answer["kind"]) == (paper["case_no"], "D7")
    facts = answer["facts"]
    assert facts["item"] == "个人独资企业设立登记"
    assert facts["date"] == "2026-09-18"
    applicant = sole_prop(NUMBER)["applicant"]
    assert applicant["id_no"] not in str(answer)
    assert facts["applicant"] == mask_name(applicant["name"]) != applicant["name"]


def test_the_text_of_the_code_is_enough(hall: Desk, paper: dict[str, Any], tmp_path: Path) -> None:
    text = statement(paper, tmp_path)
    answer = check(hall, text).answer
    assert (answer["ok"], answer["whole_file"], answer["case_no"]) == (True, False, paper["case_no"])
    address, _, rest = text.partition("#")
    mark, payload, signature = rest.split(".")
    body = bytearray(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    body[5] ^= 1
    changed = base64.urlsafe_b64encode(bytes(body)).decode().rstrip("=")
    other = "A" if signature[10] != "A" else "B"
    for forged in (
        f"{address}#{mark}.{changed}.{signature}",
        f"{address}#{mark}.{payload}.{signature[:10]}{other}{signature[11:]}",
        f"{address.replace('/p/', '/q/')}#{rest}",
        text.replace("http://", "https://", 1),
        text + "A",
        "hello",
        "",
    ):
        assert check(hall, forged).refusal()["code"].startswith("documents.check."), forged


def test_another_desk_knows_it_after_a_sync(
    jp03: Desk, hall: Desk, paper: dict[str, Any], tmp_path: Path
) -> None:
    hall.done("sync")
    jp03.done("sync")
    scan = picture(paper, tmp_path)
    for what in (paper["path"], scan):
        assert check(jp03, what).answer["case_no"] == paper["case_no"]


def test_it_needs_neither_password_nor_centre(hall: Desk, paper: dict[str, Any]) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JINPU_")}
    done = subprocess.run(
        [*DESK, "--home", str(hall.home), "check-receipt", paper["path"]],
        env=environment | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert Finished(done.returncode, done.stdout, done.stderr).answer["ok"] is True


def test_a_reprint_is_known_as_well(hall: Desk, paper: dict[str, Any], tmp_path: Path) -> None:
    again = hall.done("print", paper["case_no"], "D7", "--out", str(tmp_path), "--reason", "打印不清")
    answer = check(hall, again["path"]).answer
    assert (answer["whole_file"], answer["case_no"]) == (True, paper["case_no"])


def test_what_is_no_paper_is_refused(hall: Desk, tmp_path: Path) -> None:
    empty = tmp_path / "white.png"
    Image.new("L", (400, 400), 255).save(empty)
    assert check(hall, empty).refusal()["code"] == "documents.check.no-statement"
    text = tmp_path / "notes.txt"
    text.write_text("演示")
    assert check(hall, text).refusal()["code"] == "documents.check.not-ours"
    assert check(hall, tmp_path / "gone.pdf").refusal(3)["code"] == "cli.unreadable"
