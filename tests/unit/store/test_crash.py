"""Kill -9 at any moment: what was told stays, what was not told leaves no trace (invariants I1, I2, I4)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain.ids import CaseNo
from samples.stores import open_store

TESTS = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("crash_child.py")
KILLS = 30

Nursery = subprocess.Popen[bytes]


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    command = [sys.executable, str(CHILD), str(tmp_path / "desk.db")]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        yield process
        process.kill()


def run_until_killed(nursery: Nursery, after: int, spin: int) -> list[str]:
    """Let a child print ``after`` numbers and go on for a moment, kill it, and return all it had printed."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(b"go\n")
    nursery.stdin.flush()
    child = int(nursery.stdout.readline())
    told = [nursery.stdout.readline() for _ in range(after)]
    sum(range(spin))
    os.kill(child, signal.SIGKILL)
    while not (line := nursery.stdout.readline()).endswith(b"-\n"):
        told.append(line)
    return [line.decode().strip() for line in told]


def test_told_numbers_survive_any_number_of_kills(nursery: Nursery, tmp_path: Path) -> None:
    random = Random(11)
    told: list[str] = []
    for _ in range(KILLS):
        told += run_until_killed(nursery, random.randrange(12), random.randrange(200_000))
    store = open_store(tmp_path / "desk.db")
    assert len(told) == len(set(told)) > KILLS
    assert all(store.case_by_no(CaseNo(number)) is not None for number in told)
    report = store.verify()
    assert report.problems == ()
    # A kill may fall between a case being durable and being told; such a case is whole, too.
    assert len(told) <= report.cases <= len(told) + KILLS
    assert report.events == 2 * report.cases
    assert store.count(CaseQuery(status=30)) == report.cases
    store.close()
