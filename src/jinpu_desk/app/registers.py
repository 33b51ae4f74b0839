"""Published lists a counter looks things up in: 集中登记场所, 众创空间, 失信/严重违法名单 (DOMAIN A-C7, C6).

They are reference data, readable before the store is unlocked. The credit list therefore names nobody: it holds a
salted digest per identity, and whoever asks must already know the number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.names import normalise_code

KIND = "registers"
"""The kind of reference data they travel as; its files are ``<register>.json``."""
SIZE_LIMIT = 8 * 1024 * 1024
"""Largest published register in bytes."""


class Register(StrEnum):
    """The registers there are; each is the file of that name."""

    CLUSTER_PLACES = "cluster-places"  # 集中登记场所
    INCUBATORS = "incubators"  # 众创空间 / 孵化器
    CREDIT = "credit"  # 失信被执行人, 严重违法失信名单


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """集中登记场所: an address many enterprises may share, kept by a 托管机构. ``capacity`` 0 means no limit."""

    key: str
    name: str
    custodian: str  # 托管机构
    custodian_uscc: str
    address: str
    capacity: int = 0


class Incubator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """众创空间 or 孵化器, whose tenants register by 报备."""

    key: str
    name: str
    operator: str
    operator_uscc: str
    address: str
    level: str = ""  # 国家级, 省级, 市级


class CreditEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One listing of somebody whose word is not taken (容缺, 承诺), until it is repaired or runs out."""

    digest: Digest
    kind: str  # 失信被执行人, 严重违法失信 …
    reason: str
    since: date
    until: date | None = None  # the last day; None while nobody took it off
    source: str = ""

    def holds(self, today: date) -> bool:
        """Tell whether it counts today."""
        return self.since <= today and (self.until is None or today <= self.until)


class PlaceList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``cluster-places.json``."""

    source: str
    entries: tuple[Place, ...]


class IncubatorList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``incubators.json``."""

    source: str
    entries: tuple[Incubator, ...]


class CreditList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``credit.json``; ``salt`` is drawn anew for each version."""

    source: str
    salt: str
    entries: tuple[CreditEntry, ...]


def identity_digest(salt: str, identity_type: str, identity_no: str) -> Digest:
    """Return the digest under which the credit list holds an identity: SHA-256 over salt, type and number."""
    text = f"jinpu-credit-v1\n{salt}\n{identity_type}\n{normalise_code(identity_no)}"
    return Digest(hashlib.sha256(text.encode()).hexdigest())


class Registers:
    """What the centre published, to look things up in. Immutable; a sync that brings more makes a new one."""

    def __init__(
        self,
        *,
        places: PlaceList | None = None,
        incubators: IncubatorList | None = None,
        credit: CreditList | None = None,
        version: str = "",
    ) -> None:
        """Join the lists that are there; one that was never published is empty. ``version`` names the set."""
        self.version = version
        self._places = MappingProxyType({each.key: each for each in places.entries} if places else {})
        self._incubators = MappingProxyType(
            {each.key: each for each in incubators.entries} if incubators else {}
        )
        self._salt = credit.salt if credit else ""
        self._credit = MappingProxyType(_by_digest(credit) if credit else {})

    def places(self) -> tuple[Place, ...]:
        """Return every 集中登记场所, as published."""
        return tuple(self._places.values())

    def place(self, key: str) -> Place | None:
        """Return the 集中登记场所 of that key."""
        return self._places.get(key)

    def incubators(self) -> tuple[Incubator, ...]:
        """Return every 众创空间, as published."""
        return tuple(self._incubators.values())

    def incubator(self, key: str) -> Incubator | None:
        """Return the 众创空间 of that key."""
        return self._incubators.get(key)

    def bad_credit(self, identity_type: str, identity_no: str, today: date) -> CreditEntry | None:
        """Return the listing that counts today against this identity (``Applicant.identity``), the latest first."""
        if not self._credit or not identity_no:
            return None
        listed = self._credit.get(identity_digest(self._salt, identity_type, identity_no), ())
        return max((entry for entry in listed if entry.holds(today)), key=lambda e: e.since, default=None)


NO_REGISTERS = Registers()
"""Before the first contact with a centre that published some."""


def _by_digest(credit: CreditList) -> dict[Digest, tuple[CreditEntry, ...]]:
    found: dict[Digest, tuple[CreditEntry, ...]] = {}
    for entry in credit.entries:
        found[entry.digest] = (*found.get(entry.digest, ()), entry)
    return found


L = TypeVar("L", PlaceList, IncubatorList, CreditList)


def read_registers(files: Mapping[str, bytes], version: str = "") -> Registers:
    """Return the registers of published ``files``; a file of a later version that we do not know is left alone.

    Raises:
        Refused: ``register.broken`` naming the file.
    """
    return Registers(
        places=_read(files, Register.CLUSTER_PLACES, PlaceList),
        incubators=_read(files, Register.INCUBATORS, IncubatorList),
        credit=_read(files, Register.CREDIT, CreditList),
        version=version,
    )


def _read(files: Mapping[str, bytes], register: Register, kind: type[L]) -> L | None:
    name = f"{register}.json"
    raw = files.get(name)
    if raw is None:
        return None
    if len(raw) > SIZE_LIMIT:
        raise Refused("register.broken", name)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("register.broken", name) from error
