"""Many seeds in a row, for the tests; each failing seed is named with the command that replays it."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from .history import Unsafe, play

REPLAY = "PYTHONPATH=src:tests python -m sync.simulator {seed}"


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
