"""Work leaves the UI thread and comes back to it, at most once, and only to those still there."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from jinpu_desk.domain.errors import DeskError, Refused
from jinpu_desk.ui.jobs import Jobs


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_the_answer_comes_back_on_the_ui_thread(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    seen: list[tuple[str, bool]] = []
    main = threading.current_thread()

    def done(worker: str) -> None:
        seen.append((worker, threading.current_thread() is main))

    with qtbot.waitSignal(jobs.idle):
        jobs.ask(owner, lambda: threading.current_thread().name, done)
    assert seen == [("jinpu-database-0", True)]


def test_a_newer_question_replaces_an_older_one(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    gate = threading.Event()
    asked: list[int] = []
    shown: list[int] = []

    def ask(n: int) -> int:
        gate.wait(5)
        asked.append(n)
        return n

    with qtbot.waitSignal(jobs.idle):
        for n in range(5):
            jobs.ask(owner, lambda n=n: ask(n), shown.append, key="page")  # type: ignore[misc]
        gate.set()
    assert shown == [4]
    assert asked in ([4], [0, 4]), "what had not begun is skipped"


def test_writes_keep_their_order_and_outlive_their_widget(qtbot: QtBot, jobs: Jobs) -> None:
    gate = threading.Event()
    written: list[int] = []
    told: list[object] = []
    owner = QObject()
    jobs.write(owner, lambda: gate.wait(5))
    for n in range(4):
        jobs.write(owner, lambda n=n: written.append(n), told.append)  # type: ignore[misc]
    delete(owner)
    with qtbot.waitSignal(jobs.idle):
        gate.set()
    assert written == [0, 1, 2, 3]
    assert told == []


def test_an_answer_for_a_dead_widget_is_dropped(qtbot: QtBot, jobs: Jobs) -> None:
    gate = threading.Event()
    shown: list[object] = []
    owner = QObject()
    with qtbot.waitSignal(jobs.idle):
        jobs.io(owner, lambda: gate.wait(5), shown.append)
        delete(owner)
        gate.set()
    assert shown == []


def test_a_refusal_goes_to_whoever_asked(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    refused: list[DeskError] = []

    def work() -> None:
        raise Refused("decision.form")

    with qtbot.waitSignal(jobs.idle):
        jobs.ask(owner, work, lambda _: pytest.fail("not done"), refused.append)
    assert [error.code for error in refused] == ["decision.form"]


def test_a_bug_is_raised_on_the_ui_thread(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    with qtbot.captureExceptions() as caught, qtbot.waitSignal(jobs.idle):
        jobs.ask(owner, lambda: 1 // 0, lambda _: None)
    assert [kind for kind, _, _ in caught] == [ZeroDivisionError]


def test_closing_finishes_the_writes_and_skips_the_questions(jobs: Jobs, owner: QObject) -> None:
    done: list[str] = []
    gate = threading.Event()
    jobs.write(owner, lambda: gate.wait(5))
    jobs.ask(owner, lambda: done.append("question"), lambda _: None)
    jobs.write(owner, lambda: done.append("draft"))
    gate.set()
    jobs.close()
    assert done == ["draft"]


def test_nothing_starts_after_closing(jobs: Jobs, owner: QObject) -> None:
    jobs.close()
    jobs.ask(owner, lambda: pytest.fail("started"), lambda _: None)
    assert not jobs.busy
