"""Somebody at the keyboard of the real window over a real backend: types what an application says, counts the keys.

No mouse, and no widget is set behind the keyboard's back; what has the focus is only looked at, to know what to type.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from jinpu_desk.domain.instants import CHINA

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from jinpu_desk.app import labels
from jinpu_desk.app.ports.audit import AuditEntry
from jinpu_desk.app.screens.views import IntakePage, OptionView
from jinpu_desk.devices.id_reader import BridgeIdReader
from jinpu_desk.devices.printers import FolderPrinter
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.entry.home.enrolment import Enrolment
from jinpu_desk.entry.parts import Parts
from jinpu_desk.entry.window.backend import DeskBackend
from jinpu_desk.store.home import Home
from jinpu_desk.ui.app import Window, WindowSettings, open_window
from jinpu_desk.ui.pages.handout.page import HandoutPage
from jinpu_desk.ui.pages.intake.guide import YesNo
from jinpu_desk.ui.preferences import Preferences
from jinpu_desk.ui.widgets.field import LineField, LongField
from jinpu_desk.ui.widgets.seek import SeekField
from jinpu_desk.ui.widgets.segmented import Segmented

GIVE_UP_SECONDS = 60
STATE_KEYS = {
    "received": "Space", "tolerated": "R", "pledged": "C", "shared": "S", "reused": "U", "defective": "D", "lacking": "X",
}  # fmt: skip
PARTY = ("name", "id_no", "uscc", "contact", "phone")
"""What the card of the applicant asks for."""


class Backend(DeskBackend):
    """The window's own backend; a test may also read the store behind it."""

    def case(self, case_id: str) -> Case:
        """Return a case as the store has it."""
        found = self._desk.store.case(CaseId(case_id))
        assert found is not None
        return found

    def row(self, case_id: str) -> Any:
        """Return a case's row as lists and reports read it."""
        return self._desk.store.row(CaseId(case_id))

    def audit_of_today(self) -> tuple[AuditEntry, ...]:
        """Return what the audit log holds of the last day, newest first."""
        now = self._desk.now()
        return self._desk.store.audit(now - timedelta(days=1), now + timedelta(days=1))


class Typist:
    """Keys go to whatever has the focus. ``pressed`` counts all that are no names and values."""

    def __init__(self, window: Window, backend: Backend) -> None:
        self.window, self.backend = window, backend
        self.shell = window.shell
        self.intake, self.case = window.shell.intake, window.shell.cases.case
        self.pressed = 0
        self.told: dict[str, int] = {}
        self.counter = Counter(self)

    @property
    def focus(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None, "the keys go nowhere"
        return widget

    def press(self, *sequences: str) -> Typist:
        """Press keys one after the other, named as ``Ctrl+K``."""
        for sequence in sequences:
            combination = QKeySequence.fromString(sequence, QKeySequence.SequenceFormat.PortableText)[0]  # type: ignore[index]
            key, held = combination.key(), combination.keyboardModifiers()
            if key == Qt.Key.Key_Tab and held & Qt.KeyboardModifier.ShiftModifier:
                key = Qt.Key.Key_Backtab  # what keyboards send
            QTest.keyClick(self.focus, key, held)
            self.pressed += 1
        return self

    def type(self, text: str) -> Typist:
        """Type a name or a value."""
        for character in text:
            press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, character)
            QApplication.sendEvent(self.focus, press)
        return self

    def until(self, true: Callable[[], object], what: str = "") -> Typist:
        """Let the window work until something is so."""
        end = time.monotonic() + GIVE_UP_SECONDS
        while not true():
            assert time.monotonic() < end, what or "it never came to that"
            QTest.qWait(2)
        return self

    def settle(self) -> Typist:
        """Let the window work until no answer is under way."""
        QApplication.processEvents()
        self.until(lambda: not self.window.kit.jobs.busy, "an answer never came")
        QApplication.processEvents()  # what the answer put on the page shows only now
        return self

    @property
    def page(self) -> IntakePage:
        """What the intake page tells."""
        page = self.intake.desk.page
        assert page is not None
        return page

    @property
    def notice(self) -> str:
        """What the window complains of."""
        return self.shell.notice.sentence.text() if self.shell.notice.isVisible() else ""

    # The door.

    def enter(self, clerk: str, password: str) -> Typist:
        """Log in from the open door, whoever it offers."""
        door = self.shell.door
        self.settle()
        if door.clerk.currentText() != clerk:
            if self.focus is not door.clerk:
                self.press("Shift+Tab")
            self.press("Ctrl+A").type(clerk).press("Return")
        self.type(password).press("Return")
        return self.until(self.shell.workbench.isVisible, door.problem.text()).settle()

    def hand_over_to(self, clerk: str, password: str) -> Typist:
        """Lock the window and let somebody else in."""
        self.press("Ctrl+L").until(self.shell.door.isVisible)
        while self.focus is not self.shell.door.other:
            self.press("Tab")
        return self.press("Space").enter(clerk, password)

    # 收件.

    def choose(self, initials: str, target: str) -> Typist:
        """Begin a new page and choose an item or package by its initials, which count as keys."""
        self.press("Alt+2").settle()
        if self.intake.desk.draft.target or self.intake.done.isVisible():
            self.press("Ctrl+N").settle()
        self.type(initials).press("Return")
        self.pressed += len(initials)
        self.until(lambda: self.intake.desk.draft.target, initials).settle()
        assert self.intake.desk.draft.target == target
        return self

    def places(self) -> dict[QWidget, str]:
        """Return what each field of the page stands for, by its path in an intake file."""
        entries = self.intake.entries
        found: dict[QWidget, str] = {
            entry.field: f"applicant.{name}" for name, entry in entries.applicant.entries.items()
        }
        asking = (entries.guide.answers, entries.situation.questions)
        found |= {editor: f"answers.{key}" for asked in asking for key, editor in asked.items()}
        for editors in (entries.guide.editors, entries.form.editors):
            found |= {getattr(editor, "seek", editor): path for path, editor in editors.items()}
        return found

    def fill(self, file: Mapping[str, Any]) -> set[str]:
        """Type an application field after field, with Enter, until the checklist has the keys; return what was asked."""
        asked: set[str] = set()
        if file["applicant"]["type"] != self.intake.desk.draft.applicant.type:
            self.press("Shift+Tab", "Right", "Return").settle()
        while self.focus is not self.intake.checklist.table:
            here = self.focus
            path = self.places().get(here)
            assert path is not None, f"Enter went to {here.accessibleName() or here}"
            assert path not in asked, f"Enter came back to {path}"
            asked.add(path)
            self.put(here, value_at(file, path))
            self.settle()
            if self.focus is here:
                self.press("Return").settle()
                assert self.focus is not here, f"Enter stays at {path}"
        return asked

    def put(self, field: QWidget, value: Any) -> None:
        """Give the field with the focus its value by the keys it takes."""
        if isinstance(field, YesNo):
            self.press("Y" if value else "N")
        elif isinstance(field, Segmented):
            self._pick(field, value)
        elif isinstance(field, QComboBox):
            self._turn(field, value)
        elif isinstance(field, SeekField):
            self.type(str(value)).press("Return")
            self.until(lambda: not field.is_open and not field.text())
        elif isinstance(field, LineField | LongField) and value is not None and field.value != str(value):
            if field.value:
                self.press("Ctrl+A")
            self.type(str(value))

    def _pick(self, field: Segmented, value: Any) -> None:
        wanted = [str(one).lower() if isinstance(one, bool) else one for one in as_list(value)]
        if value is None or list(field.picked) == wanted:
            return
        if any(self._many(field)):
            for option in field.options:
                if option.value in wanted:
                    self.press("Space")
                self.press("Right")
            return
        for _ in field.options:
            self.press("Right")
            if list(field.picked) == wanted:
                return
        raise AssertionError(f"{wanted} cannot be picked at {field.accessibleName()}")

    def _many(self, field: Segmented) -> Iterator[bool]:
        yield from (q.many for q in self.page.questions if q.label == field.accessibleName())

    def _turn(self, field: QComboBox, value: Any) -> None:
        for _ in range(field.count()):
            if value in (None, field.currentData()):
                return
            self.press("Down")
        assert field.currentData() == value, f"{value} cannot be picked at {field.accessibleName()}"

    def tick(self, materials: Mapping[str, Mapping[str, Any]]) -> Typist:
        """Give each material its state, one key a row."""
        table = self.intake.checklist.table
        assert self.focus is table
        assert {line.key for line in table.lines.lines} == set(materials)
        for line in table.lines.lines:
            assert table.lines.lines[table.row].key == line.key, "a key did not go on to the next row"
            self.press(STATE_KEYS[str(materials[line.key]["state"])])
        return self.settle()

    def decide(self, key: str, *, says: str = "") -> Case:
        """Press the key of an outcome that asks nothing more; return the case it made."""
        assert says in self.intake.bar.verdict.text(), self.intake.bar.verdict.text()
        self.press(key)
        return self.taken()

    def strip(self, key: str, *said: str | bool) -> Case:
        """Press the key of an outcome that asks; answer line after line, tick what is to be signed, confirm."""
        self.press(key).until(self.intake.asking.isVisible, self.intake.bar.verdict.text())
        for answer in said:
            if answer is True:
                self.press("Space")
            else:
                self.type(str(answer))
            self.press("Return")
        assert self.focus is self.intake.asking.confirm
        self.press("Return")
        return self.taken()

    def taken(self) -> Case:
        """Return the case just taken in."""
        bar, asking = self.intake.bar, self.intake.asking
        self.until(
            lambda: self.intake.done.isVisible() or self.notice,
            f"nothing was taken in: {bar.verdict.text()} {bar.advice.text()} {asking.advice.text()}",
        )
        assert self.intake.done.isVisible(), self.notice
        self.settle()
        done = self.intake._done
        assert done is not None
        return self.backend.case(done.case_id)

    # 办件.

    def open(self, case: Case) -> Typist:
        """Find a case by its number and open it."""
        self.press("F2").type(case.case_no).press("Return")
        self.until(lambda: self.case.page and self.case.page.line.case_no == case.case_no)
        return self.settle()

    def verb(self, name: str) -> Typist:
        """Press the key that stands on the button of a verb."""
        assert self.case.page is not None
        offered = [verb.verb for verb in self.case.page.verbs]
        assert name in offered, f"{name} is not offered among {offered}"
        return self.press(f"Ctrl+{(offered.index(name) + 1) % 10}").settle()

    def answer(self, **values: Any) -> Case:
        """Fill the strip of a verb, field after field, and confirm it; return the case after it."""
        strip = self.case.strip
        assert strip.isVisible(), self.notice
        asked = {editor: field.path for editor, field in zip(strip.editors, strip._fields, strict=True)}
        for _ in asked:
            self.put(self.focus, values.pop(asked[self.focus], None))
            self.press("Return")
        assert not values, f"the strip never asked for {list(values)}"
        self.press("Return").settle()
        assert not strip.isVisible(), strip.sentence.text() or self.notice
        return self.shown()

    def child(self, item: str) -> Typist:
        """Go from a package to one of its branches, by the list on its page."""
        while self.focus is not self.case.children_list:
            self.press("Tab")
        found = [self.backend.case(line.case_id or "").item for line in self.case.children_list.lines]
        self.press("Home", *["Down"] * found.index(item), "Return")
        return self.until(lambda: self.shown().item == item).settle()

    def shown(self) -> Case:
        """Return the case on the page as the store has it."""
        assert not self.notice, self.notice
        assert self.case.page is not None
        return self.backend.case(self.case.page.line.case_id)


class Counter:
    """The 出件 page under the same hands."""

    def __init__(self, clerk: Typist) -> None:
        self.clerk = clerk

    def hand_out(self, case: Case, **values: str) -> Case:
        """Find a result by its number, say who takes it, and hand it out; return the case after it."""
        clerk = self.clerk
        clerk.press("Alt+5").settle()
        page = clerk.shell.page("go.handout")
        assert isinstance(page, HandoutPage)
        result = page.result
        clerk.press("F3").type(case.case_no).press("Return").until(page.list.hasFocus)
        clerk.press("Return").settle()
        assert result.page is not None
        assert result.page.case_no == case.case_no, "Enter opened what stood there before the search"
        while clerk.focus is not result.confirm:
            path = next((path for path, each in result.fields.editors.items() if each is clerk.focus), "")
            clerk.put(clerk.focus, values.pop(path, None))
            clerk.press("Return")
        assert not values, f"nobody asked for {list(values)}"
        clerk.press("Return").until(lambda: result.finished or result.problem.isVisible())
        assert result.finished, result.problem.text()
        return clerk.settle().backend.case(case.id)


def as_list(value: Any) -> list[Any]:
    """Return one or several values as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def value_at(file: Mapping[str, Any], path: str) -> Any:
    """Return what an intake file says at a path, None for nothing."""
    value: Any = file
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


@contextmanager
def window_on(home: Home, parts: Parts, reader_port: int = 0) -> Iterator[Typist]:
    """Open the window offscreen on an enrolled home, with the backend it has in the office."""
    enrolment = Enrolment(home, parts)
    reader = BridgeIdReader(reader_port) if reader_port else None
    backend = Backend(enrolment, printers=FolderPrinter(home.folder("out")), reader=reader, scan_folder=None)
    settings = WindowSettings(
        resources=parts.folder,
        preferences=Preferences(),
        keep_preferences=lambda _kept: None,
        now=lambda: enrolment.clock.now().astimezone(CHINA),
        id_types=tuple(OptionView(value=c, label=n) for c, n in labels.ID_TYPES.items() if c != "001"),
    )
    window = open_window(backend, settings)
    ticks = iter(range(0, 10**9, 1000))
    window.wedge.use_clock(lambda _event: next(ticks))  # every key a person's
    window.shell.show()
    window.shell.activateWindow()
    typist = Typist(window, backend)
    try:
        yield typist.until(lambda: QApplication.focusWidget() is not None)
    finally:
        window.close()
        backend.close()
        window.shell.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
