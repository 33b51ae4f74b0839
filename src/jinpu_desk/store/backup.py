"""One desk's own backup: everything of its home that a new PC needs, as one file (CONTRACT ``backup``, ``restore``).

The database is copied first, in one consistent moment while the window goes on; attachments come after it, because a
scan is on the disk before any event names it. Who encrypts the file is passed in; this module says what goes in, and
lets nothing out of the folder it restores into.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from jinpu_desk.domain.errors import Refused

from .atomic import PRIVATE_FILE, disk_faults, make_folder, sync_folder
from .home import Home
from .migrate import HEAD

PIECE = 1 << 20
FILE_LIMIT = 1 << 40
_FILES = ("replica.key", "settings.toml", "mark", "place.json")
_FOLDERS = ("trust", "shelf", "blobs", "spool", "hot", "licences")
_DATABASE = "desk.db"
_OPEN = ("keys.json", "replica.json", "trust/centre.json")
"""What opens the rest lies readable beside it, exactly as it lies on the desk's disk."""
_PART = re.compile(r"[^/\\:\x00-\x1f]{1,200}")
_LENGTH = 4

Progress = Callable[[int, int], None]


class SealedOut(Protocol):
    """Where plain bytes are written to be encrypted."""

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None: ...


class SealedIn(Protocol):
    """Where genuine plain bytes come from; Refused for anything else."""

    def read(self, size: int) -> bytes: ...

    def at_end(self) -> bool: ...


class Notes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is read before the key is known: the files that lead to it, and for which schema the database is."""

    schema: str
    made_at: int  # UTC ms
    files: dict[str, bytes]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file; an empty name is the end."""

    name: str
    size: int


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """What went into a backup, or came out of it."""

    files: int
    bytes: int


def notes_of(home: Home, made_at: int) -> bytes:
    """Return the notes of a backup of ``home``."""
    with disk_faults("keys.json"):
        files = {name: (home.path / name).read_bytes() for name in _OPEN}
    return msgspec.msgpack.encode(Notes(schema=HEAD, made_at=made_at, files=files))


def read_notes(raw: bytes) -> Notes:
    """Return the notes of a backup.

    Raises:
        Refused: ``desk-backup.damaged``, ``desk-backup.newer`` when its database is for a newer program.
    """
    try:
        notes = msgspec.msgpack.decode(raw, type=Notes)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("desk-backup.damaged", problem="notes") from error
    if notes.schema > HEAD:
        raise Refused("desk-backup.newer", stored=notes.schema, known=HEAD)
    if set(notes.files) != set(_OPEN):
        raise Refused("desk-backup.damaged", problem="notes")
    return notes


def pack(
    home: Home, copy: Callable[[Path], None], out: SealedOut, progress: Progress = lambda _done, _all: None
) -> Packed:
    """Write everything but the notes to ``out``. ``copy`` puts a consistent copy of the database at a path.

    Raises:
        Unavailable: ``store.disk-full``, ``store.io``; the caller throws the half file away.
    """
    for left in home.path.glob(".backup.*.db*"):  # of one that was killed
        left.unlink(missing_ok=True)
    draft = home.path / f".backup.{os.getpid()}.db"
    try:
        copy(draft)
        found = [(_DATABASE, draft), *_held(home.path)]
        with disk_faults("backup"):
            total = sum(path.stat().st_size for _name, path in found)
        packer = _Packer(out, lambda done: progress(done, total))
        for name, path in found:
            packer.add(name, path)
        return packer.end()
    finally:
        draft.unlink(missing_ok=True)


class _Packer:
    def __init__(self, out: SealedOut, progress: Callable[[int], None]) -> None:
        self._out = out
        self._progress = progress
        self._files = self._bytes = 0

    def add(self, name: str, path: Path) -> None:
        """Write one file; a scan or a shelf's version that went away meanwhile was nobody's any more."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file, disk_faults(path.name):
            left = os.fstat(file.fileno()).st_size
            self._head(_Entry(name=name, size=left))
            while left:
                piece = file.read(min(PIECE, left)) or bytes(min(PIECE, left))  # it was cut while it was read
                self._out.write(piece)
                left -= len(piece)
                self._bytes += len(piece)
                self._progress(self._bytes)
        self._files += 1

    def end(self) -> Packed:
        self._head(_Entry(name="", size=0))
        self._out.finish()
        return Packed(files=self._files, bytes=self._bytes)

    def _head(self, entry: _Entry) -> None:
        raw = msgspec.msgpack.encode(entry)
        self._out.write(len(raw).to_bytes(_LENGTH, "big") + raw)


def _held(folder: Path) -> list[tuple[str, Path]]:
    """Return the files of a home that belong into its backup, by their names in it."""
    found = [(name, folder / name) for name in _FILES if (folder / name).is_file()]
    for name in _FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            inside = path.relative_to(folder).as_posix()
            if path.is_file() and not path.is_symlink() and inside not in _OPEN and _safe(inside):
                found.append((inside, path))
    return found


def lay_open(notes: Notes, staging: Path) -> None:
    """Begin a restore in ``staging``, which is emptied: put down what leads to the key."""
    with disk_faults(staging.name):
        shutil.rmtree(staging, ignore_errors=True)
    make_folder(staging)
    for name, data in notes.files.items():
        _write(staging, name, iter([data]))


def unpack(source: SealedIn, staging: Path) -> Packed:
    """Write what a backup holds into ``staging``.

    Raises:
        Refused: ``desk-backup.damaged`` for anything no program of ours would write, or what ``source`` raises.
        Unavailable: ``store.disk-full``, ``store.io``.
    """
    files = size = 0
    names: set[str] = set()
    while (entry := _entry(source)).name:
        allowed = entry.name == _DATABASE or entry.name in _FILES or entry.name.split("/")[0] in _FOLDERS
        if not (allowed and _safe(entry.name)) or entry.name in names or entry.name in _OPEN:
            raise Refused("desk-backup.damaged", problem="name")
        names.add(entry.name)
        _write(staging, entry.name, _pieces(source, entry.size))
        files, size = files + 1, size + entry.size
    if not source.at_end() or not {_DATABASE, "replica.key"} <= names:
        raise Refused("desk-backup.damaged", problem="end")
    return Packed(files=files, bytes=size)


def throw_away(staging: Path) -> None:
    """Leave nothing of a restore that was refused."""
    shutil.rmtree(staging, ignore_errors=True)


def move_in(staging: Path, home: Home) -> None:
    """Put a restored folder in its place; the file that makes a home count as enrolled comes last."""
    with disk_faults(home.path.name):
        for path in sorted(staging.iterdir(), key=lambda path: path.name == home.replica_file.name):
            target = home.path / path.name
            if path.is_dir() and target.is_dir():
                shutil.rmtree(target)
            if path.name != "lock":
                path.replace(target)
        shutil.rmtree(staging)
        sync_folder(home.path)


def _entry(source: SealedIn) -> _Entry:
    length = int.from_bytes(source.read(_LENGTH), "big")
    if length > PIECE:
        raise Refused("desk-backup.damaged", problem="entry")
    try:
        entry = msgspec.msgpack.decode(source.read(length), type=_Entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("desk-backup.damaged", problem="entry") from error
    if not 0 <= entry.size <= FILE_LIMIT:
        raise Refused("desk-backup.damaged", problem="size")
    return entry


def _pieces(source: SealedIn, size: int) -> Iterator[bytes]:
    while size:
        piece = source.read(min(size, PIECE))
        size -= len(piece)
        yield piece


def _safe(name: str) -> bool:
    """Tell whether a name stays inside the folder, on every system."""
    parts = PurePosixPath(name).parts
    return "/".join(parts) == name and all(
        _PART.fullmatch(part) and part.strip(". ") and not part.endswith((".", " ")) for part in parts
    )


def _write(folder: Path, name: str, pieces: Iterator[bytes]) -> None:
    path = folder / name
    make_folder(path.parent)
    with disk_faults(path.name):
        handle = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE_FILE
        )
    with open(handle, "wb") as file:  # noqa: PTH123 (takes over the descriptor)
        for piece in pieces:
            with disk_faults(path.name):
                file.write(piece)
        with disk_faults(path.name):
            file.flush()
            os.fsync(file.fileno())
