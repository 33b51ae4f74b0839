"""Histories of the simulator, half of them here and half in the file beside, for two processes (DESIGN §4).

``pytest -m slow -n 2 --dist loadfile tests/sync/test_simulator_one.py tests/sync/test_simulator_two.py`` plays 200 000
more; ``JINPU_SEEDS`` says which seed they start at.
"""

from __future__ import annotations

import os

import pytest

from sync.simulator.sweep import sweep

FIRST, CHUNK = 5000, 500
LONG = int(os.environ.get("JINPU_SEEDS", "10000")) + 100000


@pytest.mark.parametrize("first", range(FIRST, FIRST + 5000, CHUNK))
def test_histories_come_to_rest_whole(first: int) -> None:
    assert sweep(range(first, first + CHUNK)) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(LONG, LONG + 100_000, 2000))
def test_many_more_histories(first: int) -> None:
    assert sweep(range(first, first + 2000)) == []
