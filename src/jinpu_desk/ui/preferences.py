"""What a clerk may choose about the window. Where it is kept is the composition root's business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from PySide6.QtCore import QObject, Signal

ThemeName = Literal["light", "contrast"]
ScaleName = Literal["normal", "large", "largest"]
SCALES: dict[ScaleName, float] = {"normal": 1.0, "large": 1.2, "largest": 1.4}


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """Choices of one desk; ``printers`` maps a paper kind ("" for any) to a printer's name."""

    theme: ThemeName = "light"
    scale: ScaleName = "normal"
    language: Literal["zh", "en"] = "zh"
    idle_minutes: int = 5
    printers: dict[str, str] = {}
    scan_folder: str = ""
    wedge_prefix: str = ""
    last_clerk: str = ""

    def printer_for(self, kind: str) -> str:
        """Return the printer chosen for a paper kind, or the general one, or ""."""
        return self.printers.get(kind) or self.printers.get("", "")


class Choices(QObject):
    """The preferences in force; a change is kept at once and announced."""

    changed = Signal(object)  # Preferences

    def __init__(self, now: Preferences, keep: Callable[[Preferences], None]) -> None:
        super().__init__()
        self._now = now
        self._keep = keep

    @property
    def now(self) -> Preferences:
        return self._now

    def change(self, chosen: Preferences) -> None:
        if chosen != self._now:
            self._now = chosen
            self._keep(chosen)
            self.changed.emit(chosen)

    def remember_clerk(self, login: str) -> None:
        """Offer this login first at the door next time."""
        self.change(msgspec.structs.replace(self._now, last_clerk=login))
