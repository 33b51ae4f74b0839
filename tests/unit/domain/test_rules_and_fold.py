"""The status machine and the fold: only lawful histories can be written, and folding them is deterministic."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import TERMINAL, Case, DeliverState, Flag, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.fold import apply, fold
from jinpu_desk.domain.ids import ClerkId, Digest, EventId
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.rules import check
from samples.cases import CLERK, REVIEWER, Chain, received

DAY = date(2026, 9, 18)
FAULTS = (b.Fault(material="layout", problem="缺少"),)
TOLERATED = {"layout": date(2026, 9, 25)}
VERBS: tuple[b.Body, ...] = (
    b.CaseAccepted(accepted_on=DAY),
    b.CaseAccepted(accepted_on=DAY, supplement_by=TOLERATED),
    b.CaseAccepted(accepted_on=DAY, deemed=True),
    b.CorrectionNoticed(faults=FAULTS, correct_by=DAY),
    b.CaseResubmitted(received_on=DAY),
    b.CaseRefused(reason="不属于本机关职权"),
    b.CaseSupplemented(ticks={"layout": MaterialTick(state=MaterialState.RECEIVED)}, arrived_on=DAY),
    b.CaseLapsed(cause="tolerance", lapsed_on=DAY),
    b.CaseLapsed(cause="correction", lapsed_on=DAY),
    b.ClockPaused(reason="检验", start=DAY, approver="演示主管"),
    b.ClockResumed(end=DAY),
    b.TermExtended(days=10, reason="案情复杂", approver="演示负责人"),
    b.CaseDecided(approved=True, decided_on=DAY),
    b.CaseDecided(approved=False, decided_on=DAY, reason="不符合条件"),
    b.CaseClosed(closed_on=DAY),
    b.ResultHandedOut(method="pick-up", handed_on=DAY),
    b.CaseWithdrawn(reason="申请人撤回"),
    b.CaseVoided(reason="录入错误"),
    b.CaseNoted(text="备注"),
    b.MaterialsTicked(ticks={"layout": MaterialTick(state=MaterialState.RECEIVED)}),
    b.FieldsEdited(changes={"form.name": ("演示小馆", "演示大馆")}),
)


def lawful(
    steps: list[tuple[b.Body, ClerkId]], first: b.CaseReceived | None = None
) -> tuple[Chain, list[Case]]:
    """Write each step the rules let through; return every state on the way."""
    pen = Chain()
    states = [apply(None, pen.write(first or received()))]
    for body, actor in steps:
        try:
            check(states[-1], actor, body)
        except Refused:
            continue
        states.append(apply(states[-1], pen.write(body, actor=actor)))
    return pen, states


steps = st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from((CLERK, REVIEWER))), max_size=14)


@given(steps)
def test_lawful_histories_keep_the_laws(history: list[tuple[b.Body, ClerkId]]) -> None:
    _, states = lawful(history)
    for before, after in itertools.pairwise(states):
        if before.status in TERMINAL and not after.voided:
            assert after.status == before.status
        if after.status is Status.APPROVED:
            assert not after.supplement_by
            assert not after.paused
        if after.decision and not before.decision:
            assert after.decision.by not in {after.accepted_by, after.opened_by}
    last = states[-1]
    assert len([c for c in last.corrections if not c.override_reason]) <= 1
    assert last.extension_days in {0, 10}


@given(steps)
def test_folding_at_once_equals_folding_step_by_step(history: list[tuple[b.Body, ClerkId]]) -> None:
    pen = Chain()
    events = [pen.write(received())]
    state: Case | None = apply(None, events[0])
    for body, actor in history:
        try:
            check(state, actor, body)
        except Refused:
            continue
        events.append(pen.write(body, actor=actor))
        state = apply(state, events[-1])
    assert fold(events) == state
    assert state is not None
    assert state.seen == {pen.head.replica: pen.head.seq}
    assert len(state.timeline) == len(events)


def one(*bodies: b.Body, first: b.CaseReceived | None = None, actor: ClerkId = REVIEWER) -> Case:
    pen, states = lawful([(body, actor) for body in bodies], first)
    assert pen.head.seq == len(bodies) + 1, "a step was refused"
    return states[-1]


def test_tolerance_blocks_the_result_until_it_is_whole() -> None:
    case = one(b.CaseAccepted(accepted_on=DAY, supplement_by=TOLERATED), actor=CLERK)
    assert Flag.TOLERATED in case.flags
    decide = b.CaseDecided(approved=True, decided_on=DAY)
    with pytest.raises(Refused, match=r"case\.tolerance-open"):
        check(case, REVIEWER, decide)
    tick = {"layout": MaterialTick(state=MaterialState.RECEIVED)}
    whole = one(
        b.CaseAccepted(accepted_on=DAY, supplement_by=TOLERATED),
        b.CaseSupplemented(ticks=tick, arrived_on=DAY),
        actor=CLERK,
    )
    assert Flag.TOLERATED not in whole.flags
    check(whole, REVIEWER, decide)


WHOLE = {"layout": MaterialTick(state=MaterialState.RECEIVED)}


def test_what_silence_accepted_has_no_result_either_while_something_is_tolerated() -> None:
    case = one(b.CaseAccepted(accepted_on=DAY, deemed=True))
    with pytest.raises(Refused, match=r"case\.tolerance-open"):
        check(case, REVIEWER, b.CaseDecided(approved=True, decided_on=DAY))
    check(case, REVIEWER, b.CaseDecided(approved=False, decided_on=DAY, reason="演示"))


def test_nobody_accepts_and_approves_one_promised_case() -> None:
    case = one(b.CaseAccepted(accepted_on=DAY), first=received(materials=WHOLE), actor=CLERK)
    with pytest.raises(Refused, match=r"case\.same-hands"):
        check(case, CLERK, b.CaseDecided(approved=True, decided_on=DAY))
    check(case, REVIEWER, b.CaseDecided(approved=True, decided_on=DAY))
    authorised = received(terms=b.Terms(item_name="演示", window_authorised=True), materials=WHOLE)
    case = one(b.CaseAccepted(accepted_on=DAY), first=authorised, actor=CLERK)
    check(case, CLERK, b.CaseDecided(approved=True, decided_on=DAY))


def test_registration_goes_from_receipt_to_decision_without_acceptance() -> None:
    terms = b.Terms(
        item_name="演示登记", family=DocFamily.REGISTRATION, on_the_spot=True, window_authorised=True
    )
    case = one(first=received(terms=terms, materials=WHOLE))
    with pytest.raises(Refused, match=r"registration-has-no-acceptance"):
        check(case, CLERK, b.CaseAccepted(accepted_on=DAY))
    done = one(
        b.CaseDecided(approved=True, decided_on=DAY),
        b.CaseClosed(closed_on=DAY),
        b.ResultHandedOut(method="pick-up", handed_on=DAY),
        first=received(terms=terms, materials=WHOLE),
        actor=CLERK,
    )
    assert (done.status, done.deliver_state) == (Status.CLOSED, DeliverState.SERVED)


def test_a_second_correction_needs_a_supervisors_reason() -> None:
    notice = b.CorrectionNoticed(faults=FAULTS, correct_by=DAY)
    back = one(notice, b.CaseResubmitted(received_on=DAY))
    with pytest.raises(Refused) as refused:
        check(back, CLERK, notice)
    assert (refused.value.code, refused.value.article) == (
        "case.second-correction",
        "行政许可法第三十二条第一款第（四）项",
    )
    check(back, CLERK, b.CorrectionNoticed(faults=FAULTS, correct_by=DAY, override_reason="材料被退换"))


def test_a_guided_visit_is_taken_in_under_the_number_of_its_slip() -> None:
    pen = Chain()
    guided = b.CaseGuided(
        case_no=received().case_no,
        query_code="654321",
        item="small-catering",
        applicant=received().applicant,
        terms=received().terms,
        station="03",
        guided_to="政务服务大厅",
    )
    visit = apply(None, pen.write(guided))
    assert (visit.status, visit.flags) == (Status.DRAFT, (Flag.GUIDED,))
    taken = received(query_code="000000", station="00")
    check(visit, CLERK, taken)
    case = apply(visit, pen.write(taken))
    assert (case.status, case.query_code, case.station) == (Status.RECEIVED, "654321", "00")
    assert Flag.GUIDED not in case.flags
    assert len(case.timeline) == 2


def test_reprints_and_later_numbers_belong_to_their_paper() -> None:
    pen = Chain()
    case = apply(None, pen.write(received()))
    issued = pen.write(
        b.PaperIssued(kind="D2", sha256=Digest("a" * 64), facts_digest=Digest("b" * 64), pages=3)
    )
    case = apply(case, issued)
    reprint = b.PaperReprinted(
        paper=EventId(issued.header.id), number=1, reason="补号", doc_no="演字〔2026〕7号"
    )
    case = apply(case, pen.write(reprint))
    (paper,) = case.papers
    assert (paper.reprints, paper.doc_no, paper.later_doc_no) == (1, "", "演字〔2026〕7号")


def test_an_edit_to_an_unknown_field_is_refused() -> None:
    pen = Chain()
    case = apply(None, pen.write(received()))
    with pytest.raises(Refused, match=r"case\.no-such-field"):
        apply(case, pen.write(b.FieldsEdited(changes={"applicant.shoe_size": (None, "42")})))
