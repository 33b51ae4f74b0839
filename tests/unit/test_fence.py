"""The fence of conftest.py holds: no test reaches another machine, warnings fail."""

from __future__ import annotations

import os
import socket
import tempfile
import warnings

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.invalid"])
def test_another_machine_cannot_be_reached(host: str) -> None:
    with pytest.raises(AssertionError, match=host):
        socket.create_connection((host, 9), timeout=0.01)


def test_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_the_home_is_a_throw_away_folder() -> None:
    assert os.environ["JINPU_DESK_HOME"].startswith(tempfile.gettempdir())


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="surprise"):
        warnings.warn("surprise", stacklevel=1)
