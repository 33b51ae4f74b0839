"""Verbs after the decision: the result handed out, served and signed for (DOMAIN C12, §D D9, D10)."""

from __future__ import annotations

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case, DeliverState

from . import bars
from .moment import Moment
from .verb import Verb
from .verb_asks import ask, choose, fixed
from .verb_data import HandOutData, require_text

HAND_OUT = fixed(
    choose("method", "方式", {"pick-up": "窗口领取", "post": "邮寄", "electronic": "电子证照"}),
    ask("recipient", "领取人", required=False),
    ask("id_no", "证件号码", required=False),
    ask("relation", "与申请人关系", required=False),
    ask("tracking_no", "邮件号", required=False),
)


def _hand_out(now: Moment, data: HandOutData) -> None:
    if data.method == "pick-up":
        require_text(data.recipient, "data.recipient")
    if data.method == "post":
        require_text(data.tracking_no, "data.tracking_no")
    now.write(
        b.ResultHandedOut(
            method=data.method,
            recipient=data.recipient,
            id_type=data.id_type,
            id_no=data.id_no,
            relation=data.relation,
            tracking_no=data.tracking_no,
            handed_on=now.desk.today(),
            served=data.method != "post",
        )
    )


def _not_served(case: Case) -> bool:
    return case.deliver_state in {DeliverState.WAITING, DeliverState.POSTED}


VERBS: dict[str, Verb] = {
    "hand-out": Verb(
        HandOutData, _hand_out, b.ResultHandedOut, bars.hand_out, asks=HAND_OUT, fits=_not_served
    ),
}
