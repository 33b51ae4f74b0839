"""收件 on one page, left to right, top to bottom: item, applicant, situation, form, checklist, decision."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QWidget

from jinpu_desk.app.intake import spot
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import IntakeDone, IntakePage, MenuItem
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialState

from ...kit import Kit
from ...widgets.parts import GAP, column, scroll
from ...widgets.walk import Walk
from . import edits
from .ask import AskStrip, asks
from .checklist_card import ChecklistCard
from .decision import ACTIONS, ONLY, DecisionBar
from .desk import DraftDesk
from .done import DoneStrip
from .entries import Entries
from .item import ItemStrip

FILES = "(*.jpg *.jpeg *.png *.tif *.tiff *.pdf)"


class IntakePageWidget(QWidget):
    """The page: turns keys into edits of the draft and shows what the backend makes of it."""

    preview_wanted = Signal(str, str)  # paper, kind
    case_wanted = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._done: IntakeDone | None = None
        self._drop_armed = False
        self._before_key: Draft | None = None
        self._submitting = False
        self.desk = DraftDesk(kit, self)
        self.item = ItemStrip(kit)
        self.entries = Entries(kit)
        self.applicant, self.agent = self.entries.applicant, self.entries.agent
        self.situation, self.form = self.entries.situation, self.entries.form
        self.checklist = ChecklistCard(kit)
        self.bar = DecisionBar(kit)
        self.asking = AskStrip(kit)
        self.done = DoneStrip(kit)
        self._lay_out()
        self._walk = Walk(self, self._order)
        self._walk_again()
        self._connect()
        self._bind()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_moved)

    def _lay_out(self) -> None:
        self._left_scroll = scroll(self.entries)
        middle = QHBoxLayout()
        middle.setSpacing(GAP)
        middle.addWidget(self._left_scroll, 35)
        middle.addWidget(self.checklist, 65)
        self.setLayout(column(self.item, middle, self.bar, self.asking, self.done, gap=GAP, margins=16))
        whole = self.layout()
        assert whole is not None
        whole.setStretch(1, 1)  # type: ignore[attr-defined]

    def _connect(self) -> None:
        desk, table = self.desk, self.checklist.table
        desk.explained.connect(self._show)
        desk.replaced.connect(self._replaced)
        desk.saved.connect(self._saved)
        desk.failed.connect(self.failed)
        self.item.picked.connect(self._pick_item)
        self.item.left.connect(self.focus_default)
        self.entries.edited.connect(lambda change: self._edit(change(desk.draft)))
        self.entries.went_on.connect(lambda here: self._walk.step(here, 1))
        self.entries.rebuilt.connect(self._walk_again)
        self.asking.rebuilt.connect(self._walk_again)
        self.bar.rebuilt.connect(self._walk_again)
        table.state_wanted.connect(self._set_state)
        table.pages_wanted.connect(self._set_pages)
        table.removal_wanted.connect(self._remove_page)
        table.undo_wanted.connect(self._take_back)
        table.ended.connect(self.bar.best.setFocus)
        table.began.connect(lambda: self._walk.step(table, -1))
        self.bar.wanted.connect(self._decide)
        self.asking.edited.connect(lambda change: self._edit(change(desk.draft)))
        self.asking.confirmed.connect(self._submit)
        self.asking.cancelled.connect(self._close_strip)
        self.done.preview_wanted.connect(self.preview_wanted)
        self.done.case_wanted.connect(self.case_wanted)
        self.done.rating.failed.connect(self.failed)
        self.done.next_wanted.connect(self.new)

    def _bind(self) -> None:
        bind, backend, desk = self._kit.actions.bind, self._kit.backend, self.desk
        bind("intake.item", lambda: self.item.show_search(True))
        bind("intake.card", lambda: desk.fill(backend.read_card, io=True))
        bind("intake.reuse", lambda: desk.fill(backend.reuse))
        bind("intake.licences", lambda: desk.fill(backend.check_licences))
        bind("intake.agent", self._toggle_agent)
        bind("intake.arrival", lambda: self.entries.toggle_arrival(desk.draft))
        bind("intake.checklist", self.checklist.table.setFocus)
        bind("intake.scan", self._scan_pages)
        bind("intake.add-file", self._pick_files)
        for action in sorted({*ACTIONS.values(), ONLY}):
            bind(action, partial(self._press, action))
        bind("intake.print", self._print)
        bind("intake.confirm", self._confirm)
        bind("intake.cancel", self._escape)
        bind("intake.discard", self._discard)

    # What the shell asks for.

    def refresh(self) -> None:
        if not self.desk.draft.id:
            self.new()
        elif self._done is None:
            self.desk.explain_again()

    def focus_default(self) -> None:
        """Put the keys where the work goes on."""
        if self._done is not None:
            self.done.focus_default()
        elif not self.desk.draft.target:
            self.item.show_search(True)
        elif not self.desk.draft.applicant.name:
            self.applicant.first.setFocus()
        else:
            self.checklist.table.setFocus()

    def new(self) -> None:
        """Start a page for the next applicant; the draft so far is saved."""
        self.desk.flush()
        self._kit.jobs.ask(self, self._kit.backend.new_draft, self.desk.open, self.failed.emit, key="draft")

    def open_draft(self, draft_id: str) -> None:
        open_draft = self._kit.backend.open_draft
        self._kit.jobs.ask(self, lambda: open_draft(draft_id), self.desk.open, self.failed.emit, key="draft")

    def forget(self) -> None:
        """Take everything off the page; the draft is saved."""
        self.desk.open(Draft(id=""))

    def flush(self) -> None:
        """Save what is typed, now."""
        self.desk.flush()

    def take_scan(self, scanned: str) -> bool:
        """Tick the material a scanned slip names; False when it names none of this page."""
        lines = self.checklist.table.lines.lines
        row = next(
            (
                n
                for n, line in enumerate(lines)
                if line.tick_code and line.tick_code == scanned.strip().upper()
            ),
            -1,
        )
        if row < 0 or self._done is not None:
            return False
        self.checklist.table.setCurrentIndex(self.checklist.table.lines.index(row, 1))
        self._set_state(row, MaterialState.RECEIVED, move=False)
        return True

    def _focus_moved(self, _left: QWidget | None, entered: QWidget | None) -> None:
        self.desk.flush()
        if entered is not None and self.entries.isAncestorOf(entered):
            below = self.entries.room_below(entered)
            self._left_scroll.ensureWidgetVisible(entered, 0, below)

    # Edits.

    def _edit(self, draft: Draft) -> None:
        if self._done is None:
            self._drop_armed = False
            self.desk.edit(draft)

    def _pick_item(self, item: MenuItem) -> None:
        draft = edits.with_item(self.desk.draft, item.key, package=item.package)
        self._edit(edits.with_kind(draft) if item.organisations else draft)
        self.entries.show_parties(self.desk.draft)
        self.focus_default()

    def _toggle_agent(self) -> None:
        present = self.desk.draft.agent is None
        self._edit(edits.with_agent(self.desk.draft, present))
        self.entries.show_parties(self.desk.draft)
        (self.agent.first if present else self.applicant.first).setFocus()

    def _set_state(self, row: int, state: MaterialState, *, move: bool = True) -> None:
        line = self.checklist.table.lines.lines[row]
        if state not in line.allowed and state is not line.state:
            self.bar.say(self._kit.words(f"checklist.not-{state.value}", name=line.name), "", "warn")
            return
        self._before_key = self.desk.draft
        self._edit(edits.with_state(self.desk.draft, line.key, state))
        if move and row + 1 < len(self.checklist.table.lines.lines):
            self.checklist.table.go(1)

    def _set_pages(self, row: int, pages: int) -> None:
        self._before_key = self.desk.draft
        self._edit(edits.with_pages(self.desk.draft, self.checklist.table.lines.lines[row].key, pages))

    def _remove_page(self, row: int) -> None:
        line = self.checklist.table.lines.lines[row]
        if line.files:
            self._edit(edits.without_page(self.desk.draft, line.key, self.checklist.thumbs.current))

    def _take_back(self) -> None:
        if self._before_key is not None:
            self._edit(self._before_key)
            self._before_key = None

    def _scan_pages(self) -> None:
        line = self.checklist.current
        if line is not None:
            self.desk.fill(lambda draft: self._kit.backend.take_hot_pages(draft, line.key), io=True)

    def _pick_files(self) -> None:
        line = self.checklist.current
        if line is None:
            return
        words = self._kit.words
        caption, kinds = words("checklist.pick", name=line.name), f"{words('checklist.kinds')} {FILES}"
        names, _ = QFileDialog.getOpenFileNames(self, caption, self._kit.choices.now.scan_folder, kinds)
        self.attach(line.key, [Path(name) for name in names])

    def attach(self, material: str, paths: list[Path]) -> None:
        """Add files to a material, in order."""

        def work(draft: Draft) -> Draft:
            for path in paths:
                draft = self._kit.backend.attach_file(draft, material, path)
            return draft

        if paths:
            self.desk.fill(work, io=True)

    # Outcomes.

    def _press(self, action: str) -> None:
        if self._done is None and not self.asking.isVisible():
            self.desk.when_explained(lambda: self.bar.press_action(action))

    def _decide(self, outcome: Outcome) -> None:
        page = self.desk.page
        if page is None or self._done is not None:
            return
        if outcome is Outcome.ON_THE_SPOT:
            self._edit(spot.pressed(self.desk.draft))
        elif asks(outcome, page, self.desk.draft):
            self.bar.hide()
            self.asking.ask(outcome, page, self.desk.draft)
        else:
            self._submit(outcome)

    def _submit(self, outcome: Outcome) -> None:
        if self._submitting:
            return
        self._submitting = True
        self.desk.flush()
        draft = msgspec.structs.replace(self.desk.draft, action=outcome)
        submit = self._kit.backend.submit
        self._kit.jobs.write(self, lambda: submit(draft, outcome), self._taken_in, self._not_taken_in)

    def _taken_in(self, done: IntakeDone) -> None:
        self._submitting = False
        self._done = done
        self.desk.put_away()
        self.bar.hide()
        self.asking.hide()
        self._enable(False)
        self.done.show_done(done)
        self._walk_again()

    def _not_taken_in(self, error: object) -> None:
        self._submitting = False
        self.failed.emit(error)

    def _print(self) -> None:
        if self._done is not None and self.done.first_paper:
            self.preview_wanted.emit(*self.done.first_paper)
        else:
            self.bar.say(self._kit.words("decision.print-later"), "", "warn")

    def _confirm(self) -> None:
        if self.asking.isVisible():
            self.asking.finish()

    def _escape(self) -> None:
        if self.asking.isVisible():
            self._close_strip()
        elif self.desk.draft.target:
            self.checklist.table.setFocus()

    def _close_strip(self) -> None:
        self.asking.hide()
        self.bar.show()
        self.checklist.table.setFocus()

    def _discard(self) -> None:
        if self._done is not None or not self.desk.draft.id:
            return
        if not self._drop_armed:
            self._drop_armed = True
            keys = self._kit.actions.keys("intake.discard")
            self.bar.say(self._kit.words("intake.drop-again", keys=keys), "", "warn")
            return
        draft_id = self.desk.draft.id
        self.desk.put_away()
        self._kit.jobs.write(self, lambda: self._kit.backend.drop_draft(draft_id))
        self.new()

    # Showing.

    def _replaced(self, draft: Draft) -> None:
        self._done = None
        self._drop_armed = False
        self.done.hide()
        self.asking.hide()
        self.bar.show()
        self.item.show_saved("")
        self._enable(True)
        self.entries.begin()
        self.entries.show_parties(draft)
        self.item.show_search(not draft.target)
        self.focus_default()

    def _show(self, view: IntakePage) -> None:
        draft = self.desk.draft
        self.item.show_view(view, chosen=bool(draft.target))
        self.entries.show_view(view, draft)
        self.checklist.show_view(view.checklist, view.summary)
        self.bar.show_view(view)

    def _saved(self) -> None:
        self.item.show_saved(self._kit.words("intake.saved", at=f"{self._kit.now():%H:%M:%S}"))

    def _enable(self, on: bool) -> None:
        for part in (self.item, self.entries, self.checklist):
            part.setEnabled(on)

    def _order(self) -> list[QWidget]:
        if self._done is not None:
            return self.done.stops()
        foot = self.asking.stops() if self.asking.isVisible() else self.bar.stops()
        return [self.item.field, *self.entries.stops(), self.checklist.table, *foot]

    def _walk_again(self) -> None:
        table_and_feet = [*self.asking.stops(), *self.bar.stops(), *self.done.stops()]
        self._walk.add(*self.entries.stops(), *table_and_feet, self.checklist.table, self.item.field)
