"""What a backup looks like on disk, and how its files are written and read.

``DIR`` keeps any number of backups of one centre beside each other, and the attachments of all of them once::

    DIR/blobs/ab/abcd…                  scans and papers by content, shared
    DIR/20260918T180000Z-000000012345/  one backup: instant (UTC) and position of the feed
        manifest.json  manifest.sig     what belongs to it, with sizes and SHA-256; signed by the centre's key
        centre.key                      the centre's key, plain or sealed under a password
        TABLE.copy.zst                  one table each
        blobs.txt.zst                   which scans and papers its cases name, and which had not come yet

A backup is written under a name that ends in ``.new`` and renamed when every byte is on the disk and was read back;
whatever ends in ``.new`` is no backup.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
import zstandard

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.atomic import disk_faults, write_file
from jinpu_desk.store.centre.copying import Table

from ..keys import CentreKey, signed_by

FORMAT = "jinpu-backup-1"
MANIFEST, SIGNATURE, KEY, BLOBS = "manifest.json", "manifest.sig", "centre.key", "blobs.txt.zst"
BLOBS_FOLDER = "blobs"
UNFINISHED = ".new"
_STATEMENT = b"jinpu-backup-v1\n"
_LEVEL = 3
_PIECE = 1024 * 1024
_LONGEST_LINE = 64 * 1024 * 1024


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a backup."""

    size: int
    sha256: Digest


class TableEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a backup and how many rows it has; its file is ``file_of`` its name."""

    table: Table
    rows: int


class BlobCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many scans and papers the cases name, and how many of those had not come yet or were damaged at the centre."""

    named: int
    pending: int
    damaged: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup is: of which centre, of which moment, and every file by its content."""

    format: Literal["jinpu-backup-1"] = "jinpu-backup-1"
    taken_at: int  # UTC ms
    centre_key: str  # hex
    key: Literal["plain", "sealed"]
    revision: str
    epoch: str
    position: int
    horizon: int | None = None  # where it ends for those who may erase; None: at ``position``
    hash: Digest
    tables: tuple[TableEntry, ...]
    blobs: BlobCount
    files: dict[str, FileEntry]

    @property
    def erasable(self) -> int:
        """Up to which position all is backed up, the files too: what desks may give up.

        A file that is still to come is held against it; one that is overdue is not, its window may be gone for good.
        """
        return self.position if self.horizon is None else self.horizon


def name_of(taken_at: int, position: int) -> str:
    """Return the folder's name of a backup; names sort as backups were taken."""
    return f"{utc(taken_at):%Y%m%dT%H%M%SZ}-{position:012}"


def every(folder: Path) -> list[Path]:
    """Return the whole backups in ``folder``, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}") if path.parent.suffix != UNFINISHED)


def write(path: Path, pieces: Iterable[bytes]) -> FileEntry:
    """Write a file for its owner alone, down to the disk; return its size and digest.

    Raises Unavailable ``store.disk-full``, ``store.io``.
    """
    whole, size = hashlib.sha256(), 0
    with disk_faults(path.name):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(handle, "wb") as file:  # noqa: PTH123  (takes over the descriptor)
            for piece in pieces:
                file.write(piece)
                whole.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
            if hasattr(os, "posix_fadvise"):
                # So that reading back asks the disk and not the memory.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return FileEntry(size=size, sha256=Digest(whole.hexdigest()))


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces as one zstd stream."""
    squeezer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
    for piece in pieces:
        if some := squeezer.compress(piece):
            yield some
    yield squeezer.flush()


def unpacked(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, unpacked. Raises Refused ``backup.damaged``."""
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            while piece := reader.read(_PIECE):
                yield piece
    except (OSError, zstandard.ZstdError) as error:
        raise Refused("backup.damaged", path.name) from error


def lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a packed file. Raises Refused ``backup.damaged``."""
    rest = b""
    for piece in unpacked(path):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST_LINE:
            raise Refused("backup.damaged", path.name)
    if rest:
        raise Refused("backup.damaged", path.name)


def seal_manifest(folder: Path, manifest: Manifest, key: CentreKey) -> None:
    """Write the manifest and its signature, the last files of a backup."""
    raw = canonical(manifest)
    write_file(folder / SIGNATURE, key.sign(_STATEMENT + raw).hex().encode())
    write_file(folder / MANIFEST, raw)


def open_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup, as the centre it names signed it.

    Raises Refused ``backup.none``, ``backup.damaged`` or ``backup.forged``, each with the file.
    """
    try:
        raw = (folder / MANIFEST).read_bytes()
        signature = bytes.fromhex((folder / SIGNATURE).read_text("ascii"))
    except FileNotFoundError as error:
        missing = str(error.filename or "").endswith(MANIFEST)
        raise Refused("backup.none" if missing else "backup.damaged", SIGNATURE, path=str(folder)) from error
    except (OSError, ValueError) as error:
        raise Refused("backup.damaged", SIGNATURE) from error
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
        public = bytes.fromhex(manifest.centre_key)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise Refused("backup.damaged", MANIFEST) from error
    if not signed_by(public, _STATEMENT + raw, signature):
        raise Refused("backup.forged", MANIFEST)
    return manifest


def check(folder: Path, files: dict[str, FileEntry]) -> None:
    """Read every file and compare. Raises Refused ``backup.damaged`` with the file's name."""
    for name, entry in files.items():
        if Path(name).name != name:
            raise Refused("backup.forged", MANIFEST)
        try:
            with (folder / name).open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
        except OSError as error:
            raise Refused("backup.damaged", name) from error
        if not same:
            raise Refused("backup.damaged", name)


def measured(path: Path) -> FileEntry:
    """Return size and digest of a file that was written."""
    raw = path.read_bytes()
    return FileEntry(size=len(raw), sha256=Digest(hashlib.sha256(raw).hexdigest()))


def file_of(table: str) -> str:
    """Return the name of a table's file."""
    return f"{table}.copy.zst"
