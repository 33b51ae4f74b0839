"""Finds items as a clerk types: initials, pinyin, other names, codes or any part of the Chinese name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec
from pypinyin import Style, lazy_pinyin

from .model import Catalogue, Item, Package

QUERY_LIMIT = 64
"""Characters of a query that are looked at."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the item menu. ``allowed`` is false where a station may only print a 引导单."""

    key: str
    name: str
    package: bool
    allowed: bool
    rank: int  # smaller is better


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    package: bool
    stations: bool
    names: tuple[str, ...]
    initials: tuple[str, ...]
    spelled: tuple[str, ...]
    codes: tuple[str, ...]


class ItemIndex:
    """The item menu of one catalogue, spelled once. Items outside the hall's door are not in it."""

    def __init__(self, catalogue: Catalogue) -> None:
        items = (_entry(item) for item in catalogue.items.values() if item.entered)
        self._entries = (*items, *(_entry(package) for package in catalogue.packages.values()))

    def find(self, text: str, *, hall: bool = True, limit: int = 20) -> tuple[Hit, ...]:
        """Return the best ``limit`` hits for ``text``, best first; all items when it is empty.

        At a station (``hall`` false) what it may not take is still found, ranked after what it may, with
        ``allowed`` false (DOMAIN §0.4).
        """
        query = _folded(text[:QUERY_LIMIT])
        hits = [
            Hit(key=e.key, name=e.name, package=e.package, allowed=hall or e.stations, rank=rank)
            for e in self._entries
            if (rank := _rank(e, query)) is not None
        ]
        hits.sort(key=lambda hit: (not hit.allowed, hit.rank, len(hit.name), hit.key))
        return tuple(hits[:limit])


def find_items(catalogue: Catalogue, text: str, *, hall: bool = True, limit: int = 20) -> tuple[Hit, ...]:
    """Return the hits of one query; keep an ``ItemIndex`` where several follow."""
    return ItemIndex(catalogue).find(text, hall=hall, limit=limit)


def _entry(source: Item | Package) -> _Entry:
    names = tuple(dict.fromkeys(filter(None, (source.name, source.short_name, *source.aliases))))
    package = isinstance(source, Package)
    codes: Iterable[str | None] = (
        (source.key,)
        if isinstance(source, Package)
        else (source.key, source.basic_code, source.business_code, source.implementation_code)
    )
    return _Entry(
        key=source.key,
        name=source.name,
        package=package,
        stations=isinstance(source, Item) and source.stations,
        names=tuple(_folded(name) for name in names),
        initials=tuple(_spell(name, Style.FIRST_LETTER) for name in names),
        spelled=tuple(_spell(name, Style.NORMAL) for name in names),
        codes=tuple(code.casefold() for code in codes if code),
    )


def _rank(entry: _Entry, query: str) -> int | None:
    """Return how well ``query`` fits: 0 the whole name, then beginnings, then parts; None when it does not."""
    if not query:
        return 0
    groups = (entry.names, entry.initials, entry.spelled, entry.codes)
    ranks = [
        _closeness(candidate, query) * len(groups) + place
        for place, group in enumerate(groups)
        for candidate in group
        if query in candidate
    ]
    return min(ranks, default=None)


def _closeness(candidate: str, query: str) -> int:
    if candidate == query:
        return 0
    return 1 if candidate.startswith(query) else 2


def _spell(name: str, style: Style) -> str:
    return "".join(char for char in "".join(lazy_pinyin(name, style=style)).casefold() if char.isalnum())


def _folded(text: str) -> str:
    """Return the text without width differences, case and white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
