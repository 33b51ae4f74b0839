"""Runs the application on a socket and says where it answers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn
from litestar import Litestar

from jinpu_desk.domain.errors import Refused, Unavailable

_GRACE_SECONDS = 10


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where to serve; port 0 takes a free one."""

    host: str
    port: int
    ready_file: Path | None
    tls_cert: Path | None
    tls_key: Path | None
    stop_with: int | None = None  # stop when this descriptor ends: a demo's server must not outlive the demo


class _Server(uvicorn.Server):
    """A server that writes its address to a file once it answers."""

    def __init__(self, config: uvicorn.Config, place: Place, url: str) -> None:
        super().__init__(config)
        self._ready_file = place.ready_file
        self._url = url
        if place.stop_with is not None:
            threading.Thread(target=self._stop_with, args=(place.stop_with,), daemon=True).start()

    def _stop_with(self, descriptor: int) -> None:
        # Not through sys.stdin: Python cannot end while a thread is inside its buffer.
        while os.read(descriptor, 4096):
            pass
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready_file is not None and not self.should_exit:
            half = self._ready_file.with_name(self._ready_file.name + ".new")
            half.write_text(self._url + "\n")
            half.replace(self._ready_file)


def serve(application: Litestar, place: Place) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        Refused: ``server.tls`` when only one of certificate and key is given, or they cannot be read.
        Unavailable: ``server.address`` when the address is taken or not ours.
    """
    if (place.tls_cert is None) != (place.tls_key is None):
        raise Refused("server.tls", "--tls-cert")
    listener = _listen(place.host, place.port)
    scheme = "https" if place.tls_cert else "http"
    host = f"[{place.host}]" if ":" in place.host else place.host
    url = f"{scheme}://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=place.tls_cert,
        ssl_keyfile=place.tls_key,
    )
    with listener, _calm_signals():
        try:
            config.load()
        except OSError as error:
            raise Refused("server.tls", "--tls-cert", problem=str(error)) from error
        _Server(config, place, url).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named; it cost 40 ms a request.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise Unavailable("server.address", "--port", host=host, port=port) from error
    return listener


@contextlib.contextmanager
def _calm_signals() -> Iterator[None]:
    """Keep the process alive through the signal uvicorn raises again after it has shut down.

    Otherwise SIGTERM would end it before the embedded PostgreSQL is stopped.
    """

    def ignore(_signum: int, _frame: FrameType | None) -> None:
        return None

    before = {number: signal.signal(number, ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
