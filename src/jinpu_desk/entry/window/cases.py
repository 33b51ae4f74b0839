"""Lists, cases, papers and printers: their part of the window's backend."""

from __future__ import annotations

from typing import Any

from jinpu_desk.app.intake.pre_applied import waits_here
from jinpu_desk.app.numbers import unknown
from jinpu_desk.app.papers import PaperForm, PaperKind, paperwork, parse_tick_code, printing
from jinpu_desk.app.screens import case_view
from jinpu_desk.app.screens.views import CaseFilter, CaseLine, CasePage, Preview, ScanTarget
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.domain.case import Case, Paper
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, EventId
from jinpu_desk.domain.numbering import scanned_case_no

from ..home.login_log import note_reveal
from .base import OpenHome


class CaseCalls(OpenHome):
    """Implements ``ui.backend.CaseDesk``."""

    def cases(self, only: str, after: str | None) -> tuple[tuple[CaseLine, ...], str | None]:
        """Return a page of lines."""
        return case_view.cases(self._desk, CaseFilter(only), after)

    def count(self, only: str) -> int:
        """Return how many."""
        return case_view.count(self._desk, CaseFilter(only))

    def search(self, text: str) -> tuple[CaseLine, ...]:
        """Find as you type."""
        return case_view.search(self._desk, text)

    def case_page(self, case_id: CaseId, reveal: bool = False) -> CasePage:
        """Return one case whole."""
        case = self._desk.store.case(case_id)
        if case is not None:
            self._remember(case)
        return case_view.case_page(self._desk, case_id, reveal=reveal)

    def act(self, case_id: CaseId, verb: str, data: dict[str, Any]) -> CasePage:
        """Do a verb and return the case after it."""
        case = self._desk.store.case(case_id)
        if case is None:
            raise Refused("case.unknown")
        verbs.act(self._desk, case.case_no, verb, verbs.from_strip(verb, data))
        if self._messenger is not None:
            self._messenger.nudge()
        return self.case_page(case_id)

    def preview(self, paper: EventId) -> Preview:
        """Return an issued paper as it was; it names people whole, so the audit log says who looked."""
        case, found = self._paper(paper)
        data = self._bytes_of(found.kind, found.sha256)
        note_reveal(self._desk, "preview", case.id)
        return self._preview(case, found, data)

    def reprint(self, paper: EventId, reason: str) -> Preview:
        """Record a reprint and return it."""
        case, found = self._paper(paper)
        self._bytes_of(found.kind, found.sha256)
        after, data = paperwork.reprint(self._desk, case, found, reason)
        return self._preview(after, found, data)

    def page_png(self, pdf: bytes, page: int, dpi: int) -> bytes:
        """Return one page of a PDF as PNG."""
        return self._papers.page_png(pdf, page, dpi)

    def printers(self) -> tuple[str, ...]:
        """Return the printers, the default first."""
        return tuple(printer.name for printer in self._printers.printers())

    def print_paper(self, paper: EventId, printer: str, copies: int) -> str:
        """Hand a paper to a printer. Raises Unavailable when the printer did not take it; the ledger says so."""
        case, found = self._paper(paper)
        data = self._bytes_of(found.kind, found.sha256)
        job = printing.print_paper(self._desk, self._printers, case, found, data, printer, copies)
        if job.state == "failed":
            raise Unavailable("print.failed", printer, printer=printer, problem=job.detail)
        return job.id

    def scan(self, text: str) -> ScanTarget:
        """Tell what a barcode gun read; the number of a paper just printed confirms the print."""
        if parse_tick_code(text) is not None:
            return ScanTarget(tick=text.strip().upper())
        number = _number_in(text)
        case = self._desk.store.case_by_no(number) if number else None
        if case is None and number and self._desk.store.pruned_on(number):
            raise unknown(self._desk.store, number)
        if number is None:
            raise Refused("scan.unknown")
        if case is None:
            raise Refused("case.not-here", number, number=number)
        printing.confirm(self._desk, case.id)
        return ScanTarget(case_id=case.id, draft_id=case.id if waits_here(self._desk, case) else "")

    def _preview(self, case: Case, paper: Paper, data: bytes) -> Preview:
        return Preview(
            title=case_view.title_of(PaperKind(paper.kind), PaperForm(paper.variant or "plain")),
            case_no=CaseNo(case.case_no),
            paper=paper.id,
            pdf=data,
            pages=self._papers.page_count(data),
        )

    def _paper(self, paper: EventId) -> tuple[Case, Paper]:
        case = self._desk.store.case(self._owner[paper]) if paper in self._owner else None
        found = next((p for p in case.papers if p.id == paper), None) if case else None
        if case is None or found is None:
            raise Refused("paper.unknown")
        return case, found


def _number_in(text: str) -> CaseNo | None:
    try:
        return CaseNo(scanned_case_no(text).text)
    except Refused:
        return None
