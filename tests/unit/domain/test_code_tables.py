"""Code lists are data: every shipped one is readable, and a bad one is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from jinpu_desk.domain.code_tables import decode_code_table
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.errors import Refused

CODES = Path(__file__).parents[3] / "resources" / "codes"
TABLES = {
    path.stem: path
    for path in sorted(CODES.glob("*.toml"))
    if "values" in tomllib.loads(path.read_text("utf-8"))
}


@pytest.mark.parametrize("name", TABLES)
def test_every_shipped_list_is_readable(name: str) -> None:
    table = decode_code_table(TABLES[name].read_text("utf-8"))
    assert table.values
    assert table.source


def test_names_of_codes() -> None:
    table = decode_code_table(TABLES["id-types"].read_text("utf-8"))
    assert table.name("111") == "居民身份证"
    assert table.name("777") == "777"
    assert "553" in table
    assert "777" not in table
    assert table.confidence == "K-lo"


def test_only_some_powers_are_taken_in_at_a_window() -> None:
    table = decode_code_table(TABLES["item-types"].read_text("utf-8"))
    assert {value.code for value in table.values if value.by_application} == {
        "01",
        "05",
        "07",
        "08",
        "09",
        "10",
        "20",
    }


def test_pause_reasons_are_those_of_the_clock() -> None:
    table = decode_code_table(TABLES["pause-reasons"].read_text("utf-8"))
    assert {value.code: value.needs_basis for value in table.values} == {
        r.value: r.needs_basis for r in PauseReason
    }


HEAD = 'title = "t"\nsource = "s"\nconfidence = "K"\n'
VALUE = '[[values]]\ncode = "1"\nname = "一"\n'


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("title =", "code-table.bad-file"),
        (HEAD, "code-table.bad-file"),
        (HEAD.replace('"K"', '"sure"') + VALUE, "code-table.bad-file"),
        (HEAD + VALUE + 'colour = "red"\n', "code-table.bad-file"),
        (HEAD + VALUE + VALUE, "code-table.repeated"),
        (HEAD + VALUE.replace("一", ""), "code-table.repeated"),
    ],
)
def test_a_bad_list_is_refused(raw: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        decode_code_table(raw)
    assert refusal.value.code == code
