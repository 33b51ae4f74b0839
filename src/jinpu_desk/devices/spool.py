"""The private folder where a scan is safe from the moment it is taken until the store has it.

A file is copied, never moved: the scanner's folder may be on another disk or computer, and a scanner that
still holds its file open must not go on writing into ours. The copy is sealed and named by its content, so that
taking the same file twice (after a crash, say) is taking it once, and a stolen disk shows no scan.

A scan is two files: ``NAME.scan`` with its bytes, and ``NAME.page``, written last, with what it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from jinpu_desk.app.ports.devices import IncomingPage, Sealing
from jinpu_desk.devices.inspection import ScanLimits, inspect
from jinpu_desk.domain.errors import Refused, Unavailable

_CHUNK = 1024 * 1024
_PART, _SCAN, _PAGE = ".part", ".scan", ".page"


class Spool:
    """Takes scans into ``folder``, sealed; only the desk's own user can read it."""

    def __init__(self, folder: Path, sealing: Sealing, limits: ScanLimits | None = None) -> None:
        self._folder = folder
        self._sealing = sealing
        self._limits = limits or ScanLimits()

    def take(self, source: Path, *, unchanged: Callable[[], bool] = lambda: True) -> IncomingPage | None:
        """Returns the scan, durable in the spool under its SHA-256; ``source`` is left as it is.

        ``None`` when ``unchanged()`` is false after it was read. Raises ``Refused`` (``device.scan.…``)
        when it is no sound scan, ``Unavailable`` when it cannot be read or kept now. In all these cases the
        spool holds nothing of it.
        """
        with _reading(source) as original:
            data = self._read(original)
        found = inspect(data, self._limits)
        page = IncomingPage(
            sha256=hashlib.sha256(data).hexdigest(),
            media_type=found.media_type,
            size=len(data),
            taken_ns=time.time_ns(),
            width_px=found.width_px,
            height_px=found.height_px,
            dpi=found.dpi,
            pages=found.pages,
            hints=found.hints,
        )
        if not unchanged():
            return None
        held = self._described(self._place(page.sha256, _PAGE))
        if held is not None:
            return held
        with _spool_faults():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._keep(self._place(page.sha256, _SCAN), data)
                self._keep(self._place(page.sha256, _PAGE), msgspec.msgpack.encode(page))
            except OSError:
                self.release(page.sha256)
                raise
        return page

    def held(self) -> Sequence[IncomingPage]:
        """Returns the scans in the spool, the oldest first. To be called before the first ``take``.

        Copies that a crash cut short are removed: their originals are still where they were.
        """
        if not self._folder.is_dir():
            return ()
        pages = [page for file in self._folder.glob(f"*{_PAGE}") if (page := self._described(file))]
        whole = {self._sealing.name(page.sha256) for page in pages}
        for file in self._folder.iterdir():
            if file.suffix == _PART or (file.suffix == _SCAN and file.stem not in whole):
                file.unlink()
        return sorted(pages, key=lambda page: (page.taken_ns, page.sha256))

    def read(self, sha256: str) -> bytes:
        """Returns the bytes of a scan. Raises ``Unavailable`` (``device.spool.damaged``) when they are not here."""
        try:
            return self._sealing.unseal(self._place(sha256, _SCAN).read_bytes())
        except (OSError, ValueError) as error:
            raise Unavailable("device.spool.damaged") from error

    def release(self, sha256: str) -> None:
        """Removes a scan that is safe elsewhere. One that is not here is no error, nor one the disk will not give up:
        it is shown once more, and taking it again is taking it once."""
        for suffix in (_PAGE, _SCAN):
            with contextlib.suppress(OSError):
                self._place(sha256, suffix).unlink()

    def _read(self, original: BinaryIO) -> bytes:
        data = original.read(self._limits.max_bytes + 1)
        if len(data) > self._limits.max_bytes:
            raise Refused("device.scan.too-many-bytes", limit=self._limits.max_bytes // _CHUNK)
        if not data:
            raise Refused("device.scan.empty")
        return data

    def _keep(self, place: Path, plain: bytes) -> None:
        part = self._folder / f"{secrets.token_hex(8)}{_PART}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
                file.write(self._sealing.seal(plain))
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
            _sync_folder(self._folder)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()

    def _described(self, file: Path) -> IncomingPage | None:
        """What somebody else put here is left alone."""
        try:
            return msgspec.msgpack.decode(self._sealing.unseal(file.read_bytes()), type=IncomingPage)
        except (OSError, ValueError):
            return None

    def _place(self, sha256: str, suffix: str) -> Path:
        return self._folder / f"{self._sealing.name(sha256)}{suffix}"


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
