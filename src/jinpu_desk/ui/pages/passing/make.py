"""The slip being made: a number field for hand and gun, where to, the cases, and what they come to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from jinpu_desk.app.duty.passing_view import PassingPage
from jinpu_desk.domain.ids import CaseNo

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.parts import Card, button, key_cap, row, text
from ...widgets.walk import OWN_ENTER, Walk
from .table import SlipTable


class SlipMaker(Card):
    """Emits what somebody typed or chose; ``numbers`` are the cases on the slip so far."""

    typed = Signal(str)
    changed = Signal()
    open_case = Signal(str)

    def __init__(self, kit: Kit) -> None:
        actions, words = kit.actions, kit.words
        super().__init__(
            words("passing.make"),
            key_cap(actions.keys("passing.find")),
            text(actions.title("passing.find"), "small"),
        )
        self._kit = kit
        self.numbers: tuple[CaseNo, ...] = ()
        self.target = ""  # chosen by hand; empty means where such papers usually go
        self.number = QLineEdit()
        self.number.setPlaceholderText(words("passing.placeholder"))
        self.number.setAccessibleName(actions.title("passing.find"))
        self.number.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.number.setProperty(OWN_ENTER, True)
        self.to = QComboBox()
        self.to.setAccessibleName(words("passing.to"))
        self.to.setPlaceholderText(words("passing.choose"))
        self.note = LineField(kit.look, words("passing.note"))
        self.table = SlipTable(kit, words("passing.make"))
        self.total = text(role="verdict")
        self.said = text(role="problem", wrap=True)
        self.said.hide()
        self.send = button(
            actions.title("passing.send"), lambda: actions.action("passing.send").trigger(), kind="main"
        )
        self._lay_out()
        self.number.returnPressed.connect(self._entered)
        self.to.activated.connect(self._chosen)
        self.table.opened.connect(self.open_case)
        self._walk = Walk(self, lambda: [self.number, self.to, self.note, self.table, self.send])
        self._walk.add(self.number, self.to, self.note, self.table, self.send)
        self.table.setProperty(OWN_ENTER, True)

    def _lay_out(self) -> None:
        words, keys = self._kit.words, self._kit.actions.keys
        self.body.addWidget(self.number)
        line = row(
            text(words("passing.to"), "label"), self.to, 8, text(words("passing.note"), "label"), self.note
        )
        line.setStretchFactor(self.to, 3)
        line.setStretchFactor(self.note, 2)
        self.body.addLayout(line)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.said)
        hint = text(self._kit.actions.title("passing.remove"), "small")
        self.body.addLayout(
            row(
                self.total,
                None,
                key_cap(keys("passing.remove")),
                hint,
                12,
                self.send,
                key_cap(keys("passing.send")),
            )
        )

    def add(self, number: CaseNo) -> bool:
        """Put a case on the slip; False when it is on it already."""
        if number in self.numbers:
            return False
        self.numbers = (*self.numbers, number)
        self.changed.emit()
        return True

    def remove(self) -> None:
        """Take the current case off the slip."""
        line = self.table.current
        if line is not None:
            self.numbers = tuple(number for number in self.numbers if number != line.case_no)
            self.changed.emit()

    def clear(self) -> None:
        """Begin the next slip; it goes where this one went until somebody chooses otherwise."""
        self.numbers = ()
        self.note.show_value("")
        self.say("")

    def forget(self) -> None:
        """Show nothing of the clerk before."""
        self.clear()
        self.target = ""
        self.number.clear()
        self.table.show_lines(())

    def show_view(self, view: PassingPage) -> None:
        """Show what the slip holds now."""
        values = [self.to.itemData(at) for at in range(self.to.count())]
        if values != [option.value for option in view.targets]:
            self.to.clear()
            for option in view.targets:
                self.to.addItem(option.label, option.value)
        self.to.setCurrentIndex(self.to.findData(view.target))
        grown = len(view.lines) > len(self.table.lines.lines)
        self.table.show_lines(view.lines)
        if grown:
            self.table.choose(len(view.lines) - 1)
        self.total.setText(view.total if view.lines else self._kit.words("passing.empty"))
        if view.lines:
            self.say(view.problem)

    def say(self, problem: str) -> None:
        self.said.setText(problem)
        self.said.setVisible(bool(problem))

    def stops(self) -> tuple[QWidget, ...]:
        return (self.number, self.to, self.note, self.table, self.send)

    def _entered(self) -> None:
        words = self.number.text().strip()
        if words:
            self.number.clear()
            self.typed.emit(words)

    def _chosen(self, _at: int) -> None:
        self.target = self.to.currentData() or ""
        self.changed.emit()
