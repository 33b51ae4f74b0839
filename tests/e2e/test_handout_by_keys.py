"""Results handed out by keys alone, in the real window over the real desk: taken, posted, signed for, printed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from jinpu_desk.app.screens.views import OptionView
from jinpu_desk.devices.printers import FolderPrinter
from jinpu_desk.entry.demo_cases import sole_prop
from jinpu_desk.entry.home.enrolment import Enrolment
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.entry.window.backend import DeskBackend
from jinpu_desk.store.home import Home
from jinpu_desk.ui.app import Window, WindowSettings, open_window
from jinpu_desk.ui.pages.handout.page import HandoutPage
from jinpu_desk.ui.preferences import Preferences
from samples.programs import CLERK, CLOCK, PASSWORD, TrainingCentre

KEY, CTRL, ALT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
CONFIRM = (KEY.Key_Return, CTRL)
SECOND_MS = 1000


class Clerk:
    """Somebody at the keyboard."""

    def __init__(self, bot: QtBot, window: Window) -> None:
        self.bot, self.window = bot, window

    def keys(self, *keys: Qt.Key | tuple[Qt.Key, Qt.KeyboardModifier]) -> Clerk:
        for key in keys:
            code, held = key if isinstance(key, tuple) else (key, Qt.KeyboardModifier.NoModifier)
            widget = QApplication.focusWidget()
            assert widget is not None, "the keys go nowhere"
            QTest.keyClick(widget, code, held)
        return self

    def type(self, text: str) -> Clerk:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClicks(widget, text)
        return self

    def until(self, true: Callable[[], object]) -> Clerk:
        self.bot.waitUntil(lambda: bool(true()) and not self.window.kit.jobs.busy, timeout=120 * SECOND_MS)
        return self


@pytest.fixture
def home(training: TrainingCentre) -> Iterator[Path]:
    """A desk with three registrations that wait, two of them to be posted, and no network: results of other windows
    would join the list whenever they came."""
    desk = training.desk()
    for number, delivery in ((1, "pick-up"), (2, "post"), (3, "post")):
        desk.take(sole_prop(number) | {"delivery": delivery}, papers=True)
    training.stop()
    yield desk.home
    training.start()


@pytest.fixture
def clerk(home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    parts = load_parts()
    with Home(home) as held:
        enrolment = Enrolment(held, parts)
        backend = DeskBackend(
            enrolment, printers=FolderPrinter(held.folder("out")), reader=None, scan_folder=None
        )
        settings = WindowSettings(
            resources=parts.folder,
            preferences=Preferences(idle_minutes=60),
            keep_preferences=lambda _kept: None,
            now=lambda: datetime(2026, 9, 18, 10, 0),  # noqa: DTZ001 - the local time of the counter
            id_types=(OptionView(value="111", label="居民身份证"),),
        )
        window = open_window(backend, settings)
        ticks = iter(range(0, 10**9, 1000))
        window.wedge.use_clock(lambda _event: next(ticks))  # every key is a person's
        window.shell.show()
        window.shell.activateWindow()
        try:
            person = Clerk(qtbot, window)
            person.until(lambda: window.shell.door.clerk.currentText() == CLERK)
            # The test's own keyboard has no input method, so the password goes in at once.
            window.shell.door.password.setText(PASSWORD)
            window.shell.door.password.setFocus()
            person.keys(KEY.Key_Return).until(window.shell.workbench.isVisible)
            yield person
        finally:
            window.close()
            window.shell.deleteLater()
            backend.close()


def test_a_day_at_the_window_of_results(clerk: Clerk, home: Path) -> None:
    clerk.keys((KEY.Key_5, ALT))
    page = clerk.window.shell.page("go.handout")
    assert isinstance(page, HandoutPage)
    clerk.until(lambda: len(page.list.lines) == 3 and page.result.page)

    # The applicant takes the first: three keys, then the slips.
    clerk.keys(KEY.Key_Return).until(lambda: page.result.way)
    clerk.keys(CONFIRM).until(lambda: page.result.finished)
    assert [paper.kind for paper in page.result.issued] == ["D9", "D10"]
    clerk.keys(KEY.Key_F10).until(lambda: len(list((home / "out").glob("*.pdf"))) == 2)
    clerk.keys(KEY.Key_Return).until(lambda: len(page.list.lines) == 2)

    # The other two go by post, numbers typed one after the other.
    clerk.keys(KEY.Key_F6).until(lambda: len(page.parcels.rows) == 2)
    clerk.type("EB100000001CS").keys(KEY.Key_Return).type("EB100000002CS")
    clerk.keys(CONFIRM).until(lambda: all(one.sent for one in page.parcels.rows))
    clerk.keys(KEY.Key_F10).until(lambda: len(list((home / "out").glob("*.pdf"))) == 4)
    clerk.keys((KEY.Key_S, CTRL)).until(lambda: list((home / "out").glob("*.csv")))
    clerk.keys(KEY.Key_Escape).until(lambda: not page.list.lines)

    # One of them was signed for.
    clerk.keys((KEY.Key_Right, CTRL)).until(lambda: len(page.list.lines) == 2 and page.result.way)
    clerk.keys(CONFIRM).until(lambda: page.result.finished)
    assert page.result.done.sentence.text().startswith("已登记签收")
    clerk.keys(KEY.Key_Return).until(lambda: len(page.list.lines) == 1)
    clerk.keys((KEY.Key_Right, CTRL)).until(lambda: len(page.list.lines) == 2)
