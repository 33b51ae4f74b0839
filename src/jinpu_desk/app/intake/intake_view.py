"""收件: explains a draft. Pure but for one look into the archive, and quick enough to be asked at every key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from jinpu_desk.catalogue.checklist import Complaint, known_answers
from jinpu_desk.catalogue.model import Field, Question
from jinpu_desk.domain.decision import Outcome, tolerance_ends
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.mask import mask_phone
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick

from .. import labels
from ..desk import Desk
from ..project import workdays_after
from ..screens.checklist_view import checklist_line
from ..screens.views import (
    ArchiveView,
    ChecklistLine,
    Chip,
    FieldView,
    IntakePage,
    OptionView,
    Pair,
    PartyView,
    QuestionView,
    Tone,
)
from . import places, remarks, spot
from .application import from_draft
from .archive import Archive, look_up
from .assess import Assessment, assess, may_be
from .barrier import needs_tolerance_signature
from .decision_bar import sentence, steps_of, verdict_of
from .drafts import Draft
from .guide_view import barred, guide_view
from .likeness import with_same
from .subject import Subject

ONE_KEY = (
    MaterialState.RECEIVED,
    MaterialState.TOLERATED,
    MaterialState.PLEDGED,
    MaterialState.SHARED,
    MaterialState.REUSED,
    MaterialState.DEFECTIVE,
    MaterialState.LACKING,
)
"""States the checklist's keys set, in the order of its legend."""
NO_SUBMIT = frozenset({MaterialState.SHARED, MaterialState.REUSED})
EMPTY = PartyView(problems={}, warnings={}, done=frozenset())


def intake_page(desk: Desk, draft: Draft) -> IntakePage:
    """Explain ``draft``: what is asked, what is missing, what may be decided and why not."""
    if not draft.target:
        return _blank_page("请先选择事项", "neutral", "输入事项名称、拼音首字母或编码")
    try:
        seen = assess(desk, from_draft(draft, Outcome.RECEIVE))
    except Refused as refused:  # a draft may outlive its item
        said, hint = desk.sentences.of(refused)
        return _blank_page(said, "bad", hint)
    subject = seen.subject
    archive = look_up(desk, seen.application.applicant, seen.subject)
    verdict, tone, advice = verdict_of(desk, seen)
    form = with_same(subject.fields, draft.form, seen.application.applicant)
    fields = _fields(desk, subject, draft, form, seen.problems)
    questions = _questions(desk, seen, draft)
    guide = guide_view(desk, seen, questions, fields)
    guided = {check.key for check in guide.checks} if guide else set()
    dated = {field.path for field in guide.fields} if guide else set()
    return IntakePage(
        title=subject.name,
        chips=remarks.chips(subject, draft),
        subtitle=" · ".join(c.name for c in subject.children) or subject.terms.authority,
        facts=_page_facts(subject),
        applicant=_party(desk, seen, "applicant", draft),
        agent=_party(desk, seen, "agent", draft) if draft.agent else None,
        archive=_archive(archive, draft),
        questions=tuple(question for question in questions if question.key not in guided),
        fields=tuple(field for field in fields if field.path not in dated),
        fields_text=_fields_text(subject, fields),
        checklist=_checklist(desk, subject, draft, archive),
        summary=_summary(seen),
        steps=steps_of(desk, seen, draft),
        verdict=verdict,
        verdict_tone=tone,
        advice=advice,
        needs_tolerance_signature=needs_tolerance_signature(seen),
        corrections=tuple(_correction(subject, *change) for change in spot.under_way(draft).items()),
        correcting=draft.spot.before is not None,
        guide=guide,
        branches=remarks.branches(desk, subject),
        branches_text=remarks.branches_text(desk, subject),
        remarks=remarks.remarks(desk, seen),
        arrival_problems={
            problem.where: sentence(desk, subject, problem)
            for problem in seen.problems
            if problem.where.startswith("backfill.") and _touched(draft, problem.where)
        },
    )


def _blank_page(verdict: str, tone: Tone, advice: str) -> IntakePage:
    return IntakePage(
        title="",
        chips=(),
        subtitle="",
        facts=(),
        applicant=EMPTY,
        agent=None,
        archive=None,
        questions=(),
        fields=(),
        fields_text="",
        checklist=(),
        summary=(),
        steps=(),
        verdict=verdict,
        verdict_tone=tone,
        advice=advice,
        needs_tolerance_signature=False,
    )


def _correction(subject: Subject, path: str, change: tuple[object, object]) -> Pair:
    old, new = change
    return Pair(subject.label(path), f"{old} → {'（空）' if new is None else new}")


def _page_facts(subject: Subject) -> tuple[str, ...]:
    facts = []
    if subject.package and subject.children:
        kept, raw = len(subject.rules), subject.raw_materials
        facts.append(f"材料 {raw} → {kept} 份，减 {raw - kept} 份")
    facts.append(remarks.term_text(subject.terms.legal_days, subject.terms.promised_days))
    return tuple(facts)


def _party(desk: Desk, seen: Assessment, who: str, draft: Draft) -> PartyView:
    problems = {
        p.where.partition(".")[2]: sentence(desk, seen.subject, p)
        for p in seen.problems
        if p.where.startswith(f"{who}.") and _touched(draft, p.where)
    }
    warnings = {
        w.where.partition(".")[2]: sentence(desk, seen.subject, w)
        for w in seen.warnings
        if w.where.startswith(f"{who}.")
    }
    party: Any = draft.applicant if who == "applicant" else draft.agent
    filled = {
        name
        for name in ("name", "id_no", "uscc", "phone", "contact", "address")
        if getattr(party, name, "") and not any(p.where == f"{who}.{name}" for p in seen.problems)
    }
    return PartyView(problems=problems, warnings=warnings, done=frozenset(filled))


def _touched(draft: Draft, where: str) -> bool:
    """An empty field is not yet wrong on the page; it only bars the decision."""
    holder: Any = draft
    for key in where.split("."):
        holder = holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)
    return holder not in (None, "", (), {})


def _archive(archive: Archive | None, draft: Draft) -> ArchiveView | None:
    if archive is None:
        return None
    reusable = {key: f"{day.isoformat()} 档案" for key, day in archive.reusable.items()}
    parts = [f"历史办件 {archive.cases}"]
    if reusable:
        parts.append(f"可复用材料 {len(reusable)}")
    return ArchiveView(
        text=" · ".join(parts) if archive.cases else "首次办理",
        cases=archive.cases,
        reusable=reusable,
        same_item_open=archive.same_item_open,
        phone=mask_phone(archive.phone),
        found=archive.cases > 0,
    )


def _questions(desk: Desk, seen: Assessment, draft: Draft) -> tuple[QuestionView, ...]:
    subject, answers = seen.subject, draft.answers
    known = known_answers(subject.questions, answers)
    return tuple(
        QuestionView(
            key=q.key,
            label=q.label,
            options=_options(q),
            answer=_answer(q, answers, known),
            many=q.kind == "many",
            boolean=q.kind == "bool",
            help=q.help,
            problem=_problem_at(desk, subject, seen.problems, f"answers.{q.key}", draft),
            barred=barred(seen, q.key),
        )
        for q in subject.asked(answers)
    )


def _answer(question: Question, answers: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return the answer shown; one that nobody gave, and the catalogue does not presume, is open."""
    if question.kind == "bool" and question.default is None and answers.get(question.key) is None:
        return None
    return known[question.key] if known[question.key] != "" else None


def _options(question: Question) -> tuple[OptionView, ...]:
    if question.kind == "bool":
        return (OptionView(value="true", label="是"), OptionView(value="false", label="否"))
    return tuple(OptionView(value=o.value, label=o.label) for o in question.options)


def _problem_at(
    desk: Desk, subject: Subject, problems: tuple[Complaint, ...], path: str, draft: Draft
) -> str:
    if not _touched(draft, path):
        return ""
    return next((sentence(desk, subject, p) for p in problems if p.where == path), "")


def _fields(
    desk: Desk, subject: Subject, draft: Draft, form: Mapping[str, Any], problems: tuple[Complaint, ...]
) -> tuple[FieldView, ...]:
    shown = []
    for path, field, group in _flat(subject.fields):
        value = _typed(form, path)
        where = f"form.{path}"
        problem = _problem_at(desk, subject, problems, where, draft)
        shown.append(
            FieldView(
                path=where,
                label=field.label,
                kind=field.kind,  # type: ignore[arg-type]  # groups were opened by _flat
                value=value,
                options=tuple(OptionView(value=o.value, label=o.label) for o in field.options),
                required=field.required,
                max_length=field.max_length,
                unit=field.unit,
                help=field.help,
                done=bool(value) and not problem,
                problem=problem,
                group=group,
                register=field.register,
                shown=_entry_name(desk, field, value),
            )
        )
    return tuple(shown)


def _entry_name(desk: Desk, field: Field, value: str) -> str:
    if field.kind != "register" or not value:
        return ""
    line = places.line_of(desk, field.register, value)
    return f"{line.name} · {line.address}" if line else value


def _flat(fields: tuple[Field, ...], prefix: str = "", group: str = "") -> list[tuple[str, Field, str]]:
    flat: list[tuple[str, Field, str]] = []
    for field in fields:
        path = f"{prefix}{field.key}"
        flat += (
            _flat(field.fields, f"{path}.", field.label) if field.kind == "group" else [(path, field, group)]
        )
    return flat


def _typed(form: Mapping[str, Any], path: str) -> str:
    value: Any = form
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _fields_text(subject: Subject, fields: tuple[FieldView, ...]) -> str:
    filled = sum(field.done for field in fields)
    if subject.package:
        return f"{subject.raw_fields} 项合并为 {len(subject.fields)} 项，已填 {filled}"
    return f"{len(fields)} 项，已填 {filled}"


def _checklist(
    desk: Desk, subject: Subject, draft: Draft, archive: Archive | None
) -> tuple[ChecklistLine, ...]:
    reusable = archive.reusable if archive else {}
    return tuple(
        checklist_line(
            no,
            subject.key,
            rule,
            draft.materials.get(rule.key, MaterialTick()),
            *_remark(desk, subject, rule, draft, rule.key in reusable),
            allowed=tuple(state for state in ONE_KEY if _may(rule, state, rule.key in reusable)),
        )
        for no, rule in enumerate(subject.rules, start=1)
    )


def _may(rule: MaterialRule, state: MaterialState, in_archive: bool) -> bool:
    if state is MaterialState.REUSED and not in_archive:
        return False
    return may_be(rule, state)


def _remark(
    desk: Desk, subject: Subject, rule: MaterialRule, draft: Draft, in_archive: bool
) -> tuple[str, Tone]:
    tick = draft.materials.get(rule.key, MaterialTick())
    hints = {hint for sha in tick.files if sha in draft.files for hint in draft.files[sha].hints}
    if hints:
        words = {"blank": "空白页", "blurred": "页面偏糊", "coarse": "分辨率偏低"}
        return "、".join(words.get(hint, hint) for hint in sorted(hints)), "warn"
    if tick.state is MaterialState.TOLERATED:
        day = tolerance_ends(
            desk.today(), rule, subject.terms.promised_days, partial(workdays_after, calendar=desk.calendar)
        )
        return f"{labels.short_day(day, desk.today())} 前补齐", "tolerated"
    if tick.state is MaterialState.PLEDGED:
        return "告知承诺书待签", "pledged"
    if tick.note:
        return tick.note, "neutral"
    if tick.state is MaterialState.LACKING and in_archive:
        return "档案可复用", "info"
    if tick.state is MaterialState.LACKING:
        return ("必要材料", "neutral") if rule.required else ("非必要", "neutral")
    return "", "neutral"


def _summary(seen: Assessment) -> tuple[Chip, ...]:
    states = [seen.application.materials.get(r.key, MaterialTick()).state for r in seen.subject.rules]
    lacking = sum(
        rule.required and state is MaterialState.LACKING
        for rule, state in zip(seen.subject.rules, states, strict=True)
    )
    counts: tuple[tuple[str, int, Tone], ...] = (
        ("齐", states.count(MaterialState.RECEIVED), "good"),
        ("免", sum(state in NO_SUBMIT for state in states), "info"),
        ("容缺", states.count(MaterialState.TOLERATED), "tolerated"),
        ("承诺", states.count(MaterialState.PLEDGED), "pledged"),
        ("瑕疵", states.count(MaterialState.DEFECTIVE), "warn"),
        ("缺", lacking, "bad"),
    )
    return tuple(Chip(f"{label} {n}", tone) for label, n, tone in counts if n)
