"""出件 (Alt+5): what waits at the left, one result or the parcels at the right."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QStackedWidget, QWidget

from jinpu_desk.app.screens.delivery_views import (
    HandedOut,
    ParcelLine,
    Posted,
    ResultFilter,
    ResultList,
    ResultPage,
)
from jinpu_desk.app.screens.views import PaperLine, ScanTarget, WorkLine
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId

from ...kit import Kit
from ...widgets.field import LineField
from ...widgets.flow import FlowRow
from ...widgets.parts import GAP, Card, button, key_cap, restyle, row, text
from ...widgets.walk import OWN_ENTER
from ...widgets.worklist import LINE, WorkList
from .parcels import ParcelCard
from .result import ResultCard
from .sending import send_papers

PAUSE_MS = 120
"""How long the typing must rest before the store is asked."""
LIST_PX = 280
"""Least width of the list at the normal scale: a name and what it waits for."""
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
        self.only = ResultFilter.WAITING
        self._wanted: CaseId | None = None
        self._listing = False
        self._make_parts()
        self._lay_out()
        self._connect()
        self._bind()

    def _make_parts(self) -> None:
        kit, words = self._kit, self._kit.words
        self.filters: dict[ResultFilter, QPushButton] = {}
        for only in ResultFilter:
            made = button("", partial(self.show_filter, only), kind="filter")
            made.setCheckable(True)
            self.filters[only] = made
        self.seek = LineField(kit.look, kit.actions.title("handout.find"))
        self.seek.setPlaceholderText(words("handout.placeholder"))
        self.seek.setProperty(OWN_ENTER, True)
        self.seek.returnPressed.connect(self._to_found)
        self.list = WorkList(kit.look, words("handout.empty"))
        self.list.setAccessibleName(kit.actions.title("go.handout"))
        self.more = text(role="small", wrap=True)
        self.more.hide()
        self.result = ResultCard(kit)
        self.parcels = ParcelCard(kit)
        self._right = QStackedWidget()
        self._right.addWidget(self.result)
        self._right.addWidget(self.parcels)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._read_list)
        self._reading = self._awaited = False

    def _lay_out(self) -> None:
        keys, title = self._kit.actions.keys, self._kit.actions.title
        chips = FlowRow(8)
        chips.add(*self.filters.values())
        left = Card()
        left.setMinimumWidth(self._kit.look.theme.px(LIST_PX))
        left.body.addWidget(chips)
        left.body.addLayout(row(self.seek, key_cap(keys("handout.find")), gap=8))
        left.body.addWidget(self.list, 1)
        left.body.addWidget(self.more)
        hints = FlowRow(8)
        for action in ("handout.batch", "handout.open"):
            hints.add(key_cap(keys(action)), text(title(action), "small"))
        left.body.addWidget(hints)
        whole = row(left, self._right, gap=GAP, margins=16)
        whole.setStretch(0, 4)
        whole.setStretch(1, 6)
        self.setLayout(whole)

    def _connect(self) -> None:
        self.seek.edited.connect(lambda _text: self._pause.start())
        self.list.selectionModel().currentChanged.connect(self._moved)
        self.list.chosen.connect(self._enter)
        self.result.confirmed.connect(self._hand_out)
        self.result.next_wanted.connect(self.next)
        self.result.print_wanted.connect(self._print)
        self.result.preview_wanted.connect(self.preview_wanted)
        self.parcels.posted.connect(self._post)
        self.parcels.print_wanted.connect(self._print)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_moved)

    def _bind(self) -> None:
        bind = self._kit.actions.bind
        bind("handout.find", self.focus_seek)
        bind("handout.next-filter", lambda: self.step_filter(1))
        bind("handout.last-filter", lambda: self.step_filter(-1))
        bind("handout.card", self.read_card)
        bind("handout.scan", self.scan_proof)
        bind("handout.add-file", self.pick_proof)
        bind("handout.batch", self.show_parcels)
        bind("handout.confirm", self._finish)
        bind("handout.print", self._print_shown)
        bind("handout.list", self.write_list)
        bind("handout.reveal", self.reveal)
        bind("handout.open", self._open)
        bind("handout.reload", self.refresh)
        bind("handout.back", self.back)

    @property
    def _shown(self) -> ResultCard | ParcelCard:
        return self.parcels if self._right.currentWidget() is self.parcels else self.result

    @property
    def current(self) -> WorkLine | None:
        index = self.list.currentIndex()
        line: WorkLine | None = index.data(LINE) if index.isValid() else None
        return line

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
        self._read_list()

    def focus_default(self) -> None:
        """Put the keys on the list, or where they were in the parcels."""
        if self._shown is self.parcels:
            self.parcels.focus_first()
        elif self.result.finished:
            self.result.focus_first()
        else:
            self._to_list()

    def forget(self) -> None:
        """Show nothing of whom the clerk before was serving."""
        self._wanted = None
        self.seek.show_value("")
        self.result.clear()
        self.parcels.show_parcels(())
        self._right.setCurrentWidget(self.result)
        self.list.show_lines(())

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
            parcel, case_id = self._kit.backend.parcel, target.case_id
            self._kit.jobs.ask(self, lambda: parcel(case_id), self.parcels.add, self._not_posted)
        else:
            self.show_result(target.case_id, enter=True)

    # The list.

    def show_filter(self, only: ResultFilter) -> None:
        """List the results of a filter."""
        self.only = only
        self.seek.show_value("")
        self._wanted = None
        self._right.setCurrentWidget(self.result)
        self._read_list()
        self.list.setFocus()

    def step_filter(self, step: int) -> None:
        order = list(ResultFilter)
        self.show_filter(order[(order.index(self.only) + step) % len(order)])

    def focus_seek(self) -> None:
        self.seek.setFocus()
        self.seek.selectAll()

    def _read_list(self) -> None:
        only, sought, ask = self.only.value, self.seek.value, self._kit.backend.results
        self._reading = True
        self._kit.jobs.ask(self, lambda: ask(only, sought), self._listed, self._unlisted, key="list")

    def _unlisted(self, error: DeskError) -> None:
        self._reading = self._awaited = False
        self.failed.emit(error)

    def _listed(self, found: ResultList) -> None:
        words = self._kit.words
        for only, made in self.filters.items():
            made.setChecked(only is self.only and not self.seek.value)
            made.setText(words(f"handout.{only.value}", n=found.counts.get(only, 0)))
        self.more.setText(words("handout.more", n=len(found.lines)))
        self.more.setVisible(found.more)
        self._listing = True
        self.list.show_lines(found.lines)
        self._listing = self._reading = False
        if self._awaited:
            self._awaited, self._wanted = False, None
            self.list.setFocus()
        if self.result.finished or self._wanted is not None:
            return
        self._load_current()

    def _load_current(self) -> None:
        line = self.current
        if line is not None and line.case_id is not None:
            self.show_result(line.case_id)
        else:
            self.result.clear()

    def _moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        if not self._listing:
            self._wanted = None
            self._load_current()

    def _to_found(self) -> None:
        """Go to what is sought once it is listed: Enter before the answer must not open what stood there before."""
        self._awaited = self._pause.isActive() or self._reading
        if self._pause.isActive():
            self._pause.stop()
            self._read_list()
        elif not self._awaited:
            self._to_list()

    def _to_list(self) -> None:
        self.list.setFocus()

    def _enter(self, line: WorkLine) -> None:
        if line.case_id is not None:
            self.show_result(line.case_id, enter=True)

    # One result.

    def show_result(self, case_id: CaseId, *, enter: bool = False, reveal: bool = False) -> None:
        """Show a result; with ``enter`` the keys go where typing begins."""
        if enter:
            self._right.setCurrentWidget(self.result)
            self._wanted = case_id
        ask = self._kit.backend.result_page

        def show(page: ResultPage) -> None:
            self.result.show_view(page)
            if enter:
                self.result.focus_first()

        self._kit.jobs.ask(self, lambda: ask(case_id, reveal), show, self.failed.emit, key="result")

    def reveal(self) -> None:
        """Show personal data in full, or hide it again."""
        page = self.result.page
        if page is not None:
            self.show_result(page.case_id, reveal=not page.revealed)

    def next(self) -> None:
        """Go on with the next result of the list."""
        self._wanted = None
        self.result.done.hide()
        if self.seek.value:
            self.seek.show_value("")
            self._read_list()
        else:
            self._load_current()
        self._to_list()

    def _hand_out(self, way: str, typed: dict[str, Any]) -> None:
        page, act = self.result.page, self._kit.backend.hand_out
        if page is None:
            return
        case_id = page.case_id
        self._kit.jobs.write(self, lambda: act(case_id, way, typed), self._handed_out, self.result.refused)

    def _handed_out(self, done: HandedOut) -> None:
        self.result.confirm.setEnabled(True)
        self._wanted = None
        self.result.show_done(done)
        self._read_list()

    def _open(self) -> None:
        if self.result.page is not None:
            self.open_case.emit(self.result.page.case_id)

    def back(self) -> None:
        """Leave the parcels, then what was typed, then the search."""
        if self._shown is self.parcels:
            self._right.setCurrentWidget(self.result)
            self._read_list()
        elif self.result.finished:
            self.next()
            return
        elif self.seek.value and (self.seek.hasFocus() or self.list.hasFocus()):
            self.seek.show_value("")
            self._read_list()
        self._wanted = None
        self._to_list()

    # Card and camera.

    def read_card(self) -> None:
        """Fill in who came from the card on the reader."""
        page, read = self.result.page, self._kit.backend.read_recipient
        if page is None or self.result.way is None:
            return
        case_id = page.case_id
        self._kit.jobs.io(self, lambda: read(case_id), self.result.show_person, self._said_badly, key="card")

    def scan_proof(self) -> None:
        """Keep the picture the camera has just put into the scanner's folder."""
        self.result.keep_proof(self._kit.backend.scan_proof)

    def pick_proof(self) -> None:
        """Keep a picture from a file."""
        words = self._kit.words
        kinds = f"{words('checklist.kinds')} (*.jpg *.jpeg *.png *.tif *.tiff *.pdf)"
        name, _ = QFileDialog.getOpenFileName(
            self, words("handout.pick-proof"), self._kit.choices.now.scan_folder, kinds
        )
        if name:
            keep = self._kit.backend.keep_proof
            self.result.keep_proof(lambda: keep(Path(name)))

    def _said_badly(self, error: DeskError) -> None:
        self.result.say("".join(self._kit.backend.sentence(error)))

    # Parcels.

    def show_parcels(self) -> None:
        """List what is to be posted."""

        def show(lines: tuple[ParcelLine, ...]) -> None:
            self.parcels.show_parcels(lines)
            self._right.setCurrentWidget(self.parcels)
            self.parcels.focus_first()

        self._kit.jobs.ask(self, self._kit.backend.parcels, show, self.failed.emit, key="parcels")

    def _post(self, entries: tuple[tuple[CaseId, str], ...]) -> None:
        post = self._kit.backend.post_parcels
        self._kit.jobs.write(self, lambda: post(entries), self._posted, self._not_posted)

    def _posted(self, done: Posted) -> None:
        self.parcels.show_posted(done)
        self._read_list()

    def _not_posted(self, error: DeskError) -> None:
        self.parcels.refused("".join(self._kit.backend.sentence(error)))

    def write_list(self) -> None:
        """Write the list that goes to the post office."""
        if self._shown is not self.parcels:
            return
        self._kit.jobs.io(
            self,
            self._kit.backend.parcel_list,
            lambda path: self.parcels.say(self._kit.words("handout.list-written", path=path), "good"),
            self._not_posted,
            key="csv",
        )

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
