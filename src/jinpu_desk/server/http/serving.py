"""Runs the application on a socket, in one process or several, and says where it answers."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType

import anyio.to_thread
import msgspec
import uvicorn

from jinpu_desk.domain.errors import Refused, Unavailable

from .door import HEAD_BYTES, FrontDoor
from .protocol import PatientProtocol
from .tls import Certificate
from .workers import Workers

_GRACE_SECONDS = 10
_KILL_AFTER_SECONDS = 15.0
_RENEW_SECONDS = 30
IDLE_SECONDS = 75
"""How long a connection without a request stays: longer than whoever asks keeps one (desks 5 s, nginx 60 s), for the side
that closes first must be the one that would send next. Otherwise a request now and then meets a closed door.
"""
"""How often the certificate is looked at."""
_TICKS = 10
"""The server's ticks in a second."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how to serve; port 0 takes a free one, ``proxies`` are those whose word for an address counts."""

    host: str = "127.0.0.1"
    port: int = 0
    ready_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    stop_with: int | None = None  # stop when this descriptor ends: a demo's server must not outlive the demo
    workers: int = 1
    threads: int = 16  # requests a process works on at once; each may take 64 MiB for a password's hash
    proxies: tuple[str, ...] = ()


class _Stop:
    """Whether a signal asked to stop before there was a server to take it."""

    asked = False


class _Server(uvicorn.Server):
    """A server that calls ``ready`` once it answers, and ends by itself when ``sound`` is no longer so."""

    def __init__(
        self,
        config: uvicorn.Config,
        threads: int,
        ready: Callable[[], None],
        stop: _Stop,
        stop_with: int | None,
        sound: Callable[[], bool],
    ) -> None:
        super().__init__(config)
        self._threads = threads
        self._tell = ready
        self._stop = stop
        self._sound = sound
        if stop_with is not None:
            threading.Thread(target=self._stop_with, args=(stop_with,), daemon=True).start()

    def _stop_with(self, descriptor: int) -> None:
        # Not through sys.stdin: Python cannot end while a thread is inside its buffer.
        while os.read(descriptor, 4096):
            pass
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._stop.asked:  # from here on signals come to this server itself
            self.should_exit = True
            return
        anyio.to_thread.current_default_thread_limiter().total_tokens = self._threads
        await super().startup(sockets)
        # What is loaded by now stays: looking through it again and again took a fifth of the time of a push.
        gc.collect()
        gc.freeze()
        if not self.should_exit:
            self._tell()

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0 and not self._sound():
            self.should_exit = True
        return await super().on_tick(counter)


def serve(
    make: Callable[[], AbstractContextManager[FrontDoor]],
    place: Place,
    forget: Callable[[int], None],
    sound: Callable[[], bool] = lambda: True,
) -> None:
    """Serve until SIGTERM or SIGINT what ``make`` makes in each process; ``forget`` is told of each that ended.

    ``sound`` is asked every second by one process whether there still is anything to serve from.

    Raises:
        Refused: ``server.tls`` when only one of certificate and key is given, or they cannot be read;
            ``server.workers`` for several processes on a system that does not fork (Windows).
        Unavailable: ``cli.unwritable`` when there is no place for the ready file, ``server.address`` when the address is taken or not ours, ``server.start`` when no process lives
            long enough to answer, ``server.postgres-gone`` when what was served from was ``sound`` no longer.
    """
    if place.workers > 1 and not hasattr(os, "fork"):
        raise Refused("server.workers", "--workers")
    _check_tls(place)
    _check_ready_file(place)
    listener = _listen(place.host, place.port)
    scheme = "https" if place.tls_cert else "http"
    host = f"[{place.host}]" if ":" in place.host else place.host
    url = f"{scheme}://{host}:{listener.getsockname()[1]}"

    def announce() -> None:
        if place.ready_file is not None:
            half = _half(place.ready_file)
            half.write_text(url + "\n")
            half.replace(place.ready_file)

    def work(
        ready: Callable[[], None],
        stop_with: int | None = None,
        sound: Callable[[], bool] = lambda: True,
    ) -> None:
        with _calm_signals() as stop, make() as application:
            config = configured(application, place)
            _Server(config, place.threads, ready, stop, stop_with, sound).run([listener])

    with listener:
        if place.workers == 1:
            work(announce, place.stop_with, sound)
        else:
            # Listening before the fork: whoever connects while a process is replaced waits for the others.
            listener.listen(2048)
            Workers(place.workers, work, forget, sound).run(announce, place.stop_with, _KILL_AFTER_SECONDS)
    if not sound():
        raise Unavailable("server.postgres-gone")


def configured(application: FrontDoor, place: Place) -> uvicorn.Config:
    """Return how the HTTP server is set up to serve ``application`` at ``place``."""
    certificate = Certificate(place.tls_cert, place.tls_key) if place.tls_cert and place.tls_key else None
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="none",
        http=PatientProtocol,
        h11_max_incomplete_event_size=HEAD_BYTES,
        server_header=False,
        proxy_headers=bool(place.proxies),
        forwarded_allow_ips=list(place.proxies),
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        ssl_certfile=place.tls_cert,
        ssl_keyfile=place.tls_key,
        ssl_context_factory=(lambda _config, make: certificate.into(make())) if certificate else None,
        callback_notify=certificate.renew if certificate else None,
        timeout_notify=_RENEW_SECONDS,
    )


def _half(ready_file: Path) -> Path:
    return ready_file.with_name(ready_file.name + ".new")


def _check_ready_file(place: Place) -> None:
    """Find out before anybody waits for the file whether it can be written."""
    if place.ready_file is None:
        return
    try:
        _half(place.ready_file).touch()
        _half(place.ready_file).unlink()
    except OSError as error:
        raise Unavailable("cli.unwritable", str(place.ready_file)) from error


def _check_tls(place: Place) -> None:
    """Refuse a certificate or key that cannot be used, before anything is started."""
    if (place.tls_cert is None) != (place.tls_key is None):
        raise Refused("server.tls", "--tls-cert")
    if place.tls_cert is None or place.tls_key is None:
        return
    try:
        Certificate(place.tls_cert, place.tls_key)
    except OSError as error:
        raise Refused("server.tls", "--tls-cert", problem=str(error)) from error


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
def _calm_signals() -> Iterator[_Stop]:
    """Keep the process alive through the signal uvicorn raises again after it has shut down.

    Otherwise SIGTERM would end it before the embedded PostgreSQL is stopped. One that comes before uvicorn listens
    to signals is noted in what this gives.
    """
    stop = _Stop()

    def note(_signum: int, _frame: FrameType | None) -> None:
        stop.asked = True

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
