"""档案 and 扫描: an applicant's file whole, and scans joined to a recorded case, with keys and gun alone."""

from __future__ import annotations

from PySide6.QtCore import Qt

from jinpu_desk.ui.pages.archive import ArchivePage
from jinpu_desk.ui.pages.scan import ScanPage

from .conftest import Person

KEY = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def archive(person: Person) -> ArchivePage:
    """Open 档案 and the file of the first applicant found."""
    person.keys((KEY.Key_7, ALT)).settle()
    page = person.shell.page("go.archive")
    assert isinstance(page, ArchivePage)
    person.type("演示")
    person.until(lambda: page.seek.is_open).keys(KEY.Key_Return)
    person.until(lambda: page.view is not None).settle()
    return page


def scanning(person: Person) -> ScanPage:
    """Open 扫描 with a case chosen."""
    person.keys((KEY.Key_4, ALT)).settle()
    page = person.shell.page("go.scan")
    assert isinstance(page, ScanPage)
    person.type("演示")
    person.until(lambda: page.seek.is_open).keys(KEY.Key_Return)
    person.until(lambda: page.case is not None).settle()
    return page


def test_a_file_is_found_shown_masked_and_revealed_on_request(person: Person) -> None:
    page = archive(person)
    assert page.title.text() == "演**"
    assert "0016" in page.facts.text()
    assert "19900307" not in page.facts.text()
    assert page.warning.isVisible()
    assert "虚假承诺" in page.warning.text()
    assert len(page.cases.lines) == 2
    assert page.papers.lines[0].chip.tone == "good"
    person.keys((KEY.Key_H, CTRL)).settle()
    assert page.title.text() == "演示甲"
    assert person.backend.calls[-1][0] == "applicant"
    assert person.backend.calls[-1][2] is True


def test_a_case_of_the_file_opens_with_enter(person: Person) -> None:
    archive(person)
    person.keys(KEY.Key_Return).settle()
    assert person.shell.cases.case_open


def test_licences_are_looked_up_and_a_silent_platform_is_told(person: Person) -> None:
    page = archive(person)
    person.keys(KEY.Key_F6).settle()
    assert page.licences.lines[0].text.startswith("营业执照")
    assert "1" in page.looked_up.text()
    person.backend.platform_answers = False
    person.keys(KEY.Key_F6).settle()
    assert "licence.unreachable" in page.looked_up.text()


def test_nothing_of_a_file_stays_for_the_next_clerk(person: Person) -> None:
    page = archive(person)
    page.forget()
    assert (page.of, page.view, page.cases.lines, page.facts.text()) == (None, None, (), "")


def test_scans_go_to_the_material_in_hand(person: Person) -> None:
    page = scanning(person)
    assert page.shelf.count() == 2
    chosen = page.checklist.current
    assert chosen is not None
    person.keys(KEY.Key_F8).settle()
    joined = [call for call in person.backend.calls if call[0] == "join"]
    assert joined == [("join", chosen.key, joined[0][2])]
    assert len(joined[0][2]) == 2
    assert page.shelf.count() == 0


def test_only_marked_scans_go_when_some_are_marked(person: Person) -> None:
    page = scanning(person)
    page.shelf.item(1).setSelected(True)
    person.keys((KEY.Key_F8, CTRL)).settle()
    joined = next(call for call in person.backend.calls if call[0] == "join")
    assert joined[1] == ""
    assert len(joined[2]) == 1
    assert page.shelf.count() == 1


def test_a_scanned_material_code_joins_at_once(person: Person) -> None:
    page = scanning(person)
    line = page.case.checklist[2] if page.case else None
    assert line is not None
    assert page.take_scan(line.tick_code.lower())
    person.settle()
    assert ("join", line.key) == next(call for call in person.backend.calls if call[0] == "join")[:2]


def test_waste_goes_only_when_the_key_is_pressed_twice(person: Person) -> None:
    page = scanning(person)
    person.keys((KEY.Key_Delete, CTRL)).settle()
    assert "空格" in page.said.text()
    page.shelf.item(0).setSelected(True)
    person.keys((KEY.Key_Delete, CTRL)).settle()
    assert not [call for call in person.backend.calls if call[0] == "drop"]
    assert page.said.text()
    person.keys((KEY.Key_Delete, CTRL)).settle()
    assert page.shelf.count() == 1


def test_fetching_says_what_came_and_what_looks_wrong(person: Person) -> None:
    page = scanning(person)
    person.keys(KEY.Key_F5).settle()
    assert page.shelf.count() == 3
    assert "空白" in page.shelf.item(2).text()
    assert "3" in page.said.text()
