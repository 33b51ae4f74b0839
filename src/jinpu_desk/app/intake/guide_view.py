"""The guided block of the intake page: who is eligible, and when the notice lets one file (DOMAIN §C4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinpu_desk.catalogue.checklist import known_answers
from jinpu_desk.domain.deadline import SimpleCancelWindow
from jinpu_desk.domain.errors import Refused

from ..desk import Desk
from ..screens.views import FieldView, GuideView, Pair, QuestionView, Tone
from .assess import Assessment
from .notice import window_of


def guide_view(
    desk: Desk, seen: Assessment, questions: tuple[QuestionView, ...], fields: tuple[FieldView, ...]
) -> GuideView | None:
    """Return the block of a matter that asks for eligibility or a notice, None for any other."""
    subject = seen.subject
    barring = {question.key for question in subject.questions if question.bars}
    checks = tuple(question for question in questions if question.key in barring)
    at_notice = {f"form.{notice.field}" for notice in subject.notices}
    if not checks and not at_notice:
        return None
    answered = sum(isinstance(check.answer, bool) for check in checks)
    verdict, tone = _eligible(seen.application.answers, checks)
    dates, text, dates_tone = _dates(desk, seen)
    return GuideView(
        heading="资格核对与公示" if at_notice else "资格核对",
        checks=checks,
        checked=f"已核对 {answered} / {len(checks)}",
        verdict=verdict,
        tone=tone,
        fields=tuple(field for field in fields if field.path in at_notice),
        dates=dates,
        dates_text=text,
        dates_tone=dates_tone,
    )


def barred(seen: Assessment, key: str) -> str:
    """Return the sentence of a question whose answer rules the procedure out, empty otherwise."""
    question = next((q for q in seen.subject.questions if q.key == key), None)
    if question is None or not question.bars:
        return ""
    known: Mapping[str, Any] = known_answers(seen.subject.questions, seen.application.answers)
    return question.bars if known[key] is True else ""


def _eligible(answers: Mapping[str, Any], checks: tuple[QuestionView, ...]) -> tuple[str, Tone]:
    against = sum(bool(check.barred) for check in checks)
    if against:
        return f"有 {against} 条不符合，请改按普通程序办理（如普通注销）。", "bad"
    if any(answers.get(check.key) is None for check in checks):
        return "逐条核对：是按 Y，否按 N。", "neutral"
    return "各条都不涉及，可以适用。", "good"


def _dates(desk: Desk, seen: Assessment) -> tuple[tuple[Pair, ...], str, Tone]:
    if not seen.subject.notices:
        return (), "这种主体不需要公示。", "info"
    try:
        window = window_of(seen.subject.notices[0], seen.application.form, desk.calendar)
    except Refused:
        window = None
    if window is None:
        return (), "填写公示起始日期，程序算出可以申请的日期。", "neutral"
    pairs = (
        Pair("公示起止", f"{window.notice_from} 至 {window.notice_to}"),
        Pair("可以申请", f"最早 {window.file_from}，最晚 {window.file_to}"),
    )
    text, tone = _standing(seen, window)
    if window.provisional:
        text += "（暂定：该年度放假安排尚未公布）"
    return pairs, text, tone


def _standing(seen: Assessment, window: SimpleCancelWindow) -> tuple[str, Tone]:
    today = seen.received_on
    if today < window.file_from:
        return f"公示未届满，还有 {(window.file_from - today).days} 天可以申请。", "warn"
    if today > window.file_to:
        return "申请期限已过，需要重新公示。", "bad"
    return f"在申请期限内，还剩 {(window.file_to - today).days} 天。", "good"
