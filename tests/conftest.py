"""What holds for every test: private folders, no network but loopback, repeatable property tests.

Unexpected warnings fail a test (``filterwarnings`` in pyproject.toml).
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from samples.programs import hall, hall_two, jp03, own_centre, training

__all__ = ["hall", "hall_two", "jp03", "own_centre", "training"]

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)

_HOMES = pytest.StashKey[Path]()


LONG_FIRST = ("e2e", "faults", "sync", "contract", "gui")
"""Folders in the order in which their files are handed to the workers; every other folder comes after."""


class NetworkReached(AssertionError):
    """A test tried to leave the machine."""


def _is_loopback(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _fence(event: str, args: tuple[object, ...]) -> None:
    """Refuses every address but loopback, whatever library asks (PEP 578 audit events of ``socket``)."""
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if not _is_loopback(host) and host != "0.0.0.0":  # a server may listen on every address
        raise NetworkReached(f"{event} to {host!r}")


sys.addaudithook(_fence)


def pytest_configure(config: pytest.Config) -> None:
    """Points every folder the product or a library writes to at one that dies with the run.

    This is not a fixture because some libraries look at these folders when they are imported.
    """
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
    homes = Path(tempfile.mkdtemp(prefix="jinpu-tests-"))
    config.stash[_HOMES] = homes
    for name in ("JINPU_DESK_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        folder = homes / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)
    for name in ("JINPU_PASSWORD", "JINPU_CLOCK", "JINPU_DATABASE_URL", "JINPU_ADMIN_PASSWORD"):
        os.environ.pop(name, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, so that no worker is left with it when the others have finished."""
    folders = {name: rank for rank, name in enumerate(LONG_FIRST)}
    tests = config.rootpath / "tests"

    def rank(item: pytest.Item) -> int:
        inside = item.path.is_relative_to(tests)
        return folders.get(item.path.relative_to(tests).parts[0] if inside else "", len(folders))

    items.sort(key=rank)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_HOMES], ignore_errors=True)
