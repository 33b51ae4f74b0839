"""What a later verb asks, in a strip: built from the fields the verb names."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from jinpu_desk.app.screens.views import FieldView, VerbButton

from ...kit import Kit
from ...widgets.parts import RowsInSight, box, button, clear, column, key_cap, restyle, row, text
from ...widgets.walk import Walk
from ..intake.form import make_editor, show_value

ROW_PX = 40
REPRINT = "reprint"
"""Not a verb of the case but of a paper; the strip asks its reason all the same."""


class VerbStrip(QFrame):
    """Emits ``confirmed(verb, data)``; ``data`` is nested by the dots of the fields' paths."""

    confirmed = Signal(str, object)
    cancelled = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._kit = kit
        self._verb = ""
        self._fields: tuple[FieldView, ...] = ()
        self._data: dict[str, Any] = {}
        self.editors: list[QWidget] = []
        self.heading = text(role="verdict", wrap=True)
        self.sentence = text(role="problem", wrap=True)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._rows = RowsInSight(self._grid, most=4)
        self.confirm = button(kit.actions.title("case.confirm"), self.finish, kind="main")
        self.cancel = button(kit.words("ask.cancel"), self.cancelled.emit)
        keys = kit.actions.keys
        self._buttons = box(
            row(self.confirm, key_cap(keys("case.confirm")), 8, self.cancel, key_cap(keys("case.back")), None)
        )
        self.setLayout(column(self.heading, self._rows, self.sentence, self._buttons, gap=8, margins=14))
        self._walk = Walk(self, lambda: [*self.editors, self.confirm, self.cancel])
        self._walk.add(self.confirm, self.cancel)
        self.hide()

    def ask(self, verb: VerbButton) -> None:
        """Ask the fields of a verb."""
        self._open(verb.verb, verb.label, verb.asks)

    def ask_reprint(self, paper: str) -> None:
        """Ask why a paper is printed again."""
        words = self._kit.words
        reason = FieldView(
            path="reason", label=words("case.reprint-reason"), kind="text", value="", required=True
        )
        self._open(REPRINT, words("case.reprint-heading", paper=paper), (reason,))

    def explain(self, verb: VerbButton) -> None:
        """Say why a verb is not open."""
        clear(self._grid)
        self.editors, self._verb = [], ""
        self.heading.setText(self._kit.words("decision.cannot", step=verb.label, reason=verb.reason))
        self._fit(0)
        self.sentence.hide()
        self._buttons.hide()
        restyle(self, tone="bad")
        self.show()

    def focus_default(self) -> None:
        (self.editors[0] if self.editors else self.confirm).setFocus()

    def finish(self) -> None:
        """Send the verb once everything required is there."""
        missing = next(
            (f.label for f in self._fields if f.required and self._data.get(f.path) in (None, "")), ""
        )
        if missing:
            self.sentence.setText(self._kit.words("case.missing", field=missing))
            self.sentence.show()
        elif self._verb:
            self.confirmed.emit(self._verb, nested(self._data))

    def _fit(self, rows: int) -> None:
        self._rows.setVisible(rows > 0)
        self._rows.fit(rows, self._kit.look.theme.px(ROW_PX))

    def _open(self, verb: str, heading: str, fields: tuple[FieldView, ...]) -> None:
        clear(self._grid)
        self._verb, self._fields, self._data, self.editors = verb, fields, {}, []
        self.heading.setText(heading)
        self.sentence.hide()
        self._buttons.show()
        restyle(self, tone="info")
        for place, field in enumerate(fields):
            editor = make_editor(self._kit, field, partial(self._data.__setitem__, field.path))
            show_value(editor, field.value)
            if field.value:
                self._data[field.path] = field.value == "true" if field.kind == "bool" else field.value
            self._grid.addWidget(text(field.label, "label", wrap=True), place, 0)
            self._grid.addWidget(editor, place, 1)
            self.editors.append(editor)
        self._walk.add(*self.editors)
        self._fit(len(fields))
        self.show()
        self.focus_default()


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """Return ``{"a": {"b": 1}}`` for ``{"a.b": 1}``."""
    made: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        table = made
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value
    return made
