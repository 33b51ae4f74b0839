"""The decision bar: which outcomes stand on it, which are open, why not, and what the law asks for."""

from __future__ import annotations

from msgspec.structs import replace

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.deadline import deemed_on
from jinpu_desk.domain.decision import Outcome, decide, recommended

from .. import labels
from ..desk import Desk
from ..screens.views import Step, Tone
from .assess import Assessment
from .barrier import barrier, needs_tolerance_signature
from .drafts import Draft
from .subject import Subject

SHORTCUTS = {
    Outcome.RECEIVE: "F8",
    Outcome.ACCEPT: "F9",
    Outcome.REGISTER: "F9",
    Outcome.DECIDE: "F9",
    Outcome.CORRECT: "Ctrl+M",
    Outcome.GUIDE: "Ctrl+G",
    Outcome.ON_THE_SPOT: "",
    Outcome.REFUSE: "",
    Outcome.NOT_NEEDED: "",
}
BAR = (
    Outcome.RECEIVE,
    Outcome.ACCEPT,
    Outcome.CORRECT,
    Outcome.ON_THE_SPOT,
    Outcome.REFUSE,
    Outcome.NOT_NEEDED,
    Outcome.GUIDE,
)
FILING_WORDS = {Outcome.ACCEPT: "备案", Outcome.DECIDE: "备案", Outcome.REFUSE: "不予备案"}
"""What the outcomes of a filing are called: it is no licence, nothing is 受理 (DOMAIN C6)."""
REGISTRATION_WORDS = {Outcome.REFUSE: "不予登记"}
REQUEST_WORDS = {Outcome.ACCEPT: "登记诉求"}
REQUEST_BAR = (Outcome.ACCEPT, Outcome.GUIDE)
"""A request is registered and handed on; there is nothing to correct, refuse or complete."""
CANCELLED_WORDS = {Outcome.NOT_NEEDED: "无需办理"}
SIGN_CORRECTIONS = "更正已签名"
"""What the second press of 当场更正 says."""


def steps_of(desk: Desk, seen: Assessment, draft: Draft) -> tuple[Step, ...]:
    """Return the buttons of the bar for an application looked over."""
    best = recommended(seen.counter)
    steps = []
    for outcome in _bar(seen):
        reason = why_not(desk, seen, outcome)
        steps.append(
            Step(
                outcome=outcome,
                label=_label(seen.subject, outcome, draft),
                shortcut=SHORTCUTS[outcome],
                allowed=not reason,
                reason=reason,
                article=_article(seen, outcome),
                recommended=outcome is best and not reason,
            )
        )
    return tuple(steps)


def verdict_of(desk: Desk, seen: Assessment) -> tuple[str, Tone, str]:
    """Return the bar's sentence, its tone, and the advice under it."""
    here = seen.counter.registers_here or seen.counter.family is not DocFamily.REGISTRATION
    finish = _finish(seen)
    if not here:
        closed = bool(why_not(desk, seen, Outcome.RECEIVE))
        finish, seen = (Outcome.RECEIVE, seen) if closed else (finish, _as_registrar(seen))
    name = word_of(seen.subject, finish)
    article = _article(seen, finish)
    reason = why_not(desk, seen, finish)
    if not reason and not here:
        return "材料齐全，可以收件", "good", "本窗口不当场登记，收件后由登记机关决定"
    if not reason:
        if needs_tolerance_signature(seen) and not seen.application.tolerance_signed:
            return f"可以容缺{name}", "tolerated", "先由申请人在容缺受理承诺书上签名"
        return f"可以{name}", "good", article
    if not seen.subject.may_take:
        return reason, "warn", "请打印引导单，引导申请人到政务服务大厅"
    if seen.subject.licence_cancelled:
        return reason, "warn", seen.verdicts[Outcome.NOT_NEEDED].article
    if not why_not(desk, seen, Outcome.CORRECT):
        last = labels.short_day(deemed_on(desk.today(), desk.calendar), desk.today())
        article = f"{seen.verdicts[Outcome.CORRECT].article} · 应当场或 5 个工作日内一次告知，最迟 {last}"
    return f"不能{name}：{reason.rstrip('。')}", "bad", article


def _article(seen: Assessment, outcome: Outcome) -> str:
    """Return the law an outcome rests on; what is done to a filing or a request rests on the item's own."""
    own = seen.subject.request or seen.subject.terms.family is DocFamily.FILING
    if own and outcome in (Outcome.ACCEPT, Outcome.DECIDE):
        return seen.subject.basis
    return seen.verdicts[outcome].article


def _as_registrar(seen: Assessment) -> Assessment:
    """Return the application as the back office will look at it, where the window itself may not register."""
    counter = replace(seen.counter, registers_here=True)
    return replace(seen, counter=counter, verdicts=decide(counter))


def why_not(desk: Desk, seen: Assessment, outcome: Outcome) -> str:
    """Return the sentence that bars an outcome, empty when nothing does."""
    barred = barrier(seen, outcome)
    if barred is None:
        return ""
    return desk.sentences.text(barred.code, barred.params, seen.subject.label(barred.where))


def sentence(desk: Desk, subject: Subject, complaint: Complaint) -> str:
    """Return what a complaint says, the place by the name a clerk knows."""
    return desk.sentences.text(complaint.code, complaint.params, subject.label(complaint.where))


def word_of(subject: Subject, outcome: Outcome) -> str:
    """Return what an outcome is called for this matter."""
    words: dict[Outcome, str] = {}
    if subject.request:
        words = REQUEST_WORDS
    elif subject.terms.family is DocFamily.FILING:
        words = FILING_WORDS
    elif subject.terms.family is DocFamily.REGISTRATION:
        words = REGISTRATION_WORDS
    elif subject.licence_cancelled:
        words = CANCELLED_WORDS
    return words.get(outcome, labels.OUTCOME_LABELS[outcome])


def _finish(seen: Assessment) -> Outcome:
    """Acceptance, which in the 登记 family is registration, and what may be decided at once the decision."""
    if seen.counter.family is DocFamily.REGISTRATION:
        return Outcome.REGISTER
    return Outcome.DECIDE if seen.subject.decides_here else Outcome.ACCEPT


def _bar(seen: Assessment) -> tuple[Outcome, ...]:
    """Rare outcomes show when they apply."""
    finish = _finish(seen)
    shown = [finish if outcome is Outcome.ACCEPT else outcome for outcome in BAR]
    if finish is Outcome.DECIDE and seen.counter.family is not DocFamily.FILING:
        shown.insert(shown.index(finish) + 1, Outcome.ACCEPT)
    if seen.subject.request:
        shown = [outcome for outcome in shown if outcome in REQUEST_BAR]
    if not seen.subject.licence_cancelled:
        shown = [outcome for outcome in shown if outcome is not Outcome.NOT_NEEDED]
    if seen.subject.may_take:
        shown = [outcome for outcome in shown if outcome is not Outcome.GUIDE]
    return tuple(shown)


def _label(subject: Subject, outcome: Outcome, draft: Draft) -> str:
    if outcome is Outcome.ON_THE_SPOT and draft.spot.before is not None:
        return SIGN_CORRECTIONS
    return word_of(subject, outcome)
