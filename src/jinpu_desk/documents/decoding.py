"""Opens pictures and PDFs of others in a process of its own, so that a hostile file can harm nothing else.

Scans, attachments and papers of other windows may come from anybody; their decoders (Pillow, PDFium, zxing) are
written in C. The worker has limits on memory and processor time, may write no file and finds no password in its
environment. It lives on from one file to the next, and is replaced when a file kills it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import msgspec

from jinpu_desk.domain.errors import Refused, Unavailable

_KEPT = frozenset({"PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP"})
"""What of our environment a worker may know; our own holds passwords."""
_HEAD_BYTES = 4
MIB = 1024 * 1024


class DecodingLimits(msgspec.Struct, frozen=True):
    """What one file may cost. The pixels of an A3 page at 600 dpi are 70 million."""

    max_bytes: int = 100 * MIB
    max_pixels: int = 120_000_000
    max_seconds: int = 20
    max_memory: int = 1536 * MIB


class Order(msgspec.Struct, frozen=True, tag_field="do"):
    """What a worker is asked; the file follows it."""


class Codes(Order, frozen=True, tag="codes"):
    """The texts of the QR codes in a picture."""


class Count(Order, frozen=True, tag="count"):
    """How many pages a PDF has."""


class Thumbnail(Order, frozen=True, tag="thumbnail"):
    """The first page of a scan as a PNG at most ``width`` pixels wide."""

    width: int


class Page(Order, frozen=True, tag="page"):
    """One page of a PDF, from 0, as a PNG of ``dpi`` dots per inch."""

    number: int
    dpi: int


Orders = Codes | Count | Thumbnail | Page


class Reply(msgspec.Struct, frozen=True):
    """What a worker found, or with which code it turned the file away."""

    refused: str = ""
    where: str = ""
    texts: tuple[str, ...] = ()
    count: int = 0
    png: bytes = b""


class Decoder:
    """One worker process, started at the first file. Any thread may ask; files are opened one by one."""

    def __init__(self, limits: DecodingLimits | None = None) -> None:
        """Use these limits; nothing is started yet."""
        self._limits = limits or DecodingLimits()
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._ending: Callable[[], object] = lambda: None

    def codes(self, data: bytes) -> tuple[str, ...]:
        """Return the texts of the QR codes in a picture. Raises Refused ``documents.not-a-picture`` and as ``ask``."""
        return self.ask(Codes(), data).texts

    def page_count(self, data: bytes) -> int:
        """Return how many pages a PDF has. Raises Refused ``documents.not-a-paper`` and as ``ask``."""
        return self.ask(Count(), data).count

    def thumbnail(self, data: bytes, width: int) -> bytes:
        """Return the first page of a scan (picture or PDF) as a PNG at most ``width`` pixels wide.

        Raises Refused ``documents.not-a-picture`` and as ``ask``.
        """
        return self.ask(Thumbnail(width), data).png

    def page_png(self, data: bytes, number: int, dpi: int) -> bytes:
        """Return a page of a PDF (from 0) as a PNG. Raises Refused ``documents.not-a-paper`` and as ``ask``."""
        return self.ask(Page(number, dpi), data).png

    def ask(self, order: Orders, data: bytes) -> Reply:
        """Let the worker do ``order`` with a file.

        Raises:
            Refused: ``documents.too-costly`` when it kills the worker, outlasts it or is too large, or what is
                wrong with the file.
            Unavailable: ``documents.no-worker`` when none can be started.
        """
        if len(data) > self._limits.max_bytes:
            raise Refused("documents.too-costly")
        with self._lock:
            worker = self._started()
            watch = threading.Timer(self._limits.max_seconds, worker.kill)
            watch.daemon = True
            watch.start()
            try:
                reply = _exchange(worker, order, data)
            except (OSError, EOFError, msgspec.DecodeError, ValueError) as error:
                self._end()
                raise Refused("documents.too-costly") from error
            finally:
                watch.cancel()
        if reply.refused:
            raise Refused(reply.refused, reply.where)
        return reply

    @property
    def worker_id(self) -> int | None:
        """The process id of the worker, None while there is none."""
        return self._worker.pid if self._worker else None

    def close(self) -> None:
        """End the worker; the next file starts another."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is not None and self._worker.poll() is None:
            return self._worker
        self._end()
        try:
            self._worker = subprocess.Popen(  # our own interpreter and module, no shell
                [sys.executable, "-m", "jinpu_desk.documents.decoding_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name.upper() in _KEPT},
            )
        except OSError as error:
            raise Unavailable("documents.no-worker", problem=error.strerror or "") from error
        self._ending = weakref.finalize(self, _ended, self._worker)
        stdin, _ = _pipes(self._worker)
        with suppress(OSError):
            send(stdin, msgspec.msgpack.encode(self._limits))
        return self._worker

    def _end(self) -> None:
        self._ending()
        self._worker = None


def _ended(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    for pipe in _pipes(worker):
        with suppress(OSError):  # what was still to be written has no reader any more
            pipe.close()
    worker.wait()


def _exchange(worker: subprocess.Popen[bytes], order: Orders, data: bytes) -> Reply:
    stdin, stdout = _pipes(worker)
    send(stdin, msgspec.msgpack.encode(order))
    send(stdin, data)
    return msgspec.msgpack.decode(receive(stdout, DecodingLimits().max_bytes * 4), type=Reply)


def _pipes(worker: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if worker.stdin is None or worker.stdout is None:
        raise AssertionError("a worker is started with pipes")
    return worker.stdin, worker.stdout


def send(pipe: IO[bytes], data: bytes) -> None:
    """Write one message: its length in 4 bytes, big-endian, then its bytes."""
    pipe.write(len(data).to_bytes(_HEAD_BYTES, "big"))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes], at_most: int) -> bytes:
    """Read one message. Raises EOFError at the end of the pipe, ValueError for more than ``at_most`` bytes."""
    head = pipe.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES:
        raise EOFError
    size = int.from_bytes(head, "big")
    if size > at_most:
        raise ValueError(size)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
