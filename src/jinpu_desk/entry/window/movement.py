"""流转 and 日结: their part of the window's backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from jinpu_desk.app.duty import day_end, duty, duty_view, handing_on, passing_view
from jinpu_desk.app.duty.duty import Sheet
from jinpu_desk.app.duty.duty_view import DayPage, SheetDone
from jinpu_desk.app.duty.passing_view import PassingPage, Scanned, SlipPage
from jinpu_desk.app.papers import PaperKind, printing
from jinpu_desk.app.ports.duty import DutyEntry
from jinpu_desk.app.screens.views import Preview, ScanTarget
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, EventId

from ..home.unlocking import unlock
from .cases import CaseCalls
from .house import HouseCalls


class MovementCalls(CaseCalls, HouseCalls):
    """Implements ``ui.backend_movement``; sheets of the duty book are previewed and printed like papers of a case."""

    def passing_page(self, numbers: Sequence[CaseNo], target: str) -> PassingPage:
        """Return 流转."""
        return passing_view.passing_page(self._desk, numbers, target)

    def passing_scan(self, text: str) -> Scanned:
        """Tell what a number means."""
        return passing_view.scanned(self._desk, text)

    def hand_on(self, numbers: Sequence[CaseNo], target: str, note: str) -> SlipPage:
        """Write a slip and return it."""
        slip = handing_on.hand_on(self._desk, numbers, target, note)
        return self._slip(slip.record.slip)

    def slip_page(self, slip: CaseNo) -> SlipPage:
        """Return one slip."""
        page = passing_view.slip_page(self._desk, slip)
        for line in page.lines:
            case = self._desk.store.case(line.case_id)
            if case is not None:
                self._remember(case)
        return page

    def take_over(self, slip: CaseNo, numbers: Sequence[CaseNo], receiver: str) -> SlipPage:
        """Sign for it."""
        handing_on.take_over(self._desk, slip, numbers, receiver=receiver)
        return self._slip(slip)

    def turn_down(self, slip: CaseNo, numbers: Sequence[CaseNo], reason: str) -> SlipPage:
        """Note why it is not signed for."""
        handing_on.turn_down(self._desk, slip, numbers, reason)
        return self._slip(slip)

    def take_back(self, slip: CaseNo, numbers: Sequence[CaseNo]) -> SlipPage:
        """Take back what nobody signed for."""
        handing_on.take_back(self._desk, slip, numbers)
        return self._slip(slip)

    def day_page(self) -> DayPage:
        """Return 日结."""
        return duty_view.day_page(self._desk)

    def close_day(
        self, reasons: Mapping[str, str], counted: Mapping[str, int], amending: str, note: str
    ) -> SheetDone:
        """Close the day, or correct its closing."""
        done = self._done(day_end.close_day(self._desk, reasons, counted, amending=amending, note=note))
        self._tidy()
        return done

    def takers(self) -> tuple[str, ...]:
        """Return the other logins with a key slot here."""
        own = self._desk.clerk.id
        return tuple(clerk for clerk in self._enrolment.ring.clerks() if clerk != own)

    def hand_over(self, taker: str, password: str, counted: Mapping[str, int], note: str) -> SheetDone:
        """Hand over to whoever confirms with the own password."""
        _key, grant = unlock(self._enrolment, taker, password)
        return self._done(duty.hand_over(self._desk, grant.clerk, counted, note))

    def preview(self, paper: EventId) -> Preview:
        """Return an issued paper, or a sheet of the duty book, as it was."""
        entry = self._desk.store.duty_entry(paper)
        if entry is None:
            shown = super().preview(paper)
            slip = passing_view.number_of_paper(self._desk, self._paper(paper)[1].sha256)
            return msgspec.structs.replace(shown, case_no=slip) if slip else shown
        line = duty_view.sheet_line(self._desk, entry)
        data = self._sheet_bytes(entry)
        return Preview(
            title=line.title, case_no=line.number, paper=paper, pdf=data, pages=self._papers.page_count(data)
        )

    def print_paper(self, paper: EventId, printer: str, copies: int) -> str:
        """Hand a paper or a sheet to a printer."""
        entry = self._desk.store.duty_entry(paper)
        if entry is None:
            return super().print_paper(paper, printer, copies)
        source = printing.Source(
            case_id=CaseId(""),
            case_no=duty_view.sheet_line(self._desk, entry).number,
            paper=paper,
            kind=str(PaperKind.D15),
        )
        job = printing.print_bytes(
            self._desk, self._printers, source, self._sheet_bytes(entry), printer, copies
        )
        if job.state == "failed":
            raise Unavailable("print.failed", printer, printer=printer, problem=job.detail)
        return job.id

    def scan(self, text: str) -> ScanTarget:
        """Tell what a barcode gun read; the number of a slip opens it."""
        try:
            return super().scan(text)
        except Refused as refused:
            try:
                found = passing_view.scanned(self._desk, text)
            except Refused:
                raise refused from None
            return ScanTarget(slip=found.slip)

    def _slip(self, slip: CaseNo) -> SlipPage:
        if self._messenger is not None:
            self._messenger.nudge()
        return self.slip_page(slip)

    def _done(self, sheet: Sheet) -> SheetDone:
        return SheetDone(
            sheet=duty_view.sheet_line(self._desk, sheet.entry), page=duty_view.day_page(self._desk)
        )

    def _sheet_bytes(self, entry: DutyEntry) -> bytes:
        return self._bytes_of(PaperKind.D15, duty_view.sheet_digest(entry))
