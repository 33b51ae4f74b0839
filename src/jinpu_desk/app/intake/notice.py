"""What an application must have behind it before it may be filed: who is eligible, and 公示 with its window.

Both are data (``Question.bars`` and ``Item.notice``); 简易注销 is the one item that has both today (条例 art. 33).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jinpu_desk.catalogue.checklist import Complaint, asked, known_answers
from jinpu_desk.catalogue.conditions import holds
from jinpu_desk.catalogue.model import Item, Notice, Question
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.deadline import SimpleCancelWindow, simple_cancel_window
from jinpu_desk.domain.errors import Refused

NOT_ELIGIBLE = "intake.not-eligible"
NOTICE_RUNNING = "intake.notice-running"
NOTICE_OVER = "intake.notice-over"
UNLAWFUL_NOW = frozenset({NOT_ELIGIBLE, NOTICE_RUNNING, NOTICE_OVER})
"""Complaints about the matter itself: whoever is sent away for one need not put it right first."""


def notice_of(item: Item, answers: Mapping[str, Any], *, agent: bool) -> Notice | None:
    """Return the 公示 an item demands in this situation; None when there is none (个体工商户)."""
    if item.notice is None:
        return None
    context = {"answers": known_answers(item.questions, answers), "agent": agent, "form": {}}
    return item.notice if holds(item.notice.when, context) else None


def bars(questions: tuple[Question, ...], answers: Mapping[str, Any]) -> list[Complaint]:
    """Return one complaint for each yes that rules the procedure out, with the sentence of the data."""
    known = known_answers(questions, answers)
    return [
        Complaint(where=f"answers.{q.key}", code=NOT_ELIGIBLE, params={"reason": q.bars.rstrip("。")})
        for q in asked(questions, answers)
        if q.bars and known[q.key] is True
    ]


def window_of(notice: Notice, form: Mapping[str, Any], calendar: WorkCalendar) -> SimpleCancelWindow | None:
    """Return when the notice runs and when one may file; None while its first day is not a date.

    Raises:
        Refused: ``calendar.out-of-range`` for a day in another age.
    """
    value = form.get(notice.field)
    try:
        first = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if first is None or first.isoformat() != value:
        return None
    return simple_cancel_window(first, calendar, notice.days, notice.filing_days)


def untimely(
    notice: Notice, form: Mapping[str, Any], filed_on: date, calendar: WorkCalendar
) -> Complaint | None:
    """Return the complaint about an application filed before or after its window, None inside it.

    A notice whose first day is missing or no date is the form's own complaint.
    """
    try:
        window = window_of(notice, form, calendar)
    except Refused as refused:
        return Complaint(where=f"form.{notice.field}", code=refused.code, params=refused.params)
    if window is None or window.file_from <= filed_on <= window.file_to:
        return None
    params = {
        "notice_to": window.notice_to.isoformat(),
        "file_from": window.file_from.isoformat(),
        "file_to": window.file_to.isoformat(),
    }
    code = NOTICE_RUNNING if filed_on < window.file_from else NOTICE_OVER
    return Complaint(where=f"form.{notice.field}", code=code, params=dict(params))
