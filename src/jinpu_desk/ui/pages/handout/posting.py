"""The parcels of 出件 between their card and the rest of the product."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from jinpu_desk.app.screens.delivery_views import ParcelLine, Posted
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId

from ...kit import Kit
from .parcels import ParcelCard


class Posting(QObject):
    """Asks and writes for a ``ParcelCard``. ``listed`` follows the parcels of the day, ``posted`` what was sent."""

    listed = Signal()
    posted = Signal()
    failed = Signal(object)

    def __init__(self, kit: Kit, card: ParcelCard) -> None:
        super().__init__(card)
        self._kit = kit
        self._card = card
        card.posted.connect(self._post)

    def read(self) -> None:
        """List what is to be posted."""

        def show(lines: tuple[ParcelLine, ...]) -> None:
            self._card.show_parcels(lines)
            self.listed.emit()

        self._kit.jobs.ask(self, self._kit.backend.parcels, show, self.failed.emit, key="parcels")

    def add(self, case_id: CaseId) -> None:
        """Put a result among the parcels, whatever its applicant chose."""
        parcel = self._kit.backend.parcel
        self._kit.jobs.ask(self, lambda: parcel(case_id), self._card.add, self._refused)

    def write_list(self) -> None:
        """Write the list that goes to the post office."""
        self._kit.jobs.io(
            self,
            self._kit.backend.parcel_list,
            lambda path: self._card.say(self._kit.words("handout.list-written", path=path), "good"),
            self._refused,
            key="csv",
        )

    def _post(self, entries: tuple[tuple[CaseId, str], ...]) -> None:
        post = self._kit.backend.post_parcels
        self._kit.jobs.write(self, lambda: post(entries), self._done, self._refused)

    def _done(self, done: Posted) -> None:
        self._card.show_posted(done)
        self.posted.emit()

    def _refused(self, error: DeskError) -> None:
        self._card.refused("".join(self._kit.backend.sentence(error)))
