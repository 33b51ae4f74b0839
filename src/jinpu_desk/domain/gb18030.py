"""GB 18030-2022 where the common codec is older than the standard, and private-use characters of old readers.

Python's ``gb18030`` codec follows an edition before 2022: FE59 gives U+E81E where the standard now says U+9FB4 龴
(DOMAIN F7). The differences are data (``resources/codes/gb18030-private-use.toml``), read by the caller.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Literal

import msgspec

from jinpu_desk.domain.errors import Refused


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    gb18030: str
    private: str
    standard: str
    edition: Literal["2000", "2005", "2022"]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    source: str
    characters: tuple[_Row, ...]


class PrivateUseTable(msgspec.Struct, frozen=True):
    """Private-use characters of older editions and what they are called now."""

    standard: Mapping[str, str]  # private-use character -> standard character, all editions
    two_byte: Mapping[str, str]  # the part of ``standard`` that the codec's two-byte codes get wrong


def decode_private_use(raw: str) -> PrivateUseTable:
    """Return the table of a ``gb18030-private-use.toml``, or refuse it (``gb18030.table``)."""
    try:
        rows = msgspec.convert(tomllib.loads(raw), _File).characters
        pairs = [(_character(row.private), _character(row.standard)) for row in rows]
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise Refused("gb18030.table", reason=str(error)) from error
    standard = dict(pairs)
    if not len(pairs) == len(standard) == len(set(standard.values())):
        raise Refused("gb18030.table", reason="a character is mapped twice")
    wrong = {private: name for row, (private, name) in zip(rows, pairs, strict=True) if _is_wrong(row, name)}
    return PrivateUseTable(standard, wrong)


def _character(notation: str) -> str:
    if not re.fullmatch(r"U\+[0-9A-F]{4,6}", notation):
        raise ValueError(f"not a code point: {notation}")
    return chr(int(notation[2:], 16))


def _is_wrong(row: _Row, name: str) -> bool:
    """True when the standard's two bytes mean a character the codec spells otherwise.

    The six characters of Extension B have four-byte codes of their own, which the codec knows; their two-byte
    codes stay private in every edition and are only suggested.
    """
    return row.edition != "2000" and ord(name) <= 0xFFFF


def suggest_standard(text: str, table: PrivateUseTable) -> str:
    """Return ``text`` with every known private-use character named; a person confirms it before it is stored."""
    return "".join(table.standard.get(character, character) for character in text)


def encode_gb18030(text: str, table: PrivateUseTable) -> bytes:
    """Return ``text`` in GB 18030-2022, for printers and departmental files.

    Private-use characters whose two bytes the standard took away go out as the standard character. Raises
    Refused ``name.broken-character`` for a lone surrogate.
    """
    outward = {ord(standard): private for private, standard in table.two_byte.items()}
    try:
        return text.translate(outward).encode("gb18030")
    except UnicodeEncodeError as error:
        raise Refused("name.broken-character", index=error.start) from error


def decode_gb18030(raw: bytes, table: PrivateUseTable) -> str:
    """Return text of a GB 18030 file of any edition, with the characters the 2022 edition names.

    Raises Refused ``gb18030.bytes`` with the offset of the first byte that is not GB 18030.
    """
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Refused("gb18030.bytes", offset=error.start) from error
    return text.translate({ord(private): standard for private, standard in table.two_byte.items()})
