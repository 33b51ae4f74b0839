"""集中登记场所 and 众创空间 at the counter: looked up, counted, and filled into the form (DOMAIN A-C7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.catalogue.model import Field

from ..desk import Desk
from ..ports import CaseQuery
from ..registers import Incubator, Place, Register, Registers
from ..rows import CaseRow
from ..screens.views import Chip, PlaceView

FOUND = 20
"""Most entries a search shows."""
SAME_ADDRESS = 5
"""Most cases at one address that are named."""
QUERY_LIMIT = 64
PLACE_FIELDS = ("cluster_place", "incubator")
"""Form fields that name an entry of a register; the store counts cases by them without a catalogue."""
_NOISE = re.compile(r"[\W_]+")


class PlaceLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a register as the form offers it. ``capacity`` 0 means no limit."""

    key: str
    name: str
    keeper: str  # 托管机构 or 运营单位
    address: str
    used: int = 0
    capacity: int = 0

    @property
    def full(self) -> bool:
        """Whether as many are registered here as the register allows."""
        return bool(self.capacity) and self.used >= self.capacity


def address_key(address: object) -> str:
    """Return an address as two of them are compared: without width, case, spaces and punctuation."""
    text = unicodedata.normalize("NFKC", address) if isinstance(address, str) else ""
    return _NOISE.sub("", text).casefold()


def place_of(form: Mapping[str, Any]) -> str:
    """Return the key of the register entry a form names, empty for none."""
    return next((key for name in PLACE_FIELDS if isinstance(key := form.get(name), str) and key), "")


def find(desk: Desk, register: str, text: str) -> tuple[PlaceLine, ...]:
    """Return the entries whose key, name, keeper or address holds ``text``, or whose name is spelled so; all of
    them, as published, for no text."""
    sought = address_key(text[:QUERY_LIMIT])
    hits = (entry for entry in _entries(desk.registers, register) if not sought or _fits(entry, sought))
    return tuple(_line(desk, entry) for entry, _ in zip(hits, range(FOUND), strict=False))


def found(desk: Desk, register: str, text: str) -> tuple[PlaceView, ...]:
    """Return what ``find`` finds, as the search under a field shows it."""
    return tuple(
        PlaceView(
            key=line.key,
            name=line.name,
            below=" · ".join(filter(None, (line.keeper, line.address))),
            use=_use(line),
            address=line.address,
        )
        for line in find(desk, register, text)
    )


def _use(line: PlaceLine) -> Chip:
    if not line.capacity:
        return Chip(f"已登记 {line.used} 户", "neutral")
    return Chip(f"已登记 {line.used} / {line.capacity} 户", "warn" if line.full else "good")


def line_of(desk: Desk, register: str, key: str) -> PlaceLine | None:
    """Return one entry, None when the register does not hold it."""
    entry = next((entry for entry in _entries(desk.registers, register) if entry.key == key), None)
    return None if entry is None else _line(desk, entry)


def unknown(registers: Registers, fields: tuple[Field, ...], form: Mapping[str, Any]) -> list[Complaint]:
    """Return one complaint for each register field that names an entry its register does not hold.

    What was never published cannot be looked up, and is taken at its word.
    """
    return [
        Complaint(where=f"form.{field.key}", code="intake.not-in-register", params={"label": field.label})
        for field, key in _named(fields, form)
        if (held := _entries(registers, field.register)) and all(entry.key != key for entry in held)
    ]


def full(desk: Desk, fields: tuple[Field, ...], form: Mapping[str, Any]) -> list[Complaint]:
    """Return one warning for each place named that holds as many as it may; it bars nothing."""
    found = []
    for field, key in _named(fields, form):
        line = line_of(desk, field.register, key)
        if line is not None and line.full:
            params: dict[str, object] = {"name": line.name, "used": line.used, "capacity": line.capacity}
            found.append(Complaint(where=f"form.{field.key}", code="intake.place-full", params=params))
    return found


def unnamed(desk: Desk, fields: tuple[Field, ...], form: Mapping[str, Any]) -> list[Complaint]:
    """Return a warning for each register field left open though its register is there to choose from."""
    named = {field.key for field, _ in _named(fields, form)}
    return [
        Complaint(where=f"form.{field.key}", code="intake.place-open", params={"label": field.label})
        for field in fields
        if field.kind == "register" and field.key not in named and _entries(desk.registers, field.register)
    ]


def same_address(desk: Desk, address: object) -> tuple[CaseRow, ...]:
    """Return the cases that stand at the same address, newest first: 一址多照 is told, never barred."""
    key = address_key(address)
    if not key:
        return ()
    return desk.store.page(CaseQuery(address=key, standing=True, top_only=True), limit=SAME_ADDRESS).rows


def _named(fields: tuple[Field, ...], form: Mapping[str, Any]) -> Iterator[tuple[Field, str]]:
    for field in fields:
        value = form.get(field.key)
        if field.kind == "register" and isinstance(value, str) and value:
            yield field, value


def _entries(registers: Registers, register: str) -> tuple[Place | Incubator, ...]:
    match register:
        case Register.CLUSTER_PLACES:
            return registers.places()
        case Register.INCUBATORS:
            return registers.incubators()
        case _:
            return ()


def _fits(entry: Place | Incubator, sought: str) -> bool:
    texts = (entry.key, entry.name, _keeper(entry), entry.address)
    if any(sought in address_key(text) for text in texts):
        return True
    return sought.isascii() and any(sought in spelled for spelled in _spelled(entry.name))


def _spelled(name: str) -> tuple[str, str]:
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a fifth of a second at start-up

    syllables = lazy_pinyin(name, style=Style.NORMAL)
    return "".join(syllables).casefold(), "".join(one[:1] for one in syllables).casefold()


def _keeper(entry: Place | Incubator) -> str:
    return entry.custodian if isinstance(entry, Place) else entry.operator


def _line(desk: Desk, entry: Place | Incubator) -> PlaceLine:
    used = desk.store.count(CaseQuery(place=entry.key, standing=True, top_only=True))
    return PlaceLine(
        key=entry.key,
        name=entry.name,
        keeper=_keeper(entry),
        address=entry.address,
        used=used,
        capacity=entry.capacity if isinstance(entry, Place) else 0,
    )
