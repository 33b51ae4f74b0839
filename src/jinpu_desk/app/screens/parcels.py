"""寄件: several results posted in one go, their labels, and the list that goes to the post office (DOMAIN §F 18)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from jinpu_desk.domain.case import Case, DeliverState, Delivery
from jinpu_desk.domain.errors import DeskError, Refused
from jinpu_desk.domain.ids import CaseId, EventId

from ..desk import Desk
from ..intake.subject import subject_of_case
from ..papers import PaperForm, PaperKind
from ..papers.paperwork import issue
from ..papers.result import served_rows
from ..ports import CaseQuery
from ..roles import require
from ..verbs import act as verbs
from ..verbs.recipients import parcel_of
from .case_view import paper_line
from .delivery_views import ParcelLine, Posted
from .delivery_ways import masked_parcel
from .views import PaperLine

LOOKED_AT = 1000
"""Most waiting results looked through for those that were to be posted."""
COLUMNS = ("序号", "邮件号", "收件人", "联系电话", "收件地址", "内件", "份数", "办件编号")
_FORMULA = tuple("=+-@\t\r")


def parcels(desk: Desk) -> tuple[ParcelLine, ...]:
    """Return the waiting results whose applicants chose the post, in the order they were taken in."""
    query = CaseQuery(deliver_state=str(DeliverState.WAITING))
    with desk.store.reading() as reader:
        return tuple(
            _line(case) for _row, case in reader.cases(query, limit=LOOKED_AT) if case.delivery == "post"
        )


def parcel(desk: Desk, case_id: CaseId) -> ParcelLine:
    """Return one result as a parcel, whatever the applicant chose.

    Raises:
        Refused: ``case.unknown``, ``case.no-result-yet``, ``case.already-served``.
    """
    case = desk.store.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    if case.decision is None or case.voided:
        raise Refused("case.no-result-yet", case_no=case.case_no)
    if case.deliver_state is DeliverState.SERVED:
        raise Refused("case.already-served", case_no=case.case_no)
    return _line(case)


def _line(case: Case) -> ParcelLine:
    found = parcel_of(case)
    name, phone, address = masked_parcel(case, found)
    return ParcelLine(
        case_id=case.id,
        case_no=case.case_no,
        text=f"{name} · {case.terms.item_name} · …{case.case_no[-5:]}",
        to=" · ".join(part for part in (phone, address) if part),
        problem="" if address else "没有收件地址，请单独办理邮寄",
    )


def post(desk: Desk, entries: Sequence[tuple[CaseId, str]]) -> Posted:
    """Post each of ``entries`` (case, tracking number), and issue its label; one that is refused stops no other.

    Raises:
        Refused: ``delivery.tracking-twice`` when two parcels have the same number; nothing was written.
    """
    numbers = [number.strip().upper() for _case, number in entries]
    twice = next((number for number, count in Counter(numbers).items() if count > 1), "")
    if twice:
        raise Refused("delivery.tracking-twice", "tracking_no", number=twice)
    sent: list[CaseId] = []
    problems: dict[CaseId, str] = {}
    labels: list[PaperLine] = []
    for case_id, number in entries:
        try:
            labels.append(_post(desk, case_id, number))
            sent.append(case_id)
        except DeskError as error:
            problems[case_id] = desk.sentences.of(error)[0]
    return Posted(sent=tuple(sent), problems=problems, labels=tuple(labels))


def _post(desk: Desk, case_id: CaseId, number: str) -> PaperLine:
    case = desk.store.case(case_id)
    if case is None:
        raise Refused("case.unknown", case_id)
    after = verbs.act(desk, case.case_no, "hand-out", {"method": "post", "tracking_no": number}).case
    with desk.store.transaction() as tx:
        label = issue(desk, tx, after, PaperKind.D16, PaperForm.EMS).event
    return _paper(desk, case_id, label)


def _paper(desk: Desk, case_id: CaseId, paper: EventId) -> PaperLine:
    case = desk.store.case(case_id)
    assert case is not None  # it was posted just now
    return next(paper_line(desk, one) for one in case.papers if one.id == paper)


def parcel_list(desk: Desk) -> bytes:
    """Return what was posted today as CSV for a spreadsheet, UTF-8 with a mark; that it left is logged.

    Raises:
        Refused: ``role.may-not``, ``delivery.nothing-posted``.
    """
    require(desk.roles, desk.clerk.roles, "hand-out")
    rows = [_row(desk, case, one) for case, one in _posted_today(desk)]
    if not rows:
        raise Refused("delivery.nothing-posted")
    with desk.store.transaction() as tx:
        tx.log_reveal(desk.clerk.id, "parcel-list", None, desk.now())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows((str(place), *map(_plain, row)) for place, row in enumerate(rows, start=1))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _posted_today(desk: Desk) -> Iterator[tuple[Case, Delivery]]:
    today = desk.today()
    with desk.store.reading() as reader:
        for _row, case in reader.cases(CaseQuery(changed_from=today)):
            for one in case.deliveries:
                if one.service == "post" and one.handed_on == today:
                    yield case, one


def _row(desk: Desk, case: Case, one: Delivery) -> tuple[str, ...]:
    contents = "、".join(row[0] for row in served_rows(case, subject_of_case(desk, case)))
    return (
        one.tracking_no,
        one.recipient,
        one.phone,
        one.place,
        contents,
        str(one.copies),
        # A spreadsheet would round 24 digits to a float.
        f"\t{case.case_no}",
    )


def _plain(cell: str) -> str:
    """Keep a spreadsheet from taking what somebody typed for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not cell[1:].isdigit() else cell
