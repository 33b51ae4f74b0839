"""The same with the programs people run: a centre's process and its PostgreSQL, desks in their homes.

Four ways in which a centre goes back in time: its data directory is copied back, all of its folder is, its database is
pg_restore'd, or it is restored from its own backup.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jinpu_desk.entry.demo_cases import small_catering
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.postgres_files import programs
from samples.programs import Desk, TrainingCentre

pytestmark = pytest.mark.slow


def copy(source: Path, target: Path) -> None:
    """Copy a folder with owners and modes, as an operator would."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def replace(target: Path, source: Path) -> None:
    shutil.rmtree(target)
    copy(source, target)


class DataDirectory:
    """PostgreSQL's data directory, copied aside and back; the mark beside it tells at once."""

    told_by_desk = False

    def keep(self, centre: TrainingCentre) -> None:
        centre.stop()
        copy(centre.data / "pg", centre.folder / "kept")
        centre.start()

    def back(self, centre: TrainingCentre) -> None:
        centre.stop()
        replace(centre.data / "pg", centre.folder / "kept")


class WholeFolder(DataDirectory):
    """The whole data folder with its mark: only a desk can tell."""

    told_by_desk = True

    def keep(self, centre: TrainingCentre) -> None:
        centre.stop()
        copy(centre.data, centre.folder / "kept")
        centre.start()

    def back(self, centre: TrainingCentre) -> None:
        centre.stop()
        replace(centre.data, centre.folder / "kept")


class Dump:
    """pg_dump and pg_restore, with PostgreSQL's own programs."""

    told_by_desk = False

    def keep(self, centre: TrainingCentre) -> None:
        with Cluster(centre.data).running() as url:
            self._run("pg_dump", "-Fc", "-f", str(centre.folder / "kept"), url)

    def back(self, centre: TrainingCentre) -> None:
        centre.stop()
        with Cluster(centre.data).running() as url:
            self._run("pg_restore", "--clean", "--if-exists", "-d", url, str(centre.folder / "kept"))

    @staticmethod
    def _run(program: str, *arguments: str) -> None:
        subprocess.run([programs() / program, *arguments], check=True)


class OwnBackup:
    """``jinpu-server backup`` and ``restore``."""

    told_by_desk = False

    def keep(self, centre: TrainingCentre) -> None:
        centre.admin("backup", str(centre.folder / "backups"))

    def back(self, centre: TrainingCentre) -> None:
        centre.stop()
        shutil.rmtree(centre.data)
        centre.admin("restore", str(centre.folder / "backups"))


class Counter:
    """Counts what was taken in, and which numbers the papers bear."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self.papers: list[str] = []

    def take(self, desk: Desk, count: int) -> None:
        """Take cases in with their papers."""
        for _ in range(count):
            taken = desk.take(small_catering(len(self.numbers) + 1), papers=True)
            self.numbers.append(taken["case_no"])
            self.papers += [paper["doc_no"] for paper in taken["documents"] if paper["doc_no"]]


@pytest.mark.parametrize("way", [DataDirectory, WholeFolder, Dump, OwnBackup])
def test_nothing_is_lost_and_nothing_given_twice(own_centre: TrainingCentre, way: Callable[[], Any]) -> None:
    went = way()
    one, two, gone = (own_centre.desk() for _ in range(3))
    counter = Counter()
    counter.take(one, 2)
    counter.take(two, 1)
    for desk in (one, two):
        desk.done("sync")
    went.keep(own_centre)
    for desk, count in ((one, 3), (gone, 2), (two, 3)):
        counter.take(desk, count)
        desk.done("sync")
    one.done("sync")
    shutil.rmtree(gone.home)
    counter.take(one, 1)

    went.back(own_centre)
    own_centre.start()
    assert one.run("sync").complaint["code"] in {"sync.rewound", "sync.gap"}
    assert isinstance(own_centre.admin("status")["restored_at"], int)
    told = own_centre.admin("epoch", "bump")
    assert {row["what"] for row in told["burned"]} == {"number", "series"}
    for _ in range(2):
        for desk in (one, two):
            desk.done("sync")
    late = own_centre.desk()
    counter.take(late, 1)
    late.done("sync")
    for desk in (one, two):
        desk.done("sync")

    numbers = counter.numbers
    report = own_centre.admin("verify")
    assert (report["ok"], report["problems"], report["cases"]) == (True, [], len(numbers))
    for desk in (one, two, late):
        own = desk.done("verify")
        assert (own["ok"], own["heads"], own["events"]) == (True, report["heads"], report["events"])
        assert sorted(desk.numbers()) == sorted(numbers)
    assert len(set(numbers)) == len(numbers)
    assert len(counter.papers) >= len(numbers)
    assert len(set(counter.papers)) == len(counter.papers)
    standing = own_centre.admin("status")
    assert standing["restored_at"] is None
    assert standing["epochs"] == 2
    # Everybody but the PC that is gone was heard of; the marks are written when the centre stops.
    own_centre.stop()
    lag = {window["id"]: window["lag"] for window in own_centre.admin("status")["windows"]}
    assert sum(value == 0 for value in lag.values()) == 3
