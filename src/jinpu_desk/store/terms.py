"""The words a case is found by, and the words a clerk's typing stands for.

Words are plain ASCII, so that no tokenizer has an opinion on rare characters: a letter for the kind, then

    c + 5 hex            one character of a name, in any plane
    b + 5 hex + 5 hex    two neighbouring characters
    p + letters          pinyin initials from some character on
    n + digits           a case number from its start
    d + digits           another number (identity, phone) from its start
    t + digits           any number from its end, backwards

Each beginning that a clerk may stop at is a word of its own. Asking the index for a prefix instead would merge
every word under it, and under 210213 that is all of them; a word's list is read newest first and left at the limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise, product

from pypinyin import Style, pinyin

from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.names import normalise_code, normalise_name

INITIALS = 6
"""Initials kept from each character on; longer typing is cut, which finds the same cases and a few more."""
READINGS = 8
"""Most spellings kept of one run of characters with several readings (单, 曾, 重 …)."""
NAME_LIMIT = 64
"""Characters of a name that are indexed."""
WORDS_LIMIT = 8
"""Words of typing that are looked at."""

SHORTEST = 2
"""Digits a number must show before it is looked for."""
WHOLE_BEGINNINGS = {"n": 20, "d": 12, "t": 6}
"""Lengths up to which every beginning of a number is a word; past them few numbers share a beginning."""

_LETTERS = re.compile(r"[A-Z]+")
_NUMBER = re.compile(r"(?=[0-9A-Z]*[0-9])[0-9A-Z]+")
_TYPED = re.compile(r"[\x21-\x7e\uff01-\uff5e]+|[^\x00-\x20\x21-\x7e\uff01-\uff5e\u3000]+")


def words_of(row: CaseRow) -> str:
    """Return the words of a case, for the full-text table."""
    words: set[str] = set()
    for name in {row.applicant_name, row.entity_name}:
        words.update(_name_words(name[:NAME_LIMIT]))
    words.update(_number_words("n", row.case_no))
    words.update(_number_words("d", row.identity_no))
    words.update(_number_words("d", row.phone))
    return " ".join(sorted(words))


def searched(row: CaseRow) -> tuple[str, ...]:
    """Return the parts of a row that ``words_of`` reads: unchanged parts, unchanged words."""
    return (row.applicant_name, row.entity_name, row.case_no, row.identity_no, row.phone)


def match_expression(text: str) -> str | None:
    """Return what typing asks of the full-text table, every word of it; None when there is nothing to ask."""
    parts = [part for token in _TYPED.findall(text)[:WORDS_LIMIT] for part in _asked(token)]
    return " AND ".join(dict.fromkeys(parts)) or None


def _name_words(name: str) -> Iterator[str]:
    folded = normalise_name(name).lower()
    for first in folded:
        yield _char(first)
    for first, second in pairwise(folded):
        yield _pair(first, second)
    initials = tuple(letters for letters in map(_initials, folded) if letters)
    for start in range(len(initials)):
        yield from _spellings(initials[start : start + INITIALS])


def _number_words(kind: str, number: str) -> Iterator[str]:
    code = normalise_code(number)
    if _NUMBER.fullmatch(code):
        yield from _beginnings(kind, code.lower())
        yield from _beginnings("t", code[::-1].lower())


def _beginnings(kind: str, code: str) -> Iterator[str]:
    for length in range(SHORTEST, min(len(code), WHOLE_BEGINNINGS[kind]) + 1):
        yield kind + code[:length]
    yield kind + code


def _spellings(initials: tuple[str, ...]) -> Iterator[str]:
    # ``product`` varies the last character first; the cap therefore drops rare readings of the early ones,
    # which the words that start further on still hold.
    for letters in islice(product(*initials), READINGS):
        run = "".join(letters)
        for length in range(1, len(run) + 1):
            yield "p" + run[:length]


def _char(character: str) -> str:
    return f"c{ord(character):05x}"


def _pair(first: str, second: str) -> str:
    return f"b{ord(first):05x}{ord(second):05x}"


@lru_cache(maxsize=32_768)
def _initials(character: str) -> str:
    """Return the first letters of all readings of a character, commonest first; itself for a Latin letter."""
    if "a" <= character <= "z":
        return character
    if character < "\u2e80":
        return ""
    readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    found = dict.fromkeys(r[0].lower() for r in (readings[0] if readings else ()) if r)
    return "".join(letter for letter in found if "a" <= letter <= "z")


def _asked(token: str) -> Iterator[str]:
    code = normalise_code(token)
    if _NUMBER.fullmatch(code):
        if len(code) >= SHORTEST:
            kinds = (_beginning("n", code), _beginning("d", code), _beginning("t", code[::-1]))
            yield f"({' OR '.join(kinds)})"
    elif _LETTERS.fullmatch(code):
        yield f"p{code.lower()[:INITIALS]}"
    else:
        folded = normalise_name(token).lower()[:NAME_LIMIT]
        if len(folded) == 1:
            yield _char(folded)
        for first, second in pairwise(folded):
            yield _pair(first, second)


def _beginning(kind: str, code: str) -> str:
    return f"{kind}{code.lower()}{'*' if len(code) > WHOLE_BEGINNINGS[kind] else ''}"
