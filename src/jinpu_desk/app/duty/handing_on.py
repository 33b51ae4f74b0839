"""流转: papers go from a window to a back office and back on slips that both sides sign (DOMAIN C2, §D D14, F13).

A slip is a batch of cases under a number of its own from the window's series. One transaction writes the fact on each
case, the paper once, and the slip into the window's duty book; who holds the originals now follows from the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId, uuid7
from jinpu_desk.domain.rules_after import originals_here

from ..desk import Desk
from ..numbers import next_number, unknown
from ..papers import PaperForm, PaperKind
from ..papers.desk_papers import DeskPaper, make_paper, minute_text
from ..ports import CaseQuery, Transaction
from ..roles import require
from .offices import WINDOW

MOST_CASES = 200
"""Most cases on one slip: what one person can check and sign for."""


@dataclass(frozen=True, slots=True)
class Load:
    """What of a case goes along: originals by material, 件数, 页数."""

    materials: dict[str, int]
    items: int
    pages: int

    @property
    def originals(self) -> int:
        """How many originals in all."""
        return sum(self.materials.values())


class SlipRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A slip as the duty book keeps it. ``paper`` is the issued paper on its first case."""

    slip: CaseNo
    origin: str
    target: str
    cases: tuple[CaseId, ...]
    items: int
    pages: int
    originals: int
    paper: EventId
    sha256: Digest
    note: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip just made, its paper, and its cases after it."""

    record: SlipRecord
    paper: DeskPaper
    cases: tuple[Case, ...]


def load_of(case: Case) -> Load:
    """Return what of a case goes along. The papers of a package lie with the package: a branch takes copies only."""
    held = {} if case.parent else originals_here(case)
    there = [
        tick
        for key, tick in case.materials.items()
        if tick.copies > 0 or key in held or (tick.originals and case.parent)
    ]
    return Load(materials=held, items=len(there), pages=sum(tick.pages for tick in there))


def place(desk: Desk, station: str, window: str) -> str:
    """Return a window as slips name it: 政务服务大厅 综合窗口 07."""
    return f"{desk.stations.get(station, station)} {window}".strip()


def here(desk: Desk) -> str:
    """Return this window as slips name it."""
    return place(desk, desk.replica.station, desk.replica.window)


def holder_of(desk: Desk, case: Case) -> str:
    """Return who has the papers, or had them when they left for somebody who has not signed."""
    return case.holder or place(desk, case.station, case.window)


def target_of(desk: Desk, cases: Sequence[Case], to: str) -> str:
    """Return the name of where ``to`` sends these cases: a department, or with ``window`` back where they came from.

    Raises:
        Refused: ``passing.unknown-department``, ``passing.different-windows``.
    """
    if to.strip() != WINDOW:
        return desk.offices.named(to).name
    windows = {place(desk, case.station, case.window): case for case in cases}
    if len(windows) > 1:
        raise Refused("passing.different-windows", "to", windows="、".join(windows))
    return next(iter(windows))


def usual_target(desk: Desk, case: Case) -> str:
    """Return where the papers of a case usually go next: to the item's department, and from there back."""
    if case.holder and case.holder != here(desk):
        return WINDOW
    found = (desk.catalogue.packages if case.package else desk.catalogue.items).get(case.item)
    department = desk.offices.of(found.authority) if found else None
    return department.key if department else ""


def check(desk: Desk, cases: Sequence[Case], to: str) -> tuple[str, str]:
    """Return (origin, target) of a slip with these cases.

    Raises:
        Refused: ``passing.…`` naming the case that does not fit, ``case.already-on-the-way`` …
    """
    if not cases:
        raise Refused("passing.no-cases", "cases")
    if len(cases) > MOST_CASES:
        raise Refused("passing.too-many", "cases", most=MOST_CASES)
    target = target_of(desk, cases, to)
    origin = ""
    for case in cases:
        check_movable(desk, case)
        held = case.holder or here(desk)
        origin = origin or held
        if held != origin:
            raise Refused(
                "passing.different-holders", case.case_no, case_no=case.case_no, holder=held, other=origin
            )
    if origin == target:
        raise Refused("passing.same-place", "to", target=target)
    return origin, target


def check_movable(desk: Desk, case: Case) -> None:
    """Let the papers of a case go on from here, or refuse: on their way already, or in another station's hands."""
    if case.on_the_way:
        raise Refused("case.already-on-the-way", case.case_no, case_no=case.case_no, slip=case.slip)
    if not case.holder and case.station != desk.replica.station:
        raise Refused("passing.elsewhere", case.case_no, case_no=case.case_no, holder=holder_of(desk, case))


def hand_on(desk: Desk, numbers: Sequence[CaseNo], to: str, note: str = "") -> Slip:
    """Write a slip with these cases.

    Raises:
        Refused: ``role.may-not``, ``case.unknown``, what ``check`` and the rules say; then nothing was written.
    """
    require(desk.roles, desk.clerk.roles, "hand-on")
    known = [_known(desk, number) for number in dict.fromkeys(numbers)]
    with desk.store.transaction() as tx:
        cases = [_fresh(tx, case.id) for case in known]
        return send(desk, tx, cases, to, note)


def send(desk: Desk, tx: Transaction, cases: Sequence[Case], to: str, note: str = "") -> Slip:
    """Write a slip in ``tx``: the fact on each case, the paper once, the line in the duty book."""
    origin, target = check(desk, cases, to)
    number = next_number(desk, tx)
    loads = [load_of(case) for case in cases]
    for case, load in zip(cases, loads, strict=True):
        body = b.HandedOn(
            slip=number,
            origin=origin,
            target=target,
            materials=load.materials,
            items=load.items,
            pages=load.pages,
            handed_on=desk.today(),
        )
        _record(desk, tx, case, body)
    paper = _paper(desk, tx, number, (origin, target), list(zip(cases, loads, strict=True)), note)
    issued = [_record(desk, tx, _fresh(tx, case.id), paper.issued()) for case in cases]
    record = SlipRecord(
        slip=number,
        origin=origin,
        target=target,
        cases=tuple(case.id for case in cases),
        items=sum(load.items for load in loads),
        pages=sum(load.pages for load in loads),
        originals=sum(load.originals for load in loads),
        paper=issued[0],
        sha256=paper.sha256,
        note=note,
    )
    tx.keep_duty(
        "slip",
        duty_id=uuid7(desk.now(), desk.entropy),
        day=desk.today(),
        at=desk.now(),
        clerk=desk.clerk.id,
        data=msgspec.json.encode(record),
    )
    return Slip(record=record, paper=paper, cases=tuple(_fresh(tx, case.id) for case in cases))


def _paper(
    desk: Desk,
    tx: Transaction,
    number: CaseNo,
    way: tuple[str, str],
    loaded: Sequence[tuple[Case, Load]],
    note: str,
) -> DeskPaper:
    rows = tuple(
        (case.case_no, case.terms.item_name, str(load.items), str(load.pages), str(load.originals))
        for case, load in loaded
    )
    return make_paper(
        desk,
        tx,
        PaperKind.D14,
        PaperForm.PLAIN,
        number,
        blanks={
            "origin": way[0],
            "target": way[1],
            "handed_at": minute_text(desk.local(desk.now())),
            "total": total_text([load for _, load in loaded]),
            "note": note,
        },
        tables={"cases": rows},
    )


def total_text(loads: Sequence[Load]) -> str:
    """Return the totals of a slip: 办件 3 宗 · 材料 12 件 · 38 页 · 原件 9 份."""
    items, pages = sum(load.items for load in loads), sum(load.pages for load in loads)
    originals = sum(load.originals for load in loads)
    return f"办件 {len(loads)} 宗 · 材料 {items} 件 · {pages} 页 · 原件 {originals} 份"


def on_slip(desk: Desk, slip: str) -> tuple[Case, ...]:
    """Return the cases whose papers went with a slip last, in the order they got their numbers.

    Raises:
        Refused: ``passing.unknown-slip``.
    """
    with desk.store.reading() as reader:
        cases = tuple(case for _, case in reader.cases(CaseQuery(slip=slip), limit=MOST_CASES))
    if not cases:
        raise Refused("passing.unknown-slip", slip, slip=slip)
    return cases


def take_over(
    desk: Desk, slip: str, numbers: Sequence[CaseNo] = (), *, receiver: str = ""
) -> tuple[Case, ...]:
    """Sign for a slip, whole or case by case; return the cases taken.

    ``receiver`` is who signed the paper, this clerk by default; nobody signs for what they handed on themselves.

    Raises:
        Refused: ``passing.unknown-slip``, ``passing.all-taken``, ``passing.same-hands``, ``case.not-on-this-slip``.
    """
    require(desk.roles, desk.clerk.roles, "take-over")
    return _settle(desk, slip, numbers, lambda case: taking(desk, case, receiver))


def taking(desk: Desk, case: Case, receiver: str = "") -> b.TakenOver:
    """Return the fact that somebody other than who handed it on signs for a case."""
    if case.on_the_way and case.passages[-1].by == desk.clerk.id and not receiver.strip():
        raise Refused("passing.same-hands", "receiver", case_no=case.case_no)
    return b.TakenOver(
        slip=CaseNo(case.slip),
        receiver=receiver.strip() or desk.clerk.display_name,
        taken_on=desk.today(),
    )


def take_back(desk: Desk, slip: str, numbers: Sequence[CaseNo] = ()) -> tuple[Case, ...]:
    """Take back what nobody signed for; the papers are again with who sent them."""
    require(desk.roles, desk.clerk.roles, "hand-on")
    return _settle(desk, slip, numbers, lambda case: taking_back(desk, case))


def taking_back(desk: Desk, case: Case) -> b.TakenOver:
    """Return the fact that the sender has the papers again."""
    return b.TakenOver(
        slip=CaseNo(case.slip), receiver=desk.clerk.display_name, taken_on=desk.today(), returned=True
    )


def turn_down(desk: Desk, slip: str, numbers: Sequence[CaseNo], reason: str) -> tuple[Case, ...]:
    """Note on cases of a slip why nobody signs for them; they stay on the way until the sender takes them back.

    Raises:
        Refused: ``intake.missing`` without a reason or a case, and what ``take_over`` says.
    """
    require(desk.roles, desk.clerk.roles, "take-over")
    if not reason.strip():
        raise Refused("intake.missing", "reason")
    if not numbers:
        raise Refused("passing.no-cases", "cases")
    text = f"流转单 …{slip[-6:]} 未签收：{reason.strip()}"
    return _settle(desk, slip, numbers, lambda _case: b.CaseNoted(text=text))


def _settle(
    desk: Desk, slip: str, numbers: Sequence[CaseNo], made: Callable[[Case], b.Body]
) -> tuple[Case, ...]:
    """Record a fact on the cases of a slip that are still on their way, or on those named."""
    found = on_slip(desk, slip)
    stray = next((number for number in numbers if number not in {case.case_no for case in found}), None)
    if stray is not None:
        raise Refused("case.not-on-this-slip", stray, case_no=stray, slip=slip)
    wanted = [case for case in found if (case.case_no in numbers if numbers else case.on_the_way)]
    if not wanted:
        raise Refused("passing.all-taken", slip, slip=slip)
    with desk.store.transaction() as tx:
        for case in wanted:
            fresh = _fresh(tx, case.id)
            if not fresh.on_the_way or fresh.slip != slip:
                raise Refused("case.not-on-this-slip", case.case_no, case_no=case.case_no, slip=slip)
            _record(desk, tx, fresh, made(fresh))
        return tuple(_fresh(tx, case.id) for case in wanted)


def _known(desk: Desk, number: CaseNo) -> Case:
    case = desk.store.case_by_no(number)
    if case is None:
        raise unknown(desk.store, number)
    return case


def _fresh(tx: Transaction, case_id: CaseId) -> Case:
    case = tx.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    return case


def _record(desk: Desk, tx: Transaction, case: Case, body: b.Body) -> EventId:
    rules.check(case, desk.clerk.id, body)
    event = tx.record(case.id, body, actor=desk.clerk.id, at=desk.now(), catalogue=case.catalogue)
    return event.header.id
