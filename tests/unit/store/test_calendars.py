"""Another calendar at a desk: what moved is told once and remembered, what left the house stays as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.calendars import CalendarChange, compared, merged, refuse_older, supersedes
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.calendar import Holiday, WorkCalendar, YearCalendar, YearStatus, decode_year
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.fold import fold
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, Digest
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import Chain, received
from samples.stores import open_store, record

RESOURCES = Path(__file__).parents[3] / "resources"
DAY = date(2026, 12, 30)
AT = int(datetime(2026, 12, 30, 2, tzinfo=UTC).timestamp() * 1000)
NOW = datetime(2026, 12, 30, 3, tzinfo=UTC)
SHORT, LONG, UNDECIDED, DONE = (CaseId(f"01900000-0000-7000-8000-00000000c00{n}") for n in range(4))


@cache
def shipped() -> tuple[YearCalendar, ...]:
    return tuple(decode_year(path.read_bytes()) for path in sorted((RESOURCES / "calendars").glob("*.json")))


def year_2027(**changes: Any) -> YearCalendar:
    """A fictitious 2027: the new year's holiday is three days, and a Sunday before it is worked."""
    fields: dict[str, Any] = {
        "year": 2027,
        "status": YearStatus.OFFICIAL,
        "source": "演示",
        "published": date(2026, 11, 10),
        "holidays": (
            Holiday(date(2027, 1, 1), date(2027, 1, 3), "元旦"),
            Holiday(date(2027, 1, 11), date(2027, 1, 13), "演示"),
        ),
        "workdays": (date(2027, 1, 9),),
    }
    return YearCalendar(**(fields | changes))


def calendar(*more: YearCalendar) -> WorkCalendar:
    return merged(shipped(), more)


@pytest.fixture
def projector() -> CaseProjector:
    return CaseProjector(calendar())


@pytest.fixture
def store(tmp_path: Path, projector: CaseProjector) -> SqlDeskStore:
    held = open_store(tmp_path / "store.db", projector=projector)
    held.calendars.note(projector.calendar.digest, NOW)
    for n, (case, days) in enumerate({SHORT: 3, LONG: 20, UNDECIDED: 5, DONE: 5}.items()):
        terms = b.Terms(item_name="演示", legal_days=20, promised_days=days)
        opened = received(case_no=CaseNo(f"演示{n}"), terms=terms, received_on=DAY, materials={})
        said: list[b.Body] = [] if case == UNDECIDED else [b.CaseAccepted(accepted_on=DAY)]
        if case == DONE:
            said.append(b.CaseDecided(approved=True, decided_on=DAY))
        record(held, opened, *said, case=case, at=AT)
    return held


def take(store: SqlDeskStore, projector: CaseProjector, new: WorkCalendar) -> CalendarChange:
    projector.calendar = new
    return store.calendars.rederive(new.digest, NOW, compared)


def test_cases_over_the_turn_of_the_year_move_and_become_final(
    store: SqlDeskStore, projector: CaseProjector
) -> None:
    before = {row.case_id: row for row in map(store.row, (SHORT, LONG)) if row}
    assert all(row.due_provisional for row in before.values())
    change = take(store, projector, calendar(year_2027()))
    moved = {case.case_id: case for case in change.moved}
    assert set(moved) == {SHORT, LONG}
    assert (moved[LONG].was, moved[LONG].due) == (before[LONG].due, store.row(LONG).due)  # type: ignore[union-attr]
    assert moved[LONG].was != moved[LONG].due
    assert (moved[LONG].was_provisional, moved[LONG].provisional) == (True, False)
    assert change.unchanged == 1  # the undecided one; the clock of the decided one has stopped
    assert store.verify().ok


def test_a_term_that_ends_before_what_changed_stays(store: SqlDeskStore, projector: CaseProjector) -> None:
    late = year_2027(
        holidays=(Holiday(date(2027, 1, 1), date(2027, 1, 1)), Holiday(date(2027, 1, 25), date(2027, 1, 26))),
        workdays=(),
    )
    change = take(store, projector, calendar(late))
    moved = {case.case_id: case for case in change.moved}
    assert (moved[SHORT].was, moved[SHORT].due) == (date(2027, 1, 5), date(2027, 1, 5))  # its legal day moved
    assert moved[SHORT].legal_was != moved[SHORT].legal_due
    assert UNDECIDED not in moved
    assert change.unchanged == 1


def test_a_change_is_shown_until_somebody_takes_note(store: SqlDeskStore, projector: CaseProjector) -> None:
    new = calendar(year_2027())
    change = take(store, projector, new)
    (shown,) = store.calendars.unseen()
    assert (shown.change, shown.digest) == (change, new.digest)
    assert store.calendars.derived_by() == new.digest
    store.calendars.acknowledge(shown.n, ClerkId("demo"), NOW)
    store.calendars.acknowledge(shown.n, ClerkId("other"), NOW)
    assert store.calendars.unseen() == ()
    assert take(store, projector, new).moved == ()
    assert store.calendars.unseen() == ()


def test_what_was_issued_stays_and_nothing_is_printed(store: SqlDeskStore, projector: CaseProjector) -> None:
    data = "演示受理通知书".encode()
    with store.transaction() as work:
        work.keep_paper(Digest("a" * 64), data)
    events = [store.events_of(case) for case in (SHORT, LONG)]
    take(store, projector, calendar(year_2027()))
    assert store.paper(Digest("a" * 64)) == data
    assert [store.events_of(case) for case in (SHORT, LONG)] == events
    assert store.jobs() == ()


def test_a_comparison_that_fails_changes_nothing(store: SqlDeskStore, projector: CaseProjector) -> None:
    def broken(*_rows: object) -> CalendarChange:
        raise RuntimeError("演示")

    before = store.row(LONG)
    held = store.calendars.derived_by()
    projector.calendar = calendar(year_2027())
    with pytest.raises(RuntimeError):
        store.calendars.rederive(projector.calendar.digest, NOW, broken)
    assert (store.row(LONG), store.calendars.derived_by()) == (before, held)


OFFICIAL, EXPECTED = YearStatus.OFFICIAL, YearStatus.PROVISIONAL
EARLY, LATE = date(2026, 10, 1), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("held", "new", "code"),
    [
        ((EXPECTED, LATE), (OFFICIAL, EARLY), ""),
        ((EXPECTED, None), (OFFICIAL, None), ""),
        ((OFFICIAL, EARLY), (OFFICIAL, LATE), ""),
        ((OFFICIAL, EARLY), (EXPECTED, LATE), ""),
        ((OFFICIAL, EARLY), (EXPECTED, EARLY), "calendar.downgrade"),
        ((OFFICIAL, LATE), (EXPECTED, EARLY), "calendar.downgrade"),
        ((OFFICIAL, None), (EXPECTED, LATE), "calendar.downgrade"),
        ((OFFICIAL, LATE), (OFFICIAL, EARLY), "calendar.not-newer"),
        ((OFFICIAL, LATE), (OFFICIAL, None), "calendar.not-newer"),
        ((EXPECTED, EARLY), (EXPECTED, EARLY), "calendar.not-newer"),
    ],
)
def test_an_older_file_does_not_take_the_place_of_a_newer(
    held: tuple[YearStatus, date | None], new: tuple[YearStatus, date | None], code: str
) -> None:
    old = year_2027(status=held[0], published=held[1])
    other = year_2027(status=new[0], published=new[1], note="另一份")
    refuse_older(old, old)
    refuse_older(other, None)
    assert supersedes(other, old) is (not code)
    if not code:
        refuse_older(other, old)
        return
    with pytest.raises(Refused) as refused:
        refuse_older(other, old)
    assert refused.value.code == code


years = st.builds(
    year_2027,
    status=st.sampled_from(YearStatus),
    published=st.none() | st.dates(EARLY, LATE),
    holidays=st.sampled_from([(), year_2027().holidays]),
    workdays=st.just(()),
)


@given(published=years, own=years)
def test_a_year_imported_here_outlives_a_sync_only_while_it_counts(
    published: YearCalendar, own: YearCalendar
) -> None:
    chosen = merged([published], [own]).years[2027]
    assert chosen == (own if supersedes(own, published) else published)


@given(days=st.integers(0, 40), start=st.dates(date(2026, 12, 1), date(2026, 12, 31)))
def test_a_case_either_moved_or_stayed(days: int, start: date) -> None:
    case = accepted(days, start)
    before, after = CaseProjector(calendar())(case), CaseProjector(calendar(year_2027()))(case)
    change = compared([before], [after])
    assert len(change.moved) + change.unchanged == 1
    assert bool(change.moved) == (before.due != after.due)


def accepted(days: int, start: date) -> Case:
    chain = Chain()
    terms = b.Terms(item_name="演示", legal_days=None, promised_days=days)
    said = (received(terms=terms, received_on=start, materials={}), b.CaseAccepted(accepted_on=start))
    case = fold([chain.write(body) for body in said])
    assert case is not None
    return case
