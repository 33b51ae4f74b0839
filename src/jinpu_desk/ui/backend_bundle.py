"""What the window asks about sticks, and about a day counted with the centre."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from jinpu_desk.app.duty.duty_view import DayPage
from jinpu_desk.app.screens.bundle_view import BundleDone


class BundleDesk(Protocol):
    """A window that does not reach the centre, and one that carries for another."""

    def export_bundle(self, target: Path) -> BundleDone:
        """Write what waits to be sent. Raises Unavailable ``bundle.…``."""
        ...

    def import_bundle(self, source: Path) -> BundleDone:
        """Take an answer in, or hand another window's bundle to the centre. Raises Refused ``bundle.…``."""
        ...


class CountingDesk(Protocol):
    """Counting days with the centre."""

    def reconcile(self) -> DayPage:
        """Send what waits, count every day of the week that is 未对账, and return 日结. Raises as a round."""
        ...
