"""One moment of the store: counted and read, while others write."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.reports import marks
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId, CaseNo
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.reading import BATCH
from samples.cases import CATALOGUE, CLERK, NOON, received
from samples.stores import record

FIRST = utc(NOON).date()


def take(store: SqlDeskStore, number: int, *after: b.Body, days: int = 0) -> CaseId:
    case = CaseId(f"01900000-0000-7000-8000-{number:012x}")
    opened = received(case_no=CaseNo(f"2102130300220261123{number:05}"), received_on=FIRST + timedelta(days))
    record(store, opened, *after, case=case, at=NOON + days * 86_400_000)
    return case


def test_a_reader_sees_one_moment(store: SqlDeskStore) -> None:
    take(store, 1)
    with store.reading() as reader:
        assert reader.tally(CaseQuery()) == (((), 1),)
        take(store, 2)
        assert reader.tally(CaseQuery()) == (((), 1),)
        assert len(list(reader.rows(CaseQuery()))) == len(list(reader.cases(CaseQuery()))) == 1
    with store.reading() as reader:
        assert reader.tally(CaseQuery()) == (((), 2),)


def test_rows_come_in_the_order_of_their_days_and_stop_at_the_limit(store: SqlDeskStore) -> None:
    for number, days in enumerate((2, 0, 1, 0), start=1):
        take(store, number, days=days)
    with store.reading() as reader:
        found = [row.case_no[-1] for row in reader.rows(CaseQuery())]
        assert found == ["2", "4", "3", "1"]
        assert [row.case_no[-1] for row, _ in reader.cases(CaseQuery(), limit=3)] == found[:3]
        assert reader.tally(CaseQuery(), "arrived_on") == (
            ((FIRST,), 2),
            ((FIRST + timedelta(days=1),), 1),
            ((FIRST + timedelta(days=2),), 1),
        )


def test_many_cases_are_folded_a_batch_at_a_time(store: SqlDeskStore) -> None:
    with store.transaction() as work:
        for number in range(1, BATCH + 5):
            case = CaseId(f"01900000-0000-7000-8000-{number:012x}")
            body = received(case_no=CaseNo(f"2102130300220261123{number:05}"))
            work.record(
                case,
                body,
                actor=CLERK,
                at=utc(NOON),
                catalogue=CATALOGUE,
            )
    with store.reading() as reader:
        pairs = list(reader.cases(CaseQuery()))
    assert len(pairs) == BATCH + 4
    assert all(row.case_id == case.id for row, case in pairs)


def test_what_happened_to_a_case_is_kept_beside_it(store: SqlDeskStore) -> None:
    notice = b.CorrectionNoticed(faults=(), correct_by=FIRST)
    take(store, 1)
    take(store, 2, notice)
    take(store, 3, notice, b.CaseResubmitted(received_on=FIRST), notice)
    take(store, 4, b.CaseAccepted(accepted_on=FIRST, supplement_by={"layout": FIRST}))
    take(store, 5, b.CaseRated(occasion="receipt", satisfaction=2, rated_on=FIRST))
    with store.reading() as reader:
        told = {key[0]: cases for key, cases in reader.tally(CaseQuery(), "marks")}
        assert told == Counter(
            [
                (),
                (marks.CORRECTED,),
                (marks.CORRECTED, marks.CORRECTED_AGAIN),
                (marks.TOLERATED,),
                (marks.rated("receipt", 2),),
            ]
        )
        assert reader.tally(CaseQuery(mark=marks.CORRECTED)) == (((), 2),)
        assert reader.tally(CaseQuery(mark="correct")) == ()


def test_lateness_is_that_of_the_decision(store: SqlDeskStore) -> None:
    for number, after in enumerate((1, 12, 60), start=1):
        day = FIRST + timedelta(days=after)
        take(store, number, b.CaseAccepted(accepted_on=FIRST), b.CaseDecided(approved=True, decided_on=day))
    with store.reading() as reader:
        assert reader.tally(CaseQuery(decided_from=date(2026, 1, 1)), "lateness") == (
            ((0,), 1),
            ((1,), 1),
            ((2,), 1),
        )
        assert [row.case_no[-1] for row in reader.rows(CaseQuery(late=True))] == ["2", "3"]
        waiting = CaseQuery(unserved_by=FIRST + timedelta(days=13))
        assert [row.case_no[-1] for row in reader.rows(waiting)] == ["1"]
