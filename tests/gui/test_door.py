"""Login and lock: offline, in plain sentences, and nothing typed is lost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from .conftest import Opener, Person

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def test_the_last_clerk_only_types_a_password(open_desk: Opener) -> None:
    person = open_desk(last_clerk="limin").settle()
    door = person.shell.door
    assert door.clerk.currentText() == "limin"
    assert person.focus is door.password
    assert [door.clerk.itemText(n) for n in range(door.clerk.count())] == ["limin", "wangfang"]
    person.type("demo").keys(Qt.Key.Key_Return)
    person.until(person.shell.workbench.isVisible)


def test_a_wrong_password_is_told_in_place(open_desk: Opener) -> None:
    person = open_desk(last_clerk="limin").settle()
    person.type("nein").keys(Qt.Key.Key_Return).settle()
    door = person.shell.door
    assert door.problem.isVisible()
    assert "账号或密码不对" in door.problem.text()
    assert person.focus is door.password
    assert door.password.text() == ""


def test_a_lock_out_counts_down_and_ends(open_desk: Opener) -> None:
    person = open_desk(last_clerk="limin").settle()
    person.backend.wrong = 3
    person.type("demo").keys(Qt.Key.Key_Return).settle()
    door = person.shell.door
    assert "2:00" in door.problem.text()
    assert not door.go.isEnabled()
    for _ in range(120):
        door._count()
    assert door.go.isEnabled()
    assert not door.problem.isVisible()
    person.backend.wrong = 0
    door.password.setText("demo")
    door.enter()
    person.until(person.shell.workbench.isVisible)


def test_both_must_be_filled(open_desk: Opener) -> None:
    person = open_desk(last_clerk="limin").settle()
    person.keys(Qt.Key.Key_Return)
    assert "账号和密码" in person.shell.door.problem.text()


def test_a_locked_window_keeps_the_draft_and_opens_where_it_was(person: Person) -> None:
    person.choose_item()
    person.type("王䶮")
    person.keys((Qt.Key.Key_L, CTRL))
    door = person.shell.door
    assert door.isVisible()
    assert not person.shell.intake.isVisible()
    assert not door.clerk.isEnabled()
    person.settle()
    assert next(iter(person.backend.saved.values())).applicant.name == "王䶮"
    assert person.backend.calls[-1] == ("lock",)
    person.keys((Qt.Key.Key_2, ALT)).settle()
    assert not person.shell.intake.isVisible(), "keys do nothing behind the door"
    door.password.setFocus()
    door.password.clear()
    person.type("demo").keys(Qt.Key.Key_Return)
    person.until(person.shell.intake.isVisible)
    assert person.intake.applicant.entries["name"].field.text() == "王䶮"


def test_somebody_else_finds_nothing_of_the_one_before(person: Person) -> None:
    person.choose_item()
    person.type("王䶮")
    person.keys((Qt.Key.Key_L, CTRL)).settle()
    door = person.shell.door
    door.other.click()
    person.settle()
    door.clerk.setEditText("wangfang")
    door.password.setFocus()
    person.type("demo").keys(Qt.Key.Key_Return)
    person.until(person.shell.workbench.isVisible).settle()
    person.keys((Qt.Key.Key_2, ALT)).settle()
    assert person.intake.applicant.entries["name"].field.text() == ""
    assert next(iter(person.backend.saved.values())).applicant.name == "王䶮"


def test_idleness_locks(person: Person) -> None:
    idle = person.window.idle
    assert idle._timer.interval() == 5 * 60_000
    assert idle._timer.isActive()
    idle.idle.emit()
    assert person.shell.door.isVisible()
    assert not idle._timer.isActive()
    person.settle()


def test_touching_a_key_starts_the_wait_again(person: Person) -> None:
    idle = person.window.idle
    idle._timer.start(50_000)
    person.keys(Qt.Key.Key_Down)
    assert idle._timer.remainingTime() > 40_000


def test_the_title_holds_the_place_and_no_person(person: Person) -> None:
    assert person.shell.windowTitle() == "金普窗口通 · 金普新区政务服务大厅 · 综合窗口 07"
    assert "李敏" not in person.shell.windowTitle()
    assert person.shell.top._training.isVisible(), "a training home is marked"
    assert QApplication.focusWidget() is person.shell.workbench.first


def test_nothing_reaches_a_locked_window(person: Person) -> None:
    person.choose_item()
    QApplication.clipboard().setText("王䶮")
    person.window.idle.idle.emit()
    person.settle()
    assert person.backend.calls[-1] == ("lock", "idle")
    assert QApplication.clipboard().text() == ""
    calls = len(person.backend.calls)
    person.window.wedge.scanned.emit("210213030022026112300011")
    person.keys((Qt.Key.Key_2, ALT), (Qt.Key.Key_H, CTRL), Qt.Key.Key_F9).settle()
    assert person.shell.door.isVisible()
    assert not person.shell.intake.isVisible()
    assert len(person.backend.calls) == calls
    assert person.window.wedge.enabled, "a gun does not type into the password"
