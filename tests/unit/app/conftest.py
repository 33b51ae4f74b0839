"""A counter for every test: real rooms below the app, an empty store, Friday morning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samples.counter import Counter, open_counter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    opened = open_counter(tmp_path)
    yield opened
    opened.store.close()
