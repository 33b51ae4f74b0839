"""The law of the window as one table: every status × verb × role × family, and who may not do what to the same case.

``MAY`` says what may follow a stage, ``WHO`` who may do it, ``BECAUSE`` why something else is refused, ``ARTICLES``
where the reason is a law. Whatever the tables do not name is refused as out of place (``case.wrong-status``).
"""

from __future__ import annotations

from itertools import product

import pytest

from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.app.screens.case_verbs import buttons
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.errors import Refused
from samples import law
from samples.law import (
    DATA,
    FAMILIES,
    PACKAGE,
    STAGES,
    act,
    by,
    law_window,
    restarted,
    take,
)
from samples.memory_desk import Window

ABOUT = {"visit", "rate", "hand-on", "return-materials", "note"}
"""Around the procedure: at any time once something was taken in."""
ENDED = ABOUT | {"void"}
OPEN = ENDED | {"withdraw", "tick", "edit"}
MAY: dict[str, set[str]] = {
    "guided": {"visit", "rate", "void", "note", "tick"},
    "received": OPEN | {"accept", "refuse", "on-the-spot"},
    "lacking": OPEN | {"correct", "refuse", "on-the-spot"},
    "correcting": OPEN | {"resubmit"},
    "resubmitted": OPEN | {"accept", "refuse", "on-the-spot"},
    "wanting": OPEN | {"refuse", "on-the-spot"},
    "accepted": OPEN | {"pause", "extend", "decide"},
    "tolerated": OPEN | {"pause", "extend", "supplement"},
    "overdue": OPEN | {"pause", "extend", "supplement", "lapse"},
    "paused": OPEN | {"resume"},
    "extended": OPEN | {"pause", "decide"},
    "expired": OPEN | {"pause", "decide"},
    "denied": ENDED | {"close", "hand-out"},
    "approved": ENDED | {"close", "hand-out"},
    "closed": ENDED | {"hand-out"},
    "pledged": ENDED | {"hand-out", "check-pledge"},
    "false": ENDED | {"hand-out", "check-pledge", "repair-credit"},
    "refused": ENDED,
    "withdrawn": ENDED,
    "voided": ABOUT,
}
WAITS = OPEN | {"refuse", "on-the-spot"}
"""A registration that waits: 26, from which it is registered, extended or refused (条例 art. 19)."""
MAY_REGISTER: dict[str, set[str]] = MAY | {
    "received": WAITS | {"register", "decide", "extend"},
    "lacking": WAITS | {"correct", "extend"},
    "resubmitted": WAITS | {"register", "decide", "extend"},
    "wanting": WAITS | {"extend"},
    "accepted": WAITS | {"register", "decide", "extend"},
    "tolerated": WAITS | {"extend"},
    "overdue": WAITS,
    "extended": WAITS | {"register", "decide"},
    "expired": WAITS | {"register", "decide"},
}
NEVER = {("registration", "paused"), ("registration", "approved")}
"""A registration has no clock to pause, and is closed as it is decided."""
WAITING = {"received", "lacking", "resubmitted", "wanting"}
WITHOUT_RESULT = set(MAY) - {"denied", "approved", "closed", "pledged", "false"}
ACCEPTED = {"accepted", "tolerated", "overdue", "paused", "extended", "expired"}
OUT_OF_PLACE = "case.wrong-status"
BECAUSE: dict[str, dict[str, str]] = {
    "accept": dict.fromkeys(("lacking", "wanting"), "decision.lacking"),
    "register": dict.fromkeys(MAY, "decision.not-registration"),
    "correct": {
        "received": "decision.nothing-to-correct",
        "resubmitted": "case.second-correction",
        "wanting": "case.second-correction",
    },
    "supplement": dict.fromkeys(ACCEPTED, "act.nothing-to-supplement"),
    "pause": {"paused": "case.already-paused"},
    "resume": dict.fromkeys(ACCEPTED, "case.not-paused"),
    "extend": {
        "paused": "act.extend-while-paused",
        "extended": "case.already-extended",
        "expired": "act.extend-too-late",
    },
    "decide": {
        "paused": "case.decide-while-paused",
        "tolerated": "case.tolerance-open",
        "overdue": "case.tolerance-open",
    },
    "lapse": dict.fromkeys(MAY, "case.nothing-to-lapse")
    | dict.fromkeys(("correcting", "tolerated"), "act.lapse-too-early"),
    "hand-out": dict.fromkeys(WITHOUT_RESULT, "case.no-result-yet"),
    "check-pledge": dict.fromkeys(WITHOUT_RESULT, "case.no-result-yet")
    | dict.fromkeys(("denied", "approved", "closed"), "case.nothing-pledged"),
    "repair-credit": dict.fromkeys(MAY, "case.no-false-pledge"),
    "delivered": dict.fromkeys(MAY, "case.nothing-on-the-way"),
    "take-over": dict.fromkeys(MAY, "case.not-on-this-slip"),
    "answer-rating": dict.fromkeys(MAY, "case.no-poor-rating"),
    "void": {"voided": "case.already-voided"},
    "tick": dict.fromkeys(set(MAY) - ACCEPTED - WAITING - {"correcting", "guided"}, "case.ended"),
    "edit": dict.fromkeys(set(MAY) - ACCEPTED - WAITING - {"correcting"}, "case.ended")
    | {"guided": "intake.missing"},  # nobody filled the form of who was sent on
    "return-materials": {"guided": "delivery.no-originals"},
    "hand-on": {"guided": "passing.elsewhere"},
}
WAITING_REGISTRATION = WAITING | ACCEPTED - {"paused"}
"""Stages that are accepted in other families: a registration stays in 26."""
BECAUSE_REGISTRATION: dict[str, dict[str, str]] = BECAUSE | {
    "accept": dict.fromkeys(WAITING_REGISTRATION, "decision.registration-family"),
    "register": {
        "lacking": "decision.lacking",
        "wanting": "decision.lacking",
        "tolerated": "decision.register-while-tolerated",
        "overdue": "decision.register-while-tolerated",
    },
    "decide": {
        "lacking": "decision.lacking",
        "wanting": "decision.lacking",
        "tolerated": "decision.register-while-tolerated",
        "overdue": "decision.register-while-tolerated",
    },
    "correct": dict.fromkeys(ACCEPTED, "decision.nothing-to-correct") | BECAUSE["correct"],
    "extend": {
        "extended": "case.already-extended",
        "expired": "act.extend-too-late",
        "overdue": "act.extend-too-late",
    },
    "supplement": {},
    "resume": {},
    "lapse": dict.fromkeys(MAY, "case.nothing-to-lapse") | {"correcting": "act.lapse-too-early"},
}
ART_32_4 = "行政许可法第三十二条第一款第（四）项"
ART_32_5 = "行政许可法第三十二条第一款第（五）项"
ART_42 = "行政许可法第四十二条第一款"
ART_45 = "行政许可法第四十五条"
REGISTRATION = "市场主体登记管理条例第十九条"
ARTICLES: dict[tuple[str, str], str] = {
    ("accept", "decision.lacking"): ART_32_5,
    ("accept", "decision.registration-family"): REGISTRATION,
    ("register", "decision.not-registration"): REGISTRATION,
    ("register", "decision.lacking"): REGISTRATION,
    ("register", "decision.register-while-tolerated"): REGISTRATION,
    ("decide", "decision.lacking"): REGISTRATION,
    ("decide", "decision.register-while-tolerated"): REGISTRATION,
    ("decide", "case.decide-while-paused"): ART_45,
    ("correct", "decision.nothing-to-correct"): ART_32_4,
    ("correct", "case.second-correction"): ART_32_4,
    ("pause", "case.already-paused"): ART_45,
    ("extend", "act.extend-while-paused"): ART_45,
    ("extend", "case.already-extended"): ART_42,
    ("extend", "act.extend-too-late"): ART_42,
}
"""The article a refusal names; a registration's extension rests on 条例 art. 19 instead of art. 42."""
COUNTER = {
    "accept",
    "register",
    "correct",
    "resubmit",
    "on-the-spot",
    "refuse",
    "supplement",
    "tick",
    "edit",
    "note",
    "decide",
    "close",
    "hand-out",
    "delivered",
    "return-materials",
    "hand-on",
    "take-over",
    "visit",
    "rate",
    "lapse",
    "withdraw",
}
WHO: dict[str, set[str]] = {
    "clerk": COUNTER,
    "colleague": COUNTER,
    "reviewer": {
        "decide",
        "close",
        "pause",
        "resume",
        "extend",
        "hand-on",
        "take-over",
        "check-pledge",
        "note",
    },
    "supervisor": COUNTER
    | {"pause", "resume", "extend", "answer-rating", "check-pledge", "repair-credit", "void"},
    "administrator": {"note"},
    "auditor": set(),
}
"""Who may do what at all; ``colleague`` is a clerk other than the one who took the case in."""
OF_EVENTS = {"resolve", "retry"}
"""Verbs about an event that was set aside, not about a stage; see ``test_conflicts``."""
HELD = {"colleague": ("clerk",)}


def done_at_the_window(family: str) -> bool:
    """A registration the window is authorised for, and a filing done on the spot; all others are 承诺件."""
    return family in {"registration", "filing"}


def expected(family: str, stage: str, verb: str, who: str) -> tuple[str, str]:
    """Return code and article of the refusal, twice empty when the verb is lawful."""
    if verb not in WHO[who]:
        return "role.may-not", ""
    registration = family == "registration"
    may, because = (MAY_REGISTER, BECAUSE_REGISTRATION) if registration else (MAY, BECAUSE)
    hands = {"clerk": "case.same-hands", "colleague": "act.back-office-decides"}.get(who, "")
    if verb == "decide" and hands and not done_at_the_window(family) and stage in ACCEPTED - {"paused"}:
        return hands, ""
    if verb in may[stage]:
        return "", ""
    code = because.get(verb, {}).get(stage, OUT_OF_PLACE)
    if verb == "correct" and who == "supervisor" and code == "case.second-correction":
        # The supervisor may give a second notice, with a reason; here is none, or nothing to tell.
        code = "decision.nothing-to-correct" if stage == "resubmitted" else code
    article = ARTICLES.get((verb, code), "")
    return code, REGISTRATION if registration and article == ART_42 else article


def attempt(window: Window, case: Case, verb: str) -> tuple[str, str]:
    try:
        act(window, case, verb, DATA.get(verb))
    except Refused as refused:
        return refused.code, refused.article
    return "", ""


@pytest.mark.parametrize(("family", "stage"), [fs for fs in product(FAMILIES, STAGES) if fs not in NEVER])
def test_what_may_follow_and_who_may_do_it(family: str, stage: str) -> None:
    window = law_window()
    case = STAGES[stage](window, family)
    again = restarted(window)
    for who, verb in product(WHO, verbs.VERBS.keys() - OF_EVENTS):
        again()
        window.sit(who, *HELD.get(who, ()))
        assert attempt(window, case, verb) == expected(family, stage, verb, who), (who, verb)


def test_the_table_knows_every_verb_and_reaches_every_status() -> None:
    known = verbs.VERBS.keys() - OF_EVENTS
    assert known == set.union(*WHO.values())
    assert known == set.union(*MAY.values(), *MAY_REGISTER.values()) | {
        "resume",
        "delivered",
        "take-over",
        "answer-rating",
    }
    reached = set()
    for stage, build in STAGES.items():
        window = law_window()
        reached.add(build(window, "licence").status)
        assert stage in MAY
    assert reached == set(Status)


@pytest.mark.parametrize(("family", "stage"), [fs for fs in product(FAMILIES, STAGES) if fs not in NEVER])
def test_the_buttons_say_the_same(family: str, stage: str) -> None:
    window = law_window()
    case = STAGES[stage](window, family)
    for who in ("clerk", "reviewer", "supervisor"):
        window.sit(who)
        shown = {b.verb: b.allowed for b in buttons(window.desk, case, subject_of_case(window.desk, case))}
        for verb, lit in shown.items():
            code, _article = expected(family, stage, verb, who)
            # A denial may go ahead where an approval may not; a supervisor may give a second notice with a reason.
            only_otherwise = {
                "case.tolerance-open",
                "decision.lacking",
                "decision.register-while-tolerated",
            }
            lawful = not code or (verb == "decide" and code in only_otherwise)
            lawful |= who == "supervisor" and code == "case.second-correction"
            assert lit is lawful, (who, verb, code)


def test_nobody_accepts_and_approves_one_case_in_any_role() -> None:
    window = law_window()
    for taken_by in ("clerk", "supervisor"):
        window.sit(taken_by, "supervisor", "reviewer", "clerk")
        case = take(window, "law-licence", "accept")
        assert attempt(window, case, "decide")[0] == "case.same-hands"
        received = take(window, "law-licence")
        window.sit("colleague", "supervisor", "reviewer")
        accepted = act(window, received, "accept")
        assert attempt(window, accepted, "decide")[0] == "case.same-hands"
        # Who only took the papers in may not decide either: the window is not the back office.
        window.sit(taken_by, "supervisor", "reviewer")
        assert attempt(window, accepted, "decide")[0] == "case.same-hands"


def test_nor_through_the_package_of_a_branch() -> None:
    window = law_window()
    package = take(window, PACKAGE, "receive")
    window.sit("supervisor", "supervisor", "reviewer")
    act(window, package, "accept")
    licence = law.branch(window, package, "law-licence")
    assert licence.accepted_by == "supervisor"
    for who in ("clerk", "supervisor"):
        window.sit(who, "supervisor", "reviewer")
        assert attempt(window, licence, "decide")[0] == "case.same-hands"
        assert attempt(window, package, "decide") == ("act.ask-the-branches", "行政许可法第四十二条第二款")
    assert by(window, "reviewer", licence, "decide", {"approved": True}).status is Status.APPROVED


def test_silence_took_the_decision_out_of_everybodys_hands() -> None:
    window = law_window()
    case = take(window, "law-licence", layout="lacking")
    window.wait(20)
    for verb in ("accept", "correct", "refuse"):
        assert attempt(window, case, verb)[0] == OUT_OF_PLACE
    after = window.store.cases[case.id]
    assert (after.status, after.deemed, after.accepted_on) == (Status.ACCEPTED, True, case.received_on)
    window.sit("reviewer")
    assert attempt(window, case, "decide") == ("act.approve-incomplete", "行政许可法第三十八条第一款")
