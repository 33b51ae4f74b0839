"""What a way of handing out asks: editors from data, some of them only for some relations."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from jinpu_desk.app.screens.delivery_views import Person, Way
from jinpu_desk.app.screens.views import FieldView
from jinpu_desk.app.verbs.recipients import SELF

from ...kit import Kit
from ...widgets.parts import clear, text
from ..intake.form import make_editor, show_value

OVERRIDE = "override_reason"
"""Asked only after a check digit failed (DOMAIN §0.8)."""
RELATION = "relation"
LABEL_PX = 94


class WayFields(QWidget):
    """Emits ``rebuilt`` when the editors are others; ``values`` are what is typed and shown."""

    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._way: Way | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, Any] = {}
        self._labels: dict[str, QLabel] = {}
        self.editors: dict[str, QWidget] = {}
        self._overriding = False

    def ask(self, way: Way) -> None:
        """Ask what ``way`` asks, from the beginning."""
        clear(self._grid)
        self._way, self._overriding = way, False
        self._values, self._labels, self.editors = {}, {}, {}
        self._grid.setColumnMinimumWidth(0, self._kit.look.theme.px(LABEL_PX))
        for field in way.fields:
            self._put(field)
        if RELATION in self.editors:
            words = self._kit.words
            self._put(FieldView(path=OVERRIDE, label=words("party.override"), kind="text", value=""))
        self._fit()
        self.rebuilt.emit()

    def _put(self, field: FieldView) -> None:
        path = field.path
        editor = make_editor(self._kit, field, lambda value: self._typed(path, value))
        show_value(editor, field.value)
        if field.value:
            self._values[path] = field.value
        label = text(field.label, "label", wrap=True)
        label.setFixedWidth(self._kit.look.theme.px(LABEL_PX))
        place = len(self.editors)
        self._grid.addWidget(label, place, 0)
        self._grid.addWidget(editor, place, 1)
        self._labels[path], self.editors[path] = label, editor

    def _typed(self, path: str, value: Any) -> None:
        self._values[path] = value
        if path == RELATION:
            self._fit()

    def _fit(self) -> None:
        """Show what the chosen relation calls for."""
        for path, editor in self.editors.items():
            shown = self._shown(path)
            editor.setVisible(shown)
            self._labels[path].setVisible(shown)

    def _shown(self, path: str) -> bool:
        if path == OVERRIDE:
            return self._overriding
        hidden = self._way.hidden.get(path, ()) if self._way else ()
        return self._values.get(RELATION) not in hidden if hidden else True

    @property
    def stops(self) -> list[QWidget]:
        return list(self.editors.values())

    @property
    def values(self) -> dict[str, Any]:
        """What is shown and filled in."""
        return {
            path: value
            for path, value in self._values.items()
            if self._shown(path) and value not in (None, "")
        }

    @property
    def missing(self) -> str:
        """The path of the first required field that is empty, "" when none is."""
        fields = self._way.fields if self._way else ()
        values = self.values
        return next(
            (f.path for f in fields if f.required and self._shown(f.path) and f.path not in values), ""
        )

    def label(self, path: str) -> str:
        """Return what a field is called."""
        return self._labels[path].text()

    def fill(self, path: str, value: str) -> None:
        """Put a value where somebody would type it."""
        editor = self.editors.get(path)
        if editor is not None:
            self._values[path] = value
            show_value(editor, value)
            self._fit()

    def show_person(self, person: Person) -> None:
        """Take over whose card was read."""
        if person.relation:
            self.fill(RELATION, person.relation)
        elif self._values.get(RELATION) == SELF:
            self._values.pop(RELATION)
            show_value(self.editors[RELATION], "")
            self._fit()
        for path in ("recipient", "id_type", "id_no"):
            value = {"recipient": person.name, "id_type": person.id_type, "id_no": person.id_no}[path]
            self.fill(path, value)

    def ask_override(self) -> None:
        """Ask for the reason that lets a failed check digit through."""
        self._overriding = True
        self._fit()

    def focus(self, path: str) -> bool:
        """Put the keys into a field, if it is shown."""
        editor = self.editors.get(path)
        if editor is None or not self._shown(path):
            return False
        editor.setFocus()
        if isinstance(editor, QLineEdit):
            editor.selectAll()
        return True

    def focus_first(self) -> bool:
        """Put the keys into the first field that is shown."""
        return next((True for path in self.editors if self.focus(path)), False)
