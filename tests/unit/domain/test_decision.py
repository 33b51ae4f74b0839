"""The decision bar: for every outcome, allowed or the reason and the article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.decision import Counter, Outcome, blocking, decide, recommended
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick

MUST = MaterialRule(key="application", name="申请书")
MAY_WAIT = MaterialRule(key="layout", name="布局图", tolerable=True)
MAY_PLEDGE = MaterialRule(key="premises", name="住所文件", pledgeable=True)
OPTIONAL = MaterialRule(key="photo", name="照片", required=False)
RULES = (MUST, MAY_WAIT, MAY_PLEDGE, OPTIONAL)


def counter(states: dict[str, MaterialState], family: DocFamily = DocFamily.LICENCE) -> Counter:
    ticks = {key: MaterialTick(state=state) for key, state in states.items()}
    return Counter(family=family, rules=RULES, ticks=ticks)


WHOLE = {
    "application": MaterialState.RECEIVED,
    "layout": MaterialState.RECEIVED,
    "premises": MaterialState.RECEIVED,
}


def test_a_whole_file_is_accepted_and_there_is_nothing_to_correct() -> None:
    verdicts = decide(counter(WHOLE))
    assert verdicts[Outcome.ACCEPT].allowed
    assert verdicts[Outcome.CORRECT].code == "decision.nothing-to-correct"
    assert recommended(counter(WHOLE)) is Outcome.ACCEPT


def test_a_lacking_material_names_itself_and_the_article() -> None:
    verdicts = decide(counter(WHOLE | {"application": MaterialState.LACKING}))
    accept = verdicts[Outcome.ACCEPT]
    assert (accept.allowed, accept.code, accept.params["material"]) == (False, "decision.lacking", "申请书")
    assert verdicts[Outcome.CORRECT].article == "行政许可法第三十二条第一款第（四）项"
    assert verdicts[Outcome.CORRECT].allowed


@pytest.mark.parametrize(
    ("key", "state", "code"),
    [
        ("application", MaterialState.TOLERATED, "decision.not-tolerable"),
        ("application", MaterialState.PLEDGED, "decision.not-pledgeable"),
        ("application", MaterialState.DEFECTIVE, "decision.defective"),
    ],
)
def test_states_the_catalogue_does_not_allow_bar_acceptance(
    key: str, state: MaterialState, code: str
) -> None:
    assert decide(counter(WHOLE | {key: state}))[Outcome.ACCEPT].code == code


def test_bad_credit_bars_tolerance_and_pledge() -> None:
    for key, state in (("layout", MaterialState.TOLERATED), ("premises", MaterialState.PLEDGED)):
        lenient = counter(WHOLE | {key: state})
        assert decide(lenient)[Outcome.ACCEPT].allowed
        strict = Counter(family=lenient.family, rules=RULES, ticks=lenient.ticks, bad_credit=True)
        assert decide(strict)[Outcome.ACCEPT].code == "decision.bad-credit"


def test_registration_registers_and_never_accepts() -> None:
    desk = counter(WHOLE, DocFamily.REGISTRATION)
    assert decide(desk)[Outcome.ACCEPT].code == "decision.registration-family"
    assert decide(desk)[Outcome.REGISTER].allowed
    waiting = counter(WHOLE | {"layout": MaterialState.TOLERATED}, DocFamily.REGISTRATION)
    assert decide(waiting)[Outcome.REGISTER].code == "decision.register-while-tolerated"
    assert decide(waiting)[Outcome.RECEIVE].allowed


def test_a_station_guides_and_never_refuses_for_want_of_power() -> None:
    there = Counter(family=DocFamily.LICENCE, rules=RULES, ticks={}, station_may_take=False)
    allowed = {outcome for outcome, verdict in decide(there).items() if verdict.allowed}
    assert allowed == {Outcome.GUIDE}
    assert recommended(there) is Outcome.GUIDE


def test_a_cancelled_licence_is_not_needed() -> None:
    there = Counter(family=DocFamily.LICENCE, rules=(), ticks={}, licence_cancelled=True)
    assert recommended(there) is Outcome.NOT_NEEDED
    assert decide(there)[Outcome.NOT_NEEDED].allowed
    assert not decide(there)[Outcome.ACCEPT].allowed


@given(
    st.fixed_dictionaries({rule.key: st.sampled_from(MaterialState) for rule in RULES}),
    st.sampled_from(DocFamily),
    st.booleans(),
)
def test_every_verdict_is_allowed_or_says_why(
    states: dict[str, MaterialState], family: DocFamily, bad_credit: bool
) -> None:
    ticks = {key: MaterialTick(state=state) for key, state in states.items()}
    here = Counter(family=family, rules=RULES, ticks=ticks, bad_credit=bad_credit)
    verdicts = decide(here)
    assert set(verdicts) == set(Outcome)
    assert all(verdict.allowed or verdict.code for verdict in verdicts.values())
    finish = Outcome.REGISTER if family is DocFamily.REGISTRATION else Outcome.ACCEPT
    assert not (verdicts[finish].allowed and blocking(here))
    assert not (verdicts[finish].allowed and verdicts[Outcome.CORRECT].allowed)
    assert verdicts[recommended(here)].allowed
