"""Sticks, days counted with the centre, and what goes at the end of a day: their part of the window's backend."""

from __future__ import annotations

import logging
from pathlib import Path

from jinpu_desk.app.duty import duty_view, pruning, reconciling
from jinpu_desk.app.duty.duty_view import DayPage
from jinpu_desk.app.screens import bundle_view
from jinpu_desk.app.screens.bundle_view import BundleDone
from jinpu_desk.domain.errors import DeskError, Refused
from jinpu_desk.sync.bundle import answer_path, kind_of, reading

from ..commands.bundle import apply, carry, export
from ..home.counting import CentreCount
from ..home.login_log import note
from .base import OpenHome

log = logging.getLogger(__name__)


class HouseCalls(OpenHome):
    """Implements ``ui.backend_bundle``."""

    def export_bundle(self, target: Path) -> BundleDone:
        """Write what waits to be sent."""
        done = export(self._open, target)
        return bundle_view.exported(done.events, done.blobs, len(done.files), done.files[0])

    def import_bundle(self, source: Path) -> BundleDone:
        """Take an answer in between two rounds, or hand another window's bundle in."""
        opened = self._open
        with reading(source) as file:
            kind = kind_of(file).kind
        if kind != "answer":
            told = carry(opened, source, answer_path(source))
            return bundle_view.carried(int(told["events"]), int(told["blobs"]), str(told["answer"]))
        if self._messenger is None:
            raise Refused("login.needed")
        with self._messenger.between_rounds():
            return bundle_view.applied(apply(opened, source))

    def reconcile(self) -> DayPage:
        """Send what waits, then count every day of the week that is 未对账."""
        if self._messenger is None:
            raise Refused("login.needed")
        self._messenger.sync_now()
        for day in reconciling.uncounted(self._desk):
            reconciling.reconcile(self._desk, CentreCount(self._open), day)
        return duty_view.day_page(self._desk)

    def _tidy(self) -> None:
        """Give up old cases where the station does so; a fault of it is no fault of the day's end."""
        try:
            gone = pruning.prune_daily(self._desk)
        except DeskError as error:
            log.warning("prune: %s", error.code)
        else:
            if gone is not None and gone.cases:
                note(self._desk, "prune", "prune", str(gone.cases))
