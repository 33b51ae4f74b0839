"""``jinpu-server serve``: joins a centre in each process and serves it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine

from jinpu_desk.app.ports import Clock
from jinpu_desk.domain.instants import millis
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.http.logs import log_to
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.marks import Marker
from jinpu_desk.store.centre.engine import connect, share
from jinpu_desk.store.centre.registry import CentreRow

from .place import Answer, Place

if TYPE_CHECKING:
    from jinpu_desk.server.http.door import FrontDoor

Join = Callable[[Place, Engine, CentreRow, Clock, str], Centre]
_THREADS = 16
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def serve(place: Place, arguments: argparse.Namespace, join: Join) -> Answer:
    """Serve until stopped; ``join`` makes a centre on a database.

    Raises as ``serving.serve``, and Refused ``server.option`` for an address that is none.
    """
    with ExitStack() as stack:
        if arguments.workers > 1:
            # The processes add their numbers up in a folder, which must be named before the numbers are made.
            os.environ[_METRICS] = stack.enter_context(tempfile.TemporaryDirectory(prefix="jinpu-metrics-"))
        from jinpu_desk.server.http import serving
        from jinpu_desk.server.http.app import application
        from jinpu_desk.server.http.metrics_gate import Gate, network

        from .snapshot import kept_ready

        proxies = tuple(str(network(each, "--trusted-proxy")) for each in arguments.trusted_proxy)
        gate = Gate(
            [network(each, "--metrics-from") for each in arguments.metrics_from],
            os.environ.get("JINPU_METRICS_TOKEN", ""),
            behind_proxy=bool(proxies),
        )
        log_to(arguments.log)
        engine, row, clock = stack.enter_context(place.initialised())
        if Marker(place.data).compare(engine, millis(clock.now())):
            logging.getLogger(__name__).warning("restored: numbers stay closed until jinpu-server epoch bump")
        admin.enrol_centre(engine, CentreKey.load(place.data), clock.now(), os.urandom)
        most = share(engine, arguments.workers)
        engine.dispose()  # nothing of it may be shared with the processes

        @contextmanager
        def make() -> Iterator[FrontDoor]:
            own = connect(engine.url.render_as_string(hide_password=False), most)
            try:
                centre = join(place, own, row, clock, arguments.blobs)
                with kept_ready(place, centre):
                    yield application(centre, gate)
            finally:
                own.dispose()

        address = serving.Place(
            host=arguments.host,
            port=arguments.port,
            ready_file=arguments.ready_file,
            tls_cert=arguments.tls_cert,
            tls_key=arguments.tls_key,
            stop_with=sys.stdin.fileno() if arguments.stop_with_stdin else None,
            workers=arguments.workers,
            threads=max(min(_THREADS, most // 2), 1),  # a request takes two connections at most
            proxies=proxies,
        )
        serving.serve(make, address, _forget, place.sound)
    return None


def _forget(process: int) -> None:
    """Take what a process that ended was doing out of the metrics; what it had counted stays."""
    for file in Path(os.environ[_METRICS]).glob(f"gauge_live*_{process}.db"):
        file.unlink(missing_ok=True)
