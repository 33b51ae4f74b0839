"""A real encrypted store per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jinpu_desk.store.desk import SqlDeskStore
from samples.stores import open_store

Opener = Callable[..., SqlDeskStore]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens stores in the test's folder and closes them after it."""
    stores: list[SqlDeskStore] = []

    def open_(name: str = "desk.db", **changes: object) -> SqlDeskStore:
        stores.append(open_store(tmp_path / name, **changes))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Opener) -> SqlDeskStore:
    """An empty store."""
    return opened()
