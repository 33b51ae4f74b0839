"""The locks satisfy pyproject.toml, agree with each other and could come from any index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
WANTED = {
    "desk": [*PROJECT["project"]["dependencies"], *EXTRAS["server"], *PROJECT["build-system"]["requires"]],
    "test": [
        *PROJECT["project"]["dependencies"],
        *(line for lines in EXTRAS.values() for line in lines),
        *PROJECT["build-system"]["requires"],
    ],
}


def _text(name: str) -> str:
    return (ROOT / "installer" / "lock" / f"{name}.lock").read_text("utf-8")


def _pins(name: str) -> dict[str, str]:
    """Returns {canonical name: version}."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", _text(name), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize("name", ["desk", "test"])
def test_every_requirement_is_pinned_to_a_version_that_fits(name: str) -> None:
    pins = _pins(name)
    for line in WANTED[name]:
        wanted = Requirement(line)
        assert canonicalize_name(wanted.name) in pins, f"{name}.lock lacks {wanted.name}: run refresh.sh"
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), line


@pytest.mark.parametrize("name", ["desk", "test"])
def test_every_pin_has_hashes_and_no_index_is_named(name: str) -> None:
    entries = re.split(r"\n(?=[^\s])", _text(name).strip())
    assert len(entries) == len(_pins(name))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"://|--(?:extra-)?index|--find|@ ", _text(name)) == []


def test_the_desk_runs_the_very_versions_that_were_tested() -> None:
    assert _pins("desk").items() <= _pins("test").items()
    assert "pytest" not in _pins("desk")


def test_every_system_requirement_is_complete() -> None:
    lines = (ROOT / "installer" / "system.list").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    assert rows
    assert [row for row in rows if len(row) != 3 or row[0] not in ("desk", "test")] == []
