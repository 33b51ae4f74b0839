"""After the decision on the command line: proofs kept by path, forms printed by name, parcels signed for."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from jinpu_desk.entry.demo_cases import food_business, person_id, sole_prop
from samples.programs import LEAD, Desk


def picture(path: Path) -> Path:
    """Write a small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + bytes((x * y) % 251 for x in range(120)) for y in range(90))
    head = struct.pack(">IIBBBBB", 120, 90, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def kinds(answer: dict[str, object]) -> list[str]:
    documents = answer["documents"]
    assert isinstance(documents, list)
    return [paper["kind"] for paper in documents]


def test_a_proxy_takes_it_with_a_mandate_and_a_kept_signature(hall: Desk, tmp_path: Path) -> None:
    number = hall.take(sole_prop(80), papers=True)["case_no"]
    proxy = {
        "recipient": "演示丁",
        "relation": "配偶",
        "id_type": "111",
        "id_no": person_id(4),
        "proof_file": str(picture(tmp_path / "signature.png")),
        "originals": {"investor-id": 1},
    }
    assert hall.act_refused(number, "hand-out", proxy)["code"] == "delivery.not-authorised"
    missing = proxy | {"authorised": True, "proof_file": str(tmp_path / "nothing.png")}
    error = hall.act_refused(number, "hand-out", missing)
    assert (error["code"], error["where"]) == ("intake.file-missing", "data.proof_file")
    no_picture = tmp_path / "text.png"
    no_picture.write_text("演示")
    error = hall.act_refused(number, "hand-out", missing | {"proof_file": str(no_picture)})
    assert error["where"] == "data.proof_file"
    assert kinds(hall.act(number, "hand-out", proxy | {"authorised": True})) == ["D9", "D10", "D12"]
    assert hall.done("verify")["ok"]


def test_a_parcel_is_labelled_and_signed_for(hall: Desk, tmp_path: Path) -> None:
    number = hall.take(sole_prop(81), papers=True)["case_no"]
    assert kinds(hall.act(number, "hand-out", {"method": "post", "tracking_no": "EB1"})) == ["D10"]
    out = ("--out", str(tmp_path))
    assert hall.done("print", number, "D16", *out)["reprint"] == 0
    bag = hall.done("print", number, "D16", "--form", "label", *out)
    assert (bag["reprint"], bag["pages"]) == (0, 1)
    again = hall.done("print", number, "D16", "--form", "EMS", "--reason", "卡纸（演示）", *out)
    assert again["reprint"] == 1
    assert hall.refused("print", number, "D16", "--form", "shift", *out)["code"] == "cli.form"
    assert hall.act_refused(number, "delivered", {"served_on": "2020-01-01"})["code"] == "delivery.served-on"
    hall.act(number, "delivered", {"signed_by": "演示甲"})
    assert hall.act_refused(number, "delivered")["code"] == "case.nothing-on-the-way"


def test_an_ended_case_gives_its_originals_back(hall: Desk) -> None:
    number = hall.take(food_business(82))["case_no"]
    assert kinds(hall.act(number, "withdraw", {"reason": "演示"})) == ["D12"]
    assert kinds(hall.act(number, "return-materials", {"materials": {"policies": 1}})) == ["D12"]
    hall.act(number, "return-materials")
    assert hall.act_refused(number, "return-materials")["code"] == "delivery.no-originals"
    voided = hall.take(food_business(83))["case_no"]
    assert kinds(hall.act(voided, "void", {"reason": "演示"}, clerk=LEAD)) == ["D12"]
