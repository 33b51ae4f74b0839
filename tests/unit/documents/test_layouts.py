"""Layout files: the product's own are right, wrong ones are refused with file and place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from jinpu_desk.app.papers import PaperFacts, PaperForm, PaperKind
from jinpu_desk.documents.layouts import load_layouts
from jinpu_desk.documents.values import FIXED_BLANKS, ROW_BLANKS, fixed_blanks, row_blanks
from jinpu_desk.domain.errors import Refused, Unavailable

Edit = Callable[..., Path]


@pytest.fixture
def edited(resources: Path, tmp_path: Path) -> Edit:
    """Copy the layouts and replace a text in one file, D1's unless it says which."""

    def edit(old: str, new: str, file: str = "d1-receipt.toml") -> Path:
        folder = tmp_path / "documents"
        shutil.copytree(resources / "documents", folder, dirs_exist_ok=True)
        path = folder / file
        before = path.read_text("utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), "utf-8")
        return folder

    return edit


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("{received_at}", "{recieved_at}", "documents.layout.unknown-blank", "d1-receipt.toml:blocks[0]"),
        ('"{name}"', '"{nam}"', "documents.layout.unknown-blank", "d1-receipt.toml:blocks[2]"),
        ('when = "note"', 'when = "nota"', "documents.layout.unknown-blank", "d1-receipt.toml:blocks[7]"),
        ("{material_count}", "{material_count", "documents.layout.invalid", "d1-receipt.toml:blocks[1]"),
        ("{material_count}", "{material_count!r}", "documents.layout.invalid", "d1-receipt.toml:blocks[1]"),
        (
            "{material_count}",
            "{clerk.__class__}",
            "documents.layout.unknown-blank",
            "d1-receipt.toml:blocks[1]",
        ),
        ('"收件时间", ', "", "documents.layout.invalid", "d1-receipt.toml:blocks[0]"),
        ('type = "heading"', 'type = "headline"', "documents.layout.invalid", "d1-receipt.toml"),
        ("numbered = false", "numberd = false", "documents.layout.invalid", "d1-receipt.toml"),
        ('kind = "D1"', 'kind = "D99"', "documents.layout.invalid", "d1-receipt.toml"),
        ('kind = "D1"', 'kind = "D7"', "documents.layout.invalid", "d1-receipt.toml"),
        ('kind = "D1"', 'kind = "D1', "documents.layout.invalid", "d1-receipt.toml"),
    ],
)
def test_a_wrong_layout_is_refused_with_its_place(
    edited: Edit, old: str, new: str, code: str, where: str
) -> None:
    with pytest.raises(Refused) as told:
        load_layouts(edited(old, new))
    assert (told.value.code, told.value.where) == (code, where)


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "where"),
    [
        ("d14-hand-on.toml", '"{case_no}"', '"{cases}"', "unknown-blank", "d14-hand-on.toml:blocks[1]"),
        (
            "d14-hand-on.toml",
            'table = "cases"',
            'table = "case"',
            "unknown-blank",
            "d14-hand-on.toml:blocks[1]",
        ),
        ("d14-hand-on.toml", '"移交人签名"', '"{mover}"', "unknown-blank", "d14-hand-on.toml:blocks[4]"),
        ("d4-not-needed.toml", "无需备案告知单", "{what}", "unknown-blank", "d4-not-needed.toml:title"),
        ("d16-ems.toml", '"{tracking}"', '"{track}"', "unknown-blank", "d16-ems.toml:blocks[7]"),
        ("d16-label.toml", 'sheet = "label"', 'sheet = "card"', "invalid", "d16-label.toml"),
        ("d8-granted.toml", '"{decided_on}"', '"{decided}"', "unknown-blank", "d8-granted.toml:blocks[4]"),
        ("common.toml", "[sheets.label]", "[sheets.card]", "invalid", "common.toml"),
    ],
)
def test_every_part_of_a_layout_is_checked(
    edited: Edit, file: str, old: str, new: str, code: str, where: str
) -> None:
    with pytest.raises(Refused) as told:
        load_layouts(edited(old, new, file))
    assert (told.value.code, told.value.where) == (f"documents.layout.{code}", where)


def test_a_sheet_may_not_be_forgotten(resources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    shutil.copytree(resources / "documents", folder)
    text = (folder / "common.toml").read_text("utf-8")
    start, end = text.index("[sheets.label]"), text.index("# 100×150")
    (folder / "common.toml").write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(Refused) as told:
        load_layouts(folder)
    assert told.value.where == "common.toml:sheets"


def test_two_layouts_for_one_day_are_refused(edited: Edit) -> None:
    folder = edited("收件凭证", "收件凭证")
    shutil.copy(folder / "d1-receipt.toml", folder / "d1-z.toml")
    with pytest.raises(Refused) as told:
        load_layouts(folder)
    assert (told.value.code, told.value.where) == ("documents.layout.twice", "d1-z.toml")


def test_an_absent_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        load_layouts(tmp_path)


def test_the_wording_in_force_on_the_papers_day_is_chosen(
    resources: Path, tmp_path: Path, facts: Callable[[str], PaperFacts]
) -> None:
    folder = tmp_path / "documents"
    shutil.copytree(resources / "documents", folder)
    old = (folder / "d1-receipt.toml").read_text("utf-8")
    new = old.replace("effective_from = 2019-04-23", "effective_from = 2026-11-23")
    (folder / "d1-receipt-2026.toml").write_text(new, "utf-8")
    layouts = load_layouts(folder)
    today = facts("d1-licence")
    assert layouts.choose(today).effective_from == date(2026, 11, 23)
    yesterday = replace(today, issued_at=today.issued_at.replace(day=22))
    assert layouts.choose(yesterday).effective_from == date(2019, 4, 23)
    before = replace(today, issued_at=today.issued_at.replace(year=2018))
    with pytest.raises(Refused) as told:
        layouts.choose(before)
    assert told.value.code == "documents.layout.none"


def test_a_form_is_not_printed_for_a_family_it_does_not_serve(
    resources: Path, facts: Callable[[str], PaperFacts]
) -> None:
    layouts = load_layouts(resources / "documents")
    said = facts("d7-registered-registration")
    with pytest.raises(Refused):
        layouts.choose(replace(said, kind=PaperKind.D2, form=PaperForm.PLAIN))


def test_the_blanks_a_layout_may_name_are_those_the_facts_fill(facts: Callable[[str], PaperFacts]) -> None:
    said = facts("d1-licence")
    assert set(fixed_blanks(said)) == FIXED_BLANKS
    assert set(row_blanks(1, said.materials[0], said.item_key)) == ROW_BLANKS
