"""流转: the slip being made at the left; slips to sign for, those written here, or one of them at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from jinpu_desk.app.duty.passing_view import PassingPage, Scanned, SlipLine, SlipPage
from jinpu_desk.app.screens.views import WorkLine
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseNo

from ...kit import Kit
from ...widgets.parts import GAP, Card, box, column, key_cap, row, text
from ...widgets.walk import OWN_ENTER
from ...widgets.worklist import WorkList
from .make import SlipMaker
from .slip import SlipView


class PassingPageWidget(QWidget):
    """Everything by keys and gun: a case read goes on the slip, or is signed for on the slip that is open."""

    open_case = Signal(str)
    preview_wanted = Signal(str, str)  # paper, kind
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        words = kit.words
        self.maker = SlipMaker(kit)
        self.slip = SlipView(kit)
        self.waiting = WorkList(kit.look, words("passing.none-waiting"))
        self.written = WorkList(kit.look, words("passing.none-written"))
        self._slips: dict[WorkList, tuple[SlipLine, ...]] = {self.waiting: (), self.written: ()}
        waiting, written = (
            self._card("passing.waiting", self.waiting),
            self._card("passing.written", self.written),
        )
        self._stack = QStackedWidget()
        lists = column(waiting, written, gap=GAP)
        self._stack.addWidget(box(lists))
        self._stack.addWidget(self.slip)
        whole = row(self.maker, self._stack, gap=GAP, margins=16)
        whole.setStretch(0, 1)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._connect()

    def _card(self, heading: str, inner: WorkList) -> Card:
        actions = self._kit.actions
        card = Card(
            self._kit.words(heading),
            key_cap(actions.keys("passing.lists")),
            text(actions.title("passing.lists"), "small"),
        )
        inner.setProperty(OWN_ENTER, True)
        inner.setAccessibleName(self._kit.words(heading))
        card.body.addWidget(inner, 1)
        return card

    def _connect(self) -> None:
        maker, slip = self.maker, self.slip
        maker.typed.connect(self.take_scan)
        maker.changed.connect(self._ask_page)
        maker.open_case.connect(self.open_case)
        slip.open_case.connect(self.open_case)
        slip.left.connect(self.show_lists)
        slip.take_over.connect(self._take_over)
        slip.turn_down.connect(self._turn_down)
        slip.take_back.connect(self._take_back)
        for work in self._slips:
            work.chosen.connect(lambda _line, work=work: self._open(work))
        bind = self._kit.actions.bind
        bind("passing.find", maker.number.setFocus)
        bind("passing.lists", self._to_lists)
        bind("passing.send", self.send)
        bind("passing.remove", maker.remove)
        bind("passing.take", slip.ask_take)
        bind("passing.refuse", slip.ask_refuse)
        bind("passing.return", slip.ask_back)
        bind("passing.print", self._print)
        bind("passing.next", self.next)
        bind("passing.confirm", slip.confirm)
        bind("passing.leave", self._leave)
        bind("passing.reload", self.refresh)

    @property
    def slip_open(self) -> bool:
        return self._stack.currentWidget() is self.slip

    def refresh(self) -> None:
        """Ask for the slip being made, the lists, and the slip that is open."""
        self._ask_page()
        if self.slip_open and self.slip.slip is not None:
            self.open_slip(self.slip.slip.slip)

    def _ask_page(self) -> None:
        numbers, target, ask = self.maker.numbers, self.maker.target, self._kit.backend.passing_page
        self._kit.jobs.ask(self, lambda: ask(numbers, target), self.show_view, self.failed.emit, key="page")

    def focus_default(self) -> None:
        if self.slip_open:
            self.slip.table.setFocus()
        else:
            self.maker.number.setFocus()

    def forget(self) -> None:
        """Show no slip of the clerk before."""
        self.maker.forget()
        self._stack.setCurrentIndex(0)
        self.slip.slip = None

    def take_scan(self, scanned: str) -> bool:
        """Use any number: a case for the slip, or a slip to open."""
        ask = self._kit.backend.passing_scan
        self._kit.jobs.ask(self, lambda: ask(scanned), self._scanned, self._not_scanned)
        return True

    def send(self) -> None:
        """Write the slip and show it, ready to be printed."""
        maker, write = self.maker, self._kit.backend.hand_on
        if not maker.numbers:
            maker.say(self._kit.words("passing.empty"))
            maker.number.setFocus()
            return
        numbers, target, note = maker.numbers, maker.to.currentData() or "", maker.note.value
        if not target:
            maker.say(self._kit.words("passing.choose"))
            maker.to.setFocus()
            return
        self._kit.jobs.write(self, lambda: write(numbers, target, note), self._sent, self._refused)

    def next(self) -> None:
        """Begin the next slip."""
        self.show_lists()
        self.maker.number.setFocus()

    def open_slip(self, number: CaseNo) -> None:
        ask = self._kit.backend.slip_page
        self._kit.jobs.ask(self, lambda: ask(number), self._show_slip, self.failed.emit, key="slip")

    def show_lists(self) -> None:
        self._stack.setCurrentIndex(0)
        self.slip.slip = None
        self._ask_page()
        self.focus_default()

    def show_view(self, view: PassingPage) -> None:
        self.maker.show_view(view)
        for work, slips in ((self.waiting, view.waiting), (self.written, view.written)):
            self._slips[work] = slips
            work.show_lines(tuple(self._work_line(slip) for slip in slips))

    def _work_line(self, slip: SlipLine) -> WorkLine:
        count = self._kit.words("passing.cases-n", taken=slip.taken, n=slip.cases)
        return WorkLine(chip=slip.chip, text=slip.way, right=f"…{slip.slip[-5:]} · {count} · {slip.at}")

    def _scanned(self, found: Scanned) -> None:
        if found.slip is not None:
            self.open_slip(found.slip)
        elif found.case_no is not None:
            if self.slip_open and self.slip.sign_one(found.case_no):
                return
            if not self.maker.add(found.case_no):
                self.maker.say(self._kit.words("passing.on-it-already", number=found.case_no[-6:]))

    def _not_scanned(self, error: DeskError) -> None:
        self.maker.say("".join(self._kit.backend.sentence(error)))
        if not self.slip_open:
            self.maker.number.setFocus()

    def _sent(self, slip: SlipPage) -> None:
        self.maker.clear()
        self._ask_page()
        keys = self._kit.actions.keys
        done = self._kit.words("passing.sent", print=keys("passing.print"), next=keys("passing.next"))
        self._show_slip(slip, done, "good")

    def _refused(self, error: DeskError) -> None:
        self.maker.say("".join(self._kit.backend.sentence(error)))

    def _show_slip(self, slip: SlipPage, said: str = "", tone: str = "") -> None:
        self._stack.setCurrentWidget(self.slip)
        self.slip.show_slip(slip, said, tone)

    def _take_over(self, numbers: tuple[CaseNo, ...], receiver: str) -> None:
        call = self._kit.backend.take_over
        self._settle(lambda slip: call(slip, numbers, receiver), "passing.taken")

    def _turn_down(self, numbers: tuple[CaseNo, ...], reason: str) -> None:
        call = self._kit.backend.turn_down
        self._settle(lambda slip: call(slip, numbers, reason), "passing.refused")

    def _take_back(self, numbers: tuple[CaseNo, ...]) -> None:
        call = self._kit.backend.take_back
        self._settle(lambda slip: call(slip, numbers), "passing.returned")

    def _settle(self, call: Callable[[CaseNo], SlipPage], done: str) -> None:
        if self.slip.slip is None:
            return
        number, words = self.slip.slip.slip, self._kit.words
        self._kit.jobs.write(
            self, lambda: call(number), lambda slip: self._settled(slip, words(done)), self.failed.emit
        )

    def _settled(self, slip: SlipPage, said: str) -> None:
        self._show_slip(slip, said, "good")
        self._ask_page()

    def _print(self) -> None:
        if self.slip_open and self.slip.slip is not None and self.slip.slip.paper is not None:
            self.preview_wanted.emit(self.slip.slip.paper, "D14")

    def _to_lists(self) -> None:
        if self.slip_open:
            self.show_lists()
        first = self.waiting if self.waiting.lines else self.written
        (self.written if first.hasFocus() else first).setFocus()

    def _open(self, work: WorkList) -> None:
        place = work.currentIndex().row()
        if 0 <= place < len(self._slips[work]):
            self.open_slip(self._slips[work][place].slip)

    def _leave(self) -> None:
        if self.slip_open:
            self.slip.escape()
        else:
            self.maker.number.setFocus()
