"""A complete application in every situation of every item and package passes the counter's own look."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.assess import Assessment, assess
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.catalogue.packages import chosen_items
from samples.applications import application
from samples.counter import catalogue
from samples.memory_desk import Window, open_window

from .test_items import situations

TARGETS = [key for key, item in catalogue().items.items() if item.role != "branch"]
COMPANY = {"name": "大连演示有限公司"}


@pytest.fixture(scope="module")
def window() -> Window:
    return open_window()


def looked_over(window: Window, file: dict[str, Any]) -> Assessment:
    read = decode_intake(msgspec.json.encode(file | {"action": "receive"}))
    ticks = {key: entry.tick() for key, entry in read.materials.items()}
    return assess(window.desk, from_file(read, ticks, {}))


def given(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that say something; the others get what the sample gives them."""
    return {key: value for key, value in answers.items() if value not in ("", [])}


@pytest.mark.parametrize("key", TARGETS)
def test_each_situation_of_an_item_can_be_applied_for(window: Window, key: str) -> None:
    for answers in situations(catalogue().items[key].questions):
        seen = looked_over(window, application(catalogue(), key, answers=given(answers)))
        assert seen.problems == (), answers
        assert seen.subject.rules, answers


@pytest.mark.parametrize("key", list(catalogue().packages))
def test_each_situation_of_a_package_can_be_applied_for(window: Window, key: str) -> None:
    package = catalogue().packages[key]
    for answers in situations(package.questions):
        file = application(catalogue(), key, answers=given(answers))
        chosen = {item.key for _, item in chosen_items(catalogue(), package, file["answers"])}
        if "llc-one-person-setup" in chosen:
            file["form"] |= COMPANY
        seen = looked_over(window, file)
        assert seen.problems == (), answers
        assert {child.subject.key for child in seen.subject.children} == chosen
        assert seen.subject.raw_materials >= len(seen.subject.rules)


def test_each_thing_that_rules_simple_cancellation_out_stands_against_it(window: Window) -> None:
    item = catalogue().items["simple-cancel"]
    for question in item.questions:
        if question.bars:
            file = application(catalogue(), item.key, answers={question.key: True})
            assert looked_over(window, file).problems, question.key
