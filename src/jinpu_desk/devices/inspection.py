"""Opens a scan in a process of its own, so that a malicious or broken file can harm nothing else.

``inspect(data)`` runs ``python -m jinpu_desk.devices.inspection_worker`` with limits on time, memory and
pixels and returns what the worker found. Decoders (Pillow, PDFium) are never called in the desk's own process.
"""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from jinpu_desk.app.ports.devices import MediaType, PageHint
from jinpu_desk.domain.errors import Refused, Unavailable

_MIB = 1024 * 1024
_KEPT = frozenset({"PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP"})
"""What of our environment a worker may know; our own holds passwords."""


class ScanLimits(msgspec.Struct, frozen=True):
    """What a scan may cost. The pixels of an A3 page at 600 dpi are 70 million."""

    max_bytes: int = 100 * _MIB
    max_pixels: int = 120_000_000
    max_pages: int = 500
    max_seconds: int = 30
    max_memory: int = 1536 * _MIB


class Inspected(msgspec.Struct, frozen=True):
    """What a sound file turned out to be."""

    media_type: MediaType
    width_px: int
    height_px: int
    dpi: int
    pages: int
    hints: tuple[PageHint, ...] = ()


class Rejected(msgspec.Struct, frozen=True):
    """Why the worker would not take a file: a message code and the values of its sentence."""

    code: str
    params: dict[str, str] = {}


class Order(msgspec.Struct, frozen=True):
    """What the worker is told, in one line; the file follows it."""

    limits: ScanLimits


class Report(msgspec.Struct, frozen=True):
    """What the worker answers: exactly one of the two."""

    inspected: Inspected | None = None
    rejected: Rejected | None = None


def inspect(data: bytes, limits: ScanLimits) -> Inspected:
    """Returns what a file is, having decoded every page of it.

    Raises ``Refused`` (``device.scan.…``) when it is not a sound JPEG, PNG, TIFF or PDF within ``limits``;
    a file that kills its worker or outlasts it is refused as well.
    """
    order = msgspec.json.encode(Order(limits)) + b"\n" + data
    try:
        worker = subprocess.run(  # our own interpreter and module, no shell
            [sys.executable, "-m", "jinpu_desk.devices.inspection_worker"],
            input=order,
            env={name: value for name, value in os.environ.items() if name.upper() in _KEPT},
            capture_output=True,
            timeout=limits.max_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("device.scan.too-costly") from None
    except OSError as error:
        raise Unavailable("device.scan.no-worker", reason=error.strerror or "") from error
    return _read_report(worker.stdout)


def _read_report(answer: bytes) -> Inspected:
    """A worker that was stopped by its limits leaves no answer: what it was given cost too much."""
    try:
        report = msgspec.json.decode(answer, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused("device.scan.too-costly") from None
    if report.inspected is not None:
        return report.inspected
    rejected = report.rejected or Rejected("device.scan.damaged")
    raise Refused(rejected.code, **rejected.params)
