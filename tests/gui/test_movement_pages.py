"""流转 and 日结 by keys and gun alone."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import VerbButton
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.ui.pages.dayend.page import DayEndPage
from jinpu_desk.ui.pages.passing.page import PassingPageWidget

from .conftest import Opener, Person
from .fake_movement import CASES, SLIP

KEY = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def passing(person: Person) -> PassingPageWidget:
    person.keys((KEY.Key_6, ALT)).settle()
    page = person.shell.page("go.passing")
    assert isinstance(page, PassingPageWidget)
    return page


def dayend(person: Person) -> DayEndPage:
    person.keys((KEY.Key_0, ALT)).settle()
    page = person.shell.page("go.dayend")
    assert isinstance(page, DayEndPage)
    return page


# 流转


def test_a_slip_is_made_with_numbers_and_two_keys(person: Person) -> None:
    page = passing(person)
    tester = QAbstractItemModelTester(page.maker.table.lines, FATAL)
    for number in CASES[:2]:
        person.type(number).keys(KEY.Key_Return).settle()
    assert page.maker.total.text() == "办件 2 宗"
    assert page.maker.table.current is not None
    assert page.maker.table.current.case_no == CASES[1], "the case read last is in sight"
    person.keys(KEY.Key_F8).settle()
    assert ("hand-on", CASES[:2], "market", "") in person.backend.calls
    assert page.slip_open
    assert page.maker.numbers == ()
    person.keys(KEY.Key_F10).until(person.shell.preview.isVisible).settle()
    person.keys(KEY.Key_Escape, KEY.Key_F7).until(lambda: not page.slip_open).settle()
    assert person.focus is page.maker.number
    del tester


def test_what_was_read_twice_is_told_and_unknown_numbers_too(person: Person) -> None:
    page = passing(person)
    person.type(CASES[0]).keys(KEY.Key_Return).settle()
    person.type(CASES[0]).keys(KEY.Key_Return).settle()
    assert len(page.maker.numbers) == 1
    assert "已经在单上" in page.maker.said.text()
    person.type("12345").keys(KEY.Key_Return).settle()
    assert "passing.unknown-number" in page.maker.said.text()


def test_a_case_is_taken_off_the_slip(person: Person) -> None:
    page = passing(person)
    for number in CASES:
        person.type(number).keys(KEY.Key_Return).settle()
    page.maker.table.setFocus()
    person.keys(KEY.Key_Up, (KEY.Key_Delete, CTRL)).settle()
    assert page.maker.numbers == (CASES[0], CASES[2])


def test_an_empty_slip_is_not_sent(person: Person) -> None:
    page = passing(person)
    person.keys(KEY.Key_F8).settle()
    assert page.maker.said.isVisible()
    assert not [call for call in person.backend.calls if call[0] == "hand-on"]


def test_where_it_goes_can_be_chosen(person: Person) -> None:
    page = passing(person)
    person.type(CASES[0]).keys(KEY.Key_Return).settle()
    page.maker.to.setFocus()
    person.keys(KEY.Key_Down).settle()
    page.maker.to.activated.emit(page.maker.to.currentIndex())
    person.settle().keys(KEY.Key_F8).settle()
    assert ("hand-on", (CASES[0],), "window", "") in person.backend.calls


def test_a_slip_is_signed_for_whole_marked_or_with_the_gun(person: Person) -> None:
    page = passing(person)
    person.shell._scan(SLIP)
    person.until(lambda: page.slip_open).settle()
    person.shell._scan(CASES[1])
    person.settle()
    assert person.backend.calls[-1] == ("take-over", SLIP, (CASES[1],), "")
    page.slip.table.setFocus()
    page.slip.table.choose(0)
    person.keys(KEY.Key_Space, KEY.Key_F9).settle()
    assert person.backend.calls[-1] == ("take-over", SLIP, (CASES[0],), "")
    assert page.slip.slip is not None
    assert page.slip.slip.waiting == 0
    assert not page.slip.buttons["passing.take"].isVisible()


def test_who_handed_on_names_the_person_that_signed(person: Person) -> None:
    person.backend.own = True
    page = passing(person)
    person.type(SLIP).keys(KEY.Key_Return).settle()
    person.keys(KEY.Key_F9)
    assert page.slip.strip.isVisible()
    person.keys((KEY.Key_Return, CTRL)).type("演示己").keys((KEY.Key_Return, CTRL)).settle()
    assert ("take-over", SLIP, (), "演示己") in person.backend.calls


def test_a_case_is_turned_down_and_the_sender_takes_it_back(person: Person) -> None:
    page = passing(person)
    person.type(SLIP).keys(KEY.Key_Return).settle()
    person.keys((KEY.Key_R, CTRL)).type("缺一页").keys((KEY.Key_Return, CTRL)).settle()
    assert ("turn-down", SLIP, (CASES[0],), "缺一页") in person.backend.calls
    assert "移交方" in page.slip.said.text()
    person.keys((KEY.Key_B, CTRL)).settle()
    assert not [call for call in person.backend.calls if call[0] == "take-back"], "not mine to take back"
    person.backend.own = True
    person.keys(KEY.Key_F5).settle()
    person.keys((KEY.Key_B, CTRL)).settle()
    assert ("take-back", SLIP, ()) in person.backend.calls


def test_lists_lead_to_slips_and_slips_to_cases(person: Person) -> None:
    page = passing(person)
    person.keys(KEY.Key_F4)
    assert person.focus is page.waiting
    person.keys(KEY.Key_F4)
    assert person.focus is page.written
    person.keys(KEY.Key_Return).settle()
    assert page.slip_open
    person.keys(KEY.Key_Return).settle()
    assert person.shell.cases.case_open


# 日结


def test_a_day_is_closed_by_keys(person: Person) -> None:
    page = dayend(person)
    person.until(page.stock.fields["seal"].isVisible).keys(KEY.Key_F8)
    assert page.concerns.current is not None
    assert page.concerns.current.key == "due", "what has no reason comes first"
    person.type("明日续办").keys(KEY.Key_Return).type("打印机坏了").keys(KEY.Key_Return)
    assert person.focus is page.concerns.matters
    person.keys(KEY.Key_F4).type("2").keys(KEY.Key_Return).type("40")
    person.keys(KEY.Key_F8).keys((KEY.Key_Return, CTRL)).settle()
    assert person.backend.calls[-1] == (
        "close-day",
        {"due": "明日续办", "unprinted": "打印机坏了"},
        {"seal": 2, "blank": 40},
        "",
        "",
    )
    assert page.closed.text() == "18:02 由李敏日结 · 11-20 没有日结"
    assert page.stock.counted() == {}
    person.keys(KEY.Key_F10).until(person.shell.preview.isVisible).settle()


def test_a_closed_day_asks_why_it_is_closed_again(person: Person) -> None:
    person.backend.close_day({"due": "a", "unprinted": "b"}, {}, "", "")
    page = dayend(person)
    person.keys(KEY.Key_F8)
    assert person.focus is page.strip.amending
    person.type("漏记").keys((KEY.Key_Return, CTRL)).settle()
    assert person.backend.calls[-1][3] == "漏记"


def test_one_key_goes_to_each_matter_and_enter_to_its_cases(person: Person) -> None:
    page = dayend(person)
    person.keys(KEY.Key_3)
    assert page.concerns.current is not None
    assert page.concerns.current.key == "unprinted"
    assert person.focus is page.concerns.details
    person.keys(KEY.Key_Return).settle()
    assert person.shell.cases.case_open


def test_a_shift_is_handed_over_with_the_receiver_s_password(person: Person) -> None:
    page = dayend(person)
    person.keys(KEY.Key_F9).settle()
    assert page.strip.taker.currentText() == "wangfang"
    person.keys(KEY.Key_Return).type("wrong").keys((KEY.Key_Return, CTRL)).settle()
    assert "账号或密码不对" in page.strip.problem.text()
    assert page.strip.password.text() == "", "a wrong password does not stay"
    assert page.strip.password.echoMode() is page.strip.password.EchoMode.Password
    person.type("demo").keys((KEY.Key_Return, CTRL)).settle()
    assert person.backend.calls[-1] == ("hand-over", "wangfang", {}, "")
    assert not page.strip.isVisible()
    assert "接班人登录" in page.said.text()


def test_the_next_clerk_finds_neither_slip_nor_reasons(open_desk: Opener) -> None:
    person = open_desk().enter()
    page, day = passing(person), dayend(person)
    person.keys(KEY.Key_3, KEY.Key_F3).type("演示")
    passing(person)
    person.type(CASES[0]).keys(KEY.Key_Return).settle()
    person.keys((KEY.Key_L, CTRL)).settle()
    person.shell.door.clerk.setEditText("wangfang")
    person.shell.door.password.setFocus()
    person.type("demo").keys(KEY.Key_Return).settle()
    assert page.maker.numbers == ()
    assert day.concerns.reasons == {}


# 好差评


def test_a_rating_is_offered_after_the_receipt_and_skipped_without_a_trace(person: Person) -> None:
    done = person.intake.done
    done.show_done(person.backend.submit(Draft(id="d"), Outcome.RECEIVE))
    assert not done.rating.isHidden()
    assert done.rating.choice.picked == (), "nobody is satisfied by default"
    done.rating.rate()
    person.settle()
    assert not [call for call in person.backend.calls if call[0] == "act"]


def test_a_rating_is_kept_once_it_is_confirmed(person: Person) -> None:
    done = person.intake.done
    done.show_done(person.backend.submit(Draft(id="d"), Outcome.RECEIVE))
    assert not done.rating.keep.isEnabled()
    QTest.keyClick(done.rating.choice, KEY.Key_Right)
    QTest.keyClick(done.rating.choice, KEY.Key_Right)
    assert not [call for call in person.backend.calls if call[0] == "act"], "choosing is not saying"
    done.rating.rate()
    person.settle()
    rated = ("act", "case-1", "rate", {"occasion": "receipt", "satisfaction": "4"})
    assert rated in person.backend.calls
    assert "满意" in done.rating.heading.text()
    done.rating.rate()
    person.settle()
    assert person.backend.calls.count(rated) == 1


def test_a_rating_is_offered_where_a_case_ended(person: Person) -> None:
    person.keys((KEY.Key_3, ALT)).settle().keys(KEY.Key_Return).settle()
    case = person.shell.cases.case
    assert case.page is not None
    rate = VerbButton(verb="rate", label="登记评价", allowed=True, reason="")
    view = replace(case.page, verbs=(*case.page.verbs, rate))
    case._acted("note", view)
    assert case.rating.isHidden()
    case._acted("close", view)
    assert case.rating.isVisible()
    case.load("case-7")
    person.settle()
    assert case.rating.isHidden()
