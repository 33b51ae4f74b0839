"""What a new catalogue changes: items, packages, authorities and seals, down to the key (DOMAIN U8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from .data import Data
from .model import Authority, Catalogue, Item, Package, Seal

TERM_KEYS = frozenset(
    {
        "legal_days",
        "promised_days",
        "extension_days",
        "correction_days",
        "project_type",
        "term_variants",
        "cap_days",
    }
)
"""Keys that move a deadline or say who may decide at once."""


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """Which catalogue it is."""

    version: str
    effective_from: date
    digest: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came or went: its key and its name."""

    key: str
    name: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One key that is not what it was. What came has ``old`` None, what went ``new`` None.

    ``where`` is a path with rows by their own keys (``materials.layout.tolerable``); a row that came or went is told
    by its name.
    """

    where: str
    old: Any
    new: Any


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in one item, package, authority or seal; the other fields tell parts of ``changes`` again."""

    key: str
    name: str
    changes: tuple[Change, ...]
    materials_added: tuple[Entry, ...] = ()
    materials_removed: tuple[Entry, ...] = ()
    terms: tuple[Change, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What came, went and changed, in catalogue order."""

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    changed: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to tell."""
        return bool(self.added or self.removed or self.changed)


class CatalogueDiff(msgspec.Struct, frozen=True, kw_only=True):
    """The difference list of two catalogues."""

    old: Edition
    new: Edition
    items: Part
    packages: Part
    authorities: Part
    seals: Part

    def __bool__(self) -> bool:
        """Tell whether the catalogues say different things."""
        return any((self.items, self.packages, self.authorities, self.seals))


def diff(old: Catalogue, new: Catalogue) -> CatalogueDiff:
    """Return what ``new`` changes in ``old``; the order of rows counts, the order of files does not."""
    return CatalogueDiff(
        old=_edition(old),
        new=_edition(new),
        items=_part(old.items, new.items),
        packages=_part(old.packages, new.packages),
        authorities=_part(old.authorities, new.authorities),
        seals=_part(old.seals, new.seals),
    )


def _edition(catalogue: Catalogue) -> Edition:
    return Edition(
        version=catalogue.version, effective_from=catalogue.effective_from, digest=catalogue.digest
    )


Row = Item | Package | Authority | Seal


def _part(old: Mapping[str, Row], new: Mapping[str, Row]) -> Part:
    return Part(
        added=tuple(Entry(key=key, name=row.name) for key, row in new.items() if key not in old),
        removed=tuple(Entry(key=key, name=row.name) for key, row in old.items() if key not in new),
        changed=tuple(
            _changed(key, old[key], row) for key, row in new.items() if key in old and old[key] != row
        ),
    )


def _changed(key: str, old: Row, new: Row) -> Changed:
    changes = tuple(_changes("", old, new))
    return Changed(
        key=key,
        name=new.name,
        changes=changes,
        materials_added=_only(new, old),
        materials_removed=_only(old, new),
        terms=tuple(change for change in changes if change.where.partition(".")[0] in TERM_KEYS),
    )


def _only(one: Row, other: Row) -> tuple[Entry, ...]:
    """Return the materials of ``one`` that ``other`` has not."""
    if not (isinstance(one, Item) and isinstance(other, Item)):
        return ()
    held = {material.key for material in other.materials}
    return tuple(Entry(key=m.key, name=m.name) for m in one.materials if m.key not in held)


def _changes(at: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Data) and isinstance(new, Data):
        for key in new.__struct_fields__:
            yield from _changes(_under(at, key), getattr(old, key), getattr(new, key))
        return
    before, after = _rows(old), _rows(new)
    if before is None or after is None:
        yield Change(where=at, old=_plain(old), new=_plain(new))
        return
    yield from _row_changes(at, before, after)


def _row_changes(at: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for key, row in before.items():
        if key not in after:
            yield Change(where=_under(at, key), old=_told(row), new=None)
    for key, row in after.items():
        if key in before:
            yield from _changes(_under(at, key), before[key], row)
        else:
            yield Change(where=_under(at, key), old=None, new=_told(row))
    kept_before, kept_after = ([k for k in rows if k in before and k in after] for rows in (before, after))
    if kept_before != kept_after:
        yield Change(where=at, old=kept_before, new=kept_after)


def _under(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _rows(value: Any) -> dict[str, Any] | None:
    """Return rows by their keys: questions, materials, fields, branches, options and tables; None for other values."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, tuple):
        return None
    rows = {key: row for row in value if (key := getattr(row, "key", "") or getattr(row, "value", ""))}
    return rows if len(rows) == len(value) else None


def _told(row: Any) -> Any:
    """Return what a person calls the row: its name or label, or the value itself."""
    return getattr(row, "name", None) or getattr(row, "label", None) or _plain(row)


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
