"""One desk's folder: who may read it, what lies where, and that one process has it at a time.

settings.toml  replica.json  replica.key  keys.json  desk.db  lock
trust/  shelf/  blobs/  hot/  spool/  out/  logs/
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from jinpu_desk.app.ports import Replica
from jinpu_desk.domain.errors import Unavailable

from .atomic import PRIVATE_FILE, clear_drafts, disk_faults, make_folder
from .checked import DamagedFile, read_checked, write_checked

FOLDERS = ("trust", "shelf", "blobs", "hot", "spool", "out", "licences", "logs")


class Home:
    """A desk's folder, held until ``close``. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Make what is absent of the folder at ``path``, take its lock and clear away what a crash left half-written.

        Raises:
            Unavailable: ``home.locked`` when another process has it; ``store.io``, ``store.disk-full``.
        """
        self.path = make_folder(path)
        self._lock = _taken(path / "lock")
        try:
            for name in FOLDERS:
                make_folder(path / name)
            for folder in (path, path / "trust", path / "next", path / "blobs", *(path / "shelf").iterdir()):
                clear_drafts(folder)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Home:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the next process have the folder."""
        self._lock.close()

    @property
    def enrolled(self) -> bool:
        """Whether this desk was set up with a centre."""
        return self.replica_file.exists()

    @property
    def settings(self) -> Path:
        """The settings file, which may be absent."""
        return self.path / "settings.toml"

    @property
    def replica_file(self) -> Path:
        """What the centre enrolled; kept outside the database so that a copied database is noticed."""
        return self.path / "replica.json"

    @property
    def signing_key(self) -> Path:
        """The replica's sealed key."""
        return self.path / "replica.key"

    @property
    def keys(self) -> Path:
        """The key slots."""
        return self.path / "keys.json"

    @property
    def database(self) -> Path:
        """The encrypted store."""
        return self.path / "desk.db"

    def folder(self, name: str) -> Path:
        """Return one of ``FOLDERS``."""
        if name not in FOLDERS:
            raise KeyError(name)
        return self.path / name

    def save_replica(self, replica: Replica) -> None:
        """Remember who the centre says this window is."""
        write_checked(self.replica_file, msgspec.json.encode(replica))

    def load_replica(self) -> Replica:
        """Return who the centre says this window is.

        Raises:
            Unavailable: ``home.not-enrolled`` or ``home.replica`` when the file cannot be read.
        """
        try:
            return msgspec.json.decode(read_checked(self.replica_file), type=Replica)
        except FileNotFoundError as error:
            raise Unavailable("home.not-enrolled", self.path.name) from error
        except (OSError, DamagedFile, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable("home.replica", self.replica_file.name) from error


@contextmanager
def new_home(path: Path) -> Iterator[Home]:
    """Lend a home that is to become a desk's. When nothing came of it, a folder that was not there is gone again."""
    was_there = path.exists()
    with Home(path) as home:
        try:
            yield home
        except BaseException:
            if not was_there and all(
                file.parent.name == "logs" or file.name == "lock" for file in _files(path)
            ):
                shutil.rmtree(path, ignore_errors=True)
            raise


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir())


def _taken(path: Path) -> BinaryIO:
    """Return the open lock file; the system lets go of it however the process ends."""
    with disk_faults(path.name):
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE), "r+b")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise Unavailable("home.locked", path.parent.name) from error
    return file
