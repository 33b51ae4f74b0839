"""档案: an applicant's file whole, so that nothing is keyed or asked twice (一企一档 · 一人一档)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from jinpu_desk.app.screens.archive_views import ApplicantLine, ApplicantPage, LicenceOnFile, PaperOnFile
from jinpu_desk.app.screens.views import CaseLine, Chip, WorkLine
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId

from ..kit import Kit
from ..search import BOTTOM, TOP, TwoLineDelegate
from ..widgets.parts import GAP, Card, button, clear, column, key_cap, restyle, row, text
from ..widgets.seek import SeekField
from ..widgets.worklist import WorkList


class ApplicantDelegate(TwoLineDelegate):
    """An applicant found: name and number above, what they last came for below."""

    def paint_line(self, painter: QPainter, area: QRect, line: ApplicantLine) -> None:
        self.write(painter, area, f"{line.name}　{line.identity}", TOP, 15, "text")
        self.write(painter, area, line.last, BOTTOM, 13, "muted")


class ArchivePage(QWidget):
    """Finds an applicant, shows the file, starts a new application from it."""

    open_case = Signal(str)
    open_draft = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self.of: CaseId | None = None
        self.view: ApplicantPage | None = None
        self._make_parts()
        self._lay_out()
        self.seek.picked.connect(lambda line: self.show_file(line.of))
        self.seek.left.connect(self.focus_default)
        self.cases.chosen.connect(lambda line: self.open_case.emit(line.case_id))
        bind = kit.actions.bind
        bind("archive.find", self.focus_seek)
        bind("archive.new", self.start)
        bind("archive.licences", self.look_licences_up)
        bind("archive.reveal", self.reveal)
        bind("archive.reload", self.refresh)

    def _make_parts(self) -> None:
        kit, words = self._kit, self._kit.words

        def note(found: Sequence[Any], sought: str) -> str:
            return words("search.hint") if found else words("archive.nobody", text=sought)

        self.seek = SeekField(
            kit.jobs,
            kit.look,
            ApplicantDelegate(kit.look),
            kit.backend.find_applicants,
            note,
            keys=kit.actions.keys("archive.find"),
        )
        self.seek.setPlaceholderText(words("archive.placeholder"))
        self.seek.setAccessibleName(kit.actions.title("archive.find"))
        self.title = text(words("archive.empty"), "title")
        self.facts = text(role="label", wrap=True)
        self.warning = text(role="", tone="bad", wrap=True)
        self.warning.hide()
        self.figures = QHBoxLayout()
        self.figures.setSpacing(GAP)
        self.cases = WorkList(kit.look, words("archive.no-cases"))
        self.papers = WorkList(kit.look, words("archive.no-papers"))
        self.licences = WorkList(kit.look, words("archive.no-licences"))
        self.looked_up = text(role="small")
        self.new = button(kit.actions.title("archive.new"), self.start, kind="main")
        restyle(self.new, off="true")

    def _lay_out(self) -> None:
        words, actions = self._kit.words, self._kit.actions
        head = Card()
        head.body.addLayout(row(self.seek, gap=10))
        top = row(self.title, None, self.new, key_cap(actions.keys("archive.new")), gap=10)
        head.body.addLayout(top)
        head.body.addWidget(self.facts)
        head.body.addWidget(self.warning)
        cases = Card(words("archive.cases"), *self._hint("archive.reveal"))
        cases.body.addWidget(self.cases, 1)
        papers = Card(words("archive.papers"))
        papers.body.addWidget(self.papers, 1)
        licences = Card(words("archive.licences"), self.looked_up, *self._hint("archive.licences"))
        licences.body.addWidget(self.licences, 1)
        right = column(papers, licences, gap=GAP)
        lists = row(cases, right, gap=GAP)
        lists.setStretch(0, 1)
        lists.setStretch(1, 1)
        whole = column(head, self.figures, lists, gap=GAP, margins=16)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _hint(self, action: str) -> tuple[QWidget, QWidget]:
        actions = self._kit.actions
        return key_cap(actions.keys(action)), text(actions.title(action), "small")

    def refresh(self) -> None:
        """Read the file shown anew."""
        if self.of is not None:
            self._load(reveal=False)

    def focus_default(self) -> None:
        (self.cases if self.cases.lines else self.seek).setFocus()

    def focus_seek(self) -> None:
        self.seek.setFocus()
        self.seek.selectAll()

    def forget(self) -> None:
        """Show nobody's file any more."""
        self.of = self.view = None
        restyle(self.new, off="true")
        self.title.setText(self._kit.words("archive.empty"))
        self.facts.setText("")
        self.warning.hide()
        clear(self.figures)
        self.looked_up.setText("")
        for work in (self.cases, self.papers, self.licences):
            work.show_lines(())

    def show_file(self, of: CaseId) -> None:
        """Open the file of the applicant of a case."""
        self.of = of
        self.looked_up.setText("")
        self._load(reveal=False)

    def reveal(self) -> None:
        """Show personal data in full, or hide it again."""
        if self.view is not None:
            self._load(reveal=not self.view.revealed)

    def start(self) -> None:
        """Start an application of the applicant shown."""
        if self.of is None:
            self.focus_seek()
            return
        of, draft_for = self.of, self._kit.backend.draft_for
        self._kit.jobs.write(self, lambda: draft_for(of), self.open_draft.emit, self.failed.emit)

    def look_licences_up(self) -> None:
        """Ask the platform for the applicant's electronic licences; it may take a while."""
        if self.of is None:
            self.focus_seek()
            return
        of, ask = self.of, self._kit.backend.applicant_licences
        self.looked_up.setText(self._kit.words("archive.looking-up"))
        restyle(self.looked_up, tone="")
        self._kit.jobs.io(self, lambda: ask(of), lambda found: self._found(of, found), self._not_found)

    def _load(self, *, reveal: bool) -> None:
        of, ask = self.of, self._kit.backend.applicant_page
        if of is not None:
            self._kit.jobs.ask(self, lambda: ask(of, reveal), self.show_view, self.failed.emit, key="file")

    def show_view(self, view: ApplicantPage) -> None:
        same = self.view is not None and self.view.of == view.of
        self.view = view
        restyle(self.new, off="false")
        self.title.setText(view.title)
        self.facts.setText("　".join(f"{pair.label} {pair.value}" for pair in view.facts))
        self.warning.setText("；".join(view.warnings))
        self.warning.setVisible(bool(view.warnings))
        clear(self.figures)
        for pair in view.figures:
            card = Card(padding=14)
            card.body.setSpacing(2)
            card.body.addWidget(text(pair.label, "small"))
            card.body.addWidget(text(pair.value, "title"))
            self.figures.addWidget(card, 1)
        self.cases.show_lines(tuple(_case(line) for line in view.cases))
        self.papers.show_lines(tuple(self._paper(paper) for paper in view.papers))
        self.licences.show_lines(tuple(_licence(licence) for licence in view.licences))
        if not same:
            self.focus_default()

    def _paper(self, paper: PaperOnFile) -> WorkLine:
        words = self._kit.words
        chip = Chip(words("archive.reusable"), "good") if paper.good else Chip(words("archive.stale"))
        return WorkLine(
            chip=chip, text=paper.name, right=words("archive.until", taken=paper.taken_on, until=paper.until)
        )

    def _found(self, of: CaseId, found: tuple[LicenceOnFile, ...]) -> None:
        if self.view is None or of != self.of:
            return
        self.looked_up.setText(self._kit.words("archive.looked-up", n=len(found)))
        self.licences.show_lines(tuple(_licence(licence) for licence in (*found, *self.view.licences)))

    def _not_found(self, error: DeskError) -> None:
        self.looked_up.setText(self._kit.backend.sentence(error)[0])
        restyle(self.looked_up, tone="bad")


def _case(line: CaseLine) -> WorkLine:
    what = " · ".join(part for part in (line.item, line.entity) if part)
    return WorkLine(chip=line.status, text=what, right=line.due or line.received, case_id=line.case_id)


def _licence(licence: LicenceOnFile) -> WorkLine:
    what = " ".join(part for part in (licence.name, licence.number) if part)
    return WorkLine(chip=licence.state, text=what, right=f"{licence.until} · {licence.source}")
