"""Finds items as a clerk types: initials, pinyin, other names, codes or any part of the Chinese name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date

import msgspec
from msgspec.structs import replace

from .in_force import in_force
from .model import Catalogue, Item, Package

QUERY_LIMIT = 64
"""Characters of a query that are looked at."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the item menu. ``allowed`` is false where a station may only print a 引导单."""

    key: str
    package: bool
    name: str
    allowed: bool = True


class _Name(msgspec.Struct, frozen=True):
    syllables: tuple[str, ...]
    initials: str


class _Entry(msgspec.Struct, frozen=True):
    source: Item | Package
    hit: Hit  # as at a station
    groups: tuple[tuple[str, ...], ...]  # names, initials, pinyin, codes: what a query is held against
    everything: str  # all of it in one text
    names: tuple[_Name, ...]
    starts: frozenset[str]  # first two letters of whatever ``names`` may be abbreviated to


class ItemIndex:
    """The item menu of one catalogue, spelled once.

    Items outside the hall's door are not in it (DOMAIN C13), nor are the branches that only packages use.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        items = (_entry(item) for item in catalogue.items.values() if item.entered and item.role != "branch")
        self._entries = (*items, *(_entry(package) for package in catalogue.packages.values()))

    def find(
        self, text: str, limit: int = 20, *, hall: bool = True, day: date | None = None
    ) -> tuple[Hit, ...]:
        """Return the best ``limit`` hits, best first; equal ones, and all of them for no text, in catalogue order.

        Width, case and spaces do not matter. A whole name comes before its beginning, a beginning before a part,
        Chinese before initials, initials before pinyin, and what was only abbreviated syllable by syllable
        (``geti gsh``) last. At a station (``hall`` false) what it may not take follows what it may, with
        ``allowed`` false (DOMAIN §0.4). With a ``day``, only what is in force on it.
        """
        query = _folded(text[:QUERY_LIMIT])
        ranked = sorted(
            (not (hall or entry.hit.allowed), rank, n)
            for n, entry in enumerate(self._entries)
            if (day is None or in_force(entry.source, day)) and (rank := _rank(entry, query)) is not None
        )
        hits = (self._entries[n].hit for _, _, n in ranked[: max(limit, 0)])
        return tuple(replace(hit, allowed=True) if hall else hit for hit in hits)


def _entry(source: Item | Package) -> _Entry:
    names = [_folded(name) for name in filter(None, (source.name, source.short_name, *source.aliases))]
    spelled = [_name(name) for name in names]
    codes = [source.key]
    if isinstance(source, Item):
        codes += filter(None, (source.basic_code, source.business_code, source.implementation_code))
    groups = (
        tuple(names),
        tuple(name.initials for name in spelled),
        tuple("".join(name.syllables) for name in spelled),
        tuple(_folded(code) for code in codes),
    )
    station = isinstance(source, Item) and source.stations
    return _Entry(
        source=source,
        hit=Hit(key=source.key, package=isinstance(source, Package), name=source.name, allowed=station),
        groups=groups,
        everything="\n".join(text for group in groups for text in group),
        names=tuple(spelled),
        starts=frozenset(start for name in spelled for start in _starts(name)),
    )


def _name(name: str) -> _Name:
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a fifth of a second at start-up

    spelled = lazy_pinyin(name, style=Style.NORMAL)
    syllables = tuple(filter(None, ("".join(filter(str.isalnum, one)) for one in spelled)))
    return _Name(syllables, "".join(one[0] for one in syllables))


def _starts(name: _Name) -> set[str]:
    following = (*name.initials[1:], "")
    return {one[0] + two for one, two in zip(name.syllables, following, strict=True)} | {
        one[:2] for one in name.syllables
    }


_FITS: tuple[Callable[[str, str], bool], ...] = (str.__eq__, str.startswith, str.__contains__)


def _rank(entry: _Entry, query: str) -> int | None:
    """Return how well ``query`` fits, less being better; None when it does not."""
    if query in entry.everything:
        for level, fits in enumerate(_FITS):
            for place, group in enumerate(entry.groups):
                if any(fits(candidate, query) for candidate in group):
                    return level * len(entry.groups) + place
    if query[:2] in entry.starts and any(_abbreviated(name, query) for name in entry.names):
        return len(_FITS) * len(entry.groups)
    return None


def _abbreviated(name: _Name, query: str) -> bool:
    """Tell whether ``query`` runs through following syllables, taking a beginning of each."""
    start = name.initials.find(query[0])
    while start >= 0:
        ends = {0}  # how much of the query the syllables so far may have taken
        for syllable in name.syllables[start:]:
            ends = {end + n for end in ends for n in range(1, _common(syllable, query[end:]) + 1)}
            if len(query) in ends:
                return True
            if not ends:
                break
        start = name.initials.find(query[0], start + 1)
    return False


def _common(one: str, two: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two))
    )


def _folded(text: str) -> str:
    """Return the text without width differences, case and white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
