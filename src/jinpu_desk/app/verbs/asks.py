"""What the entry strip of a verb asks for; verbs about materials work on the checklist itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jinpu_desk.domain.case import Case
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.materials import MaterialState

from ..labels import STATE_LABELS
from ..screens.views import FieldView, OptionView

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
Asks = Callable[[Case], tuple[FieldView, ...]]


def ask(key: str, label: str, *, required: bool = True) -> FieldView:
    """Return a line of text to fill in."""
    return FieldView(path=key, label=label, kind="text", value="", required=required)


def ask_count(key: str, label: str, value: str = "", *, required: bool = True) -> FieldView:
    """Return a whole number to fill in."""
    return FieldView(path=key, label=label, kind="integer", value=value, required=required)


def ask_date(key: str, label: str, *, required: bool = True) -> FieldView:
    """Return a day to fill in, as 2026-01-31."""
    return FieldView(path=key, label=label, kind="date", value="", required=required)


def ask_truth(key: str, label: str, yes: str, no: str, *, default: bool = True) -> FieldView:
    """Return a choice between yes and no in the verb's own words."""
    options = (OptionView(value="true", label=yes), OptionView(value="false", label=no))
    return FieldView(
        path=key,
        label=label,
        kind="bool",
        value="true" if default else "false",
        options=options,
        required=True,
    )


def choose(key: str, label: str, options: dict[str, str]) -> FieldView:
    """Return a choice; the first option is chosen."""
    choices = tuple(OptionView(value=value, label=text) for value, text in options.items())
    return FieldView(
        path=key, label=label, kind="choice", value=choices[0].value, options=choices, required=True
    )


STATES = "materials."
"""How the path of a material's state begins."""


def ask_states(keys: Iterable[str], *states: MaterialState) -> tuple[FieldView, ...]:
    """Return a choice for each material; one that did not come is left open. A single one is why the verb was pressed.

    ``case_verbs`` puts the materials' names in, and leaves out what the catalogue does not allow.
    """
    options = tuple(OptionView(value=str(state), label=STATE_LABELS[state]) for state in states)
    options += (OptionView(value="", label="没有来"),)
    wanted = tuple(keys)
    value = options[0].value if len(wanted) == 1 else ""
    return tuple(
        FieldView(path=f"{STATES}{key}", label=key, kind="choice", value=value, options=options)
        for key in wanted
    )


def fixed(*fields: FieldView) -> Asks:
    """Return the same questions whatever the case."""
    return lambda _case: fields


REFUSAL = fixed(
    ask("reason", "理由"), ask("competent_organ", "有权机关"), ask("article", "依据", required=False)
)
PAUSE = fixed(
    choose("reason", "理由", {str(reason): label for reason, label in PAUSE_LABELS.items()}),
    ask("approver", "批准人"),
    ask("notice_no", "告知书编号", required=False),
)
EXTENSION = fixed(ask_count("days", "延长工作日"), ask("reason", "理由"), ask("approver", "批准人"))
DECISION = fixed(
    ask_truth("approved", "决定", "准予", "不予"),
    ask("result_name", "结果名称", required=False),
    ask("result_no", "证照编号", required=False),
    ask_date("valid_to", "有效期至", required=False),
    ask("reason", "不予的理由", required=False),
)
REASON = fixed(ask("reason", "理由"))
TEXT = fixed(ask("text", "备注"))


def asks_again(case: Case) -> tuple[FieldView, ...]:
    """Ask why a second correction notice is given (DOMAIN C1)."""
    return (ask("override_reason", "再次补正的理由"),) if case.corrections else ()
