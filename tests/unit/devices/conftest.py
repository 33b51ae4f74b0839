"""Pages as a scanner would make them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.devices.spool import Spool
from samples.stores import SEALING

Page = Callable[..., Image.Image]


@pytest.fixture(scope="session")
def page() -> Page:
    """Draws a sheet of A4 at 100 dpi with ``lines`` of print, different for every ``seed``."""

    def draw(lines: int = 25, seed: int = 0) -> Image.Image:
        sheet = Image.new("L", (827, 1169), 250)
        pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
        for number in range(lines):
            text = f"{seed}/{number} Demonstration sheet, every word of it made up for a test"
            pen.text((75, 75 + number * 40), text, fill=30, font=font)
        return sheet

    return draw


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "scanner"
    folder.mkdir()
    return folder


@pytest.fixture
def spool_folder(tmp_path: Path) -> Path:
    return tmp_path / "private" / "spool"


@pytest.fixture
def hot_folder(inbox: Path, spool_folder: Path) -> HotFolder:
    return HotFolder(inbox, Spool(spool_folder, SEALING), settle_ms=500)
