"""One event that waits for a person: both sides, why they do not go together, and what may be done about it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from jinpu_desk.app.screens.conflict_view import ConflictPage, Side
from jinpu_desk.app.screens.views import FieldView, VerbButton
from jinpu_desk.domain.errors import DeskError

from ...kit import Kit
from ...widgets.chips import ChipRow
from ...widgets.flow import FlowRow
from ...widgets.parts import GAP, Card, box, clear, column, key_cap, row, scroll, text
from ...widgets.walk import Walk
from ..cases.verb import VerbStrip
from ..intake.decision import StepButton
from .fields import FieldsCard

PARKED = ("ours", "theirs", "fields")
DEAD = ("retry", "aside")
"""What a conflict and what a dead letter may come to, in the order of the keys."""


class SideCard(Card):
    """What was done, by whom, where, and when by both clocks."""

    def __init__(self, kit: Kit, heading: str) -> None:
        super().__init__(kit.words(heading))
        self._kit = kit
        self._lines = column(gap=6)
        self.body.addLayout(self._lines)
        self.body.addStretch(1)

    def show_sides(self, sides: tuple[Side, ...]) -> None:
        clear(self._lines)
        for side in sides:
            self._lines.addWidget(text(f"{side.what} · {side.who} · {side.where}", "verdict", wrap=True))
            at = side.at_centre or self._kit.words("conflict.no-centre-time")
            self._lines.addWidget(
                text(self._kit.words("conflict.times", desk=side.at_desk, centre=at), "small", wrap=True)
            )
            for fact in side.facts:
                self._lines.addWidget(text(f"{fact.label}：{fact.value}", wrap=True))
        if not sides:
            self._lines.addWidget(text(self._kit.words("conflict.nobody-else"), "small", wrap=True))


class ConflictView(QWidget):
    """Shows a ``ConflictPage``; emits ``left`` when there is no more to do here."""

    left = Signal()
    open_case = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.page: ConflictPage | None = None
        self.steps: dict[str, StepButton] = {}
        words, keys = kit.words, kit.actions.keys
        self.title = text(role="title", wrap=True)
        self.chips = ChipRow()
        self.reason = text(role="verdict", wrap=True)
        self.hint = text(role="hint", wrap=True)
        self._masked = text(role="small")
        head = Card()
        back = (key_cap(keys("conflict.back")), text(words("conflict.to-list"), "small"))
        reveal = (key_cap(keys("conflict.reveal")), self._masked)
        case = (key_cap(keys("conflict.case")), text(kit.actions.title("conflict.case"), "small"))
        first = row(self.chips, self.title, *reveal, 8, *case, 8, *back, gap=8)
        first.setStretch(1, 1)
        head.body.addLayout(first)
        head.body.addWidget(self.reason)
        head.body.addWidget(self.hint)
        self.ours, self.theirs = SideCard(kit, "conflict.ours"), SideCard(kit, "conflict.theirs")
        self.fields = FieldsCard(kit)
        sides = row(self.ours, self.theirs, gap=GAP)
        sides.setStretch(0, 1)
        sides.setStretch(1, 1)
        inner = scroll(box(column(sides, self.fields, None, gap=GAP)))
        self._bar = Card()
        self._row = FlowRow()
        self.why_not = text(role="small", wrap=True)
        self._bar.body.addWidget(self._row)
        self._bar.body.addWidget(self.why_not)
        self.strip = VerbStrip(kit)
        whole = column(head, inner, self._bar, self.strip, gap=GAP)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._walk = Walk(self, lambda: [*self.fields.choices, *self.steps.values()])
        self.strip.confirmed.connect(self._settle)
        self.strip.cancelled.connect(self.close_strip)

    def open(self, event: str) -> None:
        """Ask for an event; one that nobody waits for any more leads back."""
        self.page = None
        self.strip.hide()
        self._load(event, reveal=False)

    def reload(self) -> None:
        if self.page is not None:
            self._load(self.page.event, reveal=self.page.revealed)

    def reveal(self) -> None:
        """Show personal data in full, or hide it again."""
        if self.page is not None:
            self._load(self.page.event, reveal=not self.page.revealed)

    def show_case(self) -> None:
        if self.page is not None:
            self.open_case.emit(self.page.case_id)

    def _load(self, event: str, *, reveal: bool) -> None:
        ask = self._kit.backend.conflict_page
        self._kit.jobs.ask(self, lambda: ask(event, reveal), self.show_view, self._gone, key="conflict")

    def show_view(self, view: ConflictPage) -> None:
        known = self.page is not None and self.page.event == view.event
        self.page = view
        words = self._kit.words
        self.chips.show_chips((view.chip,))
        self.title.setText(view.title)
        self.reason.setText(view.reason)
        self.hint.setText(view.hint)
        self._masked.setText(words("case.revealed" if view.revealed else "case.masked"))
        self.ours.show_sides(view.against)
        self.theirs.show_sides((view.theirs,))
        self._heading(self.theirs.heading, "conflict.theirs" if view.kind == "parked" else "conflict.refused")
        choosing = view.kind == "parked" and view.may_keep and len(view.fields) > 1
        self.fields.show_rows(view.fields, choosing=choosing)
        self._show_steps(view, choosing=choosing)
        if not known:
            self.strip.hide()
            self._bar.show()
        if not self.strip.isVisible():
            self.focus_default()

    def focus_default(self) -> None:
        if self.strip.isVisible():
            self.strip.focus_default()
            return
        stops: list[QWidget] = [*self.fields.choices, *self._open_steps(), *self.steps.values()]
        if stops:
            stops[0].setFocus()

    def _open_steps(self) -> list[StepButton]:
        view = self.page
        return (
            [] if view is None else [step for name, step in self.steps.items() if self._open(view, name)[0]]
        )

    def press(self, place: int) -> None:
        """Press the step with the ``place``th key, from 1."""
        if self.page is not None and place <= len(self.steps):
            self._ask(list(self.steps)[place - 1])

    def confirm(self) -> None:
        if self.strip.isVisible():
            self.strip.finish()

    def escape(self) -> None:
        """Put the strip away, or go back."""
        if self.strip.isVisible():
            self.close_strip()
        else:
            self.left.emit()

    def close_strip(self) -> None:
        self.strip.hide()
        self._bar.show()
        self.focus_default()

    def _heading(self, label: QLabel, key: str) -> None:
        label.setText(self._kit.words(key))

    def _show_steps(self, view: ConflictPage, *, choosing: bool) -> None:
        clear(self._row.flow)
        self.steps = {}
        names = [n for n in (PARKED if view.kind == "parked" else DEAD) if n != "fields" or choosing]
        for place, name in enumerate(names, start=1):
            allowed, reason = self._open(view, name)
            made = StepButton(self._kit.words(f"conflict.step-{name}"), f"Ctrl {place}")
            made.show_state(allowed=allowed, main=False, reason=reason)
            made.setAutoDefault(True)
            made.clicked.connect(partial(self._clicked, name))
            self._row.add(made)
            self.steps[name] = made
        self._walk.add(*self.fields.choices, *self.steps.values())
        told = view.why_not or view.why_no_retry
        word = "conflict.why-not" if view.why_not else "conflict.why-no-retry"
        self.why_not.setText(self._kit.words(word, reason=told) if told else "")
        self.why_not.setVisible(bool(told))

    def _open(self, view: ConflictPage, name: str) -> tuple[bool, str]:
        """Tell whether a step is open, and why not."""
        if not view.may_resolve:
            return False, view.why_no_retry or self._kit.words("conflict.not-your-role")
        if name in {"theirs", "fields"}:
            return view.may_keep, view.why_not
        if name == "retry":
            return view.may_retry, view.why_no_retry
        return True, ""

    def _clicked(self, name: str, _checked: bool = False) -> None:
        self._ask(name)

    def _ask(self, name: str) -> None:
        if self.page is None:
            return
        words = self._kit.words
        label = words(f"conflict.step-{name}")
        allowed, reason = self._open(self.page, name)
        self._bar.setVisible(not allowed)
        if not allowed:
            self.strip.explain(VerbButton(verb=name, label=label, allowed=False, reason=reason))
            return
        why = FieldView(path="reason", label=words("conflict.reason"), kind="text", value="", required=True)
        self.strip.ask(VerbButton(verb=name, label=label, allowed=True, reason="", asks=(why,)))

    def _settle(self, name: str, data: dict[str, Any]) -> None:
        if self.page is None:
            return
        backend, event, reason = self._kit.backend, self.page.event, str(data.get("reason", ""))
        theirs = self.fields.chosen if name == "fields" else ()
        if name == "retry":
            self._kit.jobs.write(self, lambda: backend.retry(event, reason), self._settled, self.failed.emit)
            return
        take = {"aside": "ours"}.get(name, name)
        self._kit.jobs.write(
            self, lambda: backend.resolve(event, take, theirs, reason), self._settled, self.failed.emit
        )

    def _settled(self, _done: object) -> None:
        self.page = None
        self.strip.hide()
        self._bar.show()
        self.left.emit()

    def _gone(self, error: DeskError) -> None:
        self.failed.emit(error)
        self.left.emit()
