"""Taking in: every outcome of every family, its facts, its papers and its numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.drafts import Draft, PartyDraft
from jinpu_desk.app.papers import PaperKind
from jinpu_desk.app.ports import CaseQuery, SavedDraft
from jinpu_desk.domain.case import Flag, Status
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter, draft_of

TODAY = date(2026, 9, 18)
ORGAN = {"competent_organ": "大连市演示局", "note": "不属于本机关职权（演示）"}
TIMELINES: dict[str, tuple[dict[str, Any], Status, list[str]]] = {
    "licence received": (demo.food_business(1, "receive"), Status.RECEIVED, ["case.received"]),
    "licence accepted": (demo.food_business(1), Status.ACCEPTED, ["case.received", "case.accepted"]),
    "licence corrected": (
        demo.outdoor_sign(1, "correct", rendering="lacking"),
        Status.CORRECTING,
        ["case.received", "case.correction-noticed"],
    ),
    "licence refused": (
        demo.food_business(1, "refuse") | ORGAN,
        Status.REFUSED,
        ["case.received", "case.refused"],
    ),
    "registration received": (demo.sole_prop(1, "receive"), Status.RECEIVED, ["case.received"]),
    "registration registered": (
        demo.sole_prop(1),
        Status.CLOSED,
        ["case.received", "case.decided", "case.closed"],
    ),
    "registration corrected": (
        demo.sole_prop(1, "correct", address_proof="lacking"),
        Status.CORRECTING,
        ["case.received", "case.correction-noticed"],
    ),
    "registration refused": (
        demo.sole_prop(1, "refuse") | ORGAN,
        Status.REFUSED,
        ["case.received", "case.refused"],
    ),
    "package accepted": (demo.restaurant(1), Status.ACCEPTED, ["case.received", "case.accepted"]),
}
PAPERS = {
    "licence received": ["D1"],
    "licence accepted": ["D1", "D2"],
    "licence corrected": ["D3"],
    "licence refused": ["D4"],
    "registration received": ["D7"],
    "registration registered": ["D7"],
    "registration corrected": ["D7"],
    "registration refused": ["D7"],
    "package accepted": ["D1", "D2", "D5", "D6"],
}


@pytest.mark.parametrize("name", TIMELINES)
def test_an_outcome_leaves_its_facts_and_papers(counter: Counter, name: str) -> None:
    file, status, timeline = TIMELINES[name]
    taken = counter.take(file, papers=True)
    assert taken.case.status is status
    assert [m.type for m in taken.case.timeline if not m.type.startswith("case.paper")] == timeline
    assert [str(paper.kind) for paper in taken.papers] == PAPERS[name]
    kept = [taken.case, *map(counter.again, taken.children)]
    held = [(paper.kind, paper.sha256) for case in kept for paper in case.papers]
    assert held == [(str(p.kind), p.sha256) for p in taken.papers]
    assert counter.store.verify().ok


def test_numbers_are_burned_in_order_and_final(counter: Counter) -> None:
    first = counter.take(demo.sole_prop(1)).case
    with pytest.raises(Refused):
        counter.take(demo.sole_prop(2), form={})
    second = counter.take(demo.sole_prop(2)).case
    counter.wait(days=1)
    third = counter.take(demo.sole_prop(3)).case
    read = [parse_case_no(case.case_no) for case in (first, second, third)]
    assert [(one.day, one.serial) for one in read] == [(TODAY, 1), (TODAY, 2), (date(2026, 9, 19), 1)]
    assert {(one.division, one.station, one.series) for one in read} == {("210213", "00", "002")}
    assert len({case.query_code for case in (first, second, third)}) == 3


def test_a_package_opens_its_branches_in_the_same_breath(counter: Counter) -> None:
    taken = counter.take(demo.restaurant(1))
    assert taken.case.package
    assert [child.item for child in taken.children] == [
        "individual-setup",
        "food-business-new",
        "outdoor-sign",
        "fire-safety-check",
    ]
    assert {child.parent for child in taken.children} == {taken.case.id}
    numbers = [parse_case_no(case.case_no).serial for case in (taken.case, *taken.children)]
    assert numbers == [1, 2, 3, 4, 5]
    # A registration is decided by itself; the licences are accepted with the package, each with its own term.
    assert [child.status for child in taken.children] == [
        Status.RECEIVED,
        Status.ACCEPTED,
        Status.ACCEPTED,
        Status.ACCEPTED,
    ]
    rows = [counter.store.row(child.id) for child in taken.children]
    assert [row.due for row in rows if row] == [None, date(2026, 9, 23), date(2026, 9, 24), TODAY]


def test_refusing_a_package_refuses_its_branches(counter: Counter) -> None:
    taken = counter.take(demo.restaurant(1) | ORGAN, action="refuse")
    assert {case.status for case in (taken.case, *taken.children)} == {Status.REFUSED}


def test_a_tolerated_material_is_due_within_the_promised_term(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, policies="tolerated")).case
    row = counter.store.row(case.id)
    assert row is not None
    assert Flag.TOLERATED in case.flags
    # Four promised working days from Friday: Sunday 20 September is worked.
    assert case.supplement_by == {"policies": date(2026, 9, 23)}
    assert row.due == date(2026, 9, 23)


def test_a_correction_lists_everything_once(counter: Counter) -> None:
    file = demo.outdoor_sign(1, "correct", rendering="lacking", application="defective")
    case = counter.take(file).case
    notice = case.corrections[0]
    assert [(fault.material, fault.problem) for fault in notice.faults] == [
        ("application", "材料有瑕疵，不符合法定形式"),
        ("rendering", "未提交"),
    ]
    assert notice.correct_by == date(2026, 10, 18)  # thirty calendar days


def test_refusing_needs_reason_and_organ(counter: Counter) -> None:
    file = demo.food_business(1, "refuse")
    with pytest.raises(Refused, match=r"intake\.refusal-needs-reason"):
        counter.take(file)
    with pytest.raises(Refused, match=r"intake\.refusal-needs-organ"):
        counter.take(file, note="不属于本机关职权（演示）")
    assert counter.store.status().events == 0


@pytest.mark.parametrize("held", ["auditor", "reviewer"])
def test_only_the_window_takes_in(counter: Counter, held: str) -> None:
    counter.sit(held)
    with pytest.raises(Refused, match=r"role\.may-not"):
        counter.take(demo.sole_prop(1))


@pytest.mark.parametrize("file", [demo.food_business(1), demo.restaurant(1)], ids=["item", "package"])
def test_a_station_guides_what_it_may_not_take(counter: Counter, file: dict[str, Any]) -> None:
    counter.at_station("03")
    with pytest.raises(Refused, match=r"decision\.station"):
        counter.take(file)
    slip = counter.take(file, papers=True, action="guide", materials={})
    assert (slip.case.status, slip.case.flags[-1]) == (Status.DRAFT, Flag.GUIDED)
    assert [(paper.kind, paper.doc_no) for paper in slip.papers] == [(PaperKind.D13, "")]
    assert slip.case.guided_to == "政务服务大厅"

    counter.at_station("00")
    page = draft_of(file, guided_case=slip.case.id, tolerance_signed=True)
    taken = intake.take_in(counter.desk, from_draft(page, Outcome.ACCEPT), documents=False)
    assert taken.case.case_no == slip.case.case_no
    assert taken.case.status is Status.ACCEPTED
    assert len(taken.children) == (4 if "package" in file else 0)
    assert counter.store.count(CaseQuery(top_only=True)) == 1
    with pytest.raises(Refused, match=r"case\.already-received"):
        intake.take_in(counter.desk, from_draft(page, Outcome.ACCEPT), documents=False)


def test_a_guide_needs_a_name_and_nothing_else(counter: Counter) -> None:
    counter.at_station("03")
    page = Draft(id="d", target="food-business-new", applicant=PartyDraft(name="演示甲"))
    assert intake.take_in(counter.desk, from_draft(page, Outcome.GUIDE)).case.status is Status.DRAFT
    nameless = msgspec.structs.replace(page, applicant=PartyDraft())
    with pytest.raises(Refused, match=r"intake\.missing"):
        intake.take_in(counter.desk, from_draft(nameless, Outcome.GUIDE))


def test_a_failed_check_digit_needs_a_reason_and_leaves_a_flag(counter: Counter) -> None:
    wrong = demo.person(1) | {"id_no": "210213199003070010"}
    file = demo.sole_prop(1) | {"applicant": wrong}
    with pytest.raises(Refused, match=r"code\.resident-id\.check-digit") as refused:
        counter.take(file)
    assert refused.value.where == "applicant.id_no"
    case = counter.take(file, overrides={"applicant.id_no": "证件原件如此（演示）"}).case
    assert Flag.OVERRIDDEN in case.flags
    with pytest.raises(Refused, match=r"intake\.override-unused"):
        counter.take(demo.sole_prop(1), overrides={"applicant.id_no": "无需放行"})


def test_the_result_says_what_the_contract_promises(counter: Counter) -> None:
    taken = counter.take(demo.food_business(1, policies="tolerated"), papers=True)
    told = intake.result_of(counter.desk, taken, {taken.papers[0].event: "receipt.pdf"})
    assert told | {"documents": None} == {
        "case_no": taken.case.case_no,
        "case_id": taken.case.id,
        "query_code": taken.case.query_code,
        "item": "food-business-new",
        "status": 30,
        "flags": ["tolerated"],
        "received_at": "2026-09-18T10:00:00+08:00",
        "accepted_at": "2026-09-18T10:00:00+08:00",
        "due": "2026-09-23",
        "due_provisional": False,
        "supplement_by": "2026-09-23",
        "children": [],
        "documents": None,
    }
    assert [(d["kind"], d["path"]) for d in told["documents"]] == [
        ("D1", "receipt.pdf"),
        ("D2", None),
        ("D5", None),
    ]


# The intake page


def test_a_page_is_taken_in_as_it_is_seen(counter: Counter) -> None:
    """A row left alone lacks; what belongs to an earlier answer, agent or override is out of sight."""
    file = demo.outdoor_sign(1)
    typed = draft_of(file)
    ticks = dict(typed.materials)
    del ticks["rendering"]
    page = msgspec.structs.replace(
        typed,
        answers={"address_mode": "lease"},
        form=typed.form | {"business_scope": "别的事项留下的"},
        materials=ticks | {"agent-id": ticks["application"]},
        overrides={"applicant.id_no": "后来改对了"},
    )
    case = intake.take_in(counter.desk, from_draft(page, Outcome.CORRECT), documents=False).case
    assert [fault.material for fault in case.corrections[0].faults] == ["rendering"]
    assert set(case.materials) == {"application", "id-card", "premises-proof", "position-plan", "rendering"}
    assert (case.answers, case.overrides) == ({}, {})
    assert "business_scope" not in case.form


def test_who_is_refused_need_not_bring_a_complete_file(counter: Counter) -> None:
    page = Draft(
        id="d",
        target="food-business-new",
        applicant=msgspec.convert(demo.person(1), PartyDraft),
        refusal_reason="不属于本机关职权（演示）",
        competent_organ="大连市演示局",
    )
    assert intake.take_in(counter.desk, from_draft(page, Outcome.REFUSE)).case.status is Status.REFUSED


def test_tolerance_on_the_page_waits_for_the_signature(counter: Counter) -> None:
    page = draft_of(demo.food_business(1, policies="tolerated"))
    with pytest.raises(Refused, match=r"intake\.tolerance-unsigned"):
        intake.take_in(counter.desk, from_draft(page, Outcome.ACCEPT))
    signed = msgspec.structs.replace(page, tolerance_signed=True)
    assert intake.take_in(counter.desk, from_draft(signed, Outcome.ACCEPT)).case.status is Status.ACCEPTED


def test_taking_in_drops_the_draft(counter: Counter) -> None:
    page = draft_of(demo.sole_prop(1))
    with counter.store.transaction() as tx:
        tx.keep_draft(SavedDraft(id=page.id, title="", clerk=counter.desk.clerk.id, saved_at=1, state=b"{}"))
    intake.take_in(counter.desk, from_draft(page, Outcome.REGISTER), documents=False)
    assert counter.store.drafts() == ()
