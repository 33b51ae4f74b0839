"""A real window, offscreen, over a backend in memory; nothing may be left running after a test."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from jinpu_desk.app.screens.views import OptionView
from jinpu_desk.ui.app import Window, WindowSettings, open_window
from jinpu_desk.ui.preferences import Preferences

from .fake import FakeBackend

RESOURCES = Path(__file__).parents[2] / "resources"
NOW = datetime(2026, 11, 23, 10, 42, 7)  # noqa: DTZ001 - the local time of the counter
ID_TYPES = (OptionView(value="111", label="居民身份证"), OptionView(value="414", label="普通护照"))


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on worker threads, active timers and windows that outlive the test that made them."""
    request.getfixturevalue("qapp")
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    gc.collect()
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("jinpu-")]
    assert not threads, f"threads left running: {threads}"
    timers = [t for t in gc.get_objects() if isinstance(t, QTimer) and isValid(t) and t.isActive()]
    assert not timers, f"timers left running: {[(t.parent(), t.interval()) for t in timers]}"
    windows = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not windows, f"windows left open: {windows}"


class Person:
    """Somebody at the keyboard: types into whatever has the focus."""

    def __init__(self, bot: QtBot, window: Window, backend: FakeBackend) -> None:
        self.bot = bot
        self.window = window
        self.shell = window.shell
        self.backend = backend
        self.intake = window.shell.intake

    @property
    def focus(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None, "nothing has the focus"
        return widget

    def keys(self, *keys: Qt.Key | tuple[Qt.Key, Qt.KeyboardModifier]) -> Person:
        """Press keys one after the other; shortcuts work as in the real window."""
        for key in keys:
            code, held = key if isinstance(key, tuple) else (key, Qt.KeyboardModifier.NoModifier)
            QTest.keyClick(self.focus, code, held)
        return self

    def type(self, text: str) -> Person:
        """Type text; what an input method would commit is sent as characters all the same."""
        for character in text:
            QApplication.sendEvent(
                self.focus, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, character)
            )
        return self

    def until(self, true: Callable[[], object]) -> Person:
        self.bot.waitUntil(lambda: bool(true()), timeout=30_000)
        return self

    def settle(self) -> Person:
        """Wait until no answer is under way."""
        return self.until(lambda: not self.window.kit.jobs.busy)

    def enter(self) -> Person:
        """Log in as the demonstration clerk."""
        self.shell.door.clerk.setEditText("limin")
        self.shell.door.password.setFocus()
        self.type("demo").keys(Qt.Key.Key_Return)
        return self.until(lambda: self.shell.workbench.first.lines).settle()

    def choose_item(self, initials: str = "spjyxk") -> Person:
        """Open 收件 and choose an item by its pinyin initials."""
        self.keys((Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)).settle()
        self.type(initials).keys(Qt.Key.Key_Return)
        self.until(lambda: self.intake.checklist.table.lines.lines and self.intake.desk.draft.target)
        return self.settle()


Opener = Callable[..., Person]


@pytest.fixture
def open_desk(qtbot: QtBot, backend: FakeBackend) -> Iterator[Opener]:
    """Open the window with given preferences; slow clocks make every key a person's."""
    opened: list[Window] = []

    def opener(*, size: tuple[int, int] = (1600, 1000), **preferences: Any) -> Person:
        settings = WindowSettings(
            resources=RESOURCES,
            preferences=Preferences(**preferences),
            keep_preferences=lambda _kept: None,
            now=lambda: NOW,
            id_types=ID_TYPES,
        )
        window = open_window(backend, settings)
        opened.append(window)
        ticks = iter(range(0, 10**9, 1000))
        window.wedge.use_clock(lambda _event: next(ticks))
        window.shell.resize(*size)
        window.shell.show()
        window.shell.activateWindow()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=30_000)
        return Person(qtbot, window, backend)

    yield opener
    for window in opened:
        window.close()
        window.shell.deleteLater()


@pytest.fixture
def person(open_desk: Opener) -> Person:
    """Somebody logged in, at the workbench."""
    return open_desk().enter()
