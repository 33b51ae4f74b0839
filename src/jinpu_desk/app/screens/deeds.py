"""What an event says, in words: its verb, who did it at which window, and what it holds besides fields."""

from __future__ import annotations

from typing import Any

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.mask import mask_name

from .. import labels
from ..desk import Desk
from ..ports import StoredEvent
from ..verbs.asks import PAUSE_LABELS
from ..verbs.conflict import meant
from .views import Pair

FACTS: dict[str, str] = {
    "approved": "决定",
    "accepted_on": "受理日期",
    "decided_on": "决定日期",
    "result_name": "证照",
    "result_no": "证照编号",
    "valid_to": "有效期至",
    "reason": "理由",
    "article": "依据",
    "competent_organ": "有权机关",
    "correct_by": "补正期限",
    "received_on": "收到日期",
    "arrived_on": "补齐日期",
    "cause": "原因",
    "lapsed_on": "终止日期",
    "start": "开始",
    "end": "结束",
    "approver": "批准人",
    "notice_no": "通知书文号",
    "days": "延长工作日",
    "closed_on": "办结日期",
    "recipient": "领取人",
    "handed_on": "交付日期",
    "served_on": "签收日期",
    "signed_by": "签收人",
    "slip": "交接单",
    "target": "交给",
    "receiver": "接收人",
    "taken_on": "签收日期",
    "text": "内容",
    "keep": "处理",
}
PEOPLE = frozenset({"recipient", "signed_by"})
CAUSES = {"tolerance": "容缺材料逾期未补齐", "correction": "逾期未补正"}


def facts_of(desk: Desk, stored: StoredEvent, *, reveal: bool) -> tuple[Pair, ...]:
    """Return what a step said, by the words of its fields; field values have their own table."""
    try:
        body = meant(stored)
    except Refused as refused:
        return (Pair("内容", desk.sentences.text(refused.code)),)
    found = ((name, getattr(body, name, None)) for name in FACTS)
    return tuple(
        Pair(FACTS[name], _fact(body, name, value, reveal=reveal))
        for name, value in found
        if value not in (None, "", ())
    )


def _fact(body: b.Body, name: str, value: Any, *, reveal: bool) -> str:
    if name == "approved":
        return "准予" if value else "不予"
    if name == "keep":
        return "采用停下的一步" if value else "保留原来的内容"
    if name == "cause":
        return CAUSES.get(str(value), str(value))
    if name == "reason" and isinstance(body, b.ClockPaused):
        return {str(reason): word for reason, word in PAUSE_LABELS.items()}.get(str(value), str(value))
    if name in PEOPLE and not reveal:
        return mask_name(str(value))
    return str(value)


def where(desk: Desk, replica: str) -> str:
    """Return which window wrote something: this one, or its station and name."""
    if replica == desk.replica.id:
        return "本窗口"
    return desk.windows.get(replica, "其他窗口")


def who(desk: Desk, actor: str) -> str:
    """Return the name of a person, or the login where this desk knows no name."""
    return desk.clerks.get(actor, actor)


def what(type_: str) -> str:
    """Return what a clerk calls a type of event."""
    return labels.EVENT_LABELS.get(type_, type_)
