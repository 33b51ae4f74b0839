"""档案 and 扫描: their part of the window's backend."""

from __future__ import annotations

from collections.abc import Sequence

from jinpu_desk.app.intake import keeping, licences, scanning
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.assess import assess
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.intake.scanning import ScanCase, WaitingPage
from jinpu_desk.app.ports.devices import IncomingPage, TurnedAway
from jinpu_desk.app.screens import applicant_view
from jinpu_desk.app.screens.archive_views import ApplicantLine, ApplicantPage, LicenceOnFile
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, Digest

from .base import OpenHome


class ArchiveCalls(OpenHome):
    """Implements ``ui.backend_archive.ArchiveDesk`` and ``ScanDesk``."""

    def find_applicants(self, text: str) -> tuple[ApplicantLine, ...]:
        """Find by name, initials, tails or number."""
        return applicant_view.find(self._desk, text)

    def applicant_page(self, of: CaseId, reveal: bool = False) -> ApplicantPage:
        """Return one file whole."""
        return applicant_view.applicant_page(self._desk, of, reveal=reveal)

    def applicant_licences(self, of: CaseId) -> tuple[LicenceOnFile, ...]:
        """Ask the platform."""
        applicant = applicant_view.applicant_of(self._desk, of)
        return applicant_view.electronic(self._desk, licences.look_up(self._desk, self._licences, applicant))

    def draft_for(self, of: CaseId) -> str:
        """Start a page with the applicant filled in."""
        desk = self._desk
        draft = applicant_view.new_draft(desk, of)
        keeping.keep(desk, draft)
        return draft.id

    def check_licences(self, draft: Draft) -> Draft:
        """Tick and fill what the applicant's licences prove and say."""
        seen = assess(self._desk, from_draft(draft, Outcome.RECEIVE))
        found = licences.look_up(self._desk, self._licences, seen.application.applicant)
        return licences.verified(draft, seen.subject, found, self._desk.today()).draft

    def waiting_pages(self, look: bool) -> tuple[WaitingPage, ...]:
        """Return what waits, the oldest first."""
        with self._scanning:
            turned_away = self._settled() if look else []
            for found in turned_away:
                if isinstance(found, TurnedAway):
                    raise Refused(found.code, found.path.name, article="", **found.params)
            return scanning.waiting(self._inbox.unreleased())

    def waiting_image(self, sha256: Digest, width: int) -> bytes:
        """Return a small picture of a waiting scan."""
        return self._papers.thumbnail(self._inbox.read(self._waiting([sha256])[0].sha256), width)

    def drop_pages(self, pages: Sequence[Digest]) -> tuple[WaitingPage, ...]:
        """Throw scans away."""
        for page in self._waiting(pages):
            self._inbox.release(page.sha256)
        return self.waiting_pages(look=False)

    def scan_case(self, case_id: CaseId) -> ScanCase:
        """Return the case pages are joined to."""
        return scanning.scan_case(self._desk, case_id)

    def join_pages(self, case_id: CaseId, material: str, pages: Sequence[Digest]) -> ScanCase:
        """Join scans to the case."""
        scanning.attach(self._desk, self._inbox, case_id, material, self._waiting(pages))
        if self._messenger is not None:
            self._messenger.nudge()
        return self.scan_case(case_id)

    def _waiting(self, wanted: Sequence[Digest]) -> list[IncomingPage]:
        with self._scanning:
            held = {page.sha256: page for page in self._inbox.unreleased()}
        if any(sha not in held for sha in wanted):
            raise Unavailable("scan.gone")
        return [held[sha] for sha in wanted]
