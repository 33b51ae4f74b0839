"""Reports in memory (演示): what was asked is remembered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from jinpu_desk.app.reports.model import (
    Chart,
    Column,
    Kind,
    Line,
    Period,
    Ratio,
    Report,
    Series,
    number,
    table,
)
from jinpu_desk.app.reports.registry import REPORTS
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.ui.backend_reports import ExportForm

COLUMNS = (
    Column("item", "事项", "Item", width=2.4),
    number("cases", "收件", "Received"),
    Column("rate", "按期率", "On time", Kind.RATIO, total=True, width=1.4),
)
ROWS: tuple[Line, ...] = (("小餐饮许可（演示）", 12, Ratio(11, 12)), ("个独设立（演示）", 7, Ratio(7, 7)))


class FakeReports:
    """Implements ``ui.backend_reports``."""

    calls: list[tuple[Any, ...]]
    filed: Report | None = None
    nothing = False
    disk_full = False

    def report(self, name: str, first: date, last: date) -> Report:
        self.calls.append(("report", name, first.isoformat(), last.isoformat()))
        rows = () if self.nothing else ROWS
        cards = table("cards", "红黄牌", "Cards", COLUMNS[:2], rows and [("黄牌", 1)])
        chart = Chart(
            kind="bar",
            title="各事项收件",
            labels=tuple(str(row[0]) for row in ROWS),
            series=(Series("收件", (12, 7)),),
        )
        kind = REPORTS[name]
        return Report(
            id=name,
            title=kind.title,
            title_en=kind.title_en,
            period=Period(first, last),
            place="演示站 综合窗口 07",
            author="李敏",
            generated_at=datetime(2026, 11, 23, 2, 42, tzinfo=UTC) + timedelta(hours=8),
            tables=(table("items", "按事项", "By item", COLUMNS, rows), cards)[
                : 2 if name == "on-time" else 1
            ],
            charts=() if self.nothing else (chart,),
            notes=("按取得办件编号的日期统计。",),
            personal=kind.personal,
        )

    def save_report(self, report: Report, form: ExportForm) -> str:
        if self.disk_full:
            raise Unavailable("cli.unwritable")
        self.calls.append(("save-report", report.id, form))
        self.filed = report
        return f"out/{report.id}.{form}"
