"""What a clerk is shown of a change of calendar: both days of each case, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jinpu_desk.app.calendars import compared, merged
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.app.screens.calendar_view import calendar_notice, take_note
from jinpu_desk.domain.calendar import Holiday, YearCalendar, YearStatus
from jinpu_desk.entry import demo_cases as demo
from samples.counter import STATIONS, Counter, calendar, open_counter
from samples.stores import open_store, replica

NEXT = YearCalendar(
    year=2027,
    status=YearStatus.OFFICIAL,
    source="演示",
    published=date(2026, 11, 10),
    holidays=(
        Holiday(date(2027, 1, 1), date(2027, 1, 3), "元旦"),
        Holiday(date(2027, 1, 5), date(2027, 1, 6), "演示"),
    ),
)


@pytest.fixture
def projector() -> CaseProjector:
    return CaseProjector(calendar())


@pytest.fixture
def late(tmp_path: Path, projector: CaseProjector) -> Counter:
    """A counter on 30 December."""
    there = replica(station="00", station_name=STATIONS["00"])
    store = open_store(tmp_path / "late.db", projector=projector, replica=there)
    counter = open_counter(tmp_path, store=store)
    counter.wait(days=103)
    assert counter.desk.today() == date(2026, 12, 30)
    return counter


def test_a_moved_case_is_shown_with_both_days_until_noted(late: Counter, projector: CaseProjector) -> None:
    desk, book = late.desk, late.store.calendars
    moved = late.take(demo.small_catering(1)).case
    assert calendar_notice(desk, book) is None
    projector.calendar = merged(calendar().years.values(), [NEXT])
    book.rederive(projector.calendar.digest, desk.now(), compared)
    notice = calendar_notice(desk, book)
    assert notice is not None
    assert "1 件改期，0 件不变" in notice.headline
    (line,) = notice.lines
    assert line.case_id == moved.id
    assert moved.case_no[-4:] in line.text
    assert line.right == "2027-01-07（暂定） → 2027-01-11"
    assert moved.applicant.id_no not in line.text
    take_note(desk, book, notice.numbers)
    assert calendar_notice(desk, book) is None
    assert late.store.jobs() == ()
    late.store.close()
