"""Sticks on 同步 and counting on 日结, by keys: what was done is said, and what was not, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from jinpu_desk.ui.pages.dayend.page import DayEndPage
from jinpu_desk.ui.pages.sync import SyncPageWidget

from .conftest import Person
from .fake_house import OFFLINE

KEY, ALT = Qt.Key, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def picked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file a person picks in either dialog."""
    name = str(tmp_path / "上报")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (name, ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (name, ""))
    return Path(name)


def sync(person: Person) -> SyncPageWidget:
    person.keys((KEY.Key_9, ALT)).settle()
    page = person.shell.page("go.sync")
    assert isinstance(page, SyncPageWidget)
    return page


def test_what_waits_goes_to_a_stick_and_its_answer_comes_back(person: Person, picked: Path) -> None:
    page = sync(person)
    person.keys(KEY.Key_F6).settle()
    assert ("export", picked.with_suffix(".jinpu")) in person.backend.calls
    assert "已写出" in page.bundle.said.text()
    person.keys(KEY.Key_F7).settle()
    assert ("import", picked) in person.backend.calls
    assert page.bundle.said.text() == "回执已导入。"


def test_a_refused_file_is_told_in_a_sentence(person: Person, picked: Path) -> None:
    person.backend.trouble = OFFLINE
    page = sync(person)
    person.keys(KEY.Key_F7).settle()
    assert page.bundle.said.property("tone") == "bad"
    assert page.bundle.said.text() == "".join(person.backend.sentence(OFFLINE))


def test_who_picks_nothing_does_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    sync(person)
    person.keys(KEY.Key_F6).settle()
    assert not [call for call in person.backend.calls if call[0] == "export"]


def dayend(person: Person) -> DayEndPage:
    person.keys((KEY.Key_0, ALT)).settle()
    page = person.shell.page("go.dayend")
    assert isinstance(page, DayEndPage)
    return page


def test_a_day_is_amber_until_it_was_counted_and_agreed(person: Person) -> None:
    page = dayend(person)
    assert page.counted.text() == "未对账"
    assert page.counted.property("tone") == "warn"
    person.keys(KEY.Key_F7).settle()
    assert ("reconcile",) in person.backend.calls
    assert page.counted.property("tone") == "good"
    assert "一致" in page.counted.text()


def test_without_a_network_it_stays_uncounted(person: Person) -> None:
    page = dayend(person)
    person.backend.trouble = OFFLINE
    person.keys(KEY.Key_F7).settle()
    assert page.counted.text() == "未对账"
    assert page.said.text() == "".join(person.backend.sentence(OFFLINE))
    person.backend.trouble = None
    person.keys(KEY.Key_F7).settle()
    assert page.counted.property("tone") == "good"
