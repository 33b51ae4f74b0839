"""Two windows edit one case without a network, in ten ways: each ends as DESIGN §4 says, both sides stay readable at
both windows, and what a person chose reaches everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jinpu_desk.app.screens import conflict_view
from jinpu_desk.app.screens.views import Pair
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.entry import demo_cases as demo
from jinpu_desk.server.centre import Centre
from samples.posts import Post, agree, meet, post, windows
from samples.stores import record

APPROVE = {"approved": True, "result_name": "食品经营许可证", "result_no": "JY12102130000001"}
DENY = {"approved": False, "reason": "演示：场所不符合要求", "article": "食品经营许可管理办法"}


@pytest.fixture
def one(centre: Centre, address: str, tmp_path: Path) -> Iterator[Post]:
    with post(centre, address, tmp_path, "JP03", "大厅 综合窗口01") as made:
        yield made


@pytest.fixture
def two(centre: Centre, address: str, tmp_path: Path, one: Post) -> Iterator[Post]:
    with post(centre, address, tmp_path, "JP05", "大厅 综合窗口02") as made:
        windows([one, made])
        yield made


def shared(one: Post, two: Post, file: dict[str, Any], *, accept: bool = False) -> Case:
    """Take a case in at one window and let the other hear of it."""
    case = one.counter.take(file).case
    if accept and case.status is Status.RECEIVED:
        case = one.act(case, "accept")
    meet(one, two)
    return case


def edit(field: str, value: str) -> dict[str, Any]:
    return {"changes": {field: value}}


def test_one_field_twice_is_parked_and_taken_by_choice(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    before = case.form["name"]
    one.act(case, "edit", edit("form.name", "演示甲记餐馆"))
    two.act(case, "edit", edit("form.name", "演示乙记餐馆"))
    after = agree(centre, case, one, two)
    assert after.form["name"] == "演示甲记餐馆"
    for desk, wrote in ((one, "大厅 综合窗口02"), (two, "本窗口")):
        page = desk.conflict
        (row,) = page.fields
        assert (row.label, row.before, row.ours, row.theirs) == (
            "经营者名称",
            before,
            "演示甲记餐馆",
            "演示乙记餐馆",
        )
        assert page.theirs.where == wrote
        assert (page.theirs.what, page.theirs.who) == ("修改内容", "演示窗口员")
        assert page.theirs.at_desk
        assert page.theirs.at_centre
        assert [side.where for side in page.against] == ["大厅 综合窗口01" if desk is two else "本窗口"]
        assert "经营者名称" in page.reason
        assert page.may_keep
        assert desk.page(case).line.sync is not None
    two.settle(case, "theirs")
    after = agree(centre, case, one, two)
    assert after.form["name"] == "演示乙记餐馆"
    assert one.inbox == ()
    assert one.told(case)[-3:] == ["修改内容", "修改内容", "处理冲突"]
    assert one.page(case).timeline[0].note.startswith("演示选定")
    with pytest.raises(Refused, match=r"conflict\.settled"):
        one.act(case, "resolve", {"event": after.timeline[-2].event, "take": "ours", "reason": "再选"})


def test_different_fields_merge(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "edit", edit("form.name", "演示甲记餐馆"))
    two.act(case, "edit", edit("form.phone", "13911112222"))
    after = agree(centre, case, one, two)
    assert (after.form["name"], after.form["phone"]) == ("演示甲记餐馆", "13911112222")
    assert one.inbox == ()
    assert "已合并" in {line.sync.text for line in one.page(case).timeline if line.sync}


def test_fields_are_chosen_one_by_one(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "edit", edit("form.name", "演示甲记餐馆"))
    both = {"changes": {"form.name": "演示乙记餐馆", "form.phone": "13933334444"}}
    two.act(case, "edit", both)
    meet(one, two)
    assert {row.label: row.same for row in one.conflict.fields} == {"经营者名称": False, "联系电话": False}
    assert "13933334444" not in str(one.conflict.fields)
    one.settle(case, "fields", "form.phone")
    after = agree(centre, case, one, two)
    assert (after.form["name"], after.form["phone"]) == ("演示甲记餐馆", "13933334444")


def test_withdrawn_here_accepted_there(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "withdraw", {"reason": "演示：不办了"})
    two.act(case, "accept")
    after = agree(centre, case, one, two)
    assert after.status is Status.WITHDRAWN
    page = two.conflict
    assert (page.theirs.what, page.against[0].what) == ("受理", "申请人撤回")
    assert page.against[0].facts == (Pair("理由", "演示：不办了"),)
    assert not page.may_keep
    assert "已撤回" in page.why_not
    with pytest.raises(Refused, match=r"case\.wrong-status"):
        two.settle(case, "theirs")
    two.settle(case, "ours")
    after = agree(centre, case, one, two)
    assert after.status is Status.WITHDRAWN
    assert {"受理", "申请人撤回", "处理冲突"} <= set(one.told(case))


def test_accepted_first_is_withdrawn_lawfully(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "accept")
    two.act(case, "withdraw", {"reason": "演示：不办了"})
    after = agree(centre, case, one, two)
    assert after.status is Status.WITHDRAWN
    assert after.accepted_on is not None
    assert one.inbox == ()


@pytest.mark.parametrize("lapse_first", [True, False])
def test_supplemented_here_lapsed_there(one: Post, two: Post, centre: Centre, lapse_first: bool) -> None:
    case = shared(one, two, demo.small_catering(1, layout="tolerated"), accept=True)
    assert case.supplement_by
    paper = {"materials": {"layout": {"state": "received", "originals": 1, "pages": 1}}}
    two.act(case, "supplement", paper)
    one.counter.wait(days=60)
    one.act(case, "lapse")
    first, second = (one, two) if lapse_first else (two, one)
    first.session.round()
    second.session.round()
    # Both windows hear of it, whatever their clocks say.
    after = agree(centre, case, first, second)
    page = one.conflict
    if lapse_first:
        assert after.status is Status.TERMINATED
        assert (page.theirs.what, page.against[0].what) == ("补齐容缺材料", "逾期未补")
        assert [(row.label, row.theirs) for row in page.fields] == [
            (page.fields[0].label, "齐 · 原件 1 · 页数 1")
        ]
    else:
        assert after.status is Status.ACCEPTED
        assert (page.theirs.what, page.against[0].what) == ("逾期未补", "补齐容缺材料")
        assert Pair("原因", "容缺材料逾期未补齐") in page.theirs.facts
    assert not page.may_keep
    two.settle(case, "ours")
    assert agree(centre, case, one, two).status is after.status


def test_a_note_on_a_voided_case_stays(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "void", {"reason": "演示：录错了"}, by="supervisor")
    two.act(case, "note", {"text": "演示：申请人来过电话"})
    after = agree(centre, case, one, two)
    assert after.voided
    assert one.inbox == ()
    assert "演示：申请人来过电话" in {line.note for line in one.page(case).timeline}


def test_of_two_decisions_the_first_at_the_centre_stands(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"), accept=True)
    one.act(case, "decide", APPROVE, by="reviewer")
    two.act(case, "decide", DENY, by="supervisor")
    after = agree(centre, case, one, two)
    assert after.status is Status.APPROVED
    page = one.conflict
    assert Pair("决定", "不予") in page.theirs.facts
    assert Pair("决定", "准予") in page.against[0].facts
    assert not page.may_keep
    one.settle(case, "ours", by="supervisor")
    after = agree(centre, case, one, two)
    assert after.decision is not None
    assert after.decision.by == "reviewer"


def test_a_material_ticked_two_ways(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "tick", {"materials": {"policies": {"state": "defective", "note": "缺页"}}})
    two.act(case, "tick", {"materials": {"policies": {"state": "received", "originals": 1, "pages": 3}}})
    agree(centre, case, one, two)
    (row,) = one.conflict.fields
    assert (row.ours, row.theirs) == ("瑕疵 · 缺页", "齐 · 原件 1 · 页数 3")
    one.settle(case, "theirs")
    after = agree(centre, case, one, two)
    assert after.materials["policies"].state is MaterialState.RECEIVED
    assert after.materials["policies"].pages == 3


def test_edited_while_handed_on_merges(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "note", {"text": "演示"})
    today = one.counter.desk.today()
    on = b.HandedOn(slip=case.case_no, origin="窗口", target="审批科", items=1, pages=3, handed_on=today)
    record(one.counter.store, on, case=case.id, at=millis(one.counter.clock.now()))
    two.act(case, "edit", edit("form.name", "演示乙记餐馆"))
    after = agree(centre, case, one, two)
    assert after.on_the_way
    assert after.form["name"] == "演示乙记餐馆"
    assert one.inbox == ()


def test_edited_after_the_decision_is_parked(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"), accept=True)
    one.act(case, "decide", APPROVE, by="reviewer")
    two.act(case, "edit", edit("form.name", "演示乙记餐馆"))
    after = agree(centre, case, one, two)
    assert after.status is Status.APPROVED
    page = two.conflict
    assert not page.may_keep
    assert [(row.label, row.theirs) for row in page.fields] == [("经营者名称", "演示乙记餐馆")]
    two.settle(case, "ours")
    assert agree(centre, case, one, two).form["name"] == case.form["name"]


def test_a_decision_waits_for_the_clock_and_then_counts(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"), accept=True)
    one.act(case, "pause", {"reason": "inspection", "approver": "演示主管"}, by="supervisor")
    two.act(case, "decide", APPROVE, by="reviewer")
    after = agree(centre, case, one, two)
    assert after.paused
    assert after.decision is None
    page = one.conflict
    assert (page.theirs.what, page.against[0].what) == ("作出决定", "暂停计时")
    assert Pair("理由", "检验") in page.against[0].facts
    assert not page.may_keep
    one.act(case, "resume", by="supervisor")
    meet(one, two)
    one.counter.sit("clerk")
    assert not one.conflict.may_keep, "whoever accepted it may not let the decision count"
    with pytest.raises(Refused, match=r"role\.may-not|case\.same-hands"):
        one.settle(case, "theirs", by="clerk")
    two.counter.sit("supervisor")
    assert two.conflict.may_keep
    two.settle(case, "theirs", by="supervisor")
    after = agree(centre, case, one, two)
    assert after.status is Status.APPROVED
    assert after.decision is not None
    assert after.decision.by == "reviewer", "it stays the decision of whoever made it"


def test_two_resolutions_of_one_conflict(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "edit", edit("form.name", "演示甲记餐馆"))
    two.act(case, "edit", edit("form.name", "演示乙记餐馆"))
    meet(one, two)
    one.settle(case, "theirs")
    two.settle(case, "ours")
    after = agree(centre, case, one, two)
    assert after.form["name"] == "演示乙记餐馆", "the first resolution at the centre stands"
    page = one.conflict
    assert (page.theirs.what, page.theirs.where) == ("处理冲突", "大厅 综合窗口02")
    assert "不同的处理" in page.reason
    assert [(row.ours, row.theirs) for row in page.fields] == [("演示乙记餐馆", "演示甲记餐馆")]
    assert Pair("处理", "保留原来的内容") in page.theirs.facts
    one.settle(case, "theirs")
    after = agree(centre, case, one, two)
    assert after.form["name"] == "演示甲记餐馆"
    assert one.inbox == two.inbox == ()


def test_the_same_resolution_twice_is_one(one: Post, two: Post, centre: Centre) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "edit", edit("form.name", "演示甲记餐馆"))
    two.act(case, "edit", edit("form.name", "演示乙记餐馆"))
    meet(one, two)
    one.settle(case, "theirs")
    two.settle(case, "theirs")
    after = agree(centre, case, one, two)
    assert after.form["name"] == "演示乙记餐馆"
    assert one.inbox == two.inbox == ()
    assert one.told(case).count("处理冲突") == 2


def test_whose_role_does_not_reach_settles_nothing(one: Post, two: Post) -> None:
    case = shared(one, two, demo.food_business(1, "receive"))
    one.act(case, "edit", edit("form.name", "演示甲记餐馆"))
    two.act(case, "edit", edit("form.name", "演示乙记餐馆"))
    meet(one, two)
    one.counter.sit("auditor")
    assert not conflict_view.page(one.counter.desk, one.inbox[0].job_id).may_resolve
    with pytest.raises(Refused, match=r"role\.may-not"):
        one.settle(case, "ours", by="auditor")
    one.counter.sit("reviewer")
    assert not one.conflict.may_keep, "a reviewer edits nothing"
    one.settle(case, "ours", by="reviewer")
    assert one.inbox == ()
