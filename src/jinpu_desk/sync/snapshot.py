"""Fetches the snapshot a new window begins from: proven to be the centre's, piece by piece, whole or not at all.

What breaks off is gone on with: the pieces that came stay in one file, and nothing is believed before the hash of the
whole is right. If the centre has made a newer one meanwhile, the file is begun anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Protocol

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest

from .pull import signed
from .wire_snapshot import PIECE, SnapshotAnswer, SnapshotManifest

Told = Callable[[int, int], None]
"""Is told how many bytes of how many are done."""
KEY_BYTES = 32


class SnapshotSource(Protocol):
    """The centre as somebody sees it who needs a snapshot."""

    def snapshot(self) -> SnapshotAnswer:
        """Return the snapshot for this replica. Raises Refused ``snapshot.none`` when there is none."""
        ...

    def snapshot_piece(self, snapshot_id: str, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes. Raises Refused ``snapshot.unknown`` when it was replaced."""
        ...


def checked_answer(answer: SnapshotAnswer, *, centre_key: bytes, epoch: str, schema: str) -> SnapshotManifest:
    """Return the manifest of an answer that this desk may begin from.

    Raises:
        Refused: ``snapshot.forged`` when the centre with that key did not sign it or it is of another history,
            ``snapshot.schema`` when it was made for a newer or older program.
    """
    manifest = answer.manifest
    genuine = signed(centre_key, manifest.statement(), answer.signature) and len(answer.key) == KEY_BYTES
    if not genuine or manifest.epoch != epoch or not _plain(manifest.id):
        raise Refused("snapshot.forged", manifest.id)
    if manifest.schema != schema:
        raise Refused("snapshot.schema", manifest.id, schema=manifest.schema, known=schema)
    return manifest


def download(source: SnapshotSource, manifest: SnapshotManifest, folder: Path, told: Told) -> Path:
    """Fetch the file into ``folder``, going on where the last try stopped, and return where it lies.

    Raises:
        Refused: ``snapshot.corrupt`` when it is not what the manifest says, and ``snapshot.unknown`` when the centre
            has another by now; in both cases what came is deleted.
        Unavailable: ``sync.offline`` …; what came stays.
    """
    path = folder / f"{manifest.id}.part"
    for left in folder.iterdir():
        if left != path:
            left.unlink()
    try:
        digest = _fetch(source, manifest, path, told)
    except Refused:
        path.unlink(missing_ok=True)
        raise
    if digest != manifest.sha256:
        path.unlink()
        raise Refused("snapshot.corrupt", manifest.id)
    return path


def _fetch(source: SnapshotSource, manifest: SnapshotManifest, path: Path, told: Told) -> Digest:
    with path.open("a+b") as file:
        file.seek(0)
        # What lies there may be torn by a power cut: it is read again, and the hash of the whole decides.
        digest = hashlib.file_digest(file, "sha256")
        have = file.tell()
        told(have, manifest.size)
        with closing(_pieces(source, manifest, have)) as pieces:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                have += len(piece)
                told(have, manifest.size)
    return Digest(digest.hexdigest())


def _pieces(source: SnapshotSource, manifest: SnapshotManifest, have: int) -> Generator[bytes, None, None]:
    """Yield the file from ``have`` on; the next piece is under way while one is hashed and written."""

    def ask(start: int) -> bytes:
        return source.snapshot_piece(manifest.id, start, min(PIECE, manifest.size - start))

    with ThreadPoolExecutor(1, "snapshot") as line:
        under_way = line.submit(ask, have) if have < manifest.size else None
        while under_way is not None:
            piece = under_way.result()
            if not piece:
                raise Refused("snapshot.corrupt", manifest.id)
            have += len(piece)
            under_way = line.submit(ask, have) if have < manifest.size else None
            yield piece


def _plain(name: str) -> bool:
    """Whether a name may become a file's: what the centre draws is hexadecimal."""
    return 0 < len(name) <= 64 and name.isascii() and name.isalnum()
