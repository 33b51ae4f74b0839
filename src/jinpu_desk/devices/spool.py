"""The private folder where a scan is safe from the moment it is taken until the store has it.

A file is copied, never moved: the scanner's folder may be on another disk or computer, and a scanner that
still holds its file open must not go on writing into ours. The copy is named by its content, so that taking
the same file twice (after a crash, say) is taking it once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from jinpu_desk.app.ports.devices import IncomingPage, MediaType
from jinpu_desk.devices.inspection import ScanLimits, inspect
from jinpu_desk.domain.errors import Refused, Unavailable

_CHUNK = 1024 * 1024
_PART = ".part"
_SUFFIXES = {
    MediaType.JPEG: ".jpg",
    MediaType.PNG: ".png",
    MediaType.TIFF: ".tif",
    MediaType.PDF: ".pdf",
}


class Spool:
    """Takes scans into ``folder``, which only the desk's own user can read."""

    def __init__(self, folder: Path, limits: ScanLimits | None = None) -> None:
        self._folder = folder
        self._limits = limits or ScanLimits()

    def take(self, source: Path, *, unchanged: Callable[[], bool] = lambda: True) -> IncomingPage | None:
        """Returns the scan, durable in the spool under its SHA-256; ``source`` is left as it is.

        ``None`` when ``unchanged()`` is false after the copy was made. Raises ``Refused`` (``device.scan.…``)
        when it is no sound scan, ``Unavailable`` when it cannot be read or kept now. In all these cases the
        spool holds nothing of it.
        """
        part = self._folder / f"{secrets.token_hex(8)}{_PART}"
        try:
            with _writing(part) as copy, _reading(source) as original:
                sha256 = self._copy(original, copy)
            page = self._describe(part, sha256)
            if not unchanged():
                return None
            with _spool_faults():
                part.replace(page.path)
                _sync_folder(self._folder)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
        return page

    def held(self) -> Sequence[IncomingPage]:
        """Returns the scans in the spool, the oldest first. To be called before the first ``take``.

        Copies that a crash cut short are removed: their originals are still where they were.
        """
        if not self._folder.is_dir():
            return ()
        for part in self._folder.glob(f"*{_PART}"):
            part.unlink()
        files = sorted(self._folder.iterdir(), key=lambda file: (file.stat().st_mtime_ns, file.name))
        return [page for file in files if (page := self._recognise(file)) is not None]

    def release(self, sha256: str) -> None:
        """Removes a scan that is safe elsewhere; one that is not here is no error."""
        for suffix in _SUFFIXES.values():
            (self._folder / f"{sha256}{suffix}").unlink(missing_ok=True)

    def _copy(self, original: BinaryIO, copy: BinaryIO) -> str:
        digest, size = hashlib.sha256(), 0
        while chunk := original.read(_CHUNK):
            size += len(chunk)
            if size > self._limits.max_bytes:
                raise Refused("device.scan.too-many-bytes", limit=self._limits.max_bytes // _CHUNK)
            digest.update(chunk)
            with _spool_faults():
                copy.write(chunk)
        if size == 0:
            raise Refused("device.scan.empty")
        return digest.hexdigest()

    def _recognise(self, file: Path) -> IncomingPage | None:
        """What somebody else put here is left alone."""
        try:
            return self._describe(file, file.stem)
        except Refused:
            return None

    def _describe(self, file: Path, sha256: str) -> IncomingPage:
        found = inspect(file, self._limits)
        return IncomingPage(
            sha256=sha256,
            media_type=found.media_type,
            path=self._folder / f"{sha256}{_SUFFIXES[found.media_type]}",
            width_px=found.width_px,
            height_px=found.height_px,
            dpi=found.dpi,
            pages=found.pages,
            hints=found.hints,
        )


@contextlib.contextmanager
def _reading(source: Path) -> Iterator[BinaryIO]:
    """Opens a regular file (a pipe or device would never end) or says that it cannot be read now."""
    try:
        if not source.is_file():
            raise Refused("device.scan.not-a-file")
        with source.open("rb") as file:
            yield file
    except OSError as error:
        raise Unavailable("device.scan.unreadable", reason=error.strerror or "") from error


@contextlib.contextmanager
def _writing(part: Path) -> Iterator[BinaryIO]:
    """Opens a new file only its owner can read; what was written is on the disk when the block ends."""
    with _spool_faults():
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


@contextlib.contextmanager
def _spool_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("device.spool.unwritable", reason=error.strerror or "") from error


def _sync_folder(folder: Path) -> None:
    """Makes the new name durable as well. Windows has no such call and needs none on NTFS."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
