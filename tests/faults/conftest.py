"""One enrolled desk for the sweeps, with an application that has a scan, in folders that are put back each time."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from faults.reopening import cheapen
from faults.sweep import Bench
from faults.traced import WarmDesk
from jinpu_desk.entry.demo_cases import food_business, small_catering
from samples.programs import CLOCK, Desk, TrainingCentre, training_centre


def application_with_scan(folder: Path) -> tuple[Path, Path]:
    """Write an intake file that names a scan, and a second one without."""
    Image.new("L", (640, 480), 255).save(folder / "scan.png")
    first = food_business(1)
    first["materials"]["application"]["files"] = ["scan.png"]
    paths = folder / "first.json", folder / "second.json"
    for path, content in zip(paths, (first, small_catering(2)), strict=True):
        path.write_text(json.dumps(content, ensure_ascii=False))
    return paths


def stocked_desk(training: TrainingCentre, home: Path) -> Desk:
    """Enrol a desk with a case the centre has and one that waits, whose password costs next to nothing to try."""
    desk = training.desk(home=home)
    cheapen(home)
    desk.take(small_catering(3))
    desk.done("sync")
    desk.take(food_business(4))
    return desk


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """A desk that can be put back, of a centre with few cases, and the warm process that runs it."""
    with training_centre() as centre:
        yield from _lent(centre)


def _lent(centre: TrainingCentre) -> Iterator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="jinpu-faults-"))
    (folder / "out").mkdir()
    desk = stocked_desk(centre, folder / "home")
    held = set(desk.numbers())
    pristine = Path(shutil.copytree(desk.home, folder.with_name(folder.name + "-pristine")))
    logs = Path(tempfile.mkdtemp(prefix="jinpu-fault-logs-"))
    first, second = application_with_scan(logs)
    try:
        with WarmDesk(logs) as warm:
            made = Bench(warm, centre, pristine, folder, first, second, CLOCK)
            warm.learn(made.home, *made.arguments, JINPU_CLOCK=CLOCK)
            made.reset()
            (seen,) = made.look().results
            assert held == set(seen["cases"]), "its own two"
            made.before.update(seen["cases"])
            yield made
    finally:
        for made_folder in (folder, pristine, logs):
            shutil.rmtree(made_folder, ignore_errors=True)
