"""Many seeds in a row, for the tests; each failing seed is named with the command that replays it.

The suite plays 10 000, in two files so that two processes share them. 200 000 more, from the seed ``JINPU_SEEDS`` on::

    pytest -m slow -n 2 --dist loadfile tests/sync/test_simulator_one.py tests/sync/test_simulator_two.py
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable

from .history import Unsafe, play

SUITE, MORE = 10_000, 200_000
HALVES = 2
REPLAY = "PYTHONPATH=src:tests python -m sync.simulator {seed}"


def in_the_suite(half: int) -> list[range]:
    """Return the seeds that a half of the suite plays, some to each test."""
    return _half(0, SUITE, half, 500)


def many_more(half: int) -> list[range]:
    """Return the seeds that a half of the long run plays; the environment says where they begin."""
    return _half(int(os.environ.get("JINPU_SEEDS", str(SUITE))), MORE, half, 2000)


def _half(first: int, count: int, half: int, size: int) -> list[range]:
    share = count // HALVES
    begin = first + half * share
    return [range(seed, seed + size) for seed in range(begin, begin + share, size)]


def sweep(seeds: Iterable[int], variant: Unsafe | None = None) -> list[str]:
    """Play histories and return what is wrong with each that is not right."""
    wrong = []
    for seed in seeds:
        complaint = complaint_of(seed, variant)
        if complaint:
            wrong.append(f"{complaint} ({REPLAY.format(seed=seed)})")
    return wrong


def complaint_of(seed: int, variant: Unsafe | None = None) -> str:
    """Return what is wrong with the history of ``seed``; empty when all holds."""
    logging.disable(logging.WARNING)
    try:
        play(seed, variant)
    except Exception as wrong:  # a bug in the code under test is as good a find as a violation
        return f"seed {seed}: {wrong if isinstance(wrong, AssertionError) else repr(wrong)}"
    finally:
        logging.disable(logging.NOTSET)
    return ""
