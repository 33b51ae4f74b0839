"""Reports as files: one door for every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal, get_args

from jinpu_desk.app.reports.model import Report
from jinpu_desk.app.reports.plain import report_json
from jinpu_desk.documents.fonts import FontShelf

Format = Literal["json", "csv", "xlsx", "pdf"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


class ReportFiles:
    """Writes reports; libraries and faces are loaded when a format first needs them."""

    def __init__(self, resources: Path) -> None:
        """``resources`` holds ``fonts/``."""
        self._shelf = FontShelf(resources / "fonts")

    def write(self, report: Report, form: Format) -> bytes:
        """Return the report as a file. Equal reports give equal bytes. Unavailable when a face is gone."""
        if form == "csv":
            from jinpu_desk.documents.reports.csv_file import to_csv

            return to_csv(report)
        if form == "xlsx":
            from jinpu_desk.documents.reports.xlsx_file import to_xlsx

            return to_xlsx(report)
        if form == "pdf":
            from jinpu_desk.documents.reports.pdf_file import to_pdf

            return to_pdf(report, self._shelf)
        return json.dumps(report_json(report), ensure_ascii=False, indent=2).encode()
