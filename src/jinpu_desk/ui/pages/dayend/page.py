"""日结: the checklist at the left; figures, stock and sheets at the right; two keys close the day or hand over."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from jinpu_desk.app.duty.duty_view import DayPage, SheetDone
from jinpu_desk.app.screens.views import Pair, WorkLine
from jinpu_desk.domain.errors import DeskError

from ...kit import Kit
from ...widgets.flow import FlowRow
from ...widgets.parts import GAP, Card, box, button, clear, column, key_cap, restyle, row, scroll, text
from ...widgets.walk import OWN_ENTER
from ...widgets.worklist import WorkList
from .concerns import ConcernsCard
from .sign import SignStrip
from .stock import StockCard


class DayEndPage(QWidget):
    """Asks for the day when shown; each line opens what it speaks of."""

    open_case = Signal(str)
    open_draft = Signal(str)
    preview_wanted = Signal(str, str)  # paper, kind
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._view: DayPage | None = None
        words, actions = kit.words, kit.actions
        self.day = text(role="title")
        self.closed = text(role="small", wrap=True)
        self.said = text(role="small", wrap=True)
        self.said.hide()
        self.end = button(actions.title("dayend.close"), self.ask_close, kind="main")
        self.shift = button(actions.title("dayend.shift"), self.ask_shift)
        self.counted = text(role="small", wrap=True)
        self.count = button(actions.title("dayend.reconcile"), self.reconcile)
        self.concerns = ConcernsCard(kit)
        self.strip = SignStrip(kit)
        self.stock = StockCard(kit)
        self.sheets = WorkList(kit.look, words("dayend.no-sheets"))
        self.sheets.setProperty(OWN_ENTER, True)
        self.sheets.setAccessibleName(words("dayend.sheets"))
        self._figures = QVBoxLayout()
        self._figures.setSpacing(6)
        self._lay_out()
        self.concerns.opened.connect(self._open)
        self.sheets.chosen.connect(lambda _line: self._open_sheet())
        self.strip.cancelled.connect(self._leave)
        self.strip.day_closed.connect(self._close)
        self.strip.handed_over.connect(self._hand_over)
        bind = actions.bind
        bind("dayend.close", self.ask_close)
        bind("dayend.shift", self.ask_shift)
        bind("dayend.reconcile", self.reconcile)
        bind("dayend.reason", self._to_reason)
        bind("dayend.stock", self._to_stock)
        bind("dayend.print", self._print_last)
        bind("dayend.confirm", self._confirm)
        bind("dayend.leave", self._leave)
        bind("dayend.reload", self.refresh)

    def _lay_out(self) -> None:
        words, keys = self._kit.words, self._kit.actions.keys
        head = Card()
        head.body.addLayout(
            row(
                self.day,
                14,
                self.closed,
                None,
                self.shift,
                key_cap(keys("dayend.shift")),
                10,
                self.end,
                key_cap(keys("dayend.close")),
            )
        )
        head.body.addLayout(row(self.counted, None, self.count, key_cap(keys("dayend.reconcile")), gap=10))
        head.body.addWidget(self.said)
        figures = Card(words("dayend.figures"))
        figures.body.addLayout(self._figures)
        sheets = Card(
            words("dayend.sheets"), key_cap(keys("dayend.print")), text(words("dayend.print-last"), "small")
        )
        sheets.body.addWidget(self.sheets, 1)
        left = column(self.strip, self.concerns, gap=GAP)
        left.setStretch(1, 1)
        right = column(figures, self.stock, sheets, gap=GAP)
        right.setStretch(2, 1)
        halves = row(left, scroll(box(right)), gap=GAP)
        halves.setStretch(0, 6)
        halves.setStretch(1, 5)
        whole = column(head, halves, gap=GAP, margins=16)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def refresh(self) -> None:
        """Ask for the day anew."""
        self._kit.jobs.ask(self, self._kit.backend.day_page, self.show_view, self.failed.emit, key="day")

    def focus_default(self) -> None:
        self.concerns.matters.setFocus()

    def forget(self) -> None:
        """Keep no reason of the clerk before."""
        self.concerns.forget()
        self.stock.clear_counts()
        self.strip.close_strip()
        self.said.hide()

    def show_view(self, view: DayPage) -> None:
        self._view = view
        words = self._kit.words
        self.day.setText(view.day)
        missed = words("dayend.missed", days=view.missed) if view.missed else ""
        self.closed.setText(
            " · ".join(part for part in (view.closed or words("dayend.open"), missed) if part)
        )
        restyle(self.closed, tone="good" if view.closed else "")
        self.counted.setText(view.counted.text)
        restyle(self.counted, tone=view.counted.tone)
        self._show_figures(view)
        self.concerns.show_concerns(view.concerns)
        self.stock.show_stock(view.stock)
        self.sheets.show_lines(
            tuple(
                WorkLine(
                    chip=sheet.chip,
                    text=f"{sheet.title} · {sheet.who}",
                    right=f"…{sheet.number[-5:]} · {sheet.at}",
                )
                for sheet in view.sheets
            )
        )

    def ask_close(self) -> None:
        """Ask to close the day; what is open without a reason comes first."""
        if self.concerns.next_unexplained():
            self._say(self._kit.words("dayend.explain-first"), "warn")
            return
        self.said.hide()
        self.strip.ask_day(closed=bool(self._view and self._view.closed))

    def reconcile(self) -> None:
        """Count the day with the centre, in the I/O pool; without a network it stays 未对账 until tomorrow."""
        if self.count.property("off") == "true":
            return
        restyle(self.count, off="true")
        self._say(self._kit.words("dayend.counting"), "")
        self._kit.jobs.io(self, self._kit.backend.reconcile, self._counted, self._not_counted)

    def _counted(self, view: DayPage) -> None:
        restyle(self.count, off="false")
        self.said.hide()
        self.show_view(view)

    def _not_counted(self, error: DeskError) -> None:
        restyle(self.count, off="false")
        self._say("".join(self._kit.backend.sentence(error)), "bad")

    def ask_shift(self) -> None:
        """Ask who takes over."""
        self.said.hide()
        self._kit.jobs.ask(self, self._kit.backend.takers, self.strip.ask_shift, key="takers")

    def _show_figures(self, view: DayPage) -> None:
        clear(self._figures)
        for pairs in (view.done, view.counts):
            if pairs:
                self._figures.addWidget(self._row_of(pairs))

    def _row_of(self, pairs: tuple[Pair, ...]) -> QWidget:
        flow = FlowRow(18)
        for pair in pairs:
            flow.add(box(row(text(pair.label, "small"), text(pair.value, "verdict"), gap=6)))
        return flow

    def _close(self, amending: str, note: str) -> None:
        reasons, counted = dict(self.concerns.reasons), self.stock.counted()
        call = self._kit.backend.close_day
        self._kit.jobs.write(self, lambda: call(reasons, counted, amending, note), self._done, self._refused)

    def _hand_over(self, taker: str, password: str, note: str) -> None:
        counted, call = self.stock.counted(), self._kit.backend.hand_over
        self._kit.jobs.write(self, lambda: call(taker, password, counted, note), self._done, self._refused)

    def _done(self, done: SheetDone) -> None:
        self.strip.close_strip()
        self.stock.clear_counts()
        self.show_view(done.page)
        words, keys = self._kit.words, self._kit.actions.keys
        said = words(
            "dayend.done", sheet=done.sheet.title, number=done.sheet.number, keys=keys("dayend.print")
        )
        if done.sheet.kind == "shift":
            said += words("dayend.then-lock", keys=keys("lock"))
        self._say(said, "good")
        self.sheets.setFocus()

    def _refused(self, error: DeskError) -> None:
        self.strip.say("".join(self._kit.backend.sentence(error)))

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        restyle(self.said, tone=tone)
        self.said.show()

    def _confirm(self) -> None:
        if self.strip.isVisible():
            self.strip.finish()

    def _leave(self) -> None:
        self.strip.close_strip()
        self.focus_default()

    def _to_reason(self) -> None:
        self.concerns.reason.setFocus()
        self.concerns.reason.selectAll()

    def _to_stock(self) -> None:
        first = next(iter(self.stock.fields.values()), None)
        if first is not None:
            first.setFocus()

    def _open(self, line: WorkLine) -> None:
        if line.draft_id:
            self.open_draft.emit(line.draft_id)
        elif line.case_id:
            self.open_case.emit(line.case_id)

    def _open_sheet(self) -> None:
        place = self.sheets.currentIndex().row()
        if self._view is not None and 0 <= place < len(self._view.sheets):
            self.preview_wanted.emit(self._view.sheets[place].id, "D15")

    def _print_last(self) -> None:
        if self._view is not None and self._view.sheets:
            self.preview_wanted.emit(self._view.sheets[0].id, "D15")
