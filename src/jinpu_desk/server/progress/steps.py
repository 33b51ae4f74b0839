"""What a citizen is told of a case: where it stands, what they have to do, and the steps with their days. Pure.

Nothing of it names or describes a person: no names, no numbers but the case's own, no words anybody typed.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.body import DocFamily
from jinpu_desk.domain.case import Case, DeliverState, Status
from jinpu_desk.domain.instants import local_date


class Tone(StrEnum):
    """How a state looks."""

    CALM = "calm"  # under way
    ACT = "act"  # the applicant has to do something
    GOOD = "good"
    ENDED = "ended"


class Reached(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    LATER = "later"


class Step(msgspec.Struct, frozen=True):
    """One step: its name, where it stands, on which day it was, and what there is to say of it."""

    name: str
    reached: Reached
    on: dt.date | None = None
    note: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All that is shown of a case."""

    headline: str
    meaning: str
    tone: Tone
    steps: tuple[Step, ...]
    duties: tuple[str, ...] = ()
    due: str = ""


_PLAIN = {
    Status.DRAFT: (
        "已登记",
        "已登记，尚未收件。现场引导的请按引导单到指定窗口办理，网上提交的请等候窗口收件。",
        Tone.CALM,
    ),
    Status.RECEIVED: ("已收件", "窗口已收到材料，正在审查，五个工作日内答复是否受理。", Tone.CALM),
    Status.CORRECTING: ("待补正", "材料需要补正，请按《补正告知书》一次补齐，交回窗口。", Tone.ACT),
    Status.ACCEPTED: ("已受理", "您的申请已受理，正在办理。", Tone.CALM),
    Status.DENIED: (
        "未予许可",
        "决定已作出，请到窗口领取决定书；不服的可以依法申请复议或者起诉。",
        Tone.ENDED,
    ),
    Status.APPROVED: ("已批准", "结果已作出，正在准备证照文书。", Tone.GOOD),
    Status.CLOSED: ("已办结", "本件已办结。", Tone.GOOD),
    Status.REFUSED: ("不予受理", "理由和救济途径见《不予受理通知书》。", Tone.ENDED),
    Status.WITHDRAWN: ("已撤回", "本次申请已撤回，需要时可以重新申请。", Tone.ENDED),
    Status.TERMINATED: ("已终止", "本件已终止，如有疑问请联系受理窗口。", Tone.ENDED),
}
_WAITING = {
    "pick-up": "结果可以领取了：请带身份证件和受理凭证到窗口领取，代领的另带委托书。",
    "post": "结果将按您留下的地址寄出，请留意查收。",
    "electronic": "结果已生成电子证照，将按您选择的方式送达。",
}
_OVER = frozenset({Status.REFUSED, Status.WITHDRAWN, Status.TERMINATED})


def standing_of(case: Case, row: CaseRow) -> Standing:
    """Return what is shown of ``case``, whose terms stand in ``row``."""
    headline, meaning, tone = _PLAIN[case.status]
    result = _result(case)
    if result is not None:
        headline, meaning, tone = result
    elif case.not_needed:
        headline, meaning = "无需许可", "这件事依法不需要申请许可，详见通知书。"
    elif case.status is Status.ACCEPTED and case.paused:
        headline, meaning = "暂停计时", "依法进行检验、检测、听证等程序，所需时间不计入办理期限。"
    elif case.status is Status.RECEIVED and case.terms.family is DocFamily.REGISTRATION:
        meaning = "窗口已收到材料，正在办理登记。"
    return Standing(
        headline=headline,
        meaning=meaning,
        tone=Tone.ACT if _has_duty(case) else tone,
        steps=_steps(case, row),
        duties=_duties(case, row),
        due=_due(case, row),
    )


def _result(case: Case) -> tuple[str, str, Tone] | None:
    """Return how a case stands whose result is there and on its way to the applicant."""
    if case.voided or case.decision is None or not case.decision.approved:
        return None
    match case.deliver_state:
        case DeliverState.WAITING:
            headline = "可以领取" if case.delivery == "pick-up" else "等待送达"
            return headline, _WAITING[case.delivery], Tone.GOOD
        case DeliverState.POSTED:
            return "已寄出", "结果已经寄出，请留意查收。", Tone.GOOD
        case DeliverState.SERVED:
            return "已办结", "结果已经送达，本件已办结。", Tone.GOOD
        case DeliverState.NONE:
            return None


def _has_duty(case: Case) -> bool:
    return case.status is Status.CORRECTING or (case.open and bool(case.supplement_by))


def _duties(case: Case, row: CaseRow) -> tuple[str, ...]:
    """Return what the applicant has to bring, and by when."""
    told = []
    if case.status is Status.CORRECTING and row.correct_by is not None:
        told.append(f"请在 {_day(row.correct_by)} 前补齐。")
    if case.open and case.supplement_by:
        first = min(case.supplement_by.values())
        told.append(f"容缺受理的材料还有 {len(case.supplement_by)} 项没有补齐，请在 {_day(first)} 前补交。")
    return tuple(told)


def _due(case: Case, row: CaseRow) -> str:
    if case.status is not Status.ACCEPTED or row.due is None or case.paused:
        return ""
    return f"{_day(row.due)}（暂定）" if row.due_provisional else _day(row.due)


def _steps(case: Case, row: CaseRow) -> tuple[Step, ...]:
    """Return the steps in order; those to come are named without a day."""
    past = [step for step in (*_beginning(case, row), *_middle(case), *_end(case)) if step is not None]
    if case.status in _OVER or case.not_needed:
        return (*past, Step(_PLAIN[case.status][0], Reached.NOW, row.closed_on))
    done = len(past)
    coming = [Step(name, Reached.LATER) for name in _coming(case)]
    steps = [*past, *coming]
    if case.open and done:
        last = steps[done - 1]
        steps[done - 1] = Step(last.name, Reached.NOW, last.on, last.note)
    return tuple(steps)


def _beginning(case: Case, row: CaseRow) -> tuple[Step | None, ...]:
    applied = Step("网上提交", Reached.DONE, case.applied_on) if case.applied_on else None
    if case.status is Status.DRAFT:
        return (applied or Step("登记", Reached.DONE, _local(case.received_at)),)
    corrected = [
        Step("补正告知", Reached.DONE, _local(each.noticed_at), f"需要补正 {len(each.faults)} 项")
        for each in case.corrections
    ]
    first = _local(case.received_at) if case.corrections else row.received_on or _local(case.received_at)
    again = row.received_on if case.corrections and case.status is not Status.CORRECTING else None
    resubmitted = Step("补正材料收到", Reached.DONE, again) if again else None
    return (applied, Step("收件", Reached.DONE, first), *corrected, resubmitted)


def _middle(case: Case) -> tuple[Step | None, ...]:
    if case.accepted_on is None:
        return ()
    accepted = Step("受理", Reached.DONE, case.accepted_on, "逾期未告知，视为受理" if case.deemed else "")
    pauses = [
        Step(
            "暂停计时",
            Reached.DONE,
            each.start,
            f"{_day(each.end)} 恢复" if each.end else "所需时间不计入办理期限",
        )
        for each in case.pauses
    ]
    return accepted, *pauses


def _end(case: Case) -> tuple[Step | None, ...]:
    if case.decision is None:
        return ()
    words = "予以批准" if case.decision.approved else "不予许可"
    registered = case.terms.family is DocFamily.REGISTRATION and case.decision.approved
    decided = Step(
        "登记" if registered else "作出决定",
        Reached.DONE,
        case.decision.decided_on,
        "" if registered else words,
    )
    served = next((each.served_on for each in reversed(case.deliveries) if each.served_on), None)
    return decided, Step("送达", Reached.DONE, served) if served else None


def _coming(case: Case) -> tuple[str, ...]:
    """Return the names of the steps that are to come."""
    registers = case.terms.family is DocFamily.REGISTRATION
    way = ("收件", "登记", "送达") if registers else ("收件", "受理", "作出决定", "送达")
    served = any(each.served_on for each in case.deliveries)
    match case.status:
        case Status.DRAFT:
            return way
        case Status.CORRECTING:
            return ("补正材料收到", *way[1:])
        case Status.RECEIVED:
            return way[1:]
        case Status.ACCEPTED:
            return way[2:]
        case _:
            waits = case.deliver_state in {DeliverState.WAITING, DeliverState.POSTED}
            return way[-1:] if (case.open or waits) and not served else ()


def _local(at: int) -> dt.date:
    return local_date(at)


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
