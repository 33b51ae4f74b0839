"""Takes a backup while the centre serves: one consistent moment, read back before it counts (DESIGN §4, §9)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.atomic import disk_faults, make_folder, sync_folder
from jinpu_desk.store.centre import copying, operating, walking
from jinpu_desk.store.centre import events as store

from ..files.blobs import BlobStore, in_folder
from ..keys import CentreKey
from . import backup_files as files
from .backup_blobs import BlobCopies
from .backup_events import read_back
from .backup_files import FileEntry, Manifest, TableEntry
from .backup_key import write_key

_DRAFT = f"backup{files.UNFINISHED}"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was taken: attachments copied, found bad and copied again, and older backups dropped."""

    folder: Path
    manifest: Manifest
    copied: int
    renewed: int
    dropped: tuple[str, ...]


class Backup:
    """One backup of a centre into a folder that may hold earlier ones."""

    def __init__(
        self, engine: Engine, key: CentreKey, blobs: BlobStore, folder: Path, *, now: int, password: str = ""
    ) -> None:
        """Take it of ``engine`` and ``blobs`` at the instant ``now`` (UTC ms); ``password`` seals the key."""
        self._engine = engine
        self._key = key
        self._folder = folder
        self._copies = BlobCopies(blobs, in_folder(folder / files.BLOBS_FOLDER), now)
        self._now = now
        self._password = password

    def take(self, keep: int = 0) -> Taken:
        """Take it, publish the backup horizon, and drop the oldest so that ``keep`` remain (0: all).

        Raises:
            Unavailable: ``backup.running``, ``store.disk-full``, ``store.io``, ``blob.store``.
            Refused: ``backup.other-centre`` when the folder holds another centre's backups, ``backup.unsound`` when
                what was read back is no whole feed: then the centre needs ``verify``. No backup is left then.
        """
        with copying.only_one(self._engine) as alone:
            if not alone:
                raise Unavailable("backup.running")
            self._make_room()
            draft = make_folder(self._folder / _DRAFT)
            try:
                manifest = self._fill(draft)
                place = self._settle(draft, manifest)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            with self._engine.begin() as connection:
                operating.publish_horizon(connection, manifest.erasable)
            dropped = tuple(self._drop_oldest(keep))
        return Taken(
            folder=place,
            manifest=manifest,
            copied=self._copies.copied,
            renewed=self._copies.renewed,
            dropped=dropped,
        )

    def _make_room(self) -> None:
        """Check whose folder it is, and clear away what an interrupted backup left."""
        make_folder(self._folder)
        for earlier in files.every(self._folder)[-1:]:
            if files.open_manifest(earlier).centre_key != self._key.public.hex():
                raise Refused("backup.other-centre", earlier.name)
        for left in self._folder.glob(f"*{files.UNFINISHED}"):
            shutil.rmtree(left)

    def _fill(self, draft: Path) -> Manifest:
        with walking.snapshot(self._engine) as connection:
            head = store.feed_head(connection)
            revision = copying.revision(connection)
            tables, entries = _copy_tables(connection, draft)
        events = next(one.table for one in tables if one.table.name == copying.EVENTS)
        hash_ = Digest(head.hash.hex())
        named = read_back(draft / files.file_of(events.name), events, head.position, hash_)
        entries[files.BLOBS] = files.write(draft / files.BLOBS, files.packed(self._copies.copy(named)))
        write_key(draft, self._key, self._password)
        entries[files.KEY] = files.measured(draft / files.KEY)
        files.check(draft, entries)
        manifest = Manifest(
            taken_at=self._now,
            centre_key=self._key.public.hex(),
            key="sealed" if self._password else "plain",
            revision=revision,
            epoch=head.epoch,
            position=head.position,
            horizon=head.position if self._copies.awaits is None else self._copies.awaits - 1,
            hash=hash_,
            tables=tuple(tables),
            blobs=self._copies.count,
            files=entries,
        )
        files.seal_manifest(draft, manifest, self._key)
        return manifest

    def _settle(self, draft: Path, manifest: Manifest) -> Path:
        """Give the finished backup its name; from this instant on it is one."""
        place = self._folder / files.name_of(self._now, manifest.position)
        with disk_faults(place.name):
            sync_folder(draft)
            draft.rename(place)
            sync_folder(self._folder)
        return place

    def _drop_oldest(self, keep: int) -> Iterator[str]:
        """Drop old backups; their attachments stay, because the newest names them too."""
        for old in files.every(self._folder)[:-keep] if keep else ():
            gone = old.with_name(f"{old.name}{files.UNFINISHED}")
            with disk_faults(old.name):
                old.rename(gone)
                shutil.rmtree(gone)
            yield old.name


def _copy_tables(connection: Connection, draft: Path) -> tuple[list[TableEntry], dict[str, FileEntry]]:
    tables, entries = [], {}
    for table in copying.tables():
        rows = _Rows(copying.copy_out(connection, table))
        name = files.file_of(table.name)
        entries[name] = files.write(draft / name, files.packed(rows))
        tables.append(TableEntry(table=table, rows=rows.count))
    return tables, entries


class _Rows:
    """Counts rows as they pass: in COPY text only the end of a row is a newline."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.count = 0
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.count += piece.count(b"\n")
            yield piece
