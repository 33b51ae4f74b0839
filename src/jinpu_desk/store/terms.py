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
from itertools import accumulate, islice, product

from jinpu_desk.app.rows import CaseRow
from jinpu_desk.domain.names import normalise_code, normalise_name

INITIALS = 6
"""Initials kept from each character on; longer typing is cut, which finds the same cases and a few more."""
READINGS = 8
"""Most spellings kept of a person's name whose characters have several readings (单, 曾, 重 …)."""
PERSON = 4
"""Longer names are shops and companies: of those, the first character that has one takes its second reading."""
NAME_LIMIT = 64
"""Characters of a name that are indexed."""
WORDS_LIMIT = 8
"""Words of typing that are looked at."""

SHORTEST = 2
"""Digits a number must show before it is looked for."""
WHOLE_BEGINNINGS = {"n": 20, "d": 12, "t": 6}
"""Lengths up to which every beginning of a number is a word; past them few numbers share a beginning."""

_LETTERS = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"(?=[0-9a-z]*[0-9])[0-9a-z]+")
_TYPED = re.compile(r"[\x21-\x7e\uff01-\uff5e]+|[^\x00-\x20\x21-\x7e\uff01-\uff5e\u3000]+")


def words_of(row: CaseRow) -> str:
    """Return the words of a case, for the full-text table."""
    words = _number_words("n", row.case_no)
    words += _number_words("d", row.identity_no)
    words += _number_words("d", row.phone)
    words += _name_words(row.applicant_name)
    words += _name_words(row.entity_name)
    return " ".join(words)  # one that comes twice costs the index less than it costs to look for it here


def searched(row: CaseRow) -> tuple[str, ...]:
    """Return the parts of a row that ``words_of`` reads: unchanged parts, unchanged words."""
    return (row.applicant_name, row.entity_name, row.case_no, row.identity_no, row.phone)


def match_expression(text: str) -> str | None:
    """Return what typing asks of the full-text table, every word of it; None when there is nothing to ask."""
    parts = [part for token in _TYPED.findall(text)[:WORDS_LIMIT] for part in _asked(token)]
    return " AND ".join(dict.fromkeys(parts)) or None


def _name_words(name: str) -> list[str]:
    """Return the words of a name; one entry may hold several, between blanks."""
    folded = _folded(name[:NAME_LIMIT])
    if not folded:
        return []
    pairs = list(map(_pair, folded, folded[1:]))
    words = [pair[0] for pair in pairs]
    words.append(_point(folded[-1]))
    found = list(map(_initials, folded))
    for index, (_, together) in enumerate(pairs):
        if together:
            _put_first(found, index, together)
    initials = [letters for letters in found if letters]
    return words + (_initial_words(initials) if len(initials) > PERSON else _spelled(initials))


def _put_first(found: list[str], index: int, together: str) -> None:
    """Let two neighbours be read first as the word they make calls for (银行, 重庆)."""
    for place, letter in enumerate(together, index):
        if found[place] and found[place][0] != letter:
            found[place] = letter + found[place].replace(letter, "")


def _spelled(initials: list[str]) -> list[str]:
    return [_every(tuple(initials[start : start + INITIALS])) for start in range(len(initials))]


def _initial_words(initials: list[str]) -> list[str]:
    """Return the words of a long name's initials, from each character on: as usual, and with one second reading."""
    usual = "".join([letters[0] for letters in initials])
    words = [_run(usual[start : start + INITIALS]) for start in range(len(usual))]
    free = 0
    for place, letters in enumerate(initials):
        if len(letters) > 1:
            # The runs that begin after the last such character and reach this one read it second.
            tail = letters[1] + usual[place + 1 :]
            for start in range(max(free, place + 1 - INITIALS), place + 1):
                words.append(_second(usual[start:place], tail[: start + INITIALS - place]))
            free = place + 1
    return words


def _folded(name: str) -> str:
    # ``normalise_name`` has nothing to do with letters alone, as nearly every name is.
    return (name if name.isalpha() else normalise_name(name)).lower()


def _number_words(kind: str, number: str) -> list[str]:
    # Letters and digits are what ``normalise_code`` leaves; to ask first is ten times as quick.
    code = (number if number.isascii() and number.isalnum() else normalise_code(number)).lower()
    if not _NUMBER.fullmatch(code):
        return []
    return _beginnings(kind, code) + _beginnings("t", code[::-1])


def _beginnings(kind: str, code: str) -> list[str]:
    longest = WHOLE_BEGINNINGS[kind]
    # Two to ``longest`` characters, and the whole.
    return [kind + code, *list(accumulate(code[:longest], initial=kind))[SHORTEST:]]


@lru_cache(maxsize=4_096)
def _every(initials: tuple[str, ...]) -> str:
    # ``product`` varies the last character first; the cap therefore drops rare readings of the early ones,
    # which the words that start further on still hold.
    runs = ["".join(letters) for letters in islice(product(*initials), READINGS)]
    return " ".join({word for run in runs for word in _grown("p", run)})


@lru_cache(maxsize=16_384)
def _run(letters: str) -> str:
    # Names of shops share their towns, their trades and their legal forms, and with them many of these runs.
    return " ".join(_grown("p", letters))


@lru_cache(maxsize=16_384)
def _second(before: str, tail: str) -> str:
    return " ".join(_grown(f"p{before}", tail))


def _grown(start: str, letters: str) -> list[str]:
    """Return ``start`` with one letter more, two, and so on to all of them."""
    return list(accumulate(letters, initial=start))[1:]


@lru_cache(maxsize=16_384)
def _pair(first: str, second: str) -> tuple[str, str]:
    """Return the words of a character and its neighbour, and their initials where they make a word of their own."""
    words = f"{_point(first)} b{ord(first):05x}{ord(second):05x}"
    several = len(_initials(first)) > 1 or len(_initials(second)) > 1
    return words, _together(first, second) if several else ""


def _point(character: str) -> str:
    return f"c{ord(character):05x}"


@lru_cache(maxsize=32_768)
def _initials(character: str) -> str:
    """Return the first letters of all readings of a character, commonest first; itself for a Latin letter."""
    if "a" <= character <= "z":
        return character
    if character < "\u2e80":
        return ""
    from pypinyin import (  # its dictionaries take a fifth of a second, which start-up has not got
        Style,
        pinyin,
    )

    readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    found = dict.fromkeys(r[0].lower() for r in (readings[0] if readings else ()) if r)
    return "".join(letter for letter in found if "a" <= letter <= "z")


def _together(first: str, second: str) -> str:
    """Return the initials of two characters as the word they make; empty when they make none or read as ever."""
    from pypinyin import lazy_pinyin
    from pypinyin.constants import PHRASES_DICT

    if first + second not in PHRASES_DICT:  # a hundredth of the time it takes to ask for its reading
        return ""
    alone = _initials(first)[:1] + _initials(second)[:1]
    spoken = lazy_pinyin(first + second, errors="ignore")
    letters = "".join(reading[:1] for reading in spoken).lower()
    return letters if len(spoken) == len(alone) == len(letters) == 2 and letters != alone else ""


def _asked(token: str) -> Iterator[str]:
    code = normalise_code(token).lower()
    if _NUMBER.fullmatch(code):
        if len(code) >= SHORTEST:
            kinds = (_beginning("n", code), _beginning("d", code), _beginning("t", code[::-1]))
            yield f"({' OR '.join(kinds)})"
    elif _LETTERS.fullmatch(code):
        yield f"p{code[:INITIALS]}"
    else:
        points = [f"{ord(character):05x}" for character in _folded(token[:NAME_LIMIT])]
        if len(points) == 1:
            yield "c" + points[0]
        # Every second pair and the last one hold every character; each further list costs time and tells little.
        for start in {*range(0, len(points) - 1, 2), len(points) - 2} if len(points) > 1 else ():
            yield f"b{points[start]}{points[start + 1]}"


def _beginning(kind: str, code: str) -> str:
    return f"{kind}{code}{'*' if len(code) > WHOLE_BEGINNINGS[kind] else ''}"
