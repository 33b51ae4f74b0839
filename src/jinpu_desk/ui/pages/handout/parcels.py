"""寄件清单: several results, one tracking number after the other, then all of them posted at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from jinpu_desk.app.screens.delivery_views import ParcelLine, Posted
from jinpu_desk.app.screens.views import Chip, PaperLine
from jinpu_desk.domain.ids import CaseId

from ...kit import Kit
from ...widgets.chips import ChipRow
from ...widgets.field import LineField
from ...widgets.parts import GAP, Card, box, button, clear, column, key_cap, restyle, row, scroll, text
from ...widgets.walk import Walk


class ParcelRow:
    """A parcel of the list: what and to whom, its number, what became of it."""

    def __init__(self, kit: Kit, line: ParcelLine) -> None:
        self.line = line
        self.what = text(line.text, wrap=True)
        self.to = text(line.to, "small", wrap=True)
        self.number = LineField(kit.look, kit.words("handout.tracking"))
        self.number.setPlaceholderText(kit.words("handout.tracking"))
        self.number.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.state = ChipRow()
        self.problem = text(line.problem, "problem", wrap=True)
        self.problem.hide()
        self.number.setEnabled(not line.problem)
        self.sent = False

    def put(self, grid: QGridLayout, place: int) -> None:
        grid.addWidget(text(str(place + 1), "small"), place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(box(column(self.what, self.to, self.problem, gap=2)), place, 1)
        grid.addWidget(self.number, place, 2, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.state, place, 3, Qt.AlignmentFlag.AlignTop)
        self.problem.setVisible(bool(self.line.problem))

    def show_sent(self, label: str) -> None:
        self.sent = True
        self.number.setEnabled(False)
        self.problem.hide()
        self.state.show_chips((Chip(label, "good"),))

    def show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()


class ParcelCard(QWidget):
    """Emits ``posted`` with (case, number) pairs; scans come in through ``take_number`` and ``add``."""

    posted = Signal(object)
    print_wanted = Signal(object)
    left = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        words, keys, title = kit.words, kit.actions.keys, kit.actions.title
        self.rows: list[ParcelRow] = []
        self.labels: tuple[PaperLine, ...] = ()
        self.count = text(role="small")
        self.empty = text(words("handout.no-parcels"), "small", wrap=True)
        self.said = text(role="hint", wrap=True)
        self.said.hide()
        self.confirm = button(words("handout.post-all"), self.finish, kind="main")
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(2, 2)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        card = Card(words("handout.parcels"), self.count)
        card.body.addWidget(text(words("handout.parcels-how"), "small", wrap=True))
        card.body.addWidget(self.empty)
        self._scroll = scroll(box(column(self._grid, None, gap=0)))
        card.body.addWidget(self._scroll, 1)
        bar = Card()
        hints = [
            part
            for action in ("handout.print", "handout.list", "handout.back")
            for part in (key_cap(keys(action)), text(title(action), "small"))
        ]
        bar.body.addLayout(row(self.confirm, key_cap(keys("handout.confirm")), 10, *hints, None, gap=8))
        bar.body.addWidget(self.said)
        whole = column(card, bar, gap=GAP)
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self._walk = Walk(self, lambda: [*(one.number for one in self.rows), self.confirm])
        self._walk.add(self.confirm)

    def show_parcels(self, lines: tuple[ParcelLine, ...]) -> None:
        """Begin a new list."""
        clear(self._grid)
        self.rows, self.labels = [], ()
        self.say("")
        for line in lines:
            self._put(line)
        self._counted()

    def add(self, line: ParcelLine) -> None:
        """Put one more parcel on the list, and go to its number."""
        known = next((one for one in self.rows if one.line.case_id == line.case_id), None)
        if known is None:
            known = self._put(line)
            self._counted()
        known.number.setFocus()

    def take_number(self, number: str) -> None:
        """Write a scanned number where the keys are, or into the first free place, and go on."""
        at = next((one for one in self.rows if one.number.hasFocus() and not one.number.value), None)
        at = at or next((one for one in self.rows if self._free(one)), None)
        if at is None:
            self.say(self._kit.words("handout.no-free"), "warn")
            return
        at.number.show_value(number.strip().upper())
        self.focus_first()
        self._counted()

    def focus_first(self) -> None:
        """Put the keys where the next number is missing."""
        free = next((one.number for one in self.rows if self._free(one)), self.confirm)
        free.setFocus()

    def finish(self) -> None:
        """Post every parcel that has a number."""
        entries = tuple((one.line.case_id, one.number.value) for one in self.rows if self._ready(one))
        if not entries:
            self.say(self._kit.words("handout.no-number-yet"), "warn")
            self.focus_first()
            return
        self.confirm.setEnabled(False)
        self.posted.emit(entries)

    def show_posted(self, done: Posted) -> None:
        """Show what became of each."""
        words = self._kit.words
        self.confirm.setEnabled(True)
        self.labels = (*self.labels, *done.labels)
        for one in self.rows:
            if one.line.case_id in done.sent:
                one.show_sent(words("handout.sent"))
            elif one.line.case_id in done.problems:
                one.show_problem(done.problems[one.line.case_id])
        tone = "warn" if done.problems else "good"
        self.say(words("handout.posted-done", n=len(done.sent), left=len(done.problems)), tone)
        self._counted()
        self.focus_first()

    def refused(self, sentence: str) -> None:
        """Say why nothing was posted."""
        self.confirm.setEnabled(True)
        self.say(sentence, "bad")

    def reach(self, entered: QWidget) -> None:
        """Scroll to the number the keys went into."""
        if self._scroll.widget().isAncestorOf(entered):
            self._scroll.ensureWidgetVisible(entered, 0, 24)

    def say(self, sentence: str, tone: str = "") -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))
        restyle(self.said, tone=tone)

    def print(self) -> None:
        """Print the labels of what was posted."""
        if self.labels:
            self.print_wanted.emit(self.labels)
        else:
            self.say(self._kit.words("handout.no-labels"), "warn")

    @property
    def cases(self) -> tuple[CaseId, ...]:
        return tuple(one.line.case_id for one in self.rows)

    def _put(self, line: ParcelLine) -> ParcelRow:
        made = ParcelRow(self._kit, line)
        made.put(self._grid, len(self.rows))
        made.number.edited.connect(lambda _typed: self._counted())
        self.rows.append(made)
        self._walk.add(made.number)
        return made

    def _free(self, one: ParcelRow) -> bool:
        return one.number.isEnabled() and not one.number.value

    def _ready(self, one: ParcelRow) -> bool:
        return not one.sent and one.number.isEnabled() and bool(one.number.value.strip())

    def _counted(self) -> None:
        ready: list[ParcelRow] = [one for one in self.rows if self._ready(one)]
        sent = sum(one.sent for one in self.rows)
        words = self._kit.words
        self.count.setText(words("handout.parcel-count", n=len(self.rows), ready=len(ready), sent=sent))
        self.empty.setVisible(not self.rows)
