"""The checklist's rows, alike on the intake page and on a recorded case."""

from __future__ import annotations

from jinpu_desk.domain.case import Case
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick

from .. import labels
from ..desk import Desk
from ..papers import tick_code
from .views import ChecklistLine, Chip, Tone

STATE_TONES: dict[MaterialState, Tone] = {
    MaterialState.RECEIVED: "good",
    MaterialState.LACKING: "bad",
    MaterialState.TOLERATED: "tolerated",
    MaterialState.PLEDGED: "pledged",
    MaterialState.SHARED: "info",
    MaterialState.REUSED: "info",
    MaterialState.DEFECTIVE: "warn",
}


def checklist(desk: Desk, case: Case, rules: tuple[MaterialRule, ...]) -> tuple[ChecklistLine, ...]:
    """Return the materials of a recorded case."""
    return tuple(
        checklist_line(
            no,
            case.item,
            rule,
            case.materials.get(rule.key, MaterialTick()),
            *_remark(desk, case, rule),
        )
        for no, rule in enumerate(rules, start=1)
    )


def _remark(desk: Desk, case: Case, rule: MaterialRule) -> tuple[str, Tone]:
    day = case.supplement_by.get(rule.key)
    if day is not None:
        return f"{labels.short_day(day, desk.today())} 前补齐", "tolerated"
    return case.materials.get(rule.key, MaterialTick()).note, "neutral"


def checklist_line(
    no: int,
    item: str,
    rule: MaterialRule,
    tick: MaterialTick,
    remark: str,
    remark_tone: Tone,
    allowed: tuple[MaterialState, ...] = (),
) -> ChecklistLine:
    """Return one material as the table shows it."""
    return ChecklistLine(
        key=rule.key,
        no=no,
        name=rule.name,
        take=_take(rule, tick),
        pages=tick.pages,
        state=tick.state,
        chip=Chip(labels.STATE_LABELS[tick.state], STATE_TONES[tick.state]),
        remark=remark,
        remark_tone=remark_tone,
        required=rule.required,
        allowed=allowed,
        files=tuple(Digest(sha) for sha in tick.files),
        requirement=rule.requirement,
        tick_code=tick_code(item, rule.key),
    )


def _take(rule: MaterialRule, tick: MaterialTick) -> str:
    if tick.state in {MaterialState.SHARED, MaterialState.REUSED}:
        return "免提交"
    if tick.originals or tick.copies:
        parts = (("原件", tick.originals), ("复印件", tick.copies))
        return " ".join(f"{name} {n}" for name, n in parts if n)
    return "—" if tick.state is not MaterialState.RECEIVED else labels.MEDIUM_LABELS[rule.original]
