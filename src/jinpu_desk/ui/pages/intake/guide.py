"""资格核对与公示: a guided block for procedures only some may use, answered key by key, with the dates computed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from jinpu_desk.app.screens.views import FieldView, GuideView, OptionView, QuestionView

from ...kit import Kit
from ...theme import Look
from ...widgets.field import LineField
from ...widgets.parts import Card, clear, restyle, rule, text
from ...widgets.segmented import Segmented
from .form import LABEL_PX, Rows, make_editor, show_value

ANSWER_KEYS = {Qt.Key.Key_Y: "true", Qt.Key.Key_N: "false"}
"""One key answers a check and goes on to the next; an input method does not see it."""


class YesNo(Segmented):
    """Yes or no by Y and N as well as by the arrows; ``went_on`` asks for the next field."""

    went_on = Signal()

    def __init__(self, look: Look, label: str, options: tuple[OptionView, ...]) -> None:
        super().__init__(look, label, options)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        value = ANSWER_KEYS.get(Qt.Key(event.key()))
        if value is None or event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
            return
        self.show_picked(value)
        self.chosen.emit(value)
        self.went_on.emit()


class GuideCard(Card):
    """Emits ``answered(key, bool)``, ``filled(path, text)`` and ``went_on(widget)``."""

    answered = Signal(str, object)
    filled = Signal(str, object)
    went_on = Signal(object)
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        self.checked = text(role="small")
        super().__init__(kit.words("guide.heading"), self.checked)
        self._kit = kit
        self._checks = QGridLayout()
        self._checks.setHorizontalSpacing(12)
        self._checks.setVerticalSpacing(6)
        self._checks.setColumnStretch(0, 1)
        self.verdict = text(role="hint", wrap=True)
        self._line = rule()
        self._rows = Rows(kit)
        self._dates = QGridLayout()
        self._dates.setHorizontalSpacing(10)
        self._dates.setVerticalSpacing(4)
        self.dates_text = text(role="hint", wrap=True)
        for part in (self._checks, self.verdict, self._line, self._rows, self._dates, self.dates_text):
            self._put(part)
        self.answers: dict[str, YesNo] = {}
        self.editors: dict[str, QWidget] = {}
        self._barred: dict[str, QLabel] = {}
        self._sentences: dict[str, QLabel] = {}
        self._shape: object = None
        kit.look.changed.connect(self._again)
        self.hide()

    def _put(self, part: QWidget | QGridLayout) -> None:
        if isinstance(part, QWidget):
            self.body.addWidget(part)
        else:
            self.body.addLayout(part)

    def stops(self) -> list[QWidget]:
        return [*self.answers.values(), *self.editors.values()]

    def show_view(self, view: GuideView | None) -> None:
        """Show the block, or nothing where the matter has none."""
        self.setVisible(view is not None)
        if view is None:
            return
        shape = (
            [(check.key, check.label) for check in view.checks],
            [(field.path, field.label) for field in view.fields],
        )
        if shape != self._shape:
            self._shape = shape
            self._build(view)
        self.heading.setText(view.heading)
        self.checked.setText(view.checked)
        for check in view.checks:
            self._show_check(check)
        for field in view.fields:
            self._show_field(field)
        _say(self.verdict, view.verdict, view.tone)
        _say(self.dates_text, view.dates_text, view.dates_tone)
        self._show_dates(view)

    def _show_check(self, check: QuestionView) -> None:
        answer = check.answer
        self.answers[check.key].show_picked(*([str(answer).lower()] if isinstance(answer, bool) else []))
        self._barred[check.key].setText(check.barred)
        self._barred[check.key].setVisible(bool(check.barred))

    def _show_field(self, field: FieldView) -> None:
        editor = self.editors[field.path]
        show_value(editor, field.value)
        if isinstance(editor, LineField):
            editor.show_verdict(done=field.done, problem=field.problem, tip=field.help)
        self._sentences[field.path].setText(field.problem)
        self._sentences[field.path].setVisible(bool(field.problem))

    def _show_dates(self, view: GuideView) -> None:
        clear(self._dates)
        for place, pair in enumerate(view.dates):
            label = text(pair.label, "label")
            label.setFixedWidth(self._kit.look.theme.px(LABEL_PX))
            self._dates.addWidget(label, place, 0)
            self._dates.addWidget(text(pair.value, wrap=True), place, 1)
        self._dates.setColumnStretch(1, 1)

    def _again(self) -> None:
        self._shape = None

    def _build(self, view: GuideView) -> None:
        focused = next((key for key, each in self.answers.items() if each.hasFocus()), "")
        clear(self._checks)
        self._rows.restart()
        self._rows.fit()
        self.answers, self._barred, self.editors, self._sentences = {}, {}, {}, {}
        for place, check in enumerate(view.checks):
            self._add_check(place, check)
        self._line.setVisible(bool(view.checks))
        for field in view.fields:
            self.editors[field.path] = make_editor(self._kit, field, self._filler(field.path))
            self._sentences[field.path] = self._rows.add_row(
                field.label, self.editors[field.path], required=field.required, tip=field.help
            )
        if focused in self.answers:
            self.answers[focused].setFocus()
        self.rebuilt.emit()

    def _filler(self, path: str) -> Callable[[object], None]:
        return lambda value: self.filled.emit(path, value)

    def _add_check(self, place: int, check: QuestionView) -> None:
        label = text(f"{place + 1}. {check.label}", wrap=True)
        answer = YesNo(self._kit.look, check.label, check.options)
        answer.chosen.connect(lambda value, key=check.key: self.answered.emit(key, value == "true"))
        answer.went_on.connect(lambda at=answer: self.went_on.emit(at))
        label.setBuddy(answer)
        sentence = text(role="problem", wrap=True)
        sentence.hide()
        self._checks.addWidget(label, 2 * place, 0)
        self._checks.addWidget(answer, 2 * place, 1, Qt.AlignmentFlag.AlignRight)
        self._checks.addWidget(sentence, 2 * place + 1, 0, 1, 2)
        self.answers[check.key], self._barred[check.key] = answer, sentence


def _say(label: QLabel, words: str, tone: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
    restyle(label, tone=tone)
