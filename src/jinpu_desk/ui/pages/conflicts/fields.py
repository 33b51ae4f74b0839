"""The fields two windows changed: before, now, and as the parked step has it; one choice per field."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from jinpu_desk.app.screens.conflict_view import FieldRow
from jinpu_desk.app.screens.views import OptionView

from ...kit import Kit
from ...widgets.parts import Card, clear, text
from ...widgets.segmented import Segmented

OURS, THEIRS = "ours", "theirs"
COLUMNS = ("conflict.field", "conflict.before", "conflict.now", "conflict.parked", "conflict.choice")


class FieldsCard(Card):
    """Every field begins with what stands now; the arrow keys take the other value."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.words("conflict.fields"))
        self._kit = kit
        self._rows: tuple[FieldRow, ...] = ()
        self.choices: list[Segmented] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(8)
        for column in (1, 2, 3):
            self._grid.setColumnStretch(column, 1)
        self.body.addLayout(self._grid)
        self._options = tuple(
            OptionView(value=value, label=kit.words(f"conflict.take-{value}")) for value in (OURS, THEIRS)
        )

    def show_rows(self, rows: tuple[FieldRow, ...], *, choosing: bool) -> None:
        """Show the fields, with what was chosen before where they are the same."""
        self.setVisible(bool(rows))
        if rows == self._rows and choosing == bool(self.choices):
            return
        picked = dict(zip((row.path for row in self._rows), (c.picked for c in self.choices), strict=False))
        self._rows = rows
        clear(self._grid)
        self.choices = []
        for place, heading in enumerate(COLUMNS[: 5 if choosing else 4]):
            self._grid.addWidget(text(self._kit.words(heading), "small"), 0, place)
        for n, row in enumerate(rows, start=1):
            self._grid.addWidget(text(row.label, "label", wrap=True), n, 0)
            for place, value in enumerate((row.before or "—", row.ours, row.theirs), start=1):
                differs = place > 1 and not row.same
                self._grid.addWidget(text(value, "verdict" if differs else "", wrap=True), n, place)
            if choosing:
                self._grid.addWidget(self._choice(row, picked.get(row.path, ())), n, 4)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Paths for which the parked value is taken."""
        return tuple(
            row.path
            for row, choice in zip(self._rows, self.choices, strict=False)
            if choice.picked == (THEIRS,)
        )

    def _choice(self, row: FieldRow, before: tuple[str, ...]) -> QWidget:
        made = Segmented(self._kit.look, row.label, self._options)
        made.show_picked(*(before or (OURS,)))
        self.choices.append(made)
        return made
