"""The window's backend: the app's functions over the desk that is open now."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from jinpu_desk.app import (
    attach,
    case_view,
    intake,
    intake_view,
    labels,
    menu,
    paperwork,
    printing,
    verbs,
    workbench,
)
from jinpu_desk.app.application import from_draft
from jinpu_desk.app.archive import look_up, with_reused
from jinpu_desk.app.assess import assess
from jinpu_desk.app.desk import Desk
from jinpu_desk.app.drafts import Draft
from jinpu_desk.app.papers import PaperForm, PaperKind, parse_tick_code
from jinpu_desk.app.ports import SavedDraft
from jinpu_desk.app.ports_devices import IdReader, IncomingPage, Printing, TurnedAway
from jinpu_desk.app.ports_sync import SyncRound
from jinpu_desk.app.roles import labels as role_labels
from jinpu_desk.app.views import (
    Badges,
    CaseFilter,
    CaseLine,
    CasePage,
    DeviceLine,
    IntakeDone,
    IntakePage,
    MenuItem,
    Preview,
    ScanTarget,
    SyncPage,
    SyncTruth,
    Who,
    Workbench,
)
from jinpu_desk.app.workbench import Link
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.devices.spool import Spool
from jinpu_desk.domain.case import Case, Paper
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.numbering import parse_case_no

from .late_papers import LatePapers
from .messenger import Messenger
from .opening import Enrolment, OpenDesk, open_desk, unlock

PRODUCT = "金普窗口通"


class DeskBackend:
    """Implements ``ui.backend.Backend``. Calls come from the window's workers, one at a time per kind."""

    def __init__(
        self,
        enrolment: Enrolment,
        *,
        printers: Printing,
        reader: IdReader | None,
        scan_folder: Path | None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Join an enrolled home with its devices; nobody is logged in yet."""
        self._enrolment = enrolment
        self._printers = printers
        self._reader = reader
        self._changed = changed
        home = enrolment.home
        self._inbox = HotFolder(scan_folder or home.folder("hot"), Spool(home.folder("spool")))
        self._papers = LatePapers(enrolment.parts)
        self._opened: OpenDesk | None = None
        self._messenger: Messenger | None = None
        self._index: tuple[str, ItemIndex] | None = None
        self._owner: dict[EventId, CaseId] = {}
        # While somebody types a password, what comes after it is loaded.
        threading.Thread(target=_load_rooms, name="load", daemon=True).start()

    # Door

    def known_clerks(self) -> tuple[str, ...]:
        """Return the logins that have a key slot here."""
        return tuple(self._enrolment.ring.clerks())

    def login(self, clerk: str, password: str) -> None:
        """Unlock the desk and start the messenger."""
        data_key, grant = unlock(self._enrolment, clerk, password)
        self.lock()
        self._opened = open_desk(self._enrolment, data_key, grant, self._papers)
        self._messenger = Messenger(self._opened, self._changed)
        self._messenger.start()
        # The first paper and the first item search should not wait for fonts and dictionaries.
        threading.Thread(target=self._warm, args=(self._opened.desk,), name="warm", daemon=True).start()

    def _warm(self, desk: Desk) -> None:
        self._papers.warm()
        self._index = (desk.catalogue.digest, ItemIndex(desk.catalogue))
        for (
            key
        ) in desk.catalogue.items:  # compiles their conditions; the first page would take a third of a second
            intake_view.intake_page(desk, Draft(id="warm", target=key))

    def lock(self) -> None:
        """Stop the messenger, close the store and forget the key."""
        if self._messenger is not None:
            self._messenger.stop()
        if self._opened is not None:
            self._opened.close()
        self._messenger = self._opened = None
        self._owner.clear()

    def who(self) -> Who:
        """Return who and where, or only where while nobody is in."""
        replica = self._enrolment.replica
        opened = self._opened
        return Who(
            product=PRODUCT,
            station=replica.station_name,
            window=replica.window,
            clerk=opened.desk.clerk.display_name if opened else "",
            roles=role_labels(opened.desk.roles, opened.desk.clerk.roles) if opened else (),
            training=replica.training,
        )

    def sentence(self, error: DeskError) -> tuple[str, str]:
        """Return the sentence and the one thing to do."""
        return self._enrolment.parts.sentences.of(error)

    @property
    def _desk(self) -> Desk:
        if self._opened is None:
            raise Refused("login.needed")
        return self._opened.desk

    # Intake

    def menu(self, text: str) -> tuple[MenuItem, ...]:
        """Find items and packages."""
        desk = self._desk
        if self._index is None or self._index[0] != desk.catalogue.digest:
            self._index = (desk.catalogue.digest, ItemIndex(desk.catalogue))
        return menu.menu(desk, self._index[1], text)

    def new_draft(self) -> Draft:
        """Return an empty page."""
        return Draft(id=str(uuid.uuid4()))

    def open_draft(self, draft_id: str) -> Draft:
        """Return a saved page. Raises Refused ``draft.gone``."""
        saved = self._desk.store.draft(draft_id)
        if saved is None:
            raise Refused("draft.gone")
        return msgspec.json.decode(saved.state, type=Draft)

    def save_draft(self, draft: Draft) -> None:
        """Keep the page as it is."""
        desk = self._desk
        name = self._target_name(draft)
        who = draft.applicant.name
        saved = SavedDraft(
            id=draft.id,
            title=" · ".join(part for part in (name, who) if part) or "未选事项",
            clerk=desk.clerk.id,
            saved_at=int(desk.now().timestamp() * 1000),
            state=msgspec.json.encode(draft),
        )
        with desk.store.transaction() as tx:
            tx.keep_draft(saved)

    def _target_name(self, draft: Draft) -> str:
        catalogue = self._desk.catalogue
        found = (catalogue.packages if draft.package else catalogue.items).get(draft.target)
        return found.name if found is not None else ""

    def drop_draft(self, draft_id: str) -> None:
        """Forget the page."""
        with self._desk.store.transaction() as tx:
            tx.drop_draft(draft_id)

    def intake_page(self, draft: Draft) -> IntakePage:
        """Explain the page."""
        return intake_view.intake_page(self._desk, draft)

    def reuse(self, draft: Draft) -> Draft:
        """Fill the page from the applicant's file."""
        seen = assess(self._desk, from_draft(draft, Outcome.RECEIVE))
        archive = look_up(self._desk, seen.application.applicant, seen.subject)
        if archive is None or not archive.cases:
            raise Refused("archive.nothing")
        return with_reused(draft, archive, seen.subject.rules)

    def read_card(self, draft: Draft) -> Draft:
        """Fill the applicant from the card on the reader."""
        if self._reader is None:
            raise Unavailable("device.id-reader.none")
        card = self._reader.read()
        if card is None:
            raise Unavailable("device.id-reader.no-card")
        applicant = msgspec.structs.replace(
            draft.applicant,
            type="person",
            name=card.name,
            id_type="111",
            id_no=card.number,
            address=draft.applicant.address or card.address,
            entry="card",
        )
        return msgspec.structs.replace(draft, applicant=applicant)

    def attach_file(self, draft: Draft, material: str, path: Path) -> Draft:
        """Attach a file the clerk picked."""
        return attach.attach_file(self._desk, self._inbox, draft, material, path)

    def take_hot_pages(self, draft: Draft, material: str) -> Draft:
        """Attach what the scanner left since the last call."""
        taken = [*self._inbox.unreleased()]
        held = {page.sha256 for page in taken}
        for found in self._settled():
            if isinstance(found, IncomingPage) and found.sha256 not in held:
                taken.append(found)
            elif isinstance(found, TurnedAway):
                raise Refused(found.code, found.path.name, article="", **found.params)
        if not taken:
            raise Unavailable("scan.nothing")
        return attach.attach_pages(self._desk, self._inbox, draft, material, taken)

    def _settled(self) -> list[IncomingPage | TurnedAway]:
        """Look twice, the settling time apart, because one look cannot tell whether a file still grows."""
        first = self._inbox.poll(_monotonic_ms())
        time.sleep(1.0)
        return [*first, *self._inbox.poll(_monotonic_ms())]

    def page_image(self, sha256: Digest, width: int) -> bytes:
        """Return the first page of an attachment as a PNG ``width`` pixels wide."""
        from jinpu_desk.documents.thumbnail import thumbnail

        return thumbnail(self._desk.blobs.get(sha256), width)

    def submit(self, draft: Draft, outcome: Outcome) -> IntakeDone:
        """Take the page in."""
        desk = self._desk
        taken = intake.take_in(desk, from_draft(draft, outcome))
        case = desk.store.case(taken.case.id) or taken.case
        self._remember(case)
        if self._messenger is not None:
            self._messenger.nudge()
        return IntakeDone(
            case_id=case.id,
            case_no=case.case_no,
            headline=labels.STATUS_LABELS[case.status],
            papers=tuple(case_view.paper_line(desk, paper) for paper in case.papers),
        )

    # Cases

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
        """Return an issued paper as it was."""
        case, found = self._paper(paper)
        data = self._desk.store.paper(found.sha256)
        if data is None:
            raise Unavailable("paper.bytes-elsewhere", kind=PaperKind(found.kind).label)
        return _preview(case, found, data)

    def reprint(self, paper: EventId, reason: str) -> Preview:
        """Record a reprint and return it."""
        case, found = self._paper(paper)
        after, data = paperwork.reprint(self._desk, case, found, reason)
        return _preview(after, found, data)

    def page_png(self, pdf: bytes, page: int, dpi: int) -> bytes:
        """Return one page of a PDF as PNG."""
        image = self._papers.pages(pdf, dpi)[page]
        out = BytesIO()
        Image.frombytes("RGB", (image.width, image.height), image.rgb).save(out, "PNG", compress_level=1)
        return out.getvalue()

    def printers(self) -> tuple[str, ...]:
        """Return the printers, the default first."""
        return tuple(printer.name for printer in self._printers.printers())

    def print_paper(self, paper: EventId, printer: str, copies: int) -> str:
        """Hand a paper to a printer. Raises Unavailable when the printer did not take it; the ledger says so."""
        case, found = self._paper(paper)
        data = self._desk.store.paper(found.sha256)
        if data is None:
            raise Unavailable("paper.bytes-elsewhere", kind=PaperKind(found.kind).label)
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
        if case is None:
            raise Refused("scan.unknown")
        printing.confirm(self._desk, case.id)
        return ScanTarget(case_id=case.id)

    def _remember(self, case: Case) -> None:
        for paper in case.papers:
            self._owner[paper.id] = case.id

    def _paper(self, paper: EventId) -> tuple[Case, Paper]:
        case = self._desk.store.case(self._owner[paper]) if paper in self._owner else None
        found = next((p for p in case.papers if p.id == paper), None) if case else None
        if case is None or found is None:
            raise Refused("paper.unknown")
        return case, found

    # State

    def truth(self) -> SyncTruth:
        """Return the pill."""
        return workbench.truth(self._desk, self._link())

    def badges(self) -> Badges:
        """Return the navigation's numbers."""
        return workbench.badges(self._desk)

    def workbench(self) -> Workbench:
        """Return the workbench."""
        printing.follow(self._desk, self._printers)
        return workbench.workbench(self._desk)

    def devices(self) -> tuple[DeviceLine, ...]:
        """Return the devices of the status bar."""
        return (
            self._printer_line(),
            self._reader_line(),
            DeviceLine(label="扫描", state="就绪", tone="good"),
        )

    def _printer_line(self) -> DeviceLine:
        try:
            printer = self._printers.printers()[0]
        except (IndexError, Unavailable):
            return DeviceLine(label="打印机", state="未连接", tone="warn")
        if printer.problem:
            problem = self._enrolment.parts.sentences.text(printer.problem).rstrip("。")
            return DeviceLine(label="打印机", state=problem, tone="bad")
        return DeviceLine(label="打印机", state="就绪", tone="good")

    def _reader_line(self) -> DeviceLine:
        if self._reader is None:
            return DeviceLine(label="读卡器", state="未配置", tone="neutral")
        return DeviceLine(label="读卡器", state="就绪", tone="good")

    def sync_page(self) -> SyncPage:
        """Return 同步."""
        return workbench.sync_page(self._desk, self._link())

    def sync_now(self) -> SyncRound:
        """Run one round now."""
        if self._messenger is None:
            raise Refused("login.needed")
        return self._messenger.sync_now()

    def _link(self) -> Link:
        return self._messenger.link if self._messenger else Link(online=False)


def _load_rooms() -> None:
    """Import the store and the papers ahead of their first use."""
    import jinpu_desk.documents.shop
    import jinpu_desk.store.desk  # noqa: F401


def _preview(case: Case, paper: Paper, data: bytes) -> Preview:
    from jinpu_desk.documents.thumbnail import page_count

    title = case_view.title_of(PaperKind(paper.kind), PaperForm(paper.variant or "plain"))
    return Preview(
        title=title, case_no=CaseNo(case.case_no), paper=paper.id, pdf=data, pages=page_count(data)
    )


def _number_in(text: str) -> CaseNo | None:
    """Return the case number of a Code 128 or of a statement's address (…/p/NUMBER#…)."""
    bare = text.strip()
    if "/p/" in bare:
        bare = bare.partition("/p/")[2].partition("#")[0]
    try:
        return CaseNo(parse_case_no(bare).text)
    except Refused:
        return None


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
