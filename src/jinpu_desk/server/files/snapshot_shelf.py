"""Snapshots for new windows as they lie at the centre.

Each scope has a folder: ``snapshots.json`` says what is there and names the databases ``<id>.db``. These are encrypted
under keys that are derived from the centre's and kept nowhere; only the answer to an enrolled replica hands one out.
The list is replaced in one step, so a scope always has its old snapshot or its new one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.atomic import make_folder, sync_folder, write_file
from jinpu_desk.sync.wire_snapshot import PIECE, SnapshotManifest

KEPT = 2
"""Databases kept of a scope: a window may still be fetching the one before."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside the databases of a scope: manifests, newest first, with their signatures."""

    snapshots: list[tuple[SnapshotManifest, bytes]]


class SnapshotShelf:
    """The snapshots of a centre, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self, scope: str) -> tuple[SnapshotManifest, bytes] | None:
        """Return the newest snapshot of a scope with its signature; None when there is none."""
        return next(iter(self._kept(scope)), None)

    def held(self, scope: str, snapshot_id: str) -> SnapshotManifest | None:
        """Return one of a scope's snapshots; None when it was replaced or never was."""
        return next((one for one, _ in self._kept(scope) if one.id == snapshot_id), None)

    def piece(self, manifest: SnapshotManifest, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``. Raises Refused ``snapshot.unknown`` when it is gone."""
        try:
            with self._database(manifest.scope, manifest.id).open("rb") as file:
                file.seek(offset)
                return file.read(min(length, PIECE))
        except FileNotFoundError as error:
            raise Refused("snapshot.unknown", manifest.id) from error

    def draft(self, scope: str) -> Path:
        """Return where the next database of a scope is made; what an interrupted making left there is gone."""
        folder = make_folder(self._folder / scope)
        shutil.rmtree(folder / "making", ignore_errors=True)
        return make_folder(folder / "making") / "new.db"

    def keep(self, manifest: SnapshotManifest, signature: bytes, draft: Path) -> None:
        """Put a finished database where windows find it, and drop the ones nobody needs any more."""
        scope = manifest.scope
        draft.replace(self._database(scope, manifest.id))
        sync_folder(self._folder / scope)
        kept = [(manifest, signature), *self._kept(scope)][:KEPT]
        write_file(self._list(scope), msgspec.json.encode(_Kept(snapshots=kept)))
        wanted = {self._database(scope, one.id) for one, _ in kept}
        for path in (self._folder / scope).glob("*.db"):
            if path not in wanted:
                path.unlink()

    def _kept(self, scope: str) -> list[tuple[SnapshotManifest, bytes]]:
        try:
            return msgspec.json.decode(self._list(scope).read_bytes(), type=_Kept).snapshots
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return []

    def _list(self, scope: str) -> Path:
        return self._folder / scope / "snapshots.json"

    def _database(self, scope: str, snapshot_id: str) -> Path:
        return self._folder / scope / f"{snapshot_id}.db"
