"""A conflict, a locked window and the way through both, by keys alone: the real window over the real desk and centre."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from jinpu_desk.entry.demo_cases import food_business
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.store.home import Home
from samples.programs import CLERK, CLOCK, PASSWORD, TrainingCentre
from samples.typist import Typist, window_on

SHOTS = os.environ.get("JINPU_SHOTS", "")
"""A folder for pictures of what the clerk sees, for whoever wants to look."""


@pytest.fixture(scope="module")
def conflict(training: TrainingCentre) -> tuple[Path, str]:
    """Two desks that edited one case apart: the home whose edit was parked, and the case's number."""
    one, two = training.desk(), training.desk()
    case_no = one.take(food_business(1, "receive"))["case_no"]
    for desk in (one, two):
        desk.done("sync")
    one.done("act", case_no, "edit", "--data", '{"changes": {"form.name": "演示甲记餐馆"}}')
    both = '{"changes": {"form.name": "演示乙记餐馆", "form.phone": "13922223333"}}'
    two.done("act", case_no, "edit", "--data", both)
    one.done("sync")
    assert two.done("sync")["parked"] == 1
    assert [case["case_no"] for case in two.done("list", "--flag", "conflict")["cases"]] == [case_no]
    return two.home, case_no


@pytest.fixture(scope="module")
def clerk(conflict: tuple[Path, str], qapp: QApplication) -> Iterator[Typist]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        with Home(conflict[0]) as held, window_on(held, load_parts()) as typist:
            typist.shell.resize(1600, 1000)
            yield typist.enter(CLERK, PASSWORD)


def shot(typist: Typist, name: str) -> None:
    QApplication.processEvents()
    if SHOTS:
        typist.shell.grab().save(str(Path(SHOTS) / f"{name}.png"))


def words(page: QWidget) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_both_sides_are_compared_and_one_field_of_each_is_kept(
    clerk: Typist, conflict: tuple[Path, str]
) -> None:
    sync = clerk.shell.sync
    clerk.press("Alt+9").settle().until(sync.problems.hasFocus)
    shot(clerk, "sync")
    clerk.press("Return").until(lambda: sync.conflict.page is not None).settle()
    clerk.until(lambda: "演示甲记餐馆" in words(sync.conflict))
    shot(clerk, "conflict")
    seen = words(sync.conflict)
    assert "演示乙记餐馆" in seen
    assert "13922223333" not in seen, "a phone is masked until it is asked for"
    clerk.press("Ctrl+H").settle().until(lambda: "13922223333" in words(sync.conflict))
    clerk.press("Tab", "Right", "Ctrl+3").settle()
    shot(clerk, "conflict-reason")
    clerk.type("演示：字号以先改的为准").press("Ctrl+Return").settle()
    clerk.until(lambda: not sync.conflict_open and not sync.problems.lines, clerk.notice)
    case = clerk.backend.case(clerk.backend.search(conflict[1])[0].case_id)
    assert (case.form["name"], case.form["phone"]) == ("演示甲记餐馆", "13922223333")


def test_a_locked_window_shows_nothing_and_goes_on_syncing(clerk: Typist, conflict: tuple[Path, str]) -> None:
    case = clerk.backend.case(clerk.backend.search(conflict[1])[0].case_id)
    clerk.open(case)
    clerk.until(lambda: "处理冲突" in words(clerk.case))
    shot(clerk, "case")
    clerk.press("Ctrl+L").until(clerk.shell.door.isVisible).settle()
    shot(clerk, "locked")
    assert not clerk.case.isVisible()
    assert case.form["name"] not in words(clerk.shell)
    messenger = clerk.backend._messenger
    assert messenger is not None
    assert messenger.sync_now().pending == 0, "what is saved goes up behind the door"
    clerk.type("wrong").press("Return").until(clerk.shell.door.problem.isVisible).settle()
    clerk.type(PASSWORD).press("Return").until(clerk.case.isVisible, clerk.shell.door.problem.text()).settle()
    kinds = [entry.kind for entry in reversed(clerk.backend.audit_of_today())]
    assert {"reveal", "case"} <= set(kinds)
    # What the window writes by itself may come between.
    at_the_door = [kind for kind in kinds if kind in {"lock", "login-failed", "login"}]
    assert at_the_door[-3:] == ["lock", "login-failed", "login"]
