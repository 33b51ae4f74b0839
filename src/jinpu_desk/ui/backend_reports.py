"""What the page 统计 asks of the rest of the product."""

from __future__ import annotations

from datetime import date
from typing import Literal, Protocol

from jinpu_desk.app.reports.model import Report

ExportForm = Literal["xlsx", "pdf", "csv"]


class ReportDesk(Protocol):
    """Reports of this desk; both calls may take a while and hold nobody up."""

    def report(self, name: str, first: date, last: date) -> Report:
        """Count a report over the days from ``first`` to ``last``. Raises Refused ``report.…``."""
        ...

    def save_report(self, report: Report, form: ExportForm) -> str:
        """Write the report into the desk's folder for files and return where; the audit log says so.

        Raises:
            Unavailable: ``cli.unwritable`` when the folder takes no file.
        """
        ...
