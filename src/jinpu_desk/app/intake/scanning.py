"""扫描: pages that wait, and the recorded case they are joined to (DOMAIN F4, F13)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.case import DECIDED, TERMINAL, Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.domain.materials import MaterialState, MaterialTick

from ..desk import Desk
from ..labels import STATUS_LABELS
from ..ports.devices import IncomingPage, PageHint, ScanInbox
from ..roles import require
from ..screens.checklist_view import checklist
from ..screens.views import ChecklistLine, Chip
from .attach import info_of
from .drafts import FileInfo
from .subject import subject_of_case

HINTS = {PageHint.BLANK: "空白", PageHint.BLURRED: "模糊", PageHint.COARSE: "太粗"}
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF", "application/pdf": "PDF"}


class WaitingPage(msgspec.Struct, frozen=True, kw_only=True):
    """A finished scan nobody has claimed yet."""

    sha256: Digest
    what: str  # PDF 3 页, JPEG 300 dpi
    hints: tuple[Chip, ...]


class ScanCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case pages are joined to."""

    case_id: CaseId
    case_no: str
    title: str
    status: str
    checklist: tuple[ChecklistLine, ...]
    loose: int  # pages joined to the case but to no material


def waiting(pages: Sequence[IncomingPage]) -> tuple[WaitingPage, ...]:
    """Return the scans in the spool as the page shows them, the oldest first."""
    return tuple(
        WaitingPage(
            sha256=Digest(page.sha256),
            what=_what(page),
            hints=tuple(Chip(HINTS[hint], "warn") for hint in page.hints),
        )
        for page in pages
    )


def _what(page: IncomingPage) -> str:
    kind = FORMATS[str(page.media_type)]
    if page.pages > 1:
        return f"{kind} {page.pages} 页"
    return f"{kind} {page.dpi} dpi" if page.dpi else f"{kind} {page.width_px}×{page.height_px}"


def scan_case(desk: Desk, case_id: CaseId) -> ScanCase:
    """Return the case with its checklist. Refused ``case.unknown``."""
    case = desk.store.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    subject = subject_of_case(desk, case)
    known = {rule.key for rule in subject.rules}
    return ScanCase(
        case_id=case.id,
        case_no=case.case_no,
        title=case.terms.item_name,
        status=STATUS_LABELS[case.status],
        checklist=checklist(desk, case, subject.rules),
        loose=sum(page.pages for page in case.attachments if page.material not in known),
    )


def attach(
    desk: Desk, inbox: ScanInbox, case_id: CaseId, material: str, pages: Sequence[IncomingPage]
) -> Case:
    """Join scans to a material of a recorded case, or to the case itself with ``material`` empty.

    The pages are durable before the case names them. A material that lacked is then there while the case is open; one
    that is tolerated stays so until it is supplemented, and a decided case only gains pages.

    Raises:
        Refused: ``role.may-not``, ``case.unknown``, ``intake.unknown-material``, ``scan.no-pages``.
    """
    require(desk.roles, desk.clerk.roles, "attach")
    if not pages:
        raise Refused("scan.no-pages")
    known = desk.store.case(case_id)
    if known is None:
        raise Refused("case.unknown", case_id)
    if material and material not in {rule.key for rule in subject_of_case(desk, known).rules}:
        raise Refused("intake.unknown-material", material, material=material)
    kept = {desk.blobs.put(inbox.read(page.sha256)): info_of(page) for page in pages}
    with desk.store.transaction() as tx:
        case = tx.case(case_id)
        if case is None:
            raise Refused("case.unknown", case_id)
        for body in _bodies(case, material, kept):
            rules.check(case, desk.clerk.id, body)
            tx.record(case_id, body, actor=desk.clerk.id, at=desk.now(), catalogue=case.catalogue)
        after = tx.case(case_id)
    for page in pages:
        inbox.release(page.sha256)
    if after is None:
        raise AssertionError(case_id)
    return after


def _bodies(case: Case, material: str, kept: dict[Digest, FileInfo]) -> list[b.Body]:
    """Return the facts that join ``kept`` to the case; what it already holds is not joined twice."""
    held = {page.sha256 for page in case.attachments if page.material == material}
    fresh = {sha: info for sha, info in kept.items() if sha not in held}
    bodies: list[b.Body] = [
        b.PagesAttached(
            material=material, sha256=sha, media_type=info.media_type, size=info.size, pages=info.pages
        )
        for sha, info in fresh.items()
    ]
    if material and fresh and case.status not in TERMINAL | DECIDED:
        tick = case.materials.get(material, MaterialTick())
        lacked = tick.state is MaterialState.LACKING and material not in case.supplement_by
        ticked = replace(
            tick,
            state=MaterialState.RECEIVED if lacked else tick.state,
            copies=tick.copies if tick.originals or tick.copies else 1,
            pages=tick.pages + sum(info.pages for info in fresh.values()),
            files=(*tick.files, *fresh),
        )
        bodies.append(b.MaterialsTicked(ticks={material: ticked}))
    return bodies
