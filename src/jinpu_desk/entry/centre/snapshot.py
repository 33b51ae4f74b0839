"""``jinpu-server snapshot``: what new windows begin from, made when asked for or when one is about to be enrolled."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from jinpu_desk.app.calendars import merged
from jinpu_desk.app.ports import Clock
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.errors import Refused
from jinpu_desk.server import library, snapshots
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.snapshot_shelf import SnapshotShelf
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.registry import CentreRow
from jinpu_desk.sync.wire_snapshot import SnapshotManifest

from ..resources import folder_files
from .place import Answer, Place

Join = Callable[[Place, Engine, CentreRow, Clock, str], Centre]
EVERY_SECONDS = 60.0
"""How often a serving centre looks whether a new window is coming."""
_NICE = 10
log = logging.getLogger(__name__)


def shelf_of(place: Place) -> SnapshotShelf:
    """Return where a centre's snapshots lie."""
    return SnapshotShelf(place.data / "snapshots")


def snapshot_build(place: Place, arguments: argparse.Namespace, join: Join) -> Answer:
    """``snapshot build``: make the snapshot of a station's windows, in the background of whatever else runs."""
    with contextlib.suppress(AttributeError):  # Windows knows no nice
        os.nice(_NICE)
    with place.initialised() as (engine, row, clock):
        centre = join(place, engine, row, clock, "")
        scope = _scope(engine, arguments.station)
        calendar = published_calendar(place, engine)
        made = snapshots.build(centre, shelf_of(place), scope, CaseProjector(calendar), calendar.digest)
    return described(made)


def snapshot_list(place: Place, _arguments: argparse.Namespace) -> Answer:
    """``snapshot list``: what is there for which station."""
    with place.initialised() as (engine, _row, _clock):
        shelf = shelf_of(place)
        with engine.connect() as connection:
            stations = registry.stations(connection)
        found = (shelf.newest(snapshots.scope_of_station(station.number)) for station in stations)
        return {"snapshots": [described(one[0]) for one in found if one is not None]}


def described(manifest: SnapshotManifest) -> dict[str, Any]:
    """Return a manifest as the command line prints it."""
    found: dict[str, Any] = msgspec.to_builtins(manifest)
    return found


def published_calendar(place: Place, engine: Engine) -> WorkCalendar:
    """Return the calendar desks of this centre count by."""
    files = library.current_files(engine, library.CALENDARS) or folder_files(
        place.resources / "calendars", ".json"
    )
    return merged((decode_year(raw) for name, raw in sorted(files.items()) if name.endswith(".json")), ())


def _scope(engine: Engine, code: str) -> str:
    with engine.connect() as connection:
        station = registry.station(connection, code)
    if station is None:
        raise Refused("station.unknown", "--station", value=code)
    return snapshots.scope_of_station(station.number)


@contextlib.contextmanager
def kept_ready(place: Place, centre: Centre, every: float = EVERY_SECONDS) -> Iterator[None]:
    """For the length of the block, have a snapshot made whenever a window is about to be enrolled that needs one.

    A process of its own makes it, so that nobody who is served waits; one that is left over when the block ends is
    stopped, and leaves nothing behind.
    """
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_ready, args=(place, centre, every, stop), name="snapshots")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep_ready(place: Place, centre: Centre, every: float, stop: threading.Event) -> None:
    while not stop.wait(every):
        try:
            _make_ready(place, centre, stop)
        except (SQLAlchemyError, OSError) as fault:  # a database that was away for a moment is asked again
            log.warning("snapshots: %s", type(fault).__name__)


def _make_ready(place: Place, centre: Centre, stop: threading.Event) -> None:
    shelf = shelf_of(place)
    digest = published_calendar(place, centre.engine).digest
    for code, scope in snapshots.awaited(centre):
        if not snapshots.will_do(centre, shelf, scope, digest) and not snapshots.being_made(centre, scope):
            _build_apart(place, centre, code, stop)


def _build_apart(place: Place, centre: Centre, code: str, stop: threading.Event) -> None:
    command = [sys.executable, "-m", "jinpu_desk.entry.server", "--data", str(place.data)]
    url = centre.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"JINPU_DATABASE_URL": url}  # not as an argument, which every process can read
    with subprocess.Popen(  # noqa: S603  (this very program)
        [*command, "snapshot", "build", "--station", code], env=environment, stdout=subprocess.DEVNULL
    ) as child:
        while child.poll() is None:
            if stop.wait(1.0):
                child.terminate()
