"""冲突 by keys: from the sync page to both sides, a choice with its reason, and back."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from .conftest import Person
from .fake_conflicts import CONFLICT, DEAD

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def at_conflict(person: Person, downs: int = 0) -> Person:
    person.keys((Qt.Key.Key_9, ALT)).settle()
    assert person.focus is person.shell.sync.problems
    person.keys(*[Qt.Key.Key_Down] * downs, Qt.Key.Key_Return).settle()
    assert person.shell.sync.conflict_open
    return person


def words(person: Person) -> str:
    view = person.shell.sync.conflict
    return "\n".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def test_the_sync_page_says_what_to_do(person: Person) -> None:
    person.keys((Qt.Key.Key_9, ALT)).settle()

    def shown() -> set[str]:
        return {label.text() for label in person.shell.sync.findChildren(QLabel) if label.isVisible()}

    person.until(lambda: {"离线 12 分钟，最近联系 10:30。", "照常办件。"} <= shown())


def test_both_sides_are_shown_and_one_is_taken_with_a_reason(person: Person) -> None:
    view = at_conflict(person).shell.sync.conflict
    person.until(lambda: "演示甲记" in words(person))
    seen = words(person)
    for part in ("演示甲记", "演示乙记", "演示甲", "演示乙", "综合窗口 03", "10:38:05", CONFLICT.reason):
        assert part in seen
    person.keys((Qt.Key.Key_2, CTRL))
    assert view.strip.isVisible()
    person.keys((Qt.Key.Key_Return, CTRL))
    assert view.strip.sentence.isVisible(), "a choice needs its reason"
    person.type("演示选定").keys((Qt.Key.Key_Return, CTRL)).settle()
    assert person.backend.calls[-1] == ("resolve", CONFLICT.event, "theirs", (), "演示选定")
    assert not person.shell.sync.conflict_open
    assert [line.job_id for line in person.shell.sync.problems.lines] == [DEAD.event]


def test_fields_are_chosen_with_the_arrows(person: Person) -> None:
    view = at_conflict(person).shell.sync.conflict
    assert person.focus is view.fields.choices[0]
    person.keys(Qt.Key.Key_Tab, Qt.Key.Key_Right, (Qt.Key.Key_3, CTRL))
    person.type("演示选定").keys(Qt.Key.Key_Return, Qt.Key.Key_Return).settle()
    assert person.backend.calls[-1] == ("resolve", CONFLICT.event, "fields", ("applicant.phone",), "演示选定")


def test_a_dead_letter_says_why_it_cannot_be_done_anew_and_is_put_aside(person: Person) -> None:
    view = at_conflict(person, downs=1).shell.sync.conflict
    person.keys((Qt.Key.Key_1, CTRL))
    assert "办件已经办结。" in view.strip.heading.text()
    person.keys((Qt.Key.Key_2, CTRL)).type("演示放下").keys((Qt.Key.Key_Return, CTRL)).settle()
    assert person.backend.calls[-1] == ("resolve", DEAD.event, "ours", (), "演示放下")


def test_showing_people_whole_is_asked_for_and_escape_leads_back(person: Person) -> None:
    at_conflict(person)
    person.keys((Qt.Key.Key_H, CTRL)).settle()
    assert ("reveal-conflict", CONFLICT.event) in person.backend.calls
    person.keys((Qt.Key.Key_1, CTRL), Qt.Key.Key_Escape)
    view = person.shell.sync.conflict
    assert not view.strip.isVisible()
    person.keys(Qt.Key.Key_Escape).settle()
    assert not person.shell.sync.conflict_open
    assert cast("object", person.focus) is person.shell.sync.problems
