"""Five hundred hostile files through every door of a desk: none crashes it, none writes outside its home.

Every one ends as CONTRACT says: taken (some mutants are sound), refused with a sentence, or unavailable; never a bug.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jinpu_desk.entry.demo_cases import sole_prop
from jinpu_desk.entry.resources import resources_dir
from samples.hostile import mutants
from samples.programs import Finished, TrainingCentre

SEED = 20261122
COUNTS = {
    "scan": 160,
    "receipt": 100,
    "bundle": 60,
    "backup": 60,
    "catalogue": 60,
    "intake": 30,
    "calendar": 30,
}
ENDED_WELL = {0, 2, 3}
Door = Callable[["Victim", bytes, int], Finished]


class Victim:
    """A desk in a folder of its own, and what lies around it."""

    def __init__(self, training: TrainingCentre, folder: Path) -> None:
        self.folder = folder
        self.desk = training.desk(home=folder / "home")
        self.work = folder / "work"
        self.work.mkdir()
        self.receipt = self._receipt()
        self.backup = self.done("backup", folder / "work" / "sound.bak")
        self.bundle = self.done("bundle", "export", folder / "work" / "sound.bundle")
        self.around = outside(folder)

    def done(self, *arguments: str | Path) -> bytes:
        self.desk.done(*map(str, arguments))
        return Path(arguments[-1]).read_bytes()

    def _receipt(self) -> bytes:
        out = self.folder / "work" / "papers"
        told = self.desk.done("intake", str(self.desk.file(sole_prop(1))), "--out", str(out))
        return Path(told["documents"][0]["path"]).read_bytes()

    def file(self, name: str, data: bytes) -> Path:
        path = self.work / name
        path.write_bytes(data)
        return path


def outside(folder: Path) -> set[str]:
    """Return every file a path could have escaped to, but for the desk's home and the work folder."""
    near = [path for path in folder.rglob("*") if not {"home", "work", "home-files"} & set(path.parts)]
    return {
        str(path)
        for path in [*near, Path("/etc/evil"), Path("/evil"), folder.parent / "evil"]
        if path.exists()
    }


def scan(victim: Victim, data: bytes, number: int) -> Finished:
    ending = ("jpg", "png", "tif", "pdf")[number % 4]
    content: dict[str, Any] = sole_prop(number % 900)
    content["materials"]["application"]["files"] = [str(victim.file(f"scan.{ending}", data))]
    return victim.desk.run("intake", str(victim.desk.file(content)), "--no-documents")


def receipt(victim: Victim, data: bytes, number: int) -> Finished:
    return victim.desk.run("check-receipt", str(victim.file(f"receipt.{('pdf', 'png')[number % 2]}", data)))


def bundle(victim: Victim, data: bytes, _number: int) -> Finished:
    return victim.desk.run("bundle", "import", str(victim.file("hostile.bundle", data)))


def backup(victim: Victim, data: bytes, number: int) -> Finished:
    home = victim.work / f"restored-{number}"
    ended = replace(victim.desk, home=home).run("restore", str(victim.file("hostile.bak", data)))
    if ended.code:
        assert not (home / "desk.db").exists()
    shutil.rmtree(home, ignore_errors=True)
    return ended


def catalogue(victim: Victim, data: bytes, number: int) -> Finished:
    folder = victim.work / "catalogue"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(resources_dir() / "catalogue", folder)
    names = sorted(path for path in folder.rglob("*.toml"))
    names[random.Random(number).randrange(len(names))].write_bytes(data)
    return victim.desk.run("catalogue", "check", str(folder))


def intake(victim: Victim, data: bytes, _number: int) -> Finished:
    return victim.desk.run("intake", str(victim.file("hostile.json", data)), "--no-documents")


def calendar(victim: Victim, data: bytes, _number: int) -> Finished:
    return victim.desk.run("import-calendar", str(victim.file("2027.json", data)))


DOORS: dict[str, Door] = {
    "scan": scan,
    "receipt": receipt,
    "bundle": bundle,
    "backup": backup,
    "catalogue": catalogue,
    "intake": intake,
    "calendar": calendar,
}


def sound(victim: Victim, kind: str) -> list[bytes]:
    """Return the sound files that mutants of a kind descend from."""
    if kind == "scan":
        return [picture(form) for form in ("JPEG", "PNG", "TIFF", "PDF")]
    if kind == "receipt":
        return [victim.receipt, picture("PNG")]
    if kind in {"bundle", "backup"}:
        return [getattr(victim, kind)]
    if kind == "catalogue":
        return [(resources_dir() / "catalogue" / "items" / "sole-prop-setup.toml").read_bytes()]
    if kind == "intake":
        return [json.dumps(sole_prop(2), ensure_ascii=False).encode()]
    return [sorted((resources_dir() / "calendars").glob("*.json"))[-1].read_bytes()]


def picture(form: str) -> bytes:
    path = Path(tempfile.mkdtemp()) / "sound"
    Image.effect_noise((300, 400), 60).save(path, form)
    data = path.read_bytes()
    shutil.rmtree(path.parent)
    return data


@pytest.fixture(scope="module")
def victim(training: TrainingCentre) -> Iterator[Victim]:
    folder = Path(tempfile.mkdtemp(prefix="jinpu-hostile-"))
    yield Victim(training, folder)
    shutil.rmtree(folder, ignore_errors=True)


def attack(victim: Victim, kind: str, count: int) -> Counter[int]:
    """Send ``count`` hostile files through a door; return how they ended."""
    bases = sound(victim, kind)
    ended: Counter[int] = Counter()
    for base_number, base in enumerate(bases):
        for number, data in enumerate(mutants(base, SEED + base_number, count // len(bases))):
            result = DOORS[kind](victim, data, number * len(bases) + base_number)
            assert result.code in ENDED_WELL, (kind, number, result)
            if result.code and kind != "catalogue":
                assert result.complaint["code"]
            ended[result.code] += 1
    assert outside(victim.folder) == victim.around
    report = victim.desk.done("verify")
    assert (report["ok"], report["problems"]) == (True, [])
    return ended


@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.parametrize(
    "share", [pytest.param(30, id="slice"), pytest.param(1, id="whole", marks=pytest.mark.slow)]
)
def test_no_hostile_file_does_harm(victim: Victim, kind: str, share: int) -> None:
    ended = attack(victim, kind, max(COUNTS[kind] // share, len(sound(victim, kind))))
    print(f"{kind}: {ended.total()} files, taken {ended[0]}, refused {ended[2]}, unavailable {ended[3]}")
    assert ended[2] + ended[3] > 0


def test_the_corpus_holds_five_hundred_files() -> None:
    assert sum(COUNTS.values()) == 500
