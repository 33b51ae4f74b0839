"""Runs a report at a desk: opens one moment of the store, counts, and puts title, days and place around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from ..desk import Desk
from ..roles import require
from .model import Period, Report
from .registry import ReportKind
from .source import Content, ReportSource


@contextmanager
def source_of(desk: Desk, *, masked: bool = True) -> Iterator[ReportSource]:
    """Lend what reports are counted from, at one moment of the store."""
    with desk.store.reading() as reader:
        yield ReportSource(
            reader=reader,
            catalogue=desk.catalogue,
            calendar=desk.calendar,
            stations=desk.stations,
            clerks=desk.clerks,
            leases=desk.store.leases(),
            status=desk.store.status(),
            day=desk.store.tally,
            station=desk.replica.station_name,
            window=desk.replica.window,
            author=desk.clerk.display_name,
            now=desk.local(desk.now()),
            masked=masked,
            audit=desk.store.audit,
            set_aside=desk.store.parked(),
        )


def run(desk: Desk, kind: ReportKind, period: Period, *, masked: bool = True) -> Report:
    """Return the report. One that shows people whole is written to the audit log first.

    Raises:
        Refused: ``role.may-not`` for a report that is not for everybody.
    """
    if kind.needs:
        require(desk.roles, desk.clerk.roles, kind.needs)
    if not masked:
        log(desk, f"reveal-report {kind.id}")
    with source_of(desk, masked=masked) as source:
        content = kind.build(source, period)
    return finished(
        kind,
        content,
        period=period,
        place=f"{source.station} {source.window}".strip(),
        author=source.author,
        now=source.now,
        masked=masked,
        training=desk.replica.training,
    )


def finished(
    kind: ReportKind,
    content: Content,
    *,
    now: datetime,
    period: Period | None = None,
    place: str = "",
    author: str = "",
    masked: bool = True,
    training: bool = False,
) -> Report:
    """Return a report around what was counted; ``now`` is local and aware."""
    return Report(
        id=kind.id,
        title=kind.title + ("（演示）" if training else ""),
        title_en=kind.title_en + (" (training)" if training else ""),
        period=period,
        place=place,
        author=author,
        generated_at=now,
        tables=content.tables,
        charts=tuple(chart for chart in content.charts if not chart.empty),
        notes=content.notes,
        personal=kind.personal,
        masked=masked,
        plain=content.plain,
    )


def log(desk: Desk, what: str) -> None:
    """Write to the audit log that a report left the desk, or showed people whole."""
    with desk.store.transaction() as tx:
        tx.log("export" if what.startswith("export") else "reveal", what, actor=desk.clerk.id, at=desk.now())
