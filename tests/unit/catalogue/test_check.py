"""Every broken file is named with its key, and the shipped catalogue is sound."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.check import check, low_confidence
from jinpu_desk.catalogue.load import ROOT as ROOT_FILE
from jinpu_desk.catalogue.load import digest_of, load, read_dir
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.errors import Refused

ROOT = """
version = "1"
effective_from = 2026-01-01
[authorities.a]
name = "甲"
short = "甲"
[materials.paper]
name = "纸"
"""
ITEM = """
key = "x"
name = "事项"
authority = "a"
family = "licence"
promised_days = 5
[[questions]]
key = "mode"
label = "方式"
options = [{ value = "p", label = "甲" }, { value = "q", label = "乙" }]
[[materials]]
key = "m"
name = "材料"
when = "answers.mode == 'p'"
[[fields]]
key = "name"
label = "名称"
[[rules]]
holds = "form.name != ''"
where = "form.name"
message = "名称"
"""
PACKAGE = """
key = "k"
name = "一件事"
authority = "a"
[[questions]]
key = "who"
label = "谁"
options = [{ value = "p", label = "甲" }]
[[branches]]
key = "b"
question = "who"
items = { p = "x" }
"""
FILES = {"catalogue.toml": ROOT, "items/x.toml": ITEM, "packages/k.toml": PACKAGE}

BROKEN = [
    ("items/x.toml", 'key = "x"', 'key = "y"', "items/x.toml:key", "file-name"),
    ("items/x.toml", 'name = "事项"', "", "items/x.toml:name", "missing-key"),
    ("items/x.toml", 'name = "事项"', "name = 3", "items/x.toml:name", "bad-value"),
    ("items/x.toml", 'name = "事项"', 'name = "事项"\nwat = 1', "items/x.toml:wat", "unknown-key"),
    ("items/x.toml", 'message = "名称"', 'message = "名称"\nwat = 1', "items/x.toml:rules[0].wat", "unknown-key"),
    ("items/x.toml", 'key = "m"\n', 'use = "gone"\n', "items/x.toml:materials[0].use", "unknown-use"),
    ("items/x.toml", '"licence"', '"other"', "items/x.toml:family", "bad-value"),
    ("items/x.toml", '"a"', '"b"', "items/x.toml:authority", "unknown-authority"),
    ("items/x.toml", "= 5", "= 25", "items/x.toml:promised_days", "promise-over-legal"),
    ("items/x.toml", "= 5", "= -1", "items/x.toml:promised_days", "negative-days"),
    ("items/x.toml", "= 5", "= 5\nextension_days = -1", "items/x.toml:extension_days", "negative-days"),
    ("items/x.toml", "= 5", "= 5\nproject_type = 1", "items/x.toml:project_type", "project-type"),
    (
        "items/x.toml",
        "= 5",
        "= 5\nwindow_authorised = true",
        "items/x.toml:window_authorised",
        "not-at-once",
    ),
    ("items/x.toml", "= 5", '= 5\nbasic_code = "0001"', "items/x.toml:basic_code", "bad-code"),
    (
        "items/x.toml",
        "= 5",
        '= 5\nbusiness_code = "000131127004"',
        "items/x.toml:business_code",
        "bad-code",
    ),
    (
        "items/x.toml",
        "= 5",
        '= 5\nimplementation_code = "I14401"',
        "items/x.toml:implementation_code",
        "bad-code",
    ),
    ("items/x.toml", "= 5", "= 5\nentered = false", "items/x.toml:not_entered_reason", "no-reason"),
    ("items/x.toml", "= 5", '= 5\nlow_confidence = ["wat"]', "items/x.toml:low_confidence", "unknown-mark"),
    (
        "items/x.toml",
        "= 5",
        "= 5\neffective_from = 2026-02-01\neffective_to = 2026-01-01",
        "items/x.toml:effective_to",
        "ends-before-start",
    ),
    ("items/x.toml", "== 'p'", "== 'z'", "items/x.toml:materials[0].when", "unknown-option"),
    ("items/x.toml", "answers.mode ==", "answers.gone ==", "items/x.toml:materials[0].when", "unknown-question"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode ==", "items/x.toml:materials[0].when", "condition"),
    ("items/x.toml", "answers.mode == 'p'", "wat == 1", "items/x.toml:materials[0].when", "condition"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode + 1 > 2", "items/x.toml:materials[0].when", "condition"),
    (
        "items/x.toml",
        'key = "m"',
        'key = "m"\ntolerable = true\nrole = "identity"',
        "items/x.toml:materials[0].tolerable",
        "never-tolerable",
    ),
    (
        "items/x.toml",
        'key = "m"',
        'key = "m"\ntolerable = true\nrole = "application"',
        "items/x.toml:materials[0].tolerable",
        "never-tolerable",
    ),
    (
        "items/x.toml",
        'key = "m"',
        'key = "m"\ntolerance_days = 3',
        "items/x.toml:materials[0].tolerance_days",
        "tolerance-days",
    ),
    ("items/x.toml", 'key = "m"', 'key = "m"\ncopies = -1', "items/x.toml:materials[0].copies", "negative-copies"),
    (
        "items/x.toml",
        "[[fields]]",
        '[[materials]]\nkey = "m"\nname = "又"\n[[fields]]',
        "items/x.toml:materials[1]",
        "repeated-key",
    ),
    ("items/x.toml", 'value = "q"', 'value = "p"', "items/x.toml:questions[0].options[1]", "repeated-key"),
    ("items/x.toml", 'label = "方式"', 'label = "方式"\ndefault = "z"', "items/x.toml:questions[0].default", "unknown-option"),
    ("items/x.toml", 'label = "方式"', 'label = "方式"\nkind = "bool"', "items/x.toml:questions[0].options", "options"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "choice"', "items/x.toml:fields[0].options", "options"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "group"', "items/x.toml:fields[0].fields", "group"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nminimum = "x"', "items/x.toml:fields[0].minimum", "bound"),
    ("items/x.toml", 'where = "form.name"', 'where = "form.gone"', "items/x.toml:rules[0].where", "unknown-field"),
    ("packages/k.toml", 'p = "x"', 'p = "gone"', "packages/k.toml:branches[0]", "unknown-item"),
    ("packages/k.toml", 'p = "x"', 'z = "x"', "packages/k.toml:branches[0].items", "unknown-option"),
    ("packages/k.toml", 'question = "who"', 'question = "gone"', "packages/k.toml:branches[0].question", "unknown-question"),
    ("packages/k.toml", 'question = "who"', 'item = "x"', "packages/k.toml:branches[0]", "branch"),
    ("packages/k.toml", '"a"', '"b"', "packages/k.toml:authority", "unknown-authority"),
    ("catalogue.toml", 'version = "1"', "", "catalogue.toml:version", "missing-key"),
    ("catalogue.toml", 'version = "1"', 'version = "1', "catalogue.toml", "not-toml"),
]  # fmt: skip


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def test_the_sound_example_has_no_fault() -> None:
    assert check(encoded(FILES)) == []


@pytest.mark.parametrize(("file", "old", "new", "where", "code"), BROKEN)
def test_a_fault_names_file_and_key(file: str, old: str, new: str, where: str, code: str) -> None:
    assert old in FILES[file]
    broken = FILES | {file: FILES[file].replace(old, new, 1)}
    assert (where, f"catalogue.{code}") in [(f.where, f.code) for f in check(encoded(broken))]


def test_all_faults_are_found_at_once() -> None:
    broken = FILES | {
        "items/x.toml": ITEM.replace("= 5", "= 25").replace('"a"', '"b"'),
        "packages/k.toml": PACKAGE.replace('p = "x"', 'p = "gone"'),
    }
    assert len(check(encoded(broken))) == 3


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("items/x.toml", b"\xff\xfe", "encoding"),
        ("items/x.toml", b"a = " + b"[" * 5000, "not-toml"),
        ("stray.toml", b"a = 1", "stray-file"),
    ],
)
def test_hostile_files_are_faults_and_not_crashes(name: str, raw: bytes, code: str) -> None:
    faults = check(encoded(FILES) | {name: raw})
    assert (name, f"catalogue.{code}") in [(f.where, f.code) for f in faults]
    with pytest.raises(Refused) as refused:
        load(encoded(FILES) | {name: raw})
    assert refused.value.where == name


def test_a_folder_without_the_root_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"catalogue\.no-folder"):
        read_dir(tmp_path)


def test_the_shipped_catalogue_is_sound(files: dict[str, bytes]) -> None:
    assert check(files) == []


def test_doubtful_values_are_listed(catalogue: Catalogue) -> None:
    marked = low_confidence(catalogue)
    for key, item in catalogue.items.items():
        assert (f"items/{key}.toml", "promised_days") in marked, item.name


@given(st.permutations(sorted(FILES)))
def test_the_digest_does_not_hang_on_file_order(order: list[str]) -> None:
    raw = encoded(FILES)
    assert digest_of({name: raw[name] for name in order}) == digest_of(raw)


def test_the_digest_changes_with_any_byte() -> None:
    raw = encoded(FILES)
    assert digest_of(raw | {"items/x.toml": raw["items/x.toml"] + b"\n"}) != digest_of(raw)


def test_every_code_of_the_room_has_a_sentence() -> None:
    root = Path(__file__).parents[3]
    said = tomllib.loads((root / "resources/messages/catalogue.toml").read_text("utf-8"))
    for path in (root / "src/jinpu_desk/catalogue").glob("*.py"):
        for code in re.findall(r'"((?:catalogue|form)\.[a-z][a-z-]*)"', path.read_text("utf-8")):
            if code != ROOT_FILE:
                assert said[code]["text"], code
                assert said[code]["hint"], code
