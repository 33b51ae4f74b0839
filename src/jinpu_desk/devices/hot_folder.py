"""Watches the folder a scanner or document camera saves into, and takes finished scans from it.

It has no thread and no clock: someone calls ``poll`` about once a second. A file is taken when its size and
time were the same at two polls ``settle_ms`` apart and it opens as what it is. It leaves the folder only
when its copy is durable in the spool; one that is turned away stays where it is and is reported once.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jinpu_desk.app.ports.devices import IncomingPage, TurnedAway
from jinpu_desk.devices.spool import Spool
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable

_ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"))


class _Look(msgspec.Struct, frozen=True):
    """What a file looked like; two looks are equal when nobody wrote to it in between."""

    size: int
    changed_ns: int
    inode: int


class _Watched(msgspec.Struct):
    look: _Look
    since_ms: int
    settled: bool = False  # refused, or taken but impossible to remove: not tried again as it is
    told: str = ""  # the code of the passing fault already reported


class HotFolder:
    """Takes finished scans out of ``folder`` into ``spool``; see the module for what that promises."""

    def __init__(self, folder: Path, spool: Spool, *, settle_ms: int = 800, at_most: int = 20) -> None:
        self._folder = folder
        self._spool = spool
        self._settle_ms = settle_ms
        self._at_most = at_most
        self._watched: dict[Path, _Watched] = {}

    def poll(self, now_ms: int) -> Sequence[IncomingPage | TurnedAway]:
        """Returns what is new since the last poll, in the order it was scanned, ``at_most`` files at a time.

        ``now_ms`` is a monotonic time. Raises ``Unavailable`` when the folder cannot be read.
        """
        seen = self._look_around()
        self._watched = {path: watched for path, watched in self._watched.items() if path in seen}
        ready = [path for path, look in seen.items() if self._is_still(path, look, now_ms)]
        ready.sort(key=lambda path: (seen[path].changed_ns, path.name))
        results = (self._take(path) for path in ready[: self._at_most])
        return [result for result in results if result is not None]

    def import_file(self, path: Path) -> IncomingPage:
        """Takes a copy of a file the clerk picked, wherever it is; the file itself stays."""
        page = self._spool.take(path)
        assert page is not None  # nobody asked for it to be unchanged
        return page

    def unreleased(self) -> Sequence[IncomingPage]:
        """Returns what was taken but not yet released, after a crash above all."""
        return self._spool.held()

    def read(self, sha256: str) -> bytes:
        """Returns the bytes of a scan in the spool."""
        return self._spool.read(sha256)

    def release(self, sha256: str) -> None:
        """Forgets a scan the store has."""
        self._spool.release(sha256)

    def _look_around(self) -> dict[Path, _Look]:
        try:
            paths = [path for path in self._folder.iterdir() if _may_be_a_scan(path)]
        except OSError as error:
            raise Unavailable("device.scan.no-folder", reason=error.strerror or "") from error
        looks = ((path, _look_at(path)) for path in paths)
        return {path: look for path, look in looks if look is not None}

    def _is_still(self, path: Path, look: _Look, now_ms: int) -> bool:
        watched = self._watched.get(path)
        if watched is None or watched.look != look:
            self._watched[path] = _Watched(look, now_ms)
            return False
        return not watched.settled and now_ms - watched.since_ms >= self._settle_ms

    def _take(self, path: Path) -> IncomingPage | TurnedAway | None:
        watched = self._watched[path]
        try:
            page = self._spool.take(path, unchanged=lambda: _look_at(path) == watched.look)
        except Refused as refusal:
            watched.settled = True
            return _turned_away(path, refusal)
        except Unavailable as fault:  # a locked file, a lost share, a full disk: every poll tries again
            told, watched.told = watched.told, fault.code
            return None if told == fault.code else _turned_away(path, fault)
        if page is None:
            return None
        watched.settled = True
        with contextlib.suppress(OSError):  # a read-only folder: it is taken, and not taken again
            path.unlink()
        return page


def _may_be_a_scan(path: Path) -> bool:
    return path.suffix.lower() in _ENDINGS and not path.name.startswith((".", "~"))


def _look_at(path: Path) -> _Look | None:
    """Returns ``None`` for what is gone, empty, or no regular file (links could lead anywhere)."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
        return None
    return _Look(found.st_size, found.st_mtime_ns, found.st_ino)


def _turned_away(path: Path, error: DeskError) -> TurnedAway:
    return TurnedAway(path, error.code, {key: str(value) for key, value in error.params.items()})
