"""来件情况: how the application came, who goes first, and 补录 of what was taken in elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from jinpu_desk.app.intake.backfill import BackfillEntry
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import OptionView

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.parts import Card, key_cap
from ...widgets.segmented import Segmented
from .form import Rows

CHANNELS = ("counter", "post", "online")
PLAIN = ("ticket", "green")
TIMES = ("received_at", "accepted_on", "reason")


def came_plainly(draft: Draft) -> bool:
    """Tell whether nothing is to be said of how an application came."""
    return not (draft.ticket or draft.green or draft.backfill) and draft.channel == "counter"


class ArrivalCard(Card):
    """Emits ``edited`` with a function on the draft."""

    edited = Signal(object)
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        words, look = kit.words, kit.look
        super().__init__(words("arrival.heading"), key_cap(kit.actions.keys("intake.arrival")))
        self._kit = kit
        self._rows = Rows(kit)
        self.body.addLayout(self._rows)
        self.channel = self._choice("arrival.channel", CHANNELS)
        self.channel.chosen.connect(lambda value: self._change(channel=value))
        self.late = self._choice("arrival.late", ("no", "yes"))
        self.late.chosen.connect(self._switch)
        self.fields: dict[str, LineField] = {}
        self._sentences: dict[str, QLabel] = {}
        for name in PLAIN:
            self._line(name).edited.connect(lambda value, name=name: self._change(**{name: value}))
            self._put(name)
        self._rows.add_row(words("arrival.channel"), self.channel)
        self._rows.add_row(words("arrival.late"), self.late, tip=words("arrival.late-tip"))
        for name in TIMES:
            self._line(name).edited.connect(lambda value, name=name: self._time(name, value))
            self._put(name)
        for name, example in (
            ("received_at", "arrival.time-example"),
            ("accepted_on", "arrival.day-example"),
        ):
            self.fields[name].setPlaceholderText(words(example))
            self.fields[name].setInputMethodHints(Qt.InputMethodHint.ImhPreferLatin)
        look.changed.connect(self._rows.fit)
        self.hide()

    def _choice(self, label: str, values: tuple[str, ...]) -> Segmented:
        words = self._kit.words
        options = tuple(OptionView(value=value, label=words(f"{label}.{value}")) for value in values)
        return Segmented(self._kit.look, words(label), options)

    def _line(self, name: str) -> LineField:
        self.fields[name] = LineField(self._kit.look, self._kit.words(f"arrival.{name}"))
        return self.fields[name]

    def _put(self, name: str) -> None:
        self._sentences[name] = self._rows.add_row(self._kit.words(f"arrival.{name}"), self.fields[name])

    def stops(self) -> list[QWidget]:
        plain = [self.fields[name] for name in PLAIN]
        return [*plain, self.channel, self.late, *(self.fields[name] for name in TIMES)]

    @property
    def first(self) -> QWidget:
        return self.fields["ticket"]

    def show_draft(self, draft: Draft) -> None:
        """Show what is typed; the card stands open once something is said."""
        if not came_plainly(draft):
            self.show()
        for name in PLAIN:
            self.fields[name].show_value(getattr(draft, name))
        self.channel.show_picked(draft.channel)
        entry = draft.backfill
        self.late.show_picked("no" if entry is None else "yes")
        for name in TIMES:
            self.fields[name].show_value(getattr(entry, name) if entry else "")
            self.fields[name].setVisible(entry is not None)
            self._rows.labels[self.fields[name]].setVisible(entry is not None)

    def show_problems(self, problems: dict[str, str], *, late: bool) -> None:
        """Show what is wrong with the true times; ``late`` when the case is a 补录."""
        for name in TIMES:
            problem = problems.get(f"backfill.{name}", "")
            field = self.fields[name]
            field.show_verdict(done=bool(field.value) and not problem, problem=problem)
            self._sentences[name].setText(problem)
            self._sentences[name].setVisible(late and bool(problem))

    def _switch(self, value: str) -> None:
        on = value == "yes"
        self.edited.emit(lambda draft: with_backfill(draft, on))

    def _change(self, **changes: Any) -> None:
        self.edited.emit(lambda draft: msgspec.structs.replace(draft, **changes))

    def _time(self, name: str, value: str) -> None:
        self.edited.emit(lambda draft: with_time(draft, name, value))


def with_backfill(draft: Draft, on: bool) -> Draft:
    """Make a draft a 补录, or an ordinary application again."""
    if on is (draft.backfill is not None):
        return draft
    return msgspec.structs.replace(draft, backfill=BackfillEntry() if on else None)


def with_time(draft: Draft, name: str, value: str) -> Draft:
    """Set one entry of the 补录."""
    entry = msgspec.structs.replace(draft.backfill or BackfillEntry(), **{name: value})
    return msgspec.structs.replace(draft, backfill=entry)
