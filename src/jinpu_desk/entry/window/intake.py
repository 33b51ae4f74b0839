"""The intake page's half of the window's backend."""

from __future__ import annotations

import uuid
from pathlib import Path

import msgspec

from jinpu_desk.app import labels
from jinpu_desk.app.intake import attach, intake_view, keeping, menu, places, pre_applied
from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.archive import look_up, with_reused
from jinpu_desk.app.intake.assess import assess
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.ports.devices import IncomingPage, TurnedAway
from jinpu_desk.app.screens import case_view
from jinpu_desk.app.screens.views import IntakeDone, IntakePage, MenuItem, PlaceView
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, Digest

from .base import OpenHome


class IntakeCalls(OpenHome):
    """Implements ``ui.backend.IntakeDesk``."""

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
        """Return a saved page, or that of a case that waits to be taken in. Raises Refused ``draft.gone``."""
        saved = self._desk.store.draft(draft_id)
        if saved is None:
            return pre_applied.open_page(self._desk, CaseId(draft_id))
        return msgspec.json.decode(saved.state, type=Draft)

    def save_draft(self, draft: Draft) -> None:
        """Keep the page as it is."""
        keeping.keep(self._desk, draft)

    def drop_draft(self, draft_id: str) -> None:
        """Forget the page."""
        with self._desk.store.transaction() as tx:
            tx.drop_draft(draft_id)

    def intake_page(self, draft: Draft) -> IntakePage:
        """Explain the page."""
        return intake_view.intake_page(self._desk, draft)

    def find_place(self, register: str, text: str) -> tuple[PlaceView, ...]:
        """Find entries of a published register."""
        return places.found(self._desk, register, text)

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
        with self._scanning:
            return self._take_hot_pages(draft, material)

    def _take_hot_pages(self, draft: Draft, material: str) -> Draft:
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

    def page_image(self, sha256: Digest, width: int) -> bytes:
        """Return the first page of an attachment as a PNG ``width`` pixels wide; one of another window is fetched."""
        return self._papers.thumbnail(self._scan(sha256), width)

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
