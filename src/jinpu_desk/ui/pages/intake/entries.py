"""Everything typed at the left of the intake page, in the order it is asked."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import IntakePage, PlaceView

from ...kit import Kit
from ...widgets.parts import GAP, column
from . import edits
from .arrival import ArrivalCard, came_plainly
from .beside import BranchesCard, RemarksCard
from .form import FormCard, SituationCard
from .guide import GuideCard
from .party import PartyCard


class Entries(QWidget):
    """Emits ``edited`` with a function on the draft, and ``went_on(widget)`` when a key asks for the next field."""

    edited = Signal(object)
    went_on = Signal(object)
    rebuilt = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.applicant = PartyCard(kit, "applicant")
        self.agent = PartyCard(kit, "agent")
        self.arrival = ArrivalCard(kit)
        self.guide = GuideCard(kit)
        self.situation = SituationCard(kit)
        self.branches = BranchesCard(kit)
        self.form = FormCard(kit)
        self.remarks = RemarksCard(kit)
        self.agent.hide()
        parties = (self.applicant, self.agent, self.arrival)
        rest = (self.situation, self.guide, self.branches, self.form, self.remarks)
        self.setLayout(column(*parties, *rest, None, gap=GAP))
        self._connect()

    def _connect(self) -> None:
        for role, card in (("applicant", self.applicant), ("agent", self.agent)):
            card.changed.connect(partial(self._party, role))
            card.overridden.connect(lambda path, reason: self._edit(edits.with_override, path, reason))
        self.arrival.edited.connect(self.edited)
        for asking in (self.situation, self.guide):
            asking.answered.connect(lambda key, value: self._edit(edits.with_answer, key, value))
        for filling in (self.guide, self.form):
            filling.filled.connect(self._fill)
            filling.went_on.connect(self.went_on)
        self.form.placed.connect(self._place)
        for part in (self.guide, self.situation, self.form):
            part.rebuilt.connect(self.rebuilt)

    def _party(self, role: str, name: str, value: Any) -> None:
        self.edited.emit(lambda draft: edits.with_party(draft, role, **{name: value}))

    def _edit(self, change: Any, *said: Any) -> None:
        self.edited.emit(lambda draft: change(draft, *said))

    def _fill(self, path: str, value: object) -> None:
        if "." in path:
            self._edit(edits.with_field, path, value)
        else:
            self.edited.emit(lambda draft: msgspec.structs.replace(draft, **{path: value}))

    def _place(self, path: str, place: PlaceView) -> None:
        self._edit(edits.with_place, path, place.key, place.address)

    def toggle_arrival(self, draft: Draft) -> None:
        """Open 来件情况, or close it again while nothing is said in it."""
        if self.arrival.isVisible() and came_plainly(draft):
            self.arrival.hide()
            self.applicant.first.setFocus()
        else:
            self.arrival.show()
            self.rebuilt.emit()
            self.arrival.first.setFocus()

    def begin(self) -> None:
        """Fold away what the next applicant may not need."""
        self.arrival.hide()

    def room_below(self, field: QWidget) -> int:
        """Return how many pixels around a field want to be in sight with it: the dates computed from a notice."""
        return self._kit.look.theme.px(120 if field in self.guide.editors.values() else 24)

    def stops(self) -> list[QWidget]:
        """Return the fields in reading order."""
        cards = (self.applicant, self.agent, self.arrival, self.situation, self.guide, self.form)
        return [stop for card in cards for stop in card.stops()]

    def show_parties(self, draft: Draft) -> None:
        """Show what the draft says of the people, and how the application came."""
        self.applicant.show_draft(draft.applicant, draft.overrides)
        self.agent.setVisible(draft.agent is not None)
        if draft.agent is not None:
            self.agent.show_draft(draft.agent, draft.overrides)
        self.arrival.show_draft(draft)

    def show_view(self, view: IntakePage, draft: Draft) -> None:
        """Show the page for the draft."""
        self.show_parties(draft)
        self.applicant.show_view(view.applicant, view.archive)
        if view.agent is not None:
            self.agent.show_view(view.agent, None)
        self.arrival.show_problems(view.arrival_problems, late=draft.backfill is not None)
        self.guide.show_view(view.guide)
        self.situation.show_view(view.questions)
        self.branches.show_view(view.branches, view.branches_text)
        self.form.show_view(view.fields, view.fields_text, draft)
        self.form.setVisible(bool(draft.target))
        self.remarks.show_view(view.remarks)
