"""One slip whole: its way, its cases, who signed; signing, turning down and taking back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from jinpu_desk.app.duty.passing_view import SlipPage
from jinpu_desk.app.screens.views import FieldView, VerbButton
from jinpu_desk.domain.ids import CaseNo

from ...kit import Kit
from ...widgets.parts import Card, button, key_cap, restyle, row, text
from ...widgets.walk import OWN_ENTER, Walk
from ..cases.verb import VerbStrip
from ..intake.done import spaced
from .table import SlipTable

TAKE, REFUSE = "take", "refuse"


class SlipView(Card):
    """Shows ``slip``; what is to be done with it goes out as signals with the cases meant."""

    take_over = Signal(object, str)  # case numbers, receiver
    turn_down = Signal(object, str)  # case numbers, reason
    take_back = Signal(object)  # case numbers
    open_case = Signal(str)
    left = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__(
            kit.words("passing.slip"),
            key_cap(kit.actions.keys("passing.leave")),
            text(kit.words("passing.leave"), "small"),
        )
        self._kit = kit
        self.slip: SlipPage | None = None
        words, actions = kit.words, kit.actions
        self.number = text(role="number")
        self.way = text(role="verdict", wrap=True)
        self.by = text(role="small")
        self.said = text(role="small", wrap=True)
        self.table = SlipTable(kit, words("passing.slip"), marks=True)
        self.total = text(role="label")
        self.strip = VerbStrip(kit)
        self.buttons = {
            name: button(actions.title(name), actions.action(name).trigger, kind=kind)
            for name, kind in (
                ("passing.take", "main"),
                ("passing.refuse", ""),
                ("passing.return", ""),
                ("passing.print", ""),
                ("passing.next", ""),
            )
        }
        for part in (self.number, self.way, self.by, self.said):
            self.body.addWidget(part)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.total)
        self.body.addWidget(self.strip)
        for names in (
            ("passing.take", "passing.refuse"),
            ("passing.return", "passing.print", "passing.next"),
        ):
            parts: list[QWidget | int | None] = []
            for name in names:
                parts += [self.buttons[name], key_cap(actions.keys(name)), 6]
            self.body.addLayout(row(*parts, None))
        self.strip.confirmed.connect(self._confirmed)
        self.strip.cancelled.connect(self.close_strip)
        self.table.opened.connect(self.open_case)
        self.table.setProperty(OWN_ENTER, True)
        self._walk = Walk(self, lambda: [self.table, *self.buttons.values()])
        self._walk.add(self.table, *self.buttons.values())

    def show_slip(self, slip: SlipPage, said: str = "", tone: str = "") -> None:
        """Show a slip, and in ``said`` what has just been done with it."""
        self.slip = slip
        words = self._kit.words
        self.number.setText(spaced(slip.slip))
        self.way.setText(f"{slip.origin} → {slip.target}")
        self.by.setText(words("passing.by", clerk=slip.by, at=slip.at))
        self.said.setText(said)
        restyle(self.said, tone=tone)
        self.said.setVisible(bool(said))
        self.table.show_lines(slip.lines)
        waiting = words("passing.waiting-n", n=slip.waiting) if slip.waiting else words("passing.all-signed")
        self.total.setText(f"{slip.total} · {waiting}")
        self.buttons["passing.return"].setVisible(slip.own and slip.waiting > 0)
        for name in ("passing.take", "passing.refuse"):
            self.buttons[name].setVisible(slip.waiting > 0)
        self.buttons["passing.print"].setVisible(slip.paper is not None)
        self.close_strip()

    def ask_take(self) -> None:
        """Sign for the marked cases, or for all; who handed them on names the person that signed the paper."""
        if self.slip is None or not self.slip.waiting:
            return
        if not self.slip.own:
            self.take_over.emit(self.table.marked, "")
            return
        words = self._kit.words
        self._ask(TAKE, words("passing.take-own"), words("passing.receiver"))

    def ask_refuse(self) -> None:
        """Ask why the marked cases, or the current one, are not signed for."""
        if self.slip is not None and self.slip.waiting and self.meant:
            words = self._kit.words
            self._ask(
                REFUSE, words("passing.refuse-heading", n=len(self.meant)), words("passing.refuse-reason")
            )

    def ask_back(self) -> None:
        """Take back the marked cases, or all nobody signed for."""
        if self.slip is not None and self.slip.own and self.slip.waiting:
            self.take_back.emit(self.table.marked)

    @property
    def meant(self) -> tuple[CaseNo, ...]:
        current = self.table.current
        return self.table.marked or ((current.case_no,) if current else ())

    def sign_one(self, number: CaseNo) -> bool:
        """Sign for the case a gun read, where it is on this slip."""
        lines = self.slip.lines if self.slip else ()
        if self.slip is None or self.slip.own or number not in {line.case_no for line in lines}:
            return False
        self.take_over.emit((number,), "")
        return True

    def confirm(self) -> None:
        """Send what the strip asks, where it is open."""
        if self.strip.isVisible():
            self.strip.finish()

    def escape(self) -> None:
        """Close what asks, or leave the slip."""
        if self.strip.isVisible():
            self.close_strip()
        else:
            self.left.emit()

    def close_strip(self) -> None:
        self.strip.hide()
        self.table.setFocus()

    def _ask(self, verb: str, heading: str, label: str) -> None:
        field = FieldView(path="text", label=label, kind="text", value="", required=True)
        self.strip.ask(VerbButton(verb=verb, label=heading, allowed=True, reason="", asks=(field,)))

    def _confirmed(self, verb: str, data: dict[str, str]) -> None:
        if verb == TAKE:
            self.take_over.emit(self.table.marked, data["text"])
        else:
            self.turn_down.emit(self.meant, data["text"])
