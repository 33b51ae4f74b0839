"""After the decision: who may take the result, how it is served, what is signed, and what goes back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jinpu_desk.app.papers import PaperFacts, PaperForm, PaperKind
from jinpu_desk.app.papers.paperwork import default_form, facts_of, issue
from jinpu_desk.app.verbs.proofs import PROOF
from jinpu_desk.domain.case import Case, DeliverState, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.rules_after import originals_here
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter

OTHER = {"recipient": "演示丁", "id_type": "111", "id_no": demo.person_id(4)}
AGENT = {"name": "演示戊", "id_type": "111", "id_no": demo.person_id(5), "phone": "13900000005"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def approved(counter: Counter, number: int = 1, **changes: Any) -> Case:
    """Return a food licence that waits to be handed out."""
    case = counter.take(demo.food_business(number), **changes).case
    counter.sit("reviewer")
    case = counter.act(
        case,
        "decide",
        {
            "approved": True,
            "result_name": "食品经营许可证",
            "result_no": "JY演示0001",
            "valid_to": "2031-09-17",
        },
        papers=True,
    )
    counter.sit("supervisor")
    return case


def registered(counter: Counter, number: int = 1) -> Case:
    return counter.take(demo.sole_prop(number), papers=True).case


def refusal(counter: Counter, case: Case, data: dict[str, Any], verb: str = "hand-out") -> tuple[str, str]:
    before = counter.again(case)
    with pytest.raises(Refused) as refused:
        counter.act(case, verb, data)
    assert counter.again(case) == before
    assert refused.value.code in counter.desk.sentences
    return refused.value.code, refused.value.where


def facts(counter: Counter, case: Case, kind: PaperKind, form: PaperForm = PaperForm.PLAIN) -> PaperFacts:
    return facts_of(counter.desk, counter.again(case), kind, form, doc_no="", at=counter.desk.now(), seq=1)


# Who takes it


def test_the_applicant_need_not_be_typed_again(counter: Counter) -> None:
    after = counter.act(approved(counter), "hand-out", {"relation": "self"}, papers=True)
    taken = after.deliveries[-1]
    assert (taken.recipient, taken.relation, taken.id_no) == ("演示甲", "本人", demo.person_id(1))
    assert (taken.service, taken.served_on, after.deliver_state) == (
        "direct",
        date(2026, 9, 18),
        DeliverState.SERVED,
    )
    assert [paper.kind for paper in after.papers[-2:]] == ["D9", "D10"]
    assert len(after.visits) == 1


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        ({"recipient": "演示丁"}, "delivery.relation-needed", "data.relation"),
        (
            {"recipient": "演示丁", "relation": "本人"},
            "delivery.not-the-applicant",
            "data.recipient",
        ),
        ({"id_no": demo.person_id(4), "relation": "本人"}, "delivery.not-the-applicant", "data.id_no"),
        ({"recipient": "演示丁", "relation": "配偶"}, "intake.missing", "data.id_no"),
        (OTHER | {"recipient": " ", "relation": "配偶"}, "intake.missing", "data.recipient"),
        (OTHER | {"relation": "配偶"}, "delivery.not-authorised", "data.authorised"),
        (
            OTHER | {"relation": "配偶", "id_no": demo.person_id(4)[:-1] + "0", "authorised": True},
            "code.resident-id.check-digit",
            "data.id_no",
        ),
        (OTHER | {"relation": "配偶", "id_type": "001"}, "intake.unknown-value", "data.id_type"),
        ({"copies": 0}, "delivery.copies", "data.copies"),
        ({"proof": "0" * 64}, "delivery.proof-missing", "data.proof"),
        ({"originals": {"没有": 1}}, "intake.unknown-material", "data.materials.没有"),
        ({"originals": {"application": 2}}, "case.not-held", "materials.application"),
    ],
)
def test_whoever_takes_it_must_be_known_and_entitled(
    counter: Counter, data: dict[str, Any], code: str, where: str
) -> None:
    assert refusal(counter, approved(counter), data) == (code, where)


def test_a_mandate_lets_anybody_take_it_and_law_lets_a_guardian(counter: Counter) -> None:
    spouse = counter.act(approved(counter), "hand-out", OTHER | {"relation": "配偶", "authorised": True})
    assert (spouse.deliveries[-1].authorised, spouse.deliveries[-1].id_no) == (True, demo.person_id(4))
    guardian = counter.act(approved(counter, 2), "hand-out", OTHER | {"relation": "监护人"})
    assert facts(counter, guardian, PaperKind.D9).blanks["authorised"] == "依法无需"
    assert facts(counter, spouse, PaperKind.D9).blanks["authorised"] == "已核验"


def test_the_agent_showed_the_mandate_when_applying(counter: Counter) -> None:
    file = demo.sole_prop(1)
    file["materials"]["agent-id"] = {"state": "received", "copies": 1, "pages": 1}
    case = counter.take(file, agent=AGENT).case
    after = counter.act(case, "hand-out", {"relation": "代理人"})
    assert (after.deliveries[-1].recipient, after.deliveries[-1].authorised) == ("演示戊", True)
    again = counter.take(file | {"agent": AGENT}).case
    assert refusal(counter, again, OTHER | {"relation": "代理人"})[0] == "delivery.not-authorised"


def test_an_organisation_sends_somebody(counter: Counter) -> None:
    company = {"type": "organisation", "name": "演示商贸有限公司", "uscc": "91210213MA10ABCD6L"}
    case = approved(counter, applicant=company)
    assert refusal(counter, case, {"relation": "本人"})[0] == "delivery.organisation-takes-nothing"
    after = counter.act(case, "hand-out", OTHER | {"relation": "法定代表人"})
    assert after.deliver_state is DeliverState.SERVED


def test_a_reason_lets_a_failed_check_digit_through(counter: Counter) -> None:
    wrong = demo.person_id(4)[:-1] + ("0" if demo.person_id(4)[-1] != "0" else "1")
    data = OTHER | {
        "relation": "配偶",
        "authorised": True,
        "id_no": wrong,
        "override_reason": "与证件核对无误",
    }
    after = counter.act(approved(counter), "hand-out", data)
    assert any("与证件核对无误" in moment.note for moment in after.timeline)


def test_the_signature_is_kept_and_travels(counter: Counter) -> None:
    kept = counter.desk.blobs.put(PNG)
    after = counter.act(approved(counter), "hand-out", {"proof": kept})
    assert after.deliveries[-1].proof == kept
    assert [(a.material, a.media_type, a.sha256) for a in after.attachments] == [(PROOF, "image/png", kept)]
    assert (kept, len(PNG)) in list(counter.store.sync.blobs_to_send())
    assert facts(counter, after, PaperKind.D9).blanks["proof"]
    assert counter.store.verify().ok


def test_a_file_that_is_no_picture_is_no_proof(counter: Counter) -> None:
    kept = counter.desk.blobs.put(b"text")
    assert refusal(counter, approved(counter), {"proof": Digest(kept)})[0] == "delivery.proof-missing"


# How it is served


def test_a_parcel_waits_for_its_signature(counter: Counter) -> None:
    case = approved(counter)
    assert refusal(counter, case, {"method": "post"}) == ("intake.missing", "data.tracking_no")
    sent = counter.act(case, "hand-out", {"method": "post", "tracking_no": " e演示1 "}, papers=True)
    parcel = sent.deliveries[-1]
    assert (parcel.recipient, parcel.place, parcel.phone) == (
        "演示甲",
        "大连市金州区演示街道演示路2号",
        "13900000001",
    )
    assert (sent.deliver_state, parcel.served_on, sent.papers[-1].kind) == (DeliverState.POSTED, None, "D10")
    label = facts(counter, sent, PaperKind.D16, PaperForm.EMS)
    assert label.blanks["recipient_phone"] == "13900000001"
    assert label.blanks["tracking"] == "E演示1"
    assert "食品经营许可证" in label.blanks["contents"]
    assert default_form(sent, PaperKind.D16) is PaperForm.EMS
    early = {"served_on": "2026-09-17"}
    assert refusal(counter, sent, early, "delivered") == ("delivery.served-on", "data.served_on")
    assert refusal(counter, sent, {"served_on": "2026-09-19"}, "delivered")[0] == "delivery.served-on"
    counter.wait(days=3)
    done = counter.act(sent, "delivered", {"served_on": "2026-09-20"})
    assert (done.deliver_state, done.deliveries[-1].served_on) == (DeliverState.SERVED, date(2026, 9, 20))
    assert done.deliveries[-1].signed_by == "演示甲"
    assert facts(counter, done, PaperKind.D10).blanks["served_at"] == "2026年9月20日"


def test_a_parcel_that_came_back_is_handed_out_or_sent_again(counter: Counter) -> None:
    case = counter.act(approved(counter), "hand-out", {"method": "post", "tracking_no": "E1"})
    new = {"method": "post", "tracking_no": "E2", "address": "演示新村1号", "phone": "13900000009"}
    again = counter.act(case, "hand-out", new)
    assert facts(counter, again, PaperKind.D16, PaperForm.EMS).blanks["recipient_address"] == "演示新村1号"
    assert counter.act(again, "hand-out", {}).deliver_state is DeliverState.SERVED


def test_a_parcel_needs_an_address(counter: Counter) -> None:
    case = counter.take(demo.outdoor_sign(1)).case
    counter.sit("reviewer")
    case = counter.act(case, "decide", {"approved": True})
    counter.sit("clerk")
    if not case.form.get("address"):
        assert refusal(counter, case, {"method": "post", "tracking_no": "E1"})[0] == "delivery.address-needed"
    data = {"method": "post", "tracking_no": "E1", "address": "演示新村1号"}
    assert counter.act(case, "hand-out", data).deliveries[-1].place == "演示新村1号"


def test_a_result_is_left_only_before_a_witness(counter: Counter) -> None:
    case = approved(counter)
    data = {"service": "left", "place": "演示路2号", "refused_because": "拒绝签收"}
    assert refusal(counter, case, data) == ("intake.missing", "data.witness")
    after = counter.act(case, "hand-out", data | {"witness": "演示己（社区）"}, papers=True)
    assert (after.deliver_state, after.papers[-1].kind) == (DeliverState.SERVED, "D10")
    assert "D9" not in {paper.kind for paper in after.papers}
    said = facts(counter, after, PaperKind.D10).blanks
    assert (said["service"], said["signed_by"], said["witness"]) == ("留置送达", "", "演示己（社区）")
    assert len(after.visits) == 1, "nobody came to the counter again"


def test_an_entrusted_service_waits_and_a_public_notice_runs(counter: Counter) -> None:
    organ = {"service": "entrusted", "recipient": "演示街道办事处"}
    sent = counter.act(approved(counter), "hand-out", organ, papers=True)
    assert sent.deliver_state is DeliverState.POSTED
    assert "演示街道办事处" in facts(counter, sent, PaperKind.D10).blanks["remark"]
    assert counter.act(sent, "delivered", {"signed_by": "演示甲"}).deliver_state is DeliverState.SERVED
    notice = counter.act(approved(counter, 2), "hand-out", {"service": "public", "place": "演示网站"})
    counter.wait(days=29)
    assert refusal(counter, notice, {}, "delivered")[0] == "delivery.notice-runs"
    counter.wait(days=1)
    assert counter.act(notice, "delivered").deliver_state is DeliverState.SERVED


@pytest.mark.parametrize(
    "data",
    [
        {"method": "post", "service": "left"},
        {"service": "post"},
        {"method": "electronic", "service": "direct"},
    ],
)
def test_method_and_service_agree(counter: Counter, data: dict[str, Any]) -> None:
    assert refusal(counter, approved(counter), data)[0] == "delivery.service-and-method"


def test_an_electronic_licence_is_served_at_once(counter: Counter) -> None:
    after = counter.act(approved(counter), "hand-out", {"method": "electronic"}, papers=True)
    assert (after.deliver_state, after.papers[-1].kind) == (DeliverState.SERVED, "D10")


# What it is


def test_a_granted_licence_and_a_denied_one_are_told_in_writing(counter: Counter) -> None:
    counter.lease("D8")
    case = approved(counter)
    assert [(p.kind, p.variant) for p in case.papers] == [("D8", "plain")]
    said = facts(counter, case, PaperKind.D8)
    assert said.blanks["decided_on"] == "2026年9月18日"
    assert (said.blanks["result_no"], said.blanks["valid_to"]) == ("JY演示0001", "2031年9月17日")
    counter.sit("clerk")
    other = counter.take(demo.food_business(2)).case
    counter.sit("reviewer")
    denied = counter.act(other, "decide", {"approved": False, "reason": "场所不符（演示）"}, papers=True)
    assert [(p.kind, p.variant) for p in denied.papers] == [("D8", "denied")]
    told = facts(counter, denied, PaperKind.D8, PaperForm.DENIED)
    assert told.lists["reasons"] == ("场所不符（演示）",)
    counter.sit("clerk")
    after = counter.act(denied, "hand-out", papers=True)
    assert facts(counter, after, PaperKind.D9).blanks["result_name"] == "不予行政许可决定书"
    served = facts(counter, after, PaperKind.D10).tables["served"]
    assert served == (("不予行政许可决定书", after.papers[0].doc_no, "1"),)
    assert after.papers[0].doc_no.endswith("2号")


def test_a_decision_from_outside_is_told_when_it_is_handed_out(counter: Counter) -> None:
    counter.lease("D8")
    case = counter.take(demo.food_business(1)).case
    counter.sit("reviewer")
    counter.act(case, "decide", {"approved": True})
    counter.sit("clerk")
    after = counter.act(case, "hand-out", papers=True)
    assert [paper.kind for paper in after.papers] == ["D8", "D9", "D10"]
    served = facts(counter, after, PaperKind.D10).tables["served"]
    assert served[0] == ("准予行政许可决定书", after.papers[0].doc_no, "1")
    assert after.papers[0].doc_no


def test_registration_papers_are_results_too(counter: Counter) -> None:
    case = registered(counter)
    after = counter.act(case, "hand-out", {"copies": 2}, papers=True)
    served = facts(counter, after, PaperKind.D10).tables["served"]
    assert served[0][0] == "登记通知书"
    assert facts(counter, after, PaperKind.D9).blanks["count"] == "2份"


def test_each_branch_of_a_package_has_its_own_decision_and_hand_out(counter: Counter) -> None:
    taken = counter.take(demo.restaurant(1))
    late = {key: {"state": "received", "copies": 1, "pages": 1} for key in taken.case.supplement_by}
    counter.act(taken.case, "supplement", {"materials": late})
    counter.sit("reviewer")
    for child in taken.children:
        data = {"approved": True} if child.item != "small-catering" else {"approved": False, "reason": "演示"}
        after = counter.act(child, "decide", data, papers=True)
        told = "D7" if child.terms.family == "registration" else "D8"
        assert [paper.kind for paper in after.papers] == [told], child.item
        counter.sit("clerk")
        assert counter.act(child, "hand-out", papers=True).deliver_state is DeliverState.SERVED
        counter.sit("reviewer")


# What goes back, and how a case ends otherwise


def test_originals_go_back_with_the_result(counter: Counter) -> None:
    case = approved(counter)
    assert originals_here(case) == {"application": 1, "layout-and-equipment": 1, "policies": 1}
    after = counter.act(case, "hand-out", {"originals": {"policies": 1}}, papers=True)
    assert [(p.kind, p.variant) for p in after.papers[-3:]] == [
        ("D9", "plain"),
        ("D10", "plain"),
        ("D12", "returned"),
    ]
    rest = counter.act(after, "return-materials", {"recipient": "演示丁", "note": "演示"}, papers=True)
    assert originals_here(rest) == {}
    said = facts(counter, rest, PaperKind.D12, PaperForm.RETURNED)
    assert [line.key for line in said.materials] == ["application", "layout-and-equipment"]
    assert (said.blanks["recipient"], said.blanks["relation"]) == ("演示丁", "")
    assert refusal(counter, rest, {}, "return-materials")[0] == "delivery.no-originals"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_end_without_decision_is_told_and_originals_go_back(counter: Counter, number: int) -> None:
    counter.lease("D12")
    case = counter.take(demo.small_catering(number, layout="tolerated")).case
    counter.sit("supervisor")
    verb, form, status = {
        1: ("withdraw", "withdrawn", Status.WITHDRAWN),
        2: ("lapse", "terminated", Status.TERMINATED),
        3: ("void", "terminated", Status.TERMINATED),
    }[number]
    counter.wait(days=30)
    after = counter.act(case, verb, {} if verb == "lapse" else {"reason": "演示"}, papers=True)
    paper = after.papers[-1]
    assert (after.status, paper.kind, paper.variant) == (status, "D12", form)
    assert bool(paper.doc_no) is (form == "terminated")
    back = counter.act(after, "return-materials", papers=True)
    assert back.papers[-1].variant == "returned"
    assert originals_here(back) == {}


def test_a_correction_never_brought_is_told_as_an_end(counter: Counter) -> None:
    case = counter.take(demo.outdoor_sign(1, "correct", rendering="lacking")).case
    counter.wait(days=31)
    after = counter.act(case, "lapse", papers=True)
    assert (after.status, after.papers[-1].variant) == (Status.WITHDRAWN, "terminated")
    assert "视为撤回" in facts(counter, after, PaperKind.D12, PaperForm.TERMINATED).blanks["reason"]


def test_labels_are_printed_when_asked_for(counter: Counter) -> None:
    case = counter.take(demo.food_business(1)).case
    assert default_form(case, PaperKind.D16) is PaperForm.LABEL
    with counter.store.transaction() as tx:
        assert issue(counter.desk, tx, case, PaperKind.D16, PaperForm.LABEL).pages == 1
    with pytest.raises(Refused, match=r"paper\.wrong-moment"), counter.store.transaction() as tx:
        issue(counter.desk, tx, case, PaperKind.D16, PaperForm.EMS)
    ready = approved(counter, 2)
    with counter.store.transaction() as tx:
        assert issue(counter.desk, tx, ready, PaperKind.D16, PaperForm.EMS).pages == 1
