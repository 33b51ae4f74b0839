"""From a case to its table row: names, clocks and places, by the calendar of today."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from msgspec.structs import replace

from jinpu_desk.domain import deadline
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.case import Case, Status

from .rows import CaseRow

DEFAULT_REGISTRATION_DAYS = 3
"""Working days to register when not on the spot (市场主体登记管理条例 art. 19)."""
ENTITY_FIELD = "name"
"""The form field that names the shop or company, where the item has one."""
_REASONS = frozenset(map(str, deadline.PauseReason))


class CaseProjector:
    """Derives case rows by ``calendar``; equal cases give equal rows. After a new one, rebuild the store."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar

    def __call__(self, case: Case) -> CaseRow:
        """Return the row of ``case``."""
        promised, legal = clocks(case, self.calendar)
        identity_type, identity_no = case.applicant.identity
        entity = case.form.get(ENTITY_FIELD, "")
        decide_by = decision_day(case, self.calendar)
        return CaseRow(
            case_id=case.id,
            case_no=case.case_no,
            query_code=case.query_code,
            item=case.item,
            item_name=case.terms.item_name,
            package=case.package,
            parent=case.parent,
            applicant_name=case.applicant.name,
            identity_type=identity_type,
            identity_no=identity_no,
            phone=case.applicant.phone,
            entity_name=entity if isinstance(entity, str) else "",
            station=case.station,
            window=case.window,
            clerk=case.opened_by,
            replica=case.replica,
            status=int(case.status),
            flags=tuple(str(flag) for flag in case.flags),
            received_at=case.received_at,
            received_on=case.received_on,
            accepted_on=case.accepted_on,
            decide_by=decide_by,
            due=promised.date if promised else None,
            legal_due=legal.date if legal else None,
            due_provisional=bool(promised and promised.provisional),
            warn_on=warning_day(case, promised, self.calendar),
            supplement_by=min(case.supplement_by.values(), default=None),
            correct_by=case.corrections[-1].correct_by if case.status is Status.CORRECTING else None,
            closed_on=case.closed_on or (case.decision.decided_on if case.decision else None),
            deliver_state=str(case.deliver_state),
            slip=case.slip,
            holder=case.holder,
            last_at=case.timeline[-1].at,
            events=len(case.timeline),
        )


def pauses_of(case: Case) -> tuple[deadline.Pause, ...]:
    """Return the case's pauses as the deadline engine takes them; an unknown reason counts as statutory."""
    return tuple(
        deadline.Pause(
            span.start,
            span.end,
            deadline.PauseReason(span.reason)
            if span.reason in _REASONS
            else deadline.PauseReason.OTHER_STATUTORY,
        )
        for span in case.pauses
    )


def clocks(case: Case, calendar: WorkCalendar) -> tuple[deadline.Due | None, deadline.Due | None]:
    """Return the promised and the legal term of an accepted case; None where none runs (DOMAIN C2, C3)."""
    if case.accepted_on is None:
        return None, None
    promised = _term(case, case.accepted_on, case.terms.promised_days, calendar)
    legal = case.terms.legal_days
    return promised, None if legal is None else _term(case, case.accepted_on, legal, calendar)


@lru_cache(maxsize=4_096)
def _plain_term(start: date, days: int, calendar: WorkCalendar) -> deadline.Due:
    # Cases taken in on one day share their terms.
    return deadline.due(start, days, calendar)


def _term(case: Case, start: date, days: int, calendar: WorkCalendar) -> deadline.Due:
    """Return a term of the case with its pauses, and with its extension unless it had run out by then."""
    given = case.extension
    if given is None and not case.pauses:
        return _plain_term(start, days, calendar)
    pauses = pauses_of(case)
    plain = deadline.due(start, days, calendar, pauses)
    if given is None or (plain.date and given.extended_on and given.extended_on > plain.date):
        return plain
    return deadline.due(start, days, calendar, pauses, given.days)


def told_term(case: Case, calendar: WorkCalendar) -> deadline.Due | None:
    """Return the term an applicant is told: the promised one, after an extension that came too late for it the
    legal one, and of an extended registration the day to decide."""
    promised, legal = clocks(case, calendar)
    given = case.extension
    if promised is None:
        return None if given is None else deadline.Due(decision_day(case, calendar))
    late = given and given.extended_on and promised.date and given.extended_on > promised.date
    return legal if late and legal else promised


def told_before_extension(case: Case, calendar: WorkCalendar) -> date | None:
    """Return the day of that term as it was before the extension, for the notice that tells of both."""
    plain = replace(case, extension=None)
    promised, legal = clocks(plain, calendar)
    if promised is None:
        return decision_day(plain, calendar)
    given = case.extension
    late = given and given.extended_on and promised.date and given.extended_on > promised.date
    return legal.date if late and legal else promised.date


def last_day(case: Case, calendar: WorkCalendar) -> date | None:
    """Return the last day to decide by law, or where the law sets no term as promised; None while paused."""
    promised, legal = clocks(case, calendar)
    term = legal or promised
    return term.date if term is not None else decision_day(case, calendar)


def warning_day(case: Case, promised: deadline.Due | None, calendar: WorkCalendar) -> date | None:
    """Return the day the promised term turns yellow, None where none runs."""
    if promised is None or promised.date is None:
        return None
    return deadline.yellow_from(promised.date, case.terms.promised_days + case.extension_days, calendar)


def workdays_after(start: date, days: int, calendar: WorkCalendar) -> date:
    """Return the working day ``days`` after ``start``, provisional where the calendar is."""
    return deadline.due(start, days, calendar).date or start


def decision_day(case: Case, calendar: WorkCalendar) -> date | None:
    """Return the last day to decide on receipt while the case waits for that: five working days, or the
    registration term with its extension (行政许可法 art. 32, 条例 art. 19)."""
    if case.status is not Status.RECEIVED or case.received_on is None:
        return None
    if case.terms.family is DocFamily.REGISTRATION:
        days = case.terms.legal_days or DEFAULT_REGISTRATION_DAYS
        return deadline.due(case.received_on, days + case.extension_days, calendar).date
    return deadline.deemed_on(case.received_on, calendar)
