"""The whole product as a clerk sees it: a real window under Xvfb, driven by keys alone (no mouse, no inside view)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageChops, ImageDraw

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.entry.demo import Centre
from jinpu_desk.entry.desk import main
from jinpu_desk.entry.home.enrolment import Enrolment
from jinpu_desk.entry.home.opening import open_desk
from jinpu_desk.entry.home.unlocking import unlock
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.store.home import Home
from samples.programs import run

pytestmark = pytest.mark.display
NAME = "王䶮"
IDENTITY = "210213199003070016"
SHOP = "演示小馆"
GIVE_UP_SECONDS = 60
PAUSE_MS = "60"  # between keys: slower than any barcode gun
BORROWED_MS = "900"
WINDOW_RULES = """<openbox_config xmlns="http://openbox.org/3.4/rc"><applications><application class="*">
<decor>no</decor><maximized>yes</maximized><focus>yes</focus></application></applications></openbox_config>"""
"""A window manager gives the window the keyboard; otherwise it stays out of the way."""
CLOCK_STRIP = 60  # pixels at the bottom that change by themselves


def desk(home: Path, *arguments: str) -> dict[str, Any]:
    """Run one headless command and return its answer."""
    return run(main, "--home", str(home), *arguments, JINPU_PASSWORD="demo").answer


class Screen:
    """An X display of its own, its keys and what it shows."""

    def __init__(self, display: str, shots: Path) -> None:
        self.environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._shots = shots

    def press(self, *keys: str) -> None:
        """Press keys one after another, each once what came before was painted."""
        for key in keys:
            self._tool("key", key)
            self.settle()

    def write(self, text: str) -> None:
        """Type as a person does. A character no key stands for borrows one for as long as the pause lasts: it must not
        be given back before a busy window has read it."""
        self._tool("type", "--delay", PAUSE_MS if text.isascii() else BORROWED_MS, text)
        self.settle()

    def see(self) -> Image.Image:
        """Return what is on the screen now."""
        shot = subprocess.run(
            ["import", "-window", "root", "png:-"], env=self.environment, capture_output=True, check=True
        )
        return Image.open(BytesIO(shot.stdout)).convert("RGB")

    def settle(self) -> None:
        """Wait until nothing moves any more."""
        before = self.see()
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            now = self.see()
            if not self._differs(before, now):
                return
            before = now
        raise AssertionError("the screen never came to rest")

    def changed_from(self, before: Image.Image) -> None:
        """Wait until the screen shows something else, and has come to rest."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while not self._differs(before, self.see()):
            assert time.monotonic() < deadline, "nothing happened on the screen"
        self.settle()

    def keep(self, name: str) -> Image.Image:
        """Keep a screenshot for people to look at."""
        shot = self.see()
        shot.save(self._shots / f"{name}.png")
        return shot

    @staticmethod
    def _differs(one: Image.Image, other: Image.Image) -> bool:
        box = (0, 0, one.width, one.height - CLOCK_STRIP)
        difference = ImageChops.difference(one.crop(box), other.crop(box)).convert("L")
        # A blinking cursor is a few pixels; a page is not.
        return sum(difference.point(lambda v: 255 if v > 16 else 0).histogram()[255:]) > 80

    def _tool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.environment, check=True)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """Lend an empty display; the shots go to ``JINPU_SHOTS`` when somebody wants to look."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as ready:
        number = ready.readline().strip()
    shots = Path(os.environ.get("JINPU_SHOTS", str(tmp_path)))
    shots.mkdir(parents=True, exist_ok=True)
    rules = tmp_path / "openbox.xml"
    rules.write_text(WINDOW_RULES)
    manager = subprocess.Popen(
        ["openbox", "--config-file", str(rules)],
        env=os.environ | {"DISPLAY": f":{number}"},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Screen(f":{number}", shots)
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


Enrol = Callable[[str], Path]


@pytest.fixture(scope="module")
def enrol() -> Iterator[Enrol]:
    """Lend a centre that serves, in a folder PostgreSQL's own user can reach: each call gives a new desk's home."""
    with tempfile.TemporaryDirectory(prefix="jinpu-window-") as folder:
        place = Path(folder)
        centre = Centre(place / "centre", place / "centre.log")

        def home(name: str) -> Path:
            enrolled = ("setup", "--server", centre.url, "--code", centre.code("HALL"))
            desk(place / name, *enrolled, "--clerk", "demo", "--window", f"综合窗口 {name.upper()}")
            return place / name

        try:
            centre.make()
            centre.start()
            yield home
        finally:
            centre.stop()


def lay_pages(home: Path) -> None:
    """Put two scanned pages where the scanner would."""
    for number in (1, 2):
        page = Image.new("L", (1240, 1754), 255)
        pen = ImageDraw.Draw(page)
        for line in range(40):
            pen.text((120, 120 + line * 36), f"page {number} line {line} " + "specimen text " * 6, fill=0)
        page.save(home / "hot" / f"scan-{number}.png", dpi=(150, 150))


def saved_drafts(home: Path) -> list[Draft]:
    """Return the drafts in a home's store, read past the window."""
    parts = load_parts()
    with Home(home) as held:
        enrolment = Enrolment(held, parts)
        opened = open_desk(enrolment, *unlock(enrolment, "demo", "demo"))
        try:
            return [msgspec.json.decode(draft.state, type=Draft) for draft in opened.store.drafts()]
        finally:
            opened.close()


def test_a_draft_outlives_a_kill(screen: Screen, enrol: Enrol) -> None:
    """Kill the window in the middle of a page: what was typed is where it was."""
    home = enrol("kept")
    blank = screen.see()
    window = subprocess.Popen(
        [sys.executable, "-m", "jinpu_desk.entry.desk", "--home", str(home)], env=screen.environment
    )
    try:
        screen.changed_from(blank)
        door = screen.see()
        screen.write("demo")
        screen.press("Return")
        screen.changed_from(door)
        screen.press("alt+2")
        screen.write("grdz")
        screen.press("Return")
        screen.write(NAME)
        screen.press("Return")
        screen.write(IDENTITY)
        screen.press("Return")
        screen.settle()
    finally:
        window.kill()
        window.wait(GIVE_UP_SECONDS)
    (draft,) = saved_drafts(home)
    assert (draft.target, draft.applicant.name, draft.applicant.id_no) == ("sole-prop-setup", NAME, IDENTITY)


def test_a_case_by_keys_alone(screen: Screen, enrol: Enrol) -> None:
    """Log in, register a sole proprietorship for a rare-character name, scan, preview, find, see it elsewhere."""
    assert shutil.which("xdotool")
    first, second = enrol("a"), enrol("b")
    blank = screen.see()
    window = subprocess.Popen(
        [sys.executable, "-m", "jinpu_desk.entry.desk", "--home", str(first)], env=screen.environment
    )
    try:
        screen.changed_from(blank)
        door = screen.keep("1-login")
        screen.write("demo")
        screen.press("Return")
        screen.changed_from(door)
        screen.keep("2-workbench")
        screen.press("alt+2")
        screen.write("grdz")
        screen.press("Return")
        for text in (NAME, IDENTITY, "13900000000"):
            screen.write(text)
            screen.press("Return")
        screen.press("Right", "Right", "Return", "Return")  # 租赁; no prior approval
        for text in (SHOP, "金州区演示路1号", "百货销售"):
            screen.write(text)
            screen.press("Return")
        screen.write("10.00")
        screen.press("Return", "Right", "Return")  # 以个人财产出资
        screen.write("3")
        screen.press("Return")
        screen.write("13900000000")
        screen.press("Return")
        screen.keep("3-form")
        lay_pages(first)
        before = screen.see()
        screen.press("F5")
        screen.changed_from(before)
        screen.press("ctrl+k", "Down", "space", "space")
        screen.keep("4-checklist")
        before = screen.see()
        screen.press("F9")
        screen.changed_from(before)
        screen.keep("5-registered")
        before = screen.see()
        screen.press("Return")
        screen.changed_from(before)
        screen.keep("6-preview")
        screen.press("Escape", "F2")
        before = screen.see()
        screen.write(NAME)
        screen.changed_from(before)
        screen.keep("7-found")
    finally:
        window.terminate()
        window.wait(GIVE_UP_SECONDS)
    (case,) = desk(first, "find", NAME)["cases"]
    assert (case["status"], case["applicant_name"], case["entity_name"]) == (90, NAME, SHOP)
    whole = desk(first, "show", case["case_no"])
    assert len(whole["attachments"]) == 2
    assert [paper["kind"] for paper in whole["papers"]] == ["D7"]
    assert desk(first, "sync")["pending"] == 0
    desk(second, "sync")
    (there,) = desk(second, "find", NAME)["cases"]
    assert there["case_no"] == case["case_no"]
    assert desk(second, "verify")["ok"] is True
