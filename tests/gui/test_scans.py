"""A barcode gun is recognised wherever the focus is, and leaves nothing behind in what it fell into."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from jinpu_desk.app.intake.drafts import Draft, PartyDraft
from jinpu_desk.domain.materials import MaterialState

from .conftest import Person

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
NUMBER = "210213000012026112300031"


SHIFTED = frozenset(':#_?&+"')
STATEMENT = f"http://127.0.0.1:8700/p/{NUMBER}#J1.mLgyMTAyM-TMwMD_AwMTIw.bWL55pQp9k1SpKRJh5gpib"


def press(character: str, key: int = 0) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QApplication.sendEvent(
        focus, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, character)
    )


def gun(person: Person, text: str, gap_ms: int = 5) -> None:
    """Shoot as a keyboard would: each key ``gap_ms`` after the one before, Shift where it takes one, Enter at the end."""
    clock = itertools.count(10_000_000, gap_ms)
    person.window.wedge.use_clock(lambda _event: next(clock))
    for character in text:
        if character.isupper() or character in SHIFTED:
            press("", KEY.Key_Shift)
        press(character, ord(character) if character.isalnum() else 0)
    press("\r", KEY.Key_Return)


def test_the_other_code_of_a_paper_is_read_with_all_its_capitals(person: Person) -> None:
    person.keys((KEY.Key_2, Qt.KeyboardModifier.AltModifier)).settle()
    gun(person, STATEMENT)
    person.settle()
    assert ("scan", STATEMENT) in person.backend.calls


def test_a_receipt_opens_its_case_from_anywhere(person: Person) -> None:
    gun(person, NUMBER)
    person.settle()
    assert person.shell.cases.case_open
    assert person.shell.cases.case.page is not None
    assert person.shell.cases.case.page.line.case_id == "case-3"


def test_the_slip_of_one_who_was_guided_here_opens_the_page_to_take_in(person: Person) -> None:
    person.backend.saved["case-4"] = Draft(
        id="case-4", target="food-business-new", applicant=PartyDraft(name="王演示"), guided_case="case-4"
    )
    person.backend.waiting[NUMBER] = "case-4"
    gun(person, NUMBER)
    person.until(lambda: person.intake.desk.draft.guided_case == "case-4").settle()
    assert person.intake.isVisible()
    assert person.intake.applicant.entries["name"].field.text() == "王演示"


@pytest.mark.parametrize("typed", ["", "王"])
def test_a_scan_into_a_text_field_is_taken_back_out(person: Person, typed: str) -> None:
    person.choose_item()
    person.type(typed)
    field = person.intake.applicant.entries["name"].field
    person.settle()
    gun(person, "NOT-A-CASE-NUMBER")
    assert field.text() == typed
    assert person.intake.desk.draft.applicant.name == typed
    person.settle()
    assert "scan" in {call[0] for call in person.backend.calls}
    assert person.shell.notice.isVisible(), "an unknown code is told"


def test_a_scan_over_a_selection_puts_the_selection_back(person: Person) -> None:
    person.choose_item()
    person.type("王䶮").settle()
    field = person.intake.applicant.entries["name"].field
    field.selectAll()
    gun(person, "NOT-A-CASE-NUMBER")
    assert (field.text(), field.selectedText()) == ("王䶮", "王䶮")
    person.settle()


def test_a_slip_ticks_its_material(person: Person) -> None:
    person.choose_item()
    person.settle()
    gun(person, "M-FOODBZ-AAAAAD")
    person.settle()
    lines = person.intake.checklist.table.lines.lines
    assert [line.state for line in lines if line.key == "layout"] == [MaterialState.RECEIVED]
    assert person.intake.checklist.table.row == 3
    assert person.intake.desk.draft.applicant.name == ""


def test_a_scan_with_the_checklist_in_focus_sets_nothing_else(person: Person) -> None:
    person.choose_item()
    person.keys((KEY.Key_K, CTRL)).settle()
    before = person.intake.desk.draft.materials
    gun(person, "2-X-R-C-UNKNOWN")
    person.settle()
    assert person.intake.desk.draft.materials == before


def test_a_person_who_types_fast_is_no_gun(person: Person) -> None:
    person.choose_item()
    gun(person, "wangyan", gap_ms=45)
    person.settle()
    assert person.intake.desk.draft.applicant.name == "wangyan"
    assert person.focus is person.intake.applicant.entries["id_no"].field
    assert not any(call[0] == "scan" for call in person.backend.calls)


def test_a_burst_that_is_no_scan_is_typed_after_all(person: Person) -> None:
    person.choose_item()
    clock = itertools.count(10_000_000, 5)
    person.window.wedge.use_clock(lambda _event: next(clock))
    for character in "abc":
        press(character)
    person.until(lambda: person.intake.desk.draft.applicant.name == "abc").settle()


def test_nothing_is_scanned_at_the_door(person: Person) -> None:
    person.shell.lock()
    person.settle()
    person.shell.door.password.setFocus()
    gun(person, NUMBER)
    assert not any(call[0] == "scan" for call in person.backend.calls)
    person.settle()
