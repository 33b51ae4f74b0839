"""When a serving process ends: asked to at any moment, and by itself once there is nothing left to serve from."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.entry.centre.place import Place as ServerPlace
from jinpu_desk.entry.centre.snapshot import kept_ready
from jinpu_desk.entry.resources import resources_dir
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.http.door import FrontDoor
from jinpu_desk.server.http.serving import Place, configured, serve
from jinpu_desk.sync import transport


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    """An application that lives and answers nobody."""
    for moment in ("startup", "shutdown"):
        await send({"type": f"lifespan.{moment}.complete"})


@contextmanager
def application() -> Iterator[FrontDoor]:
    yield cast("FrontDoor", nothing)


@contextmanager
def interrupted() -> Iterator[FrontDoor]:
    """A start that is told to stop half-way."""
    os.kill(os.getpid(), signal.SIGTERM)
    with application() as made:
        yield made


def test_a_signal_before_the_server_listens_to_signals_ends_it_too(tmp_path: Path) -> None:
    answers = iter([True])  # asked a second time, it would have served for a second

    serve(interrupted, Place(ready_file=tmp_path / "ready"), lambda _: None, lambda: next(answers, False))
    assert not (tmp_path / "ready").exists()


def test_a_desk_lets_an_idle_connection_go_before_the_centre_does() -> None:
    config = configured(cast("FrontDoor", None), Place())
    assert config.timeout_keep_alive > 60 > transport.IDLE_SECONDS  # 60: nginx, towards its upstream


@pytest.mark.parametrize("workers", [1, 2])
def test_a_centre_whose_database_is_gone_ends_with_an_error(tmp_path: Path, workers: int) -> None:
    place = Place(ready_file=tmp_path / "ready", workers=workers)
    with pytest.raises(Unavailable, match=r"server\.postgres-gone"):
        serve(
            application, place, lambda _: None, lambda: not place.ready_file or not place.ready_file.exists()
        )
    assert (tmp_path / "ready").exists()


def test_a_database_is_gone_only_when_that_is_certain(tmp_path: Path) -> None:
    file = tmp_path / "pg" / "postmaster.pid"

    def lives() -> bool:
        return Cluster(tmp_path).lives

    assert not lives()
    file.mkdir(parents=True)
    assert lives()  # it cannot be read just now
    file.rmdir()
    file.write_text("")
    assert lives()  # it is just being written
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        file.write_text(f"{process.pid}\n/nowhere\n")
        assert lives()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not lives()  # killed, and nobody has looked at it yet
        process.wait()
        assert not lives()


def test_snapshots_are_kept_ready_also_after_the_database_was_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        engine = sa.create_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere")

    place = ServerPlace(tmp_path, "", resources_dir())
    end = time.monotonic() + 60
    with caplog.at_level(logging.WARNING), kept_ready(place, cast("Centre", Away()), every=0.01):
        while len(caplog.records) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
    assert set(caplog.messages) == {"snapshots: OperationalError"}
