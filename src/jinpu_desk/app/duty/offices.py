"""Where papers go and what a window counts at the end of a shift: data of the office (``resources/departments.toml``,
``resources/duty.toml``)."""

from __future__ import annotations

import tomllib
from typing import Literal

import msgspec

from jinpu_desk.domain.errors import Refused

WINDOW = "window"
"""What sends papers back to the window they came from, in place of a department's key."""


class Department(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A back office. ``authorities`` are the catalogue's; the first department of one is where its papers go."""

    key: str
    name: str
    short: str  # for lists
    authorities: tuple[str, ...] = ()


class StockItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something counted at a shift handover: a seal, or a kind of blank form."""

    key: str
    name: str
    sort: Literal["seal", "form"]


class PruningRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a station gives up what the centre keeps for good: calendar days after the end, and which stations do."""

    after_days: int = 180
    stations: tuple[str, ...] = ()


class Offices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The office around the window. ``uncollected_days`` are calendar days after the decision."""

    departments: tuple[Department, ...] = ()
    stock: tuple[StockItem, ...] = ()
    uncollected_days: int = 30
    pruning: PruningRule = PruningRule()

    def of(self, authority: str) -> Department | None:
        """Return the department that the papers of an authority go to first."""
        return next((d for d in self.departments if authority in d.authorities), None)

    def named(self, text: str) -> Department:
        """Return the department of a key, name or short name.

        Raises:
            Refused: ``passing.unknown-department``.
        """
        wanted = text.strip()
        for department in self.departments:
            if wanted in (department.key, department.name, department.short):
                return department
        raise Refused("passing.unknown-department", "to", department=wanted)

    def short(self, holder: str) -> str:
        """Return the short name of whoever holds papers; the name itself where it is no department."""
        return next((d.short for d in self.departments if d.name == holder), holder)


NO_OFFICES = Offices()


def decode_offices(departments: bytes, duty: bytes) -> Offices:
    """Read both files. Raises msgspec.ValidationError when one has another shape (a bug: they ship with us)."""
    raw = tomllib.loads(departments.decode()), tomllib.loads(duty.decode())
    return msgspec.convert({"departments": raw[0]["department"], **raw[1]}, Offices)
