"""Intake in its special cases: eligibility and notice, registers, 补录, pre-applications, the four licence modes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from jinpu_desk.app.intake import places, pre_applied
from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.assess import assess
from jinpu_desk.app.intake.intake_view import intake_page
from jinpu_desk.app.intake.subject import subject_of
from jinpu_desk.app.registers import Incubator, IncubatorList, Place, PlaceList, Registers
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.app.screens.views import IntakePage
from jinpu_desk.app.screens.workbench import workbench
from jinpu_desk.app.verbs.timers import deem_accepted
from jinpu_desk.catalogue.model import Item
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.body import DocFamily
from jinpu_desk.domain.case import Flag, Status
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest
from jinpu_desk.domain.instants import local
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.entry import demo_cases as demo
from samples.applications import application
from samples.counter import Counter, catalogue, draft_of

TODAY = date(2026, 9, 18)
PLACES = PlaceList(
    source="演示",
    entries=(
        Place(key="place-01", name="演示街道集中登记场所", custodian="演示托管公司", custodian_uscc="X",
              address="演示路1号", capacity=1),
        Place(key="place-02", name="演示社区集中登记场所", custodian="演示社区", custodian_uscc="Y", address="演示路2号"),
    ),
)  # fmt: skip
INCUBATORS = IncubatorList(
    source="演示",
    entries=(
        Incubator(
            key="space-01", name="演示众创空间", operator="演示运营", operator_uscc="Z", address="创业街1号"
        ),
    ),
)


def offered(target: str, **more: Any) -> dict[str, Any]:
    """Return a complete application for an item or package of the demo catalogue."""
    return application(catalogue(), target, today=TODAY, **more)


def refused(counter: Counter, file: dict[str, Any], **changes: Any) -> Refused:
    with pytest.raises(Refused) as raised:
        counter.take(file, **changes)
    assert counter.store.status().cases == 0
    return raised.value


def page(counter: Counter, file: dict[str, Any], **changes: Any) -> IntakePage:
    return intake_page(counter.desk, draft_of(file, **changes))


# 简易注销.


def simple_cancel(notice_from: str | None = None, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    file = offered("simple-cancel", answers={"entity_kind": "company"} | (answers or {}))
    return file if notice_from is None else file | {"form": file["form"] | {"notice_from": notice_from}}


def test_simple_cancellation_waits_for_its_notice_and_ends_with_its_window(counter: Counter) -> None:
    file = simple_cancel("2026-09-10") | {"action": "receive"}
    early = refused(counter, file)
    assert (early.code, early.where) == ("intake.notice-running", "form.notice_from")
    assert early.params["notice_to"] == "2026-09-30"
    assert (early.params["file_from"], early.params["file_to"]) == ("2026-10-01", "2026-10-20")
    assert "第三十三条" in early.article
    counter.wait(days=12)  # 30 September, the notice's last day
    assert refused(counter, file).code == "intake.notice-running"
    counter.wait(days=21)  # 21 October
    assert refused(counter, file).code == "intake.notice-over"
    counter.wait(days=-1)
    assert counter.take(file).case.status is Status.RECEIVED


def test_the_first_day_of_the_window_serves(counter: Counter) -> None:
    counter.wait(days=13)
    assert counter.take(simple_cancel("2026-09-10"), action="receive").case.status is Status.RECEIVED


def test_an_individual_needs_no_notice(counter: Counter) -> None:
    file = simple_cancel(answers={"entity_kind": "individual"})
    assert "notice_from" not in file["form"]
    assert counter.take(file, action="receive").case.status is Status.RECEIVED


BARRED = [question.key for question in catalogue().items["simple-cancel"].questions if question.bars]


@pytest.mark.parametrize("key", BARRED)
def test_each_bar_rules_the_procedure_out_and_says_why(counter: Counter, key: str) -> None:
    error = refused(counter, simple_cancel(answers={key: True}), action="receive")
    assert (error.code, error.where) == ("intake.not-eligible", f"answers.{key}")
    said, hint = counter.desk.sentences.of(error)
    assert "不适用简易注销" in said
    assert "普通注销" in hint


def test_who_is_not_eligible_may_be_refused_in_writing(counter: Counter) -> None:
    file = simple_cancel(answers={BARRED[0]: True}) | {
        "action": "refuse", "note": "不适用简易注销（演示）", "competent_organ": "大连市演示局",
    }  # fmt: skip
    assert counter.take(file).case.status is Status.REFUSED


def test_a_notice_in_another_age_is_refused(counter: Counter) -> None:
    assert refused(counter, simple_cancel("1926-09-10"), action="receive").code == "calendar.out-of-range"


def test_the_page_computes_the_dates_and_counts_the_checks(counter: Counter) -> None:
    file = simple_cancel("2026-09-10")
    guide = page(counter, file).guide
    assert guide is not None
    assert [pair.value for pair in guide.dates] == [
        "2026-09-10 至 2026-09-30",
        "最早 2026-10-01，最晚 2026-10-20",
    ]
    assert guide.dates_tone == "warn"
    assert (guide.checked, guide.tone) == (f"已核对 {len(BARRED)} / {len(BARRED)}", "good")
    assert {check.key for check in guide.checks} == set(BARRED)
    shown = page(counter, file)
    assert not {q.key for q in shown.questions} & set(BARRED)
    assert "form.notice_from" not in {field.path for field in shown.fields}
    counter.wait(days=13)
    late = page(counter, file).guide
    assert late is not None
    assert (late.dates_tone, late.dates_text) == ("good", "在申请期限内，还剩 19 天。")


def test_the_page_leaves_open_checks_open_and_names_a_bar(counter: Counter) -> None:
    file = simple_cancel()
    answers = {key: answer for key, answer in file["answers"].items() if key not in BARRED}
    guide = page(counter, file | {"answers": answers}).guide
    assert guide is not None
    assert {check.answer for check in guide.checks} == {None}
    told = page(counter, simple_cancel(answers={BARRED[1]: True}))
    assert told.guide is not None
    assert told.guide.tone == "bad"
    assert [check.key for check in told.guide.checks if check.barred] == [BARRED[1]]
    assert "不适用" in told.verdict


def test_a_provisional_year_is_said(counter: Counter) -> None:
    counter.wait(days=90)
    guide = page(counter, simple_cancel("2026-12-14")).guide
    assert guide is not None
    assert "暂定" in guide.dates_text


# Registers and addresses.


@pytest.fixture
def registered(counter: Counter) -> Counter:
    counter.desk = replace(counter.desk, registers=Registers(places=PLACES, incubators=INCUBATORS))
    return counter


def cluster(number: int, place: str = "place-01", **form: str) -> dict[str, Any]:
    file = offered("sole-prop-setup", answers={"address_mode": "cluster"}, number=number)
    told = {"cluster_place": place, "name": f"演示{number}号店"} | form
    return file | {"form": file["form"] | told, "action": "register"}


def test_a_place_is_found_by_name_pinyin_key_and_address(registered: Counter) -> None:
    desk = registered.desk
    for sought in ("社区", "yssq", "shequ", "place-02", "演示路 2 号"):
        assert [line.key for line in places.find(desk, "cluster-places", sought)] == ["place-02"], sought
    assert [line.key for line in places.find(desk, "cluster-places", "")] == ["place-01", "place-02"]
    assert [line.key for line in places.find(desk, "incubators", "")] == ["space-01"]
    assert places.find(desk, "cluster-places", "没有的") == ()


def test_a_place_counts_its_cases_and_full_is_a_warning(registered: Counter) -> None:
    assert not page(registered, cluster(1)).remarks
    registered.take(cluster(1))
    line = places.line_of(registered.desk, "cluster-places", "place-01")
    assert line is not None
    assert (line.used, line.capacity, line.full) == (1, 1, True)
    told = page(registered, cluster(2))
    assert any("已登记 1 户，达到上限 1 户" in remark.text for remark in told.remarks)
    assert registered.take(cluster(2)).case.status is Status.CLOSED


def test_refused_cases_free_their_place(registered: Counter) -> None:
    file = cluster(1) | {"action": "refuse", "note": "演示", "competent_organ": "大连市演示局"}
    registered.take(file)
    line = places.line_of(registered.desk, "cluster-places", "place-01")
    assert line is not None
    assert line.used == 0


def test_an_unknown_place_is_refused_and_none_is_a_warning(registered: Counter) -> None:
    error = refused(registered, cluster(1, "nowhere"))
    assert (error.code, error.where) == ("intake.not-in-register", "form.cluster_place")
    file = cluster(1)
    del file["form"]["cluster_place"]
    assert any("还没有从名录中选择" in remark.text for remark in page(registered, file).remarks)
    assert registered.take(file).case.status is Status.CLOSED


def test_the_form_names_the_chosen_place(registered: Counter) -> None:
    fields = {field.path: field for field in page(registered, cluster(1, "place-02")).fields}
    chosen = fields["form.cluster_place"]
    assert (chosen.kind, chosen.register) == ("register", "cluster-places")
    assert chosen.shown == "演示社区集中登记场所 · 演示路2号"


def test_who_is_at_the_address_already_is_told_and_bars_nothing(counter: Counter) -> None:
    first = demo.sole_prop(1)
    counter.take(first)
    again = demo.sole_prop(2) | {"answers": {"address_mode": "same-address", "pre_approval": False}}
    again["form"] = again["form"] | {"address": f" {first['form']['address'].replace('路', '路 ')}"}
    told = page(counter, again)
    assert any("同址已有" in remark.text and first["form"]["name"] in remark.text for remark in told.remarks)
    assert counter.take(again).case.status is Status.CLOSED


def test_addresses_are_compared_without_width_case_and_spaces() -> None:
    assert places.address_key(" 演示路 １８ 号-A 座") == places.address_key("演示路18号a座")
    assert places.address_key(None) == ""


# 补录, 绿色通道, 叫号, channel.


def backfill(received_at: str = "2026-09-07T09:30:00+08:00", **more: str) -> dict[str, Any]:
    return {"backfill": {"received_at": received_at, "reason": "系统故障期间手工收件（演示）"} | more}


def test_a_backfilled_case_runs_from_its_true_dates(counter: Counter) -> None:
    file = demo.food_business(1) | backfill(accepted_on="2026-09-08", external_no="旧-18")
    case = counter.take(file, ticket="A018", green="重点项目（演示）").case
    assert case.case_no[11:19] == "20260918"
    assert (case.received_on, case.accepted_on) == (date(2026, 9, 7), date(2026, 9, 8))
    assert {Flag.BACKFILLED, Flag.GREEN} <= set(case.flags)
    assert (case.ticket, case.green, case.external_no) == ("A018", "重点项目（演示）", "旧-18")
    assert case.backfill is not None
    assert counter.desk.local_ms(case.backfill.received_at).isoformat() == "2026-09-07T09:30:00+08:00"
    row = counter.store.row(case.id)
    assert row is not None
    assert row.due == date(2026, 9, 14)  # four working days after the true acceptance
    assert counter.store.verify().ok


def test_its_page_and_its_receipt_tell_the_true_time(counter: Counter) -> None:
    file = (
        demo.food_business(1, "receive")
        | backfill(external_no="旧-18")
        | {"ticket": "A018", "channel": "post"}
    )
    taken = counter.take(file, papers=True, green="重点项目（演示）")
    facts = {pair.label: pair.value for pair in case_page(counter.desk, taken.case.id).facts}
    assert facts["收件"] == "2026-09-07 09:30"
    assert (facts["叫号"], facts["来件方式"], facts["外部编号"]) == ("A018", "邮寄", "旧-18")
    assert (facts["绿色通道"], facts["补录"]) == ("重点项目（演示）", "系统故障期间手工收件（演示）")
    assert intake.result_of(counter.desk, taken, {})["received_at"] == "2026-09-07T09:30:00+08:00"


def test_a_place_is_read_by_its_name_on_the_case(registered: Counter) -> None:
    case = registered.take(cluster(1)).case
    read = {pair.label: pair.value for pair in case_page(registered.desk, case.id).form}
    assert read["集中登记场所"] == "演示街道集中登记场所 · 演示路1号"


def test_silence_over_a_backfilled_receipt_counts_from_the_true_day(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive"), **backfill()).case
    deem_accepted(counter.desk)
    found = counter.again(case)
    assert (found.status, found.deemed, found.accepted_on) == (Status.ACCEPTED, True, date(2026, 9, 7))


WRONG_TIMES = [
    ({"received_at": "2026-09-18T11:00:00+08:00"}, "intake.backfill-future", "backfill.received_at"),
    ({"received_at": "昨天"}, "intake.backfill-time", "backfill.received_at"),
    ({"received_at": ""}, "intake.missing", "backfill.received_at"),
    ({"reason": " "}, "intake.missing", "backfill.reason"),
    ({"accepted_on": "2026-09-06"}, "intake.backfill-order", "backfill.accepted_on"),
    ({"accepted_on": "2026-09-19"}, "intake.backfill-order", "backfill.accepted_on"),
    ({"accepted_on": "九月"}, "intake.backfill-time", "backfill.accepted_on"),
]


@pytest.mark.parametrize(("changes", "code", "where"), WRONG_TIMES)
def test_wrong_times_are_refused(counter: Counter, changes: dict[str, str], code: str, where: str) -> None:
    file = demo.food_business(1)
    entry = backfill()["backfill"] | changes
    error = refused(counter, file, backfill=entry)
    assert (error.code, error.where) == (code, where)


def test_an_acceptance_elsewhere_goes_with_accepting(counter: Counter) -> None:
    file = demo.food_business(1, "receive") | backfill(accepted_on="2026-09-08")
    assert refused(counter, file).code == "intake.backfill-not-accepted"


def test_who_may_not_backfill_is_told(counter: Counter) -> None:
    counter.sit("reviewer")
    assert refused(counter, demo.food_business(1) | backfill()).code == "role.may-not"


def test_a_time_without_a_zone_is_local(counter: Counter) -> None:
    case = counter.take(demo.food_business(1), **backfill("2026-09-07 09:30")).case
    assert case.backfill is not None
    received = local(case.backfill.received_at)
    assert (received.hour, received.minute) == (9, 30)


def test_what_came_online_after_closing_counts_from_the_next_working_day(counter: Counter) -> None:
    counter.wait(hours=8)  # Friday 18:00; Saturday is off, Sunday the 20th is worked
    for channel, day in (("counter", TODAY), ("post", TODAY), ("online", date(2026, 9, 20))):
        case = counter.take(demo.food_business(1, "receive"), channel=channel).case
        assert (case.channel, case.received_on) == (channel, day)
        assert case.visits == ((day,) if channel == "counter" else ())


# 网上预申请.


def pre_apply(counter: Counter, file: dict[str, Any], station: str = "00") -> CaseId:
    """Record an application that came in through the centre the evening before."""
    desk = counter.desk
    case_id = CaseId("01900000-0000-7000-8000-00000000aaaa")
    with counter.store.transaction() as tx:
        number = intake._new_number(desk, tx)
        subject = subject_of(desk, file["item"], False, file["answers"], agent=False)
        body = b.CasePreApplied(
            case_no=number[0],
            query_code=number[1],
            item=file["item"],
            applicant=msgspec.convert(file["applicant"], Applicant),
            answers=file["answers"],
            form=file["form"],
            terms=subject.terms,
            station=station,
            applied_on=date(2026, 9, 17),
            source="演示平台",
            external_no="WS-1",
        )
        tx.record(case_id, body, actor=desk.clerk.id, at=desk.now(), catalogue=Digest(desk.catalogue.digest))
    return case_id


def test_a_pre_application_is_taken_in_under_its_number(counter: Counter) -> None:
    case_id = pre_apply(counter, demo.food_business(1))
    waiting = counter.store.case(case_id)
    assert waiting is not None
    lines = workbench(counter.desk).drafts
    assert [(line.draft_id, line.chip.text) for line in lines] == [(case_id, "网上")]
    draft = pre_applied.open_page(counter.desk, case_id)
    assert (draft.target, draft.channel, draft.form["name"]) == (
        "food-business-new",
        "online",
        waiting.form["name"],
    )
    ticked = {key: {"state": "received"} for key in demo.food_business(1)["materials"]}
    draft = msgspec.structs.replace(
        draft, materials=draft_of(demo.food_business(1) | {"materials": ticked}).materials
    )
    case = intake.take_in(counter.desk, from_draft(draft, Outcome.RECEIVE), documents=False).case
    assert (case.id, case.case_no, case.query_code) == (case_id, waiting.case_no, waiting.query_code)
    assert (case.received_on, case.channel, case.external_no) == (date(2026, 9, 17), "online", "WS-1")
    assert Flag.ONLINE in case.flags
    assert case.visits == ()
    assert workbench(counter.desk).drafts == ()
    with pytest.raises(Refused, match=r"draft\.gone"):
        pre_applied.open_page(counter.desk, case_id)


def test_who_was_guided_here_is_taken_in_under_the_number_of_the_slip(counter: Counter) -> None:
    counter.at_station("03")
    guided = counter.take(demo.food_business(1), action="guide").case
    assert not pre_applied.waits_here(counter.desk, guided)
    counter.at_station("00")
    assert pre_applied.waits_here(counter.desk, guided)
    draft = pre_applied.open_page(counter.desk, guided.id)
    whole = draft_of(demo.food_business(1))
    draft = msgspec.structs.replace(whole, id=draft.id, guided_case=draft.guided_case, channel=draft.channel)
    case = intake.take_in(counter.desk, from_draft(draft, Outcome.ACCEPT), documents=False).case
    assert (case.case_no, case.received_on, case.status) == (guided.case_no, TODAY, Status.ACCEPTED)
    assert not pre_applied.waits_here(counter.desk, case)


def test_a_pre_application_of_another_station_is_not_ours(counter: Counter) -> None:
    pre_apply(counter, demo.food_business(1), station="03")
    assert workbench(counter.desk).drafts == ()


# 证照分离 and what else the items are.


def labels_of(shown: IntakePage) -> dict[Outcome, str]:
    return {step.outcome: step.label for step in shown.steps}


def test_a_filing_is_filed_at_once_and_nothing_is_called_acceptance(counter: Counter) -> None:
    file = offered("prepackaged-food-filing")
    shown = page(counter, file)
    assert labels_of(shown)[Outcome.DECIDE] == "备案"
    assert Outcome.ACCEPT not in labels_of(shown)
    assert (shown.verdict, shown.verdict_tone) == ("可以备案", "good")
    assert {"备案 · 即办", "审批改为备案"} <= {chip.text for chip in shown.chips}
    assert not any("受理" in label for label in labels_of(shown).values())
    case = counter.take(file, action="decide").case
    assert case.status is Status.CLOSED
    assert case.decision is not None
    assert (case.decision.approved, case.decision.decided_on) == (True, TODAY)
    assert case.decision.result_name == "仅销售预包装食品经营者备案信息"
    assert case.terms.licence_mode == "filing"


def test_a_pledged_licence_is_decided_at_once_or_only_accepted(counter: Counter) -> None:
    file = offered("fire-safety-check")
    shown = page(counter, file)
    words = labels_of(shown)
    assert (words[Outcome.DECIDE], words[Outcome.ACCEPT]) == ("受理并当场决定", "受理")
    assert [step.outcome for step in shown.steps if step.recommended] == [Outcome.DECIDE]
    assert any("实行告知承诺" in remark.text for remark in shown.remarks)
    assert counter.take(file, action="decide").case.status is Status.CLOSED
    assert counter.take(file, action="accept").case.status is Status.ACCEPTED


def test_where_the_situation_asks_for_inspection_nothing_is_decided_at_once(counter: Counter) -> None:
    file = offered("fire-safety-check", answers={"fire_route": "inspection"})
    assert Outcome.DECIDE not in labels_of(page(counter, file))
    assert refused(counter, file, action="decide").code == "decision.not-decided-here"


def test_a_cancelled_licence_is_told_away(counter: Counter) -> None:
    items = dict(counter.desk.catalogue.items)
    items["outdoor-sign"] = msgspec.structs.replace(items["outdoor-sign"], licence_mode="cancelled")
    counter.desk = replace(
        counter.desk, catalogue=msgspec.structs.replace(counter.desk.catalogue, items=items)
    )
    file = offered("outdoor-sign")
    shown = page(counter, file)
    assert labels_of(shown)[Outcome.NOT_NEEDED] == "无需办理"
    assert [step.outcome for step in shown.steps if step.recommended] == [Outcome.NOT_NEEDED]
    assert any("直接取消审批" in remark.text for remark in shown.remarks)
    assert refused(counter, file, action="accept").code == "decision.licence-cancelled"
    case = counter.take(file, action="not-needed").case
    assert (case.status, case.not_needed) == (Status.REFUSED, True)


def test_fees_are_told_where_there_are_any(counter: Counter) -> None:
    fee = next(iter(catalogue().items["realty-mortgage"].fees))
    shown = page(counter, offered("realty-mortgage"))
    assert any(fee.name in remark.text and fee.standard in remark.text for remark in shown.remarks)
    free = page(counter, offered("small-catering"))
    assert not any("收费" in remark.text for remark in free.remarks)


@pytest.mark.parametrize("item", [item.key for item in catalogue().by_role("request")])
def test_a_request_is_registered_in_its_own_words_and_runs_until_it_is_answered(
    counter: Counter, item: str
) -> None:
    file = offered(item, evidence="lacking")
    shown = page(counter, file)
    assert labels_of(shown) == {Outcome.ACCEPT: "登记诉求"}
    assert shown.verdict == "可以登记诉求"
    case = counter.take(file, action="accept").case
    assert case.status is Status.ACCEPTED
    counter.wait(days=1)
    counter.sit("reviewer")
    case = counter.act(case, "decide", {"approved": True, "result_name": "已答复（演示）"})
    assert counter.act(case, "close").status is Status.CLOSED


def decided_here(item: Item) -> bool:
    licence = item.family is not DocFamily.REGISTRATION and item.role == "item"
    return licence and item.window_authorised and item.promised_days == 0 and not item.term_variants


@pytest.mark.parametrize("key", [item.key for item in catalogue().items.values() if decided_here(item)])
def test_every_item_done_at_once_closes_in_one_step(counter: Counter, key: str) -> None:
    assert counter.take(offered(key), action="decide").case.status is Status.CLOSED


# 一件事.


@pytest.mark.parametrize("key", catalogue().packages)
def test_a_package_asks_once_saves_papers_and_is_due_with_its_longest_strand(
    counter: Counter, key: str
) -> None:
    file = offered(key)
    shown = page(counter, file)
    paths = [field.path for field in shown.fields]
    assert len(paths) == len(set(paths))
    seen = assess(counter.desk, from_draft(draft_of(file), Outcome.RECEIVE))
    subject = seen.subject
    assert seen.problems == ()
    assert subject.raw_materials > len(subject.rules)
    assert f"减 {subject.raw_materials - len(subject.rules)} 份" in shown.facts[0]
    assert [branch.name for branch in shown.branches] == [child.name for child in subject.children]
    longest = max(child.subject.terms.promised_days for child in subject.children)
    assert subject.terms.promised_days == longest
    assert {branch.longest for branch in shown.branches} <= {True, False}
    assert any(branch.longest for branch in shown.branches) is (longest > 0)
    taken = counter.take(file, action="accept")
    assert len(taken.children) == len(subject.children)
    row = counter.store.row(taken.case.id)
    rows = [counter.store.row(child.id) for child in taken.children]
    dues = [each.due for each in rows if each and each.due]
    assert row is not None
    assert row.due is not None
    assert row.due >= max(dues, default=row.due)


def test_what_is_not_in_force_is_not_offered(counter: Counter) -> None:
    packages = dict(counter.desk.catalogue.packages)
    over = msgspec.structs.replace(packages["utilities"], effective_to=TODAY - timedelta(days=1))
    packages["utilities"] = over
    there = msgspec.structs.replace(counter.desk.catalogue, packages=packages)
    counter.desk = replace(counter.desk, catalogue=there)
    assert refused(counter, offered("utilities"), action="accept").code == "catalogue.not-in-force"


def test_numbers_of_pre_applications_are_numbers_of_cases(counter: Counter) -> None:
    waiting = counter.store.case(pre_apply(counter, demo.food_business(1)))
    assert waiting is not None
    assert counter.store.case_by_no(CaseNo(waiting.case_no)) == waiting
