"""Bits that flip and files that end early: noticed with a sentence, and never a wrong value shown.

Each sample opens the home, reads everything a screen could show, and verifies. Either all of it is as it was and
``verify`` is content (the bit had no meaning), or somebody is told.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from faults.ledger import shard
from faults.reopening import Door, everything_shown, numbers
from faults.sweep import Bench
from faults.test_clock import without_network
from faults.traced import Fault, put_back
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.entry.demo_cases import food_business, small_catering, sole_prop
from samples.programs import CLOCK, Desk, is_sentence

MAKERS = (sole_prop, small_catering, food_business)
KINDS = {
    "database": "desk.db",
    "scans": "blobs/*/*",
    "replica.json": "replica.json",
    "replica.key": "replica.key",
    "centre.json": "trust/centre.json",
    "token": "trust/token.sealed",
    "shelf": "shelf/**/*",
}


class Stocked:
    """A desk with cases, papers and a scan, put back before each sample."""

    def __init__(self, bench: Bench, copy: Path) -> None:
        bench.reset()
        desk = Desk(bench.home)
        batch = bench.file.with_name("stock.jsonl")
        contents = [json.loads(bench.file.read_text()), *(MAKERS[n % 3](n) for n in range(6))]
        batch.write_text("\n".join(json.dumps(content, ensure_ascii=False) for content in contents))
        assert desk.run("intake", "--batch", str(batch)).code == 0
        self.home = bench.home
        self.copy = Path(shutil.copytree(bench.home, copy))
        self.door = Door.of(bench.home)
        self.shown, problems = self.look()
        assert problems == ()

    def files(self, pattern: str) -> list[Path]:
        """The files of a kind, as paths in the home."""
        found = (path for path in self.copy.glob(pattern) if path.is_file() and path.stat().st_size)
        return sorted(path.relative_to(self.copy) for path in found)

    def look(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Everything shown, and what ``verify`` says."""
        with self.door.opened() as desk:
            return everything_shown(desk), desk.store.verify().problems

    def after(self, place: Path, damaged: bytes) -> str:
        """Say how the desk takes a file's having become ``damaged``."""
        put_back(self.copy, self.home)
        (self.home / place).write_bytes(damaged)
        try:
            shown, problems = self.look()
        except DeskError as error:
            text, hint = self.door.parts.sentences.of(error)
            return error.code if is_sentence(text) and hint else f"no sentence for {error.code}"
        assert shown == self.shown
        if (self.home / place).read_bytes() == (self.copy / place).read_bytes():
            return "mended"  # the centre was there, and has it
        return "verify" if problems else "no meaning"


@pytest.fixture(scope="module")
def stocked(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        yield Stocked(bench, tmp_path_factory.mktemp("stock") / "home")
        bench.reset()


def damaged(stocked: Stocked, pattern: str, samples: int, seed: int) -> Counter[str]:
    """Flip a bit or cut the file, ``samples`` times each; count what was seen."""
    rng, seen = Random(seed), Counter[str]()
    files = stocked.files(pattern)
    assert files
    for _ in range(samples):
        place = rng.choice(files)
        raw = bytearray((stocked.copy / place).read_bytes())
        at = rng.randrange(len(raw))
        seen[f"cut: {stocked.after(place, bytes(raw[:at]))}"] += 1
        raw[at] ^= 1 << rng.randrange(8)
        seen[f"flip: {stocked.after(place, bytes(raw))}"] += 1
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_noticed_and_never_shown(stocked: Stocked, kind: str) -> None:
    seen = damaged(stocked, KINDS[kind], 2, seed=len(kind))
    assert seen.total() == 4
    assert not {key for key in seen if "no meaning" in key or "no sentence" in key}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_much_damage_is_noticed_and_never_shown(stocked: Stocked, kind: str) -> None:
    """300 flips and 300 cuts, or the share of them that ``JINPU_SWEEP_SHARD`` asks for."""
    part, of = shard()
    seen = damaged(stocked, KINDS[kind], 300 // of, seed=300 + part)
    print(f"\n{kind}: {seen.total()} damaged; " + ", ".join(f"{k} {n}" for k, n in sorted(seen.items())))
    assert not {key for key in seen if "no meaning" in key or "no sentence" in key}


@pytest.mark.slow
def test_a_damaged_log_is_noticed(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite ends a damaged log where the damage is, without a word; the mark beside the database tells."""
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    folding = next(call for call in bench.calls() if (call.name, call.about) == ("pwrite64", "desk.db"))
    (printed,) = bench.hit(Fault(folding, "signal=KILL")).results
    copy = Path(shutil.copytree(bench.home, tmp_path / "killed"))
    log, seen = (copy / "desk.db-wal").read_bytes(), Counter[str]()
    part, of = shard()
    rng = Random(11 + part)
    with without_network(bench.centre):
        door = Door.of(bench.home)
        for _ in range(150 // of):
            at = rng.randrange(len(log))
            flipped = log[:at] + bytes([log[at] ^ 1 << rng.randrange(8)]) + log[at + 1 :]
            for kind, damaged_log in (("flip", flipped), ("cut", log[:at])):
                put_back(copy, bench.home)
                (bench.home / "desk.db-wal").write_bytes(damaged_log)
                seen[f"{kind}: {_taken(door, printed['case_no'])}"] += 1
    print(f"\nlog: {seen.total()} damaged; " + ", ".join(f"{k} {n}" for k, n in sorted(seen.items())))
    assert not {key for key in seen if "lost" in key}


def _taken(door: Door, number: str) -> str:
    """Say how the desk takes what is left of its log."""
    with door.opened() as desk:
        assert desk.store.verify().ok
        held = number in numbers(desk)
        try:
            desk.store.require_own()
        except DeskError as error:
            return error.code
        return "no meaning" if held else "lost without a word"
