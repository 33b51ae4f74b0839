"""The decision bar: the lawful outcomes, and for each that is not open the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from jinpu_desk.app.screens.views import IntakePage, Step
from jinpu_desk.domain.decision import Outcome

from ...kit import Kit
from ...widgets.flow import FlowRow, Fold
from ...widgets.parts import Card, box, clear, column, key_cap, restyle, row, text

ACTIONS = {
    Outcome.RECEIVE: "intake.receive",
    Outcome.ACCEPT: "intake.accept",
    Outcome.REGISTER: "intake.accept",
    Outcome.DECIDE: "intake.accept",
    Outcome.CORRECT: "intake.correct",
    Outcome.ON_THE_SPOT: "intake.on-the-spot",
    Outcome.REFUSE: "intake.refuse",
    Outcome.NOT_NEEDED: "intake.not-needed",
    Outcome.GUIDE: "intake.guide",
}
"""The action each outcome answers to. Beside a decision at once, mere acceptance answers to ``ONLY``."""
ONLY = "intake.accept-only"


def action_of(outcome: Outcome, steps: Iterable[Outcome]) -> str:
    """Return the action of an outcome on a bar with these steps."""
    if outcome is Outcome.ACCEPT and Outcome.DECIDE in steps:
        return ONLY
    return ACTIONS[outcome]


class StepButton(QPushButton):
    """An outcome with its key. One that is not open can still be focused, so that its reason can be read."""

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self.setAutoDefault(False)
        self._state: tuple[bool, bool, str] | None = None
        self._title = text(title)
        self._cap = key_cap(keys)
        if not keys:
            self._cap.hide()
        for part in (self._title, self._cap):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._inner = row(self._title, self._cap, gap=8)
        self._inner.setContentsMargins(14, 9, 12, 9)
        self.setLayout(self._inner)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._inner.sizeHint()

    def show_state(self, *, allowed: bool, main: bool, reason: str) -> None:
        if (allowed, main, reason) == self._state:
            return
        self._state = (allowed, main, reason)
        strong = main and allowed
        restyle(self, kind="main" if strong else "", off="false" if allowed else "true")
        restyle(self._cap, on="accent" if strong else "" if allowed else "off")
        restyle(self._title, surface="accent" if strong else "" if allowed else "off")
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)


class DecisionBar(Card):
    """Emits ``wanted(outcome)`` for an open outcome; for a closed one it says why instead."""

    wanted = Signal(object)
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.buttons: dict[Outcome, StepButton] = {}
        self._steps: dict[Outcome, Step] = {}
        self._shape: object = None
        self._row = FlowRow()
        self.print = StepButton(kit.actions.title("intake.print"), kit.actions.keys("intake.print"))
        self.print.show_state(allowed=False, main=False, reason=kit.words("decision.print-later"))
        self.print.clicked.connect(lambda: self.say(kit.words("decision.print-later"), "", "warn"))
        self.verdict = text(role="verdict", wrap=True)
        self.advice = text(role="small", wrap=True)
        self.corrections = text(role="hint", tone="info", wrap=True)
        self.corrections.hide()
        self.body.addWidget(self.corrections)
        words = box(column(None, self.verdict, self.advice, None, gap=4))
        self._fold = Fold(self._row, words, self._room, self._align)
        self.body.addWidget(self._fold)
        self._view: IntakePage | None = None
        self._align(False)

    def _room(self) -> int:
        return self._row.flow.sizeHint().width() + self._kit.look.theme.px(340)

    def _align(self, folded: bool) -> None:
        side = Qt.AlignmentFlag.AlignLeft if folded else Qt.AlignmentFlag.AlignRight
        for label in (self.verdict, self.advice):
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)

    def stops(self) -> list[QWidget]:
        return [*self.buttons.values(), self.print]

    @property
    def best(self) -> QWidget:
        """The button the law recommends as things stand."""
        for outcome, step in self._steps.items():
            if step.recommended:
                return self.buttons[outcome]
        return next(iter(self.buttons.values()), self.print)

    def show_view(self, view: IntakePage) -> None:
        self._view = view
        shape = [(step.outcome, step.label) for step in view.steps]
        if shape != self._shape:
            self._shape = shape
            self._build(view.steps)
        self._steps = {step.outcome: step for step in view.steps}
        for outcome, step in self._steps.items():
            self.buttons[outcome].show_state(allowed=step.allowed, main=step.recommended, reason=step.reason)
        self._show_corrections(view)
        focused = next((o for o, b in self.buttons.items() if b.hasFocus()), None)
        if focused is not None and not self._steps[focused].allowed:
            self._explain(self._steps[focused])
        else:
            self.say(view.verdict, view.advice, view.verdict_tone)

    def _show_corrections(self, view: IntakePage) -> None:
        """While 当场更正 is under way, list what was put right since and what to do next."""
        self.corrections.setVisible(view.correcting)
        changes = "；".join(f"{pair.label} {pair.value}" for pair in view.corrections)
        keys = self._kit.actions.keys("intake.on-the-spot")
        key = "decision.corrected" if changes else "decision.correcting"
        self.corrections.setText(self._kit.words(key, changes=changes, keys=keys))

    def press(self, outcome: Outcome) -> None:
        """Take an outcome by its key."""
        step = self._steps.get(outcome)
        if step is None:
            return
        if step.allowed:
            self.wanted.emit(outcome)
        else:
            self._explain(step)

    def press_action(self, action: str) -> None:
        """Take the outcome an action stands for on this page: 受理 and 登记 share a key."""
        for outcome in self._steps:
            if action_of(outcome, self._steps) == action:
                self.press(outcome)
                return

    def say(self, verdict: str, advice: str, tone: str) -> None:
        self.verdict.setText(verdict)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        restyle(self.verdict, tone=tone)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut) and self._view is not None:
            outcome = next((o for o, b in self.buttons.items() if b is watched), None)
            step = self._steps.get(outcome) if outcome is not None else None
            if step is not None and event.type() == QEvent.Type.FocusIn and not step.allowed:
                self._explain(step)
            else:
                self.say(self._view.verdict, self._view.advice, self._view.verdict_tone)
        return False

    def _explain(self, step: Step) -> None:
        sentence = self._kit.words("decision.cannot", step=step.label, reason=step.reason)
        self.say(sentence, step.article, "bad")

    def _build(self, steps: tuple[Step, ...]) -> None:
        self._row.flow.removeWidget(self.print)
        clear(self._row.flow)
        self.buttons = {}
        for step in steps:
            action = action_of(step.outcome, [each.outcome for each in steps])
            made = StepButton(step.label, self._kit.actions.keys(action))
            made.clicked.connect(partial(self._clicked, step.outcome))
            made.installEventFilter(self)
            self.buttons[step.outcome] = made
            self._row.add(made)
        self._row.add(self.print)
        self.rebuilt.emit()

    def _clicked(self, outcome: Outcome, _checked: bool = False) -> None:
        self.press(outcome)
