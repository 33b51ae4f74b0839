"""Random histories of verbs, days, calendars and papers keep the law (DOMAIN §B4, C1-C6).

A short run belongs to every test run; ``bash installer/test.sh -m slow tests/unit/app/test_histories.py`` walks through
ten thousand histories. The clocks are compared with a count of single days that knows nothing of the desk's calendar.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.app.project import CaseProjector, clocks, decision_day
from jinpu_desk.app.screens.case_verbs import buttons
from jinpu_desk.app.verbs.timers import let_time_pass
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.case import TERMINAL, Case, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.materials import MaterialState
from samples import law
from samples.counter import RESOURCES
from samples.law import PACKAGE, TAKEN, act, law_window, take

S = Status
OPEN = {S.RECEIVED, S.CORRECTING, S.ACCEPTED}
MOVES: dict[type[b.Body], set[tuple[Status | None, Status]]] = {
    b.CaseReceived: {(None, S.RECEIVED)},
    b.CaseAccepted: {(S.RECEIVED, S.ACCEPTED)},
    b.CorrectionNoticed: {(S.RECEIVED, S.CORRECTING)},
    b.CaseResubmitted: {
        (S.CORRECTING, S.RECEIVED),
        (S.RECEIVED, S.RECEIVED),  # a branch, which waits while its package is corrected
    },
    b.CaseRefused: {(S.RECEIVED, S.REFUSED)},
    b.CaseDecided: {
        (S.ACCEPTED, S.APPROVED),
        (S.ACCEPTED, S.DENIED),
        (S.RECEIVED, S.APPROVED),  # 登记 only
        (S.RECEIVED, S.DENIED),
    },
    b.CaseClosed: {(S.APPROVED, S.CLOSED), (S.DENIED, S.CLOSED)},
    b.CaseLapsed: {(S.CORRECTING, S.WITHDRAWN), (S.ACCEPTED, S.TERMINATED)},
    b.CaseWithdrawn: {(status, S.WITHDRAWN) for status in OPEN},
    b.CaseVoided: {(status, S.TERMINATED) for status in S if status is not S.DRAFT},
}
"""The transitions of DOMAIN §B4, by the fact that makes them; every other fact leaves the status alone."""
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
YEAR_2027 = {
    "year": 2027,
    "status": "official",
    "source": "演示：并非国务院办公厅通知",
    "holidays": [{"from": "2026-12-30", "to": "2027-01-05", "name": "元旦（演示）"}],
    "workdays": ["2027-01-09", "2027-01-10"],
}
STORM = {"from": "2026-10-12", "to": "2026-10-21", "name": "演示放假"}


@cache
def published(which: str) -> tuple[WorkCalendar, Callable[[date], bool]]:
    """Return a calendar as the desk has it, and whether a day is worked as the notices say it, read day by day."""
    years = [json.loads(path.read_bytes()) for path in sorted((RESOURCES / "calendars").glob("*.json"))]
    if which == "with 2027":
        years.append(YEAR_2027)
    if which == "without 2026":
        years = [year for year in years if year["year"] != 2026]
    if which == "another 2026":
        last = next(year for year in years if year["year"] == 2026)
        years[years.index(last)] = last | {"holidays": [*last["holidays"], STORM], "workdays": []}
    off = {day for year in years for run in year["holidays"] for day in _run(run)}
    on = {date.fromisoformat(day) for year in years for day in year["workdays"]}
    known = {year["year"] for year in years}

    def works(day: date) -> bool:
        if day in on or day in off:
            return day in on
        return day.weekday() < 5 and (day.year in known or (day.month, day.day) not in FIXED)

    return WorkCalendar(decode_year(json.dumps(year).encode()) for year in years), works


def _run(run: dict[str, str]) -> list[date]:
    first, last = date.fromisoformat(run["from"]), date.fromisoformat(run["to"])
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def slow_deadline(
    start: date, days: int, pauses: list[tuple[date, date | None]], works: Callable[[date], bool]
) -> date | None:
    """DOMAIN C3, word for word: one day after the other; None while an open pause stands in the way."""
    day, counted = start, 0
    while counted < days:
        day += timedelta(days=1)
        if any(end is None and begin < day for begin, end in pauses):
            return None
        held = any(begin < day and end is not None and day <= end for begin, end in pauses)
        counted += works(day) and not held
    return day


def slow_terms(
    facts: list[b.Body], days: tuple[int | None, ...], works: Callable[[date], bool]
) -> list[date | None]:
    """Return the last days of terms of ``days`` from the bare facts of a case."""
    start = next(f.accepted_on for f in facts if isinstance(f, b.CaseAccepted))
    pauses: list[tuple[date, date | None]] = []
    for fact in facts:
        if isinstance(fact, b.ClockPaused):
            pauses.append((fact.start, None))
        elif isinstance(fact, b.ClockResumed):
            pauses[-1] = (pauses[-1][0], fact.end)
    given = next((f for f in facts if isinstance(f, b.TermExtended)), None)
    found = []
    for term in days:
        last = None if term is None else slow_deadline(start, term, pauses, works)
        ended = given and last and given.extended_on and last < given.extended_on
        if given and term is not None and not ended:
            last = slow_deadline(start, term + given.days, pauses, works)
        found.append(last)
    return found


STATES = st.sampled_from([str(state) for state in MaterialState])
LAYOUT = st.sampled_from(["tolerated", "tolerated", "received", "lacking", "defective"])
PREMISES = st.sampled_from(["pledged", "received", "lacking"])
MATERIALS = st.sampled_from(["application", "layout", "premises", "floor-plan"])
COUNTER = st.sampled_from(["clerk", "colleague", "supervisor"])
OFFICE = st.sampled_from(["reviewer", "reviewer", "supervisor", "colleague", "clerk"])
WORDS = {"reason": "演示", "approver": "演示负责人"}
PRESSED = {
    "accept",
    "register",
    "correct",
    "resubmit",
    "supplement",
    "pause",
    "resume",
    "extend",
    "decide",
    "close",
    "lapse",
    "check-pledge",
}
STEPS = st.sampled_from(["accept", "accept", "register", "close", "lapse", "lapse", "withdraw", "refuse"])


class Histories(RuleBasedStateMachine):
    """A window with one case or package on it, and whatever may befall it."""

    @initialize(
        item=st.sampled_from([*(f"law-{family}" for family in law.FAMILIES), "law-pledge", PACKAGE]),
        layout=LAYOUT,
        premises=PREMISES,
        action=st.sampled_from(["receive", "accept", "accept", "register", "correct"]),
    )
    def open(self, item: str, layout: str, premises: str, action: str) -> None:
        self.window = law_window()
        self.works = published("as shipped")[1]
        self.read = 0
        self.facts: dict[CaseId, list[b.Body]] = {}
        self.refused = 0
        for wanted, states in ((action, (layout, premises)), ("receive", ("received", "received"))):
            try:
                self.case = take(self.window, item, wanted, layout=states[0], premises=states[1])
            except Refused:
                continue
            return

    def _try(self, who: str, verb: str, data: dict[str, Any], which: int = 0) -> None:
        held = ("clerk",) if who == "colleague" else (who,)
        self.window.sit(who, *held)
        known = list(self.window.store.cases.values())
        try:
            act(self.window, known[which % len(known)], verb, data)
        except Refused:
            self.refused += 1

    @rule(who=COUNTER, verb=STEPS, which=st.integers(0, 2), sure=st.integers(0, 3))
    def do(self, who: str, verb: str, which: int, sure: int) -> None:
        if sure or verb not in {"withdraw", "refuse"}:
            told: dict[str, Any] = {"withdraw": {"reason": "演示"}, "refuse": law.ORGAN}
            self._try(who, verb, told.get(verb, {}), which if sure else 0)

    @rule(who=COUNTER, key=MATERIALS, again=st.booleans())
    def correct(self, who: str, key: str, again: bool) -> None:
        self._try(who, "correct", {"override_reason": "演示"} if again else {"problems": {key: "演示"}})

    @rule(who=COUNTER, state=STATES, some=st.booleans(), whole=st.integers(0, 3))
    def bring_what_lacks(self, who: str, state: str, some: bool, whole: int) -> None:
        case = self.window.store.cases[self.case.id]
        lacking = [*(case.supplement_by or case.lacking)][: 1 if some else None]
        brought = {key: TAKEN if whole else {"state": state} for key in lacking or ["application"]}
        verb = "resubmit" if case.status is S.CORRECTING else "supplement"
        self._try(who, verb, {"materials": brought})

    @rule(which=st.integers(0, 2), key=MATERIALS, state=STATES, who=COUNTER)
    def tick(self, which: int, key: str, state: str, who: str) -> None:
        self._try(who, "tick", {"materials": {key: {"state": state}}}, which)

    @rule(which=st.integers(0, 2), approved=st.integers(0, 3), who=OFFICE)
    def decide(self, which: int, approved: int, who: str) -> None:
        self._try(who, "decide", {"approved": bool(approved), "reason": "演示"}, which)

    @rule(which=st.integers(0, 2), reason=st.sampled_from(["testing", "hearing"]), who=OFFICE)
    def pause(self, which: int, reason: str, who: str) -> None:
        self._try(who, "pause", {"reason": reason, "approver": "演示负责人"}, which)

    @rule(which=st.integers(0, 2), who=OFFICE)
    def resume(self, which: int, who: str) -> None:
        self._try(who, "resume", {}, which)

    @rule(which=st.integers(0, 2), days=st.integers(0, 16), who=OFFICE)
    def extend(self, which: int, days: int, who: str) -> None:
        self._try(who, "extend", {"days": days} | WORDS, which)

    @rule(which=st.integers(0, 2), kept=st.booleans())
    def look_into_pledges(self, which: int, kept: bool) -> None:
        self._try("supervisor", "check-pledge", {"kept": kept, "note": "演示"}, which)
        if kept:
            self._try("supervisor", "repair-credit", WORDS, which)

    @rule(
        which=st.integers(0, 2), n=st.integers(0, 7), who=st.sampled_from(["clerk", "reviewer", "supervisor"])
    )
    def press_what_is_lit(self, which: int, n: int, who: str) -> None:
        """Go on as the page offers it, so that histories come to an end as well as into trouble."""
        self.window.sit(who)
        known = list(self.window.store.cases.values())
        case = known[which % len(known)]
        shown = buttons(self.window.desk, case, subject_of_case(self.window.desk, case))
        lit = [button.verb for button in shown if button.allowed and button.verb in PRESSED]
        verb = lit[n % len(lit)] if lit else ""
        if verb in {"supplement", "resubmit"}:
            lacking = [*(case.supplement_by or case.lacking)]
            self._try(who, verb, {"materials": dict.fromkeys(lacking or ["application"], TAKEN)}, which)
        elif verb:
            self._try(who, verb, law.DATA.get(verb, {}), which)

    @rule(really=st.integers(0, 9))
    def void(self, really: int) -> None:
        if really == 7:
            self._try("supervisor", "void", {"reason": "演示"})

    @rule(days=st.sampled_from([1, 2, 3, 5, 12, 31]))
    def days_pass(self, days: int) -> None:
        self.window.wait(days)

    @rule(which=st.sampled_from(["as shipped", "with 2027", "without 2026", "another 2026"]))
    def import_a_calendar(self, which: str) -> None:
        calendar, self.works = published(which)
        self.window.store.projector = CaseProjector(calendar)
        self.window.desk = dataclasses.replace(self.window.desk, calendar=calendar)

    @rule()
    def let_time_speak(self) -> None:
        let_time_pass(self.window.desk)
        today = self.window.desk.today()
        for case in self.window.store.cases.values():
            if case.status is S.RECEIVED and case.terms.family is not DocFamily.REGISTRATION:
                assert case.received_on is not None
                last = slow_deadline(case.received_on, 5, [], self.works)
                waits = case.parent and self.window.store.cases[case.parent].status is S.CORRECTING
                assert waits or last is None or today <= last

    @invariant()
    def the_law_is_kept(self) -> None:
        """Judge what is new first: the clocks are counted from it."""
        self._every_fact_was_lawful()
        self._one_notice_only()
        self._clocks_equal_a_count_of_days()
        self._a_package_ends_with_its_last_branch()

    def _every_fact_was_lawful(self) -> None:
        store = self.window.store
        for before, after, body in store.events[self.read :]:
            self.facts.setdefault(after.id, []).append(body)
            was = before.status if before else None
            if not (isinstance(body, b.CaseLapsed) and body.goes_on):
                assert (was, after.status) in MOVES.get(type(body), {(was, was)})
            self._no_result_while_something_is_tolerated(before, body)
            self._two_pairs_of_hands(after, body)
            if isinstance(body, b.CaseAccepted) and not body.deemed and not after.parent:
                limit = after.terms.promised_days
                latest = slow_deadline(body.accepted_on, limit, [], self.works)
                assert latest is not None
                assert all(day <= latest for day in body.supplement_by.values())
        self.read = len(store.events)

    def _no_result_while_something_is_tolerated(self, before: Case | None, body: b.Body) -> None:
        if not isinstance(body, b.CaseDecided) or not body.approved or before is None or before.package:
            return
        assert not before.supplement_by
        assert MaterialState.TOLERATED not in {tick.state for tick in before.materials.values()}
        if before.status is S.RECEIVED:
            assert before.terms.family is DocFamily.REGISTRATION

    def _two_pairs_of_hands(self, after: Case, body: b.Body) -> None:
        if isinstance(body, b.CaseDecided) and after.decision and not after.package:
            terms, by = after.terms, after.decision.by
            assert (
                terms.window_authorised or terms.on_the_spot or by not in {after.opened_by, after.accepted_by}
            )

    def _one_notice_only(self) -> None:
        for case in self.window.store.cases.values():
            assert all(notice.override_reason for notice in case.corrections[1:])
            assert case.parent is None or not case.corrections

    def _clocks_equal_a_count_of_days(self) -> None:
        calendar = self.window.desk.calendar
        for case in self.window.store.cases.values():
            facts = self.facts.get(case.id, [])
            if case.accepted_on is not None:
                promised, legal = clocks(case, calendar)
                found = [term.date if term else None for term in (promised, legal)]
                days = (case.terms.promised_days, case.terms.legal_days)
                assert found == slow_terms(facts, days, self.works), facts
                row = self.window.store.row(case.id)
                assert row is not None
                assert (row.due, row.legal_due) == tuple(found)
            elif case.status is S.RECEIVED and case.received_on:
                extra = case.extension_days
                days_ = (
                    (case.terms.legal_days or 3) + extra if case.terms.family is DocFamily.REGISTRATION else 5
                )
                assert decision_day(case, calendar) == slow_deadline(case.received_on, days_, [], self.works)

    def _a_package_ends_with_its_last_branch(self) -> None:
        for case in self.window.store.cases.values():
            if case.package and case.status is S.ACCEPTED:
                branches = [self.window.store.cases[child] for child in case.children]
                assert not all(branch.status in TERMINAL for branch in branches)


def _walk(histories: int, steps: int) -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )


def test_some_histories_keep_the_law() -> None:
    _walk(200, 25)


@pytest.mark.slow
def test_ten_thousand_histories_keep_the_law() -> None:
    _walk(10_000, 30)
