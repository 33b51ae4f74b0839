"""Verbs about papers and people moving: hand-on slips, visits, 好差评 and its answers (DOMAIN C2, C10, F11, F13)."""

from __future__ import annotations

from typing import Literal

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case, Status

from ..desk import Desk
from ..duty import handing_on
from ..intake.subject import Subject
from ..screens.views import FieldView, OptionView
from .asks import ask, fixed
from .data import Data, Text, require_text
from .moment import Moment
from .verb import Verb

SATISFACTION = {"5": "非常满意", "4": "满意", "3": "基本满意", "2": "不满意", "1": "非常不满意"}
"""Levels of 好差评; at most 2 is a 差评 (国办发〔2019〕51号)."""
OCCASIONS = {"receipt": "收件", "result": "办结"}


class HandOnData(Data, frozen=True, kw_only=True):
    """Where the papers go: a department's key or name, or ``window`` for back; nothing means the usual way."""

    to: str = ""
    note: str = ""


class TakeOverData(Data, frozen=True, kw_only=True):
    """Who signed the slip, this clerk by default; ``returned`` when the sender takes the papers back."""

    receiver: str = ""
    returned: bool = False


class VisitData(Data, frozen=True, kw_only=True):
    """The ticket of the queue, and what the applicant came for."""

    ticket: str = ""
    purpose: str = ""


class RateData(Data, frozen=True, kw_only=True):
    """What the applicant said, 5 非常满意 to 1 非常不满意; nobody is asked to have an opinion."""

    occasion: Literal["receipt", "result"]
    satisfaction: int
    aspects: tuple[str, ...] = ()
    text: str = ""


def _hand_on(now: Moment, data: HandOnData) -> None:
    to = data.to.strip() or handing_on.usual_target(now.desk, now.case)
    handing_on.send(now.desk, now.tx, [now.case], to, data.note.strip())


def _may_go_on(desk: Desk, case: Case, _subject: Subject) -> None:
    """Keep papers that are on their way, or at another station, from going on."""
    handing_on.check_movable(desk, case)


def _take_over(now: Moment, data: TakeOverData) -> None:
    if data.returned:
        now.write(handing_on.taking_back(now.desk, now.case))
    else:
        now.write(handing_on.taking(now.desk, now.case, data.receiver))


def _visit(now: Moment, data: VisitData) -> None:
    now.write(
        b.CaseVisited(visited_on=now.desk.today(), ticket=data.ticket.strip(), purpose=data.purpose.strip())
    )


def _rate(now: Moment, data: RateData) -> None:
    now.write(
        b.CaseRated(
            occasion=data.occasion,
            satisfaction=data.satisfaction,
            aspects=tuple(aspect.strip() for aspect in data.aspects if aspect.strip()),
            text=data.text.strip(),
            rated_on=now.desk.today(),
        )
    )


def _answer(now: Moment, data: Text) -> None:
    require_text(data.text, "data.text")
    now.write(b.RatingAnswered(text=data.text.strip(), answered_on=now.desk.today()))


def _asks_rating(case: Case) -> tuple[FieldView, ...]:
    """Ask for a rating; nothing is chosen beforehand, because unrated is not satisfied (DOMAIN F11)."""
    known = {"result": "办结"} if case.decision else {}
    occasions = {**known, "receipt": "收件"}
    return (
        FieldView(
            path="satisfaction",
            label="满意度",
            kind="choice",
            value="",
            options=tuple(OptionView(value=value, label=label) for value, label in SATISFACTION.items()),
            required=True,
        ),
        FieldView(
            path="occasion",
            label="评价环节",
            kind="choice",
            value=next(iter(occasions)),
            options=tuple(OptionView(value=value, label=label) for value, label in occasions.items()),
            required=True,
        ),
        ask("aspects", "评价指标", required=False),
        ask("text", "申请人的话", required=False),
    )


def _asks_target(case: Case) -> tuple[FieldView, ...]:
    """Ask where to; empty means the item's department, or from there the window."""
    usual = "窗口" if case.holder else "承办部门"
    return (
        ask("to", f"接收部门（不填即{usual}）", required=False),
        ask("note", "备注", required=False),
    )


VISIT = fixed(ask("ticket", "排队号", required=False), ask("purpose", "来意", required=False))
RECEIVER = fixed(ask("receiver", "签收人（不填即本人）", required=False))


def _taken_in(case: Case) -> bool:
    return case.status is not Status.DRAFT


def _movable(case: Case) -> bool:
    return _taken_in(case) and not case.on_the_way


def _moving(case: Case) -> bool:
    return case.on_the_way


def _poorly_rated(case: Case) -> bool:
    return case.poor_rating is not None


VERBS: dict[str, Verb] = {
    "visit": Verb(VisitData, _visit, b.CaseVisited, asks=VISIT, fits=_taken_in),
    "rate": Verb(RateData, _rate, b.CaseRated, asks=_asks_rating, fits=_taken_in),
    "answer-rating": Verb(
        Text, _answer, b.RatingAnswered, asks=fixed(ask("text", "回访情况")), fits=_poorly_rated
    ),
    "hand-on": Verb(HandOnData, _hand_on, b.HandedOn, _may_go_on, asks=_asks_target, fits=_movable),
    "take-over": Verb(TakeOverData, _take_over, b.TakenOver, asks=RECEIVER, fits=_moving),
}
