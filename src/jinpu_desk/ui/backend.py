"""What the window asks of the rest of the product, as one Protocol: the composition root passes the real one, tests
a small one in memory. Every call but ``intake_page`` may touch disk, so all of them run in ``jobs``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens.sync_view import SyncPage
from jinpu_desk.app.screens.views import (
    Badges,
    CaseLine,
    CasePage,
    DeviceLine,
    IntakeDone,
    IntakePage,
    MenuItem,
    PlaceView,
    Preview,
    ScanTarget,
    SyncTruth,
    Who,
    Workbench,
)
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId, Digest, EventId

from .backend_archive import ArchiveDesk, ScanDesk
from .backend_bundle import BundleDesk, CountingDesk
from .backend_calendar import CalendarDesk
from .backend_conflicts import ConflictDesk
from .backend_delivery import DeliveryDesk
from .backend_movement import DutyDesk, PassingDesk
from .backend_reports import ReportDesk


class Door(Protocol):
    """Who comes in. Works without a network."""

    def known_clerks(self) -> tuple[str, ...]:
        """Return the logins that have a key slot on this desk, the last one used first."""
        ...

    def login(self, clerk: str, password: str) -> None:
        """Unlock the desk. Raises Refused ``login.…``; ``login.locked`` carries the param ``minutes``."""
        ...

    def lock(self, idle: bool = False) -> None:
        """Answer nothing until a password is given again; drafts are already saved, and what is saved goes on being
        sent. ``idle`` when nobody touched the window."""
        ...

    def who(self) -> Who: ...

    def sentence(self, error: DeskError) -> tuple[str, str]:
        """Return the sentence a clerk understands, and one thing to do."""
        ...


class IntakeDesk(Protocol):
    """The intake page's questions and intents. Drafts are values: each intent returns the next one."""

    def menu(self, text: str) -> tuple[MenuItem, ...]:
        """Find items and packages by pinyin initials, code or Chinese; all of them for an empty text."""
        ...

    def new_draft(self) -> Draft: ...

    def open_draft(self, draft_id: str) -> Draft: ...

    def save_draft(self, draft: Draft) -> None: ...

    def drop_draft(self, draft_id: str) -> None: ...

    def intake_page(self, draft: Draft) -> IntakePage:
        """Explain a draft; pure and quick (below 5 ms), asked after every edit."""
        ...

    def find_place(self, register: str, text: str) -> tuple[PlaceView, ...]:
        """Find entries of a published register by name, pinyin, address or key; all of them for an empty text."""
        ...

    def reuse(self, draft: Draft) -> Draft:
        """Fill contact, form and materials from the archive."""
        ...

    def read_card(self, draft: Draft) -> Draft:
        """Fill the applicant from the ID reader. Raises Unavailable when none is configured or no card lies on it."""
        ...

    def attach_file(self, draft: Draft, material: str, path: Path) -> Draft: ...

    def take_hot_pages(self, draft: Draft, material: str) -> Draft:
        """Attach what the scanner has put into the hot folder since the last call."""
        ...

    def page_image(self, sha256: Digest, width: int) -> bytes:
        """Return the first page of an attachment as a PNG of ``width`` pixels."""
        ...

    def submit(self, draft: Draft, outcome: Outcome) -> IntakeDone:
        """Take the page in. Raises Refused or Unavailable; then nothing was written."""
        ...


class CaseDesk(Protocol):
    """Lists, cases, their papers and the printers."""

    def cases(self, only: str, after: str | None) -> tuple[tuple[CaseLine, ...], str | None]:
        """Return a page of rows of a ``CaseFilter`` and the key the next page starts after, None at the end."""
        ...

    def count(self, only: str) -> int: ...

    def search(self, text: str) -> tuple[CaseLine, ...]: ...

    def case_page(self, case_id: CaseId, reveal: bool = False) -> CasePage:
        """Return one case whole; ``reveal`` shows personal data and is logged."""
        ...

    def act(self, case_id: CaseId, verb: str, data: dict[str, Any]) -> CasePage: ...

    def preview(self, paper: EventId) -> Preview: ...

    def reprint(self, paper: EventId, reason: str) -> Preview: ...

    def page_png(self, pdf: bytes, page: int, dpi: int) -> bytes:
        """Return page ``page`` (from 0) of a PDF as PNG."""
        ...

    def printers(self) -> tuple[str, ...]: ...

    def print_paper(self, paper: EventId, printer: str, copies: int) -> str:
        """Queue a paper; return the id of its line in the print ledger."""
        ...

    def scan(self, text: str) -> ScanTarget:
        """Tell what a barcode gun read. Raises Refused when it means nothing here."""
        ...


class StateDesk(Protocol):
    """What is always visible, and 同步."""

    def truth(self) -> SyncTruth: ...

    def badges(self) -> Badges: ...

    def workbench(self) -> Workbench: ...

    def devices(self) -> tuple[DeviceLine, ...]: ...

    def sync_page(self) -> SyncPage: ...

    def sync_now(self) -> SyncRound: ...


class Backend(
    Door,
    IntakeDesk,
    CaseDesk,
    StateDesk,
    CalendarDesk,
    BundleDesk,
    CountingDesk,
    ConflictDesk,
    ArchiveDesk,
    ScanDesk,
    DeliveryDesk,
    ReportDesk,
    PassingDesk,
    DutyDesk,
    Protocol,
):
    """All of it."""
