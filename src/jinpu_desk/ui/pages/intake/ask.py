"""What an outcome still asks, in a strip in place of the decision bar: never a dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QWidget

from jinpu_desk.app.intake.drafts import Draft, FaultDraft
from jinpu_desk.app.screens.views import ChecklistLine, IntakePage
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialState

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.parts import RowsInSight, button, clear, column, key_cap, restyle, row, text

FAULTY = frozenset({MaterialState.LACKING, MaterialState.DEFECTIVE})
FIELDS: dict[Outcome, tuple[str, ...]] = {
    Outcome.REFUSE: ("refusal_reason", "competent_organ"),
    Outcome.GUIDE: ("competent_organ", "refusal_reason"),
    Outcome.NOT_NEEDED: ("refusal_reason",),
}
"""Draft fields an outcome asks for, in the order it asks."""
Edit = Callable[[Draft], Draft]


def asks(outcome: Outcome, page: IntakePage, draft: Draft) -> bool:
    """Whether an outcome needs something more from the clerk before it can be done."""
    if outcome in FIELDS or outcome is Outcome.CORRECT:
        return True
    finishing = outcome in (Outcome.ACCEPT, Outcome.REGISTER)
    return finishing and page.needs_tolerance_signature and not draft.tolerance_signed


def faulty(page: IntakePage) -> tuple[ChecklistLine, ...]:
    """Return what a correction notice must list: everything lacking or defective, at once (许可法 art. 32(4))."""
    return tuple(
        line
        for line in page.checklist
        if line.state is MaterialState.DEFECTIVE or (line.required and line.state in FAULTY)
    )


def with_fault(draft: Draft, material: str, problem: str) -> Draft:
    """Write what is wrong with a material on the correction notice."""
    others = tuple(fault for fault in draft.correction if fault.material != material)
    return msgspec.structs.replace(
        draft, correction=(*others, FaultDraft(material=material, problem=problem))
    )


class AskStrip(QFrame):
    """Emits ``edited`` with a function on the draft, then ``confirmed`` or ``cancelled``."""

    edited = Signal(object)
    confirmed = Signal(object)  # Outcome
    cancelled = Signal()
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._kit = kit
        self.outcome: Outcome | None = None
        self.heading = text(role="verdict", wrap=True)
        self.advice = text(role="hint", wrap=True)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self.fields: list[QWidget] = []
        actions = kit.actions
        self.confirm = button("", self.finish, kind="main")
        self.cancel = button(kit.words("ask.cancel"), self.cancelled.emit)
        keys = row(
            self.confirm,
            key_cap(actions.keys("intake.confirm")),
            8,
            self.cancel,
            key_cap(actions.keys("intake.cancel")),
            None,
        )
        self._fields_area = RowsInSight(self._grid)
        self.setLayout(column(self.heading, self.advice, self._fields_area, keys, gap=8, margins=14))
        self.hide()

    def stops(self) -> list[QWidget]:
        return [*self.fields, self.confirm, self.cancel]

    def ask(self, outcome: Outcome, page: IntakePage, draft: Draft) -> None:
        """Show what ``outcome`` asks, filled with what the draft already says."""
        self.outcome = outcome
        words = self._kit.words
        self.heading.setText(words(f"ask.{outcome.value}"))
        self.advice.setText(words(f"ask.{outcome.value}-advice"))
        self.confirm.setText(words(f"ask.{outcome.value}-confirm"))
        restyle(self, tone="bad" if outcome is Outcome.REFUSE else "info")
        clear(self._grid)
        self.fields = []
        if outcome is Outcome.CORRECT:
            self._ask_faults(page, draft)
        elif outcome in FIELDS:
            for name in FIELDS[outcome]:
                self._ask_field(outcome, name, getattr(draft, name))
        else:
            self._ask_signature(draft)
        self._fields_area.fit(len(self.fields), self._kit.look.theme.px(40))
        self.show()
        self.rebuilt.emit()
        self.fields[0].setFocus()

    def finish(self) -> None:
        """Do it, once a needed signature is ticked."""
        signature = self.fields[0] if self.fields else None
        if isinstance(signature, QCheckBox) and not signature.isChecked():
            restyle(self, tone="bad")
            self.advice.setText(self._kit.words("ask.unsigned"))
            signature.setFocus()
            return
        if self.outcome is not None:
            self.confirmed.emit(self.outcome)

    def _ask_faults(self, page: IntakePage, draft: Draft) -> None:
        written = {fault.material: fault.problem for fault in draft.correction}
        for line in faulty(page):
            said = written.get(line.key, "")
            field = self._field(f"{line.no} {line.name}（{line.chip.text}）", said)
            field.setPlaceholderText(line.requirement or self._kit.words("ask.problem-example"))
            field.edited.connect(
                lambda value, key=line.key: self.edited.emit(lambda d: with_fault(d, key, value))
            )
            if not said:
                self.edited.emit(lambda d, key=line.key: with_fault(d, key, ""))

    def _ask_field(self, outcome: Outcome, name: str, value: str) -> None:
        field = self._field(self._kit.words(f"ask.{outcome.value}.{name}"), value)
        field.edited.connect(lambda typed: self.edited.emit(lambda d: _replace(d, name, typed)))

    def _ask_signature(self, draft: Draft) -> None:
        tick = QCheckBox(self._kit.words("ask.signed"))
        tick.setChecked(draft.tolerance_signed)
        tick.toggled.connect(lambda on: self.edited.emit(lambda d: _replace(d, "tolerance_signed", on)))
        self._grid.addWidget(tick, 0, 0, 1, 2)
        self.fields.append(tick)

    def _field(self, label: str, value: str) -> LineField:
        field = LineField(self._kit.look, label)
        field.show_value(value)
        place = len(self.fields)
        self._grid.addWidget(text(label, "label", wrap=True), place, 0)
        self._grid.addWidget(field, place, 1)
        self.fields.append(field)
        return field


def _replace(draft: Draft, name: str, value: Any) -> Draft:
    return msgspec.structs.replace(draft, **{name: value})
