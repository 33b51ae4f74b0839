"""What the pages 档案 and 扫描 ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.intake.scanning import ScanCase, WaitingPage
from jinpu_desk.app.screens.archive_views import ApplicantLine, ApplicantPage, LicenceOnFile
from jinpu_desk.domain.ids import CaseId, Digest


class ArchiveDesk(Protocol):
    """Applicants, their files, and electronic licences."""

    def find_applicants(self, text: str) -> tuple[ApplicantLine, ...]: ...

    def applicant_page(self, of: CaseId, reveal: bool = False) -> ApplicantPage:
        """Return the file of the applicant of a case; ``reveal`` shows personal data and is logged."""
        ...

    def applicant_licences(self, of: CaseId) -> tuple[LicenceOnFile, ...]:
        """Look the applicant's electronic licences up. Raises Unavailable ``licence.…``."""
        ...

    def draft_for(self, of: CaseId) -> str:
        """Start an intake page for the applicant of a case; return the id of the draft."""
        ...

    def check_licences(self, draft: Draft) -> Draft:
        """Tick what electronic licences prove and fill what they say. Raises Refused or Unavailable ``licence.…``."""
        ...


class ScanDesk(Protocol):
    """Scans that wait, and the case they are joined to."""

    def waiting_pages(self, look: bool) -> tuple[WaitingPage, ...]:
        """Return the scans nobody has claimed; with ``look`` the scanner's folder is searched first, which takes a
        second."""
        ...

    def waiting_image(self, sha256: Digest, width: int) -> bytes:
        """Return the first page of a waiting scan as a PNG of ``width`` pixels."""
        ...

    def drop_pages(self, pages: Sequence[Digest]) -> tuple[WaitingPage, ...]:
        """Throw waiting scans away and return those that are left."""
        ...

    def scan_case(self, case_id: CaseId) -> ScanCase: ...

    def join_pages(self, case_id: CaseId, material: str, pages: Sequence[Digest]) -> ScanCase:
        """Join waiting scans to a material, or to the case with ``material`` empty."""
        ...
