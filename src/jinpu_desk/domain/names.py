"""People's names and typed codes, character by character, in every plane of GB 18030-2022 (DOMAIN F7).

Names are *not* brought to a Unicode normal form. NFC replaces CJK compatibility ideographs (U+F900-FAFF,
U+2F800-2FA1F) by other characters, and a name in the register is those very code points; so only spaces,
invisible characters and the middle dot are made uniform.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

import msgspec

MIDDLE_DOT = "\N{MIDDLE DOT}"
_DOTS = "\u2022\u30fb\uff0e\u2027\u2219\u22c5\uff65\u0387"
_TO_DOT = {ord(dot): MIDDLE_DOT for dot in _DOTS}

_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
_VARIANT = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_INNER_SPACE = re.compile(rf"(?<=[{_CJK}{_VARIANT}]) +(?=[{_CJK}])")
_BESIDE_DOT = re.compile(rf" *{MIDDLE_DOT} *")
_ASCII_DOT = re.compile(rf"(?<=[{_CJK}{_VARIANT}])\.(?=[{_CJK}])")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_JOINER = "\u200d"

_CODE_NOISE = re.compile(r"[\s\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff]")


def normalise_name(text: str) -> str:
    """Return a name as it is stored and compared; doing it twice changes nothing.

    Trims, drops invisible marks, keeps one space between Latin words and none between Chinese characters, and
    turns every middle dot in use (• ・ ． ‧ …, and a full stop between Chinese characters) into U+00B7.
    """
    text = _INVISIBLE.sub("", _CONTROL.sub(" ", text))
    text = _SPACES.sub(" ", text).strip().translate(_TO_DOT)
    text = _ASCII_DOT.sub(MIDDLE_DOT, text)
    text = _BESIDE_DOT.sub(MIDDLE_DOT, text)
    return _INNER_SPACE.sub("", text)


def normalise_code(text: str) -> str:
    """Return a typed or scanned code in half-width capitals without spaces, hyphens or invisible marks."""
    half = "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in text)
    return _CODE_NOISE.sub("", half).upper()


class NameWarning(msgspec.Struct, frozen=True):
    """Something in a name that a clerk should look at: message code, position and character."""

    code: str
    index: int
    character: str
    suggestion: str = ""


def name_warnings(text: str, private: Mapping[str, str] | None = None) -> tuple[NameWarning, ...]:
    """Return what is doubtful in a name: private-use characters from old readers, lone surrogates.

    ``private`` maps private-use characters to standard ones (``gb18030.PrivateUseTable.standard``); a mapped one
    comes with its suggestion. Codes: ``name.private-use``, ``name.broken-character``.
    """
    table = private or {}
    found = []
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if category == "Co":
            found.append(NameWarning("name.private-use", index, character, table.get(character, "")))
        elif category == "Cs" or character == "\ufffd":
            found.append(NameWarning("name.broken-character", index, character))
    return tuple(found)


def graphemes(text: str) -> Iterator[str]:
    """Yield what a reader takes for one character: a base with its marks, selectors and joined parts."""
    cluster = ""
    for character in text:
        joins = unicodedata.category(character) in ("Mn", "Me", "Mc") or character == _JOINER
        if cluster and (joins or cluster.endswith(_JOINER)):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def truncate(text: str, limit: int, ellipsis: str = "") -> str:
    """Return at most ``limit`` graphemes of ``text``, the last of them ``ellipsis`` when something was cut."""
    clusters = list(graphemes(text))
    if len(clusters) <= limit:
        return text
    return "".join(clusters[: max(limit - len(list(graphemes(ellipsis))), 0)]) + ellipsis


def truncate_utf16(text: str, units: int) -> str:
    """Return the longest run of whole graphemes within ``units`` UTF-16 code units, as Qt counts length."""
    kept, used = "", 0
    for cluster in graphemes(text):
        used += sum(2 if ord(character) > 0xFFFF else 1 for character in cluster)
        if used > units:
            break
        kept += cluster
    return kept


def display_width(text: str) -> int:
    """Return the columns ``text`` takes on a Chinese fixed-pitch printer: Chinese 2, Latin 1, marks 0.

    Ambiguous characters (·, “, …) count 2: they are two-byte in GB 18030 and such printers draw them full width.
    """
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if 0x20000 <= ord(character) <= 0x3FFFF:
        return 2  # ideographs only; Python's versions disagree about those newer than their character data
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1
