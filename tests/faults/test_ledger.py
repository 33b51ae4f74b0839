"""A long sweep that was stopped tries what is left, and its report tells of everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.ledger import RECORD, SHARD, Seen, share, swept
from faults.traced import Call, Fault

POINTS = [Fault(Call("fsync", n, "desk.db"), "error=EIO") for n in range(1, 8)]


def test_a_sweep_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RECORD, str(tmp_path / "record.jsonl"))
    tried: list[Fault] = []

    def try_out(fault: Fault) -> Seen:
        if len(tried) == 4:
            raise KeyboardInterrupt
        tried.append(fault)
        return Seen("I/O error", "exit 3 store.io", ("something",) if fault.call.nth == 2 else ())

    with pytest.raises(KeyboardInterrupt):
        swept(POINTS, try_out)
    first = tried.copy()
    tried.clear()
    tally = swept(POINTS, try_out)
    assert (first, tried) == (POINTS[:4], POINTS[4:])
    assert tally.report() == "I/O error: 7 points; exit 3 store.io 7"
    assert tally.wrong == ["error=EIO at fsync 2 (desk.db): something"]


def test_the_shares_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = []
    for part in ("1/3", "2/3", "3/3"):
        monkeypatch.setenv(SHARD, part)
        shares += share(POINTS)
    assert sorted(shares, key=str) == POINTS
    monkeypatch.delenv(SHARD)
    assert share(POINTS) == POINTS
