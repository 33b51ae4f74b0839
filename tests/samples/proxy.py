"""A bad network between a desk and its centre: a real TCP proxy on loopback that tests tell what to do.

``SlowLine`` carries bytes at the rate of a line and drops every so often. ``Meddler`` reads whole HTTP messages and
cuts them at an exact byte, stalls, sends a request twice, or brings it again later, after others.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

_READ = 64 * 1024
_SMOOTH = 20
"""A throttled line carries this many slices a second."""
_HARD = struct.pack("ii", 1, 0)
_END = b"\r\n\r\n"


class Proxy:
    """Listens on a free port and hands each connection to ``_carry`` with one of its own to the centre."""

    def __init__(self, target: str) -> None:
        """Stand before the centre at the address ``target``."""
        parts = urlsplit(target)
        assert parts.hostname is not None
        self._target = parts.hostname, parts.port or 80
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = False
        self.unplugged = False
        """While set, whoever connects is cut off at once."""
        self._threads = [threading.Thread(target=self._listen, name="proxy", daemon=True)]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.up = self.down = 0
        """Bytes carried to the centre and to the desk, headers and all."""

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join()

    def drop(self) -> None:
        """Cut every connection at once, as when a cable is pulled: what is under way is lost."""
        with self._lock:
            for one in self._open:
                _cut(one)

    def _listen(self) -> None:
        while not self._closing:
            try:
                desk, _address = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(desk,), name="proxy", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, desk: socket.socket) -> None:
        with contextlib.suppress(OSError), self._held(desk), socket.create_connection(self._target) as centre:
            desk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            centre.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._held(centre):
                self._carry(desk, centre)

    @contextlib.contextmanager
    def _held(self, one: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(one)
            if self._closing or self.unplugged:
                _cut(one)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(one)
            one.close()

    def _carry(self, desk: socket.socket, centre: socket.socket) -> None:
        raise NotImplementedError


class SlowLine(Proxy):
    """Carries bytes at ``rate`` a second each way, all connections together, and drops every ``drop_every`` seconds.

    Both may be changed at any time; None is a line as fast as it gets, and one that never drops.
    """

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.rate: float | None = None
        self.drop_every: float | None = None
        self.drops = 0
        self._free = {"up": 0.0, "down": 0.0}
        self._wake = threading.Event()
        self._threads.append(threading.Thread(target=self._cutter, name="proxy", daemon=True))

    def __enter__(self) -> Self:
        self._threads[1].start()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._wake.set()
        super().__exit__(kind, error, trace)

    def _cutter(self) -> None:
        while not self._closing:
            every = self.drop_every
            self._wake.wait(every or 0.1)
            if every is not None and not self._closing:
                self.drop()
                self.drops += 1

    def _carry(self, desk: socket.socket, centre: socket.socket) -> None:
        back = threading.Thread(target=self._pump, args=(centre, desk, "down"), name="proxy", daemon=True)
        back.start()
        self._pump(desk, centre, "up")
        back.join()

    def _pump(self, source: socket.socket, sink: socket.socket, way: Literal["up", "down"]) -> None:
        try:
            while True:
                rate = self.rate
                data = source.recv(_READ if rate is None else max(1, int(rate / _SMOOTH)))
                if not data:
                    break
                if rate is not None:
                    time.sleep(self._turn(way, len(data) / rate))
                sink.sendall(data)
                with self._lock:
                    setattr(self, way, getattr(self, way) + len(data))
        except OSError:
            _cut(sink)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _turn(self, way: str, length: float) -> float:
        """Return how long the line is taken until these bytes are through, after those before them."""
        now = time.monotonic()
        with self._lock:
            self._free[way] = max(self._free[way], now) + length
            return self._free[way] - now


@dataclass(frozen=True)
class Message:
    """A whole request or answer; ``head`` is where its body begins."""

    raw: bytes
    head: int

    @property
    def method(self) -> str:
        return self.raw.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        return self.raw.split(b" ", 2)[1].decode()


@dataclass(frozen=True)
class Fault:
    """What befalls an exchange. ``at`` counts bytes of the request (``up``) or of the answer (``down``)."""

    kind: Literal["cut-up", "cut-down", "stall", "twice", "again-later"]
    at: Callable[[Message], int] = field(default=lambda message: len(message.raw))


Script = Callable[[int, Message], Fault | None]
"""Decides by the number of the request since the start (from 0), and the request."""


class Meddler(Proxy):
    """Carries whole requests and answers, and does to them what ``script`` says."""

    def __init__(self, target: str, script: Script = lambda _number, _request: None) -> None:
        super().__init__(target)
        self.script = script
        self.requests: list[Message] = []
        self.answers: list[Message] = []
        self.late: list[Message] = []
        """Requests that are to come again later."""
        self.met = 0

    def replay(self, order: Callable[[list[Message]], list[Message]]) -> None:
        """Bring the late requests to the centre once more, each alone; what it answers is lost."""
        late, self.late = order(self.late), []
        for request in late:
            with socket.create_connection(self._target) as centre:
                centre.sendall(request.raw)
                _read_message(centre, bodyless=request.method == "HEAD")

    def _carry(self, desk: socket.socket, centre: socket.socket) -> None:
        while True:
            request = _read_message(desk)
            if request is None:
                return
            with self._lock:
                number = len(self.requests)
                self.requests.append(request)
            fault = self.script(number, request)
            if fault is not None:
                self.met += 1
            if not self._exchange(desk, centre, request, fault):
                return

    def _exchange(
        self, desk: socket.socket, centre: socket.socket, request: Message, fault: Fault | None
    ) -> bool:
        """Carry one exchange; tell whether the connection goes on."""
        kind = fault.kind if fault else ""
        at = fault.at if fault else lambda message: len(message.raw)
        if kind == "cut-up":
            centre.sendall(request.raw[: at(request)])
            # Closed in order, so that the centre reads every byte that got through before it sees the end.
            centre.shutdown(socket.SHUT_WR)
            _cut(desk)
            with contextlib.suppress(OSError):
                while centre.recv(_READ):
                    pass
            return False
        if kind == "stall":
            desk.recv(1)  # silence until the desk gives up
            return False
        if kind == "again-later":
            self.late.append(request)
        if kind == "twice":
            centre.sendall(request.raw)
            _read_message(centre, bodyless=request.method == "HEAD")
        centre.sendall(request.raw)
        answer = _read_message(centre, bodyless=request.method == "HEAD")
        if answer is None:
            return False
        with self._lock:
            self.answers.append(answer)
        if kind == "cut-down":
            desk.sendall(answer.raw[: at(answer)])
            _cut(desk)
            return False
        desk.sendall(answer.raw)
        return True


def _read_message(source: socket.socket, *, bodyless: bool = False) -> Message | None:
    """Read one message with a Content-Length or without a body; None at the end of the stream."""
    raw = b""
    while _END not in raw:
        data = source.recv(_READ)
        if not data:
            return None
        raw += data
    head = raw.index(_END) + len(_END)
    length = 0
    for line in raw[:head].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and not bodyless:
            length = int(value)
        assert name.strip().lower() != b"transfer-encoding", "the centre says how long its answers are"
    while len(raw) < head + length:
        data = source.recv(_READ)
        if not data:
            return None
        raw += data
    return Message(raw, head)


def _cut(one: socket.socket) -> None:
    """End a connection with a reset, as a dead line does. Whoever waits in it wakes."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD)
        one.shutdown(socket.SHUT_RDWR)
