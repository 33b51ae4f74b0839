"""日历变动 on the sync page: told once, with both days, and gone when somebody took note."""

from __future__ import annotations

from PySide6.QtCore import Qt

from jinpu_desk.ui.pages.sync import SyncPageWidget

from .conftest import Person
from .fake_calendar import MOVED

KEY, ALT = Qt.Key, Qt.KeyboardModifier.AltModifier


def sync(person: Person) -> SyncPageWidget:
    person.keys((KEY.Key_9, ALT)).settle()
    page = person.shell.page("go.sync")
    assert isinstance(page, SyncPageWidget)
    return page


def test_without_a_change_there_is_no_panel(person: Person) -> None:
    assert not sync(person).calendar.isVisible()
    person.keys(KEY.Key_F8).settle()
    assert [call for call in person.backend.calls if call[0] == "noted"] == []


def test_a_change_is_shown_and_put_away_by_a_key(person: Person) -> None:
    person.backend.notice = MOVED
    page = sync(person)
    assert page.calendar.isVisible()
    assert page.calendar.headline.text() == MOVED.headline
    model = page.calendar.cases.model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == [MOVED.lines[0].text]
    person.keys(KEY.Key_F8).settle()
    assert ("noted", (2, 1)) in person.backend.calls
    assert not page.calendar.isVisible()


def test_a_moved_case_opens(person: Person) -> None:
    person.backend.notice = MOVED
    page = sync(person)
    page.calendar.cases.setFocus()
    page.calendar.cases.setCurrentIndex(page.calendar.cases.model().index(0, 0))
    person.keys(KEY.Key_Return).settle()
    assert any(call[0] == "case" and "case-5" in call for call in person.backend.calls) or (
        person.shell.page("go.cases").isVisible()
    )
