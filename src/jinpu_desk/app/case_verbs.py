"""The verbs a case offers now: which are allowed, why not, and what each asks for."""

from __future__ import annotations

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import DECIDED, TERMINAL, Case, DeliverState, Status
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.decision import Counter, Outcome, decide
from jinpu_desk.domain.errors import Refused

from .desk import Desk
from .labels import VERB_LABELS
from .roles import require
from .subject import Subject
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
_FROM: dict[str, frozenset[Status]] = {
    "accept": frozenset({Status.RECEIVED}),
    "register": frozenset({Status.RECEIVED}),
    "correct": frozenset({Status.RECEIVED}),
    "resubmit": frozenset({Status.CORRECTING}),
    "refuse": frozenset({Status.RECEIVED}),
    "supplement": frozenset({Status.ACCEPTED}),
    "pause": frozenset({Status.ACCEPTED}),
    "resume": frozenset({Status.ACCEPTED}),
    "extend": frozenset({Status.ACCEPTED}),
    "decide": frozenset({Status.RECEIVED, Status.ACCEPTED}),
    "close": frozenset(DECIDED),
    "hand-out": frozenset({*DECIDED, Status.CLOSED}),
    "withdraw": frozenset({Status.RECEIVED, Status.CORRECTING, Status.ACCEPTED}),
    "void": frozenset(Status) - TERMINAL,
    "note": frozenset(Status),
}


def buttons(desk: Desk, case: Case, subject: Subject) -> tuple[VerbButton, ...]:
    """Return the verbs that make sense for the case's status; a disabled one says why."""
    shown = []
    for verb, statuses in _FROM.items():
        if case.status not in statuses or not _fits(case, verb):
            continue
        reason = _why_not(desk, case, subject, verb)
        shown.append(
            VerbButton(
                verb=verb,
                label=VERB_LABELS[verb],
                allowed=not reason,
                reason=reason,
                asks=ASKS.get(verb, ()),
            )
        )
    return tuple(shown)


def _fits(case: Case, verb: str) -> bool:
    registration = case.terms.family is DocFamily.REGISTRATION
    fits = {
        "accept": not registration,
        "register": registration,
        "decide": registration or case.status is Status.ACCEPTED,
        "supplement": bool(case.supplement_by),
        "pause": not case.paused,
        "resume": case.paused,
        "extend": not case.extension_days,
        "hand-out": case.deliver_state in {DeliverState.WAITING, DeliverState.POSTED},
    }
    return fits.get(verb, True)


def _why_not(desk: Desk, case: Case, subject: Subject, verb: str) -> str:
    """Return the sentence that bars the verb, empty when nothing does."""
    try:
        require(desk.roles, desk.clerk.roles, verb)
    except Refused as refused:
        return desk.sentences.of(refused)[0]
    outcome = {"accept": Outcome.ACCEPT, "register": Outcome.REGISTER, "correct": Outcome.CORRECT}.get(verb)
    if outcome is not None:
        counter = Counter(
            family=case.terms.family,
            rules=subject.rules,
            ticks=case.materials,
            registers_here=case.terms.window_authorised,
            corrections=len(case.corrections),
        )
        verdict = decide(counter)[outcome]
        return "" if verdict.allowed else desk.sentences.text(verdict.code, verdict.params)
    if verb == "decide":
        own = desk.clerk.id in {case.accepted_by, case.opened_by}
        if own and not (case.terms.window_authorised or case.terms.on_the_spot):
            return desk.sentences.text("case.same-hands")
        if case.paused:
            return desk.sentences.text("case.decide-while-paused")
    return ""
