"""统计: its part of the window's backend."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from jinpu_desk.app.reports.model import Period, Report
from jinpu_desk.app.reports.registry import asked_period, report_kind
from jinpu_desk.app.reports.run import log, run
from jinpu_desk.documents.reports.write import Format, ReportFiles

from ..commands.paper_files import write_out
from .base import OpenHome


class ReportCalls(OpenHome):
    """Implements ``ui.backend_reports.ReportDesk``."""

    def report(self, name: str, first: date, last: date) -> Report:
        """Count a report."""
        desk, kind = self._desk, report_kind(name)
        return run(desk, kind, asked_period(kind, first, last, desk.today()))

    def save_report(self, report: Report, form: Format) -> str:
        """Write a report that was counted; its name says which and when, and nothing about people."""
        log(self._desk, f"export-report {report.id} {form}")
        path = self._enrolment.home.folder("out") / f"{_file_name(report)}.{form}"
        write_out(path, self._report_files.write(report, form))
        return str(path)

    @cached_property
    def _report_files(self) -> ReportFiles:
        return ReportFiles(self._enrolment.parts.folder)


def _file_name(report: Report) -> str:
    period = report.period or Period(report.generated_at.date(), report.generated_at.date())
    days = period.first.isoformat()
    if period.last != period.first:
        days += f"-{period.last.isoformat()}"
    return f"{report.id}-{days}"
