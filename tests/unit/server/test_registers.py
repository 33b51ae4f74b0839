"""Registers on their way from an office's file to a desk that looks something up."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.registers import Register, Registers, read_registers
from jinpu_desk.domain.errors import Refused
from jinpu_desk.server import library, registers
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.registers import published
from samples.centres import RESOURCES

TODAY = date(2026, 9, 18)
USCC = "91210213MAD0010119"
PLACES = "key,name,custodian,custodian_uscc,address,capacity\r\n"
CREDIT = "id_type,id_no,kind,reason,since,until,source\r\n"
PERSON = "210213199003070016"


def read(register: Register, text: str, encoding: str = "utf-8") -> Registers:
    data, _count = published(register, text.encode(encoding), source="演示", today=TODAY)
    return read_registers({f"{register}.json": data}, "1")


def test_the_demo_registers_hold_the_reports_figure() -> None:
    files = {}
    for path in sorted((RESOURCES / "registers").glob("*.json")):
        register = Register(path.stem)
        files[path.name] = published(register, path.read_bytes(), source="", today=TODAY)[0]
    found = read_registers(files)
    assert len(found.incubators()) == 31
    assert {place.capacity for place in found.places()} >= {80, 500}
    assert "演示" in json.loads(files["incubators.json"])["source"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheets_csv_is_read_as_it_was_saved(encoding: str) -> None:
    text = (
        PLACES + f"a,演示场所䶮,演示托管,{USCC},演示路1号,20\r\n\r\nb,另一场所,演示托管,{USCC},演示路2号,\r\n"
    )
    found = read(Register.CLUSTER_PLACES, text, encoding)
    assert [(p.key, p.name, p.capacity) for p in found.places()] == [
        ("a", "演示场所䶮", 20),
        ("b", "另一场所", 0),
    ]
    assert found.place("b") == found.places()[1]
    assert found.place("c") is None


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (f"a,演示,演示,{USCC},演示路,x", "第 3 行 capacity"),
        (f"a,演示,演示,{USCC},演示路,-1", "第 3 行 capacity"),
        ("a,演示,演示,123,演示路,1", "第 3 行 custodian_uscc"),
        (f",演示,演示,{USCC},演示路,1", "第 3 行 key"),
        (f"a,演示,演示,{USCC},,1", "第 3 行 address"),
    ],
)
def test_a_fault_is_named_by_line_and_column(row: str, where: str) -> None:
    text = PLACES + f"ok,演示,演示,{USCC},演示路,1\r\n" + f"{row}\r\n" + "b,,,,,\r\n"
    with pytest.raises(Refused, match=r"register\.fault") as refused:
        read(Register.CLUSTER_PLACES, text)
    assert (refused.value.where, refused.value.params["count"]) == (where, 2)


def test_rows_of_another_width_repeated_keys_and_strange_columns_are_refused() -> None:
    whole = f"a,演示,演示,{USCC},演示路,1\r\n"
    for text, code in [
        (PLACES + "a,b\r\n", "register.unreadable"),
        (PLACES + whole.strip() + ",9\r\n", "register.unreadable"),
        (PLACES + whole * 2, "register.repeated"),
        (PLACES.replace("capacity", "colour") + whole, "register.fault"),
        ("[1]", "register.unreadable"),
        ("{", "register.unreadable"),
    ]:
        with pytest.raises(Refused, match=code.replace(".", r"\.")):
            read(Register.CLUSTER_PLACES, text)


def test_the_credit_list_names_nobody_and_is_found_by_who_knows_the_number() -> None:
    text = CREDIT + f"111,{PERSON},失信被执行人,演示,2026-01-01,2026-12-31,演示名单\r\n"
    data, _count = published(Register.CREDIT, text.encode(), source="", today=TODAY)
    assert PERSON.encode() not in data
    again, _count = published(Register.CREDIT, text.encode(), source="", today=TODAY)
    assert again != data  # another salt
    found = read_registers({"credit.json": data})
    entry = found.bad_credit("111", "2102131990 0307 0016", TODAY)
    assert entry is not None
    assert (entry.kind, entry.since) == ("失信被执行人", date(2026, 1, 1))
    assert found.bad_credit("112", PERSON, TODAY) is None
    assert found.bad_credit("111", "", TODAY) is None


@given(
    since=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    days=st.none() | st.integers(0, 500),
    asked=st.dates(date(2024, 6, 1), date(2028, 6, 1)),
)
def test_a_listing_counts_from_its_first_to_its_last_day(since: date, days: int | None, asked: date) -> None:
    until = None if days is None else date.fromordinal(since.toordinal() + days)
    text = CREDIT + f"001,{USCC},严重违法失信,演示,{since},{until or ''},\r\n"
    found = read(Register.CREDIT, text).bad_credit("001", USCC, asked)
    assert (found is not None) == (since <= asked and (until is None or asked <= until))


def test_each_register_is_published_beside_the_others(centre: Centre, tmp_path: Path) -> None:
    def publish(name: str, text: str) -> bool:
        return registers.publish(
            centre.engine, name, text.encode(), centre.now(), source="演示", today=TODAY
        )[1]

    row = f"a,演示,演示,{USCC},演示路,1\r\n"
    assert publish("cluster-places", PLACES + row)
    assert publish("incubators", "key,name,operator,operator_uscc,address\r\n" + row.replace(",1\r", "\r"))
    assert not publish("cluster-places", PLACES + row)
    held = library.current_files(centre.engine, "registers")
    assert set(held) == {"cluster-places.json", "incubators.json"}
    assert read_registers(held).incubator("a") is not None
    assert "registers" in library.index(centre.engine, centre.key, True).digests


def test_a_broken_file_on_the_shelf_is_named() -> None:
    with pytest.raises(Refused, match=r"register\.broken") as refused:
        read_registers({"credit.json": b"{"})
    assert refused.value.where == "credit.json"
