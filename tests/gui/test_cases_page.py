"""Lists read only what is seen; a case shows everything, masked, and says what may be done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from jinpu_desk.app.screens.views import CaseFilter
from jinpu_desk.ui.pages.cases.model import MOST_PAGES
from jinpu_desk.ui.pages.cases.verb import nested

from .conftest import Opener, Person
from .fake_cases import case_line

KEY = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def listed(person: Person) -> Person:
    return person.keys((KEY.Key_3, ALT)).settle()


def opened(person: Person) -> Person:
    listed(person).keys(KEY.Key_Return).settle()
    return person.until(lambda: person.shell.cases.case.page)


def test_rows_come_as_they_are_scrolled_to_and_old_ones_are_let_go(open_desk: Opener) -> None:
    person = open_desk()
    person.backend.cases_held = [case_line(n) for n in range(1, 5001)]
    person.enter()
    model = person.shell.cases.listing.model
    listed(person)
    assert model.rowCount() == 100
    while model.canFetchMore(model.index(-1, -1)):
        model.fetchMore(model.index(-1, -1))
        person.settle()
    assert model.rowCount() == 5000
    assert model.held == MOST_PAGES
    assert model.data(model.index(1500, 1)) == "…"
    person.settle()
    assert model.data(model.index(1500, 1)) == "食品经营许可（新办）"
    assert model.held == MOST_PAGES


def test_the_list_of_cases_is_a_sound_model(person: Person) -> None:
    tester = QAbstractItemModelTester(person.shell.cases.listing.model, FATAL)
    listed(person)
    assert person.shell.cases.listing.model.rowCount() == 250, "the tester reads to the end"
    del tester


def test_the_checklist_and_work_lists_are_sound_models(person: Person) -> None:
    table, work = person.intake.checklist.table, person.shell.workbench.first
    testers = [QAbstractItemModelTester(model, FATAL) for model in (table.lines, work.model())]
    person.choose_item()
    person.keys((KEY.Key_K, CTRL), KEY.Key_Space).settle()
    work.show_lines(())
    assert table.lines.rowCount() == 7
    del testers


def test_filters_change_with_the_keys(person: Person) -> None:
    listed(person)
    listing = person.shell.cases.listing
    assert listing.count.text() == "共 250 件"
    person.keys((KEY.Key_Right, CTRL)).settle()
    assert listing.only == "today"
    assert listing.filters[CaseFilter.TODAY].isChecked()
    person.keys((KEY.Key_Left, CTRL), (KEY.Key_Left, CTRL)).settle()
    assert listing.only == "all"
    listing.show_filter(CaseFilter.CLOSED)
    person.settle()
    assert listing.empty.isVisible()


def test_a_tile_opens_the_list_behind_it(person: Person) -> None:
    tile = next(t for t in person.shell.workbench._tiles if t.goto == CaseFilter.DUE)
    tile.setFocus()
    person.keys(KEY.Key_Return).settle()
    assert person.shell.cases.listing.isVisible()
    assert person.shell.cases.listing.only is CaseFilter.DUE


def test_personal_data_is_masked_until_it_is_asked_for(person: Person) -> None:
    opened(person)
    case = person.shell.cases.case
    assert case.page is not None
    assert case.page.facts[0].value == "张*三"
    person.keys((KEY.Key_H, CTRL)).settle()
    assert case.page.facts[0].value == "张小三"
    assert ("case", "case-1", True) in person.backend.calls
    assert "已记录" in case.reveal_hint.text()
    person.keys((KEY.Key_H, CTRL)).settle()
    assert case.page.facts[0].value == "张*三"


def test_a_verb_asks_and_is_sent(person: Person) -> None:
    opened(person)
    case = person.shell.cases.case
    case.verbs[1].click()
    assert case.strip.isVisible()
    person.keys((KEY.Key_Return, CTRL))
    assert "原因" in case.strip.sentence.text(), "a required field is missing"
    person.type("补正材料").keys((KEY.Key_Return, CTRL)).settle()
    assert ("act", "case-1", "pause", {"reason": "补正材料"}) in person.backend.calls
    assert not case.strip.isVisible()


def test_a_closed_verb_says_why(person: Person) -> None:
    opened(person)
    case = person.shell.cases.case
    case.verbs[2].click()
    assert case.strip.heading.text() == "不能作出决定：受理人不能审批同一件"
    person.keys(KEY.Key_Escape)
    assert not case.strip.isVisible()
    assert person.shell.cases.case_open
    person.keys(KEY.Key_Escape).settle()
    assert not person.shell.cases.case_open


def test_a_reprint_needs_its_reason(person: Person) -> None:
    opened(person)
    person.keys((KEY.Key_P, CTRL), (KEY.Key_Return, CTRL))
    assert person.shell.cases.case.strip.sentence.isVisible()
    person.type("申请人遗失").keys((KEY.Key_Return, CTRL)).settle()
    assert ("reprint", "p1", "申请人遗失") in person.backend.calls
    person.until(person.shell.preview.isVisible)
    person.settle()


def test_search_finds_while_typing_and_opens(person: Person) -> None:
    person.keys(KEY.Key_F2).type("小馆77")
    search = person.shell.top.search
    person.until(lambda: search.is_open)
    assert search.dropdown.current.entity == "演示小馆77号"
    person.keys(KEY.Key_Return).settle()
    assert person.shell.cases.case.page is not None
    assert person.shell.cases.case.page.line.case_id == "case-77"
    assert not search.is_open


def test_search_that_finds_nothing_says_so(person: Person) -> None:
    person.keys(KEY.Key_F2).type("没有这个人")
    search = person.shell.top.search
    person.until(lambda: search.is_open)
    assert "没有找到" in search.dropdown.note.text()
    person.keys(KEY.Key_Escape)
    assert not search.is_open
    assert person.focus is person.shell.workbench.first


def test_dotted_paths_nest() -> None:
    assert nested({"reason": "x", "result.no": "7", "result.name": "证"}) == {
        "reason": "x",
        "result": {"no": "7", "name": "证"},
    }
