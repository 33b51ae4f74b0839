"""Applicants, licences and waiting scans in memory (演示)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.intake.scanning import ScanCase, WaitingPage
from jinpu_desk.app.screens.archive_views import ApplicantLine, ApplicantPage, LicenceOnFile, PaperOnFile
from jinpu_desk.app.screens.views import Chip, Pair
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.domain.materials import MaterialState, MaterialTick

from .fake_cases import case_line, case_page, png

PLATFORM = LicenceOnFile(
    name="营业执照（演示）", number="演示 1", until="长期", state=Chip("有效", "good"), source="演示机关"
)


class FakeArchive:
    """Implements ``ui.backend_archive``."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.platform_answers = True
        self.spool = [
            WaitingPage(sha256=Digest(f"{n:064x}"), what=f"JPEG {n}00 dpi", hints=()) for n in (2, 3)
        ]
        self.joined: list[Digest] = []

    def find_applicants(self, text: str) -> tuple[ApplicantLine, ...]:
        found = case_line(1)
        return (
            ApplicantLine(
                of=found.case_id, name="演*", identity="2102**********0016", last="11-20 小餐饮许可"
            ),
        )

    def applicant_page(self, of: CaseId, reveal: bool = False) -> ApplicantPage:
        self.calls.append(("applicant", of, reveal))
        return ApplicantPage(
            of=of,
            title="演示甲" if reveal else "演**",
            facts=(Pair("居民身份证", "210213199003070016" if reveal else "2102**********0016"),),
            figures=(Pair("历史办件", "2"), Pair("在办", "1")),
            warnings=("虚假承诺未修复：演示",),
            cases=(case_line(1), case_line(2)),
            papers=(
                PaperOnFile(
                    name="身份证件", taken_on="2026-08-14", until="2027-08-14", good=True, case_no="1"
                ),
            ),
            licences=(),
            revealed=reveal,
        )

    def applicant_licences(self, of: CaseId) -> tuple[LicenceOnFile, ...]:
        if not self.platform_answers:
            raise Unavailable("licence.unreachable")
        return (PLATFORM,)

    def draft_for(self, of: CaseId) -> str:
        self.calls.append(("draft-for", of))
        return "new"

    def check_licences(self, draft: Draft) -> Draft:
        if not self.platform_answers:
            raise Unavailable("licence.unreachable")
        proved = MaterialTick(state=MaterialState.SHARED, note="演示证照 核验")
        return replace(draft, materials=draft.materials | {"id-card": proved})

    def waiting_pages(self, look: bool) -> tuple[WaitingPage, ...]:
        if look:
            self.spool.append(
                WaitingPage(sha256=Digest("9" * 64), what="PDF 3 页", hints=(Chip("空白", "warn"),))
            )
        return tuple(self.spool)

    def waiting_image(self, sha256: Digest, width: int) -> bytes:
        return png(width, width)

    def drop_pages(self, pages: Sequence[Digest]) -> tuple[WaitingPage, ...]:
        self.calls.append(("drop", tuple(pages)))
        self.spool = [page for page in self.spool if page.sha256 not in pages]
        return tuple(self.spool)

    def scan_case(self, case_id: CaseId) -> ScanCase:
        page = case_page(case_line(1), reveal=False)
        return ScanCase(
            case_id=case_id,
            case_no=page.line.case_no,
            title=page.title,
            status="已受理",
            checklist=page.checklist,
            loose=0,
        )

    def join_pages(self, case_id: CaseId, material: str, pages: Sequence[Digest]) -> ScanCase:
        self.calls.append(("join", material, tuple(pages)))
        self.drop_pages(pages)
        return self.scan_case(case_id)
