"""The special cases of the intake page in memory: a guided block, a register, strands, 补录 (all 演示)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import (
    BranchView,
    Chip,
    FieldView,
    GuideView,
    IntakePage,
    OptionView,
    Pair,
    PlaceView,
    QuestionView,
    Step,
)
from jinpu_desk.domain.decision import Outcome

PLACES = (
    PlaceView(
        key="cp-01",
        name="演示街道集中登记场所",
        below="演示托管公司 · 演示路 1 号",
        use=Chip("已登记 12 / 50 户", "good"),
        address="演示路 1 号",
    ),
    PlaceView(
        key="cp-02",
        name="演示社区集中登记场所",
        below="演示社区 · 演示路 2 号",
        use=Chip("已登记 50 / 50 户", "warn"),
        address="演示路 2 号",
    ),
)
CHECKS = (
    ("unsettled", "有未清偿的债务"),
    ("bad_list", "被列入经营异常名录"),
    ("branch_open", "有分支机构未注销"),
)
YES_NO = (OptionView(value="true", label="是"), OptionView(value="false", label="否"))
TODAY = date(2026, 11, 23)


def special(draft: Draft, page: IntakePage) -> IntakePage:
    """Return the page with whatever is special about the draft."""
    changes: dict[str, object] = {"arrival_problems": _arrival(draft)}
    if draft.target == "simple-cancel":
        changes["guide"] = guide(draft)
    if draft.answers.get("address_mode") == "cluster":
        changes["fields"] = (*page.fields, _place_field(draft))
    if draft.package:
        changes["branches"] = (
            BranchView(
                name="食品经营许可",
                authority="演示局",
                term="法定 10 · 承诺 4 个工作日",
                due="11-27",
                longest=True,
            ),
            BranchView(
                name="个体工商户设立登记",
                authority="演示局",
                term="法定 3 · 即办",
                due="11-23",
                longest=False,
            ),
        )
        changes["branches_text"] = "并联办理，取最长的一项：承诺 4 个工作日"
    if draft.target == "prepackaged-food-filing":
        changes["steps"] = _filing_steps()
    if draft.target == "fire-safety-check":
        changes["steps"] = (_step(Outcome.RECEIVE, "收件"), _step(Outcome.DECIDE, "受理并当场决定", best=True),
                            _step(Outcome.ACCEPT, "受理"))  # fmt: skip
    if draft.form.get("address"):
        changes["remarks"] = (Chip("同址已有：演示小馆（一址多照仅作提示）", "info"),)
    return msgspec.structs.replace(page, **changes)


def _arrival(draft: Draft) -> dict[str, str]:
    if draft.backfill is None or not draft.backfill.received_at:
        return {}
    later = draft.backfill.received_at > TODAY.isoformat()
    return {"backfill.received_at": "补录的收件时间在将来。"} if later else {}


def guide(draft: Draft) -> GuideView:
    """Return the block of 简易注销 with three questions."""
    checks = tuple(
        QuestionView(
            key=key,
            label=label,
            options=YES_NO,
            answer=draft.answers.get(key),
            boolean=True,
            barred=f"{label}的，不适用简易注销。" if draft.answers.get(key) else "",
        )
        for key, label in CHECKS
    )
    against = next((check.barred for check in checks if check.barred), "")
    began = draft.form.get("notice_from", "")
    return GuideView(
        heading="资格核对与公示",
        checks=checks,
        checked=f"已核对 {sum(check.answer is not None for check in checks)} / {len(checks)}",
        verdict=against or "逐条核对：是按 Y，否按 N。",
        tone="bad" if against else "neutral",
        fields=(
            FieldView(path="form.notice_from", label="公示起始日期", kind="date", value=began, required=True),
        ),
        dates=_dates(began),
        dates_text="在申请期限内。" if _dates(began) else "填写公示起始日期。",
        dates_tone="good" if _dates(began) else "neutral",
    )


def _dates(began: str) -> tuple[Pair, ...]:
    try:
        first = date.fromisoformat(began)
    except ValueError:
        return ()
    a, b, c, d = (first + timedelta(days=n) for n in (0, 20, 21, 40))
    return (Pair("公示起止", f"{a} 至 {b}"), Pair("可以申请", f"最早 {c}，最晚 {d}"))


def _place_field(draft: Draft) -> FieldView:
    key = draft.form.get("cluster_place", "")
    shown = next((place.name for place in PLACES if place.key == key), "")
    return FieldView(
        path="form.cluster_place",
        label="集中登记场所",
        kind="register",
        value=key,
        register="cluster-places",
        shown=shown,
        done=bool(shown),
    )


def _step(outcome: Outcome, label: str, *, best: bool = False) -> Step:
    return Step(
        outcome=outcome, label=label, shortcut="", allowed=True, reason="", article="", recommended=best
    )


def _filing_steps() -> tuple[Step, ...]:
    return (_step(Outcome.RECEIVE, "收件"), _step(Outcome.DECIDE, "备案", best=True))
