"""Every decoder refuses what is not sound, and never with anything but a refusal."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.targets import TARGETS, seeds, tried
from samples.hostile import mutants

TESTS = Path(__file__).parents[1]
HAS_FUZZER = importlib.util.find_spec("atheris") is not None
RUNS = {"catalogue": 2_000, "body": 200_000}


@pytest.mark.parametrize("name", TARGETS)
def test_mutants_of_sound_inputs_are_refused_or_taken(name: str) -> None:
    for seed_number, seed in enumerate(seeds(name)):
        for data in mutants(seed, seed_number, {"catalogue": 20, "body": 10}.get(name, 60)):
            tried(name, data)


@pytest.mark.parametrize("name", ["push", "header", "intake", "calendar", "catalogue"])
def test_the_seeds_are_sound(name: str) -> None:
    assert all(tried(name, seed) for seed in seeds(name))


@pytest.mark.slow
@pytest.mark.skipif(not HAS_FUZZER, reason="the fuzzer is there on x86-64 Linux only")
@pytest.mark.parametrize("name", TARGETS)
def test_the_fuzzer_finds_nothing(name: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "fuzz",
            name,
            f"-runs={RUNS.get(name, 100_000)}",
            "-timeout=20",
            "-rss_limit_mb=2048",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    done = re.search(r"Done (\d+) runs", ended.stderr)
    assert done is not None
    print(f"{name}: {done.group(1)} runs")
