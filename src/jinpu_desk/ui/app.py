"""Starts the window. Everything it needs comes by argument from the composition root."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from jinpu_desk.app.screens.views import OptionView
from jinpu_desk.devices.wedge import Wedge, WedgeSettings

from .actions import ActionBook, read_actions
from .backend import Backend
from .jobs import Jobs
from .keyboard import IdleFilter, Press, WedgeFilter
from .kit import Kit
from .preferences import Choices, Preferences
from .shell import Shell
from .theme import Look, load_fonts
from .words import load_words

if TYPE_CHECKING:
    from collections.abc import Iterator

SWITCH_SECONDS = 0.0005
"""How long a busy worker may keep the interpreter when a key waits. With Python's 5 ms, key to paint was measured at
up to 94 ms beside a computing thread; with this, at 14 ms at most."""
Bug = Callable[[type[BaseException], BaseException, TracebackType | None], None]


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """What the window is started with. ``now`` gives the local time; ``report_bug`` writes the log (no names in it)."""

    resources: Path
    preferences: Preferences
    keep_preferences: Callable[[Preferences], None]
    now: Callable[[], datetime]
    id_types: tuple[OptionView, ...]
    report_bug: Bug = sys.__excepthook__


@dataclass(frozen=True, slots=True)
class Window:
    """The window with what must be closed after it."""

    shell: Shell
    kit: Kit
    wedge: WedgeFilter
    idle: IdleFilter

    def close(self) -> None:
        """Save the draft, finish the writes, stop the threads."""
        self.shell.close()
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self.wedge)
            application.removeEventFilter(self.idle)
        self.kit.jobs.close()


def open_window(backend: Backend, settings: WindowSettings) -> Window:
    """Build the window in a running application; the caller shows it and closes it."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    load_fonts(settings.resources / "fonts")
    choices = Choices(settings.preferences, settings.keep_preferences)
    language = settings.preferences.language
    look = Look(settings.resources, choices)
    look.apply()
    kit = Kit(
        backend=backend,
        jobs=Jobs(),
        words=load_words(settings.resources / "i18n", language),
        look=look,
        actions=ActionBook(read_actions(settings.resources / "actions.toml"), language),
        choices=choices,
        now=settings.now,
        id_types=settings.id_types,
        resources=settings.resources,
    )
    gun: Wedge[Press] = Wedge(WedgeSettings(prefix=settings.preferences.wedge_prefix))
    wedge, idle = WedgeFilter(gun), IdleFilter(settings.preferences.idle_minutes)
    shell = Shell(kit, wedge, idle)
    application.installEventFilter(wedge)
    application.installEventFilter(idle)
    return Window(shell, kit, wedge, idle)


def run_window(
    backend_factory: Callable[[], Backend], settings: WindowSettings, arguments: Sequence[str] = ()
) -> int:
    """Show the window until it is closed; return the exit code."""
    application = QApplication(["jinpu-desk", *arguments])
    application.setApplicationName("jinpu-desk")
    sys.setswitchinterval(SWITCH_SECONDS)
    window = open_window(backend_factory(), settings)
    with _bugs_to(window.shell, settings.report_bug):
        window.shell.show_fitting()
        code = application.exec()
    window.close()
    return code


@contextmanager
def _bugs_to(shell: Shell, report: Bug) -> Iterator[None]:
    """While the window runs, a bug saves the draft, tells the clerk and is reported; it never ends silently."""

    def hook(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        report(kind, bug, trace)
        shell.report_bug()

    before, sys.excepthook = sys.excepthook, hook
    try:
        yield
    finally:
        sys.excepthook = before
