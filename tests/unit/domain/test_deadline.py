"""The statutory clock against the vectors of DOMAIN C3 and against a count made day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.calendar import WorkCalendar, YearCalendar, YearStatus, decode_year
from jinpu_desk.domain.deadline import (
    Channel,
    Due,
    Pause,
    PauseReason,
    StepWhy,
    Urgency,
    calendar_day_term,
    colour,
    deemed_on,
    due,
    effective_receipt_date,
    is_deemed,
    may_extend,
    remaining_workdays,
    simple_cancel_window,
    urgency,
    yellow_from,
)
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import CHINA

FILES = (Path(__file__).parents[3] / "resources" / "calendars").glob("*.json")
CALENDAR = WorkCalendar(decode_year(path.read_bytes()) for path in FILES)
D = dt.date.fromisoformat


def _pause(start: str, end: str | None) -> Pause:
    return Pause(D(start), None if end is None else D(end), PauseReason.TESTING)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-13", 20, "2026-03-19"),
        ("2026-04-30", 10, "2026-05-18"),
        ("2025-12-31", 5, "2026-01-08"),
        ("2024-09-13", 3, "2024-09-19"),
        ("2020-01-22", 5, "2020-02-06"),
        ("2026-09-18", 10, "2026-10-09"),
        ("2026-09-19", 0, "2026-09-19"),
    ],
)
def test_terms_of_the_domain_page(start: str, days: int, expected: str) -> None:
    assert due(D(start), days, CALENDAR) == Due(D(expected))
    assert due(D(start), days, CALENDAR).require_official() == D(expected)


def test_a_pause_is_half_open() -> None:
    start = D("2026-09-18")
    assert due(start, 10, CALENDAR, [_pause("2026-09-22", "2026-10-12")]).date == D("2026-10-21")
    # The pause day itself is still counted, the day of resumption is not.
    assert due(start, 3, CALENDAR, [_pause("2026-09-22", "2026-10-12")]).date == D("2026-09-22")
    assert due(start, 3, CALENDAR, [_pause("2026-09-21", "2026-09-22")]).date == D("2026-09-23")


def test_pausing_and_resuming_on_one_day_changes_nothing() -> None:
    assert due(D("2026-09-18"), 10, CALENDAR, [_pause("2026-09-22", "2026-09-22")]).date == D("2026-10-09")


def test_an_open_pause_hides_the_date_unless_it_comes_too_late() -> None:
    held = due(D("2026-09-18"), 10, CALENDAR, [_pause("2026-09-22", None)], explain=True)
    assert (held.date, held.running) == (None, False)
    assert [step.date for step in held.steps if step.counted] == [
        D("2026-09-20"),
        D("2026-09-21"),
        D("2026-09-22"),
    ]
    with pytest.raises(Refused) as refusal:
        held.require_official()
    assert refusal.value.code == "deadline.paused"
    late = due(D("2026-09-18"), 3, CALENDAR, [_pause("2026-09-22", None)])
    assert late == Due(D("2026-09-22"))


def test_a_year_without_calendar_is_said_and_its_date_is_provisional() -> None:
    term = due(D("2026-12-30"), 3, CALENDAR)
    assert (term.date, term.provisional) == (D("2027-01-05"), True)
    assert (term.warning, term.year) == ("calendar.year-not-imported", 2027)
    with pytest.raises(Refused) as refusal:
        term.require_official("due")
    assert refusal.value.code == "calendar.year-not-imported"
    assert refusal.value.where == "due"
    assert refusal.value.params["year"] == 2027


def test_a_term_ending_on_the_last_day_of_a_known_year_is_certain() -> None:
    assert not due(D("2026-12-30"), 1, CALENDAR).provisional
    assert due(D("2026-12-31"), 1, CALENDAR).provisional


def test_the_first_day_is_not_counted_so_its_year_may_be_unknown() -> None:
    assert due(D("2019-12-31"), 1, CALENDAR) == Due(D("2020-01-02"))
    assert due(D("2019-12-30"), 1, CALENDAR).provisional


def test_a_guessed_year_is_provisional_by_another_name() -> None:
    guess = YearCalendar(year=2027, status=YearStatus.PROVISIONAL, source="演示")
    term = due(D("2026-12-30"), 3, WorkCalendar([*CALENDAR.years.values(), guess]))
    assert (term.provisional, term.warning) == (True, "calendar.year-provisional")


def test_importing_the_year_settles_the_date() -> None:
    notice = YearCalendar(year=2027, status=YearStatus.OFFICIAL, source="演示")
    term = due(D("2026-12-30"), 3, WorkCalendar([*CALENDAR.years.values(), notice]))
    assert term == Due(D("2027-01-04"))


def test_steps_explain_each_day() -> None:
    steps = due(D("2026-09-24"), 3, CALENDAR, [_pause("2026-09-27", "2026-09-28")], explain=True).steps
    assert [(step.date.day, step.counted, step.why, step.name) for step in steps] == [
        (25, False, StepWhy.HOLIDAY, "中秋节"),
        (26, False, StepWhy.HOLIDAY, "中秋节"),
        (27, False, StepWhy.HOLIDAY, "中秋节"),
        (28, False, StepWhy.PAUSE, "testing"),
        (29, True, StepWhy.WORKDAY, ""),
        (30, True, StepWhy.WORKDAY, ""),
        *[(day, False, StepWhy.HOLIDAY, "国庆节") for day in range(1, 8)],
        (8, True, StepWhy.WORKDAY, ""),
    ]


@pytest.mark.parametrize(("days", "extension"), [(-1, 0), (1, -1)])
def test_negative_terms_are_refused(days: int, extension: int) -> None:
    with pytest.raises(Refused, match=r"deadline\.negative"):
        due(D("2026-09-24"), days, CALENDAR, extension_days=extension)
    with pytest.raises(Refused, match=r"deadline\.negative"):
        calendar_day_term(D("2026-09-24"), -1, CALENDAR)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Refused, match=r"deadline\.pause-backwards"):
        due(D("2026-09-24"), 3, CALENDAR, [_pause("2026-09-28", "2026-09-27")])


STARTS = st.dates(dt.date(2019, 6, 1), dt.date(2027, 6, 1))
LENGTHS = st.integers(0, 60)


@st.composite
def terms(draw: st.DrawFn) -> tuple[dt.date, int, list[Pause]]:
    """A start, a length, and pauses near enough to matter."""
    start = draw(STARTS)
    pauses = []
    for offset, length in draw(st.lists(st.tuples(st.integers(-20, 90), st.integers(0, 40)), max_size=5)):
        begin = start + dt.timedelta(days=offset)
        open_ended = draw(st.integers(0, 9)) == 0
        pauses.append(Pause(begin, None if open_ended else begin + dt.timedelta(days=length)))
    return start, draw(LENGTHS), pauses


def _by_hand(start: dt.date, days: int, pauses: Sequence[Pause]) -> dt.date | None:
    """Count day by day as DOMAIN C3 writes it; None when 400 days are not enough."""
    day, counted = start, 0
    for _ in range(400):
        if counted == days:
            return day
        day += dt.timedelta(days=1)
        paused = any(p.start < day and (p.end is None or day <= p.end) for p in pauses)
        counted += CALENDAR.is_workday(day) and not paused
    return day if counted == days else None


@given(terms())
def test_the_fast_count_agrees_with_the_slow_one(term: tuple[dt.date, int, list[Pause]]) -> None:
    start, days, pauses = term
    found = due(start, days, CALENDAR, pauses)
    assert found.date == _by_hand(start, days, pauses)
    assert found.running == (found.date is not None)


@given(terms())
def test_as_many_steps_count_as_days_were_given(term: tuple[dt.date, int, list[Pause]]) -> None:
    start, days, pauses = term
    found = due(start, days, CALENDAR, pauses, explain=True)
    if found.date is not None:
        assert sum(step.counted for step in found.steps) == days
        assert [step.date for step in found.steps] == [
            dt.date.fromordinal(n) for n in range(start.toordinal() + 1, found.date.toordinal() + 1)
        ]


@given(terms(), st.integers(1, 20))
def test_more_days_end_later_and_an_extension_is_more_days(
    term: tuple[dt.date, int, list[Pause]], more: int
) -> None:
    start, days, pauses = term
    closed = [pause for pause in pauses if pause.end is not None]
    short, long = due(start, days, CALENDAR, closed), due(start, days + more, CALENDAR, closed)
    assert short.date is not None
    assert long.date is not None
    assert short.date < long.date
    assert due(start, days, CALENDAR, closed, extension_days=more) == long


@given(terms(), st.integers(-20, 90), st.integers(0, 40))
def test_a_pause_never_brings_the_end_nearer(
    term: tuple[dt.date, int, list[Pause]], offset: int, length: int
) -> None:
    start, days, pauses = term
    closed = [pause for pause in pauses if pause.end is not None]
    begin = start + dt.timedelta(days=offset)
    longer = due(start, days, CALENDAR, [*closed, Pause(begin, begin + dt.timedelta(days=length))]).date
    before = due(start, days, CALENDAR, closed).date
    assert longer is not None
    assert before is not None
    assert longer >= before


def test_a_term_may_be_extended_until_its_last_day_only() -> None:
    term = due(D("2026-09-18"), 3, CALENDAR)
    assert may_extend(D("2026-09-22"), term)
    assert not may_extend(D("2026-09-23"), term)
    assert not may_extend(D("2026-09-22"), Due(None, running=False))


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-09-10", 20, "2026-09-30"),
        ("2026-09-11", 20, "2026-10-08"),  # 10-01 is a holiday
        ("2026-08-31", 20, "2026-09-20"),  # a Sunday that works
        ("2026-09-12", 1, "2026-09-14"),
    ],
)
def test_calendar_day_terms_end_on_a_working_day(start: str, days: int, expected: str) -> None:
    assert calendar_day_term(D(start), days, CALENDAR) == Due(D(expected))


def test_a_calendar_day_term_into_an_unpublished_year_is_provisional() -> None:
    assert calendar_day_term(D("2026-12-20"), 20, CALENDAR).warning == "calendar.year-not-imported"
    assert not calendar_day_term(D("2026-12-11"), 20, CALENDAR).provisional


def test_the_windows_of_a_simple_cancellation() -> None:
    window = simple_cancel_window(D("2026-09-10"), CALENDAR)
    assert (window.notice_to, window.file_from, window.file_to) == (
        D("2026-09-30"),
        D("2026-10-01"),
        D("2026-10-20"),
    )
    assert not window.provisional
    assert simple_cancel_window(D("2026-09-10"), CALENDAR, filing_days=30).file_to == D("2026-10-30")
    assert simple_cancel_window(D("2026-11-25"), CALENDAR).provisional


def test_silence_for_five_working_days_accepts_from_the_day_of_receipt() -> None:
    received = D("2026-09-18")
    assert deemed_on(received, CALENDAR) == D("2026-09-24")
    assert not is_deemed(received, D("2026-09-24"), CALENDAR)
    assert is_deemed(received, D("2026-09-25"), CALENDAR)


@given(STARTS)
def test_deemed_acceptance_is_a_term_of_five_days(received: dt.date) -> None:
    assert deemed_on(received, CALENDAR) == due(received, 5, CALENDAR).date


def test_days_left_and_days_late() -> None:
    end = D("2026-09-30")
    assert remaining_workdays(D("2026-09-24"), end, CALENDAR) == 3
    assert remaining_workdays(end, end, CALENDAR) == 0
    assert remaining_workdays(D("2026-10-09"), end, CALENDAR) == -2
    assert remaining_workdays(D("2026-09-24"), end, CALENDAR, [_pause("2026-09-28", "2026-09-29")]) == 2


@given(terms(), st.integers(0, 120))
def test_days_left_count_down_to_zero(term: tuple[dt.date, int, list[Pause]], passed: int) -> None:
    start, days, pauses = term
    closed = [pause for pause in pauses if pause.end is not None]
    end = due(start, days, CALENDAR, closed).date
    assert end is not None
    assert remaining_workdays(start, end, CALENDAR, closed) == days
    today = min(start + dt.timedelta(days=passed), end)
    left = remaining_workdays(today, end, CALENDAR, closed)
    assert due(today, left, CALENDAR, closed).date == end or left == 0


@pytest.mark.parametrize(
    ("today", "promised_days", "expected"),
    [
        ("2026-09-18", 10, Urgency.GREEN),
        ("2026-09-29", 10, Urgency.GREEN),  # 3 left
        ("2026-09-30", 10, Urgency.YELLOW),  # 2 left, 20 %
        ("2026-09-30", 5, Urgency.GREEN),
        ("2026-10-08", 5, Urgency.YELLOW),  # 1 left
        ("2026-10-09", 10, Urgency.YELLOW),
        ("2026-10-10", 10, Urgency.ORANGE),
        ("2026-10-20", 10, Urgency.ORANGE),
        ("2026-10-21", 10, Urgency.RED),
    ],
)
def test_colours(today: str, promised_days: int, expected: Urgency) -> None:
    promised, legal = D("2026-10-09"), D("2026-10-20")
    assert urgency(D(today), promised, legal, promised_days, CALENDAR) is expected


def test_a_held_clock_has_its_own_colour() -> None:
    assert urgency(D("2026-10-08"), None, None, 10, CALENDAR) is Urgency.PAUSED


@pytest.mark.parametrize(
    ("at", "channel", "expected"),
    [
        ("2026-09-18T16:59:00", Channel.ONLINE, "2026-09-18"),
        ("2026-09-18T17:00:00", Channel.ONLINE, "2026-09-18"),
        ("2026-09-18T17:01:00", Channel.ONLINE, "2026-09-20"),  # Sunday 09-20 works
        ("2026-09-19T10:00:00", Channel.ONLINE, "2026-09-20"),
        ("2026-09-19T10:00:00", Channel.COUNTER, "2026-09-19"),
        ("2026-09-18T19:00:00", Channel.COUNTER, "2026-09-18"),
        ("2026-09-18T19:00:00", Channel.POST, "2026-09-18"),
    ],
)
def test_the_date_an_application_counts_from(at: str, channel: Channel, expected: str) -> None:
    moment = dt.datetime.fromisoformat(at).replace(tzinfo=CHINA)
    assert effective_receipt_date(moment, channel, dt.time(17), CALENDAR) == D(expected)
    assert effective_receipt_date(moment.astimezone(dt.UTC), channel, dt.time(17), CALENDAR) == D(expected)


def test_a_moment_without_zone_is_a_bug() -> None:
    naive = dt.datetime(2026, 9, 18, 10)  # noqa: DTZ001 - the very mistake under test
    with pytest.raises(ValueError, match="zone"):
        effective_receipt_date(naive, Channel.COUNTER, dt.time(17), CALENDAR)


def test_reasons_the_licensing_law_does_not_list_ask_for_an_article() -> None:
    assert {reason for reason in PauseReason if reason.needs_basis} == {
        PauseReason.SITE_SURVEY,
        PauseReason.OTHER_STATUTORY,
    }


@given(
    st.dates(D("2024-01-02"), D("2026-12-20")), st.integers(0, 60), st.integers(-90, 30), st.integers(0, 30)
)
def test_the_day_a_term_turns_yellow_tells_its_colour(
    start: dt.date, days: int, shift: int, later: int
) -> None:
    promised = due(start, days, CALENDAR).date
    assert promised is not None
    legal = due(start, days + later, CALENDAR).date
    today = promised + dt.timedelta(days=shift)
    shown = colour(today, promised, legal, yellow_from(promised, days, CALENDAR))
    left = remaining_workdays(today, promised, CALENDAR)
    if legal is not None and today > legal:
        expected = Urgency.RED
    elif today > promised:
        expected = Urgency.ORANGE
    else:
        expected = Urgency.YELLOW if left <= 1 or left * 5 <= days else Urgency.GREEN
    assert shown is expected
    assert urgency(today, promised, legal, days, CALENDAR) is expected
