"""One result of 出件 between its card and the rest of the product: read, handed out, with card and camera."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from jinpu_desk.app.screens.delivery_views import HandedOut, ResultPage
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId

from ...kit import Kit
from .result import ResultCard


class Serving(QObject):
    """Asks and writes for a ``ResultCard``. ``handed_out`` follows what was done."""

    handed_out = Signal()
    failed = Signal(object)

    def __init__(self, kit: Kit, card: ResultCard) -> None:
        super().__init__(card)
        self._kit = kit
        self._card = card
        card.confirmed.connect(self._hand_out)

    def show(self, case_id: CaseId, *, enter: bool = False, reveal: bool = False) -> None:
        """Show a result; with ``enter`` the keys go where typing begins."""
        ask = self._kit.backend.result_page

        def show(page: ResultPage) -> None:
            self._card.show_view(page)
            if enter:
                self._card.focus_first()

        self._kit.jobs.ask(self, lambda: ask(case_id, reveal), show, self.failed.emit, key="result")

    def reveal(self) -> None:
        """Show personal data in full, or hide it again."""
        page = self._card.page
        if page is not None:
            self.show(page.case_id, reveal=not page.revealed)

    def read_card(self) -> None:
        """Fill in who came from the card on the reader."""
        page, read = self._card.page, self._kit.backend.read_recipient
        if page is None or self._card.way is None:
            return
        case_id = page.case_id
        self._kit.jobs.io(self, lambda: read(case_id), self._card.show_person, self._said_badly, key="card")

    def scan_proof(self) -> None:
        """Keep the picture the camera has just put into the scanner's folder."""
        self._card.keep_proof(self._kit.backend.scan_proof)

    def pick_proof(self) -> None:
        """Keep a picture from a file."""
        words = self._kit.words
        kinds = f"{words('checklist.kinds')} (*.jpg *.jpeg *.png *.tif *.tiff *.pdf)"
        name, _ = QFileDialog.getOpenFileName(
            self._card, words("handout.pick-proof"), self._kit.choices.now.scan_folder, kinds
        )
        if name:
            keep = self._kit.backend.keep_proof
            self._card.keep_proof(lambda: keep(Path(name)))

    def _hand_out(self, way: str, typed: dict[str, Any]) -> None:
        page, act = self._card.page, self._kit.backend.hand_out
        if page is None:
            return
        case_id = page.case_id
        self._kit.jobs.write(self, lambda: act(case_id, way, typed), self._done, self._card.refused)

    def _done(self, done: HandedOut) -> None:
        self._card.confirm.setEnabled(True)
        self._card.show_done(done)
        self.handed_out.emit()

    def _said_badly(self, error: DeskError) -> None:
        self._card.say("".join(self._kit.backend.sentence(error)))
