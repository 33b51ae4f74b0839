"""The verbs a case offers now: which are allowed, why not, and what each asks for."""

from __future__ import annotations

from jinpu_desk.domain.case import Case, DeliverState, Status
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.rules import check_status

from .bars import is_registration, nothing_to_correct
from .desk import Desk
from .labels import VERB_LABELS
from .roles import require
from .subject import Subject
from .verbs import VERBS
from .views import FieldView, OptionView, VerbButton

PAUSE_LABELS = {
    PauseReason.HEARING: "听证",
    PauseReason.TENDER: "招标",
    PauseReason.AUCTION: "拍卖",
    PauseReason.INSPECTION: "检验",
    PauseReason.TESTING: "检测",
    PauseReason.QUARANTINE: "检疫",
    PauseReason.APPRAISAL: "鉴定",
    PauseReason.EXPERT_REVIEW: "专家评审",
    PauseReason.PUBLICITY: "公示、公告",
    PauseReason.SITE_SURVEY: "现场踏勘",
    PauseReason.CORRECTION: "受理后补正",
    PauseReason.OTHER_STATUTORY: "其他法定情形",
}


def _ask(key: str, label: str, *, required: bool = True) -> FieldView:
    return FieldView(path=key, label=label, kind="text", value="", required=required)


def _choose(key: str, label: str, options: dict[str, str]) -> FieldView:
    choices = tuple(OptionView(value=value, label=text) for value, text in options.items())
    return FieldView(
        path=key, label=label, kind="choice", value=choices[0].value, options=choices, required=True
    )


ASKS: dict[str, tuple[FieldView, ...]] = {
    "refuse": (
        _ask("reason", "理由"),
        _ask("competent_organ", "有权机关"),
        _ask("article", "依据", required=False),
    ),
    "pause": (
        _choose("reason", "理由", {str(reason): label for reason, label in PAUSE_LABELS.items()}),
        _ask("approver", "批准人"),
        _ask("notice_no", "告知书编号", required=False),
    ),
    "extend": (
        FieldView(path="days", label="延长工作日", kind="integer", value="", required=True),
        _ask("reason", "理由"),
        _ask("approver", "批准人"),
    ),
    "decide": (
        FieldView(
            path="approved",
            label="决定",
            kind="bool",
            value="true",
            options=(OptionView(value="true", label="准予"), OptionView(value="false", label="不予")),
            required=True,
        ),
        _ask("result_name", "结果名称", required=False),
        _ask("result_no", "证照编号", required=False),
        _ask("reason", "不予的理由", required=False),
    ),
    "hand-out": (
        _choose("method", "方式", {"pick-up": "窗口领取", "post": "邮寄", "electronic": "电子证照"}),
        _ask("recipient", "领取人", required=False),
        _ask("id_no", "证件号码", required=False),
        _ask("relation", "与申请人关系", required=False),
        _ask("tracking_no", "邮件号", required=False),
    ),
    "withdraw": (_ask("reason", "理由"),),
    "void": (_ask("reason", "理由"),),
    "note": (_ask("text", "备注"),),
}
"""What the entry strip asks for; verbs about materials work on the checklist itself."""
ASKS_AGAIN = (_ask("override_reason", "再次补正的理由"),)
ON_THE_PAGE = (
    "accept",
    "register",
    "correct",
    "resubmit",
    "refuse",
    "supplement",
    "pause",
    "resume",
    "extend",
    "decide",
    "close",
    "hand-out",
    "lapse",
    "withdraw",
    "void",
    "note",
)
"""The verbs with a button, in their order; the others work on the checklist and the form."""


def buttons(desk: Desk, case: Case, subject: Subject) -> tuple[VerbButton, ...]:
    """Return the verbs that make sense for the case as it stands; a disabled one says why."""
    return tuple(
        VerbButton(
            verb=verb,
            label=VERB_LABELS[verb],
            allowed=not reason,
            reason=reason,
            asks=ASKS_AGAIN if verb == "correct" and case.corrections else ASKS.get(verb, ()),
        )
        for verb in ON_THE_PAGE
        if _fits(case, verb)
        for reason in [_why_not(desk, case, subject, verb)]
    )


def _fits(case: Case, verb: str) -> bool:
    """Tell whether the button belongs on the page at all."""
    opens = VERBS[verb].opens
    try:
        if opens is not None:
            check_status(case, opens)
    except Refused:
        return False
    registration = is_registration(case)
    fits = {
        "accept": not registration,
        "register": registration and case.status is Status.RECEIVED,
        "supplement": bool(case.supplement_by),
        "pause": not case.paused,
        "resume": case.paused,
        "extend": not case.extension_days,
        "hand-out": case.deliver_state in {DeliverState.WAITING, DeliverState.POSTED},
        "lapse": case.status is Status.CORRECTING
        or (case.status is Status.ACCEPTED and bool(case.supplement_by)),
        "void": not case.voided,
    }
    return fits.get(verb, True)


def _why_not(desk: Desk, case: Case, subject: Subject, verb: str) -> str:
    """Return the sentence that bars the verb, empty when nothing does."""
    try:
        require(desk.roles, desk.clerk.roles, verb)
        VERBS[verb].bars(desk, case, subject)
        if verb == "correct":
            nothing_to_correct(desk, case, subject)
    except Refused as refused:
        return desk.sentences.of(refused)[0]
    return ""
