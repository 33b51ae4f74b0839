"""One case whole: facts, clocks, checklist, papers, what happened, and what may be done now."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from jinpu_desk.app.screens.views import CaseLine, CasePage, Chip, Pair, PaperLine, VerbButton, WorkLine
from jinpu_desk.domain.ids import CaseId, EventId

from ...actions import key_text
from ...kit import Kit
from ...widgets.chips import ChipRow, chip_label
from ...widgets.flow import FlowRow, Fold
from ...widgets.parts import GAP, Card, box, clear, column, key_cap, row, scroll, text
from ...widgets.rating import RatingRow
from ...widgets.worklist import WorkList
from ..conflicts.banner import ConflictBanner
from ..intake.checklist_card import ChecklistCard
from ..intake.decision import StepButton
from ..intake.done import spaced
from .verb import REPRINT, VerbStrip

NARROW_PX = 1000
"""Below this width, at the normal scale, the page has two columns instead of three."""
FINISHING = frozenset({"decide", "close", "register", "hand-out"})
"""Verbs after which the applicant is asked how it was."""


class Pairs(QGridLayout):
    """Labels and values; values may be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(16)
        self.setVerticalSpacing(6)
        self.setColumnStretch(1, 1)

    def show_pairs(self, pairs: tuple[Pair, ...]) -> None:
        clear(self)
        for place, pair in enumerate(pairs):
            value = text(pair.value or "—", wrap=True)
            value.setTextInteractionFlags(value.textInteractionFlags().TextSelectableByMouse)
            self.addWidget(text(pair.label, "label"), place, 0)
            self.addWidget(value, place, 1)


class CaseView(QWidget):
    """Shows a ``CasePage`` and sends its verbs."""

    preview_wanted = Signal(str, str)  # paper, kind
    open_case = Signal(str)
    open_conflict_wanted = Signal(str)
    failed = Signal(object)
    left = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.page: CasePage | None = None
        self.verbs: list[QPushButton] = []
        self._make_parts()
        self._lay_out()
        self.papers.chosen.connect(lambda line: self.preview_wanted.emit(line.job_id, line.chip.text))
        self.children_list.chosen.connect(lambda line: self.open_case.emit(line.case_id))
        self.strip.confirmed.connect(self._act)
        self.strip.cancelled.connect(self.close_strip)

    def _make_parts(self) -> None:
        kit, words, actions = self._kit, self._kit.words, self._kit.actions
        self.title = text(role="title")
        self.number = text(role="label")
        self.number.setTextInteractionFlags(self.number.textInteractionFlags().TextSelectableByMouse)
        self.chips = ChipRow()
        self.reveal_hint = text(words("case.masked"), "small")
        self.facts, self.form = Pairs(), Pairs()
        self.papers = WorkList(kit.look, words("case.no-papers"))
        self.children_list = WorkList(kit.look, "")
        self.timeline = column(gap=8)
        self.checklist = ChecklistCard(kit, editable=False)
        self.verbs_row = FlowRow()
        self.strip = VerbStrip(kit)
        self.conflicts = ConflictBanner(kit)
        self.conflicts.pressed.connect(self.open_conflict_wanted)
        self._reveal_caps = (key_cap(actions.keys("case.reveal")), self.reveal_hint)

    def _lay_out(self) -> None:
        words, actions = self._kit.words, self._kit.actions
        head = Card()
        head.body.setContentsMargins(16, 11, 16, 11)
        back = (key_cap(actions.keys("case.back")), text(words("case.to-list"), "small"))
        first = box(row(self.title, self.chips, None, gap=10))
        second = box(row(None, self.number, 10, *back, gap=10))
        self._head = Fold(first, second, lambda: first.sizeHint().width() + second.sizeHint().width() + 40)
        head.body.addWidget(self._head)
        facts = self._card("case.facts", self.facts, *self._reveal_caps)
        self._form_card = self._card("case.form", self.form)
        self._children_card = self._card("case.children", self.children_list)
        self.children_list.setFixedHeight(130)
        papers = self._card(
            "case.papers",
            self.papers,
            key_cap(actions.keys("case.preview")),
            text(actions.title("case.preview"), "small"),
            key_cap(actions.keys("case.reprint")),
            text(actions.title("case.reprint"), "small"),
        )
        papers.setMinimumHeight(170)
        history = self._card("case.timeline", scroll(box(column(self.timeline, None, gap=0))))
        right = column(papers, history, gap=GAP)
        right.setStretch(0, 2)
        right.setStretch(1, 3)
        self._right = box(right)
        self._left = column(facts, self._children_card, self._form_card, None, gap=GAP)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(GAP)
        self._middle.addWidget(scroll(box(self._left)), 4)
        self._middle.addWidget(self.checklist, 5)
        self._middle.addWidget(self._right, 4)
        self._narrow = False
        self._bar = Card()
        self._bar.body.addWidget(self.verbs_row)
        self.rating = RatingRow(self._kit)
        self.rating.rated.connect(self.reload)
        self.rating.failed.connect(self.failed)
        whole = column(head, self.conflicts, self._middle, self.rating, self._bar, self.strip, gap=GAP)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._kit.look.theme.px(NARROW_PX)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:  # papers and timeline go below the facts
            self._left.insertWidget(self._left.count() - 1, self._right)
        else:
            self._middle.addWidget(self._right, 4)

    def _card(self, heading: str, inner: Any, *corner: QWidget) -> Card:
        card = Card(self._kit.words(heading), *corner)
        if isinstance(inner, QWidget):
            card.body.addWidget(inner, 1)
        else:
            card.body.addLayout(inner)
        return card

    def load(self, case_id: str, *, reveal: bool = False) -> None:
        """Ask for a case; ``reveal`` shows personal data and is logged."""
        ask = self._kit.backend.case_page
        self._kit.jobs.ask(
            self, lambda: ask(CaseId(case_id), reveal), self.show_view, self.failed.emit, key="case"
        )

    def reload(self) -> None:
        if self.page is not None:
            self.load(self.page.line.case_id)

    def reveal(self) -> None:
        """Show personal data in full, or hide it again."""
        if self.page is not None:
            self.load(self.page.line.case_id, reveal=not self.page.revealed)

    def focus_default(self) -> None:
        if self.strip.isVisible():
            self.strip.focus_default()
        elif self.papers.lines:
            self.papers.setFocus()
        else:
            self.checklist.table.setFocus()

    def show_view(self, view: CasePage) -> None:
        known = self.page is not None and self.page.line.case_id == view.line.case_id
        self.page = view
        self.title.setText(view.title)
        self.number.setText(
            f"{spaced(view.line.case_no)}　{self._kit.words('case.query-code', code=view.query_code)}"
        )
        sync = (view.line.sync,) if view.line.sync else ()
        self.chips.show_chips((view.line.status, *view.line.flags, *sync, *view.files))
        self.reveal_hint.setText(self._kit.words("case.revealed" if view.revealed else "case.masked"))
        self.facts.show_pairs(view.facts)
        self.form.show_pairs(view.form)
        self._form_card.setVisible(bool(view.form))
        self.children_list.show_lines(tuple(_child(line) for line in view.children))
        self._children_card.setVisible(bool(view.children))
        self.papers.show_lines(tuple(self._paper(paper) for paper in view.papers))
        self.checklist.show_view(view.checklist, ())
        self.conflicts.show_lines(view.conflicts)
        self._show_timeline(view)
        self._show_verbs(view.verbs)
        if not known:
            self.rating.hide()
            self.close_strip()

    def close_strip(self) -> None:
        self.strip.hide()
        self._bar.show()
        self.focus_default()

    def escape(self) -> None:
        """Put the strip away, or leave the case."""
        if self.strip.isVisible():
            self.close_strip()
        else:
            self.left.emit()

    def preview(self) -> None:
        line = self._paper_line()
        if line is not None:
            self.preview_wanted.emit(line.job_id, line.chip.text)

    def reprint(self) -> None:
        """Ask for the reason of a reprint, then make it."""
        line = self._paper_line()
        if line is not None:
            self._bar.hide()
            self.strip.ask_reprint(line.text)

    def press_verb(self, verb: str) -> bool:
        """Press a verb by name, as a scan may; False when it is not open."""
        found = (
            next((v for v in self.page.verbs if v.verb == verb and v.allowed), None) if self.page else None
        )
        if found is not None:
            self._press(found)
        return found is not None

    def _paper_line(self) -> WorkLine | None:
        row = max(self.papers.currentIndex().row(), 0)
        return self.papers.lines[row] if row < len(self.papers.lines) else None

    def _paper(self, paper: PaperLine) -> WorkLine:
        words = self._kit.words
        reprints = words("case.reprints", n=paper.reprints) if paper.reprints else ""
        title = " · ".join(part for part in (paper.title, paper.doc_no, reprints) if part)
        return WorkLine(chip=Chip(paper.kind, "info"), text=title, right=paper.at, job_id=paper.id)

    def _show_timeline(self, view: CasePage) -> None:
        clear(self.timeline)
        for line in view.timeline:
            when = row(text(line.at, "small"), text(line.what, wrap=True), gap=10)
            when.setStretch(1, 1)
            if line.sync is not None:
                when.addWidget(chip_label(line.sync))
            self.timeline.addLayout(when)
            about = " · ".join(part for part in (line.who, line.where, line.note) if part)
            self.timeline.addWidget(text(about, "small", wrap=True))

    def _show_verbs(self, verbs: tuple[VerbButton, ...]) -> None:
        clear(self.verbs_row.flow)
        self.verbs = []
        for place, verb in enumerate(verbs, start=1):
            keys = f"Ctrl+{place % 10}" if place <= 10 else ""
            made = StepButton(verb.label, key_text(keys))
            made.show_state(allowed=verb.allowed, main=False, reason=verb.reason)
            made.setAutoDefault(True)  # Enter presses it like the space bar
            made.clicked.connect(partial(self._clicked, verb))
            if keys:
                QShortcut(QKeySequence(keys), made, partial(self._press, verb))
            self.verbs_row.add(made)
            self.verbs.append(made)

    def _clicked(self, verb: VerbButton, _checked: bool = False) -> None:
        self._press(verb)

    def _press(self, verb: VerbButton) -> None:
        if not verb.allowed:
            self._bar.show()
            self.strip.explain(verb)
        elif verb.asks:
            self._bar.hide()
            self.strip.ask(verb)
        else:
            self._act(verb.verb, {})

    def _act(self, verb: str, data: dict[str, Any]) -> None:
        if self.page is None:
            return
        if verb == REPRINT:
            self._reprint(str(data.get("reason", "")))
            return
        case_id, act = self.page.line.case_id, self._kit.backend.act
        self._kit.jobs.write(
            self, lambda: act(case_id, verb, data), partial(self._acted, verb), self.failed.emit
        )

    def _acted(self, verb: str, view: CasePage) -> None:
        if verb in FINISHING and any(v.verb == "rate" and v.allowed for v in view.verbs):
            self.rating.offer(view.line.case_id, "result")
        self.strip.hide()
        self._bar.show()
        self.show_view(view)
        self.focus_default()

    def _reprint(self, reason: str) -> None:
        line = self._paper_line()
        if line is None:
            return
        paper, reprint = EventId(line.job_id), self._kit.backend.reprint
        self._kit.jobs.write(
            self, lambda: reprint(paper, reason), lambda made: self._reprinted(made.paper), self.failed.emit
        )

    def _reprinted(self, paper: str) -> None:
        line = self._paper_line()
        self.close_strip()
        self.reload()
        self.preview_wanted.emit(paper, line.chip.text if line else "")


def _child(line: CaseLine) -> WorkLine:
    return WorkLine(chip=line.status, text=line.item, right=line.due, case_id=line.case_id)
