"""Pure rules of the special cases, over many dates and texts: notice windows, true times, addresses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.intake import places
from jinpu_desk.app.intake.backfill import BackfillEntry, read_backfill
from jinpu_desk.app.intake.notice import untimely, window_of
from jinpu_desk.catalogue.model import Notice
from samples.counter import Counter, calendar

NOTICE = Notice(field="notice_from", days=20, filing_days=20)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(DAYS, st.integers(-10, 80), st.integers(1, 45), st.integers(1, 45))
def test_one_may_file_in_the_window_and_only_there(first: date, after: int, days: int, filing: int) -> None:
    notice = Notice(field="notice_from", days=days, filing_days=filing)
    form = {"notice_from": first.isoformat()}
    window = window_of(notice, form, calendar())
    assert window is not None
    assert window.notice_to >= first + timedelta(days=days), (
        "the notice may only grow, to the next working day"
    )
    assert window.file_from == window.notice_to + timedelta(days=1)
    assert window.file_to >= window.notice_to + timedelta(days=filing)
    filed = first + timedelta(days=after)
    complaint = untimely(notice, form, filed, calendar())
    assert (complaint is None) is (window.file_from <= filed <= window.file_to)
    if complaint is not None:
        early = filed < window.file_from
        assert complaint.code == ("intake.notice-running" if early else "intake.notice-over")


@pytest.mark.parametrize(
    "value", [None, "", "2026-13-01", "20260910", "2026-W37-4", 20260910, ["2026-09-10"]]
)
def test_what_is_no_date_is_the_forms_own_complaint(value: object) -> None:
    form = {"notice_from": value}
    assert window_of(NOTICE, form, calendar()) is None
    assert untimely(NOTICE, form, date(2026, 9, 18), calendar()) is None


def test_whatever_is_typed_as_a_time_is_read_or_complained_of(counter: Counter) -> None:
    @given(st.text(max_size=60) | st.datetimes().map(str), st.text(max_size=30) | st.dates().map(str))
    def typed(received: str, accepted: str) -> None:
        entry = BackfillEntry(received_at=received, accepted_on=accepted, reason="演示")
        times, problems = read_backfill(counter.desk, entry)
        assert times is not None or problems
        if times is not None and not problems:
            assert times.received_at <= counter.desk.now()
            assert times.accepted_on is None or times.received_on <= times.accepted_on <= counter.desk.today()

    typed()


@given(st.text(max_size=60))
def test_an_address_key_is_its_own_key(address: str) -> None:
    key = places.address_key(address)
    assert places.address_key(key) == key
    assert places.address_key(f" {address}\n") == key
