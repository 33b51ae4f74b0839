"""Every broken file is named with its key, and the shipped catalogue is sound."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinpu_desk.catalogue.check import check, low_confidence
from jinpu_desk.catalogue.load import FILES_LIMIT, SIZE_LIMIT, digest_of, load, read_dir
from jinpu_desk.catalogue.load import ROOT as ROOT_FILE
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.errors import Refused
from jinpu_desk.sync.wire import reference_digest

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
legal_days = 20
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
SEAL = """
[seals.s]
name = "甲章"
authority = "a"
use = "acceptance"
text = "甲"
roles = ["clerk"]
valid_from = 2020-01-01
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
    ("items/x.toml", "= 5", "= -1", "items/x.toml:promised_days", "too-few"),
    ("items/x.toml", "= 5", "= 5\nextension_days = -1", "items/x.toml:extension_days", "too-few"),
    ("items/x.toml", "promised_days = 5", "promised_days = 5\nproject_type = 1", "items/x.toml:project_type", "project-type"),
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
    ("items/x.toml", "== 'p'", "== 'z'", "items/x.toml:materials.m.when", "unknown-option"),
    ("items/x.toml", "answers.mode ==", "answers.gone ==", "items/x.toml:materials.m.when", "unknown-question"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode ==", "items/x.toml:materials.m.when", "condition"),
    ("items/x.toml", "answers.mode == 'p'", "wat == 1", "items/x.toml:materials.m.when", "condition"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode + 1 > 2", "items/x.toml:materials.m.when", "condition"),
    (
        "items/x.toml",
        'key = "m"',
        'key = "m"\ntolerable = true\nrole = "identity"',
        "items/x.toml:materials.m.tolerable",
        "never-left-out",
    ),
    (
        "items/x.toml",
        'key = "m"',
        'key = "m"\ntolerable = true\nrole = "application"',
        "items/x.toml:materials.m.tolerable",
        "never-left-out",
    ),
    (
        "items/x.toml",
        'key = "m"',
        'key = "m"\ntolerance_days = 3',
        "items/x.toml:materials.m.tolerance_days",
        "tolerance-days",
    ),
    ("items/x.toml", 'key = "m"', 'key = "m"\ncopies = -1', "items/x.toml:materials.m.copies", "too-few"),
    (
        "items/x.toml",
        "[[fields]]",
        '[[materials]]\nkey = "m"\nname = "又"\n[[fields]]',
        "items/x.toml:materials.m",
        "repeated-key",
    ),
    ("items/x.toml", 'value = "q"', 'value = "p"', "items/x.toml:questions.mode.options.p", "repeated-key"),
    ("items/x.toml", 'label = "方式"', 'label = "方式"\ndefault = "z"', "items/x.toml:questions.mode.default", "unknown-option"),
    ("items/x.toml", 'label = "方式"', 'label = "方式"\nkind = "bool"', "items/x.toml:questions.mode.options", "options"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "choice"', "items/x.toml:fields.name.options", "options"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "group"', "items/x.toml:fields.name.fields", "group"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nminimum = "x"', "items/x.toml:fields.name.minimum", "bound"),
    ("items/x.toml", 'where = "form.name"', 'where = "form.gone"', "items/x.toml:rules[0].where", "unknown-field"),
    ("packages/k.toml", 'p = "x"', 'p = "gone"', "packages/k.toml:branches.b.items.p", "unknown-item"),
    ("packages/k.toml", 'p = "x"', 'z = "x"', "packages/k.toml:branches.b.items", "unknown-option"),
    ("packages/k.toml", 'question = "who"', 'question = "gone"', "packages/k.toml:branches.b.question", "unknown-question"),
    ("packages/k.toml", 'question = "who"', 'item = "x"', "packages/k.toml:branches.b", "branch"),
    ("packages/k.toml", 'authority = "a"', 'authority = "a"\nresult = { kind = "licence", name = "证", valid_years = 0 }', "packages/k.toml:result.valid_years", "too-few"),
    ("packages/k.toml", '"a"', '"b"', "packages/k.toml:authority", "unknown-authority"),
    ("catalogue.toml", 'version = "1"', "", "catalogue.toml:version", "missing-key"),
    ("catalogue.toml", 'version = "1"', 'version = "1', "catalogue.toml", "not-toml"),
    ("items/x.toml", "answers.mode == 'p'", "form.name == 'p'", "items/x.toml:materials.m.when", "condition-form"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode in ['p', 'z']", "items/x.toml:materials.m.when", "unknown-option"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode == 'p' || true", "items/x.toml:materials.m.when", "condition-constant"),
    ("items/x.toml", "answers.mode == 'p'", "answers.mode", "items/x.toml:materials.m.when", "condition-not-bool"),
    ("items/x.toml", "answers.mode == 'p'", "(" * 600, "items/x.toml:materials.m.when", "condition"),
    ("items/x.toml", "answers.mode == 'p'", "agent || " * 200 + "agent", "items/x.toml:materials.m.when", "condition"),
    ("items/x.toml", 'label = "方式"', 'label = "方式"\nwhen = "answers.mode == \'p\'"', "items/x.toml:questions.mode.when", "unknown-question"),
    ("items/x.toml", 'key = "m"', 'key = "m"\npledgeable = true\nrole = "safety"', "items/x.toml:materials.m.pledgeable", "never-left-out"),
    ("items/x.toml", 'key = "m"', 'key = "m"\nvariants = [{ when = "" }]', "items/x.toml:materials.m.variants[0].when", "condition-constant"),
    ("items/x.toml", 'key = "m"', 'key = "m"\nrole = "safety"\nvariants = [{ when = "agent", pledgeable = true }]', "items/x.toml:materials.m.variants[0].pledgeable", "never-left-out"),
    ("items/x.toml", "[[fields]]", '[[materials]]\nkey = "n"\ncode = "m"\nname = "又"\n[[fields]]', "items/x.toml:materials", "repeated-code"),
    ("items/x.toml", 'key = "m"', 'key = "M!"', "items/x.toml:materials.M!.key", "bad-key"),
    ("items/x.toml", 'key = "mode"', 'key = "mode-x"', "items/x.toml:questions.mode-x.key", "bad-key"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "money"\nminimum = "2"\nmaximum = "1"', "items/x.toml:fields.name.maximum", "bound-order"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nscale = 9', "items/x.toml:fields.name.scale", "number"),
    ("items/x.toml", "form.name != ''", "form.gone != ''", "items/x.toml:rules[0].holds", "unknown-field"),
    ("items/x.toml", "form.name != ''", "form.name > 1", "items/x.toml:rules[0].holds", "condition"),
    ("items/x.toml", "form.name != ''", "form.name", "items/x.toml:rules[0].holds", "condition-not-bool"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nwhen = "agent"\n[[rules]]\nholds = "form.name.contains(\'a\')"\nwhere = "form.name"\nmessage = "x"', "items/x.toml:rules[0].holds", "condition"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nrequired = false\n[[rules]]\nholds = "form.name.contains(\'a\')"\nwhere = "form.name"\nmessage = "x"', "items/x.toml:rules[0].holds", "condition"),
    ("items/x.toml", "= 5", "= 5\ncorrection_days = 0", "items/x.toml:correction_days", "too-few"),
    ("items/x.toml", "= 5", "= 5\nterm_variants = [{ when = \"answers.mode == 'p'\", promised_days = 21 }]", "items/x.toml:term_variants[0].promised_days", "promise-over-legal"),
    ("items/x.toml", "= 5", '= 5\nterm_variants = [{ when = "" }]', "items/x.toml:term_variants[0].when", "condition-constant"),
    ("packages/k.toml", '{ value = "p", label = "甲" }', '{ value = "p", label = "甲" }, { value = "q", label = "乙" }', "packages/k.toml:branches.b.items", "answer-unmapped"),
    ("packages/k.toml", 'key = "b"', 'key = "a"\nitem = "x"\n[[branches]]\nkey = "b"', "packages/k.toml:branches", "repeated-item"),
    ("packages/k.toml", 'authority = "a"', 'authority = "a"\nproduced_fields = ["gone"]', "packages/k.toml:produced_fields", "unknown-field"),
    ("packages/k.toml", 'authority = "a"', 'authority = "a"\nmaterial_names = { gone = "x" }', "packages/k.toml:material_names.gone", "unknown-material"),
    ("packages/k.toml", 'authority = "a"', 'authority = "a"\nfield_codes = { x = { gone = "x" } }', "packages/k.toml:field_codes.x.gone", "unknown-field"),
    ("packages/k.toml", 'authority = "a"', 'authority = "a"\ncap_days = 0', "packages/k.toml:cap_days", "too-few"),
    ("packages/k.toml", 'key = "who"', 'key = "mode"', "packages/k.toml:questions.mode", "code-clash"),
    ("items/x.toml", "= 5", '= 5\nkind_code = "02"', "items/x.toml:kind_code", "bad-code"),
    ("items/x.toml", "= 5", "= 5\nversion = 0", "items/x.toml:version", "too-few"),
    ("items/x.toml", "= 5", '= 5\nrole = "request"', "items/x.toml:role", "request"),
    ("items/x.toml", "= 5", '= 5\nnotice = { field = "name", days = 20, filing_days = 20 }', "items/x.toml:notice.field", "unknown-field"),
    ("items/x.toml", "= 5", '= 5\nnotice = { field = "name", days = 0, filing_days = 20 }', "items/x.toml:notice.days", "too-few"),
    ("items/x.toml", "= 5", '= 5\nnotice = { field = "name", days = 1, filing_days = 1, when = "true" }', "items/x.toml:notice.when", "condition-constant"),
    ("items/x.toml", "= 5", '= 5\nfees = [{ name = "a", standard = "1" }, { name = "a", standard = "2" }]', "items/x.toml:fees", "repeated-key"),
    ("items/x.toml", "= 5", '= 5\nresult = { kind = "licence", name = "证", valid_years = 0 }', "items/x.toml:result.valid_years", "too-few"),
    ("items/x.toml", "= 5", '= 5\ndelivery = ["post", "post"]', "items/x.toml:delivery", "repeated-key"),
    ("items/x.toml", "= 5", '= 5\nguide = { joint_organs = ["gone"] }', "items/x.toml:guide.joint_organs", "unknown-authority"),
    ("items/x.toml", "= 5", "= 5\nguide = { online_depth = 9 }", "items/x.toml:guide.online_depth", "number"),
    ("items/x.toml", "= 5", '= 5\nguide = { steps = [{ name = "审查", days = -1 }] }', "items/x.toml:guide.steps.审查", "too-few"),
    ("items/x.toml", "= 5", '= 5\nlow_confidence = ["guide.wat"]', "items/x.toml:low_confidence", "unknown-mark"),
    ("items/x.toml", 'label = "方式"', 'label = "方式"\nbars = "不行"', "items/x.toml:questions.mode.bars", "bars"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "register"', "items/x.toml:fields.name.register", "register"),
    ("items/x.toml", 'label = "名称"', 'label = "名称"\nkind = "register"\nregister = "A b"', "items/x.toml:fields.name.register", "bad-key"),
    ("catalogue.toml", "[materials.paper]", SEAL.replace('"a"', '"b"') + "[materials.paper]", "catalogue.toml:seals.s.authority", "unknown-authority"),
    ("catalogue.toml", "[materials.paper]", SEAL.replace('"clerk"', "") + "[materials.paper]", "catalogue.toml:seals.s.roles", "seal-roles"),
    ("catalogue.toml", "[materials.paper]", SEAL + "valid_to = 2019-01-01\n[materials.paper]", "catalogue.toml:seals.s.valid_to", "ends-before-start"),
    ("catalogue.toml", "[materials.paper]", SEAL + SEAL.replace("seals.s", "seals.t") + "[materials.paper]", "catalogue.toml:seals", "repeated-key"),
    ("catalogue.toml", "[materials.paper]", SEAL + 'low_confidence = ["wat"]\n[materials.paper]', "catalogue.toml:seals.s.low_confidence", "unknown-mark"),
    ("catalogue.toml", 'version = "1"', 'version = "1"\norder = ["gone"]', "catalogue.toml:order", "unknown-item"),
    ("catalogue.toml", 'short = "甲"', "shrt = 1", "catalogue.toml:authorities.a.shrt", "unknown-key"),
    ("catalogue.toml", 'short = "甲"', 'short = "甲"\nlow_confidence = ["wat"]', "catalogue.toml:authorities.a.low_confidence", "unknown-mark"),
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
    marked = {doubt.where for doubt in low_confidence(catalogue)}
    for key, item in catalogue.items.items():
        assert f"items/{key}.toml:promised_days" in marked, item.name
    assert "items/sole-prop-setup.toml:materials.address-proof" in marked
    assert "catalogue.toml:authorities.market.court" in marked


def test_no_telephone_number_is_invented(catalogue: Catalogue) -> None:
    for authority in catalogue.authorities.values():
        assert {authority.enquiry_phone, authority.complaint_phone} <= {"12345", "12315"}


PIECES = (
    "[[materials]]", "[[items]]", 'key = "m"', "key = 3", "name = []", "[[fields]]", 'kind = "group"',
    "fields = [{}]", "[authorities]", "authorities = 1", 'use = "paper"', "use = {}", "[questions]",
    "[[branches]]", "items = {}", 'when = "answers"', 'when = "1/0 == 1"', "promised_days = " + "9" * 5000,
    "x = " + "[" * 3000, "\x00", '"""', "effective_from = 2026-13-01", "low_confidence = [[]]",
    'where = "form..."', "[a.b.c]", "legal_days = nan",
)  # fmt: skip


@settings(max_examples=60)
@given(
    file=st.sampled_from(sorted(FILES)),
    lines=st.lists(st.sampled_from(PIECES), max_size=4),
    keep=st.integers(0, 40),
    raw=st.binary(max_size=8),
)
def test_whatever_stands_in_a_file_it_is_a_fault_and_not_a_crash(
    file: str, lines: list[str], keep: int, raw: bytes
) -> None:
    text = "\n".join([*FILES[file].splitlines()[:keep], *lines]).encode() + raw
    files = encoded(FILES) | {file: text}
    faults = check(files)
    assert all(fault.where and fault.code.startswith("catalogue.") for fault in faults)
    if not faults:
        assert load(files).items.keys() <= {"x"}


def test_a_folder_is_read_without_links_and_within_limits(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text(ROOT, "utf-8")
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "x.toml").write_text(ITEM, "utf-8")
    (tmp_path / "items" / "notes.txt").write_text("x", "utf-8")
    (tmp_path / "items" / "link.toml").symlink_to(tmp_path / "items" / "x.toml")
    assert sorted(read_dir(tmp_path)) == ["catalogue.toml", "items/x.toml"]
    (tmp_path / "items" / "big.toml").write_bytes(b"#" * (SIZE_LIMIT + 1))
    with pytest.raises(Refused, match=r"catalogue\.file-too-large") as refused:
        read_dir(tmp_path)
    assert refused.value.where == "items/big.toml"


def test_too_many_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"items/x{n}.toml": b"" for n in range(FILES_LIMIT + 1)}
    assert [(f.where, f.code) for f in check(many)] == [("catalogue.toml", "catalogue.too-many-files")]
    monkeypatch.setattr("jinpu_desk.catalogue.load.FILES_LIMIT", 1)
    for name in ("catalogue.toml", "x.toml"):
        (tmp_path / name).write_text(ROOT, "utf-8")
    with pytest.raises(Refused, match=r"catalogue\.too-many-files") as refused:
        read_dir(tmp_path)
    assert refused.value.where == "x.toml"


def test_a_file_too_large_is_a_fault_however_it_came() -> None:
    files = encoded(FILES) | {"items/x.toml": b"#" * (SIZE_LIMIT + 1)}
    assert ("items/x.toml", "catalogue.file-too-large") in [(f.where, f.code) for f in check(files)]


@given(st.permutations(sorted(FILES)))
def test_the_digest_does_not_hang_on_file_order(order: list[str]) -> None:
    raw = encoded(FILES)
    assert digest_of({name: raw[name] for name in order}) == digest_of(raw)


def test_the_centre_publishes_under_the_same_digest(files: dict[str, bytes]) -> None:
    assert digest_of(files) == reference_digest(files) == load(files).digest


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
