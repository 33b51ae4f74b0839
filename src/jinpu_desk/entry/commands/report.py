"""``report``: counts this desk, or a synthetic catalogue, and prints JSON or writes a file."""

from __future__ import annotations

import argparse
import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from jinpu_desk.app.reports.catalogue_figures import FIXTURES, fixture_content
from jinpu_desk.app.reports.model import Report
from jinpu_desk.app.reports.plain import report_json
from jinpu_desk.app.reports.registry import ReportKind, asked_period, report_kind
from jinpu_desk.app.reports.run import finished, log, run
from jinpu_desk.documents.reports.write import FORMATS, Format, ReportFiles
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import CHINA

from ..clocks import SystemClock
from ..parts import Parts
from .casework import opened
from .paper_files import write_out


def run_report(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``report``: everything asked for is checked before the desk is opened."""
    kind = report_kind(arguments.name)
    form = _format(arguments.format)
    out: Path | None = arguments.out
    if out is None and form != "json":
        raise Refused("report.out-needed", "--out", form=form)
    first, last = _day(arguments.first, "--from"), _day(arguments.last, "--to")
    if arguments.fixture is not None:
        report = _on_fixture(kind, arguments.fixture)
    else:
        with opened(parts, arguments) as desk:
            period = asked_period(kind, first, last, desk.desk.today())
            report = run(desk.desk, kind, period, masked=not arguments.reveal)
            if out is not None:
                log(desk.desk, f"export-report {kind.id} {form}")
    return _given(parts, report, form, out)


def _format(text: str) -> Format:
    for form in FORMATS:
        if form == text:
            return form
    raise Refused("report.format", "--format", form=text, forms="、".join(FORMATS))


def _day(text: str | None, where: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("cli.date", where, value=text) from error


def _on_fixture(kind: ReportKind, fixture: str) -> Report:
    """Count a synthetic catalogue; that needs no desk and no password."""
    if kind.id != "catalogue" or fixture not in FIXTURES:
        known = "、".join(f"catalogue --fixture {name}" for name in FIXTURES)
        raise Refused("report.fixture", "--fixture", name=kind.id, fixture=fixture, known=known)
    return finished(kind, fixture_content(fixture), now=SystemClock().now().astimezone(CHINA), training=True)


def _given(parts: Parts, report: Report, form: Format, out: Path | None) -> dict[str, Any]:
    """Write the file somebody asked for; JSON is also the answer, of other formats the answer tells about the file."""
    if out is None:
        return report_json(report)
    data = ReportFiles(parts.folder).write(report, form)
    write_out(out, data)
    if form == "json":
        return report_json(report)
    return {
        "report": report.id,
        "format": form,
        "out": str(out),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "rows": sum(len(table.rows) for table in report.tables),
    }
