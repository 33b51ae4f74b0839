"""``kill -9`` of every process of a centre while several windows push: the desk goes on, and nothing acknowledged is lost.

The moments are seeded: after so many answers to the writers, while the desk is in the middle of its own round.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from faults.centre import FragileCentre, kill, until
from faults.pushing import DONE, Pushing
from faults.reopening import Door
from faults.writers import Office
from samples.programs import CLOCK

WRITERS = 3
ROUNDS = 3
POSTGRES = ("postmaster", "backend", "checkpointer", "walwriter", "background writer")
VICTIMS = ("server", "first worker", "second worker", "both workers", *POSTGRES)
ENDED = 3
"""The exit code of a centre that has no database any more."""


@pytest.fixture(scope="module")
def pushing() -> Iterator[Pushing]:
    folder = Path(tempfile.mkdtemp(prefix="jinpu-deaths-"))
    centre = FragileCentre(folder)
    centre.options = ("--workers", "2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        try:
            centre.make()
            yield Pushing(centre, Door.of(centre.desk().home))
        finally:
            with contextlib.suppress(AssertionError):
                centre.stop()
            shutil.rmtree(folder, ignore_errors=True)


def chosen(centre: FragileCentre, victim: str, rng: Random) -> list[int]:
    """Return who is to be killed."""
    match victim:
        case "server":
            return [centre.server]
        case "first worker":
            return centre.serving()[:1]
        case "second worker":
            return centre.serving()[1:]
        case "both workers":
            return centre.serving()
        case "postmaster":
            return [centre.postmaster]
        case "backend":
            return [rng.choice(centre.workers("jinpu jinpu"))]
        case _:
            return centre.workers(victim)


def _rounds(pushing: Pushing, stop: threading.Event) -> list[str]:
    """Take cases in and push them, one round after the other; the counter does not close. Return what was told."""
    told = []
    while not stop.is_set():
        pushing.write(scan=True)
        told.append(pushing.push())
    return told


@pytest.mark.slow
def test_a_push_survives_the_death_of_any_process(pushing: Pushing) -> None:
    rng = Random(9)
    centre = pushing.centre
    office = Office(centre, WRITERS)
    with ThreadPoolExecutor(1) as desk:
        for number in range(len(VICTIMS) * ROUNDS):
            victim = VICTIMS[number % len(VICTIMS)]
            until(lambda: len(centre.serving()) == len(VICTIMS[1:3]))
            office.begin(pushing.witness)
            for _ in range(WRITERS * rng.randint(1, 12)):
                assert office.told.acquire(timeout=60)
            stop = threading.Event()
            rounds = desk.submit(_rounds, pushing, stop)
            for _ in range(WRITERS * rng.randint(10, 30)):
                assert office.told.acquire(timeout=60)
            for pid in (victims := chosen(centre, victim, rng)):
                kill(pid)
            assert victims
            if victim == "postmaster":
                assert centre.process.wait(60) == ENDED
            office.told.acquire(timeout=2)  # somebody hears again, or there is nobody to hear from
            office.rest()
            stop.set()
            told = next((each for each in rounds.result() if each != DONE), DONE)
            pushing.judge(f"kill -9 {victim}", str(number), told)
    office.finish(pushing.witness)
    print(
        f"\n{len(pushing.witness.acknowledged)} events; {office.failed} pushes of the writers got no answer"
    )
    for end, count in sorted(pushing.ends.items()):
        print(f"  {end}: {count}")
    pushing.finish()
    assert sum(count for end, count in pushing.ends.items() if not end.endswith(DONE)) > 0
    assert sorted(office.follower.seen) == sorted(pushing.witness.written)
