"""The strip in which a day is closed, or a shift handed over with the receiver's own password."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QWidget

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.parts import box, button, column, key_cap, restyle, row, text
from ...widgets.walk import Walk

DAY, SHIFT = "day", "shift"


class SignStrip(QFrame):
    """Emits ``day_closed(amending, note)`` or ``handed_over(taker, password, note)``."""

    day_closed = Signal(str, str)
    handed_over = Signal(str, str, str)
    cancelled = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("strip")
        words, keys = kit.words, kit.actions.keys
        self._kit = kit
        self._what = ""
        self.heading = text(role="verdict", wrap=True)
        self.problem = text(role="problem", wrap=True)
        self.amending = LineField(kit.look, words("dayend.amending"))
        self.taker = QComboBox()
        self.taker.setEditable(True)
        self.taker.setAccessibleName(words("dayend.taker"))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.password.setAccessibleName(words("dayend.password"))
        self.note = LineField(kit.look, words("dayend.note"))
        self.confirm = button(kit.actions.title("dayend.confirm"), self.finish, kind="main")
        self.cancel = button(words("ask.cancel"), self.cancelled.emit)
        self._rows = {
            "amending": self._row("dayend.amending", self.amending),
            "taker": self._row("dayend.taker", self.taker),
            "password": self._row("dayend.password", self.password),
            "note": self._row("dayend.note", self.note),
        }
        ends = row(
            self.confirm, key_cap(keys("dayend.confirm")), 8, self.cancel, key_cap(keys("dayend.leave")), None
        )
        self.setLayout(column(self.heading, *self._rows.values(), self.problem, ends, gap=8, margins=14))
        stops: tuple[QWidget, ...] = (
            self.amending,
            self.taker,
            self.password,
            self.note,
            self.confirm,
            self.cancel,
        )
        self._walk = Walk(self, lambda: stops)
        self._walk.add(*stops)
        self.hide()

    def _row(self, label: str, editor: QWidget) -> QWidget:
        name = text(self._kit.words(label), "label")
        name.setMinimumWidth(self._kit.look.theme.px(96))
        line = row(name, editor)
        line.setStretch(1, 1)
        return box(line)

    def ask_day(self, *, closed: bool) -> None:
        """Ask to close the day, or why a closed one is closed again."""
        self._open(
            DAY,
            "dayend.close-again" if closed else "dayend.close",
            {"note"} | ({"amending"} if closed else set()),
        )
        (self.amending if closed else self.note).setFocus()

    def ask_shift(self, clerks: Sequence[str]) -> None:
        """Ask who takes over, and for the own password."""
        self._open(SHIFT, "dayend.shift", {"taker", "password", "note"})
        self.taker.clear()
        self.taker.addItems(list(clerks))
        self.taker.setFocus()
        line = self.taker.lineEdit()
        if line is not None:
            line.selectAll()

    def say(self, problem: str) -> None:
        """Tell what was wrong; a password is typed anew."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.password.clear()
        if self._what == SHIFT:
            self.password.setFocus()

    def finish(self) -> None:
        """Send what was asked."""
        if self._what == DAY:
            self.day_closed.emit(self.amending.value, self.note.value)
        else:
            self.handed_over.emit(self.taker.currentText().strip(), self.password.text(), self.note.value)

    def close_strip(self) -> None:
        self.password.clear()
        self.hide()

    def _open(self, what: str, heading: str, shown: set[str]) -> None:
        self._what = what
        self.heading.setText(self._kit.words(heading))
        for name, line in self._rows.items():
            line.setVisible(name in shown)
        for field in (self.amending, self.note):
            field.show_value("")
        self.password.clear()
        self.problem.hide()
        restyle(self, tone="info")
        self.show()
