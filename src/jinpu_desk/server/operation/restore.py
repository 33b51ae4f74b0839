"""Makes a centre again from a backup, in an empty place. Its numbering stays closed until ``epoch bump`` (DESIGN §4)."""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.centre import copying, epochs, operating
from jinpu_desk.store.centre import events as store

from ..files.blobs import BlobStore, checked_digest, in_folder
from ..keys import CentreKey
from . import backup_files as files
from .backup_blobs import PENDING
from .backup_files import Manifest
from .backup_key import read_key

_NAMED = 100


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """A centre that was made again: its attachments that were put back, and those that are in no backup."""

    manifest: Manifest
    blobs: int
    blobs_missing: int
    missing: tuple[str, ...]


class Source(msgspec.Struct, frozen=True):
    """A backup whose every file was read and found to be what the centre signed."""

    folder: Path
    manifest: Manifest
    key: CentreKey


def open_backup(folder: Path, password: str, centre_key: str = "") -> Source:
    """Return the backup at ``folder``, or the newest of those in it.

    Raises:
        Refused: ``backup.none``, ``backup.damaged`` and ``backup.forged`` with the file's name, ``backup.password``,
            ``backup.other-key`` when it is not of the centre with that public key (hex; empty: any centre's).
    """
    if not (folder / files.MANIFEST).exists():
        whole = files.every(folder)
        if not whole:
            raise Refused("backup.none", "DIR", path=str(folder))
        folder = whole[-1]
    manifest = files.open_manifest(folder)
    if centre_key and manifest.centre_key != centre_key:
        raise Refused("backup.other-key", files.MANIFEST)
    wanted = {files.KEY, files.BLOBS, *(files.file_of(entry.table.name) for entry in manifest.tables)}
    if not wanted <= manifest.files.keys():
        raise Refused("backup.damaged", files.MANIFEST)
    files.check(folder, manifest.files)
    key = read_key(folder, password, sealed=manifest.key == "sealed")
    if key.public.hex() != manifest.centre_key:
        raise Refused("backup.forged", files.KEY)
    return Source(folder, manifest, key)


def require_empty(data: Path) -> None:
    """Refuse a data folder in which there is anything.

    Raises Refused ``restore.not-empty`` with what stands there.
    """
    if data.exists():
        for found in sorted(data.iterdir()):
            if found.name != "lost+found":
                raise Refused("restore.not-empty", found.name, path=str(data))


def load(engine: Engine, source: Source, now: int) -> None:
    """Fill an empty database with the tables of a backup, all of it or nothing, and mark the centre as restored.

    Raises:
        Refused: ``restore.database-not-empty``, ``backup.newer`` when this program does not know its schema,
            ``backup.damaged`` with the file whose rows are not those the manifest counts.
    """
    manifest = source.manifest
    with engine.begin() as connection:
        if not copying.is_empty(connection):
            raise Refused("restore.database-not-empty", "--database-url")
        if not copying.is_known(connection, manifest.revision):
            raise Refused("backup.newer", files.MANIFEST, revision=manifest.revision)
        copying.build(connection, manifest.revision)
        for entry in manifest.tables:
            name = files.file_of(entry.table.name)
            if copying.copy_in(connection, entry.table, files.unpacked(source.folder / name)) != entry.rows:
                raise Refused("backup.damaged", name)
        copying.build(connection, "head")
        _check_head(connection, manifest)
        epochs.mark_restored(connection, now)
        operating.publish_horizon(connection, manifest.erasable)


def _check_head(connection: Connection, manifest: Manifest) -> None:
    head = store.feed_head(connection)
    if (head.epoch, head.position, head.hash.hex()) != (manifest.epoch, manifest.position, manifest.hash):
        raise Refused("backup.damaged", files.file_of("feed"))


def put_back(source: Source, blobs: BlobStore) -> Restored:
    """Put the attachments of a backup back; one that is damaged or gone is told, and holds up no other.

    Raises Unavailable ``blob.store`` when the place for them does not answer.
    """
    copies = in_folder(source.folder.parent / files.BLOBS_FOLDER)
    restored, missing, first = 0, 0, []
    for line in files.lines(source.folder / files.BLOBS):
        name, _, state = line.decode("ascii", "replace").partition(" ")
        sha256 = Digest(checked_digest(name))
        if blobs.size(sha256) is not None:
            continue
        if _put(sha256, copies, blobs):
            restored += 1
        elif state != PENDING:
            missing += 1
            first.append(sha256)
            del first[_NAMED:]
    return Restored(manifest=source.manifest, blobs=restored, blobs_missing=missing, missing=tuple(first))


def _put(sha256: Digest, copies: BlobStore, blobs: BlobStore) -> bool:
    if copies.size(sha256) is None:
        return False
    try:
        blobs.put(sha256, copies.read(sha256))
    except Refused:
        return False
    return True
