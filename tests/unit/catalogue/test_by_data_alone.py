"""The catalogue changes by data alone: a new item, a new material, another term, and the counter works by it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.assess import Assessment, assess
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.intake.menu import menu
from jinpu_desk.app.intake.subject import subject_of_case
from jinpu_desk.catalogue.check import check
from jinpu_desk.catalogue.diff import diff
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.catalogue.packages import merge
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialTick
from samples.applications import application
from samples.memory_desk import Window, open_window

from .conftest import FOLDER

NEW_ITEM = """
key = "market-stall"
name = "演示夜市摊位登记"
short_name = "夜市摊位"
aliases = ["摆摊"]
authority = "urban"
family = "service"
project_type = 2
legal_days = 10
promised_days = 4
low_confidence = ["legal_days", "promised_days"]

[guide]
use = "service"

[[questions]]
key = "stall_kind"
label = "摊位类别"
options = [{ value = "food", label = "食品" }, { value = "goods", label = "百货" }]

[[materials]]
use = "application"
name = "摊位登记表"

[[materials]]
key = "health-card"
name = "健康合格证明"
when = 'answers.stall_kind == "food"'
tolerable = true
requirement = "在有效期内。"

[[fields]]
use = "name"

[[fields]]
key = "stall_no"
label = "摊位号"

[[fields]]
use = "phone"
"""
PHOTO = """[[materials]]
key = "photo"
name = "场所照片"
requirement = "能够看清门头和内部。"

[[fields]]"""

STALL_BRANCH = """[[branches]]
key = "stall"
item = "market-stall"

[[branches]]"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The shipped folder, copied and edited as an office would: three files, no code."""
    folder = tmp_path_factory.mktemp("office") / "catalogue"
    shutil.copytree(FOLDER, folder)
    (folder / "items" / "market-stall.toml").write_text(NEW_ITEM, "utf-8")
    edit(folder / "items" / "small-catering.toml", "promised_days = 5", "promised_days = 3")
    edit(folder / "items" / "small-catering.toml", "[[fields]]", PHOTO)
    edit(folder / "packages" / "open-restaurant.toml", "[[branches]]", STALL_BRANCH)
    edit(folder / "catalogue.toml", 'version = "demo-', 'version = "office-')
    files = read_dir(folder)
    assert check(files) == []
    return load(files)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def window(changed: Catalogue) -> Window:
    opened = open_window()
    opened.desk = replace(opened.desk, catalogue=changed)
    return opened


def looked_over(window: Window, file: dict[str, Any]) -> Assessment:
    read = decode_intake(msgspec.json.encode(file))
    ticks: dict[str, MaterialTick] = {key: entry.tick() for key, entry in read.materials.items()}
    return assess(window.desk, from_file(read, ticks, {}))


def test_the_new_item_stands_in_the_menu(window: Window) -> None:
    index = ItemIndex(window.desk.catalogue)
    for typed in ("摆摊", "夜市", "yeshi", "market-stall"):
        assert menu(window.desk, index, typed)[0].key == "market-stall", typed


@pytest.mark.parametrize(("kind", "papers"), [("food", 2), ("goods", 1)])
def test_the_new_item_asks_its_question_and_its_papers(
    window: Window, changed: Catalogue, kind: str, papers: int
) -> None:
    file = application(changed, "market-stall", answers={"stall_kind": kind})
    seen = looked_over(window, file | {"action": "accept"})
    assert seen.problems == ()
    assert len(seen.subject.rules) == papers
    assert (seen.subject.terms.legal_days, seen.subject.terms.promised_days) == (10, 4)


def test_the_new_item_is_taken_in_and_accepted(window: Window, changed: Catalogue) -> None:
    file = application(changed, "market-stall", health_card="tolerated")
    read = decode_intake(msgspec.json.encode(file | {"action": "accept"}))
    ticks = {key: entry.tick() for key, entry in read.materials.items()}
    case = intake.take_in(window.desk, from_file(read, ticks, {}), documents=False).case
    assert (case.status, case.terms.item_name) == (Status.ACCEPTED, "演示夜市摊位登记")
    assert list(case.supplement_by) == ["health-card"]


def test_the_new_material_is_demanded_at_once(window: Window, changed: Catalogue) -> None:
    file = application(changed, "small-catering")
    assert "photo" in file["materials"]
    assert looked_over(window, file | {"action": "accept"}).problems == ()
    del file["materials"]["photo"]
    without = looked_over(window, file | {"action": "accept"})
    assert [(p.where, p.code) for p in without.problems] == [("materials.photo", "intake.material-absent")]


def test_the_other_term_holds_for_new_cases(window: Window, changed: Catalogue) -> None:
    seen = looked_over(window, application(changed, "small-catering") | {"action": "accept"})
    assert (seen.subject.terms.legal_days, seen.subject.terms.promised_days) == (20, 3)


def test_an_item_that_ends_is_offered_no_more_and_its_cases_go_on(window: Window, changed: Catalogue) -> None:
    file = application(changed, "market-stall")
    read = decode_intake(msgspec.json.encode(file | {"action": "accept"}))
    ticks = {key: entry.tick() for key, entry in read.materials.items()}
    case = intake.take_in(window.desk, from_file(read, ticks, {}), documents=False).case
    ended = msgspec.structs.replace(changed.items["market-stall"], effective_to=window.desk.today())
    catalogue = msgspec.structs.replace(changed, items=changed.items | {"market-stall": ended})
    window.desk = replace(window.desk, catalogue=catalogue)
    index = ItemIndex(catalogue)
    assert [entry.key for entry in menu(window.desk, index, "摆摊")] == ["market-stall"]
    window.wait(days=1)
    assert menu(window.desk, index, "摆摊") == ()
    with pytest.raises(Refused, match=r"catalogue\.not-in-force"):
        looked_over(window, file | {"action": "accept"})
    assert subject_of_case(window.desk, case).name == "演示夜市摊位登记"


def test_the_package_takes_the_new_item_along(changed: Catalogue) -> None:
    intake_form = merge(changed, changed.packages["open-restaurant"], {"stall_kind": "food"}, agent=False)
    assert "market-stall" in {child.item.key for child in intake_form.children}
    assert [field.key for field in intake_form.fields].count("name") == 1


def test_the_difference_list_tells_all_three(catalogue: Catalogue, changed: Catalogue) -> None:
    found = diff(catalogue, changed)
    assert [entry.name for entry in found.items.added] == ["演示夜市摊位登记"]
    (catering,) = found.items.changed
    assert [entry.name for entry in catering.materials_added] == ["场所照片"]
    assert [(term.old, term.new) for term in catering.terms] == [(5, 3)]
    assert [change.where for package in found.packages.changed for change in package.changes] == [
        "branches.stall"
    ]
    assert found.new.version.startswith("office-")
