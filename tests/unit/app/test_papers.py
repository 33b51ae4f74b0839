"""Papers: what each says, its number, its reprints, and that a receipt claims nothing that was not taken in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import pypdfium2
import pytest

from jinpu_desk.app.papers import NEEDS, PaperFacts, PaperForm, PaperKind
from jinpu_desk.app.papers.forms import ABOUT_MANY
from jinpu_desk.app.papers.paperwork import default_form, facts_of, issue, reprint, sealed
from jinpu_desk.app.screens.case_view import paper_line
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.entry import demo_cases as demo
from samples import law
from samples.counter import Counter, documents, trust
from samples.law import file_of, law_catalogue

LATE = {"state": "received", "copies": 1, "pages": 3}


def facts(counter: Counter, case: Case, kind: PaperKind, form: PaperForm = PaperForm.PLAIN) -> PaperFacts:
    return facts_of(counter.desk, case, kind, form, doc_no="", at=counter.desk.now(), seq=1)


def text_of(data: bytes) -> str:
    with pypdfium2.PdfDocument(BytesIO(data)) as pdf:
        return "".join(page.get_textpage().get_text_bounded() for page in pdf)


def names(said: PaperFacts) -> list[str]:
    return [line.key for line in said.materials]


def test_receipt_and_acceptance_list_only_what_was_taken_in(counter: Counter) -> None:
    case = counter.take(demo.outdoor_sign(1, "receive", rendering="lacking", premises_proof="shared")).case
    said = facts(counter, case, PaperKind.D1)
    assert names(said) == ["application", "id-card", "premises-proof", "position-plan"]
    assert [(line.medium, line.copies, line.pages) for line in said.materials][:3] == [
        ("原件", 1, 2),
        ("原件", 1, 2),
        ("电子", 0, 0),
    ]
    tolerated = counter.take(demo.food_business(2, policies="tolerated")).case
    for kind in (PaperKind.D1, PaperKind.D2):
        assert names(facts(counter, tolerated, kind)) == ["application", "layout-and-equipment"]
    assert names(facts(counter, tolerated, PaperKind.D5)) == ["policies"]


def test_a_correction_notice_says_what_to_bring(counter: Counter) -> None:
    case = counter.take(demo.outdoor_sign(1, "correct", rendering="lacking")).case
    said = facts(counter, case, PaperKind.D3)
    assert [(line.key, line.note) for line in said.materials] == [("rendering", "未提交")]
    assert said.materials[0].requirement.startswith("彩色")
    assert said.blanks["correct_by"] == "2026年10月18日"


def test_papers_mask_what_is_personal_but_name_the_applicant(counter: Counter) -> None:
    case = counter.take(demo.food_business(1)).case
    said = facts(counter, case, PaperKind.D2)
    assert (said.applicant.name, said.applicant.phone) == ("演示甲", "139****0001")
    assert said.applicant.id_no.startswith("2102*")
    assert (said.legal_days, said.promised_days, str(said.due)) == (10, 4, "2026-09-23")
    assert case.applicant.id_no not in str(said)


@pytest.mark.parametrize(
    ("file", "form", "blanks"),
    [
        (
            demo.sole_prop(1),
            PaperForm.REGISTERED,
            {
                "category": "个人独资企业设立登记",
                "entity_name": "金普演示01号店",
                "pickup": "窗口自取",
                "uscc": "",
            },
        ),
        (
            demo.sole_prop(1, "receive"),
            PaperForm.TAKEN_IN,
            {"category": "个人独资企业设立登记", "decide_by": "2026年9月22日"},
        ),
        (
            demo.sole_prop(1, "correct", investor_id="lacking"),
            PaperForm.CORRECTION,
            {
                "category": "个人独资企业设立登记",
                "correct_by": "2026年10月18日",
                "correct_how": "到窗口当面提交，或邮寄、网上提交",
            },
        ),
    ],
    ids=["registered", "taken in", "correction"],
)
def test_the_registration_family_has_its_own_papers(
    counter: Counter, file: dict[str, Any], form: PaperForm, blanks: dict[str, str]
) -> None:
    case = counter.take(file).case
    assert default_form(case, PaperKind.D7) is form
    assert facts(counter, case, PaperKind.D7, form).blanks == blanks


def test_a_refused_registration_says_why_and_where_to_turn(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1, "receive")).case
    counter.sit("reviewer")
    counter.act(case, "decide", {"approved": False, "reason": "名称与他人相同（演示）"}, papers=True)
    said = facts(counter, counter.again(case), PaperKind.D7, PaperForm.NOT_REGISTERED)
    assert said.lists == {"reasons": ("名称与他人相同（演示）",)}
    assert "演示" in said.blanks["review_organ"]
    assert [paper.variant for paper in counter.again(case).papers] == ["not-registered"]


def after_the_decision(counter: Counter) -> list[Case]:
    """Return cases with every paper of the result: decided, posted, taken, given back, withdrawn and voided."""
    granted, denied, gone, void = (
        counter.take(demo.food_business(n), papers=True).case for n in (21, 22, 23, 24)
    )
    counter.sit("reviewer")
    counter.act(granted, "decide", {"approved": True}, papers=True)
    counter.act(denied, "decide", {"approved": False, "reason": "演示"}, papers=True)
    counter.sit("supervisor")
    posted = counter.act(granted, "hand-out", {"method": "post", "tracking_no": "E0001"}, papers=True)
    with counter.store.transaction() as tx:
        for form in (PaperForm.LABEL, PaperForm.EMS):
            issue(counter.desk, tx, posted, PaperKind.D16, form)
    counter.act(denied, "hand-out", {"originals": {"application": 1}}, papers=True)
    counter.act(gone, "withdraw", {"reason": "演示"}, papers=True)
    counter.act(void, "void", {"reason": "演示"}, papers=True)
    return [granted, denied, gone, void]


def refused_pledged_and_told(counter: Counter) -> tuple[Case, ...]:
    counter.desk = replace(counter.desk, catalogue=law_catalogue())
    refused = counter.take(file_of("law-licence", "refuse"), papers=True).case
    free = counter.take(file_of("law-cancelled", "not-needed"), papers=True).case
    pledged = counter.take(file_of("law-pledge", "accept", premises="pledged"), papers=True).case
    counter.act(pledged, "pause", law.PAUSE, papers=True)
    counter.act(pledged, "resume")
    counter.act(pledged, "extend", law.DATA["extend"], papers=True)
    return refused, free, pledged


def test_every_paper_the_app_issues_fills_every_blank_its_form_needs(counter: Counter) -> None:
    counter.sit("supervisor")
    kept = [
        counter.take(demo.food_business(1, policies="tolerated"), papers=True),
        counter.take(demo.outdoor_sign(2, "correct", rendering="lacking"), papers=True),
        counter.take(demo.sole_prop(3), papers=True),
        counter.take(demo.sole_prop(4, "receive"), papers=True),
        counter.take(demo.sole_prop(5, "correct", investor_id="lacking"), papers=True),
        counter.take(demo.restaurant(6), papers=True),
    ]
    counter.act(kept[3].case, "decide", {"approved": False, "reason": "演示"}, papers=True)
    results = (*after_the_decision(counter), *refused_pledged_and_told(counter))
    counter.at_station("03")
    kept.append(counter.take(demo.food_business(7, "guide"), papers=True))
    with counter.store.transaction() as tx:
        issue(counter.desk, tx, kept[0].case, PaperKind.D13, PaperForm.PLAIN)
    issued = {
        (PaperKind(paper.kind), PaperForm(paper.variant))
        for case in (*(taken.case for taken in kept), *results)
        for paper in counter.again(case).papers
    }
    # On a roll only where the printer is one; slips and sheets speak of many cases.
    elsewhere = {key for key in NEEDS if key[0] in ABOUT_MANY} | {(PaperKind.D1, PaperForm.THERMAL)}
    assert issued == set(NEEDS) - elsewhere


def test_numbers_come_from_the_lease_and_run_out_openly(counter: Counter) -> None:
    counter.lease("D2", first=123, last=124)
    issued = [counter.take(demo.food_business(n), papers=True).papers[1] for n in range(3)]
    assert [paper.doc_no for paper in issued] == [
        "金普市监受字〔2026〕123号",
        "金普市监受字〔2026〕124号",
        "",
    ]
    assert "文号待补" in text_of(issued[2].data)
    assert "金普市监受字〔2026〕123号" in text_of(issued[0].data)


def test_a_paper_rolled_back_gives_its_number_back(counter: Counter) -> None:
    counter.lease("D2", first=7)
    case = counter.take(demo.food_business(1)).case

    def fail() -> None:
        with counter.store.transaction() as tx:
            issue(counter.desk, tx, case, PaperKind.D2, PaperForm.PLAIN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with counter.store.transaction() as tx:
        assert issue(counter.desk, tx, case, PaperKind.D2, PaperForm.PLAIN).doc_no.endswith("7号")


def test_a_reprint_is_the_issued_bytes_under_a_mark(counter: Counter) -> None:
    taken = counter.take(demo.food_business(1), papers=True)
    paper = taken.case.papers[0]
    with pytest.raises(Refused, match=r"paper\.reprint-needs-reason"):
        reprint(counter.desk, taken.case, paper, " ")
    after, first = reprint(counter.desk, taken.case, paper, "卡纸（演示）")
    assert first.startswith(taken.papers[0].data)
    assert "补打第1次" in text_of(first).replace(" ", "")
    again = after.papers[0]
    assert again.reprints == 1
    _, second = reprint(counter.desk, after, again, "字迹不清（演示）")
    assert "补打第2次" in text_of(second).replace(" ", "")
    assert paper_line(counter.desk, counter.again(taken.case).papers[0]).reprints == 2
    assert counter.store.verify().ok


def test_a_paper_of_another_window_says_where_it_is(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = counter.take(demo.food_business(1), papers=True)
    monkeypatch.setattr(counter.store, "paper", lambda _sha256: None)
    with pytest.raises(Unavailable) as elsewhere:
        reprint(counter.desk, taken.case, taken.case.papers[0], "演示")
    assert elsewhere.value.code == "paper.bytes-elsewhere"
    assert counter.again(taken.case).papers[0].reprints == 0
    sentence, hint = counter.desk.sentences.of(elsewhere.value)
    assert "收件凭证" in sentence
    assert hint


def test_a_paper_that_would_say_nothing_is_refused(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive")).case
    shop = counter.take(demo.sole_prop(2, "receive")).case
    wrong = [
        (case, PaperKind.D2, PaperForm.PLAIN),
        (case, PaperKind.D3, PaperForm.PLAIN),
        (case, PaperKind.D5, PaperForm.PLAIN),
        (case, PaperKind.D7, PaperForm.TAKEN_IN),
        (shop, PaperKind.D7, PaperForm.REGISTERED),
        (case, PaperKind.D4, PaperForm.PLAIN),
        (case, PaperKind.D6, PaperForm.PROOF),
        (case, PaperKind.D6, PaperForm.LICENCE),
        (case, PaperKind.D11, PaperForm.EXTENSION),
        (case, PaperKind.D11, PaperForm.PAUSE),
    ]
    for of, kind, form in wrong:
        with pytest.raises(Refused, match=r"paper\.wrong-moment"), counter.store.transaction() as tx:
            issue(counter.desk, tx, of, kind, form)
    with pytest.raises(Refused, match=r"paper\.not-made-here"), counter.store.transaction() as tx:
        issue(counter.desk, tx, case, PaperKind.D14, PaperForm.PLAIN)


def test_an_issued_paper_is_believed_whole_once_sealed(counter: Counter) -> None:
    issued = counter.take(demo.food_business(1), papers=True).papers[0]
    kept = sealed(counter.desk, issued)
    assert kept.startswith(issued.data)
    checked = documents().check(kept, trust())
    assert (checked.whole_file, checked.kind) == (True, PaperKind.D1)
    assert isinstance(counter.desk.now(), datetime)


def test_accepting_later_prints_what_the_acceptance_calls_for(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive"), papers=True).case
    after = counter.act(case, "accept", papers=True)
    assert [paper.kind for paper in after.papers] == ["D1", "D2"]
    correcting = counter.take(demo.outdoor_sign(2, "correct", rendering="lacking"), papers=True).case
    again = counter.act(correcting, "resubmit", {"materials": {"rendering": LATE}}, papers=True)
    assert [paper.kind for paper in again.papers] == ["D3", "D1"]
