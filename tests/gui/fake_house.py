"""Sticks and days counted with the centre, in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from jinpu_desk.app.duty.duty_view import DayPage
from jinpu_desk.app.screens.bundle_view import BundleDone
from jinpu_desk.app.screens.views import Chip
from jinpu_desk.domain.errors import DeskError, Unavailable


class FakeHouse:
    """Remembers what was asked; ``trouble`` is raised in place of an answer."""

    calls: list[tuple[Any, ...]]
    trouble: DeskError | None = None

    def day_page(self) -> DayPage:
        raise NotImplementedError

    def export_bundle(self, target: Path) -> BundleDone:
        self.calls.append(("export", target))
        if self.trouble is not None:
            raise self.trouble
        return BundleDone(text="已写出 3 条记录。", file=str(target))

    def import_bundle(self, source: Path) -> BundleDone:
        self.calls.append(("import", source))
        if self.trouble is not None:
            raise self.trouble
        return BundleDone(text="回执已导入。")

    def reconcile(self) -> DayPage:
        self.calls.append(("reconcile",))
        if self.trouble is not None:
            raise self.trouble
        return replace(self.day_page(), counted=Chip("18:03 与中心对账：一致", "good"))


OFFLINE = Unavailable("sync.offline")
