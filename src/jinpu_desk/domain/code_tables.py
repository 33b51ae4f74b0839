"""Lists of codes and their Chinese names, kept as data because the standards behind them change (DOMAIN B2-B4)."""

from __future__ import annotations

import tomllib
from typing import Literal

import msgspec

from jinpu_desk.domain.errors import Refused


class CodeValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One value of a list."""

    code: str
    name: str
    note: str = ""
    applies: Literal["any", "person", "organisation"] = "any"
    by_application: bool = True  # 依申请: may be taken in at a window (item types)
    needs_basis: bool = False  # the clerk must name the article (pause reasons)


class CodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of codes; ``confidence`` is ``K-lo`` where the values still want confirmation by the office."""

    title: str
    source: str
    confidence: Literal["verified", "K", "K-lo", "G"]
    values: tuple[CodeValue, ...]

    def name(self, code: str) -> str:
        """Return the Chinese name of ``code``, or the code itself when the list does not know it."""
        return next((value.name for value in self.values if value.code == code), code)

    def __contains__(self, code: str) -> bool:
        return any(value.code == code for value in self.values)


def decode_code_table(raw: str) -> CodeTable:
    """Return the list read from TOML, or refuse it: ``code-table.bad-file`` or ``code-table.repeated``."""
    try:
        table = msgspec.convert(tomllib.loads(raw), CodeTable)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("code-table.bad-file", reason=str(error)) from error
    seen: set[str] = set()
    for value in table.values:
        if not value.code or not value.name or value.code in seen:
            raise Refused("code-table.repeated", f"values.{value.code}", code_value=value.code)
        seen.add(value.code)
    return table
