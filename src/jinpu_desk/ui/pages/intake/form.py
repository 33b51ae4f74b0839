"""情形 and 表单: the questions that shape the checklist, and the fields that make the application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import FieldView, OptionView, QuestionView
from jinpu_desk.domain.mask import mask_id, mask_phone

from ...kit import Kit
from ...widgets.field import LineField, LongField
from ...widgets.parts import Card, clear, text
from ...widgets.segmented import Segmented
from .register import RegisterField

LABEL_PX = 94
FEW = 6
"""Up to so many choices lie side by side; more go into a list."""
MASKS: dict[str, Callable[[str], str]] = {"id_no": mask_id, "phone": mask_phone}
BESIDE = ("delivery", "note", "external_no")
"""What every form ends with; their paths have no dot."""
LATIN = frozenset({"money", "date", "integer", "phone", "id_no", "uscc"})


class Rows(QGridLayout):
    """Labels at the left, editors at the right, a sentence under an editor where one is due."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._next = 0
        self.labels: dict[QWidget, QLabel] = {}
        self.setHorizontalSpacing(10)
        self.setVerticalSpacing(6)
        self.setColumnStretch(1, 1)
        self.fit()

    def fit(self) -> None:
        self.setColumnMinimumWidth(0, self._kit.look.theme.px(LABEL_PX))

    def add_row(self, label: str, editor: QWidget, *, required: bool = False, tip: str = "") -> QLabel:
        """Add a row and return the label for its sentence, hidden until there is one."""
        shown = text(label, "label", wrap=True)
        shown.setFixedWidth(self._kit.look.theme.px(LABEL_PX))
        shown.setToolTip(tip)
        shown.setBuddy(editor)
        self.labels[editor] = shown
        if required:
            editor.setAccessibleDescription(self._kit.words("form.required"))
        sentence = text(role="problem", wrap=True)
        sentence.hide()
        self.addWidget(shown, self._next, 0, Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(editor, self._next, 1)
        self.addWidget(sentence, self._next + 1, 1)
        self._next += 2
        return sentence

    def add_heading(self, words: str) -> None:
        self.addWidget(text(words, "small"), self._next, 0, 1, 2)
        self._next += 1

    def restart(self, keep: Iterable[QWidget] = ()) -> None:
        """Begin anew. Editors to ``keep`` stay on the page, with the keys, the cursor and what an input method holds:
        add them again."""
        for editor in keep:
            self.removeWidget(editor)
        clear(self)
        self.labels = {}
        self._next = 0


class SituationCard(Card):
    """Emits ``answered(key, value)``: a string, a tuple of strings, or a bool."""

    answered = Signal(str, object)
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.words("situation.heading"))
        self._kit = kit
        self._rows = Rows(kit)
        self.body.addLayout(self._rows)
        self.questions: dict[str, Segmented] = {}
        self._sentences: dict[str, QLabel] = {}
        self._shape: dict[str, object] = {}
        kit.look.changed.connect(self._again)
        self.hide()

    def stops(self) -> list[QWidget]:
        return list(self.questions.values())

    def show_view(self, questions: tuple[QuestionView, ...]) -> None:
        shape: dict[str, object] = {q.key: (q.label, q.options, q.many) for q in questions}
        if list(shape.items()) != list(self._shape.items()):
            kept = {key: self.questions[key] for key in same(shape, self._shape)}
            self._shape = shape
            self._build(questions, kept)
        for question in questions:
            self.questions[question.key].show_picked(*_picked(question.answer))
            self._sentences[question.key].setText(question.problem)
            self._sentences[question.key].setVisible(bool(question.problem))
        self.setVisible(bool(questions))

    def _again(self) -> None:
        self._shape = {}

    def _build(self, questions: tuple[QuestionView, ...], kept: dict[str, Segmented]) -> None:
        self._rows.restart(kept.values())
        self._rows.fit()
        self.questions, self._sentences = {}, {}
        for question in questions:
            choice = kept.get(question.key) or self._choice(question)
            self.questions[question.key] = choice
            self._sentences[question.key] = self._rows.add_row(question.label, choice, tip=question.help)
        self.rebuilt.emit()

    def _choice(self, question: QuestionView) -> Segmented:
        key, boolean = question.key, question.boolean
        choice = Segmented(self._kit.look, question.label, question.options, many=question.many)
        choice.chosen.connect(lambda value: self.answered.emit(key, value == "true" if boolean else value))
        return choice


def same(shape: dict[str, object], before: dict[str, object]) -> list[str]:
    """Return the keys whose shape is what it was."""
    return [key for key in shape if key in before and shape[key] == before[key]]


def _picked(answer: Any) -> tuple[str, ...]:
    """Return the option values an answer stands for."""
    if answer is None:
        return ()
    if isinstance(answer, bool):
        return ("true" if answer else "false",)
    return (answer,) if isinstance(answer, str) else tuple(answer)


class FormCard(Card):
    """Emits ``filled(path, value)``; delivery, remark and outside number have paths without a dot."""

    filled = Signal(str, object)
    placed = Signal(str, object)  # path, PlaceView
    went_on = Signal(object)
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        self.count = text(role="small")
        super().__init__(kit.words("form.heading"), self.count)
        self._kit = kit
        self._rows = Rows(kit)
        self.body.addLayout(self._rows)
        self.editors: dict[str, QWidget] = {}
        self._sentences: dict[str, QLabel] = {}
        self._shape: dict[str, object] = {}
        kit.look.changed.connect(self._again)
        self.hide()

    def stops(self) -> list[QWidget]:
        return [e.seek if isinstance(e, RegisterField) else e for e in self.editors.values()]

    def show_view(self, fields: tuple[FieldView, ...], summary: str, draft: Draft) -> None:
        self.count.setText(summary)
        shape: dict[str, object] = {
            f.path: (f.label, f.kind, f.options, f.group, f.unit, f.required) for f in fields
        }
        shape |= dict.fromkeys(BESIDE)
        if list(shape.items()) != list(self._shape.items()):
            kept = {path: self.editors[path] for path in same(shape, self._shape)}
            self._shape = shape
            self._build(fields, kept)
        for field in fields:
            self._show_field(field)
        delivery = self.editors["delivery"]
        assert isinstance(delivery, Segmented)
        delivery.show_picked(draft.delivery)
        for path in ("note", "external_no"):
            show_value(self.editors[path], getattr(draft, path))
        self.show()

    def _again(self) -> None:
        self._shape = {}

    def _show_field(self, field: FieldView) -> None:
        editor = self.editors[field.path]
        show_value(editor, field.value)
        if isinstance(editor, RegisterField):
            editor.show_entry(field.shown)
        if isinstance(editor, (LineField, LongField)):
            editor.show_verdict(done=field.done, problem=field.problem, tip=field.help)
        self._sentences[field.path].setText(field.problem)
        self._sentences[field.path].setVisible(bool(field.problem))

    def _build(self, fields: tuple[FieldView, ...], kept: dict[str, QWidget]) -> None:
        self._rows.restart(kept.values())
        self._rows.fit()
        self.editors, self._sentences = {}, {}
        group = ""
        for field in fields:
            if field.group and field.group != group:
                self._rows.add_heading(field.group)
            group = field.group
            self._put(field.path, field.label, kept.get(field.path) or self._editor(field), field)
        for path in BESIDE:
            editor = kept.get(path) or (self._delivery() if path == "delivery" else self._line(path))
            self._put(path, self._kit.words(f"form.{path}"), editor)
        self.rebuilt.emit()

    def _put(self, path: str, label: str, editor: QWidget, field: FieldView | None = None) -> None:
        required = field is not None and field.required
        tip = field.help if field is not None else ""
        self.editors[path] = editor
        self._sentences[path] = self._rows.add_row(label, editor, required=required, tip=tip)

    def _line(self, path: str) -> LineField:
        line = LineField(self._kit.look, self._kit.words(f"form.{path}"))
        line.edited.connect(lambda value: self.filled.emit(path, value))
        return line

    def _delivery(self) -> Segmented:
        ways = ("pick-up", "post", "electronic")
        options = tuple(OptionView(value=way, label=self._kit.words(f"delivery.{way}")) for way in ways)
        choice = Segmented(self._kit.look, self._kit.words("form.delivery"), options)
        choice.chosen.connect(lambda value: self.filled.emit("delivery", value))
        return choice

    def _editor(self, field: FieldView) -> QWidget:
        if field.kind == "register":
            return self._register(field)
        return make_editor(self._kit, field, lambda value: self.filled.emit(field.path, value))

    def _register(self, field: FieldView) -> RegisterField:
        editor = RegisterField(self._kit, field)

        def took(place: object) -> None:
            self.placed.emit(field.path, place)
            self.went_on.emit(editor.seek)

        editor.picked.connect(took)
        editor.seek.left.connect(lambda: self.went_on.emit(editor.seek))
        return editor


def make_editor(kit: Kit, field: FieldView, filled: Callable[[Any], object]) -> QWidget:
    """Return the editor a field's kind calls for; ``filled`` gets a bool for bool, else the text."""
    if field.kind == "bool":
        yes_no = tuple(OptionView(value=v, label=kit.words(f"form.{v}")) for v in ("true", "false"))
        choice = Segmented(kit.look, field.label, yes_no)
        choice.chosen.connect(lambda value: filled(value == "true"))
        return choice
    if field.kind == "choice":
        return _choice(kit, field, filled)
    if field.kind == "longtext":
        long = LongField(kit.look, field.label)
        long.edited.connect(filled)
        return long
    line = LineField(kit.look, field.label, mask=MASKS.get(field.kind), unit=field.unit)
    if field.kind in LATIN:
        line.setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)
    if field.kind == "date":
        line.setPlaceholderText(kit.words("form.date-example"))
    line.edited.connect(filled)
    return line


def _choice(kit: Kit, field: FieldView, filled: Callable[[Any], object]) -> QWidget:
    if len(field.options) <= FEW:
        choice = Segmented(kit.look, field.label, field.options)
        choice.chosen.connect(filled)
        return choice
    chooser = QComboBox()
    chooser.setAccessibleName(field.label)
    chooser.setPlaceholderText(kit.words("form.choose"))
    for option in field.options:
        chooser.addItem(option.label, option.value)
    chooser.setCurrentIndex(-1)
    chooser.activated.connect(lambda _at: filled(chooser.currentData()))
    return chooser


def show_value(editor: QWidget, value: str) -> None:
    if isinstance(editor, (LineField, LongField)):
        editor.show_value(value)
    elif isinstance(editor, Segmented):
        editor.show_picked(*([value.lower() if value in ("True", "False") else value] if value else []))
    elif isinstance(editor, QComboBox):
        editor.setCurrentIndex(editor.findData(value))
