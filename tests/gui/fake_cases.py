"""Fictitious (演示) cases, papers and pictures for the fake backend."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import msgspec

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import (
    CaseLine,
    CasePage,
    Chip,
    FieldView,
    Pair,
    PaperLine,
    TimelineLine,
    VerbButton,
)
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId

from .fake_intake import explain


def case_line(number: int, **changes: Any) -> CaseLine:
    """Return the row of a fictitious case."""
    line = CaseLine(
        case_id=CaseId(f"case-{number}"),
        case_no=CaseNo(f"2102130000120261123{number:04}7"),
        item="食品经营许可（新办）",
        applicant="张*三",
        entity=f"演示小馆{number}号",
        status=Chip("已受理", "info"),
        flags=(Chip("容缺", "tolerated"),) if number % 3 == 0 else (),
        due=f"12-0{number % 9 + 1} · 剩 {number % 5 + 1} 个工作日",
        due_tone="warn" if number % 5 == 0 else "neutral",
        received="11-23 10:42",
        station="演示大厅",
        clerk="李敏",
        sync=Chip("待传", "warn") if number % 4 == 0 else None,
    )
    return msgspec.structs.replace(line, **changes)


def png(width: int = 120, height: int = 160) -> bytes:
    """Return a pale page with a few lines, as PNG."""
    rows = [
        b"\x00"
        + b"".join(
            b"\x90\xa0\xb0" if y % 20 == 0 and 12 < x < width - 12 else b"\xfb\xfc\xfd" for x in range(width)
        )
        for y in range(height)
    ]

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def paper(key: str, kind: str, title: str) -> PaperLine:
    return PaperLine(
        id=EventId(key),
        kind=kind,
        title=title,
        doc_no="演示〔2026〕7号",
        at="11-23 10:43",
        pages=2,
        reprints=0,
        sha256=Digest("0" * 64),
    )


def case_page(line: CaseLine, reveal: bool) -> CasePage:
    """Return a fictitious case whole."""
    checklist = explain(Draft(id="x", target="food-business-new")).checklist
    reason = FieldView(path="reason", label="原因", kind="text", value="", required=True)
    return CasePage(
        line=line,
        title=line.item,
        query_code="482913",
        facts=(
            Pair("申请人", "张小三" if reveal else "张*三"),
            Pair("身份证", "210213199003070016" if reveal else "2102**********0016"),
            Pair("电话", "13900000000" if reveal else "139****0000"),
            Pair("收件", "2026-11-23 10:42"),
            Pair("受理", "2026-11-23"),
            Pair("承诺办结", "2026-11-30（剩 5 个工作日）"),
            Pair("法定期限", "2026-12-21"),
        ),
        form=(
            Pair("名称", line.entity),
            Pair("经营场所", "大连市金普新区演示路 18 号"),
            Pair("经营项目", "热食类食品制售"),
        ),
        checklist=checklist,
        timeline=(
            TimelineLine(
                event=EventId("e3"),
                at="11-23 10:43",
                what="出具受理通知书",
                who="李敏",
                where="综合窗口 07",
                note="演示〔2026〕7号",
                sync=Chip("待传", "warn"),
            ),
            TimelineLine(
                event=EventId("e2"),
                at="11-23 10:43",
                what="受理",
                who="李敏",
                where="综合窗口 07",
                note="",
                sync=None,
            ),
            TimelineLine(
                event=EventId("e1"),
                at="11-23 10:42",
                what="收件，7 份材料",
                who="李敏",
                where="综合窗口 07",
                note="",
                sync=None,
            ),
        ),
        papers=(paper("p1", "D2", "受理通知书"), paper("p2", "D1", "收件凭证")),
        verbs=(
            VerbButton(
                verb="supplement",
                label="补齐",
                allowed=True,
                reason="",
                asks=(FieldView(path="material", label="材料", kind="text", value="", required=True),),
            ),
            VerbButton(verb="pause", label="暂停计时", allowed=True, reason="", asks=(reason,)),
            VerbButton(verb="decide", label="作出决定", allowed=False, reason="受理人不能审批同一件"),
            VerbButton(
                verb="note",
                label="备注",
                allowed=True,
                reason="",
                asks=(FieldView(path="text", label="备注", kind="text", value="", required=True),),
            ),
            VerbButton(verb="resume", label="恢复计时", allowed=True, reason=""),
            VerbButton(verb="void", label="作废", allowed=True, reason="", asks=(reason,)),
        ),
        children=(),
        revealed=reveal,
    )
