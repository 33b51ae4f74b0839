"""Reads a register as an office keeps it (CSV or JSON) and publishes it as desks read it (``app.registers``)."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec
from sqlalchemy.engine import Engine

from jinpu_desk.app.registers import (
    KIND,
    SIZE_LIMIT,
    CreditEntry,
    CreditList,
    Incubator,
    IncubatorList,
    Place,
    PlaceList,
    Register,
    identity_digest,
)
from jinpu_desk.domain.codes import CodeCheck, check_resident_id, check_uscc
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest

from . import library

R = TypeVar("R", bound=msgspec.Struct)
ROWS_LIMIT = 50_000
_CHECK_DIGIT = frozenset({"code.resident-id.check-digit", "code.uscc.check-digit"})
"""Genuine codes that fail exist (DOMAIN §0.8); a list may hold them."""
_RESIDENT = frozenset({"111", "112", "113"})
_PLACE = re.compile(r"field `(?P<field>[^`]*)`|`\$\.(?P<path>[^`]*)`")


class CreditRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A listing as the office that keeps the list names it, number in clear; it is not published like this."""

    id_type: str
    id_no: str
    kind: str
    reason: str
    since: date
    until: date | None = None
    source: str = ""


class Row(msgspec.Struct, frozen=True):
    """A row of the file: where a person finds it, and its values by column."""

    where: str
    values: dict[str, Any]


def publish(
    engine: Engine, name: str, raw: bytes, now: int, *, source: str, today: date
) -> tuple[Digest, bool, int]:
    """Publish a register in place of its former version; return the set's digest, whether it is new, and the entries.

    Raises:
        Refused: ``register.unknown``, and as ``published`` does.
    """
    if name not in set(Register):
        raise Refused("register.unknown", "NAME", value=name, known="、".join(Register))
    data, count = published(Register(name), raw, source=source, today=today)
    whole = library.current_files(engine, KIND) | {f"{name}.json": data}
    digest, new = library.publish(engine, KIND, whole, now)
    return digest, new, count


def published(register: Register, raw: bytes, *, source: str, today: date) -> tuple[bytes, int]:
    """Return the file desks read, made of an office's CSV or JSON, and how many entries it has.

    CSV has a heading line with the columns' names, in UTF-8 or GB 18030. JSON is a list of objects, or one object
    with ``source`` and ``entries``. ``source`` says where the list comes from, unless the file does.

    Raises:
        Refused: ``register.too-large``, ``register.too-many``, ``register.unreadable`` with the line, and
            ``register.fault`` or ``register.repeated`` with line and column of the first fault and the count of all.
    """
    if len(raw) > SIZE_LIMIT:
        raise Refused("register.too-large", "FILE", limit=SIZE_LIMIT // 1024 // 1024)
    named, rows = _rows(raw)
    if len(rows) > ROWS_LIMIT:
        raise Refused("register.too-many", "FILE", limit=ROWS_LIMIT)
    whence = named or source
    made: msgspec.Struct
    match register:
        case Register.CLUSTER_PLACES:
            made = PlaceList(source=whence, entries=_keyed(rows, Place, _place_fault))
        case Register.INCUBATORS:
            made = IncubatorList(source=whence, entries=_keyed(rows, Incubator, _incubator_fault))
        case Register.CREDIT:
            made = _credit(whence, _read(rows, CreditRow, lambda row: _listing_fault(row, today)))
    return msgspec.json.encode(made), len(rows)


def _rows(raw: bytes) -> tuple[str, list[Row]]:
    text = _text(raw)
    if text.lstrip()[:1] in {"{", "["}:
        return _json_rows(text)
    return "", _csv_rows(text)


def _text(raw: bytes) -> str:
    """Read UTF-8, or what a Chinese spreadsheet saves."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Refused("register.unreadable", "FILE", line=raw[: error.start].count(b"\n") + 1) from error


def _json_rows(text: str) -> tuple[str, list[Row]]:
    try:
        tree = json.loads(text)
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        raise Refused("register.unreadable", "FILE", line=getattr(error, "lineno", 1)) from error
    source, entries = (tree.get("source", ""), tree.get("entries")) if isinstance(tree, dict) else ("", tree)
    if not isinstance(entries, list) or not isinstance(source, str):
        raise Refused("register.unreadable", "FILE", line=1)
    if not all(isinstance(entry, dict) for entry in entries):
        raise Refused("register.unreadable", "FILE", line=1)
    return source, [Row(f"第 {index} 条", entry) for index, entry in enumerate(entries, 1)]


def _csv_rows(text: str) -> list[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for values in reader:
            if None in values or None in values.values():  # more or fewer cells than the heading has
                raise Refused("register.unreadable", "FILE", line=reader.line_num)
            filled = {name.strip(): value.strip() for name, value in values.items() if value.strip()}
            if filled:
                rows.append(Row(f"第 {reader.line_num} 行", filled))
    except csv.Error as error:
        raise Refused("register.unreadable", "FILE", line=reader.line_num) from error
    return rows


def _read(rows: Sequence[Row], kind: type[R], fault: Callable[[R], str]) -> tuple[R, ...]:
    """Return the rows as ``kind``; ``fault`` names the column whose value is no good, empty for none."""
    read, faults = [], []
    for row in rows:
        try:
            entry = msgspec.convert(row.values, kind, strict=False)
        except msgspec.ValidationError as error:
            faults.append(f"{row.where} {_column(str(error))}".strip())
            continue
        if column := fault(entry):
            faults.append(f"{row.where} {column}")
        read.append(entry)
    if faults:
        raise Refused("register.fault", faults[0], count=len(faults))
    return tuple(read)


def _column(problem: str) -> str:
    found = _PLACE.search(problem)
    return (found["field"] or found["path"] or "") if found else ""


K = TypeVar("K", Place, Incubator)


def _keyed(rows: Sequence[Row], kind: type[K], fault: Callable[[K], str]) -> tuple[K, ...]:
    entries = _read(rows, kind, fault)
    seen: set[str] = set()
    for row, entry in zip(rows, entries, strict=True):
        if entry.key in seen:
            raise Refused("register.repeated", f"{row.where} key", key=entry.key)
        seen.add(entry.key)
    return entries


def _place_fault(place: Place) -> str:
    blank = _blank(place, ("key", "name", "custodian", "address"))
    if blank:
        return blank
    if not _sound(check_uscc(place.custodian_uscc)):
        return "custodian_uscc"
    return "" if place.capacity >= 0 else "capacity"


def _incubator_fault(incubator: Incubator) -> str:
    blank = _blank(incubator, ("key", "name", "operator", "address"))
    return blank or ("" if _sound(check_uscc(incubator.operator_uscc)) else "operator_uscc")


def _listing_fault(row: CreditRow, today: date) -> str:
    blank = _blank(row, ("id_type", "id_no", "kind", "reason"))
    if blank:
        return blank
    if row.until is not None and row.until < row.since:
        return "until"
    if row.id_type == "001":
        return "" if _sound(check_uscc(row.id_no)) else "id_no"
    if row.id_type in _RESIDENT:
        return "" if _sound(check_resident_id(row.id_no, today)) else "id_no"
    return ""


def _blank(entry: msgspec.Struct, columns: Iterable[str]) -> str:
    return next((column for column in columns if not getattr(entry, column).strip()), "")


def _sound(check: CodeCheck) -> bool:
    return check.ok or check.warning in _CHECK_DIGIT


def _credit(source: str, rows: Iterable[CreditRow]) -> CreditList:
    salt = secrets.token_hex(16)
    entries = tuple(
        CreditEntry(
            digest=identity_digest(salt, row.id_type, row.id_no),
            kind=row.kind,
            reason=row.reason,
            since=row.since,
            until=row.until,
            source=row.source,
        )
        for row in rows
    )
    return CreditList(source=source, salt=salt, entries=entries)
