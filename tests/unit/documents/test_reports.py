"""Reports as files, each read back the way an office would."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from msgspec.structs import replace

from jinpu_desk.app.reports.model import (
    Chart,
    Column,
    Figure,
    Kind,
    Line,
    Period,
    Ratio,
    Report,
    Series,
    figures,
    number,
    table,
)
from jinpu_desk.documents.reports.csv_file import MARK, safe
from jinpu_desk.documents.reports.write import FORMATS, Format, ReportFiles
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.instants import CHINA

RESOURCES = Path(__file__).parents[3] / "resources"
FILES = ReportFiles(RESOURCES)
AT = datetime(2026, 9, 30, 9, 0, tzinfo=UTC).astimezone(CHINA)
MADE = AT.replace(tzinfo=None)
"""Workbooks know no zones: the time on the counter's wall."""
DUE = datetime.combine(date(2026, 9, 28), time())
CASE_NO = "210213030022026091400018"
COLUMNS = (
    Column("case_no", "办件编号", "Case", width=2),
    Column("item", "事项", "Item", width=2),
    number("cases", "收件", "Received"),
    Column("rate", "按期率", "On time", Kind.RATIO, total=True, width=1.4),
    Column("due", "到期", "Due", Kind.DATE),
    Column("at", "时间", "Time", Kind.TIME),
)
ROWS: tuple[Line, ...] = (
    (CASE_NO, "小餐饮许可", 1200, Ratio(3, 4), date(2026, 9, 28), AT),
    ("—", "=cmd|'/c calc'!A1", 3, Ratio(0, 0), None, None),
    ("𬬻䶮", "王䶮的店", 0, Ratio(1, 1), date(2026, 10, 9), None),
)


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "id": "演示",
        "title": "演示报表",
        "title_en": "Demo",
        "period": Period(date(2026, 9, 1), date(2026, 9, 30)),
        "place": "演示站 综合窗口07",
        "author": "李敏",
        "generated_at": AT,
        "tables": (table("main", "主表", "Main", COLUMNS, ROWS),),
        "notes": ("按取得办件编号的日期统计。",),
        "personal": True,
    }
    return Report(**(fields | changes))  # type: ignore[arg-type]


CHARTS = tuple(
    Chart(
        kind=kind,
        title=f"图{kind}",
        labels=("小餐饮", "王䶮", "三"),
        series=(Series("收件", (5, 0, 12)), Series("决定", (1, 2, 3)))[
            : 2 if kind in ("column", "line") else 1
        ],
    )
    for kind in ("bar", "column", "line", "share")
)
SUMMARY = figures("now", "目前", "Now", [Figure(f"f{n}", f"指标{n}", n * 1000) for n in range(7)])


def pages(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


@pytest.mark.parametrize("form", FORMATS)
def test_equal_reports_give_equal_bytes(form: Format) -> None:
    made = report(charts=CHARTS)
    assert FILES.write(made, form) == ReportFiles(RESOURCES).write(report(charts=CHARTS), form)
    assert FILES.write(made, form) != FILES.write(replace(made, title="另一张"), form)


def test_json_keeps_values_raw() -> None:
    told = json.loads(FILES.write(report(), "json"))
    assert told["period"] == {"from": "2026-09-01", "to": "2026-09-30"}
    (main,) = told["tables"]
    assert main["rows"][0] == {
        "case_no": CASE_NO,
        "item": "小餐饮许可",
        "cases": 1200,
        "rate": {"hits": 3, "of": 4, "ratio": 0.75},
        "due": "2026-09-28",
        "at": "2026-09-30T17:00:00+08:00",
    }
    assert main["rows"][1]["rate"] == {"hits": 0, "of": 0, "ratio": None}
    assert main["totals"]["cases"] == 1203
    assert main["totals"]["rate"]["hits"] == 4


def test_json_of_a_contract_is_exactly_that() -> None:
    assert json.loads(FILES.write(report(plain={"items": 1}), "json")) == {"items": 1}


def test_csv_opens_in_excel_and_runs_nothing() -> None:
    data = FILES.write(report(), "csv")
    text = data.decode("utf-8-sig")
    assert data.startswith(MARK.encode())
    assert "\r\n" in text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["演示报表", "2026-09-01 至 2026-09-30"]
    assert rows[4] == ["办件编号", "事项", "收件", "按期率", "按期率·分子", "按期率·分母", "到期", "时间"]
    assert rows[5] == [
        f"\t{CASE_NO}",
        "小餐饮许可",
        "1200",
        "75.0000%",
        "3",
        "4",
        "2026-09-28",
        "2026-09-30 17:00",
    ]
    assert rows[6][1] == "'=cmd|'/c calc'!A1"
    assert rows[6][3:6] == ["", "0", "0"]
    assert rows[8][:6] == ["合计", "", "1203", "80.0000%", "4", "5"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


def test_ordinary_text_is_left_alone() -> None:
    assert [safe(text) for text in ("王䶮", "12345", "A-1", "")] == ["王䶮", "12345", "A-1", ""]


def test_a_workbook_has_typed_cells() -> None:
    made = report(charts=CHARTS, tables=(*report().tables, SUMMARY))
    book = openpyxl.load_workbook(io.BytesIO(FILES.write(made, "xlsx")))
    assert book.sheetnames == ["主表", "目前", "图表"]
    sheet = book["主表"]
    heads = [cell.value for cell in sheet[5]]
    assert heads == ["办件编号", "事项", "收件", "按期率", "按期率·分子", "按期率·分母", "到期", "时间"]
    first = [cell.value for cell in sheet[6]]
    assert first == [
        CASE_NO,
        "小餐饮许可",
        1200,
        0.75,
        3,
        4,
        DUE,
        MADE,
    ]
    assert sheet["D6"].number_format == "0.00%"
    evil = sheet["B7"]
    assert (evil.value, evil.data_type) == ("=cmd|'/c calc'!A1", "s")
    assert [cell.value for cell in sheet[9]][:6] == ["合计", None, 1203, 0.8, 4, 5]
    assert sheet.freeze_panes == "A6"
    assert len(book["图表"]._charts) == len(CHARTS)
    assert book.properties.created == MADE


def test_names_of_sheets_are_what_excel_takes() -> None:
    awkward = table("x", "一[二]:三*四?五/六\\七" + "长" * 40, "X", COLUMNS, ROWS)
    book = openpyxl.load_workbook(io.BytesIO(FILES.write(report(tables=(awkward, awkward)), "xlsx")))
    assert len({*book.sheetnames}) == 2
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_a_long_list_repeats_its_head_and_numbers_its_pages() -> None:
    rows = [(f"2102130300220260914{n:05}", f"事项{n}", n, Ratio(n, 200), None, None) for n in range(150)]
    made = report(tables=(table("main", "主表", "Main", COLUMNS, rows, at_most=140),))
    found = pages(FILES.write(made, "pdf"))
    assert len(found) >= 4
    for at, text in enumerate(found, start=1):
        assert f"第 {at} 页 / 共 {len(found)} 页" in text
        assert "李敏 · 2026-09-30 17:00 生成 · 个人信息已遮盖。" in text
    assert all("办件编号" in text for text in found[:-1])
    whole = "".join(found)
    assert all(f"2102130300220260914{n:05}" in whole for n in range(140))
    assert "另有 10 行未列出，合计已包含。" in whole
    assert f"{sum(range(150)):,}" in whole


def test_print_has_charts_values_rare_names_and_a_plain_word_for_nothing() -> None:
    empty = table("none", "空表", "None", COLUMNS, ())
    made = report(charts=CHARTS, tables=(SUMMARY, empty, *report().tables), masked=False)
    whole = "".join(pages(FILES.write(made, "pdf")))
    assert all(chart.title in whole for chart in CHARTS)
    for words in ("𬬻䶮", "王䶮", "75.00%（3/4）", "—（0/0）", "指标6", "6,000", "所选日期内没有数据。"):
        assert words in whole, words
    assert "含完整个人信息" in whole


def test_wide_tables_lie_on_their_side() -> None:
    wide = (*COLUMNS, Column("more", "说明", "Note", width=4))
    rows = [(*row, "演示") for row in ROWS]
    sizes = []
    for made in (report(), report(tables=(table("w", "宽表", "Wide", wide, rows),))):
        document = pypdfium2.PdfDocument(FILES.write(made, "pdf"))
        sizes.append(document[0].get_size())
        document.close()
    assert sizes[0][0] < sizes[0][1]
    assert sizes[1][0] > sizes[1][1]


def test_no_cell_runs_into_the_next() -> None:
    """Narrow columns with long numbers: each cell's words lie within the page, and none over another's."""
    columns = tuple(Column(f"c{n}", f"很长的列名{n}", "C", Kind.RATIO, width=0.4) for n in range(9))
    rows = [tuple(Ratio(12_345, 67_890) for _ in columns)]
    document = pypdfium2.PdfDocument(
        FILES.write(report(tables=(table("n", "窄", "N", columns, rows),)), "pdf")
    )
    page = document[0]
    text = page.get_textpage()
    boxes = [text.get_rect(n) for n in range(text.count_rects())]
    assert all(left >= 0 and right <= page.get_width() for left, _, right, _ in boxes)
    document.close()


def test_a_face_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"documents\.font-missing"):
        ReportFiles(tmp_path).write(report(), "pdf")
