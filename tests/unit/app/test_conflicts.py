"""冲突与退回: what a clerk is told of it, and dead letters done anew or put aside; the ten meetings of two windows are in
``tests/sync/test_ten_conflicts.py``."""

from __future__ import annotations

import pytest

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.ports.sync import Settled
from jinpu_desk.app.reports.registry import asked_period, report_kind
from jinpu_desk.app.reports.run import run
from jinpu_desk.app.screens import conflict_view, sync_view
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.app.screens.sync_view import Link
from jinpu_desk.app.screens.views import Pair
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import millis
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter

ONLINE = Link(online=True)
PAUSE = {"reason": "inspection", "approver": "演示主管"}


def answered(counter: Counter, **refused: str) -> None:
    """Let the centre take everything but events of these types, with its reason; ``_`` stands for a hyphen."""
    reasons = {f"case.{name.replace('_', '-')}": reason for name, reason in refused.items()}
    _, events = counter.store.sync.outbox(500)
    counter.store.sync.settle(
        [
            Settled(
                id=event.header.id,
                seq=event.header.seq,
                position=event.header.seq,
                outcome="dead" if event.header.type in reasons else "applied",
                reason=reasons.get(event.header.type, ""),
            )
            for event in events
        ]
    )


def test_a_dead_letter_is_told_in_words_and_done_anew(counter: Counter) -> None:
    case = counter.act(counter.take(demo.food_business(1, "receive")).case, "accept")
    counter.sit("supervisor")
    counter.act(case, "pause", PAUSE)
    answered(counter, paused="case.already-paused")
    assert not counter.again(case).paused
    (line,) = conflict_view.inbox(counter.desk)
    assert (line.chip.text, line.case_id) == ("退回", case.id)
    page = conflict_view.page(counter.desk, line.job_id)
    assert "暂停" in page.reason
    assert Pair("理由", "检验") in page.theirs.facts
    assert page.may_retry
    counter.act(case, "retry", {"event": page.event, "reason": "演示：重新登记"})
    assert counter.again(case).paused
    assert conflict_view.inbox(counter.desk) == ()
    answered(counter)
    assert counter.again(case).paused
    assert counter.store.verify().ok
    told = [
        (line.what, line.sync.text if line.sync else "") for line in case_page(counter.desk, case.id).timeline
    ]
    assert told[:3] == [("处理冲突", ""), ("暂停计时", ""), ("暂停计时", "冲突已处理 · 未采用")]


def test_a_dead_letter_the_rules_forbid_is_put_aside(counter: Counter) -> None:
    case = counter.act(counter.take(demo.food_business(1, "receive")).case, "accept")
    counter.act(case, "withdraw", {"reason": "演示"})
    answered(counter, accepted="sync.cannot-fold")
    page = conflict_view.page(counter.desk, conflict_view.inbox(counter.desk)[0].job_id)
    assert not page.may_retry
    assert "已撤回" in page.why_no_retry
    with pytest.raises(Refused, match=r"case\.wrong-status"):
        counter.act(case, "retry", {"event": page.event, "reason": "演示"})
    with pytest.raises(Refused, match=r"conflict\.dead"):
        counter.act(case, "resolve", {"event": page.event, "take": "theirs", "reason": "演示"})
    with pytest.raises(Refused, match=r"intake\.missing"):
        counter.act(case, "resolve", {"event": page.event, "take": "ours", "reason": " "})
    counter.act(case, "resolve", {"event": page.event, "take": "ours", "reason": "演示放下"})
    assert counter.store.status().dead == 0


def test_the_number_of_a_refused_receipt_stays_burned_and_is_listed(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive")).case
    answered(counter, received="event.body")
    (line,) = conflict_view.inbox(counter.desk)
    page = conflict_view.page(counter.desk, line.job_id)
    assert not page.may_resolve
    assert "重新收件" in page.why_no_retry
    kind = report_kind("numbers")
    today = counter.desk.today()
    report = run(counter.desk, kind, asked_period(kind, None, None, today))
    (voided,) = next(table.rows for table in report.tables if table.key == "voided")
    assert (voided[0], voided[-1]) == (case.case_no, "收件未被中心接受")
    assert counter.take(demo.food_business(2, "receive")).case.case_no != case.case_no


def test_what_waits_is_listed_as_a_filter(counter: Counter) -> None:
    case = counter.act(counter.take(demo.food_business(1, "receive")).case, "accept")
    counter.take(demo.food_business(2, "receive"))
    answered(counter, accepted="case.wrong-status")
    found = counter.store.page(CaseQuery(conflict=True)).rows
    assert [row.case_id for row in found] == [case.id]
    assert [line.job_id for line in case_page(counter.desk, case.id).conflicts] == [
        line.job_id for line in conflict_view.inbox(counter.desk)
    ]


def said(counter: Counter, link: Link, offset: int | None = None) -> list[tuple[str, str]]:
    page = sync_view.sync_page(counter.desk, link, offset)
    return [(state.sentence, state.tone) for state in page.states]


def test_the_page_says_when_the_window_was_last_counted(counter: Counter) -> None:
    counted = sync_view.sync_page(counter.desk, ONLINE).counted
    assert (counted.text, counted.tone) == ("今天未对账；还没有对过账", "warn")


def test_each_state_of_sync_is_a_sentence(counter: Counter) -> None:
    assert said(counter, ONLINE) == [("联网，本机的记录中心都已确认。", "good")]
    counter.take(demo.food_business(1, "receive"))
    assert said(counter, ONLINE) == [("联网，正在上传 1 条记录。", "info")]
    since = millis(counter.clock.now()) - 720_000
    assert said(counter, Link(online=False, since=since, code="sync.offline")) == [
        ("离线 12 分钟，最近联系 从未，1 件待传。", "warn")
    ]
    assert said(counter, ONLINE, 181_000) == [("测得本机时钟比中心快 3 分钟。", "warn")]
    assert said(counter, ONLINE, -3_600_000)[0][0] == "测得本机时钟比中心慢 60 分钟。"


@pytest.mark.parametrize(
    "code", ["sync.rewound", "sync.replica-revoked", "incarnation.needed", "server.restored", "clock.behind"]
)
def test_what_stops_sync_is_told_with_one_thing_to_do(counter: Counter, code: str) -> None:
    link = Link(online=code != "server.restored", since=1, code=code, params={"minutes": 70})
    (first, *_) = sync_view.sync_page(counter.desk, link).states
    assert (first.tone, first.sentence) == ("bad", counter.desk.sentences.text(code, {"minutes": 70}))
    assert first.do
    assert sync_view.truth(counter.desk, link).text.startswith("同步停住")


def test_the_audit_is_for_those_who_may_see_it(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive")).case
    case_page(counter.desk, case.id, reveal=True)
    kind = report_kind("audit")
    period = asked_period(kind, None, None, counter.desk.today())
    with pytest.raises(Refused, match=r"role\.may-not"):
        run(counter.desk, kind, period)
    counter.sit("auditor")
    (table,) = run(counter.desk, kind, period).tables
    assert [row[1:5] for row in table.rows] == [
        ("显示个人信息", "演示窗口员", "办件页", case.case_no),
        ("办件", "演示窗口员", "收件", case.case_no),
    ]
