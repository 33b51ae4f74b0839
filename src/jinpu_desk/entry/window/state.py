"""What is always visible, and 同步: their part of the window's backend."""

from __future__ import annotations

from msgspec.structs import replace

from jinpu_desk.app.papers import printing
from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens import sync_view, workbench
from jinpu_desk.app.screens.sync_view import Link, SyncPage
from jinpu_desk.app.screens.views import Badges, DeviceLine, SyncTruth, Workbench
from jinpu_desk.domain.errors import Refused, Unavailable

from .base import OpenHome


class StateCalls(OpenHome):
    """Implements ``ui.backend.StateDesk``."""

    def truth(self) -> SyncTruth:
        """Return the pill."""
        return sync_view.truth(self._desk, self._link())

    def badges(self) -> Badges:
        """Return the navigation's numbers."""
        shown = workbench.badges(self._desk)
        moved = len(self._open.store.calendars.unseen())
        return replace(shown, sync=shown.sync + moved)

    def workbench(self) -> Workbench:
        """Return the workbench."""
        printing.follow(self._desk, self._printers)
        return workbench.workbench(self._desk)

    def devices(self) -> tuple[DeviceLine, ...]:
        """Return the devices of the status bar."""
        return (
            self._printer_line(),
            self._reader_line(),
            DeviceLine(label="扫描", state="就绪", tone="good"),
        )

    def _printer_line(self) -> DeviceLine:
        try:
            printer = self._printers.printers()[0]
        except (IndexError, Unavailable):
            return DeviceLine(label="打印机", state="未连接", tone="warn")
        if printer.problem:
            problem = self._enrolment.parts.sentences.text(printer.problem).rstrip("。")
            return DeviceLine(label="打印机", state=problem, tone="bad")
        return DeviceLine(label="打印机", state="就绪", tone="good")

    def _reader_line(self) -> DeviceLine:
        if self._reader is None:
            return DeviceLine(label="读卡器", state="未配置", tone="neutral")
        return DeviceLine(label="读卡器", state="就绪", tone="good")

    def sync_page(self) -> SyncPage:
        """Return 同步."""
        return sync_view.sync_page(self._desk, self._link(), self._open.store.sync.clock_offset())

    def sync_now(self) -> SyncRound:
        """Run one round now."""
        if self._messenger is None or self._locked:
            raise Refused("login.needed")
        return self._messenger.sync_now()

    def _link(self) -> Link:
        return self._messenger.link if self._messenger else Link(online=False)
