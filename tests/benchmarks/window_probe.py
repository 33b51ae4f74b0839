"""Started by ``bench_startup``: opens a window and says when it takes keys. ``bare`` or a home as the argument."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

GIVE_UP_MS = 60_000


def bare() -> int:
    """The least a Qt program can be: one window with one line to type in."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

    application = QApplication([])
    window = QMainWindow()
    line = QLineEdit()
    window.setCentralWidget(line)
    window.resize(1600, 1000)
    window.show()
    line.setFocus()

    def look() -> None:
        if line.hasFocus():
            say("ready")
            application.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(1)
    return application.exec()


def desk(home: Path) -> int:
    """The real window on a real home: log in with keys, open 收件, wait until it takes keys."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLineEdit

    from jinpu_desk.entry.parts import load_parts
    from jinpu_desk.entry.window import start as window
    from jinpu_desk.ui import app as ui_app
    from jinpu_desk.ui.backend import Backend

    def run(factory: Callable[[], Backend], settings: ui_app.WindowSettings) -> int:
        application = QApplication([])
        made = ui_app.open_window(factory(), settings)
        made.shell.show()

        def login() -> bool:
            line = application.focusWidget()
            if not isinstance(line, QLineEdit):
                return False
            say("door")
            QTest.keyClicks(line, "demo", delay=0)
            QTest.keyClick(line, Qt.Key.Key_Return)
            return True

        def intake() -> bool:
            if not made.shell.workbench.isVisible():
                return False
            say("workbench")
            QTest.keyClick(made.shell, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
            return True

        def done() -> bool:
            line = application.focusWidget()
            if not isinstance(line, QLineEdit) or not made.shell.intake.isAncestorOf(line):
                return False
            say("ready")
            QTimer.singleShot(0, application.quit)
            return True

        waiting = [login, intake, done]

        def look() -> None:
            if waiting and waiting[0]():
                del waiting[0]

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(1)
        QTimer.singleShot(GIVE_UP_MS, lambda: application.exit(1))
        code = application.exec()
        made.close()
        return code

    ui_app.run_window = run  # type: ignore[assignment]
    return window.run_window(load_parts(), home)


def say(what: str) -> None:
    """Tell the parent, which has the clock."""
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(bare() if sys.argv[1] == "bare" else desk(Path(sys.argv[1])))
