"""申请人 and 代理人: who applies, with the verdict on each entry as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from jinpu_desk.app.intake.drafts import PartyDraft
from jinpu_desk.app.screens.views import ArchiveView, OptionView, PartyView
from jinpu_desk.domain.mask import mask_id, mask_phone

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.flow import FlowRow
from ...widgets.parts import Card, box, key_cap, restyle, row, text
from ...widgets.segmented import Segmented
from ...widgets.walk import RARE

PERSON = ("name", "id_no", "phone")
ORGANISATION = ("name", "uscc", "contact", "phone")
APPLICANT = ("name", "id_no", "uscc", "contact", "phone")
"""Both of them in one order, so that neither is read from the bottom up."""
AGENT = ("name", "id_no", "phone", "mandate")
MASKS: dict[str, Callable[[str], str]] = {"id_no": mask_id, "phone": mask_phone}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: label, field, and below it the sentence and the reason that overrides it."""

    label: QWidget
    field: LineField
    sentence: QLabel
    reason: LineField
    note: QWidget  # sentence and reason side by side

    def show_note(self, *, sentence: bool, reason: bool) -> None:
        self.sentence.setVisible(sentence)
        self.reason.setVisible(reason)
        self.note.setVisible(sentence or reason)


class PartyCard(Card):
    """Emits ``changed(name, value)`` for each keystroke and ``overridden(path, reason)``."""

    changed = Signal(str, object)
    overridden = Signal(str, str)

    def __init__(self, kit: Kit, role: str) -> None:
        corner = self._corner(kit, role)
        super().__init__(kit.words(f"party.{role}"), *corner)
        self._kit = kit
        self._role = role
        self._type = "person"
        self.id_type = self._id_type_box()
        names = AGENT if role == "agent" else APPLICANT
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.entries = {name: self._entry(name) for name in names}
        for place, entry in enumerate(self.entries.values()):
            self._grid.addWidget(entry.label, 2 * place, 0)
            self._grid.addWidget(entry.field, 2 * place, 1)
            self._grid.addWidget(entry.note, 2 * place + 1, 1)
        self.body.addLayout(self._grid)
        self.archive = text(role="small", wrap=True)
        self.again = text(role="warning", wrap=True)
        for note in (self.archive, self.again):
            note.hide()
            self.body.addWidget(note)
        self._fit_labels()
        kit.look.changed.connect(self._fit_labels)
        self._show_type("person")

    def _corner(self, kit: Kit, role: str) -> tuple[QWidget, ...]:
        actions, words = kit.actions, kit.words
        if role == "agent":
            return (key_cap(actions.keys("intake.agent")), text(words("party.no-agent"), "heading"))
        types = tuple(OptionView(value=v, label=words(f"party.{v}")) for v in ("person", "organisation"))
        self.type = Segmented(kit.look, words("party.type"), types)
        self.type.setProperty(RARE, True)
        self.type.chosen.connect(lambda value: self.changed.emit("type", value))
        self.hints = FlowRow(6)
        for name in ("intake.card", "intake.agent"):
            self.hints.add(key_cap(actions.keys(name)), text(actions.title(name), "heading"))
        return (self.type, self.hints)

    def _id_type_box(self) -> QComboBox:
        chooser = QComboBox()
        chooser.setProperty("flat", "true")
        chooser.setProperty(RARE, True)
        chooser.setAccessibleName(self._kit.words("party.id_type"))
        chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        chooser.setMinimumContentsLength(5)
        for option in self._kit.id_types:
            chooser.addItem(option.label, option.value)
        chooser.activated.connect(lambda _at: self.changed.emit("id_type", chooser.currentData()))
        return chooser

    def _entry(self, name: str) -> Entry:
        words = self._kit.words
        label = self.id_type if name == "id_no" else text(words(f"party.{name}"), "label")
        field = LineField(self._kit.look, words(f"party.{name}"), mask=MASKS.get(name))
        if name in ("id_no", "uscc", "phone"):
            field.setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)
        field.edited.connect(lambda value: self.changed.emit(name, value))
        sentence = text(role="warning", wrap=True)
        reason = LineField(self._kit.look, words("party.override"))
        reason.setPlaceholderText(words("party.override"))
        reason.edited.connect(lambda value: self.overridden.emit(f"{self._role}.{name}", value))
        entry = Entry(label, field, sentence, reason, box(row(sentence, reason, gap=8)))
        entry.show_note(sentence=False, reason=False)
        return entry

    def stops(self) -> list[QWidget]:
        """Return the fields in reading order."""
        found: list[QWidget] = [self.type] if self._role == "applicant" else []
        for name, entry in self.entries.items():
            found += [self.id_type] if name == "id_no" else []
            found += [entry.field, entry.reason]
        return found

    @property
    def first(self) -> QWidget:
        return self.entries["name"].field

    def show_draft(self, party: PartyDraft, overrides: dict[str, str]) -> None:
        """Show what is typed; the field being typed in is left alone."""
        if self._role == "applicant":
            self.type.show_picked(party.type)
            self._show_type(party.type)
        self.id_type.setCurrentIndex(max(self.id_type.findData(party.id_type), 0))
        for name, entry in self.entries.items():
            entry.field.show_value(getattr(party, name))
            entry.reason.show_value(overrides.get(f"{self._role}.{name}", ""))

    def show_view(self, view: PartyView, archive: ArchiveView | None) -> None:
        """Show the verdicts: a problem in red, a doubt in amber with room for the reason."""
        for name, entry in self.entries.items():
            problem, doubt = view.problems.get(name, ""), view.warnings.get(name, "")
            entry.field.show_verdict(done=name in view.done, problem=problem)
            visible = not entry.field.isHidden()
            show_problem = bool(problem) and bool(entry.field.value)
            entry.sentence.setText(problem if show_problem else doubt)
            restyle(entry.sentence, role="problem" if show_problem else "warning")
            entry.show_note(
                sentence=visible and (show_problem or bool(doubt)),
                reason=visible and bool(doubt) and not show_problem,
            )
        self._show_archive(archive)

    def _show_archive(self, archive: ArchiveView | None) -> None:
        known = archive is not None and archive.found
        self.archive.setVisible(known)
        self.again.setVisible(archive is not None and bool(archive.same_item_open))
        if archive is None:
            return
        keys = self._kit.actions.keys("intake.reuse")
        self.archive.setText(self._kit.words("party.archive", text=archive.text, keys=keys))
        self.again.setText(archive.same_item_open)

    def _show_type(self, kind: str) -> None:
        self._type = kind
        shown = AGENT if self._role == "agent" else ORGANISATION if kind == "organisation" else PERSON
        for name, entry in self.entries.items():
            for widget in (entry.label, entry.field):
                widget.setVisible(name in shown)
            if name not in shown:
                entry.show_note(sentence=False, reason=False)
        name_label = self.entries["name"].label
        if isinstance(name_label, QLabel) and self._role == "applicant":
            key = "party.title" if kind == "organisation" else "party.name"
            name_label.setText(self._kit.words(key))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._role == "applicant":  # in a narrow column the keys give way to the choice
            needed = self.hints.sizeHint().width() + self.type.sizeHint().width()
            self.hints.setVisible(self.width() > needed + self._kit.look.theme.px(110))

    def _fit_labels(self) -> None:
        self._grid.setColumnMinimumWidth(0, self._kit.look.theme.px(94))
        for entry in self.entries.values():
            entry.label.setFixedWidth(self._kit.look.theme.px(94))
