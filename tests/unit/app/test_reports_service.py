"""Reports of service and ledgers, against hands that counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest

from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.assess import assess
from jinpu_desk.app.ports import Lease
from jinpu_desk.app.reports.model import Period, Ratio
from jinpu_desk.app.reports.registry import report_kind
from jinpu_desk.app.reports.run import run
from jinpu_desk.app.reports.source import Content
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.entry import demo_cases as demo
from samples.cases import CATALOGUE
from samples.counter import Counter as Window
from samples.counter import catalogue, draft_of
from samples.reporting import FIRST, LAST, MONTH, PROJECTOR, Book, lines, noon, totals
from samples.stores import open_store

DAY = timedelta(days=1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    store = open_store(tmp_path / "desk.db", projector=PROJECTOR)
    yield Book(store)
    store.close()


def accepted(book: Book, *after: b.Body, terms: dict[str, date] | None = None, **changes: object) -> CaseId:
    case = book.open(**changes)  # type: ignore[arg-type]
    return book.write(case, b.CaseAccepted(accepted_on=FIRST, supplement_by=terms or {}), *after)


def approved(book: Book, *after: b.Body, **changes: object) -> CaseId:
    return accepted(book, b.CaseDecided(approved=True, decided_on=FIRST), *after, **changes)  # type: ignore[arg-type]


def supplement(day: date) -> b.CaseSupplemented:
    return b.CaseSupplemented(ticks={"layout": MaterialTick(state=MaterialState.RECEIVED)}, arrived_on=day)


def paper(kind: str = "D2", **changes: str) -> b.PaperIssued:
    return b.PaperIssued(kind=kind, sha256=CATALOGUE, facts_digest=CATALOGUE, pages=1, **changes)


def test_corrections_refusals_and_supplements(book: Book) -> None:
    notice = b.CorrectionNoticed(faults=(), correct_by=LAST)
    book.open()
    book.write(book.open(), notice)
    book.write(book.open(), notice, b.CaseResubmitted(received_on=FIRST), notice)
    book.write(book.open(), notice, b.CaseLapsed(cause="correction", lapsed_on=LAST))
    book.write(book.open(), b.CaseRefused(reason="不属于本机关职权"))
    book.write(book.open(), b.CaseRefused(reason="无需许可", not_needed=True))
    accepted(book, supplement(FIRST), terms={"layout": LAST})
    accepted(book, terms={"layout": LAST})
    (line,) = lines(book.count("corrections"))
    assert line == {
        "item": "小餐饮许可",
        "cases": 8,
        "corrected": (3, 8),
        "corrected_again": 1,
        "refused": (1, 8),
        "tolerated": 2,
        "supplemented": (1, 2),
        "lapsed": 1,
    }


def test_every_tolerated_material_is_followed_to_its_end(book: Book) -> None:
    term = FIRST + 3 * DAY
    accepted(book, supplement(FIRST + 2 * DAY), terms={"layout": term})
    accepted(book, supplement(FIRST + 7 * DAY), terms={"layout": term})
    accepted(book, terms={"layout": term})
    accepted(book, terms={"layout": LAST + DAY})
    accepted(book, b.CaseLapsed(cause="tolerance", lapsed_on=term + DAY), terms={"layout": term})
    content = book.count("tolerance")
    told = [
        (line["material"], line["state"], line["supplemented_on"], line["late"]) for line in lines(content)
    ]
    assert [each[1:] for each in told] == [
        ("逾期未补", None, 9),  # the 18th, 20th to 24th (the 19th is a Saturday), 28th to 30th
        ("待补齐", None, None),
        ("按期补齐", FIRST + 2 * DAY, None),
        ("逾期补齐", FIRST + 7 * DAY, 3),
        ("未补齐而终止", None, None),
    ]
    assert {each[0] for each in told} == {catalogue().items["small-catering"].materials[-1].name}
    assert drawn(content) == 5


def drawn(content: Content) -> int:
    """How many a chart of states shows."""
    return sum(content.charts[0].series[0].values)


def test_what_is_still_open_is_listed_whatever_the_days(book: Book) -> None:
    accepted(book, terms={"layout": FIRST})
    accepted(book, supplement(FIRST), terms={"layout": FIRST})
    later = Period(LAST, LAST)
    assert [line["state"] for line in lines(book.count("tolerance", later))] == ["逾期未补"]


def test_pledges_are_checked_kept_false_and_repaired(book: Book) -> None:
    pledged = {"layout": MaterialTick(state=MaterialState.PLEDGED)}

    def check(*, kept: bool) -> b.PledgeChecked:
        return b.PledgeChecked(materials=("layout",), kept=kept, checked_on=FIRST + DAY, note="演示")

    accepted(book, materials=pledged)
    accepted(book, check(kept=True), materials=pledged)
    accepted(book, check(kept=False), materials=pledged)
    repaired = b.CreditRepaired(repaired_on=LAST, reason="已改正", approver="演示主管")
    accepted(book, check(kept=False), repaired, materials=pledged)
    accepted(book)
    content = book.count("pledges")
    told = [(line["state"], line["checked_on"]) for line in lines(content)]
    assert drawn(content) == 4
    checked = FIRST + DAY
    assert told == [
        ("待核查", None),
        ("属实", checked),
        ("虚假承诺", checked),
        ("虚假承诺，已修复", checked),
    ]


def test_numbers_blocks_waiting_and_voided(book: Book) -> None:
    template = "金普市监受字〔{yyyy}〕{n}号"
    book.leases = (Lease(id="a", kind="D2", template=template, year=2026, first=11, last=60, next=14),)
    accepted(book, paper(doc_no="金普市监受字〔2026〕11号"))
    waiting = accepted(book, paper(), paper("D1"), paper("D7", variant="taken-in"))
    late = accepted(book, paper())
    (issued,) = _case(book, late).papers
    book.write(
        late,
        b.PaperReprinted(paper=issued.id, number=1, reason="取得文号", doc_no="金普市监受字〔2026〕12号"),
    )
    voided = accepted(book, paper(doc_no="金普市监受字〔2026〕13号"))
    book.write(voided, b.CaseVoided(reason="录错申请人"), day=LAST, clerk="supervisor")
    content = book.count("numbers")
    (block,) = lines(content)
    assert [block[key] for key in ("first", "last", "leased", "used", "left")] == [11, 60, 50, 3, 47]
    assert block["template"] == "金普市监受字〔2026〕…号"
    assert [line["case_no"] for line in lines(content, "unnumbered")] == [_case(book, waiting).case_no]
    assert lines(content, "voided") == [
        {
            "case_no": _case(book, voided).case_no,
            "doc_nos": "金普市监受字〔2026〕13号",
            "item": "小餐饮许可",
            "voided_on": LAST,
            "clerk": "演示主管",
            "reason": "录错申请人",
        }
    ]
    assert lines(book.count("numbers", Period(FIRST, FIRST)), "voided") == []  # by the day of the voiding


def _case(book: Book, case_id: CaseId) -> Case:
    case = book.store.case(case_id)
    assert case is not None
    return case


def test_where_the_results_are(book: Book) -> None:
    approved(book)
    approved(book, delivery="post")
    approved(book, b.ResultHandedOut(method="post", handed_on=FIRST, served=False, tracking_no="演示邮件1"))
    approved(book, b.ResultHandedOut(method="pick-up", handed_on=FIRST))
    sent = b.ResultHandedOut(method="post", handed_on=FIRST, served=False)
    approved(book, sent, b.DeliveryConfirmed(served_on=FIRST + 4 * DAY))
    content = book.count("deliveries")
    assert lines(content) == [
        {"method": "自取", "waiting": 1, "posted": 0, "served": 1},
        {"method": "邮寄", "waiting": 1, "posted": 1, "served": 1},
    ]
    waiting = lines(content, "waiting")
    assert [(line["state"], line["tracking_no"], line["days"]) for line in waiting] == [
        ("待领取", "", 12),
        ("待领取", "", 12),
        ("已寄出，未签收", "演示邮件1", 12),
    ]
    assert totals(book.count("deliveries", Period(LAST, LAST)))["served"] == 0


def test_each_use_of_a_seal_on_its_day(book: Book) -> None:
    seal = "market-acceptance"
    case = accepted(book, paper(seal=seal, doc_no="演示1号"), paper("D1"))
    book.write(case, paper("D8", seal="market-approval", doc_no="演示2号"), day=LAST)
    told = [(line["seal"], line["kind"], line["doc_no"]) for line in lines(book.count("seals"))]
    names = book.count("seals").notes[-1]
    assert [each[1:] for each in told] == [("受理通知书", "演示1号"), ("决定文书", "演示2号")]
    assert all(name in names for name, _, _ in told)
    assert [line["doc_no"] for line in lines(book.count("seals", Period(LAST, LAST)))] == ["演示2号"]


def test_papers_nobody_had_to_bring(book: Book) -> None:
    tick = MaterialTick
    ticks = {
        "application": tick(state=MaterialState.RECEIVED),
        "id-card": tick(state=MaterialState.SHARED),
        "licence": tick(state=MaterialState.SHARED),
        "layout": tick(state=MaterialState.REUSED),
    }
    book.open(materials=ticks)
    book.open(materials={"application": tick(state=MaterialState.RECEIVED)})
    (line,) = lines(book.count("reuse"))
    assert line == {
        "item": "小餐饮许可",
        "cases": 2,
        "shared": 2,
        "reused": 1,
        "merged": 0,
        "saved": 3,
        "share": (3, 5),
    }


def test_a_package_saves_what_its_page_said(counter: Window) -> None:
    file = demo.restaurant(1)
    subject = assess(counter.desk, from_draft(draft_of(file), Outcome.ACCEPT)).subject
    counter.take(file)
    day = counter.desk.today()
    (row,) = run(counter.desk, report_kind("reuse"), Period(day, day)).tables[0].rows
    assert row[4] == subject.raw_materials - len(subject.rules) > 0


def test_visits_are_days_at_the_counter(book: Book) -> None:
    book.open(channel="post")
    book.open(channel="online")
    book.open()
    approved(book, b.ResultHandedOut(method="pick-up", handed_on=FIRST))  # the same day
    again = approved(book)
    book.write(again, b.ResultHandedOut(method="pick-up", handed_on=LAST), day=LAST)
    posted = approved(book)
    book.write(posted, b.ResultHandedOut(method="post", handed_on=LAST, service="post"), day=LAST)
    (line,) = lines(book.count("visits"))
    assert line == {
        "item": "小餐饮许可",
        "cases": 6,
        "none": 2,
        "one": 3,
        "more": 1,
        "visits": 5,
        "once": (5, 6),
    }


def test_silence_is_never_satisfaction(book: Book) -> None:
    def said(occasion: Literal["receipt", "result"], grade: int) -> b.CaseRated:
        return b.CaseRated(occasion=occasion, satisfaction=grade, rated_on=FIRST, text="等得太久")

    book.open()
    book.write(book.open(), said("receipt", 5))
    book.write(book.open(), said("receipt", 1), said("receipt", 4))  # the last word counts
    poor = approved(book, said("receipt", 3), said("result", 2))
    content = book.count("ratings")
    receipt, result = lines(content)
    assert [receipt[f"g{grade}"] for grade in (5, 4, 3, 2, 1)] == [1, 1, 1, 0, 0]
    assert (receipt["unrated"], receipt["rated"], receipt["satisfied"]) == (1, (3, 4), (3, 3))
    assert (result["unrated"], result["rated"], result["satisfied"]) == (0, (1, 1), (0, 1))
    listed = [(line["grade"], line["answer"]) for line in lines(content, "poor")]
    assert listed == [("不满意", "待回访")]
    book.write(poor, b.RatingAnswered(text="已回访致歉", answered_on=LAST))
    assert [line["answer"] for line in lines(book.count("ratings"), "poor")] == ["已回访致歉"]


def test_requests_in_time_answered_and_liked(book: Book) -> None:
    terms = b.Terms(item_name="8890 诉求（演示）", promised_days=3, legal_days=None)

    def taken() -> CaseId:
        case = book.open(item="hotline-request", terms=terms)
        return book.write(case, b.CaseAccepted(accepted_on=FIRST))

    def answered(day: date, *after: b.Body) -> None:
        case = taken()
        book.write(
            case, b.CaseDecided(approved=True, decided_on=day), b.CaseClosed(closed_on=day), *after, day=day
        )

    answered(FIRST + DAY, b.CaseRated(occasion="result", satisfaction=5, rated_on=FIRST + DAY))
    answered(FIRST + 10 * DAY, b.CaseRated(occasion="result", satisfaction=1, rated_on=LAST))
    answered(FIRST + DAY)
    taken()
    content = book.count("requests")
    (line,) = lines(content)
    assert [line[key] for key in ("cases", "on_time", "replied", "satisfied", "unrated")] == [
        4,
        (2, 4),
        (3, 4),
        (1, 2),
        2,
    ]
    assert [line["late"] for line in lines(content, "unanswered")] == ["超期"]


def test_long_lists_are_cut_but_counted(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jinpu_desk.app.reports.ledgers.LONGEST_LIST", 2)
    for _ in range(5):
        accepted(book, terms={"layout": FIRST})
    content = book.count("tolerance")
    assert (len(content.tables[0].rows), content.tables[0].left_out) == (2, 3)
    assert content.notes[-1] == "共 5 项：逾期未补 5。"


def test_totals_of_ratios_add_up_their_parts(book: Book) -> None:
    book.write(book.open(), b.CaseRefused(reason="演示"))
    for _ in range(3):
        book.open(item="food-business-new")
    content = book.count("corrections")
    assert totals(content)["refused"] == (1, 4)
    assert [line["refused"] for line in lines(content)] == [(0, 3), (1, 1)]
    assert str(Ratio(1, 4)) == "25.00%（1/4）"


def test_the_true_day_of_a_backfilled_case_is_kept(book: Book) -> None:
    true = int(noon(FIRST).timestamp() * 1000)
    book.open(LAST, backfill=b.Backfill(received_at=true, reason="断网"))
    assert MONTH.first < FIRST
    assert totals(book.count("visits", Period(FIRST, FIRST)))["cases"] == 1
