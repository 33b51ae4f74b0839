"""The second half of the simulated histories; the first is in the file beside, for another process (DESIGN §4)."""

from __future__ import annotations

import pytest

from sync.simulator.sweep import in_the_suite, many_more, sweep


@pytest.mark.parametrize("seeds", in_the_suite(1), ids=str)
def test_histories_come_to_rest_whole(seeds: range) -> None:
    assert sweep(seeds) == []


@pytest.mark.slow
@pytest.mark.parametrize("seeds", many_more(1), ids=str)
def test_many_more_histories(seeds: range) -> None:
    assert sweep(seeds) == []
