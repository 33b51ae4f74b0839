"""What commands run in the tests' own process need not pay for each time: reading the same resources, and a password
that is dear to guess although it guards made-up people. Together that is nine tenths of a short command.

Both are the product's own code: a slot keeps the cost it was made with, and equal files make an equal catalogue.
Commands started as processes pay in full, and ``tests/unit/store/test_keys.py`` holds new slots to their price.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, lru_cache, partialmethod

import pytest

from jinpu_desk.catalogue.load import load
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.entry.parts import Parts, load_parts
from jinpu_desk.entry.resources import VARIABLE
from jinpu_desk.store.keys import Cost, FileKeyRing

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
_shipped = cache(load_parts)


def _parts() -> Parts:
    return load_parts() if os.environ.get(VARIABLE) else _shipped()


@lru_cache(maxsize=16)
def _loaded(files: tuple[tuple[str, bytes], ...]) -> Catalogue:
    return load(dict(files))


def _load(files: Mapping[str, bytes]) -> Catalogue:
    return _loaded(tuple(sorted(files.items())))


def spare(patch: pytest.MonkeyPatch) -> None:
    """Make new key slots cheap and read equal resources once, as long as ``patch`` lasts."""
    patch.setattr(FileKeyRing, "__init__", partialmethod(FileKeyRing.__init__, cost=CHEAP))
    patch.setattr("jinpu_desk.entry.parts.load", _load)
    patch.setattr("jinpu_desk.entry.desk.load_parts", _parts)
