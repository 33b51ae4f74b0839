"""``jinpu-desk report``: one JSON object, files that are whole or not there, and sentences for what is wrong."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from jinpu_desk.app.reports.registry import REPORTS
from jinpu_desk.entry.demo_cases import food_business, small_catering, sole_prop
from samples.programs import LEAD, Desk


@pytest.fixture(scope="module")
def busy(hall: Desk) -> Desk:
    """The hall with a few cases of its own."""
    hall.take(sole_prop(71))
    hall.take(food_business(72))
    hall.take(small_catering(73, layout="tolerated"))
    return hall


def test_the_figures_of_the_2020_report_need_no_desk(tmp_path: Path) -> None:
    nobody = Desk(tmp_path / "home")
    assert nobody.done("report", "catalogue", "--fixture", "seed-2020") == {
        "items": 1114,
        "by_application": 1018,
        "public_service": 96,
        "legal_days": 24234,
        "promised_days": 6671,
        "compression": "72.47%",
        "once_at_most": 1106,
        "once_ratio": "99.28%",
        "entered": 974,
        "tolerant_items": 249,
        "packages": 100,
        "licence_types": 123,
        "all_area_cases": 374,
        "stations": 12,
    }
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_answers(busy: Desk, name: str) -> None:
    told = busy.done("report", name, clerk=LEAD if REPORTS[name].needs else "")
    if name == "catalogue":
        assert told["items"] >= 7
        return
    assert told["report"] == name
    if name != "today":
        assert told["period"]["from"] <= "2026-09-18" <= told["period"]["to"]
        assert told["tables"]


def test_the_audit_is_not_for_everybody(busy: Desk) -> None:
    assert busy.refused("report", "audit")["code"] == "role.may-not"
    rows = busy.done("report", "audit", clerk=LEAD)["tables"][0]["rows"]
    assert {"登录", "办件"} <= {row["kind"] if isinstance(row, dict) else row[1] for row in rows}


def test_days_bound_what_is_counted(busy: Desk) -> None:
    def received(*days: str) -> int:
        totals = busy.done("report", "items", *days)["tables"][0]["totals"]
        return 0 if totals is None else int(totals["cases"])

    month = received()
    assert month == received("--from", "2026-09-01", "--to", "2026-09-30") >= 3
    assert received("--from", "2026-09-18", "--to", "2026-09-18") == month
    assert received("--to", "2026-09-17") == 0
    assert received("--from", "2026-09-19") == 0


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "pdf"])
def test_a_report_is_written_whole(busy: Desk, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"报表.{form}"
    told = busy.done("report", "items", "--format", form, "--out", str(out))
    data = out.read_bytes()
    if form == "json":
        assert json.loads(data) == told
        return
    assert told == {
        "report": "items",
        "format": form,
        "out": str(out),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "rows": told["rows"],
    }
    heads = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "pdf": b"%PDF-1.7"}
    assert data.startswith(heads[form])
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_names_are_masked_in_a_file_unless_asked(busy: Desk, tmp_path: Path) -> None:
    def written(*options: str) -> str:
        out = tmp_path / "容缺.csv"
        busy.done("report", "tolerance", "--format", "csv", "--out", str(out), *options)
        with out.open(encoding="utf-8-sig", newline="") as file:
            return "\n".join(",".join(row) for row in csv.reader(file))

    assert "个人信息已遮盖" in written()
    assert "含完整个人信息" in written("--reveal")


WRONG = [
    (("report", "nothing"), "report.unknown", "NAME"),
    (("report", "items", "--format", "doc"), "report.format", "--format"),
    (("report", "items", "--format", "pdf"), "report.out-needed", "--out"),
    (("report", "items", "--from", "18.9.2026"), "cli.date", "--from"),
    (("report", "items", "--to", "2026-02-30"), "cli.date", "--to"),
    (("report", "items", "--from", "2026-09-18", "--to", "2026-09-17"), "report.backwards", "--to"),
    (("report", "items", "--from", "2001-01-01", "--to", "2026-09-17"), "report.too-long", "--from"),
    (("report", "items", "--fixture", "seed-2020"), "report.fixture", "--fixture"),
    (("report", "catalogue", "--fixture", "seed-1999"), "report.fixture", "--fixture"),
]


@pytest.mark.parametrize(
    ("words", "code", "where"), WRONG, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_wrong_is_said_and_nothing_written(
    busy: Desk, tmp_path: Path, words: tuple[str, ...], code: str, where: str
) -> None:
    out = () if code == "report.out-needed" else ("--out", str(tmp_path / "file"))
    complaint = busy.refused(*words, *out)
    assert (complaint["code"], complaint["where"]) == (code, where)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_is_answered_with_the_known_ones(busy: Desk) -> None:
    said = busy.refused("report", "nothing")["message"]
    assert all(name in said for name in REPORTS)


def test_a_folder_that_takes_no_file_is_said(busy: Desk, tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "where.pdf"
    assert (
        busy.refused("report", "items", "--format", "pdf", "--out", str(nowhere), code=3)["code"]
        == "cli.unwritable"
    )
