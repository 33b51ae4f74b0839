"""The intake page as a small set of rules explains it, with fictitious (演示) items and materials."""

from __future__ import annotations

from typing import Any

from jinpu_desk.app.intake import spot
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import (
    ArchiveView,
    ChecklistLine,
    Chip,
    FieldView,
    IntakePage,
    OptionView,
    Pair,
    PartyView,
    QuestionView,
    Step,
)
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.materials import MaterialState, MaterialTick

STATE = MaterialState
CHIPS = {
    STATE.RECEIVED: Chip("齐", "good"),
    STATE.LACKING: Chip("缺", "bad"),
    STATE.TOLERATED: Chip("容缺", "tolerated"),
    STATE.PLEDGED: Chip("承诺", "pledged"),
    STATE.SHARED: Chip("电子证照", "info"),
    STATE.REUSED: Chip("复用", "info"),
    STATE.DEFECTIVE: Chip("瑕疵", "warn"),
}
ALWAYS = (STATE.RECEIVED, STATE.LACKING, STATE.DEFECTIVE)
MATERIALS = (
    ("application", "食品经营许可申请书", "原件 1", True, ALWAYS),
    ("id-card", "经营者身份证", "原件核验", True, (*ALWAYS, STATE.REUSED, STATE.SHARED)),
    ("licence", "营业执照", "免提交", True, (*ALWAYS, STATE.SHARED)),
    ("layout", "主要设备、布局和操作流程", "复印件 1", True, ALWAYS),
    ("policies", "食品安全管理制度", "复印件 1", True, (*ALWAYS, STATE.TOLERATED)),
    ("health", "从业人员健康证明", "复印件 1", True, (*ALWAYS, STATE.PLEDGED)),
    ("lease", "房屋租赁合同", "复印件 1", True, ALWAYS),
)
MENU = (
    (
        "open-restaurant",
        True,
        "我要开餐馆",
        "一件事 · 4 个事项并联",
        "法定 20 · 承诺 5 个工作日",
        "wykcg",
        "",
    ),
    ("food-business-new", False, "食品经营许可（新办）", "许可", "法定 20 · 承诺 5 个工作日", "spjyxk", ""),
    ("sole-prop-setup", False, "个人独资企业设立登记", "登记", "当场办结", "grdzqysl", ""),
    ("simple-cancel", False, "简易注销登记", "登记", "法定 3 · 承诺 1 个工作日", "jyzxdj", ""),
    ("prepackaged-food-filing", False, "仅销售预包装食品备案", "备案", "即办", "jxsybzspba", ""),
    ("fire-safety-check", False, "消防安全检查", "许可", "法定 10 · 即办", "xfaqjc", ""),
    ("small-catering", False, "小餐饮经营许可", "许可", "法定 10 · 承诺 3 个工作日", "xcyjyxk", ""),
    (
        "construction-permit",
        False,
        "建筑工程施工许可",
        "许可",
        "法定 7 · 承诺 5 个工作日",
        "jzgcsgxk",
        "本窗口不办这个事项，请到住建窗口。",
    ),
)


def explain(draft: Draft) -> IntakePage:
    """Return what the page shows: simple rules, enough to exercise every part of it."""
    party = draft.applicant
    id_wrong = bool(party.id_no) and not party.id_no.endswith("0016")
    warned = (
        {"id_no": "校验码不对，请核对证件；确认无误可填理由。"} if id_wrong and len(party.id_no) == 18 else {}
    )
    done = {
        name
        for name in ("name", "phone", "id_no", "uscc")
        if len(getattr(party, name)) >= (2 if name == "name" else 11)
    }
    done -= set(warned) if "applicant.id_no" not in draft.overrides else set()
    problems = {"phone": "电话应为 11 位数字。"} if party.phone and not party.phone.isdigit() else {}
    lines = checklist(draft) if draft.target else ()
    missing = next((line for line in lines if line.state in (STATE.LACKING, STATE.DEFECTIVE)), None)
    form = form_fields(draft) if draft.target else ()
    gap = next((f.label for f in form if f.required and not f.done), "") or ("" if party.name else "姓名")
    archive = ArchiveView(
        text="历史办件 3 · 有效证照 2 · 可复用材料 1",
        cases=3,
        reusable={"id-card": "2026-08-14 档案"},
        found=True,
    )
    return IntakePage(
        title=next((m[2] for m in MENU if m[0] == draft.target), ""),
        chips=(Chip("一件事 · 4 个事项并联", "info"),) if draft.package else (Chip("许可", "info"),),
        subtitle="个体工商户设立 · 食品经营许可 · 户外招牌 · 消防检查" if draft.package else "演示市场监管局",
        facts=("材料 18 → 9 份，减 9 份", "法定 20 · 承诺 5 个工作日") if draft.target else (),
        applicant=PartyView(problems=problems, warnings=warned, done=frozenset(done)),
        agent=PartyView(problems={}, warnings={}, done=frozenset()) if draft.agent else None,
        archive=archive if "id_no" in done else None,
        questions=questions(draft) if draft.target else (),
        fields=form,
        fields_text=f"19 项合并为 {len(form)} 项，已填 {sum(f.done for f in form)}",
        checklist=lines,
        summary=summary(lines),
        steps=steps(draft, gap, missing),
        verdict=verdict(draft, gap, missing),
        verdict_tone="bad" if gap or missing else "good",
        advice="行政许可法第三十二条第一款第（四）项 · 应当场或 5 个工作日内一次告知，最迟 2026-11-30"
        if missing
        else "",
        needs_tolerance_signature=any(line.state is STATE.TOLERATED for line in lines),
        correcting=draft.spot.before is not None,
        corrections=tuple(Pair(path, f"{old} → {new}") for path, (old, new) in spot.under_way(draft).items()),
    )


def verdict(draft: Draft, gap: str, missing: ChecklistLine | None) -> str:
    if not draft.target:
        return "先选要办的事项"
    if gap:
        return f"还不能收件：请填写“{gap}”"
    return f"不能受理：缺少必要材料“{missing.name}”" if missing else "材料齐全，可以受理"


def questions(draft: Draft) -> tuple[QuestionView, ...]:
    def options(*pairs: tuple[str, str]) -> tuple[OptionView, ...]:
        return tuple(OptionView(value=value, label=label) for value, label in pairs)

    modes = options(("owned", "自有"), ("lease", "租赁"), ("cluster", "集中登记"), ("hotel", "宾馆酒店"))
    return (
        QuestionView(
            key="address_mode", label="经营场所", options=modes, answer=draft.answers.get("address_mode")
        ),
        QuestionView(
            key="area",
            label="经营面积",
            options=options(("small", "≤150㎡"), ("large", ">150㎡")),
            answer=draft.answers.get("area"),
        ),
        QuestionView(
            key="cold",
            label="现制冷食",
            options=options(("true", "是"), ("false", "否")),
            answer=draft.answers.get("cold"),
            boolean=True,
        ),
    )


def form_fields(draft: Draft) -> tuple[FieldView, ...]:
    def field(key: str, label: str, kind: Any = "text", **more: Any) -> FieldView:
        value = draft.form.get(key, "")
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return FieldView(path=f"form.{key}", label=label, kind=kind, value=shown, done=bool(shown), **more)

    kinds = tuple(OptionView(value=v, label=v) for v in ("热食", "冷食", "糕点"))
    return (
        field("name", "名称", required=True),
        field("address", "经营场所", required=True),
        field("scope", "经营项目", required=True),
        field("capital", "出资额", "money", unit="万元"),
        field("kind", "主体业态", "choice", options=kinds),
        field("remark", "经营说明", "longtext"),
    )


def checklist(draft: Draft) -> tuple[ChecklistLine, ...]:
    remarks = {
        STATE.REUSED: ("2026-08-14 档案", "neutral"),
        STATE.SHARED: ("核验于 10:39", "neutral"),
        STATE.TOLERATED: ("12-01 前补齐", "neutral"),
        STATE.PLEDGED: ("告知承诺书待签", "neutral"),
        STATE.LACKING: ("必要材料", "neutral"),
    }
    found = []
    for place, (key, name, take, required, allowed) in enumerate(MATERIALS, 1):
        tick = draft.materials.get(key, MaterialTick())
        remark, tone = remarks.get(tick.state, ("", "neutral"))
        if key == "layout" and tick.pages == 3:
            remark, tone = "第 2 页偏糊", "warn"
        found.append(
            ChecklistLine(
                key=key,
                no=place,
                name=name,
                take=take,
                pages=tick.pages,
                state=tick.state,
                chip=CHIPS[tick.state],
                remark=remark,
                remark_tone=tone,  # type: ignore[arg-type]
                required=required,
                allowed=allowed,
                files=tuple(Digest(f) for f in tick.files),
                requirement="清晰、完整、加盖公章",
                tick_code=f"M-FOODBZ-AAAAA{chr(64 + place)}",
            )
        )
    return tuple(found)


def summary(lines: tuple[ChecklistLine, ...]) -> tuple[Chip, ...]:
    counts: dict[str, tuple[Chip, int]] = {}
    for line in lines:
        chip, count = counts.get(line.chip.text, (line.chip, 0))
        counts[line.chip.text] = (chip, count + 1)
    return tuple(Chip(f"{chip.text} {count}", chip.tone) for chip, count in counts.values())


def steps(draft: Draft, gap: str, missing: ChecklistLine | None) -> tuple[Step, ...]:
    form = f"请填写“{gap}”" if gap else ""
    lack = form or (f"缺少必要材料“{missing.name}”" if missing else "")

    def step(outcome: Outcome, label: str, reason: str, *, best: bool = False) -> Step:
        return Step(
            outcome=outcome,
            label=label,
            shortcut="",
            allowed=not reason,
            reason=reason,
            article="",
            recommended=best,
        )

    return (
        step(Outcome.RECEIVE, "收件", form, best=bool(gap)),
        step(Outcome.ACCEPT, "受理", lack, best=not lack),
        step(
            Outcome.CORRECT,
            "一次性补正",
            form or ("" if missing else "没有需要补正的"),
            best=bool(missing) and not gap,
        ),
        step(Outcome.ON_THE_SPOT, "当场更正", ""),
        step(Outcome.REFUSE, "不予受理", ""),
        step(Outcome.GUIDE, "引导", "本站可以办理这个事项"),
    )
