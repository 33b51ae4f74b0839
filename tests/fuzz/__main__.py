"""Runs one target under atheris: ``python -m fuzz TARGET [libFuzzer options]`` in the folder of the tests."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["jinpu_desk"]):
    from fuzz.targets import seeds, tried


def main() -> None:
    """Fuzz until the options say enough; a fault ends the process with its input written beside it."""
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, corpus], lambda data: tried(name, data) and None)
        atheris.Fuzz()


main()
