"""What clerks do: anything their desk's fold of the case allows, in any order, with numbers, papers and scans."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import DeskError, Refused
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, Digest, EventId
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.numbering import make_case_no, render_doc_no
from jinpu_desk.domain.rules_conflict import check_any
from jinpu_desk.store.eventlog import set_aside
from samples.cases import CLERK, REVIEWER, received

from .book import Book
from .desk import Desk
from .desk_store import Transaction, instant
from .programs import Beckoned

_FIELDS = ("form.name", "applicant.phone", "external_no", "answers.mode")


class Told:
    """What clerks were told is saved: events and the numbers that were given out with them."""

    def __init__(self) -> None:
        self.events: dict[EventId, Event] = {}
        self.by_older: set[EventId] = set()
        self.forgone: set[EventId] = set()
        self.forgone_scans: set[Digest] = set()
        self.case_numbers: dict[CaseNo, CaseId] = {}
        self.doc_numbers: dict[str, EventId] = {}
        self.clashes: list[str] = []

    def add(self, event: Event, case_no: CaseNo | None, doc_no: str) -> None:
        """A transaction came back: the clerk reads numbers out and puts papers down."""
        header = event.header
        self.events[header.id] = event
        if case_no and self.case_numbers.setdefault(case_no, header.case) != header.case:
            self.clashes.append(f"case number {case_no}")
        if doc_no and self.doc_numbers.setdefault(doc_no, header.id) != header.id:
            self.clashes.append(f"document number {doc_no}")


class Counter:
    """The cases of one history and what is left to be done with them."""

    def __init__(self, random: Random, cases: int, told: Told, *, skew: bool = False) -> None:
        self.random = random
        self.told = told
        self.opened: list[CaseId] = []
        self._cases = cases
        self._skew = skew

    def act(self, desk: Desk) -> None:
        """Let the clerk of a desk try one thing."""
        store, at = desk.store, instant(desk.machine.now())
        known = [case_id for case_id in store.book.cases if store.case(case_id) is not None]
        opening = not known or (len(self.opened) < self._cases and self.random.random() < 0.3)
        case_id = self._new_case() if opening else self.random.choice(known)
        scan = self._scan(desk) if not opening and self.random.random() < 0.15 else None
        case_no: list[CaseNo] = []

        def change(book: Book) -> Event | None:
            tx = Transaction(store, book, at, self.random)
            case = store.case(case_id)
            if opening:
                case_no.append(self._number(desk, tx, at.date()))
                return tx.record(case_id, received(case_no=case_no[0]), CLERK)
            if case is None:  # the centre set its beginning aside while the clerk looked for the scan
                raise Refused("case.unknown", case_id)
            actor, body = self._news(desk) or self._idea(case, book, tx, scan)
            check_any(case, actor, body, set_aside(book.of_case(case_id)))
            return tx.record(case_id, body, actor)

        try:
            event = store.record(change)
        except DeskError as error:
            desk.machine.note(f"{desk.name} cannot write: {error.code}")
            return
        assert event is not None
        if opening:
            self.opened.append(case_id)
        self.told.add(event, case_no[0] if case_no else None, _doc_no(event))
        header = event.header
        if not desk.machine.newer:
            self.told.by_older.add(header.id)
        desk.machine.note(f"{desk.name} {header.type} {header.case[-4:]} {header.seq} {header.id}")
        desk.nudge()

    def _new_case(self) -> CaseId:
        return CaseId(f"01900000-0000-7000-8000-{self.random.getrandbits(48):012x}")

    def _number(self, desk: Desk, tx: Transaction, day: date) -> CaseNo:
        replica = desk.home.identity.seen.replica
        serial = tx.next_serial(day)
        return make_case_no(replica.division, replica.station, int(replica.series), day, serial)

    def _news(self, desk: Desk) -> tuple[ClerkId, b.Body] | None:
        """What a clerk at the newer program does that the older does not know."""
        if not (self._skew and desk.machine.newer and self.random.random() < 0.4):
            return None
        return CLERK, Beckoned(changes={self.random.choice(_FIELDS): ("", self.random.choice("甲乙"))})

    def _scan(self, desk: Desk) -> tuple[Digest, int] | None:
        data = self.random.randbytes(24)
        try:
            return desk.blobs.put(data), len(data)
        except DeskError:
            return None

    def _idea(
        self, case: Case, book: Book, tx: Transaction, scan: tuple[Digest, int] | None
    ) -> tuple[ClerkId, b.Body]:
        random, day = self.random, date(2026, 9, 18)
        if scan is not None:
            attached = b.PagesAttached(
                material="application", sha256=scan[0], media_type="image/jpeg", size=scan[1]
            )
            return CLERK, attached
        word, path = random.choice("甲乙"), random.choice(_FIELDS)
        tick = MaterialTick(state=MaterialState.RECEIVED, pages=random.randint(1, 2))
        choice = random.randrange(13)
        match choice:
            case 0 | 1:
                return CLERK, b.FieldsEdited(changes={path: ("", word)})
            case 2:
                key = random.choice(("layout", "application"))
                return CLERK, b.MaterialsTicked(ticks={key: tick})
            case 3:
                return CLERK, b.CaseNoted(text=word)
            case 4:
                return CLERK, b.CaseAccepted(accepted_on=day, supplement_by={"layout": day})
            case 5:
                return CLERK, b.CaseSupplemented(ticks={"layout": tick}, arrived_on=day)
            case 6:
                return CLERK, b.CaseWithdrawn(reason=word)
            case 7:
                return CLERK, b.ClockPaused(reason=word, start=day, approver="demo")
            case 8:
                return REVIEWER, b.CaseDecided(approved=random.random() < 0.5, decided_on=day, reason=word)
            case 9:
                return CLERK, b.ResultHandedOut(method="pick-up", handed_on=day)
            case 10 | 11:
                return self._paper(tx)
            case _:
                return self._resolution(case, book, word)

    def _paper(self, tx: Transaction) -> tuple[ClerkId, b.Body]:
        number = tx.next_doc_no("D2", 2026)
        doc_no = render_doc_no(number[0], 2026, number[1]) if number else ""
        digest = Digest(self.random.randbytes(32).hex())
        paper = b.PaperIssued(kind="D2", doc_no=doc_no, sha256=digest, facts_digest=digest, pages=1)
        return CLERK, paper

    def _resolution(self, case: Case, book: Book, word: str) -> tuple[Any, b.Body]:
        parked = [kept for kept in book.of_case(case.id) if kept.outcome == "parked"]
        if not parked:
            return CLERK, b.CaseNoted(text=word)
        chosen = self.random.choice(parked).event.header.id
        return CLERK, b.ConflictResolved(parked=chosen, keep=self.random.random() < 0.5, reason=word)


def _doc_no(event: Event) -> str:
    if event.header.type != "case.paper-issued" or event.body is None:
        return ""
    return msgspec.json.decode(event.body, type=b.PaperIssued).doc_no
