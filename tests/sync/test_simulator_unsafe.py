"""With each safety taken out one at a time the simulator finds what breaks, and with all of them in, nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from sync.simulator.history import Unsafe, made, play
from sync.simulator.plan import draw
from sync.simulator.unsafe import VARIANTS, found

SEEDS = range(200)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The core warns of every rewind; here there are hundreds."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_missing_safety_is_missed(name: str) -> None:
    variant = VARIANTS[name]()
    broken = found(variant, SEEDS)
    assert broken is not None, (variant.__doc__, variant.breaks)
    made(variant.shaped(draw(broken[0])), Unsafe())  # the same history with every safety in


@pytest.mark.parametrize("seed", range(0, 200, 10))
def test_a_seed_tells_the_same_history_for_ever(seed: int) -> None:
    assert play(seed).digest == play(seed).digest
