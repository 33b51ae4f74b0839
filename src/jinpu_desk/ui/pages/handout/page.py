"""出件 (Alt+5): what waits at the left, one result or the parcels at the right."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from jinpu_desk.app.screens.views import PaperLine, ScanTarget
from jinpu_desk.domain.ids import CaseId

from ...kit import Kit
from ...widgets.parts import GAP, restyle, row
from .listing import ResultListCard
from .parcels import ParcelCard
from .posting import Posting
from .result import ResultCard
from .sending import send_papers
from .serving import Serving

TRACKING = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}|\d{12,15}|[A-Z]{2}\d{10,16}", re.IGNORECASE)
"""Numbers of parcels as the post and the carriers print them; a case number has 24 digits."""


class HandoutPage(QWidget):
    """Chooses a result with the arrows or a scan, hands it out with Enter and Ctrl+Enter."""

    open_case = Signal(str)
    preview_wanted = Signal(str, str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._wanted: CaseId | None = None  # opened on purpose: reading the list anew leaves it there
        self.listing = ResultListCard(kit)
        self.list = self.listing.list
        self.result, self.parcels = ResultCard(kit), ParcelCard(kit)
        self._serving, self._posting = Serving(kit, self.result), Posting(kit, self.parcels)
        self._right = QStackedWidget()
        self._right.addWidget(self.result)
        self._right.addWidget(self.parcels)
        whole = row(self.listing, self._right, gap=GAP, margins=16)
        whole.setStretch(0, 4)
        whole.setStretch(1, 6)
        self.setLayout(whole)
        self._connect()
        self._bind()

    def _connect(self) -> None:
        self.listing.moved.connect(self._moved)
        self.listing.listed.connect(self._listed)
        self.listing.filtered.connect(self._filtered)
        self.listing.entered.connect(lambda case_id: self.show_result(case_id, enter=True))
        self.result.next_wanted.connect(self.next)
        self.result.preview_wanted.connect(self.preview_wanted)
        self._serving.handed_out.connect(self._handed_out)
        self._posting.listed.connect(self._to_parcels)
        self._posting.posted.connect(self.listing.read)
        for card in (self.result, self.parcels):
            card.print_wanted.connect(self._print)
        for part in (self.listing, self._serving, self._posting):
            part.failed.connect(self.failed)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_moved)

    def _bind(self) -> None:
        bind = self._kit.actions.bind
        bind("handout.find", self.listing.focus_seek)
        bind("handout.next-filter", lambda: self.listing.step_filter(1))
        bind("handout.last-filter", lambda: self.listing.step_filter(-1))
        bind("handout.card", self._serving.read_card)
        bind("handout.scan", self._serving.scan_proof)
        bind("handout.add-file", self._serving.pick_proof)
        bind("handout.batch", self._posting.read)
        bind("handout.confirm", self._finish)
        bind("handout.print", self._print_shown)
        bind("handout.list", self.write_list)
        bind("handout.reveal", self._serving.reveal)
        bind("handout.open", self._open)
        bind("handout.reload", self.refresh)
        bind("handout.back", self.back)

    @property
    def _shown(self) -> ResultCard | ParcelCard:
        return self.parcels if self._right.currentWidget() is self.parcels else self.result

    def _focus_moved(self, _left: QWidget | None, entered: QWidget | None) -> None:
        if entered is not None and self.isAncestorOf(entered):
            self._shown.reach(entered)

    def _finish(self) -> None:
        self._shown.finish()

    def _print_shown(self) -> None:
        self._shown.print()

    # What the shell asks.

    def refresh(self) -> None:
        """Read the list anew; what is typed at the right stays."""
        self.listing.read()

    def focus_default(self) -> None:
        """Put the keys on the list, or where they were in the parcels."""
        if self._shown is self.parcels:
            self.parcels.focus_first()
        elif self.result.finished:
            self.result.focus_first()
        else:
            self.list.setFocus()

    def forget(self) -> None:
        """Show nothing of whom the clerk before was serving."""
        self._wanted = None
        self.result.clear()
        self.parcels.show_parcels(())
        self._right.setCurrentWidget(self.result)
        self.listing.forget()

    def take_scan(self, scanned: str) -> bool:
        """Open the case of a paper, or take the number of a parcel where one is wanted."""
        code = scanned.strip()
        if TRACKING.fullmatch(code):
            if self._shown is self.parcels:
                self.parcels.take_number(code)
                return True
            if self.result.page is not None and not self.result.finished:
                self.result.fill_tracking(code.upper())
                return True
        scan = self._kit.backend.scan
        self._kit.jobs.ask(self, lambda: scan(code), self._scanned, self.failed.emit, key="scan")
        return True

    def _scanned(self, target: ScanTarget) -> None:
        if target.case_id is None:
            return
        if self._shown is self.parcels:
            self._posting.add(target.case_id)
        else:
            self.show_result(target.case_id, enter=True)

    # From the list to a result and on to the next.

    def show_result(self, case_id: CaseId, *, enter: bool = False) -> None:
        """Show a result; with ``enter`` the keys go where typing begins."""
        if enter:
            self._right.setCurrentWidget(self.result)
            self._wanted = case_id
        self._serving.show(case_id, enter=enter)

    def next(self) -> None:
        """Go on with the next result of the list."""
        self._wanted = None
        self.result.done.hide()
        if not self.listing.stop_seeking():
            self._load_current()
        self.list.setFocus()

    def back(self) -> None:
        """Leave the parcels, then what was typed, then the search."""
        if self._shown is self.parcels:
            self._right.setCurrentWidget(self.result)
            self.listing.read()
        elif self.result.finished:
            self.next()
            return
        elif self.listing.seek.hasFocus() or self.list.hasFocus():
            self.listing.stop_seeking()
        self._wanted = None
        self.list.setFocus()

    def _moved(self) -> None:
        self._wanted = None
        self._load_current()

    def _filtered(self) -> None:
        self._wanted = None
        self._right.setCurrentWidget(self.result)

    def _listed(self, awaited: bool) -> None:
        if awaited:
            self._wanted = None
        if not self.result.finished and self._wanted is None:
            self._load_current()

    def _load_current(self) -> None:
        case_id = self.listing.current
        if case_id is not None:
            self.show_result(case_id)
        else:
            self.result.clear()

    def _handed_out(self) -> None:
        self._wanted = None
        self.listing.read()

    def _open(self) -> None:
        if self.result.page is not None:
            self.open_case.emit(self.result.page.case_id)

    # Parcels.

    def _to_parcels(self) -> None:
        self._right.setCurrentWidget(self.parcels)
        self.parcels.focus_first()

    def write_list(self) -> None:
        """Write the list that goes to the post office."""
        if self._shown is self.parcels:
            self._posting.write_list()

    # Printing.

    def _print(self, papers: tuple[PaperLine, ...]) -> None:
        """Print papers; without a printer, show the first."""
        first = papers[0]
        send_papers(
            self._kit,
            self,
            papers,
            self._say_printed,
            lambda: self.preview_wanted.emit(first.id, first.kind),
        )

    def _say_printed(self, sentence: str, tone: str) -> None:
        if self._shown is self.parcels:
            self.parcels.say(sentence, tone)
        else:
            self.result.done.hint.setText(sentence)
            restyle(self.result.done.hint, tone=tone)
