"""The shipped catalogue, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.catalogue.model import Catalogue

FOLDER = Path(__file__).parents[3] / "resources" / "catalogue"


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    return read_dir(FOLDER)


@pytest.fixture(scope="session")
def catalogue(files: dict[str, bytes]) -> Catalogue:
    return load(files)
